"""A letter, from its content to its page and its PDF. Callers: the document job, the preview, the review screen."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from workflows.documents.contexts import Cover, Names, letter_context
from workflows.documents.glyphs import check_glyphs
from workflows.documents.isolation import set_apart
from workflows.documents.limits import check_size
from workflows.documents.rendering import Labels, RenderedPdf, render_in_fork
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
        context = letter_context(letter, cover, names)
        page = render_to_string(_TEMPLATE, {**context, "numbering": Numbering()})
    return set_apart(page, letter.language, _references(letter, cover))


def letter_pdf(
    letter: LetterFile, cover: Cover, names: Names, *, canonical_json: bytes, identifier: str
) -> RenderedPdf:
    """Return the letter as PDF/A-3a with `canonical_json` attached; the same values give the same bytes.

    Args:
        canonical_json: exactly the bytes that the content hash covers.
        identifier: names the document in its metadata, such as ``urn:uuid:…``.

    Raises:
        RenderFailed: nothing was made; `kind` and `place` say why, `final` whether trying again is of any use.
    """
    content = letter.content()
    check_size(content)
    check_glyphs(content)
    check_glyphs(cover_texts(cover))
    check_glyphs(names_texts(names))
    return render_in_fork(
        letter_html(letter, cover, names),
        canonical_json=canonical_json,
        title=letter.title,
        language=letter.language,
        identifier=identifier,
        dated=letter.date,
        labels=labels_in(letter.language),
    )


def labels_in(language: str) -> Labels:
    """Return what stands for the attached content and the signature in the file, in the language of the letter."""
    with document_language(language):
        return Labels(
            attachment=_("The content of this letter of request in machine-readable form (canonical JSON)"),
            signature=_("Electronic signature of the requesting authority"),
            code=_("QR code with the address of the page where this letter can be checked"),
        )


def _references(letter: LetterFile, cover: Cover) -> list[str]:
    return [
        cover.own_reference,
        cover.peer_reference,
        letter.proceedings.reference,
        *(entry.reference for entry in letter.related),
        *(contact.phone for contact in letter.contacts),
    ]


def names_texts(names: Names) -> dict[str, Any]:
    """Return the names of States, offices and instruments that a letter prints, for the check of glyphs."""
    return {
        "names": {
            "jurisdictions": names.jurisdictions,
            "authorities": names.authorities,
            "instruments": {code: {"short": one.short, "full": one.full} for code, one in names.instruments.items()},
        }
    }


def cover_texts(cover: Cover) -> dict[str, Any]:
    """Return what is typed on a cover, by its places, for the check of glyphs."""
    return {
        "cover": {
            "own_reference": cover.own_reference,
            "peer_reference": cover.peer_reference,
            "sender": list(cover.sender),
            "addressee": list(cover.addressee),
            "place": cover.place,
            "signatory": cover.signatory,
            "marking": cover.marking,
            "provisional_reason": cover.provisional_reason,
        }
    }
