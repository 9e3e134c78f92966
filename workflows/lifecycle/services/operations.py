"""Operations: parallel requests of one authority, seen together. Its cases are linked by it, never merged."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.accounts.models import User
from mla.core import clock
from mla.core.reasons import Reason
from mla.core.text import plain
from workflows.engine.acts import one_act
from workflows.engine.errors import DataWrong
from workflows.engine.machine import Effects
from workflows.engine.perform import create, perform
from workflows.lifecycle.models import IncomingRequest, Operation, OperationOfficer, OutgoingRequest
from workflows.lifecycle.selectors import visible_incoming, visible_outgoing

Case = OutgoingRequest | IncomingRequest


def operation_open(*, by: Actor, name: str, description: str = "", restricted: bool = False) -> Operation:
    """Open an operation of the actor's authority. Restricted: who opens it is the first named person.

    Raises:
        ActForbidden: the role may not.
        DataWrong: no name, or the authority has an operation of this name.
    """
    name = " ".join(plain(name).split())
    if not name:
        raise DataWrong("open", [Reason("name_missing", _("an operation has a name"), field="name")])
    operation = Operation(
        authority_id=by.authority_id or 0, name=name, description=description, restricted=restricted, opened_by=by.label
    )
    named = User.objects.filter(pk=by.user_id or 0) if restricted else User.objects.none()
    rows: list[Any] = [OperationOfficer(operation=operation, user=user, at=clock.now()) for user in named]
    try:
        with transaction.atomic(), one_act():
            return create(operation, act="open", by=by, effects=Effects(rows=rows, detail={"restricted": restricted}))
    except IntegrityError as error:
        # Whether a restricted one has it is not told apart: a name is taken.
        message = _("the authority has an operation of this name already")
        raise DataWrong("open", [Reason("name_taken", message, field="name")]) from error


def operation_add(*, operation: Operation, case: Case, by: Actor) -> Operation:
    """Put a case that the actor may see into the operation.

    Raises:
        ConditionsNotMet: it belongs to it already, or is no case of the authority.
    """
    return perform(operation, "add", by=by, member=_seen(case, by))


def operation_remove(*, operation: Operation, case: Case, by: Actor, reason: str) -> Operation:
    """Take a case out of the operation again; that it belonged to it stays on record.

    Raises:
        ConditionsNotMet: it does not belong to it, or no reason.
    """
    return perform(operation, "remove", by=by, member=_seen(case, by), reason=reason)


def operation_name_officer(*, operation: Operation, user: User, by: Actor) -> Operation:
    """Let one more person of the authority see a restricted operation; its cases have named persons of their own.

    Raises:
        ConditionsNotMet: it is not restricted, or the person does not work in the authority.
    """
    return perform(operation, "name_officer", by=by, user=user)


def operation_close(*, operation: Operation, by: Actor, reason: str) -> Operation:
    """Close the operation; its cases go on."""
    return perform(operation, "close", by=by, reason=reason)


def _seen(case: Case, by: Actor) -> Case | None:
    visible: Any = visible_outgoing(by) if case.KIND == "outgoing" else visible_incoming(by)
    return case if visible.filter(pk=case.pk).exists() else None
