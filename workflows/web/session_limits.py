"""A session ends after a while of nothing (SESSION_IDLE_MINUTES) and after ten hours in any case.

Who left stays written in the new session of that browser, so that what was typed is given back to that person alone.
Where the session itself is gone (its row was cleared away, a password was changed elsewhere), a signed cookie of the
same life says whose it was; it opens nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponseBase

from mla.accounts.models import User
from mla.accounts.sign_in_audit import session_ended
from mla.core import clock

#: Seconds since the epoch: when the person signed in, and when a request was last written down.
BEGAN, SEEN = "began", "seen"
LEFT_BY = "left_by"
#: Under it workflows.web.kept keeps what was typed.
KEPT = "kept"
#: A request is written down at most this often, so that reading a page seldom writes.
SEEN_EVERY = 60


class SessionLimitsMiddleware:
    """Stands right after the one that knows the user, before anything is done for them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        session, now = request.session, clock.now().timestamp()
        # A session of nobody is not read for this: static pages ask for no query.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            began, seen = session.get(BEGAN, now), session.get(SEEN, now)
            if now - began > settings.SESSION_LONGEST_SECONDS:
                end(request, "longest")
            elif now - seen > settings.SESSION_IDLE_SECONDS:
                end(request, "idle")
            elif now - seen > SEEN_EVERY or BEGAN not in session or SEEN not in session:
                session[BEGAN], session[SEEN] = began, now
        response = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            whose = _signer().sign(str(request.user.pk))
            if request.COOKIES.get(settings.WHOSE_COOKIE_NAME) != whose:
                _write(response, whose)
        return response


def left_by(request: HttpRequest) -> int | None:
    """Return the key of the person whose session ended in this browser, or None where nothing says."""
    known = request.session.get(LEFT_BY)
    if known is not None:
        return int(known)
    try:
        return int(_signer().unsign(request.COOKIES.get(settings.WHOSE_COOKIE_NAME, "")))
    except BadSignature:
        return None


def _signer() -> Signer:
    return Signer(salt="whose session it was")


def _write(response: HttpResponseBase, whose: str) -> None:
    response.set_cookie(
        settings.WHOSE_COOKIE_NAME,
        whose,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite=settings.SESSION_COOKIE_SAMESITE,
    )


def end(request: HttpRequest, why: str) -> None:
    """End the session of the signed-in person; a new one, of nobody, remembers whose it was."""
    left = cast(User, request.user)
    session_ended(left, why)
    request.session.flush()
    request.user = AnonymousUser()
    request.session[LEFT_BY] = left.pk


def _begin(sender: Any, request: HttpRequest | None = None, user: Any = None, **kwargs: Any) -> None:
    if request is None:
        return
    now = clock.now().timestamp()
    request.session[BEGAN], request.session[SEEN] = now, now
    request.session.pop(LEFT_BY, None)
    kept = request.session.get(KEPT)
    if isinstance(kept, dict) and kept.get("user") != user.pk:
        request.session.pop(KEPT)


def connect() -> None:
    user_logged_in.connect(_begin, dispatch_uid="session begins")
