"""What the pages of a preview show: each page's picture, and the paragraphs that begin on it, in one or both languages."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from workflows.documents.formats import language_name
from workflows.documents.preview import Part, Sheet, content_sheet, letter_sheet
from workflows.documents.services_preview import preview_of
from workflows.drafting.models import LetterVersion
from workflows.drafting.models_translation import Translation
from workflows.drafting.parsing import LetterFileWrong
from workflows.drafting.translation_content import content_so_far
from workflows.lifecycle.models import OutgoingRequest

#: In the address: the letter without its translation.
ALONE: Final = "none"


@dataclass(frozen=True, slots=True)
class Choice:
    """A form in which the pages can be seen."""

    address: str
    words: str
    current: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A paragraph: the part of the letter, its text, and that of the translation, empty without one."""

    part: Part
    text: str
    other: str = ""


@dataclass
class Leaf:
    """A page: its number, where its picture is, and the paragraphs that begin on it."""

    number: int
    image: str
    paragraphs: list[Said] = field(default_factory=list)


def pages_shown(
    outgoing: OutgoingRequest,
    version: LetterVersion,
    beside: Translation | None,
    *,
    image: Callable[[str, int], str],
    reader: str,
) -> dict[str, Any]:
    """Return what the page of a preview is rendered with. `image`: the address of a picture by key and page.

    Access to version and translation has been checked. A fixed number of queries.
    """
    sheet = letter_sheet(outgoing, version)
    shown: dict[str, Any] = {"sheet": sheet, "beside": beside, "other": None, "pages": [], "found": None}
    if beside is not None:
        shown["beside_words"] = language_name(beside.language, reader)
    try:
        other = content_sheet(outgoing, version, content_so_far(beside)) if beside is not None else None
        found = preview_of(outgoing, version, beside)
    except LetterFileWrong as wrong:
        return shown | {"wrong": [f"{one.where}: {one.message}" for one in wrong.problems]}
    shown |= {"found": found, "other": other, "waiting": found is not None and found.made_at is None}
    if found is not None and found.is_made:
        leaves = [Leaf(number, image(found.key, number)) for number in range(1, found.pages + 1)]
        _put(sheet, other, leaves, found.places)
        shown["pages"] = leaves
    return shown


def translation_words(row: Translation, reader: str) -> str:
    """Return a translation as a choice in words: certified, or still being written."""
    named = {"language": language_name(row.language, reader), "status": row.get_status_display()}
    return _("with the translation: %(language)s (%(status)s)") % named


def _put(sheet: Sheet, other: Sheet | None, leaves: list[Leaf], places: dict[str, int]) -> None:
    theirs = {part.number: _text(part) for part in other.paragraphs} if other else {}
    for part in sheet.paragraphs:
        place = places.get(str(part.number), 0)
        if 1 <= place <= len(leaves):
            leaves[place - 1].paragraphs.append(Said(part, _text(part), theirs.get(part.number, "")))


def _text(part: Part) -> str:
    return html.unescape(strip_tags(part.html)).strip().removeprefix(f"{part.number}.").strip()
