"""Values of the legal-basis resolver: what is known about the law, and what follows for one pair of States."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from mla.core.reasons import Finding
from mla.reference.rules import Answer, Content, InstrumentRules

Bound = Literal["yes", "no", "unknown"]
Role = Literal["primary", "subsidiary", "channel", "scheme"]
Applies = Literal["yes", "no", "cannot_tell"]


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
class Relation:
    """What the drafter knows of the pair beyond the data, asked and never assumed.

    `other_treaty`: whether a treaty on mutual legal assistance binds both States; None is not known. `agreed`: instruments whose
    paragraphs the States have agreed to apply instead of that treaty's (UNTOC 18(7), UNCAC 46(7), 1988
    Convention 7(7), Budapest 27(1)).
    """

    other_treaty: bool | None = None
    agreed: frozenset[str] = frozenset()


#: Nothing was asked yet.
UNASKED = Relation()


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

    `residual` are the paragraphs that give way to a treaty on mutual legal assistance, whether they apply here
    and why; `gives_way_to` the recorded treaties they give way to. `contents` is what the request must contain
    under the paragraphs that apply; where that cannot be told, those marked residual hold only if no treaty binds.
    """

    law: Law
    requesting: Standing
    requested: Standing
    scope: Scope
    articles: tuple[str, ...]
    role: Role
    role_reason: str
    residual: tuple[str, ...] = ()
    residual_applies: Applies = "yes"
    residual_why: str = ""
    gives_way_to: tuple[str, ...] = ()
    contents: tuple[Content, ...] = ()

    @property
    def instrument(self) -> str:
        return self.law.code

    @property
    def is_basis(self) -> bool:
        """Tell whether a request can rest on it: neither a channel nor a scheme, and not out of scope."""
        return self.role in ("primary", "subsidiary") and self.scope.answer != "not"

    def holds_only_if_none(self, residual: bool) -> bool:
        """Tell whether what is marked `residual` holds only if no treaty binds the pair, which is not known."""
        return residual and self.residual_applies == "cannot_tell"

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
            "residual": {
                "articles": list(self.residual),
                "applies": self.residual_applies,
                "why": self.residual_why,
            },
            "contents": [
                {
                    "item": content.item,
                    "article": content.article,
                    "need": content.need,
                    "note": content.note,
                    "only_if_no_treaty_binds": self.holds_only_if_none(content.residual),
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
    relation: Relation = UNASKED
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
