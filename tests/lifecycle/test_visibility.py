"""Who sees which case, what a refusal leaves behind, and at which price in queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.models import Role, User
from mla.audit.models import AuditEntry
from mla.core.ids import uuid7
from mla.reference.models import Authority
from tests.factories import example_letter, officer
from tests.lifecycle.acting import fresh
from tests.lifecycle.conftest import World
from workflows.drafting.selectors import access_letter_by_id, access_version_by_number, visible_letters
from workflows.drafting.services import letter_name_officer, letter_unname_officer
from workflows.engine.errors import ActForbidden
from workflows.engine.perform import perform, recording_refusals
from workflows.exchange.selectors import (
    access_message_by_id,
    access_transmission_by_id,
    visible_messages,
    visible_transmissions,
)
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.selectors import (
    access_incoming_by_id,
    access_item_by_id,
    access_outgoing_by_id,
    visible_incoming,
    visible_items,
    visible_outgoing,
)
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_chain as chain

pytestmark = pytest.mark.usefixtures("arrived")


@contextmanager
def queries(most: int) -> Iterator[None]:
    with CaptureQueriesContext(connection) as seen:
        yield
    assert len(seen) <= most, "\n".join(query["sql"][:300] for query in seen)


def seen_by(actor: Actor) -> tuple[set[int], set[int], int]:
    return (
        set(visible_outgoing(actor).values_list("pk", flat=True)),
        set(visible_incoming(actor).values_list("pk", flat=True)),
        visible_items(actor).count(),
    )


class TestWhoSees:
    def test_central_authority_sees_a_letter_from_its_lodging_on(self, world: World) -> None:
        line, case = world.line, world.outgoing("drafted")
        assert not visible_outgoing(line.desk).filter(pk=case.pk).exists()
        assert visible_outgoing(line.prosecutor).filter(pk=case.pk).exists()
        chain.outgoing_lodge(outgoing=case, by=line.prosecutor)
        for actor in (line.desk, line.supervisor, line.registry, line.prosecutor):
            assert visible_outgoing(actor).filter(pk=case.pk).count() == 1

    def test_other_side_sees_what_was_sent_and_nothing_of_the_draft(self, world: World) -> None:
        line, sent = world.line, world.outgoing("sent")
        incoming = world.incoming("received")
        for actor in (line.their_registry, line.their_desk, line.their_supervisor, Actor.peer(incoming.authority)):
            assert not visible_outgoing(actor).exists()
            assert not visible_letters(actor).exists()
            assert not visible_items(actor).filter(outgoing=sent).exists()
            for access, public_id in (
                (access_outgoing_by_id, sent.public_id),
                (access_letter_by_id, sent.letter.public_id),
                (access_item_by_id, sent.items.all()[0].public_id),
            ):
                with pytest.raises(AccessDenied):
                    access(actor, public_id)
            with pytest.raises(AccessDenied):
                access_version_by_number(actor, sent.letter, 1)
        assert access_incoming_by_id(line.their_registry, incoming.public_id) == incoming
        # And the sender sees nothing of the receiver's file.
        assert not visible_incoming(line.registry).exists()
        with pytest.raises(AccessDenied):
            access_incoming_by_id(line.registry, incoming.public_id)

    def test_nothing_of_the_draft_is_in_the_receivers_rows(self, world: World) -> None:
        from tests.invariants import i8_no_draft_text

        line, sent = world.line, world.outgoing("sent")
        word = "only in the draft: wiretap of the informant"
        case = chain.outgoing_return_for_changes(
            outgoing=world.outgoing("in_review"), by=line.supervisor, comments=[("title", word)]
        )
        chain.outgoing_query_originator(outgoing=case, by=line.desk, question=word)
        receiver = sent.addressee_id
        assert receiver is not None
        assert not i8_no_draft_text(secrets=[word], peers=[receiver])
        assert i8_no_draft_text(secrets=[word], peers=[case.central_id])
        assert i8_no_draft_text(secrets=[sent.letter.title], peers=[receiver])

    def test_executing_authority_sees_what_was_given_to_it(self, world: World) -> None:
        line = world.line
        assert seen_by(line.executing) == (set(), set(), 0)
        case = world.incoming("in_execution")
        assert seen_by(line.executing) == (set(), {case.pk}, case.items.count())

    @pytest.mark.parametrize("role", [Role.FOREIGN_OFFICER, Role.LOCAL_ADMINISTRATOR])
    def test_who_works_for_another_state_or_administers_sees_no_case(self, world: World, role: Role) -> None:
        requesting, requested = world.line.letter.requesting.authority, world.line.letter.requested.authority
        for code in (requesting or "", requested or ""):
            assert seen_by(officer(role, code)) == (set(), set(), 0)
        assert seen_by(Actor.peer(Authority.objects.get(code=requesting))) == (set(), set(), 0)

    def test_log_is_read_by_its_own_authority_alone(self, world: World) -> None:
        line, sent = world.line, world.outgoing("sent")
        ours = visible_messages(line.registry).get(conversation_id=sent.conversation_id)
        theirs = visible_messages(line.their_registry).get(conversation_id=sent.conversation_id)
        assert (ours.direction, theirs.direction) == ("out", "in")
        assert access_message_by_id(line.registry, ours.public_id) == ours
        transmission = visible_transmissions(line.registry).get(message=ours)
        assert access_transmission_by_id(line.registry, transmission.public_id) == transmission
        assert not visible_transmissions(line.their_registry).filter(message=ours).exists()
        for message, actor in ((ours, line.their_registry), (theirs, line.registry)):
            with pytest.raises(AccessDenied):
                access_message_by_id(actor, message.public_id)


class TestRestricted:
    def test_restricted_request_out_exists_for_the_named_alone(self, world: World) -> None:
        line = world.line
        case = chain.outgoing_create(content=line.letter, by=line.prosecutor, confidentiality="restricted")
        colleague = officer(Role.ORIGINATOR_DRAFTER, line.letter.requesting.originating or "", 2)
        counts = seen_by(colleague)
        assert case.pk in seen_by(line.prosecutor)[0]
        assert case.pk not in counts[0]
        with pytest.raises(AccessDenied) as hidden:
            access_outgoing_by_id(colleague, case.public_id)
        with pytest.raises(AccessDenied) as absent:
            access_outgoing_by_id(colleague, other := uuid7())
        assert str(hidden.value).replace(str(case.public_id), "") == str(absent.value).replace(str(other), "")
        person = User.objects.get(pk=colleague.user_id)
        letter_name_officer(letter=case.letter, by=line.prosecutor, user=person)
        assert access_outgoing_by_id(colleague, case.public_id) == case
        letter_unname_officer(letter=fresh(case).letter, by=line.prosecutor, user=person)
        assert seen_by(colleague) == counts
        assert case.pk in seen_by(Actor.system("reminders", authority_id=case.authority_id))[0]

    def test_restricted_request_in_waits_for_a_supervisor_to_name_who_works_on_it(self, world: World) -> None:
        line, received = world.line, world.incoming("received")
        content = received.content | {"confidentiality": {"level": "restricted"}}
        from workflows.lifecycle.services.incoming import Received

        case = inward.incoming_receive(
            received=Received(uuid7(), received.sender, "Z", content, "0" * 64, "0" * 64, "paper"),
            by=line.their_registry,
        )
        everybody = (line.their_registry, line.their_desk, line.their_supervisor, line.executing)
        assert [actor.role for actor in everybody if case.pk in seen_by(actor)[1]] == [Role.SUPERVISOR]
        desk = User.objects.get(pk=line.their_desk.user_id)
        with pytest.raises(ActForbidden):
            inward.incoming_name_officer(incoming=case, by=line.their_desk, user=desk)
        case = inward.incoming_name_officer(incoming=case, by=line.their_supervisor, user=desk)
        inward.incoming_name_officer(incoming=case, by=line.their_supervisor, user=desk)
        assert [actor.role for actor in everybody if case.pk in seen_by(actor)[1]] == [Role.DESK_OFFICER]
        assert visible_items(line.their_registry).filter(incoming=case).count() == 0
        assert visible_items(line.their_desk).filter(incoming=case).count() == len(content["items"])


class TestRefusals:
    def test_refused_access_and_act_are_recorded_after_the_rollback(self, world: World) -> None:
        line, case = world.line, world.outgoing("sent")
        with pytest.raises(AccessDenied), recording_refusals():
            access_outgoing_by_id(line.their_desk, case.public_id)
        with pytest.raises(ActForbidden), recording_refusals():
            perform(case, "close", by=line.their_supervisor)
        with pytest.raises(AccessDenied), recording_refusals():
            access_version_by_number(line.their_desk, case.letter, 1)
        found = AuditEntry.objects.filter(outcome="refused").order_by("id")
        assert [
            (entry.act, entry.authority_id, entry.object_id, entry.actor_id, entry.reason_code) for entry in found
        ] == [
            ("access", line.their_desk.authority_id, str(case.public_id), line.their_desk.id, "access_denied"),
            ("outgoing.close", case.authority_id, str(case.public_id), line.their_supervisor.id, "forbidden"),
            ("access", line.their_desk.authority_id, "1", line.their_desk.id, "access_denied"),
        ]
        assert not set(found.values_list("object_version", flat=True)) - {None, case.version}

    def test_what_was_asked_for_enters_the_record_only_as_an_identifier(self, world: World) -> None:
        with pytest.raises(AccessDenied), recording_refusals():
            raise AccessDenied("letter", "cafe\u0301 <script>", world.line.desk)
        assert AuditEntry.objects.get(outcome="refused").object_id == ""


# --- the price ---

Look = Callable[[Actor], Any]

LOOKS: list[tuple[str, Look]] = [
    ("outgoing", lambda actor: list(visible_outgoing(actor)[:50])),
    ("incoming", lambda actor: list(visible_incoming(actor)[:50])),
    ("items", lambda actor: list(visible_items(actor)[:50])),
    ("messages", lambda actor: list(visible_messages(actor).defer("envelope")[:50])),
    ("transmissions", lambda actor: list(visible_transmissions(actor)[:50])),
    ("count", lambda actor: visible_outgoing(actor).count()),
]


@pytest.mark.parametrize(("name", "look"), LOOKS, ids=[name for name, _look in LOOKS])
def test_list_costs_one_query_however_many_cases(world: World, name: str, look: Look) -> None:
    for _more in range(2):
        chain.outgoing_create(content=example_letter(5), by=world.line.prosecutor)
    for actor in (world.line.registry, world.line.prosecutor, world.line.their_desk):
        with queries(1):
            look(actor)


def test_one_object_costs_one_query(world: World) -> None:
    line = world.line
    sent, incoming = world.outgoing("sent"), world.incoming("received")
    message = visible_messages(line.registry).filter(conversation_id=sent.conversation_id)[0]
    for access, actor, row in (
        (access_outgoing_by_id, line.registry, sent),
        (access_incoming_by_id, line.their_desk, incoming),
        (access_item_by_id, line.registry, sent.items.all()[0]),
        (access_message_by_id, line.registry, message),
        (access_transmission_by_id, line.registry, message.transmission),
    ):
        with queries(1):
            assert access(actor, row.public_id) == row


def test_case_of_several_shares_is_found_once(world: World) -> None:
    line = world.line
    case = world.outgoing("taken_in")
    for _again in range(2):
        chain.outgoing_return_to_originator(outgoing=case, by=line.desk, reason="no facts")
        chain.outgoing_lodge(outgoing=case, by=line.prosecutor)
        chain.outgoing_take_in(outgoing=case, by=line.desk)
    assert visible_outgoing(line.desk).filter(pk=case.pk).count() == 1
    assert isinstance(access_outgoing_by_id(line.desk, case.public_id), OutgoingRequest)
    assert not IncomingRequest.objects.filter(conversation_id=case.conversation_id).exists()
