"""The page that asks an auditor why a case is opened, and the button that ends that purpose."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from mla.accounts.models import Role
from workflows.tracking.casefile import access_case
from workflows.web.desk import DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.forms.administration import ReadingForm
from workflows.web.purpose import HOLDS_FOR, purpose_drop, purpose_keep


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=[Role.AUDITOR])
def purpose(request: DeskRequest, way: str, public_id: UUID) -> HttpResponse:
    """Ask why a case is opened, record it, and go on to the case."""
    kind = "outgoing" if way == "out" else "incoming"
    case = access_case(request.actor, kind, public_id)
    form = ReadingForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and do_from(form, lambda: purpose_keep(request, kind, public_id, form.cleaned_data["purpose"])):
        return redirect(f"web:{kind}", public_id)
    context = {"case": case, "way": way, "form": form, "minutes": int(HOLDS_FOR.total_seconds() // 60)}
    return render(request, "web/purpose.html", context, status=422 if form.is_bound else 200)


@require_POST
@page(open_to=[Role.AUDITOR])
def purpose_end(request: DeskRequest, way: str, public_id: UUID) -> HttpResponse:
    kind = "outgoing" if way == "out" else "incoming"
    access_case(request.actor, kind, public_id)
    purpose_drop(request, kind, public_id)
    return redirect("web:worklist")
