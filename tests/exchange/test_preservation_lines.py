"""A preservation on both sides: kept, extended, held and released by messages alone, twice, late and in disorder."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mla.core import clock
from mla.core.ids import uuid7
from tests.exchange.conftest import Post
from tests.exchange.test_lines import Case, types
from tests.factories import Line, drain, example_letter
from tests.invariants import assert_invariants
from tests.lifecycle.conftest import World
from workflows.drafting.letterfile import letter_from
from workflows.exchange.models import Transmission
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest, PreservationIn, PreservationOut
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services import preservation as keep
from workflows.lifecycle.services.preservation import Kept, OtherProvider

REFERENCE = "AL-247-2026-0117"


def in_days(days: int) -> dt.date:
    return clock.now().date() + dt.timedelta(days=days)


@pytest.fixture(scope="module")
def module_world(one_transaction: None) -> World:
    world = World()
    world.line = Line(letter=example_letter(4))
    for person in "prosecutor desk supervisor registry their_registry their_desk their_supervisor executing".split():
        getattr(world.line, person)
    world.made("sent")
    return world


@pytest.fixture
def case(world: World, arrived: None) -> Case:
    return Case(world)


def ours(case: Case) -> PreservationOut:
    return PreservationOut.objects.get(item__outgoing=case.ours)


def theirs(case: Case) -> PreservationIn:
    return PreservationIn.objects.get(item__incoming=case.theirs)


def kept(case: Case, **more: Any) -> None:
    said = {"preserved_from": in_days(0), "until": in_days(90), "reference": REFERENCE, "rule": "CETS-185 29(7)"}
    keep.preservation_in_preserve(preservation=theirs(case), by=case.line.their_supervisor, kept=Kept(**(said | more)))
    drain()


def days(row: Any) -> list[tuple[dt.date, dt.date, str]]:
    return [(one.preserved_from, one.until, one.peer_reference) for one in row.kept_rows]


def test_data_are_served_kept_extended_and_released_alike_on_both_sides(case: Case) -> None:
    line = case.line
    assert (ours(case).status, theirs(case).status) == ("asked", "received")
    case.in_execution()
    keep.preservation_in_serve(preservation=theirs(case), by=line.executing, on=in_days(0), whom="Adria Hosting")
    kept(case, extent="part", words="Traffic data; the content is gone.")
    assert case.items(case.theirs)["M1"] == "partially_executed", "the item is decided with it"
    assert (ours(case).status, ours(case).extent, ours(case).words) == (
        "preserved", "part", "Traffic data; the content is gone.",
    )  # fmt: skip
    keep.preservation_out_ask_extension(
        preservation=ours(case), by=line.desk, until=in_days(180), reason="The court sits in May."
    )
    drain()
    wanted = theirs(case).points[0]
    assert (wanted.wanted_until, wanted.words) == (in_days(180), "The court sits in May.")
    keep.preservation_in_extend(preservation=theirs(case), by=line.executing, until=in_days(150), words="Once more.")
    keep.preservation_in_extend(preservation=theirs(case), by=line.executing, until=in_days(170))
    drain()
    assert days(ours(case)) == days(theirs(case))
    assert [until for _begun, until, _reference in days(ours(case))] == [in_days(90), in_days(150), in_days(170)]
    assert {reference for *_days, reference in days(ours(case))} == {REFERENCE}
    told = [(one.point_id, one.choice, one.granted_until, one.answer) for one in ours(case).points]
    assert told == [(one.point_id, one.choice, one.granted_until, one.answer) for one in theirs(case).points]
    # The request ends, the preservation does not: what was told of it is not written a second time.
    inward.incoming_transmit_result(incoming=case.theirs, by=line.their_registry)
    drain()
    assert case.ours.status == "concluded" and len(ours(case).kept_rows) == 3
    keep.preservation_out_ask_extension(
        preservation=ours(case), by=line.supervisor, until=in_days(200), reason="It was put off."
    )
    drain()
    keep.preservation_in_refuse_extension(
        preservation=theirs(case), by=line.their_supervisor, reason="Our law ends it."
    )
    drain()
    assert ours(case).points[-1].choice == "refused" and ours(case).until == in_days(170)
    keep.preservation_out_release(preservation=ours(case), by=line.supervisor, reason="We have it from elsewhere.")
    keep.preservation_in_release(preservation=theirs(case), by=line.their_supervisor, reason="The charge was dropped.")
    drain()
    assert (ours(case).status, theirs(case).status) == ("released", "released"), "both at once, and neither is refused"
    assert "preservation_kept" in types(case) and "preservation_release" in types(case)
    assert_invariants()


def test_execution_with_its_days_keeps_the_data_once_and_tells_them_once(case: Case) -> None:
    case.in_execution()
    said = {"preserved_from": in_days(0), "until": in_days(70), "rule": "CETS-185 29(7)"}
    case.item("M1", "execute", case.line.executing, reason="kept", preservation=said)
    assert theirs(case).status == "preserved" and len(theirs(case).kept_rows) == 1
    inward.incoming_transmit_result(incoming=case.theirs, by=case.line.their_registry)
    drain()
    assert (ours(case).status, days(ours(case))) == ("preserved", [(in_days(0), in_days(70), "")])
    assert case.items(case.ours)["M1"] == "executed"
    case.whole()


@pytest.mark.parametrize("choice", ["go_on", "withdraw"])
def test_question_whether_to_go_on_is_answered(case: Case, choice: str) -> None:
    keep.preservation_in_ask_tipping_off(
        preservation=theirs(case),
        by=case.line.their_supervisor,
        question="The host tells its customers.",
        due=in_days(3),
    )
    drain()
    [asked] = ours(case).points
    assert (asked.kind, asked.words, asked.due) == ("tipping_off", "The host tells its customers.", in_days(3))
    if choice == "go_on":
        keep.preservation_out_go_on(preservation=ours(case), by=case.line.supervisor, answer="Go on.")
    else:
        keep.preservation_out_withdraw(preservation=ours(case), by=case.line.supervisor, reason="Not at that price.")
    drain()
    [answered] = theirs(case).points
    assert (answered.choice, answered.point_id) == (choice, asked.point_id)
    assert (ours(case).status, theirs(case).status) == (
        ("asked", "received") if choice == "go_on" else ("withdrawn", "withdrawn")
    )
    assert_invariants()


@pytest.mark.parametrize(
    ("act", "said", "status"),
    [
        ("find_none", {"reason": "Deleted in March."}, "none_held"),
        ("refuse", {"ground": "essential_interests", "article": "CETS-185 29(5)(b)", "reason": "no"}, "refused"),
    ],
)
def test_none_held_and_refusal_are_told_with_their_reasons(case: Case, act: str, said: Any, status: str) -> None:
    do = getattr(keep, f"preservation_in_{act}")
    do(preservation=theirs(case), by=case.line.their_supervisor, **said)
    drain()
    row = ours(case)
    assert (row.status, row.reason, row.ground) == (status, said["reason"], said.get("ground", ""))
    assert theirs(case).status == status
    assert_invariants()


def test_other_provider_is_told_and_a_letter_to_it_begun_once(case: Case) -> None:
    kept(case)
    other = OtherProvider("Danube Transit", jurisdiction="RO", contact="noc@example.net", words="the next hop")
    keep.preservation_in_tell_provider(preservation=theirs(case), by=case.line.their_supervisor, other=other)
    drain()
    [point] = ours(case).points
    assert (point.provider, point.jurisdiction, point.contact) == ("Danube Transit", "RO", "noc@example.net")
    begin = lambda: keep.preservation_out_begin_elsewhere(  # noqa: E731
        preservation=ours(case), by=case.line.prosecutor, point=point.point_id
    )
    begun = begin()
    content = begun.letter.present().content
    assert begin().pk == begun.pk and ours(case).points[0].choice == "begun"
    assert content["requested"] == {"jurisdiction": "RO"}
    [item] = content["items"]
    provider = next(one for one in content["providers"] if one["id"] == item["provider"])
    assert (item["measure"], provider["name"]) == ("preservation", "Danube Transit")
    assert begun.letter.links.get().kind == "provider"


def test_data_are_held_when_the_request_for_them_is_sent_and_received_and_released_when_it_is_decided(
    case: Case,
) -> None:
    kept(case)
    content = example_letter(5).content()
    content |= {
        "requesting": case.line.letter.content()["requesting"],
        "requested": case.line.letter.content()["requested"],
    }
    content["related"] = [{"kind": "preservation", "reference": case.theirs.reference}]
    course.outgoing_acknowledge(outgoing=case.ours, by=case.world.peer(case.ours), peer_reference=case.theirs.reference)
    follower = Line(letter=letter_from(content))
    sent = follower.sent()
    assert ours(case).status == "held" and ours(case).held_for == sent.reference and not ours(case).hold_told_at
    drain()
    received = IncomingRequest.objects.get(conversation_id=sent.conversation_id)
    assert theirs(case).status == "held" and theirs(case).held_for == received.reference
    assert theirs(case).follow_ups == [received] and ours(case).hold_told_at
    assert OutgoingRequest.objects.filter(pk=sent.pk).exists()
    assert_invariants()


def test_messages_that_come_twice_late_or_in_disorder_change_nothing_twice(case: Case, answers: Post) -> None:
    first, later = in_days(90).isoformat(), in_days(120).isoformat()
    told = {"item": "M1", "preserved_from": in_days(0).isoformat(), "until": first}
    one = answers.write("preservation_kept", told)
    more = {"item": "M1", "point": str(uuid7()), "choice": "granted", "until": later}
    two = answers.write("preservation_extension", more)
    assert answers.deliver(two).status == "held" and ours(case).status == "asked"
    answers.deliver(one)
    answers.deliver(one)
    answers.deliver(two)
    assert [until for _begun, until, _reference in days(ours(case))] == [in_days(90), in_days(120)]
    again = answers.send("preservation_extension", more | {"point": str(uuid7())})
    assert again.status == "refused" and "until_not_later" not in again.refusal
    unknown = answers.send("preservation_kept", told | {"item": "M9"})
    assert unknown.status == "refused"
    # Their word comes after we noted the end by ourselves.
    with clock.frozen(clock.now() + dt.timedelta(days=125)):
        keep.preservation_out_lapse(preservation=ours(case), by=case.line.supervisor)
    late = answers.send("preservation_extension", more | {"point": str(uuid7()), "until": in_days(150).isoformat()})
    assert late.status == "applied" and (ours(case).status, ours(case).until) == ("preserved", in_days(150))


def test_withdrawal_that_crosses_the_confirmation_lets_the_data_go_and_its_sender_is_told(case: Case) -> None:
    keep.preservation_in_preserve(
        preservation=theirs(case), by=case.line.their_supervisor, kept=Kept(in_days(0), in_days(90))
    )
    keep.preservation_out_withdraw(preservation=ours(case), by=case.line.supervisor, reason="Not needed.")
    drain()
    assert (ours(case).status, theirs(case).status) == ("withdrawn", "withdrawn")
    assert Transmission.objects.get(message__type="preservation_kept").status == "rejected"
    assert_invariants()
