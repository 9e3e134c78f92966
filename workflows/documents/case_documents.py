"""A document beside the letter, from its typed context to its page and its PDF. Pure, but for the fonts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from pydantic import TypeAdapter

from mla.core.canonical import canonical_bytes, content_hash
from workflows.documents.contexts import check_context, cover_context, han_of, letter_context
from workflows.documents.formats import day, direction_of, language_name, listed, marks
from workflows.documents.glyphs import check_glyphs
from workflows.documents.isolation import set_apart
from workflows.documents.kinds import Kind
from workflows.documents.kinds.redacted_copy import KINDS_LEFT_OUT, RedactedCopy
from workflows.documents.kinds.translation_certificate import TranslationCertificate
from workflows.documents.limits import check_size
from workflows.documents.rendering import DOCUMENT_NAME, Labels, RenderedPdf, render_in_fork
from workflows.documents.templatetags.letter import Numbering
from workflows.documents.values import Cover
from workflows.documents.wording import document_language, wording_language
from workflows.drafting.letterfile import LetterFile

FORMAT = "mla-document/1"


@dataclass(frozen=True, slots=True)
class Frame:
    """What every document has around its own words. `title` is that of the request it belongs to; `dated` is not
    part of what it says: the same words on another day are the same document."""

    language: str
    cover: Cover
    requesting: str
    requested: str
    states: tuple[str, str]
    title: str
    dated: dt.date


def document_content(kind: Kind, frame: Frame, context: Any) -> dict[str, Any]:
    """Return what a document says, as plain values: what its content hash covers. No day of making is in it."""
    return {
        "format": FORMAT,
        "kind": kind.slug,
        "language": frame.language,
        "references": [frame.cover.own_reference, frame.cover.peer_reference],
        "sender": list(frame.cover.sender),
        "addressee": list(frame.cover.addressee),
        "marking": frame.cover.marking,
        "title": frame.title,
        "says": plain_values(context),
    }


def document_html(kind: Kind, frame: Frame, context: Any) -> str:
    """Return the document as HTML, in its language."""
    with document_language(frame.language):
        page = render_to_string(kind.template, _page(kind, frame, context) | {"numbering": Numbering()})
    return set_apart(page, frame.language, _references(frame))


def document_check_text(content: dict[str, Any]) -> None:
    """Refuse what cannot be printed, before anybody orders it.

    Raises:
        RenderFailed: too much of it, or a character that no font has; names the place.
    """
    check_size(content)
    check_glyphs(content)


def document_pdf(kind: Kind, frame: Frame, context: Any, *, identifier: str) -> RenderedPdf:
    """Return the document as PDF/A-3a with its content attached, but where it is not for the other State.

    Raises:
        RenderFailed: as `letters.letter_pdf`.
    """
    content = document_content(kind, frame, context)
    document_check_text(content)
    with document_language(frame.language):
        title = str(kind.name)
        labels = Labels(
            attachment=_("The content of this document in machine-readable form (canonical JSON)"),
            signature=_("Electronic signature of the authority"),
            code=_("QR code with the address of the page where this document can be checked"),
            file=DOCUMENT_NAME,
        )
    return render_in_fork(
        document_html(kind, frame, context),
        canonical_json=canonical_bytes(content) if kind.between_states else None,
        title=title,
        language=frame.language,
        identifier=identifier,
        dated=frame.dated,
        labels=labels,
    )


def document_again(kind: Kind, frame: dict[str, Any], content: dict[str, Any]) -> tuple[Frame, Any]:
    """Return frame and typed context from their plain values, as they were recorded.

    Raises:
        ValueError: they are not what this version of the program would write.
    """
    held = TypeAdapter(Frame).validate_python(frame)
    context = TypeAdapter(kind.context_type).validate_python(content["says"])
    if document_content(kind, held, context) != content:
        raise ValueError("it was recorded otherwise than it is read")
    return held, context


def _page(kind: Kind, frame: Frame, context: Any) -> dict[str, Any]:
    language, cover = frame.language, frame.cover
    sha256 = content_hash(document_content(kind, frame, context))
    letter = getattr(context, "letter", None)
    page: dict[str, Any] = letter_context(letter, cover, context.names) if letter is not None else {}
    copied = isinstance(context, RedactedCopy)
    covered = cover_context(cover, language) | {
        "marking": cover.marking,
        "check": check_context(cover.check_url if kind.between_states else "", sha256, cover.marking),
        "version": "",
        "hash": sha256,
        "hash_short": " ".join(sha256[index : index + 4] for index in range(0, 16, 4)),
    }
    page |= {
        "language": language,
        "direction": direction_of(language),
        "wording_direction": direction_of(wording_language()),
        "han": han_of(*frame.states),
        "marks": marks(wording_language()),
        "cover": covered,
        "title": str(kind.name),
        "request_title": "" if copied else frame.title,
        "requesting": frame.requesting,
        "requested": frame.requested,
        # A form at the end of a copy says whose request it is of.
        "sender": page["sender"] if copied else covered["sender"]["name"],
        "addressee": covered["addressee"]["name"],
        "date": page["date"] if copied else day(frame.dated, language),
        "doc": context,
        "annexes": [],
        "difference": None,
    }
    if isinstance(context, RedactedCopy):
        page["left_out"] = listed([str(KINDS_LEFT_OUT[key]) for key in context.left_out], language)
        page["sender"] = context.names.authority(context.letter.requesting.authority) or page["sender"]
    if isinstance(context, TranslationCertificate):
        page["source_language"] = language_name(context.source_language, language)
        page["translation_language"] = language_name(context.translation_language, language)
        page["translated_on"] = day(context.translated_on, language)
    return page


def plain_values(value: Any) -> Any:
    """Return a typed context as plain JSON values."""
    if isinstance(value, LetterFile):
        return value.content()
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain_values(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain_values(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain_values(one) for one in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Promise) or (isinstance(value, int) and not isinstance(value, bool)):
        # Sizes may be larger than the canonical form lets a number be.
        return str(value)
    return value


def _references(frame: Frame) -> list[str]:
    return [frame.cover.own_reference, frame.cover.peer_reference]
