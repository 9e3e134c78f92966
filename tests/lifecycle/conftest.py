"""Cases of one module, made once and rolled back with it; each test works behind a savepoint of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.engine.racing import committed
from tests.factories import Line, drain, example_letter
from workflows.engine import outbox
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.models.returned import ToldDefect
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course


@pytest.fixture(scope="module")
def one_transaction(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Open one transaction for the module. Findings and rendering have tests of their own: here they cost nothing."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setattr("workflows.drafting.selectors.version_findings", lambda version: [])
        patch.setitem(outbox._handlers, "outgoing.approved", {})
        yield
        transaction.set_rollback(True)


@pytest.fixture
def savepoint(one_transaction: None) -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class World:
    """A case in each state, led there by its acts. `line` has the people."""

    def __init__(self) -> None:
        self.line = Line(letter=example_letter(5))
        self._made: dict[str, OutgoingRequest] = {}

    def made(self, state: str) -> OutgoingRequest:
        """Return a case of the module that stands at `state`; made on the first call, in the module's transaction."""
        if state not in self._made:
            self._made[state] = getattr(self.line, state)()
        return OutgoingRequest.objects.get(pk=self._made[state].pk)

    def outgoing(self, state: str) -> OutgoingRequest:
        line = self.line
        match state:
            case "drafted" | "in_review" | "ready" | "sent":
                return self.made(state)
            case "lodged":
                return chain.outgoing_lodge(outgoing=self.made("drafted"), by=line.prosecutor)
            case "taken_in":
                return chain.outgoing_take_in(outgoing=self.outgoing("lodged"), by=line.desk)
            case "queried":
                return chain.outgoing_query_originator(
                    outgoing=self.outgoing("taken_in"), by=line.desk, question="When?"
                )
            case "asked":
                peer = self.peer(self.made("sent"))
                return course.outgoing_note_question(outgoing=self.made("sent"), by=peer, question="Which port?")
            case "withdrawn":
                return course.outgoing_withdraw(outgoing=self.made("sent"), by=line.supervisor, reason="not needed")
            case "acknowledged":
                return course.outgoing_acknowledge(
                    outgoing=self.made("sent"), by=self.peer(self.made("sent")), peer_reference="T-1"
                )
            case "concluded":
                return self._concluded()
            case "returned":
                return course.outgoing_note_return(
                    outgoing=self.made("sent"),
                    by=self.peer(self.made("sent")),
                    outcome="returned",
                    reason="no dates",
                    code="unregistered",
                    defects=[
                        ToldDefect("From when to when?", "offences[0]", "Art. 27"),
                        ToldDefect("No copy of the law"),
                    ],
                )
            case "redirected":
                return course.outgoing_note_return(
                    outgoing=self.made("sent"),
                    by=self.peer(self.made("sent")),
                    outcome="redirected",
                    reason="the court at Tirana",
                    competent=line.executing_authority,
                )
            case "closed":
                refused = course.outgoing_note_refusal(
                    outgoing=self.made("sent"), by=self.peer(self.made("sent")), ground="essential_interests"
                )
                return course.outgoing_close(outgoing=refused, by=line.supervisor, reason="told by telephone")
            case "handed_over":
                return course.outgoing_hand_over_result(outgoing=self.outgoing("concluded"), by=line.registry)
        raise LookupError(state)

    def _concluded(self) -> OutgoingRequest:
        from mla.core.files import file_store
        from workflows.lifecycle.services.outgoing_course import EvidenceFile, ItemReport

        sent = self.made("sent")
        kept = file_store(b"records\n")
        return course.outgoing_note_result(
            outgoing=sent,
            by=self.peer(sent),
            outcome="executed",
            reports=[ItemReport(item.key, "executed") for item in sent.items.all()],
            files=[EvidenceFile("records.csv", "text/csv", kept.size, kept.sha256, item="M1")],
        )

    def incoming(self, state: str) -> IncomingRequest:
        line = self.line
        match state:
            case "received":
                return self.received()
            case "acknowledged":
                return inward.incoming_acknowledge(incoming=self.received(), by=line.their_registry, contact="Registry")
            case "under_review":
                return inward.incoming_start_review(incoming=self.incoming("acknowledged"), by=line.their_desk)
            case "asked":
                return inward.incoming_ask_information(
                    incoming=self.incoming("under_review"), by=line.their_desk, question="Which port?"
                )
            case "in_execution":
                return inward.incoming_accept(
                    incoming=self.incoming("under_review"),
                    by=line.their_supervisor,
                    executing=line.executing_authority,
                    decided_by="the supervisor",
                )
            case "executed":
                return line.executed(self.incoming("in_execution"))
            case "concluded":
                executed = self.incoming("executed")
                return inward.incoming_transmit_result(incoming=executed, by=line.their_registry)
            case "unwanted_late":
                return inward.incoming_note_withdrawal(incoming=self.incoming("in_execution"), by=line.their_registry)
            case "unwanted":
                return inward.incoming_note_withdrawal(incoming=self.received(), by=line.their_registry)
        raise LookupError(state)

    def received(self) -> IncomingRequest:
        sent = self.made("sent")
        return IncomingRequest.objects.get(conversation_id=sent.conversation_id)

    @staticmethod
    def peer(outgoing: OutgoingRequest) -> Any:
        from mla.accounts.actors import Actor

        assert outgoing.addressee is not None
        return Actor.peer(outgoing.addressee)


@pytest.fixture(scope="module")
def module_world(one_transaction: None) -> World:
    world = World()
    # The line keeps its people: they must outlive a test's savepoint.
    for person in "prosecutor desk supervisor registry their_registry their_desk their_supervisor executing".split():
        getattr(world.line, person)
    for state in ("drafted", "in_review", "ready", "sent"):
        world.made(state)
    return world


@pytest.fixture
def world(module_world: World, savepoint: None) -> World:
    return module_world


@pytest.fixture(scope="module")
def arrived(module_world: World) -> None:
    """The sent case of the module has arrived at the other side, for modules that look at that side."""
    drain()


__all__ = ["committed"]
