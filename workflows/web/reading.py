"""Why an auditor opens the record: asked, recorded, valid for an hour under one hat of one session.

Directive (EU) 2016/680, article 25. The purpose is shown on every page that it opens, with a button that ends
it. The purpose of opening one case is asked by workflows.web.purpose.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from mla.accounts.services_record import purpose_state
from mla.core import clock
from workflows.web.desk import DeskRequest

READING = "reading"
HOLDS_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What was stated. `since` and `until` are UTC."""

    text: str
    since: datetime

    @property
    def until(self) -> datetime:
        return self.since + HOLDS_FOR


def purpose_of(request: DeskRequest) -> Purpose | None:
    """Return the purpose this session stated under the present hat, or None: never, ended, or an hour ago."""
    found = request.session.get(READING)
    if not found or found.get("hat") != request.hat.pk:
        return None
    purpose = Purpose(found["text"], datetime.fromtimestamp(found["since"], UTC))
    return purpose if purpose.since <= clock.now() < purpose.until else None


def require_purpose(request: DeskRequest) -> HttpResponse | None:
    """Return where the purpose is asked, coming back here, or None: it stands."""
    if purpose_of(request) is not None:
        return None
    back = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("web:audit")
    return redirect(f"{reverse('web:audit_purpose')}?{urlencode({'next': back})}")


def state_purpose(request: DeskRequest, text: str) -> None:
    """Record the purpose and let it stand for an hour. Raises as purpose_state."""
    said = purpose_state(by=request.actor, kind="audit", object_id=str(request.actor.authority_id), text=text)
    request.session[READING] = {"text": said, "since": clock.now().timestamp(), "hat": request.hat.pk}


def end_purpose(request: DeskRequest) -> None:
    request.session.pop(READING, None)
