"""Search over what the hat may see."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mla.core.text import plain
from workflows.tracking.search import LONGEST, SHORTEST, search_incoming, search_outgoing
from workflows.web.desk import DeskRequest, page
from workflows.web.paging import after_of, next_address


@require_safe
@page()
def search(request: DeskRequest) -> HttpResponse:
    text = plain(request.GET.get("q", "")[:LONGEST])
    out = search_outgoing(request.actor, text, after_of(request, "out"))
    inward = search_incoming(request.actor, text, after_of(request, "in"))
    context = {
        "search_text": text,
        "too_short": len(text) < SHORTEST,
        "out": out,
        "inward": inward,
        "next_out": next_address(request, out.page.after, "out"),
        "next_in": next_address(request, inward.page.after, "in"),
    }
    return render(request, "web/search.html", context)
