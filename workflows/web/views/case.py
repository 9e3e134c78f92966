"""The page of a case, of a request out or in: where it stands, and the acts that are open now."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from workflows.lifecycle.selectors import access_incoming_by_id, access_outgoing_by_id
from workflows.tracking.cases import Case
from workflows.web.desk import INWARD, OUTWARD, DeskRequest, page
from workflows.web.views.act import buttons_for


@require_safe
@page(open_to=OUTWARD)
def outgoing(request: DeskRequest, public_id: UUID) -> HttpResponse:
    return _page(request, access_outgoing_by_id(request.actor, public_id))


@require_safe
@page(open_to=INWARD)
def incoming(request: DeskRequest, public_id: UUID) -> HttpResponse:
    return _page(request, access_incoming_by_id(request.actor, public_id))


def _page(request: DeskRequest, case: Case) -> HttpResponse:
    context = {"case": case, "buttons": buttons_for(case, request.actor), "has_pane": True}
    return render(request, "web/case.html", context)
