"""From a case that came back, went on or was closed to the letter that is sent once more."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST

from mla.accounts.access import AccessDenied
from mla.accounts.models import Role
from workflows.engine.errors import ActForbidden, ActRefused, ConditionsNotMet
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.selectors import access_outgoing_by_id
from workflows.lifecycle.services.again import outgoing_reopen, outgoing_resubmit, outgoing_send_on
from workflows.web.acts.fields import words
from workflows.web.desk import DeskRequest, page
from workflows.web.views.drafting_new import DRAFTERS


class ReopenForm(forms.Form):
    reason = words(lazy("Why it is taken up again"), help_text=lazy("It stays in the record of the new case."))


@require_POST
@page(open_to=DRAFTERS)
def resubmit(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Begin the letter that is sent again in the place of one that came back; a second press leads to the same letter."""
    case = access_outgoing_by_id(request.actor, public_id)
    told = _("The letter is begun. Each defect stands at its place; look over the rest before you lodge it.")
    return _begun(request, case, lambda: outgoing_resubmit(earlier=case, by=request.actor), told)


@require_POST
@page(open_to=DRAFTERS)
def send_on(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Begin the letter to the authority that a request went on to; a second press leads to the same letter."""
    case = access_outgoing_by_id(request.actor, public_id)
    told = _("The letter is begun. Look over whom it is addressed to, and what came along.")
    return _begun(request, case, lambda: outgoing_send_on(earlier=case, by=request.actor), told)


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=frozenset({Role.SUPERVISOR}))
def reopen(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Take a closed case up again as a new one."""
    case = access_outgoing_by_id(request.actor, public_id)
    if case.taken_over:
        # Its letter was written elsewhere: there is no text here to begin the new one from.
        raise AccessDenied("letter", public_id, request.actor)
    if case.status != "closed":
        return render(request, "web/reopen.html", {"case": case}, status=409)
    form = ReopenForm(request.POST if request.method == "POST" else None, auto_id="f-%s")
    if request.method == "POST" and form.is_valid():
        try:
            later = outgoing_reopen(earlier=case, by=request.actor, reason=form.cleaned_data["reason"])
        except ConditionsNotMet as unmet:
            for reason in unmet.reasons:
                form.add_error(reason.field if reason.field in form.fields else None, reason.message)
        else:
            messages.success(request, _("The case is taken up again as a new one. Its letter lies with the desk."))
            return redirect("web:outgoing", later.public_id)
    context = {"case": case, "form": form}
    return render(request, "web/reopen.html", context, status=422 if request.method == "POST" else 200)


def _begun(
    request: DeskRequest, case: OutgoingRequest, begin: Callable[[], OutgoingRequest], told: str
) -> HttpResponse:
    try:
        letter = begin()
    except ActForbidden:
        raise
    except ActRefused as refused:
        for reason in refused.reasons:
            messages.error(request, reason.message)
        return redirect("web:outgoing", case.public_id)
    messages.success(request, told)
    return redirect("web:letter", letter.public_id)
