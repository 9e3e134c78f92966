"""Values of the legal-basis resolver: what is known about the law, and what follows for one pair of States."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from mla.core.reasons import Finding
from mla.reference.rules import Answer, Content, InstrumentRules

Bound = Literal["yes", "no", "unknown"]
Role = Literal["primary", "subsidiary", "channel", "scheme"]


@dataclass(frozen=True, slots=True)
class Row:
    """What is recorded on one State and one instrument."""

    status: str
    consent_date: date | None = None
    in_force_date: date | None = None
    ended: date | None = None
    as_of: str = ""
    confidence: str = "none"
    source: str = ""
    note: str = ""
    to_be_confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Law:
    """One instrument. `in_force` is its own day; the rules bound it where only a year is known."""

    code: str
    kind: str
    short_name: str
    rules: InstrumentRules
    in_force: date | None = None
    as_of: str = ""
    confidence: str = "none"
    source: str = ""
    to_be_confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration, reservation or notification of one of the two States."""

    jurisdiction: str
    instrument: str
    article: str
    kind: str
    content: str
    source: str
    as_of: str
    confidence: str
    to_be_confirmed: bool

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Offence:
    """What scope depends on. None is "not known": it never counts as a no.

    `maximum_years` in years; `transnational`: evidence in the requested State is enough (UNTOC 3(2), 18(1)).
    """

    category: str | None = None
    maximum_years: int | None = None
    organized_group: bool | None = None
    benefit_sought: bool | None = None
    transnational: bool | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether one State is bound on the day, and how that is known.

    `since` is the day from which, None where no source gives it; `computed` says it was worked out
    from the consent. Both are None and False where the answer is not yes.
    """

    jurisdiction: str
    bound: Bound
    why: str
    since: date | None = None
    computed: bool = False
    status: str = ""
    confidence: str = "none"
    source: str = ""
    as_of: str = ""
    to_be_confirmed: bool = True

    def as_dict(self) -> dict[str, Any]:
        return {
            "jurisdiction": self.jurisdiction,
            "bound": self.bound,
            "why": self.why,
            "since": self.since.isoformat() if self.since else None,
            "computed": self.computed,
            "status": self.status,
            "confidence": self.confidence,
            "source": self.source,
            "as_of": self.as_of,
            "to_be_confirmed": self.to_be_confirmed,
        }


@dataclass(frozen=True, slots=True)
class Scope:
    """Whether offence and measure fall within an instrument; `question` would settle cannot_tell."""

    answer: Answer
    question: str = ""
    articles: tuple[str, ...] = ()
    why: str = ""
    to_be_confirmed: bool = True


@dataclass(frozen=True, slots=True)
class BasisEntry:
    """An instrument in force for both States on the day, with what it gives for the measure and offence.

    `residual` are the paragraphs that give way to a treaty on mutual legal assistance, and whether they
    apply here; `contents` is what the request must contain under the paragraphs that do apply.
    """

    law: Law
    requesting: Standing
    requested: Standing
    scope: Scope
    articles: tuple[str, ...]
    role: Role
    role_reason: str
    residual: tuple[str, ...] = ()
    residual_applies: bool = True
    contents: tuple[Content, ...] = ()

    @property
    def instrument(self) -> str:
        return self.law.code

    @property
    def is_basis(self) -> bool:
        """Tell whether a request can rest on it: neither a channel nor a scheme, and not out of scope."""
        return self.role in ("primary", "subsidiary") and self.scope.answer != "not"

    def as_dict(self) -> dict[str, Any]:
        return {
            "instrument": self.law.code,
            "kind": self.law.kind,
            "short_name": self.law.short_name,
            "articles": list(self.articles),
            "scope": self.scope.answer,
            "scope_question": self.scope.question,
            "scope_why": self.scope.why,
            "scope_to_be_confirmed": self.scope.to_be_confirmed,
            "role": self.role,
            "role_reason": self.role_reason,
            "residual": {"articles": list(self.residual), "applies": self.residual_applies},
            "contents": [
                {
                    "item": content.item,
                    "article": content.article,
                    "need": content.need,
                    "note": content.note,
                    "to_be_confirmed": content.confidence != "verified",
                }
                for content in self.contents
            ],
            "requesting": self.requesting.as_dict(),
            "requested": self.requested.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class Excluded:
    """An instrument that is not in force for the pair, or of which that is not known, and why."""

    law: Law
    why: str
    requesting: Standing
    requested: Standing

    @property
    def instrument(self) -> str:
        return self.law.code

    @property
    def recorded(self) -> bool:
        """Tell whether anything is recorded on either State: else it is only a missing row on both sides."""
        return bool(self.requesting.status or self.requested.status)

    def as_dict(self) -> dict[str, Any]:
        return {
            "instrument": self.law.code,
            "short_name": self.law.short_name,
            "why": self.why,
            "requesting": self.requesting.as_dict(),
            "requested": self.requested.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class Resolution:
    """The answer for one pair of States, one measure and offence, on one day (a calendar day, no time zone).

    It informs; it never says that a request is lawful.
    """

    requesting: str
    requested: str
    on: date
    measure: str
    offence: Offence
    in_force: tuple[BasisEntry, ...] = ()
    not_in_force: tuple[Excluded, ...] = ()
    unknown: tuple[Excluded, ...] = ()
    findings: tuple[Finding, ...] = ()
    declarations: tuple[Declared, ...] = ()
    data_version: str = field(default="", compare=False)

    def entry(self, instrument: str) -> BasisEntry | None:
        """Return the entry of an instrument that is in force for both, or None."""
        return next((entry for entry in self.in_force if entry.instrument == instrument), None)

    def answer(self, instrument: str) -> Literal["in_force", "not_in_force", "unknown"] | None:
        """Return which of the three answers an instrument has; None where it cannot concern the pair."""
        if self.entry(instrument):
            return "in_force"
        if any(excluded.instrument == instrument for excluded in self.not_in_force):
            return "not_in_force"
        if any(excluded.instrument == instrument for excluded in self.unknown):
            return "unknown"
        return None

    def excluded(self, instrument: str) -> Excluded | None:
        """Return why an instrument is not in force or not known, or None."""
        return next((row for row in (*self.not_in_force, *self.unknown) if row.instrument == instrument), None)

    @property
    def bases(self) -> tuple[BasisEntry, ...]:
        """The entries a request can rest on, best first."""
        return tuple(entry for entry in self.in_force if entry.is_basis)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values; dates as ISO 8601 text."""
        return {
            "requesting": self.requesting,
            "requested": self.requested,
            "on": self.on.isoformat(),
            "measure": self.measure,
            "offence_category": self.offence.category,
            "in_force": [entry.as_dict() for entry in self.in_force],
            "not_in_force": [excluded.as_dict() for excluded in self.not_in_force],
            "unknown": [excluded.as_dict() for excluded in self.unknown],
            "findings": [finding.as_dict() for finding in self.findings],
            "declarations": [declared.as_dict() for declared in self.declarations],
            "reference_data_version": self.data_version,
        }
