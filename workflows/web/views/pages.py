"""A version page by page, as its PDF would be now: pictures of the pages with the text of each beside.

Where a translation of it is certified the letter leaves with it, so the pages show both languages; one that is still being
written can be looked at in the same way. Made on request by a worker, kept for some minutes and thrown away. Never for who
may not read the version.
"""

from __future__ import annotations

import io
from typing import Any, cast
from uuid import UUID

from allauth.core import ratelimit
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from mla.accounts.access import AccessDenied
from workflows.documents.models import Document
from workflows.documents.services_preview import preview_ask, preview_page
from workflows.drafting.models import LetterVersion
from workflows.drafting.models_translation import Translation
from workflows.drafting.selectors import access_letter_by_id, access_version_by_number
from workflows.drafting.selectors_translation import translations_beside
from workflows.lifecycle.models import OutgoingRequest
from workflows.web.desk import OUTWARD, WRITING, DeskRequest, page
from workflows.web.paged import ALONE, Choice, pages_shown, translation_words
from workflows.web.purpose import case_purpose
from workflows.web.views.word import letter_address


@require_safe
@page(open_to=OUTWARD)
def letter_pages(request: DeskRequest, public_id: UUID, number: int) -> HttpResponse:
    """The pages; where they are not made yet, the way to have them made, and meanwhile that they are being made."""
    outgoing, version = _version(request, public_id, number)
    if (asked := case_purpose(request, outgoing.KIND, outgoing.public_id)[1]) is not None:
        return asked
    rows = translations_beside(request.actor, version)
    beside = _beside(request, rows, request.GET.get("with", ""))
    final = outgoing.approved_version_id == version.pk
    here = reverse("web:letter_pages", args=[public_id, number])
    letter_at = letter_address(request, outgoing, version)
    context: dict[str, Any] = {
        "case": outgoing,
        "title": version.letter.title,
        "version": version,
        "back": letter_at,
        "back_words": str(outgoing),
        "letter_address": letter_at,
        "make_address": reverse("web:letter_pages_make", args=[public_id, number]),
        "with": beside.public_id if beside else ALONE,
        "choices": [] if final else _choices(here, rows, beside, request.LANGUAGE_CODE),
        "document": _document(outgoing, version) if final else None,
        "document_route": "web:document",
        "final": final,
        "may_make": request.actor.role in WRITING,
    }

    def image(key: str, page_number: int) -> str:
        return reverse("web:letter_page_image", args=[public_id, number, key, page_number])

    if not final:
        context |= pages_shown(outgoing, version, beside, image=image, reader=request.LANGUAGE_CODE)
    return render(request, "web/pages/pages.html", context)


@require_POST
@page(open_to=WRITING)
def letter_pages_make(request: DeskRequest, public_id: UUID, number: int) -> HttpResponse:
    """Ask a worker for the pages. An approved version has a document, and nothing is asked."""
    outgoing, version = _version(request, public_id, number)
    given = request.POST.get("with", "")
    beside = _beside(request, translations_beside(request.actor, version), given)
    if outgoing.approved_version_id != version.pk:
        if not ratelimit.consume(request, action="preview", user=request.user):
            return render(request, "429.html", status=429)
        make_pages(request, outgoing, version, beside)
    back = reverse("web:letter_pages", args=[version.letter.public_id, version.number])
    return redirect(f"{back}?{urlencode({'with': given})}" if given else back)


def make_pages(
    request: DeskRequest, outgoing: OutgoingRequest, version: LetterVersion, beside: Translation | None
) -> None:
    """Ask a worker for the pages; say where none could be told. Access has been checked."""
    if not preview_ask(outgoing=outgoing, version=version, translation=beside):
        messages.error(request, _("The pages cannot be made at the moment: no worker could be told. Try again later."))


@require_GET
@page(open_to=OUTWARD)
def letter_page_image(request: DeskRequest, public_id: UUID, number: int, key: str, page_number: int) -> HttpResponse:
    """One page as a picture."""
    outgoing, version = _version(request, public_id, number)
    if (asked := case_purpose(request, outgoing.KIND, outgoing.public_id)[1]) is not None:
        return asked
    rows = translations_beside(request.actor, version)
    return picture_answer(request, preview_page(version, key, page_number, beside=[None, *rows]), public_id)


def picture_answer(request: DeskRequest, picture: bytes | None, public_id: UUID) -> HttpResponse:
    """Return a page as a picture that no browser keeps. Raises AccessDenied where there is none (any more)."""
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


def _beside(request: DeskRequest, rows: list[Translation], given: str) -> Translation | None:
    """Return the translation that is asked for; without a word the certified one that the letter leaves with.

    Raises:
        AccessDenied: there is none such, or it is hidden.
    """
    if given == ALONE:
        return None
    if not given:
        return next((row for row in rows if row.status == Translation.Status.CERTIFIED), None)
    found = next((row for row in rows if str(row.public_id) == given), None)
    if found is None:
        raise AccessDenied("translation", given[:60], request.actor)
    return found


def _choices(here: str, rows: list[Translation], beside: Translation | None, reader: str) -> list[Choice]:
    """Return in what form the pages can be seen; nothing where there is no translation to see them with."""
    if not rows:
        return []
    made = [
        Choice(f"{here}?{urlencode({'with': str(row.public_id)})}", translation_words(row, reader), row == beside)
        for row in rows
    ]
    return [*made, Choice(f"{here}?{urlencode({'with': ALONE})}", _("the letter alone"), beside is None)]


def _document(outgoing: OutgoingRequest, version: LetterVersion) -> Document | None:
    found = Document.objects.filter(outgoing=outgoing, letter_version=version, kind=Document.Kind.LETTER).first()
    return found if found is not None and found.can_be_read else None
