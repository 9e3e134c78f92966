"""Effects: the jobs of the authority, parked and late ones first, for its administrator. No text of any case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from mla.accounts.models import Role
from workflows.engine.models import OutboxJob
from workflows.engine.selectors import access_job_by_id, held_up_by, jobs_state, late_jobs, visible_jobs
from workflows.engine.services import job_replay, job_skip
from workflows.tracking.pages import keyset_page
from workflows.tracking.selectors import alarms_without_case, visible_alarms
from workflows.web.desk import DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.forms.administration import DecideForm
from workflows.web.paging import after_of, next_address
from workflows.web.words import ALARM_HELP, event_words, handler_words, kind_words

ALARMS_SHOWN = 20
#: What can be looked at; the first that is not empty is shown when nothing is chosen.
SHOWN: dict[str, Any] = {
    "parked": gettext_lazy("Parked"),
    "late": gettext_lazy("Late"),
    "waiting": gettext_lazy("Waiting or at work"),
    "done": gettext_lazy("Done"),
    "skipped": gettext_lazy("Given up"),
}


@require_safe
@page({Role.LOCAL_ADMINISTRATOR})
def jobs(request: DeskRequest) -> HttpResponse:
    state = jobs_state(request.actor)
    shown = request.GET.get("show", "")
    if shown not in SHOWN:
        shown = "parked" if state.parked else "late" if state.late else "done"
    found = keyset_page(_chosen(request, shown), after_of(request))
    for job in found.rows:
        told(job)
    alarms = list(visible_alarms(request.actor)[: ALARMS_SHOWN + 1])
    apart = alarms_without_case(request.actor, alarms)
    for alarm in alarms:
        alarm.apart = alarm.pk in apart  # type: ignore[attr-defined]
        alarm.help = ALARM_HELP.get(alarm.kind, "")  # type: ignore[attr-defined]
        alarm.on = kind_words(alarm.object_type)  # type: ignore[attr-defined]
    context = {
        "state": state,
        "shown": shown,
        "choices": [
            (name, words, {"parked": state.parked, "late": state.late, "waiting": state.waiting}.get(name))
            for name, words in SHOWN.items()
        ],
        "rows": found.rows,
        "next": next_address(request, found.after),
        "alarms": alarms[:ALARMS_SHOWN],
        "more_alarms": len(alarms) > ALARMS_SHOWN,
        "has_pane": True,
    }
    return render(request, "web/administration/jobs.html", context)


def _chosen(request: DeskRequest, shown: str) -> Any:
    mine = visible_jobs(request.actor)
    if shown == "late":
        return late_jobs(mine)
    if shown == "waiting":
        return mine.filter(status__in=[OutboxJob.Status.DUE, OutboxJob.Status.LEASED])
    return mine.filter(status=shown)


def told(job: Any) -> Any:
    """Put the human words of a job on it."""
    job.words, job.event_words, job.on = handler_words(job.handler), event_words(job.event), kind_words(job.object_type)
    return job


@require_http_methods(["GET", "HEAD", "POST"])
@page({Role.LOCAL_ADMINISTRATOR})
def job(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """One job; when it is parked, its administrator replays it or gives it up, with a reason."""
    found = access_job_by_id(request.actor, public_id)
    form = DecideForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        decided = {"replay": job_replay, "give_up": job_skip}.get(request.POST.get("decide", ""))
        if decided is None:
            form.add_error(None, _("Choose: replay it, or give it up."))
        elif form.is_valid() and do_from(
            form, lambda: decided(job_id=found.pk, by=request.actor, reason=form.cleaned_data["reason"])
        ):
            done = _("It is due again and follows by itself.") if decided is job_replay else _("It is given up.")
            messages.success(request, done)
            return redirect("web:job", public_id=public_id)
        status = 422
        found.refresh_from_db()
    context = {
        "job": told(found),
        "form": form,
        "is_parked": found.status == OutboxJob.Status.PARKED,
        "held_up": held_up_by(found),
        "is_transmission": found.handler == "exchange.transmit",
    }
    return render(request, "web/administration/job.html", context, status=status)
