"""Every kind of message reaches a file that is closed: it is answered in words, lost by nobody, and seen on both sides."""

from __future__ import annotations

import datetime as dt
import enum
import types
import typing
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.ids import uuid7
from tests import invariants
from tests.factories import drain
from tests.lifecycle.acting import fresh
from tests.lifecycle.conftest import World
from workflows.exchange.bodies import BODIES
from workflows.exchange.bodies_base import Body
from workflows.exchange.models import Message, Transmission
from workflows.exchange.receiving import _FOR_EITHER, _FOR_INCOMING, _FOR_OUTGOING
from workflows.exchange.writing import Draft, message_write
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.tracking.casefile import case_file
from workflows.tracking.models import Alarm
from workflows.tracking.reconciliation import PATIENCE, reconcile
from workflows.tracking.registry import registry_stuck

pytestmark = pytest.mark.usefixtures("arrived")

#: What a field can hold, whatever its pattern: the first that fits is taken.
LINES = ("other", "essential_interests", "a" * 64, "M1", "CETS-185 27(4)", "2026-01-01", "EUR", "T-1")


def body_of(model: type[Body]) -> dict[str, Any]:
    """Return a body that says no more than its model asks for."""
    said = {name: _value(field.annotation, field) for name, field in model.model_fields.items() if field.is_required()}
    return model.model_validate(said).model_dump(mode="json")


def _value(kind: Any, field: Any) -> Any:
    for candidate in _candidates(kind):
        try:
            TypeAdapter(typing.Annotated[kind, *field.metadata] if field.metadata else kind).validate_python(candidate)
        except ValidationError:
            continue
        return candidate
    raise AssertionError(f"nothing fits {kind}")


def _candidates(kind: Any) -> Iterator[Any]:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        yield from _candidates(inner[0])
    elif origin is typing.Literal:
        yield from inner
    elif origin in (typing.Union, types.UnionType):
        for one in inner:
            yield from _candidates(one)
    elif origin is tuple:
        yield from ((one,) for one in _candidates(inner[0]))
    elif origin is dict:
        yield {}
    elif isinstance(kind, type) and issubclass(kind, Body):
        yield body_of(kind)
    elif isinstance(kind, type) and issubclass(kind, enum.Enum):
        yield from kind
    elif kind is UUID:
        yield uuid7()
    elif kind is bool:
        yield True
    elif kind is str:
        yield from LINES
    elif kind in (int, Decimal):
        yield kind(1)
    elif kind is dt.date:
        yield clock.now().date()
    elif kind in (dt.datetime, AwareDatetime):
        yield clock.now()


class Sides:
    """Both files, one of them closed; what the open one says."""

    def __init__(self, world: World, closed: str) -> None:
        self.world, self.line, line = world, world.line, world.line
        if closed == "outgoing":
            course.outgoing_lapse(
                outgoing=world.outgoing("sent"), by=line.supervisor, reason="two years", originator_confirmed=True
            )
            self.open, self.shut, self.peer = self.inward, self.out, self.inward.sender
        else:
            inward.incoming_refuse(
                incoming=line.under_review(world.incoming("received")), by=line.their_supervisor,
                ground="essential_interests", article="UNTOC 18(21)(b)", reason="it would harm", decided_by="She", consulted=False,
            )  # fmt: skip
            # Nobody had taken it in yet over there when it was closed here.
            inward.incoming_close(incoming=self.inward, by=line.their_registry, reason="refused")
            addressee = self.out.addressee
            assert addressee is not None
            self.open, self.shut, self.peer = self.out, self.inward, addressee
        drain()

    @property
    def out(self) -> OutgoingRequest:
        return self.world.outgoing("sent")

    @property
    def inward(self) -> IncomingRequest:
        return IncomingRequest.objects.get(conversation_id=self.out.conversation_id)


TO_OUTGOING = sorted({*_FOR_OUTGOING, *_FOR_EITHER, "document"})
TO_INCOMING = sorted({*_FOR_INCOMING, *_FOR_EITHER, "document"})
WAYS = [("outgoing", kind) for kind in TO_OUTGOING] + [("incoming", kind) for kind in TO_INCOMING]


def test_table_has_every_kind_of_message_but_the_letter_itself() -> None:
    assert {kind for _closed, kind in WAYS} == set(BODIES) - {"request"}


@pytest.mark.parametrize(("closed", "kind"), WAYS, ids=[f"{kind} to a closed {closed}" for closed, kind in WAYS])
def test_message_to_a_closed_file_is_answered_and_seen_on_both_sides(world: World, closed: str, kind: str) -> None:
    sides = Sides(world, closed)
    before = fresh(sides.shut).status
    assert before == "closed"
    system = Actor.system("test", authority_id=sides.open.authority_id)
    written = message_write(case=sides.open, peer=sides.peer, draft=Draft(kind, body_of(BODIES[kind])), by=system)
    drain()
    came = Message.objects.get(direction="in", message_id=written.message_id)
    way = Transmission.objects.get(message=written)
    # Taken in where the file still takes it, or refused in words; never left lying, and the file stays closed.
    assert (came.status, way.status) in {("applied", "retrieved"), ("refused", "rejected")}
    assert fresh(sides.shut).status == "closed"
    line = sides.line
    ours, theirs = (
        (line.their_registry, line.registry) if closed == "outgoing" else (line.registry, line.their_registry)
    )
    (sent,) = [one for one in case_file(ours, fresh(sides.open)).messages if one.message.pk == written.pk]
    (got,) = [one for one in case_file(theirs, fresh(sides.shut)).messages if one.message.pk == came.pk]
    if came.status == "refused":
        assert len(came.refusal) > 10 and "contradicts" not in came.refusal
        assert sent.failure == got.failure == came.refusal
        assert way in [row.transmission for row in registry_stuck(ours).rows]
        with clock.frozen(clock.now() + 2 * PATIENCE):
            reconcile()
        # Whoever wrote it and still works on the case is told that it was not taken.
        alarm = Alarm.objects.get(object_type="transmission", object_id=way.pk, closed_at=None)
        assert alarm.authority_id == sides.open.authority_id
    else:
        assert sent.failure == got.failure == ""
    # The conversation goes on: the next message has its place.
    following = message_write(case=sides.open, peer=sides.peer, draft=Draft(kind, body_of(BODIES[kind])), by=system)
    drain()
    assert Message.objects.get(direction="in", message_id=following.message_id).status in {"applied", "refused"}
    # All but I3: these messages were written by the test, by no act of the open file.
    checks = invariants.i1_acts_entries_jobs, invariants.i2_jobs_done_or_parked, invariants.i4_logs_equal
    assert [wrong for check in (*checks, invariants.i5_no_status_skipped) for wrong in check()] == []
