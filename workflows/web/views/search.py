"""Search over what the hat may see."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from workflows.tracking.cases import UnknownReference, case_by_reference
from workflows.web.desk import DeskRequest, page

LONGEST = 200


@require_safe
@page()
def search(request: DeskRequest) -> HttpResponse:
    text = request.GET.get("q", "")[:LONGEST].strip()
    try:
        found = case_by_reference(request.actor, text)
    except UnknownReference:
        found = []
    return render(request, "web/search.html", {"search_text": text, "found": found})
