"""What a pair's answer means for the letter: the wrong instrument, a basis that needs another, nothing at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from mla.core.reasons import Finding, Severity
from workflows.drafting.resolver_memo import Asked
from workflows.drafting.resolver_types import Law, Resolution

#: Where the findings point in the letter file.
_BASES = "bases"


def findings_of(resolution: Resolution, laws: Sequence[Law], asked: Asked) -> tuple[Finding, ...]:
    """Return the findings on the pair, gaps first. None of them says that a request is lawful."""
    found = [
        *_wrong_instrument(resolution),
        *_second_basis(resolution),
        *_without_parent(resolution),
        *_declared_relation(resolution),
        *_no_basis(resolution),
        *_not_known(resolution, asked),
        *_no_bilateral(resolution, laws),
    ]
    return tuple(sorted(found, key=lambda finding: finding.severity != "gap"))


def _finding(severity: Severity, code: str, message: str, instrument: str = "", article: str = "") -> Finding:
    return Finding(severity, code, _BASES, instrument, article, message)


def _wrong_instrument(resolution: Resolution) -> Iterable[Finding]:
    """Between States bound by it, an instrument of the Union replaces the letter for the measures it covers."""
    for entry in resolution.in_force:
        instead = entry.law.rules.replaces_letter
        if not instead or entry.scope.answer == "not":
            continue
        article = ", ".join(entry.articles)
        values = {"name": entry.law.short_name, "instead": instead, "question": entry.scope.question}
        if entry.scope.answer == "in_scope":
            message = _("Wrong instrument: both States are bound by the %(name)s. Send %(instead)s, not a letter.")
            yield _finding("gap", "wrong_instrument", message % values, entry.instrument, article)
        else:
            message = _("Perhaps the wrong instrument: the %(name)s may call for %(instead)s. %(question)s")
            yield _finding("warning", "perhaps_wrong_instrument", message % values, entry.instrument, article)
    for excluded in resolution.unknown:
        rules = excluded.law.rules
        measure = rules.measures.get(resolution.measure)
        recorded = excluded.requesting.status and excluded.requested.status
        if rules.replaces_letter and recorded and not (measure and measure.answer == "not"):
            yield _finding(
                "warning",
                "perhaps_wrong_instrument",
                _("Whether both States were bound by the %(name)s on that day is not known: %(why)s")
                % {"name": excluded.law.short_name, "why": excluded.why},
                excluded.instrument,
            )


def _second_basis(resolution: Resolution) -> Iterable[Finding]:
    """ICSFT 12 and Bombings 10 name no contents, channel or procedure of a request."""
    for entry in resolution.in_force:
        if not entry.law.rules.second_basis or not entry.is_basis:
            continue
        # One that perhaps reaches the offence is no reason to look further while another basis stands.
        others = [other.instrument for other in resolution.bases if not other.law.rules.second_basis]
        if others and entry.scope.answer != "in_scope":
            continue
        message = entry.law.rules.second_basis
        if others:
            message += " " + _("In force between these States: %(codes)s.") % {"codes": ", ".join(others)}
        article = entry.articles[0] if entry.articles else ""
        yield _finding("warning", "second_basis_needed", message, entry.instrument, article)


def _without_parent(resolution: Resolution) -> Iterable[Finding]:
    for entry in resolution.bases:
        parent = entry.law.rules.supplements
        if parent and resolution.entry(parent) is None:
            yield _finding(
                "warning",
                "supplement_without_parent",
                _("%(name)s supplements %(parent)s, which is not known to be in force for both States.")
                % {"name": entry.law.short_name, "parent": parent},
                entry.instrument,
            )
        if entry.law.rules.supplements_bilateral and not any(e.law.kind == "bilateral" for e in resolution.in_force):
            yield _finding(
                "warning",
                "supplement_without_parent",
                _("%(name)s adds to a bilateral treaty, and none is known to be in force between these States.")
                % {"name": entry.law.short_name},
                entry.instrument,
            )


def _declared_relation(resolution: Resolution) -> Iterable[Finding]:
    for item in resolution.declarations:
        if item.kind in ("treaty relation", "legal basis") and resolution.entry(item.instrument):
            yield _finding(
                "warning",
                "treaty_relation_declared",
                _("%(state)s has declared on %(instrument)s, article %(article)s: %(content)s (as of %(as_of)s).")
                % {
                    "state": item.jurisdiction,
                    "instrument": item.instrument,
                    "article": item.article,
                    "content": item.content,
                    "as_of": item.as_of,
                },
                item.instrument,
                item.article,
            )


def _no_basis(resolution: Resolution) -> Iterable[Finding]:
    if not resolution.bases:
        yield _finding(
            "warning",
            "no_common_treaty",
            _(
                "No treaty that covers this offence and measure is known to be in force for both States on that day. "
                "Offer reciprocity and name the domestic statute that allows the request."
            ),
        )


def _not_known(resolution: Resolution, asked: Asked) -> Iterable[Finding]:
    """A State whose row itself says "not known": a person can settle it at the depositary.

    Not where the instrument would reach neither the offence nor the measure whatever the answer.
    """
    for excluded in resolution.unknown:
        recorded = excluded.requesting.status and excluded.requested.status
        if not recorded or excluded.law.rules.replaces_letter:
            continue
        if asked.scope(excluded.law, resolution.measure, resolution.offence).answer != "not":
            yield _finding(
                "warning",
                "participation_not_known",
                _("%(name)s: not known, check. %(why)s") % {"name": excluded.law.short_name, "why": excluded.why},
                excluded.instrument,
            )


def _no_bilateral(resolution: Resolution, laws: Sequence[Law]) -> Iterable[Finding]:
    pair = {resolution.requesting, resolution.requested}
    if resolution.relation.other_treaty is not None:
        return
    if not any(law.kind == "bilateral" and set(law.rules.parties) == pair for law in laws):
        yield _finding(
            "warning",
            "bilateral_not_recorded",
            _(
                "No bilateral treaty between these States is recorded here. Few are: check whether there is one, "
                "it usually comes first."
            ),
        )
