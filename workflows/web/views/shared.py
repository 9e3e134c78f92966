"""The pages of an officer of the other State: the requests to it, and of each what was sent."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mla.accounts.models import Role
from workflows.documents.models import Document
from workflows.exchange.models import Message
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.models.parts import sent_parts
from workflows.lifecycle.shared import access_shared_by_id, shared_outgoing, shared_points, shared_postponements
from workflows.tracking.executing import execution_told
from workflows.tracking.labels import message_label, status_label
from workflows.tracking.pages import keyset_page
from workflows.web.acts.fields import item_label
from workflows.web.desk import DeskRequest, page
from workflows.web.paging import after_of, next_address


@require_safe
@page(open_to=[Role.FOREIGN_OFFICER])
def shared_list(request: DeskRequest) -> HttpResponse:
    rows = shared_outgoing(request.actor).select_related("central__jurisdiction", "addressee", "approved_version")
    found = keyset_page(rows, after_of(request))
    context = {
        "rows": [(case, _title(case), _told(case)) for case in found.rows],
        "next": next_address(request, found.after),
        "of_authority": request.hat.authority,
    }
    return render(request, "web/shared_list.html", context)


@require_safe
@page(open_to=[Role.FOREIGN_OFFICER])
def shared(request: DeskRequest, public_id: UUID) -> HttpResponse:
    case = access_shared_by_id(request.actor, public_id)
    log = Message.objects.filter(
        authority=case.central_id,
        conversation_id=case.conversation_id,
        peer__jurisdiction=case.addressee.jurisdiction_id if case.addressee else None,
    )
    messages = [(row, message_label(row.type)) for row in log.defer("envelope").order_by("id")]
    context = {
        "case": case,
        "title": _title(case),
        "told": _told(case),
        "document": Document.objects.filter(outgoing=case, sha256=case.document_sha256, status="ready").first(),
        "exchanged": messages,
        "items": [(item, item_label(case, item.key, item.measure)) for item in case.items.order_by("id")],
        "parts": sent_parts(case.evidence_set.select_related("carried__part").order_by("id")),
        "points": shared_points(case),
        "postponements": shared_postponements(case),
        "execution": execution_told(case),
    }
    return render(request, "web/shared.html", context)


def _title(case: OutgoingRequest) -> str:
    """Return the title of the version that was sent; the letter's own may have been changed since."""
    version = case.approved_version
    # A frozen version never changes.
    return str(version.content.get("title", "")) if version else ""


def _told(case: OutgoingRequest) -> str:
    """Return the status as the requested State told it; our own file's status is not shared."""
    return status_label("incoming", case.peer_status) if case.peer_status else ""
