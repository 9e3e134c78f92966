"""What happens at the door goes into the audit: who came in, went out, was refused, and changed a key.

A person's entries stand in the chain of every authority where the person holds a hat now; those of a person without
one, and of a name that names nobody, in chain 0, the installation's. What was typed as a name is never written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.signals import authentication_step_completed, password_changed, password_reset
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.http import HttpRequest

from mla.accounts.models import Membership, User
from mla.audit.models import AuditEntry
from mla.audit.services import Entry, What, Who, Why, record
from mla.core import clock
from mla.core.ids import uuid7
from mla.core.text import plain

#: Who acts where the person is not known, or not known to be the person whose name was typed.
DOOR = Who(kind="system", id="sign_in", label="sign-in")


def person(user: User) -> Who:
    return Who(kind="user", id=str(user.public_id), label=plain(str(user)))


def write(
    act: str,
    *,
    on: User | None,
    by: Who,
    refused: str = "",
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Record what happened to a person's access, in the chain of each authority that is concerned.

    `refused`: a code of why, where it was. Called here and by the commands of operators.
    """
    chains = [0]
    if on is not None:
        held = Membership.objects.valid(clock.now()).filter(user=on)
        chains = sorted(set(held.values_list("authority_id", flat=True))) or [0]
    act_id = uuid7()
    # Always in the order of the ids: two of these never wait for each other.
    with transaction.atomic():
        for authority_id in chains:
            record(
                Entry(
                    authority_id=authority_id,
                    act=act,
                    by=by,
                    on=What("user", str(on.public_id) if on is not None else ""),
                    why=Why(code=refused, text=reason),
                    act_id=act_id,
                    outcome=AuditEntry.Outcome.REFUSED if refused else AuditEntry.Outcome.DONE,
                    detail=dict(detail or {}),
                )
            )


def session_ended(user: User, why: str) -> None:
    """Record that a session reached a limit: `idle` or `longest`. Called by workflows.web.session_limits."""
    write("session_end", on=user, by=DOOR, detail={"limit": why})


# --- what Django, allauth and axes tell ---


def _signed_in(sender: Any, request: HttpRequest | None = None, user: Any = None, **kwargs: Any) -> None:
    records = get_authentication_records(request, user) if request is not None else []
    methods = [f"{one['method']}:{one['type']}" if one.get("type") else one["method"] for one in records]
    write("sign_in", on=user, by=person(user), detail={"methods": methods})


def _signed_out(sender: Any, user: Any = None, **kwargs: Any) -> None:
    if user is not None:
        write("sign_out", on=user, by=person(user))


def _refused(sender: Any, credentials: Mapping[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    known = User.objects.filter(username=credentials.get("username")).first()
    if getattr(request, "axes_locked_out", False) and getattr(request, "axes_failures_since_start", None) is None:
        why = "locked"
    else:
        why = "wrong_code" if credentials.get("second_factor") else "wrong_password"
    again = request is not None and hasattr(request, "user") and request.user.is_authenticated
    write("reauthenticate" if again else "sign_in", on=known, by=DOOR, refused=why)


def _locked(sender: Any, request: HttpRequest, username: str | None = None, **kwargs: Any) -> None:
    # While the lock holds, axes tells of it at each attempt; those are recorded as refused.
    if getattr(request, "axes_failures_since_start", None) is not None:
        known = User.objects.filter(username=username).first()
        write("sign_in_lock", on=known, by=DOOR, detail={"failures": request.axes_failures_since_start})  # type: ignore[attr-defined]


def _wrong_code(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """A wrong code counts as a wrong password does: one lock for both, in the database."""
    user_login_failed.send(
        sender=__name__, credentials={"username": user.get_username(), "second_factor": True}, request=request
    )


def _step(sender: Any, user: Any, method: str, **kwargs: Any) -> None:
    if kwargs.get("reauthenticated"):
        kind = f"{method}:{kwargs['type']}" if kwargs.get("type") else method
        write("reauthenticate", on=user, by=person(user), detail={"methods": [kind]})


def _factor(act: str) -> Any:
    def told(sender: Any, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
        write(act, on=user, by=person(user), detail={"kind": str(authenticator.type)})

    return told


def _password(act: str) -> Any:
    def told(sender: Any, user: Any, **kwargs: Any) -> None:
        write(act, on=user, by=person(user))

    return told


def connect() -> None:
    """Listen; called once, when the applications are ready."""
    listeners = (
        (user_logged_in, _signed_in),
        (user_logged_out, _signed_out),
        (user_login_failed, _refused),
        (user_locked_out, _locked),
        (authentication_failed, _wrong_code),
        (authentication_step_completed, _step),
        (authenticator_added, _factor("second_factor_add")),
        (authenticator_removed, _factor("second_factor_remove")),
        (authenticator_reset, _factor("recovery_codes_renew")),
        (password_changed, _password("password_change")),
        (password_reset, _password("password_reset")),
    )
    for number, (signal, listener) in enumerate(listeners):
        signal.connect(listener, weak=False, dispatch_uid=f"sign-in audit {number}")
