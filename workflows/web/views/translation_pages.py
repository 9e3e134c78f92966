"""A translation page by page, beside its letter, as the document of both would be now: for who translates, reads and assigns."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.core import ratelimit
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST, require_safe

from mla.accounts.access import AccessDenied
from workflows.documents.services_preview import preview_page
from workflows.drafting.models_translation import Translation
from workflows.drafting.selectors_translation import access_translation_by_id
from workflows.lifecycle.models import OutgoingRequest
from workflows.web.desk import DeskRequest, page
from workflows.web.paged import pages_shown
from workflows.web.views.pages import make_pages, picture_answer
from workflows.web.views.translations import TRANSLATING


@require_safe
@page(open_to=TRANSLATING)
def translation_pages(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Letter and translation side by side, as far as it is written; of a certified one with a document, the way there."""
    found, outgoing = _translation(request, public_id)
    final = bool(found.document_sha256)
    home = reverse("web:translation", args=[public_id])
    context: dict[str, Any] = {
        "case": found,
        "title": str(found),
        "version": found.source,
        "back": home,
        "back_words": str(found),
        "make_address": reverse("web:translation_pages_make", args=[public_id]),
        "document": found if final else None,
        "document_route": "web:translation_document",
        "final": final,
        "may_make": True,
    }

    def image(key: str, page_number: int) -> str:
        return reverse("web:translation_page_image", args=[public_id, key, page_number])

    if not final:
        context |= pages_shown(outgoing, found.source, found, image=image, reader=request.LANGUAGE_CODE)
    return render(request, "web/pages/pages.html", context)


@require_POST
@page(open_to=TRANSLATING)
def translation_pages_make(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Ask a worker for the pages."""
    found, outgoing = _translation(request, public_id)
    if not found.document_sha256:
        if not ratelimit.consume(request, action="preview", user=request.user):
            return render(request, "429.html", status=429)
        make_pages(request, outgoing, found.source, found)
    return redirect("web:translation_pages", public_id)


@require_GET
@page(open_to=TRANSLATING)
def translation_page_image(request: DeskRequest, public_id: UUID, key: str, page_number: int) -> HttpResponse:
    """One page as a picture."""
    found, _outgoing = _translation(request, public_id)
    return picture_answer(request, preview_page(found.source, key, page_number, beside=[found]), public_id)


def _translation(request: DeskRequest, public_id: UUID) -> tuple[Translation, OutgoingRequest]:
    found = access_translation_by_id(request.actor, public_id)
    outgoing = getattr(found.source.letter, "outgoing", None)
    if outgoing is None or found.status == Translation.Status.CANCELLED:
        raise AccessDenied("preview", public_id, request.actor)
    return found, outgoing
