"""The assurances of a letter, as it prints them: each in a paragraph of its own, with who gives it and when."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from mla.reference.assurances import assurance_kinds
from workflows.documents.formats import listed, marks, paragraphs, unstopped
from workflows.documents.values import Names, cite
from workflows.documents.wording import wording_language
from workflows.drafting.assurances import assurances_of
from workflows.drafting.letterfile import LetterFile


def assurance_context(letter: LetterFile) -> list[dict[str, Any]]:
    """Return the paragraphs of the rows, in the active language; a statement that no row takes up stands by itself."""
    return [
        {
            "path": f"assurances[{told.index}]",
            "label": _(told.kind.label),
            "texts": _with(paragraphs(told.text), _given(unstopped(told.row.given_by), told.row.offered)),
        }
        for told in assurances_of(letter)
        if told.row is not None
    ]


def taken_up(letter: LetterFile) -> frozenset[str]:
    """Return the statements whose words are printed with a row."""
    return frozenset(t.kind.statement for t in assurances_of(letter) if t.row is not None and not t.row.text)


def confidentiality_articles(letter: LetterFile, names: Names) -> str:
    """Return the paragraphs on confidentiality of the instruments that the letter rests on; empty where none is known.

    They give way to a treaty on legal assistance between the two States: none is cited unless the letter says that
    there is no such treaty, or that they were agreed on instead.
    """
    kind, found = assurance_kinds()["confidentiality"], []
    no_treaty = any(basis.other_treaty is False for basis in letter.bases)
    for basis in letter.bases:
        rule = kind.rule_of(basis.instrument)
        if rule is not None and not rule.to_be_confirmed and (no_treaty or basis.agreed_instead):
            found.append(cite(names.instrument(basis.instrument).short, [rule.article], letter.language))
    return listed(list(dict.fromkeys(found)), letter.language)


def _with(texts: list[str], given: str) -> list[str]:
    """Return the words with who gives it, and when, at the end of their last paragraph."""
    return [*texts[:-1], f"{texts[-1]}{marks(wording_language()).gap}{given}"] if texts and given else texts


def _given(by: str, offered: str) -> str:
    if offered == "now":
        return _("This assurance is given with this letter by %(by)s.") % {"by": by} if by else ""
    if by:
        return _("This assurance is given when it is asked for, by %(by)s.") % {"by": by}
    return _("This assurance is given when it is asked for.")
