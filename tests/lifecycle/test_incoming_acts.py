"""The acts on a request in and on its items, one by one: refused, or done with entry and jobs."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.core.ids import uuid7
from mla.reference.models import Authority
from tests.factories import officer
from tests.lifecycle.acting import Act, assert_done, fresh, nothing_changed, state_of, try_act
from tests.lifecycle.conftest import World
from workflows.engine.errors import ActForbidden, ActNotPossible, ConditionsNotMet
from workflows.engine.perform import perform
from workflows.lifecycle.models import IncomingRequest, OpenPoint
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.incoming import LetterUnreadable, Received, UnknownGround, UnknownQuestion

pytestmark = pytest.mark.usefixtures("arrived")

GROUND = {"ground": "essential_interests", "article": "UNTOC 18(21)(b)", "reason": "it would harm"}


def by_name(service: Any, **defaults: Any) -> Any:
    return lambda case, by, data: service(incoming=case, by=by, **(defaults | data))


def accept(case: Any, by: Any, data: Any) -> Any:
    central = Authority.objects.get(pk=case.authority_id)
    executing = Authority.objects.get(
        jurisdiction=central.jurisdiction, kind=Authority.Kind.EXECUTING, hosted_here=True
    )
    given = {"executing": executing, "decided_by": "the supervisor"} | data
    return inward.incoming_accept(incoming=case, by=by, **given)


def answer(case: Any, by: Any, data: Any) -> Any:
    point = OpenPoint.objects.get(incoming=case)
    return inward.incoming_receive_information(
        incoming=case, by=by, point_id=point.point_id, **({"answer": "443"} | data)
    )


def evidence(case: Any, by: Any, data: Any) -> Any:
    inward.incoming_add_evidence(
        incoming=case, by=by, name="a.csv", media_type="text/csv", content=b"records", item="M1"
    )
    return fresh(case)


BLANK = {"reason": "  "}

ACTS = [
    Act("acknowledge", "received", "their_registry", Role.DESK_OFFICER,
        by_name(inward.incoming_acknowledge, contact="Registry"), "acknowledged",
        unmet=(({"contact": ""}, "contact_missing"),), events=("incoming.acknowledged",)),
    Act("start_review", "acknowledged", "their_desk", Role.REGISTRY, by_name(inward.incoming_start_review),
        "under_review", events=("incoming.progress",)),
    Act("ask_information", "under_review", "their_desk", Role.REGISTRY,
        by_name(inward.incoming_ask_information, question="Which port?"), "under_review",
        unmet=(({"question": " "}, "question_missing"),), events=("incoming.information_asked",)),
    Act("receive_information", "asked", "their_registry", Role.DESK_OFFICER, answer, "under_review",
        unmet=(({"answer": ""}, "answer_missing"),), events=("incoming.information_received",)),
    Act("accept", "under_review", "their_supervisor", Role.DESK_OFFICER, accept, "in_execution",
        unmet=(({"items": ["M9"]}, "no_item_accepted"), ({"decided_by": ""}, "decided_by_missing"),
               ({"executing": None}, "executing_missing")), events=("incoming.accepted",)),
    Act("add_evidence", "in_execution", "their_supervisor", Role.REGISTRY, evidence, "in_execution"),
    Act("add_evidence", "in_execution", "executing", Role.SUPERVISOR, evidence, "in_execution"),
    Act("report_items", "in_execution", "their_registry", Role.LEGAL, by_name(inward.incoming_report_items),
        "in_execution", events=("incoming.progress",)),
    Act("transmit_result", "executed", "their_registry", Role.SUPERVISOR, by_name(inward.incoming_transmit_result),
        "concluded", events=("incoming.result",), after={"outcome": "executed"}),
    Act("refuse", "under_review", "their_supervisor", Role.DESK_OFFICER,
        by_name(inward.incoming_refuse, **GROUND, consulted=False, decided_by="the minister"), "concluded",
        unmet=((BLANK, "reason_missing"), ({"article": ""}, "article_missing"), ({"consulted": None}, "consulted_missing")),
        events=("incoming.refused",), after={"outcome": "refused", "consulted": False}),
    Act("return_defective", "received", "their_supervisor", Role.REGISTRY,
        by_name(inward.incoming_return_defective, reason="no dates"), "concluded",
        unmet=((BLANK, "reason_missing"), ({"code": "lost"}, "code_unknown")), events=("incoming.returned",),
        after={"outcome": "returned", "return_code": "defective"}),
    Act("return_defective", "under_review", "their_supervisor", Role.REGISTRY,
        by_name(inward.incoming_return_defective, reason="no dates"), "concluded",
        unmet=(({"code": "unregistered"}, "taken_up"),), events=("incoming.returned",),
        after={"outcome": "returned", "return_code": "defective"}),
    Act("redirect", "received", "their_registry", Role.DESK_OFFICER,
        by_name(inward.incoming_redirect, competent="the court at Tirana"), "concluded",
        unmet=(({"competent": ""}, "competent_missing"),), events=("incoming.returned",),
        after={"outcome": "redirected"}),
    Act("note_withdrawal", "received", "their_registry", Role.SUPERVISOR,
        by_name(inward.incoming_note_withdrawal, reason="done"), "received", after={"desired": "withdraw"}),
    Act("confirm_withdrawal", "unwanted_late", "their_supervisor", Role.DESK_OFFICER,
        by_name(inward.incoming_confirm_withdrawal, done="Nothing yet."), "concluded",
        unmet=(({"done": ""}, "done_missing"),), events=("incoming.withdrawal_confirmed",),
        after={"outcome": "withdrawn", "work_done": "Nothing yet."}),
    Act("confirm_withdrawal", "unwanted", "their_registry", Role.DESK_OFFICER,
        by_name(inward.incoming_confirm_withdrawal), "concluded", events=("incoming.withdrawal_confirmed",),
        after={"outcome": "withdrawn"}),
    Act("note_receipt", "concluded", "their_registry", Role.SUPERVISOR,
        by_name(inward.incoming_note_receipt, all_match=True), "concluded", after={"evidence_matched": True}),
    Act("close", "concluded", "their_registry", Role.DESK_OFFICER, by_name(inward.incoming_close, reason="paper"),
        "closed", unmet=(({"reason": ""}, "receipt_open"),)),
]  # fmt: skip


@pytest.mark.parametrize("act", ACTS, ids=str)
def test_act_is_refused_or_done_and_recorded(world: World, act: Act) -> None:
    try_act(act, world.incoming(act.at), world.line)


@pytest.mark.parametrize(
    ("at", "does"),
    [
        ("asked", answer),
        ("received", by_name(inward.incoming_note_withdrawal, reason="no need")),
        ("concluded", by_name(inward.incoming_note_receipt, all_match=False)),
    ],
    ids=["information", "withdrawal", "receipt"],
)
def test_sender_writes_by_message_and_no_other_peer_does(world: World, at: str, does: Any) -> None:
    case = world.incoming(at)
    before = state_of(case)
    other = Authority.objects.exclude(pk__in=[case.sender_id, case.authority_id]).first()
    assert other is not None
    for peer in (Actor.peer(other), Actor.peer(case.authority)):
        with pytest.raises(ActForbidden):
            does(case, peer, {})
    assert nothing_changed(case, before)
    assert does(case, Actor.peer(case.sender), {}).version == case.version + 1


def test_withdrawal_is_confirmed_only_where_it_is_wished(world: World) -> None:
    with pytest.raises(ConditionsNotMet) as unmet:
        inward.incoming_confirm_withdrawal(incoming=world.incoming("received"), by=world.line.their_registry)
    assert [reason.code for reason in unmet.value.reasons] == ["not_withdrawn"]


def test_request_goes_on_inside_this_state_alone(world: World) -> None:
    case, by = world.incoming("acknowledged"), world.line.their_registry
    for office, code in ((case.authority, "own_office"), (case.sender, "foreign_office")):
        with pytest.raises(ConditionsNotMet) as unmet:
            inward.incoming_redirect(incoming=case, by=by, competent="that office", office=office)
        assert [reason.code for reason in unmet.value.reasons] == [code]
    office = world.line.executing_authority
    done = inward.incoming_redirect(incoming=case, by=by, competent="the court", office=office)
    assert (done.outcome, done.redirected_to) == ("redirected", office)


def test_answer_to_no_question_of_ours_is_refused(world: World) -> None:
    asked = world.incoming("asked")
    with pytest.raises(UnknownQuestion):
        inward.incoming_receive_information(incoming=asked, by=Actor.peer(asked.sender), point_id=uuid7(), answer="1")
    answer(asked, Actor.peer(asked.sender), {})
    with pytest.raises(UnknownQuestion):
        answer(asked, Actor.peer(asked.sender), {})


def test_result_waits_for_every_item_and_for_evidence_or_a_note(world: World) -> None:
    case, line = world.incoming("in_execution"), world.line
    first, second = case.items.order_by("key")
    with pytest.raises(ConditionsNotMet) as unmet:
        inward.incoming_transmit_result(incoming=case, by=line.their_registry)
    assert [reason.code for reason in unmet.value.reasons] == ["item_open", "item_open"]
    inward.incoming_item_decide(item=first, act="execute", by=line.executing)
    inward.incoming_item_decide(item=second, act="find_nothing", by=line.executing, reason="no such account")
    with pytest.raises(ConditionsNotMet) as unmet:
        inward.incoming_transmit_result(incoming=case, by=line.their_registry)
    assert [reason.code for reason in unmet.value.reasons] == ["evidence_missing"]
    evidence(case, line.executing, {})
    done = inward.incoming_transmit_result(incoming=case, by=line.their_registry)
    assert done.outcome == "partially_executed"


def test_item_of_an_ended_request_is_decided_no_more(world: World) -> None:
    case, by = world.incoming("received"), world.line.their_supervisor
    inward.incoming_return_defective(incoming=case, by=by, reason="no dates")
    with pytest.raises(ConditionsNotMet) as unmet:
        inward.incoming_item_decide(item=case.items.all()[0], act="accept", by=by)
    assert [reason.code for reason in unmet.value.reasons] == ["case_ended"]


ITEM = [
    ("accept", "requested", "their_supervisor", "executing", {}, "accepted", {}),
    ("postpone", "requested", "their_supervisor", "executing",
     {"ground": "own_proceedings", "until": dt.date(2027, 1, 1)}, "postponed", {"until": None}),
    ("refuse", "requested", "their_supervisor", "executing", GROUND, "refused", {"reason": ""}),
    ("execute", "accepted", "executing", "their_desk",
     {"preservation": {"preserved_from": dt.date(2026, 1, 1), "until": dt.date(2026, 3, 2)}}, "executed", {}),
    ("execute", "accepted", "their_supervisor", "their_registry", {}, "executed", {}),
    ("execute_partially", "accepted", "executing", "their_desk", {"reason": "half"}, "partially_executed",
     {"reason": " "}),
    ("find_nothing", "accepted", "executing", "their_desk", {"reason": "nothing"}, "not_held", {"reason": ""}),
    ("withdraw", "accepted", "their_registry", "executing", {}, "withdrawn", {}),
    ("resume", "postponed", "their_supervisor", "executing", {}, "accepted", {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("act", "at", "by", "wrong", "data", "to", "unmet"), ITEM, ids=[f"{row[0]}-{row[2]}" for row in ITEM]
)
def test_item_act_is_refused_or_done_and_recorded(
    world: World, act: str, at: str, by: str, wrong: str, data: dict[str, Any], to: str, unmet: dict[str, Any]
) -> None:
    line = world.line
    case = world.incoming("under_review" if at == "requested" else "in_execution")
    item = case.items.order_by("key")[0]
    if at == "postponed":
        item = inward.incoming_item_decide(
            item=item, act="postpone", by=line.their_supervisor, ground="own_proceedings", until=dt.date(2027, 1, 1)
        )
    assert item.status == at
    before = state_of(item)
    for actor in (getattr(line, wrong), line.registry, line.supervisor, Actor.peer(case.sender)):
        with pytest.raises(ActForbidden):
            inward.incoming_item_decide(item=item, act=act, by=actor, **data)
    if unmet:
        with pytest.raises(ConditionsNotMet):
            inward.incoming_item_decide(item=item, act=act, by=getattr(line, by), **(data | unmet))
    assert nothing_changed(item, before)
    done = inward.incoming_item_decide(item=item, act=act, by=getattr(line, by), **data)
    assert_done(act, item, done, by=getattr(line, by), to=to)
    assert done.preservations.count() == (1 if "preservation" in data else 0)
    with pytest.raises((ActNotPossible, ConditionsNotMet)):
        inward.incoming_item_decide(item=done, act="accept", by=line.their_supervisor)


def test_ground_that_nobody_knows_is_refused(world: World) -> None:
    case, by = world.incoming("under_review"), world.line.their_supervisor
    with pytest.raises(UnknownGround, match="essential_interests"):
        inward.incoming_refuse(
            incoming=case, by=by, ground="mood", article="1", reason="x", consulted=True, decided_by="x"
        )
    with pytest.raises(UnknownGround):
        inward.incoming_item_decide(item=case.items.all()[0], act="refuse", by=by, ground="mood", reason="x")


def test_refusal_and_withdrawal_take_the_open_items_with_them(world: World) -> None:
    case = world.incoming("under_review")
    refused = inward.incoming_refuse(
        incoming=case, by=world.line.their_supervisor, **GROUND, consulted=False, decided_by="the minister"
    )
    assert {(item.status, item.ground) for item in refused.items.all()} == {("refused", "essential_interests")}


def test_executing_authority_works_only_on_what_was_given_to_it(world: World) -> None:
    review = world.incoming("under_review")
    with pytest.raises(ActForbidden):
        evidence(review, world.line.executing, {})
    other = (
        Authority.objects.filter(kind=Authority.Kind.EXECUTING).exclude(pk=world.line.executing_authority.pk).first()
    )
    assert other is not None
    case = accept(review, world.line.their_supervisor, {})
    with pytest.raises(ActForbidden):
        evidence(case, officer(Role.EXECUTING_OFFICER, other.code), {})


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ({}, "title"),
        ({"title": "x", "requesting": {"jurisdiction": "DE"}, "items": [{"id": "M1"}]}, "items.0.measure"),
        ({"title": "x", "requesting": {"jurisdiction": "FR"}}, "FR"),
        (
            {
                "title": "x",
                "requesting": {"jurisdiction": "DE"},
                "items": [{"id": "M1", "measure": "a"}, {"id": "M1", "measure": "b"}],
            },
            "two items",
        ),
    ],
    ids=["empty", "item without measure", "another State's letter", "item twice"],
)
def test_letter_that_cannot_be_registered_is_told_and_takes_no_number(
    world: World, content: dict[str, Any], place: str
) -> None:
    line, case = world.line, world.incoming("received")

    def receive(given: dict[str, Any]) -> IncomingRequest:
        received = Received(uuid7(), case.sender, "Z 1", given, "0" * 64, "0" * 64, "paper")
        return inward.incoming_receive(received=received, by=line.their_registry)

    before = state_of(case)
    with pytest.raises(LetterUnreadable, match=place):
        receive(content)
    assert nothing_changed(case, before)
    good = receive({"title": "x", "requesting": {"jurisdiction": "DE"}, "items": [{"id": "M1", "measure": "new"}]})
    assert int(good.reference.rsplit("/", 1)[1]) == int(case.reference.rsplit("/", 1)[1]) + 1
    assert [item.measure for item in good.items.all()] == ["new"]
    with pytest.raises(ActForbidden):
        received = Received(uuid7(), case.sender, "Z 1", case.content, "0" * 64, "0" * 64, "paper")
        inward.incoming_receive(received=received, by=line.their_desk)


def test_item_in_our_file_is_changed_by_no_officer_of_the_other_side(world: World) -> None:
    item = world.outgoing("sent").items.order_by("key")[0]
    before = state_of(item)
    for by in (world.line.their_registry, world.line.their_supervisor, world.line.prosecutor):
        with pytest.raises(ActForbidden):
            perform(item, "accept", by=by)
    assert nothing_changed(item, before)
    with pytest.raises(ConditionsNotMet, match="attach what proves it"):
        course.outgoing_item_note(item=item, act="accept", by=world.line.registry)
    assert nothing_changed(item, before)
    proof = course.Proof(name="slip.pdf", media_type="application/pdf", content=b"%PDF slip")
    noted = course.outgoing_item_note(item=item, act="accept", by=world.line.registry, proof=proof)
    assert noted.status == "accepted"
    kept = noted.case.proofs.get(act="item.accept")  # type: ignore[union-attr]
    assert (kept.name, kept.size) == ("slip.pdf", len(b"%PDF slip"))
