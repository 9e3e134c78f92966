"""The letter that leaves with its translation: both languages in one signed file.

A version whose translation was certified before the approval leaves with it; nobody has to choose. What is certified later
is a document of its own (`services_translation`), and the letter that was signed stays as it is. Where the paragraphs of
both do not match, no document is made: a letter never leaves in one language while its case says two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from mla.core.canonical import canonical_bytes
from workflows.documents.limits import RenderFailed
from workflows.documents.services import letter_of, names_of
from workflows.documents.values import Cover
from workflows.drafting.models_translation import Translation
from workflows.drafting.place_words import path_words

if TYPE_CHECKING:
    from workflows.documents.bilingual import Side
    from workflows.documents.rendering import RenderedPdf


def side_of(content: Mapping[str, Any]) -> Side:
    """Return a frozen content, of a letter or of a translation, as one of two columns."""
    from workflows.documents.bilingual import Side

    kept = dict(content)
    return Side(letter_of(kept), names_of(kept), canonical_bytes(kept))


def both_languages(translation: Translation, cover: Cover, *, identifier: str) -> RenderedPdf:
    """Return a version and its certified translation side by side.

    Raises:
        RenderFailed: nothing was made; says why, of paragraphs that do not match which one.
    """
    source, target = translation.source.frozen_content or {}, translation.certified_content or {}
    return contents_beside(source, target, cover, identifier=identifier)


def contents_beside(
    source: Mapping[str, Any], target: Mapping[str, Any], cover: Cover, *, identifier: str
) -> RenderedPdf:
    """Return the frozen content of a letter beside that of its translation. Raises as `both_languages`."""
    # PDF libraries take a second to import: workers preload them, pages do without.
    from workflows.documents.bilingual import LettersDiffer, bilingual_pdf

    try:
        return bilingual_pdf(side_of(source), side_of(target), cover, identifier=identifier)
    except LettersDiffer as differ:
        message = f"the translation ({target['letter']['language']}) cannot be printed beside the letter: {differ}"
        raise RenderFailed("not_paired", message, place="") from differ


def pairing_told(source: Mapping[str, Any], target: Mapping[str, Any]) -> tuple[str, str]:
    """Return where letter and translation begin to have other paragraphs, and that in the reader's words; else nothing."""
    from workflows.documents.bilingual import LettersDiffer, bilingual_html

    try:
        bilingual_html(side_of(source), side_of(target), Cover("", (), ()))
    except LettersDiffer as differ:
        place = path_words(differ.path, source["letter"]) if differ.path else ""
        return differ.path, not_paired_words(differ.number, place)
    return "", ""


def not_paired_words(number: int, place: str) -> str:
    """Return in the reader's language that a translation cannot stand beside its letter, and from where on."""
    if not number:
        return _("the translation cannot be printed beside the letter: its opening has other parts than the letter's")
    if place:
        message = _(
            "the translation cannot be printed beside the letter: from paragraph %(number)s on (%(place)s) it has other "
            "paragraphs or rows"
        )
        return message % {"number": number, "place": place}
    message = _(
        "the translation cannot be printed beside the letter: from paragraph %(number)s on it has other paragraphs or rows"
    )
    return message % {"number": number}
