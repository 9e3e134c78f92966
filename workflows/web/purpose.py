"""For what purpose somebody reads a case that they do not work on: asked, recorded, held for an hour.

Directive (EU) 2016/680 article 25: logs of consultation make it possible to establish its justification.
Whoever works on a case shows theirs by the acts on it; an auditor states it here, once for each case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from mla.accounts.models import Role
from mla.accounts.services_record import LONGEST_PURPOSE, SHORTEST_PURPOSE, purpose_state
from mla.core import clock
from workflows.tracking.casefile import access_case
from workflows.web.desk import DeskRequest, page
from workflows.web.doing import do_from

HOLDS_FOR = timedelta(hours=1)
PURPOSES = "purposes"
#: Roles that see cases without working on them.
READERS = frozenset({str(Role.AUDITOR)})
#: Purposes kept in one session; the oldest go first.
MOST = 200


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose that was recorded. `until`: aware, UTC."""

    text: str
    until: datetime


class PurposeForm(forms.Form):
    purpose = forms.CharField(
        label=_("Purpose"),
        min_length=SHORTEST_PURPOSE,
        max_length=LONGEST_PURPOSE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example: “yearly inspection of urgent requests” or “complaint 12/2026”. No names of persons."),
    )


def purpose_of(request: DeskRequest, kind: str, public_id: UUID) -> Purpose | None:
    """Return the purpose that this person, under this hat, stated for the case and that still holds."""
    kept = request.session.get(PURPOSES, {}).get(_key(request, kind, public_id))
    if not kept:
        return None
    found = Purpose(kept["text"], datetime.fromisoformat(kept["until"]))
    return found if found.until > clock.now() else None


def state_purpose(request: DeskRequest, kind: str, public_id: UUID, text: str) -> None:
    """Record the purpose of opening a case that the actor may see, and keep it for HOLDS_FOR.

    Raises:
        PurposeMissing, TextRefused: as `purpose_state`.
    """
    said = purpose_state(by=request.actor, kind=kind, object_id=str(public_id), text=text)
    # The oldest go first: a session holds no more than MOST.
    kept = dict(list(request.session.get(PURPOSES, {}).items())[-MOST + 1 :])
    until = clock.now() + HOLDS_FOR
    kept[_key(request, kind, public_id)] = {"text": said, "until": until.isoformat()}
    request.session[PURPOSES] = kept


def case_purpose(request: DeskRequest, kind: str, public_id: UUID) -> tuple[Purpose | None, HttpResponse | None]:
    """Return the purpose for which a case is read, and where it must be asked for first the answer that asks.

    For a case that the actor may see; (None, None) for whoever works on cases.
    """
    if request.actor.role not in READERS:
        return None, None
    found = purpose_of(request, kind, public_id)
    way = "out" if kind == "outgoing" else "in"
    return found, None if found else redirect("web:purpose", way, public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=[Role.AUDITOR])
def purpose(request: DeskRequest, way: str, public_id: UUID) -> HttpResponse:
    """Ask why a case is opened, record it, and go on to the case."""
    kind = "outgoing" if way == "out" else "incoming"
    case = access_case(request.actor, kind, public_id)
    form = PurposeForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and do_from(form, lambda: state_purpose(request, kind, public_id, form.cleaned_data["purpose"])):
        return redirect(f"web:{kind}", public_id)
    context = {"case": case, "way": way, "form": form, "minutes": int(HOLDS_FOR.total_seconds() // 60)}
    return render(request, "web/purpose.html", context, status=422 if form.is_bound else 200)


@require_POST
@page(open_to=[Role.AUDITOR])
def purpose_end(request: DeskRequest, way: str, public_id: UUID) -> HttpResponse:
    """End a purpose before its hour is over; the case asks again."""
    kind = "outgoing" if way == "out" else "incoming"
    access_case(request.actor, kind, public_id)
    kept = dict(request.session.get(PURPOSES, {}))
    kept.pop(_key(request, kind, public_id), None)
    request.session[PURPOSES] = kept
    return redirect("web:worklist")


def _key(request: DeskRequest, kind: str, public_id: UUID) -> str:
    return f"{request.hat.pk}:{kind}:{public_id}"
