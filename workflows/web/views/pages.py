"""A version page by page, as its PDF would be now: pictures of the pages with the text of each beside.

Made on request by a worker, kept for some minutes and thrown away. Never for who may not read the version.
"""

from __future__ import annotations

import html
import io
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from allauth.core import ratelimit
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from mla.accounts.access import AccessDenied
from workflows.documents.models import Document
from workflows.documents.preview import Part, letter_sheet
from workflows.documents.services_preview import preview_ask, preview_of, preview_page
from workflows.drafting.models import LetterVersion
from workflows.drafting.selectors import access_letter_by_id, access_version_by_number
from workflows.lifecycle.models import OutgoingRequest
from workflows.web.desk import OUTWARD, WRITING, DeskRequest, page
from workflows.web.purpose import case_purpose
from workflows.web.views.word import letter_address


@dataclass
class Sheet:
    """A page: its number, and the paragraphs that begin on it with their text."""

    number: int
    paragraphs: list[tuple[Part, str]] = field(default_factory=list)


@require_safe
@page(open_to=OUTWARD)
def letter_pages(request: DeskRequest, public_id: UUID, number: int) -> HttpResponse:
    """The pages; where they are not made yet, the way to have them made, and meanwhile that they are being made."""
    outgoing, version = _version(request, public_id, number)
    if (asked := case_purpose(request, outgoing.KIND, outgoing.public_id)[1]) is not None:
        return asked
    final = outgoing.approved_version_id == version.pk
    found = None if final else preview_of(outgoing, version)
    made = found is not None and found.is_made
    sheet = letter_sheet(outgoing, version)
    context: dict[str, Any] = {
        "case": outgoing,
        "letter": version.letter,
        "version": version,
        "letter_address": letter_address(request, outgoing, version),
        "found": found,
        "waiting": found is not None and found.made_at is None,
        "sheet": sheet,
        "pages": _sheets(sheet.paragraphs, found.pages, found.places) if found is not None and made else [],
        "document": _document(outgoing, version) if final else None,
        "final": final,
        "may_make": request.actor.role in WRITING,
    }
    return render(request, "web/pages/pages.html", context)


@require_POST
@page(open_to=WRITING)
def letter_pages_make(request: DeskRequest, public_id: UUID, number: int) -> HttpResponse:
    """Ask a worker for the pages. An approved version has a document, and nothing is asked."""
    outgoing, version = _version(request, public_id, number)
    if outgoing.approved_version_id != version.pk:
        if not ratelimit.consume(request, action="preview", user=request.user):
            return render(request, "429.html", status=429)
        if not preview_ask(outgoing=outgoing, version=version):
            messages.error(
                request, _("The pages cannot be made at the moment: no worker could be told. Try again later.")
            )
    return redirect("web:letter_pages", version.letter.public_id, version.number)


@require_GET
@page(open_to=OUTWARD)
def letter_page_image(request: DeskRequest, public_id: UUID, number: int, key: str, page_number: int) -> HttpResponse:
    """One page as a picture."""
    outgoing, version = _version(request, public_id, number)
    if (asked := case_purpose(request, outgoing.KIND, outgoing.public_id)[1]) is not None:
        return asked
    picture = preview_page(version, key, page_number)
    if picture is None:
        raise AccessDenied("preview", public_id, request.actor)
    answer = FileResponse(io.BytesIO(picture), content_type="image/png")
    answer["Cache-Control"] = "no-store, private"
    answer["X-Content-Type-Options"] = "nosniff"
    return cast(HttpResponse, answer)


def _version(request: DeskRequest, public_id: UUID, number: int) -> tuple[OutgoingRequest, LetterVersion]:
    letter = access_letter_by_id(request.actor, public_id)
    version = access_version_by_number(request.actor, letter, number)
    outgoing = getattr(letter, "outgoing", None)
    if outgoing is None:
        raise AccessDenied("preview", public_id, request.actor)
    version.letter = letter
    return outgoing, version


def _document(outgoing: OutgoingRequest, version: LetterVersion) -> Document | None:
    found = Document.objects.filter(outgoing=outgoing, letter_version=version, kind=Document.Kind.LETTER).first()
    return found if found is not None and found.can_be_read else None


def _sheets(paragraphs: list[Part], count: int, places: dict[str, int]) -> list[Sheet]:
    sheets = [Sheet(number) for number in range(1, count + 1)]
    for part in paragraphs:
        place = places.get(str(part.number), 0)
        if 1 <= place <= count:
            text = html.unescape(strip_tags(part.html)).strip().removeprefix(f"{part.number}.").strip()
            sheets[place - 1].paragraphs.append((part, text))
    return sheets
