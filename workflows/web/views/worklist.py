"""My worklist: what waits for this hat's own acts."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from workflows.tracking.selectors import worklist_incoming, worklist_outgoing
from workflows.web.desk import DeskRequest, page
from workflows.web.paging import after_of


@require_safe
@page()
def worklist(request: DeskRequest) -> HttpResponse:
    outgoing = worklist_outgoing(request.actor, after_of(request, "out"))
    incoming = worklist_incoming(request.actor, after_of(request, "in"))
    return render(request, "web/worklist.html", {"outgoing": outgoing, "incoming": incoming})
