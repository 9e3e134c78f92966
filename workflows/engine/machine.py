"""Declaring the acts of a machine on top of django_fsm.

django_fsm declares which act leads from which status to which; `act` adds what it leaves open: each
act has a permission, conditions that return reasons, and a label. Only `engine.perform` calls them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.db import models
from django_fsm import Transition, transition

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.core.reasons import Reason

if TYPE_CHECKING:
    from workflows.engine.models import CaseRow


@dataclass(frozen=True, slots=True)
class Doing:
    """The act being done: who, when (UTC), which, with what data.

    `asking` is true when only its possibility is asked: conditions on `data` then stay silent.
    """

    act: str
    by: Actor
    at: datetime
    act_id: UUID
    data: Mapping[str, Any] = field(default_factory=dict)
    asking: bool = False


@dataclass(slots=True)
class Effects:
    """What an act's body wants written beside its own row, all in the same transaction.

    `rows`: new rows, unsaved. `changed`: other rows of the same case, to be saved. `then_before`: acts
    on children, done before this row is saved; `then`: further acts, done after; all under one act id.
    `events`: names for the outbox, with a payload of identifiers. `detail`, `reason_code`, `reason`, `article`: for the audit entry.
    """

    rows: list[models.Model] = field(default_factory=list)
    changed: list[models.Model] = field(default_factory=list)
    then_before: Sequence[tuple[CaseRow, str, Mapping[str, Any]]] = ()
    then: Sequence[tuple[CaseRow, str, Mapping[str, Any]]] = ()
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    detail: dict[str, Any] = field(default_factory=dict)
    reason_code: str = ""
    reason: str = ""
    article: str = ""


Permission = Callable[[Any, Actor], bool]
Check = Callable[[Any, Doing], Sequence[Reason]]
Body = Callable[..., Effects]


class Condition:
    """A check as django_fsm wants it (true or false) that keeps its reasons for `perform`."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self.__name__ = check.__name__

    def reasons(self, case: Any, doing: Doing) -> Sequence[Reason]:
        return self.check(case, doing)

    def __call__(self, case: Any) -> bool:
        # perform has asked for the reasons under the lock and put the act at the row; nobody else may pass.
        return getattr(case, "_doing", None) is not None


def act(
    *,
    label: Any,
    source: Sequence[str],
    target: str | None,
    permission: Permission,
    conditions: Sequence[Check] = (),
) -> Callable[[Body], Body]:
    """Declare the decorated body as an act: from each of `source` to `target` (None: status stays).

    The body gets (doing, **data), sets fields of its own row and returns Effects; it never saves.
    """
    if not source or "*" in source or "+" in source:
        raise ValueError("an act names each status it starts from")

    def declare(body: Body) -> Body:
        declared: Body = transition(
            field="status",
            source=list(source),
            target=target,
            permission=cast(Any, permission),  # the stubs know users only, we pass an Actor
            conditions=[Condition(check) for check in conditions],
            custom={"label": label},
        )(body)
        return declared

    return declare


def permitted(case: CaseRow, actor: Actor, act_name: str) -> bool:
    """Tell whether the actor's role may do the act and the case is of the actor's authority."""
    return holds(actor, f"{case.KIND}.{act_name}") and actor.authority_id == case.authority_id


def acts_of(model: type[CaseRow]) -> dict[str, list[Transition]]:
    """Return every act of a machine with its transitions, one per status it starts from."""
    found: dict[str, list[Transition]] = {}
    status: Any = model._meta.get_field("status")  # type: ignore[misc]
    for declared in status.get_all_transitions(model):
        found.setdefault(declared.name, []).append(declared)
    return found


def transition_from(case: CaseRow, act_name: str) -> Transition | None:
    """Return the transition of `act_name` from the present status, or None."""
    status: str = case.status  # type: ignore[attr-defined]
    return next((t for t in acts_of(type(case)).get(act_name, ()) if t.source == status), None)
