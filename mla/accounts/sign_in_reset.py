"""Taking a lost second factor off, for an operator who has checked who is asking."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction

from mla.accounts.models import User
from mla.accounts.sign_in_audit import write
from mla.audit.services import Who
from mla.core import clock
from mla.core.errors import MlaError
from mla.core.text import clean


class IdentityNotChecked(MlaError):
    """Nobody says how the identity of the person was checked."""


def second_factor_reset(*, user: User, operator: str, checked: str) -> int:
    """Take off every second factor and the recovery codes of `user`, end the sessions and the lock; return how many went.

    At the next sign-in the person sets one up anew. `checked` says how the identity was checked and stands in the
    audit. For operators at the machine, by the command of the same name; no page does it.

    Raises:
        IdentityNotChecked: `operator` or `checked` is empty.
    """
    if not operator.strip() or not checked.strip():
        raise IdentityNotChecked("say who does this (--by) and how the identity was checked (--checked)")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        factors = list(Authenticator.objects.filter(user_id=user.pk).order_by("pk"))
        Authenticator.objects.filter(user_id=user.pk).delete()
        ended = sessions_end(user)
        AxesProxyHandler.reset_attempts(username=user.username)
        by = Who(kind="system", id="second_factor_reset", label=clean(operator.strip()))
        detail = {"kinds": [str(one.type) for one in factors], "sessions_ended": ended}
        write("second_factor_reset", on=user, by=by, reason=clean(checked.strip()), detail=detail)
    return len(factors)


def sessions_end(user: User) -> int:
    """End every session of `user`; return how many there were. Reads all sessions: for rare use."""
    mine = [
        session.pk
        for session in Session.objects.filter(expire_date__gt=clock.now()).iterator()
        if session.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]
    return Session.objects.filter(pk__in=mine).delete()[0]
