"""The assurances of a letter, as it prints them: each in a paragraph of its own, with who gives it and when."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from workflows.documents.formats import paragraphs
from workflows.drafting.assurances import assurances_of
from workflows.drafting.letterfile import LetterFile


def assurance_context(letter: LetterFile) -> list[dict[str, Any]]:
    """Return the paragraphs of the rows, in the active language; a statement that no row takes up stands by itself."""
    return [
        {
            "path": f"assurances[{told.index}]",
            "label": _(told.kind.label),
            "texts": paragraphs(told.text),
            "given": _given(told.row.given_by, told.row.offered),
        }
        for told in assurances_of(letter)
        if told.row is not None
    ]


def taken_up(letter: LetterFile) -> frozenset[str]:
    """Return the statements whose words are printed with a row."""
    return frozenset(t.kind.statement for t in assurances_of(letter) if t.row is not None and not t.row.text)


def _given(by: str, offered: str) -> str:
    if offered == "now":
        return _("This assurance is given with this letter by %(by)s.") % {"by": by} if by else ""
    if by:
        return _("This assurance is given when it is asked for, by %(by)s.") % {"by": by}
    return _("This assurance is given when it is asked for.")
