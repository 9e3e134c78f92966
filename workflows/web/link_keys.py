"""Who came in by which link, in one signed cookie of the browser: no account, no session of the desk."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.core import signing
from django.http import HttpRequest, HttpResponse

NAME = "mla_link"
_SALT = "mla.officer-link.in"
_PATH = "/link/"
#: For so long an officer stays in; then the code is asked again.
STAYS = dt.timedelta(hours=8)
#: Cases of one officer that are open in one browser at the same time.
_MOST = 8


def officer_in(request: HttpRequest, link: UUID) -> str:
    """Return name and office of who came in by the link from this browser; empty: nobody, or too long ago."""
    return _all(request).get(link.hex, "")


def let_in(request: HttpRequest, answer: HttpResponse, link: UUID, officer: str) -> None:
    """Remember who came in."""
    found = _all(request)
    found.pop(link.hex, None)
    _keep(request, answer, dict([*found.items(), (link.hex, officer)][-_MOST:]))


def let_out(request: HttpRequest, answer: HttpResponse, link: UUID) -> None:
    """Forget who came in by the link."""
    found = _all(request)
    found.pop(link.hex, None)
    _keep(request, answer, found)


def _all(request: HttpRequest) -> dict[str, str]:
    try:
        found: dict[str, str] = signing.loads(request.COOKIES.get(NAME, ""), salt=_SALT, max_age=STAYS)
    except signing.BadSignature:
        return {}
    return found


def _keep(request: HttpRequest, answer: HttpResponse, officers: dict[str, str]) -> None:
    value = signing.dumps(officers, salt=_SALT, compress=True)
    answer.set_cookie(NAME, value, max_age=STAYS, path=_PATH, httponly=True, samesite="Lax", secure=request.is_secure())
