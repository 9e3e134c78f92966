"""One test an act: refused to the wrong role, refused while a condition is missing, done and recorded otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from mla.accounts.actors import Actor
from mla.audit.models import AuditEntry
from tests.factories import Line, officer
from workflows.engine.errors import ActForbidden, ActRefused, ConditionsNotMet
from workflows.engine.models import CaseRow, OutboxJob
from workflows.engine.outbox import registered_events
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest

#: Does the act on the case, as the actor; a Mapping changes the data it is done with.
Do = Callable[[Any, Actor, Mapping[str, Any]], CaseRow]


@dataclass(frozen=True)
class Act:
    """One act: from which state of the world it is tried, by whom, and what it leaves.

    `wrong`: a role at the same authority that may not. `unmet`: data under which a condition is missing,
    each with the code of its reason. `events`: whose handlers get a job.
    """

    name: str
    at: str
    by: str
    wrong: str
    do: Do
    to: str
    unmet: tuple[tuple[Mapping[str, Any], str], ...] = ()
    events: tuple[str, ...] = ()
    after: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name}-{self.by}"


def nothing_changed(case: CaseRow, before: tuple[int, int, int, str]) -> bool:
    return state_of(case) == before


def state_of(case: CaseRow) -> tuple[int, int, int, str]:
    row = type(case)._default_manager.get(pk=case.pk)
    entries = AuditEntry.objects.filter(outcome="done").count()
    return entries, OutboxJob.objects.count(), row.version, row.status  # type: ignore[attr-defined]


def try_act(act: Act, case: CaseRow, line: Line) -> CaseRow:
    """Try the act as wrong actors and with missing data, then do it and check what it wrote."""
    by: Actor = getattr(line, act.by)
    before = state_of(case)
    authority = officer_authority(line, by)
    with pytest.raises(ActForbidden) as forbidden:
        act.do(case, officer(act.wrong, authority), {})
    # The letter or an item of the same act may be asked first.
    assert forbidden.value.act in {act.name, "freeze", "hand_back", "refuse", "withdraw", "postpone", "resume"}
    assert nothing_changed(case, before)
    for data, code in act.unmet:
        with pytest.raises(ConditionsNotMet) as unmet:
            act.do(case, by, data)
        assert code in [reason.code for reason in unmet.value.reasons]
        assert all(reason.message for reason in unmet.value.reasons)
        assert nothing_changed(case, before)
    done = act.do(case, by, {})
    assert_done(act.name, case, done, by=by, to=act.to, events=act.events)
    for name, value in act.after.items():
        assert getattr(done, name) == value, name
    return done


def assert_done(
    name: str, before: CaseRow, done: CaseRow, *, by: Actor, to: str, events: tuple[str, ...] = ()
) -> AuditEntry:
    row = type(done)._default_manager.get(pk=done.pk)
    entry = AuditEntry.objects.get(
        object_type=row.KIND, object_id=str(row.public_id), act=f"{row.KIND}.{name}", object_version=row.version
    )
    assert (row.status, done.status) == (to, to)  # type: ignore[attr-defined]
    assert row.version == before.version + 1
    assert (entry.outcome, entry.from_status, entry.to_status) == ("done", before.status, to)  # type: ignore[attr-defined]
    assert (entry.actor_kind, entry.actor_id, entry.actor_role) == (by.kind, by.id, by.role)
    jobs = OutboxJob.objects.filter(act_id=entry.act_id, object_type=row.KIND, object_id=row.pk)
    assert sorted(jobs.values_list("event", "handler")) == sorted(
        (event, handler) for event in events for handler in registered_events().get(event, [])
    )
    return entry


def officer_authority(line: Line, by: Actor) -> str:
    from mla.reference.models import Authority

    return Authority.objects.values_list("code", flat=True).get(pk=by.authority_id)


def codes_of(refused: Any) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def fresh(case: Any) -> Any:
    return type(case).objects.get(pk=case.pk)


def other_side(case: OutgoingRequest) -> IncomingRequest:
    return IncomingRequest.objects.get(conversation_id=case.conversation_id)


__all__ = [
    "Act",
    "ActRefused",
    "assert_done",
    "codes_of",
    "fresh",
    "nothing_changed",
    "other_side",
    "state_of",
    "try_act",
]
