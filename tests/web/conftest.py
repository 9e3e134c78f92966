"""People at the desk: a client that is signed in under one hat."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.cache import cache
from django.test import Client

from mla.accounts.actors import Actor
from mla.accounts.models import Membership, User
from mla.core import clock
from workflows.documents import tasks
from workflows.web.desk import HAT


@pytest.fixture(autouse=True)
def nothing_counted_before() -> None:
    cache.clear()


@pytest.fixture
def at_desk() -> Callable[[Actor], Client]:
    return signed_in


def day(days: int) -> str:
    """Return the day so many days ahead (UTC), as a form takes it."""
    return (clock.now().date() + dt.timedelta(days=days)).isoformat()


def signed_in(actor: Actor, **options: Any) -> Client:
    """Return a client in whose session the person has just signed in, with the second factor, and wears the actor's hat.

    The sign-in itself has tests of its own.
    """
    client = Client(**options)
    user = User.objects.get(pk=actor.user_id)
    session = client.session
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "mla.accounts.backends.DeskBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    now = clock.now().timestamp()
    session["account_authentication_methods"] = [
        {"method": "password", "at": now}, {"method": "mfa", "type": "totp", "at": now},
    ]  # fmt: skip
    session["account_authentication_methods_user"] = str(user.pk)
    session["began"] = session["seen"] = now
    session[HAT] = Membership.objects.get(user=user, authority_id=actor.authority_id, role=actor.role, ends_at=None).pk
    session.save()
    client.cookies["sessionid"] = session.session_key
    return client


@pytest.fixture
def hints(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What workers are told of previews; none is there."""
    told: list[str] = []
    monkeypatch.setattr(tasks.make_preview, "apply_async", lambda args, **_options: told.append(args[0]))
    return told
