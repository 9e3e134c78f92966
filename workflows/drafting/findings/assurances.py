"""Findings on assurances: what the requested State or an instrument of the letter is known to want, and is not offered."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from mla.core.languages import house_words
from mla.core.reasons import Finding
from mla.reference.assurances import AssuranceKind, assurance_kinds
from mla.reference.profiles import Topic
from workflows.drafting.assurances import offers
from workflows.drafting.findings.law import View, gap, warning
from workflows.drafting.findings.rights import punishable_by_death

#: Asked for elsewhere in words of their own: speciality with the statements, reciprocity with the basis.
_ASKED_ELSEWHERE = frozenset({"reciprocity"})


def assurance_findings(view: View) -> Iterator[Finding]:
    """Yield what the rows lack, and which assurances are wanted."""
    yield from _rows(view)
    yield from _by_instruments(view)
    yield from _by_profile(view)
    if punishable_by_death(view.letter) and not offers(view.letter, "death_penalty"):
        message = _("The offence can be punished by death, and the letter offers no assurance on it.")
        yield warning("assurance_death_penalty", "assurances", message)


def _rows(view: View) -> Iterator[Finding]:
    statements = view.letter.statements
    for index, row in enumerate(view.letter.assurances):
        kind, path = assurance_kinds()[row.kind], f"assurances[{index}]"
        theirs = getattr(statements, kind.statement) if kind.statement else ""
        if not row.text and not theirs:
            yield gap("assurance_without_words", f"{path}.text", _("Say in words what is assured."))
        elif row.text and theirs:
            message = _("The same assurance stands in a statement too: keep the words in one place.")
            yield warning("assurance_twice", f"{path}.text", message)
        if not row.given_by:
            message = _("Name the authority that can give this assurance: one that cannot binds nobody.")
            yield warning("assurance_by_nobody", f"{path}.given_by", message)


def _by_instruments(view: View) -> Iterator[Finding]:
    for kind in assurance_kinds().values():
        if kind.kind in _ASKED_ELSEWHERE or offers(view.letter, kind.kind):
            continue
        rules = [rule for basis in view.letter.bases if (rule := kind.rule_of(basis.instrument)) and rule.wanted]
        if rules:
            message = _("An instrument of the letter limits the use of what is sent. Not offered: %(what)s.")
            yield _missing(kind, message, rules[0].instrument, rules[0].article, rules[0].to_be_confirmed)
        elif kind.kind == "speciality":
            message = _("State that the evidence is used for these proceedings alone, or for what else it may be used.")
            yield warning("speciality_missing", "statements.speciality", message)


def _by_profile(view: View) -> Iterator[Finding]:
    for item in view.letter.items:
        for entry in view.profile(Topic.ASSURANCES, measure=item.measure):
            for code in entry.value.split():
                kind = assurance_kinds().get(code)
                if kind is not None and not offers(view.letter, code):
                    message = _("The requested State is known to ask for an assurance. Not offered: %(what)s.")
                    if entry.note:
                        message = f"{message} {entry.note.rstrip('.').replace('%', '%%')}."
                    yield _missing(kind, message, entry.instrument, "", entry.to_be_confirmed)


def _missing(kind: AssuranceKind, message: str, instrument: str, article: str, to_be_confirmed: bool) -> Finding:
    said = message % {"what": house_words(kind.name)}
    if to_be_confirmed:
        said = f"{said} {_('(to be confirmed)')}"
    code = "speciality_missing" if kind.kind == "speciality" else f"assurance_{kind.kind}"
    path = f"statements.{kind.statement}" if kind.statement else "assurances"
    return warning(code, path, said, instrument=instrument, article=article)
