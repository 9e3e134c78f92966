"""The other State's clock is an hour ahead of ours, or behind: the order, the deadlines and what is shown do not suffer."""

from __future__ import annotations

import datetime as dt

import pytest

from mla.core import clock
from tests.exchange.conftest import Post
from tests.factories import Line, drain
from tests.invariants import assert_invariants
from tests.lifecycle.acting import fresh
from tests.tracking.lives import MONDAY, sent_case
from workflows.exchange.models import Message
from workflows.lifecycle.models import IncomingRequest, OpenPoint, OutgoingRequest
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.tracking.casefile import case_file
from workflows.tracking.deadlines import DeadlineKind as Kind
from workflows.tracking.due import deadlines_for
from workflows.tracking.picture import carried

HOUR = dt.timedelta(hours=1)
#: Minutes after the sending: each thing happens within the hour by which the clocks lie apart.
SENT = MONDAY + dt.timedelta(days=7)


@pytest.fixture(params=[-HOUR, HOUR], ids=["theirs is behind", "theirs is ahead"])
def skew(request: pytest.FixtureRequest) -> dt.timedelta:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def case(db: None, monkeypatch: pytest.MonkeyPatch) -> tuple[Line, OutgoingRequest, IncomingRequest]:
    return sent_case()


def at(minutes: int, skew: dt.timedelta = dt.timedelta()) -> dt.datetime:
    return SENT + dt.timedelta(minutes=minutes) + skew


def test_course_of_questions_and_answers_within_the_hour_stands_in_its_order_on_both_sides(
    case: tuple[Line, OutgoingRequest, IncomingRequest], skew: dt.timedelta
) -> None:
    line, outgoing, incoming = case
    with clock.frozen(at(5, skew)):
        incoming = inward.incoming_acknowledge(incoming=incoming, by=line.their_registry, contact="Registry")
        incoming = inward.incoming_start_review(incoming=incoming, by=line.their_desk)
        inward.incoming_ask_information(incoming=incoming, by=line.their_desk, question="Which account?")
    with clock.frozen(at(6)):
        drain()
    with clock.frozen(at(10)):
        course.outgoing_give_information(outgoing=fresh(outgoing), by=line.supervisor, answer="The first one.")
    with clock.frozen(at(11, skew)):
        drain()
        incoming = inward.incoming_accept(
            incoming=fresh(incoming), by=line.their_supervisor, executing=line.executing_authority, decided_by="She"
        )
    with clock.frozen(at(12)):
        drain()
    outgoing, incoming = fresh(outgoing), fresh(incoming)
    assert (outgoing.status, incoming.status) == ("in_execution", "in_execution")
    assert not Message.objects.filter(direction="in").exclude(status="applied").exists()
    assert all(point.answered_at for point in OpenPoint.objects.all())
    for reader, kind, one in ((line.registry, "outgoing", outgoing), (line.their_registry, "incoming", incoming)):
        with clock.frozen(at(20)):
            file = case_file(reader, one, mirrored=False)
        order = [entry.act for entry in file.entries if entry.act.startswith(f"{kind}.")]
        told = {
            "outgoing": ["send", "acknowledge", "note_progress", "note_question", "give_information", "note_execution"],
            "incoming": ["receive", "acknowledge", "start_review", "ask_information", "receive_information", "accept"],
        }[kind]
        places = [order.index(f"{kind}.{act}") for act in told if f"{kind}.{act}" in order]
        assert len(places) >= 5 and places == sorted(places)
        # Nothing arrives before it left, and nobody had the ball for less than no time.
        written = {str(sent.message.message_id): sent.message.written_at for sent in file.messages}
        assert all(one.got_at is None or one.got_at >= one.left_at for one in carried(file.entries, written))
        assert file.held and all(stretch.until is None or stretch.until >= stretch.since for stretch in file.held)
        assert file.picture is not None
        # What says to have been written after it came is told as such, with our own time of arrival.
        came = [sent for sent in file.messages if sent.message.direction == "in"]
        assert came and all(sent.arrived is not None for sent in came)
    assert_invariants()


def test_acknowledgement_by_a_clock_that_differs_settles_the_deadline_and_moves_none(
    case: tuple[Line, OutgoingRequest, IncomingRequest], skew: dt.timedelta
) -> None:
    line, outgoing, incoming = case
    before = {(one.kind, one.due) for one in deadlines_for([outgoing])}
    with clock.frozen(at(5, skew)):
        inward.incoming_acknowledge(incoming=incoming, by=line.their_registry, contact="Registry")
    with clock.frozen(at(6)):
        drain()
    after = {(one.kind, one.due) for one in deadlines_for([fresh(outgoing)])}
    assert Kind.ACKNOWLEDGEMENT in {kind for kind, _due in before - after}
    assert after <= before


def test_message_that_says_to_be_of_tomorrow_or_of_last_year_takes_its_place_by_its_number(
    case: tuple[Line, OutgoingRequest, IncomingRequest],
) -> None:
    line, outgoing, _incoming = case
    assert outgoing.addressee is not None
    post = Post(outgoing.addressee, outgoing.central, outgoing.conversation_id)
    with clock.frozen(at(30)):
        said = [
            post.write(
                "acknowledgement", {"reference": "T-1", "contact": ""}, written_at=at(30) + dt.timedelta(days=1)
            ),
            post.write("status", {"status": "under_review"}, written_at=at(30) - dt.timedelta(days=365)),
        ]
        assert [post.deliver(data).status for data in said] == ["applied", "applied"]
        file = case_file(line.registry, fresh(outgoing), mirrored=False)
    came = [sent for sent in file.messages if sent.message.direction == "in"]
    assert [(sent.message.type, sent.clock_ahead) for sent in came] == [("acknowledgement", True), ("status", False)]
    assert all(sent.arrived == at(30) for sent in came)
    assert fresh(outgoing).peer_status == "under_review"
