"""The central authority's queues: the intake and the review."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mla.accounts.models import Role
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.models.pressing import RANKS
from workflows.tracking.pages import OrderedPage
from workflows.tracking.queues import intake_queue, provisional_queue, review_queue
from workflows.web.desk import DeskRequest, page
from workflows.web.paging import next_address


@require_safe
@page(open_to={Role.DESK_OFFICER, Role.REGISTRY, Role.SUPERVISOR, Role.DUTY_OFFICER})
def intake(request: DeskRequest) -> HttpResponse:
    """What was lodged and is being vetted, urgent first, then the oldest."""
    found = intake_queue(request.actor, request.GET.get("after"))
    return render(request, "web/intake.html", _context(request, found, "lodged_at"))


@require_safe
@page(open_to={Role.SUPERVISOR, Role.DESK_OFFICER, Role.DUTY_OFFICER})
def review(request: DeskRequest) -> HttpResponse:
    """What waits for approval, urgent first, then the oldest."""
    found = review_queue(request.actor, request.GET.get("after"))
    more = {"decides": request.actor.role == Role.SUPERVISOR, "provisional": provisional_queue(request.actor)}
    return render(request, "web/review.html", _context(request, found, "submitted_at") | more)


def _context(request: DeskRequest, found: OrderedPage[OutgoingRequest], since: str) -> dict[str, Any]:
    language = get_language() or "en"
    rows = [
        {
            "case": case,
            "since": getattr(case, since),
            "state": case.letter.requested.name(language),
            "urgent": _urgency(case.urgency),
            "until": case.needed_by,
            "own": getattr(case, "own", False),
            "asked": getattr(case, "asked", False),
        }
        for case in found.rows
    ]
    return {"rows": rows, "next": next_address(request, found.after)}


def _urgency(level: str) -> str:
    if level not in RANKS:
        return ""
    return _("emergency") if level == "emergency" else _("urgent")
