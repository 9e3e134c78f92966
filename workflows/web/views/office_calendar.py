"""The working days of an authority, for its own administrator: whose holidays count, its own list of days, when it escalates."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mla.accounts.services import office_edit
from mla.reference.calendars import Calendar, calendar_of, own_days_lines
from mla.reference.models import Authority
from workflows.web.desk import DeskRequest, page
from workflows.web.doing import do_from, needs_recent_sign_in
from workflows.web.forms.calendar import CALENDAR_FIELDS, CalendarForm
from workflows.web.views.office import ADMINISTRATORS

#: Days looked ahead for those on which nobody works, and how many of them are shown.
_AHEAD, _SHOWN = 120, 12


@require_http_methods(["GET", "HEAD", "POST"])
@page(ADMINISTRATORS)
def office_calendar(request: DeskRequest) -> HttpResponse:
    """Change what the authority's targets in working days are counted by; needs a recent sign-in, as its other facts."""
    if (sign_in := needs_recent_sign_in(request)) is not None:
        return sign_in
    own = Authority.objects.select_related("jurisdiction").get(pk=request.hat.authority_id)
    status = 200
    if request.method == "POST":
        form = CalendarForm(request.POST, office=own)
        if form.is_valid():
            values = {name: form.cleaned_data[name] for name in CALENDAR_FIELDS}
            read = form.cleaned_data["seen"]
            if do_from(form, lambda: office_edit(authority=own, by=request.actor, values=values, expected=read)):
                messages.success(
                    request, _("The working days are saved. Every deadline is counted by them from now on.")
                )
                return redirect("web:office")
            again = request.POST.copy()
            again["seen"] = own.edited_at.isoformat() if own.edited_at else ""
            form.data = again
        status = 422
    else:
        initial = {
            "holidays_of": own.holidays_of,
            "own_days": own_days_lines(own.own_days),
            "escalation_days": own.escalation_days,
            "seen": own.edited_at.isoformat() if own.edited_at else "",
        }
        form = CalendarForm(initial=initial, office=own)
    today, calendar = timezone.localdate(), calendar_of(own)
    context = {"form": form, "office": own, "known": calendar.knows(today.year), "coming": _coming(calendar, today)}
    return render(request, "web/administration/office_calendar.html", context, status=status)


def _coming(calendar: Calendar, today: dt.date) -> list[dt.date]:
    """Return the next days that are closed though a weekend is not the reason."""
    days = (today + dt.timedelta(days=ahead) for ahead in range(_AHEAD))
    return [day for day in days if not calendar.works_on(day) and not calendar.rests_on(day)][:_SHOWN]
