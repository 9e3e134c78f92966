"""A letter, from its file to its page and its PDF. Callers: the document job, the preview, the review screen."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from workflows.documents.contexts import Cover, Names, letter_context
from workflows.documents.glyphs import check_glyphs
from workflows.documents.limits import check_size
from workflows.documents.rendering import RenderedPdf, render_in_fork
from workflows.documents.templatetags.letter import Numbering
from workflows.documents.wording import document_language
from workflows.drafting.letterfile import LetterFile

_TEMPLATE = "documents/letter/letter.html"


def letter_html(letter: LetterFile, cover: Cover, names: Names) -> str:
    """Return the whole letter as HTML, in the language of the letter.

    Paragraphs are numbered through the letter (``<p id="p7">``) and name the answer they print
    (``data-question="facts[0].text"``), so that a comment or a finding can stand beside its paragraph.
    """
    with document_language(letter.language):
        return html_of(letter_context(letter, cover, names))


def html_of(context: dict[str, Any]) -> str:
    """Return the HTML of a context, with fresh counters; call it in the document's language."""
    return render_to_string(_TEMPLATE, {**context, "numbering": Numbering()})


def letter_pdf(letter: LetterFile, cover: Cover, names: Names, *, canonical_json: bytes, identifier: str) -> RenderedPdf:
    """Return the letter as PDF/A-3a with its canonical JSON attached; the same values give the same bytes.

    Args:
        canonical_json: exactly the bytes that the content hash covers.
        identifier: names the document in its metadata, such as ``urn:uuid:…``.

    Raises:
        RenderFailed: nothing was made; `kind` and `place` say why, `final` whether trying again is of any use.
    """
    check_size(letter.content())
    check_glyphs(letter.content())
    html = letter_html(letter, cover, names)
    return render_in_fork(
        html,
        canonical_json=canonical_json,
        title=letter.title,
        language=letter.language,
        identifier=identifier,
        dated=letter.date,
    )
