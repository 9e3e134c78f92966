"""For what purpose somebody reads what they do not work on: asked, recorded, held for an hour, ended by a press.

Directive (EU) 2016/680 article 25: logs of consultation make it possible to establish its justification.
Whoever works on a case shows theirs by the acts on it; an auditor states it here, once for each case and once for
the record of the authority.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from mla.accounts.models import Role
from mla.accounts.services_record import purpose_state
from mla.core import clock
from workflows.web.desk import DeskRequest

HOLDS_FOR = timedelta(hours=1)
PURPOSES = "purposes"
#: Roles that see cases without working on them.
READERS = frozenset({str(Role.AUDITOR)})
#: Purposes kept in one session; the oldest go first.
MOST = 200
#: The kind of object that the record of an authority is, beside the kinds of cases.
RECORD = "audit"


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose that was recorded. `until`: aware, UTC."""

    text: str
    until: datetime


def purpose_of(request: DeskRequest, kind: str, object_id: object) -> Purpose | None:
    """Return the purpose that this person, under this hat, stated for the object and that still holds."""
    kept = request.session.get(PURPOSES, {}).get(_key(request, kind, object_id))
    if not kept:
        return None
    found = Purpose(kept["text"], datetime.fromisoformat(kept["until"]))
    return found if found.until > clock.now() else None


def purpose_keep(request: DeskRequest, kind: str, object_id: object, text: str) -> None:
    """Record the purpose of opening an object that the actor may see, and keep it for HOLDS_FOR.

    Raises:
        PurposeMissing, TextRefused: as `purpose_state`.
    """
    said = purpose_state(by=request.actor, kind=kind, object_id=str(object_id), text=text)
    kept = dict(list(request.session.get(PURPOSES, {}).items())[-MOST + 1 :])
    kept[_key(request, kind, object_id)] = {"text": said, "until": (clock.now() + HOLDS_FOR).isoformat()}
    request.session[PURPOSES] = kept


def purpose_drop(request: DeskRequest, kind: str, object_id: object) -> None:
    """End a purpose before its hour is over; the object asks again."""
    kept = dict(request.session.get(PURPOSES, {}))
    kept.pop(_key(request, kind, object_id), None)
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


def record_purpose(request: DeskRequest) -> Purpose | HttpResponse:
    """Return the purpose for which the authority's record is read, or the answer that asks and comes back here."""
    found = purpose_of(request, RECORD, request.actor.authority_id)
    if found is not None:
        return found
    back = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("web:audit")
    return redirect(f"{reverse('web:audit_purpose')}?{urlencode({'next': back})}")


def _key(request: DeskRequest, kind: str, object_id: object) -> str:
    return f"{request.hat.pk}:{kind}:{object_id}"
