"""A reminder that its reader has seen and wants no more on the worklist."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from workflows.tracking.selectors import access_notification_by_id
from workflows.tracking.services import ReminderStands, notification_see
from workflows.web.desk import DeskRequest, page


@require_POST
@page()
def reminder_seen(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Mark a reminder as seen by this person; for the others of the authority it stays."""
    try:
        notification_see(notification=access_notification_by_id(request.actor, public_id), by=request.actor)
    except ReminderStands as stands:
        messages.warning(request, str(stands))
    else:
        messages.success(request, _("The reminder is marked as seen. Others of your authority still see it."))
    return redirect("web:worklist")
