"""What somebody typed while the session ran out: kept until the next sign-in in the same browser, then offered.

It waits in the new session on the server, never in the browser, and is given back once, to the person who typed it
alone. Where nothing says who that was, nothing is kept.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from mla.core.ids import uuid7
from workflows.web.session_limits import KEPT, left_by

#: Characters; more than a letter's largest text. Files are not kept: they are on the person's disk.
LARGEST = 400_000
_NEVER = {"csrfmiddlewaretoken", "password"}


def keep_posted(request: HttpRequest) -> str:
    """Keep the posted fields in the session and return the address of the page that offers them again."""
    whose = request.user.pk if request.user.is_authenticated else left_by(request)
    fields = {name: request.POST.getlist(name) for name in request.POST if name not in _NEVER}
    if whose is None or sum(len(value) for values in fields.values() for value in values) > LARGEST:
        return request.get_full_path()
    key = str(uuid7())
    request.session[KEPT] = {
        "key": key,
        "path": request.get_full_path(),
        "fields": fields,
        "user": whose,
    }
    return reverse("web:kept", args=[key])


def kept(request: HttpRequest, key: str) -> dict[str, Any] | None:
    """Return what was kept under `key` for this person, or None."""
    found = request.session.get(KEPT)
    if not isinstance(found, dict) or found.get("key") != key:
        return None
    if found.get("user") != request.user.pk:
        return None
    return found


def forget(request: HttpRequest) -> None:
    request.session.pop(KEPT, None)
