"""One press from a preservation to the request that follows it, and from the planner to a preservation."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from workflows.engine.errors import ActForbidden, ActRefused
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.selectors import access_outgoing_by_id
from workflows.lifecycle.services.follow_up import letter_start_follow_up, letter_start_preservation
from workflows.web.desk import DeskRequest, page
from workflows.web.views.drafting_new import DRAFTERS


@require_POST
@page(open_to=DRAFTERS)
def follow_up(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Begin the request that follows a preservation; a second press leads to the same letter."""
    case = access_outgoing_by_id(request.actor, public_id)
    return _begun(request, case, lambda: letter_start_follow_up(preservation=case, by=request.actor))


@require_POST
@page(open_to=DRAFTERS)
def preserve(request: DeskRequest, public_id: UUID, key: str) -> HttpResponse:
    """Begin the request to preserve what a row of the planner names; a second press leads to the same letter."""
    case = access_outgoing_by_id(request.actor, public_id)
    return _begun(request, case, lambda: letter_start_preservation(outgoing=case, row=key, by=request.actor))


def _begun(request: DeskRequest, case: OutgoingRequest, begin: Callable[[], OutgoingRequest]) -> HttpResponse:
    try:
        letter = begin()
    except ActForbidden:
        raise
    except ActRefused as refused:
        for reason in refused.reasons:
            messages.error(request, reason.message)
        return redirect("web:outgoing", case.public_id)
    messages.success(request, _("The letter is begun. Look over what was taken over, and choose its legal basis."))
    return redirect("web:letter", letter.public_id)
