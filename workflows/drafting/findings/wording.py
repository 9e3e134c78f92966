"""What is doubtful about the fixed sentences of a letter: whether they are in its language, and whether a lawyer read them."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mla.core.letter_languages import language_told, wording_in
from mla.core.reasons import Finding
from workflows.drafting.findings.law import View, warning


def wording_findings(view: View) -> Iterator[Finding]:
    """Yield that the fixed wording is English, or not confirmed: its languages are data (`mla.core.letter_languages`)."""
    doubt = wording_doubt(view.letter.language)
    if doubt:
        yield warning(doubt[0], "language", doubt[1])


def wording_doubt(language: str) -> tuple[str, str] | None:
    """Return code and words of what whoever writes, reviews or approves a letter in `language` has to know, or None."""
    found, name = wording_in(language), language_told(language, get_language() or "en")
    if found is None:
        said = _(
            "There is no fixed wording of letters in %(language)s: headings and fixed sentences will be in English."
        )
        return "wording_english", said % {"language": name}
    if not found.confirmed:
        said = _("The fixed wording of letters in %(language)s has not been confirmed by a lawyer.")
        return "wording_unconfirmed", said % {"language": name}
    return None
