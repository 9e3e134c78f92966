"""Consultations and postponements, each act on both sides: refused and done in one test, and what they stop."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.core import clock
from mla.core.ids import uuid7
from mla.reference.models import Authority
from tests.lifecycle.acting import Act, codes_of, fresh, nothing_changed, state_of, try_act
from tests.lifecycle.conftest import World
from workflows.engine.errors import ActForbidden, ConditionsNotMet
from workflows.engine.perform import perform
from workflows.lifecycle.models import OpenPoint, Postponement, RecordedProof
from workflows.lifecycle.services import consulting
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.consulting import Consultation, PutOff
from workflows.lifecycle.services.incoming import UnknownGround, UnknownQuestion

pytestmark = pytest.mark.usefixtures("arrived")

GROUND: dict[str, Any] = {"ground": "essential_interests", "article": "UNTOC 18(21)(b)"}
OWN_CASE: dict[str, Any] = {"ground": "own_proceedings", "article": "UNTOC 18(25)"}
LETTER = course.Proof(name="letter.pdf", media_type="application/pdf", content=b"%PDF letter")


def in_days(days: int) -> dt.date:
    return clock.now().date() + dt.timedelta(days=days)


def refusal(**more: Any) -> dict[str, Any]:
    return {"kind": "refusal", "question": "Could you narrow item M1?", "due": in_days(30), **GROUND} | more


def consult(case: Any, by: Actor, data: Any) -> Any:
    return consulting.incoming_consult(incoming=case, by=by, about=Consultation(**(refusal() | data)))


def consulted(world: World, kind: str = "refusal", at: str = "under_review", **more: Any) -> Any:
    grounds = GROUND | {"due": in_days(30)} if kind in {"refusal", "postponement"} else {}
    about = Consultation(**{"kind": kind, "question": "What do you say?"} | grounds | more)
    return consulting.incoming_consult(incoming=world.incoming(at), by=world.line.their_supervisor, about=about)


def receive(case: Any, by: Actor, data: Any) -> Any:
    point = case.openpoint_set.latest("id")
    given = {"answer": "We go on without it."} | data
    return consulting.incoming_receive_consultation_answer(incoming=case, by=by, point_id=point.point_id, **given)


def postpone(case: Any, by: Actor, data: Any) -> Any:
    given = {"reason": "the trial runs", "until": in_days(90), **OWN_CASE} | data
    return consulting.incoming_postpone(incoming=case, by=by, put_off=PutOff(**given))


def note_consultation(case: Any, by: Actor, data: Any) -> Any:
    given = {"proof": LETTER} | data
    proof = given.pop("proof")
    about = Consultation(**(refusal() | given))
    return consulting.outgoing_note_consultation(outgoing=case, by=by, about=about, proof=proof)


def answer(case: Any, by: Actor, data: Any) -> Any:
    return consulting.outgoing_answer_consultation(outgoing=case, by=by, **({"answer": "Only the year 2025."} | data))


def note_postponement(case: Any, by: Actor, data: Any) -> Any:
    given = {"proof": LETTER, "until_event": "the end of their trial", **OWN_CASE} | data
    proof = given.pop("proof")
    return consulting.outgoing_note_postponement(outgoing=case, by=by, put_off=PutOff(**given), proof=proof)


def note_resumption(case: Any, by: Actor, data: Any) -> Any:
    return consulting.outgoing_note_resumption(outgoing=case, by=by, **({"proof": LETTER} | data))


NO_PROOF = ({"proof": None}, "proof_missing")

IN = [
    Act("consult", "under_review", "their_supervisor", Role.DESK_OFFICER, consult, "under_review",
        unmet=(({"question": " "}, "question_missing"), ({"kind": "weather"}, "kind_unknown"),
               ({"ground": ""}, "ground_missing"), ({"article": ""}, "article_missing"), ({"due": None}, "due_missing"),
               ({"due": dt.date(2020, 1, 1)}, "due_past"), ({"amount": Decimal(5), "currency": "EUR"}, "amount_unasked"),
               ({"kind": "costs", "currency": "EUR"}, "amount_missing"),
               ({"kind": "costs", "amount": Decimal(5), "currency": "euro"}, "currency_unknown"),
               ({"kind": "costs", "amount": Decimal(-5), "currency": "EUR"}, "amount_negative")),
        events=("incoming.consulted",)),
    Act("consult", "in_execution", "their_supervisor", Role.EXECUTING_OFFICER, consult, "in_execution",
        unmet=(({"kind": "postponement", "due": None}, "due_missing"),), events=("incoming.consulted",)),
    Act("postpone", "under_review", "their_supervisor", Role.DESK_OFFICER, postpone, "under_review",
        unmet=(({"reason": " "}, "reason_missing"), ({"article": ""}, "article_missing"), ({"until": None}, "until_missing"),
               ({"until": dt.date(2020, 1, 1)}, "until_past")), events=("incoming.postponed",)),
    Act("postpone", "in_execution", "their_supervisor", Role.REGISTRY, postpone, "in_execution",
        unmet=(({"until": None, "until_event": "  "}, "until_missing"),), events=("incoming.postponed",)),
]  # fmt: skip

OUT = [
    Act("note_consultation", "sent", "registry", Role.SUPERVISOR, note_consultation, "sent",
        unmet=(({"question": ""}, "question_missing"), ({"kind": "information"}, "kind_unknown"), NO_PROOF,
               ({"amount": Decimal(5), "currency": "EUR"}, "amount_unasked")), events=("outgoing.consultation_noted",)),
    Act("note_postponement", "sent", "registry", Role.SUPERVISOR, note_postponement, "sent",
        unmet=(({"until_event": ""}, "until_missing"), NO_PROOF), events=("outgoing.postponement_noted",)),
]  # fmt: skip


@pytest.mark.parametrize("act", IN, ids=str)
def test_act_of_the_requested_side_is_refused_or_done_and_recorded(world: World, act: Act) -> None:
    try_act(act, world.incoming(act.at), world.line)


@pytest.mark.parametrize("act", OUT, ids=str)
def test_their_act_is_recorded_by_hand_with_proof_or_refused(world: World, act: Act) -> None:
    done = try_act(act, world.outgoing(act.at), world.line)
    assert RecordedProof.objects.filter(outgoing=done, act=act.name).count() == 1  # type: ignore[misc]


def test_answer_to_a_consultation_is_refused_or_done_on_both_sides(world: World) -> None:
    case, line = consulted(world), world.line
    act = Act("receive_consultation_answer", "consulted", "their_registry", Role.DESK_OFFICER, receive, "under_review",
              unmet=(({"answer": " "}, "answer_missing"), ({"choice": "go_on"}, "choice_unasked")),
              events=("incoming.consultation_answered",))  # fmt: skip
    try_act(act, case, line)
    with pytest.raises(UnknownQuestion):
        receive(case, line.their_registry, {})

    sent = note_consultation(world.outgoing("sent"), world.peer(world.made("sent")), {"proof": None})
    act = Act("answer_consultation", "consulted", "supervisor", Role.REGISTRY, answer, "sent",
              unmet=(({"answer": ""}, "answer_missing"), ({"choice": "withdraw"}, "choice_unasked")),
              events=("outgoing.consultation_answered",))  # fmt: skip
    try_act(act, sent, line)
    with pytest.raises(ConditionsNotMet) as answered:
        answer(sent, line.supervisor, {})
    assert codes_of(answered) == ["nothing_open"]


def test_resumption_takes_up_what_was_put_off_with_the_request_and_nothing_else(world: World) -> None:
    line = world.line
    case = world.incoming("in_execution")
    with pytest.raises(ConditionsNotMet) as unmet:
        consulting.incoming_resume(incoming=case, by=line.their_supervisor)
    assert codes_of(unmet) == ["not_postponed"]
    alone, with_it = case.items.order_by("key")
    inward.incoming_item_decide(
        item=alone, act="postpone", by=line.their_supervisor, ground="own_proceedings", until=in_days(10)
    )
    case = postpone(fresh(case), line.their_supervisor, {"until": None, "until_event": "the end of our trial"})
    row = Postponement.objects.get(incoming=case)
    assert (row.items, row.until, row.until_event, row.resumed_at) == (
        [with_it.key],
        None,
        "the end of our trial",
        None,
    )
    assert (fresh(with_it).status, fresh(with_it).until_event) == ("postponed", "the end of our trial")
    with pytest.raises(ConditionsNotMet) as twice:
        postpone(case, line.their_supervisor, {})
    assert set(codes_of(twice)) == {"postponed", "nothing_to_postpone"}
    act = Act("resume", "postponed", "their_supervisor", Role.REGISTRY,
              lambda case, by, data: consulting.incoming_resume(incoming=case, by=by), "in_execution",
              events=("incoming.resumed",))  # fmt: skip
    try_act(act, case, line)
    assert (fresh(with_it).status, fresh(with_it).until_event, fresh(alone).status) == ("accepted", "", "postponed")
    assert Postponement.objects.get(incoming=case).resumed_at is not None
    assert postpone(fresh(case), line.their_supervisor, {}).postponement_set.count() == 2


def test_resumption_over_there_is_recorded_by_hand_or_refused(world: World) -> None:
    line = world.line
    sent = world.outgoing("sent")
    with pytest.raises(ConditionsNotMet) as unmet:
        note_resumption(sent, line.registry, {})
    assert codes_of(unmet) == ["not_postponed"]
    sent = note_postponement(sent, line.registry, {})
    assert {(item.status, item.until_event) for item in sent.items.all()} == {("postponed", "the end of their trial")}
    with pytest.raises(ConditionsNotMet) as twice:
        note_postponement(sent, line.registry, {})
    assert codes_of(twice) == ["postponed"]
    act = Act("note_resumption", "postponed", "registry", Role.SUPERVISOR, note_resumption, "sent", unmet=(NO_PROOF,),
              events=("outgoing.resumption_noted",))  # fmt: skip
    try_act(act, sent, line)
    assert {item.status for item in sent.items.all()} == {"accepted"}


def refuse(case: Any, by: Actor, **more: Any) -> Any:
    said: dict[str, Any] = {"reason": "it would harm", "consulted": True, "decided_by": "the minister"} | more
    return inward.incoming_refuse(incoming=case, by=by, **GROUND, **said)


def test_refusal_after_consultation_needs_one_and_waits_for_its_day(world: World) -> None:
    by = world.line.their_supervisor
    case = world.incoming("under_review")
    before = state_of(case)
    with pytest.raises(ConditionsNotMet) as unmet:
        refuse(case, by)
    assert codes_of(unmet) == ["not_consulted"]
    assert nothing_changed(case, before)
    case = consult(case, by, {"due": in_days(3)})
    for said in (True, False):
        with pytest.raises(ConditionsNotMet) as waits:
            refuse(case, by, consulted=said)
        assert codes_of(waits) == ["consultation_waits"]
    with clock.frozen(clock.now() + dt.timedelta(days=5)):
        assert refuse(case, by).consulted is True


def test_answered_consultation_lets_the_refusal_go(world: World) -> None:
    case = receive(consulted(world), world.line.their_registry, {})
    assert refuse(case, world.line.their_supervisor).outcome == "refused"


def test_consultation_on_a_postponement_holds_the_postponement_and_is_kept_with_it(world: World) -> None:
    line = world.line
    case = consulted(world, "postponement")
    with pytest.raises(ConditionsNotMet) as second:
        consult(case, line.their_supervisor, {"kind": "postponement"})
    assert codes_of(second) == ["consultation_open"]
    with pytest.raises(ConditionsNotMet) as waits:
        postpone(case, line.their_supervisor, {})
    assert codes_of(waits) == ["consultation_waits"]
    case = postpone(receive(case, line.their_registry, {}), line.their_supervisor, {})
    point, row = OpenPoint.objects.get(incoming=case), Postponement.objects.get(incoming=case)
    assert row.consultation_id == point.point_id


def accept(case: Any, world: World) -> Any:
    return inward.incoming_accept(
        incoming=case,
        by=world.line.their_supervisor,
        executing=world.line.executing_authority,
        decided_by="the supervisor",
    )


@pytest.mark.parametrize(("choice", "after"), [("go_on", []), ("withdraw", ["confidentiality_not_waived"])])
def test_confidentiality_that_cannot_be_kept_stops_the_execution_until_the_sender_goes_on(
    world: World, choice: str, after: list[str]
) -> None:
    line = world.line
    case = consulted(world, "confidentiality")
    with pytest.raises(ConditionsNotMet) as unmet:
        accept(case, world)
    assert codes_of(unmet) == ["confidentiality_open"]
    with pytest.raises(ConditionsNotMet) as silent:
        receive(case, line.their_registry, {})
    assert codes_of(silent) == ["choice_missing"]
    case = receive(case, line.their_registry, {"choice": choice})
    assert case.desired == ("withdraw" if after else "")
    if not after:
        assert accept(case, world).status == "in_execution"
        return
    with pytest.raises(ConditionsNotMet) as withdrawn:
        accept(case, world)
    assert codes_of(withdrawn) == after


def test_no_further_item_is_taken_up_while_confidentiality_is_open(world: World) -> None:
    line = world.line
    case = world.incoming("under_review")
    first, second = case.items.order_by("id")[:2]
    case = inward.incoming_accept(
        incoming=case,
        by=line.their_supervisor,
        executing=line.executing_authority,
        decided_by="the supervisor",
        items=[first.key],
    )
    about = Consultation(kind="confidentiality", question="What do you say?")
    case = consulting.incoming_consult(incoming=case, by=line.their_supervisor, about=about)
    with pytest.raises(ConditionsNotMet) as unmet:
        perform(second, "accept", by=line.their_supervisor)
    assert codes_of(unmet) == ["confidentiality_open"]
    receive(case, line.their_registry, {"choice": "go_on"})
    assert perform(second, "accept", by=line.their_supervisor).status == "accepted"


def test_postponed_request_is_not_accepted_before_it_is_resumed(world: World) -> None:
    line = world.line
    case = postpone(world.incoming("under_review"), line.their_supervisor, {})
    with pytest.raises(ConditionsNotMet) as unmet:
        accept(case, world)
    assert "postponed" in codes_of(unmet)
    assert accept(consulting.incoming_resume(incoming=case, by=line.their_supervisor), world).status == "in_execution"


def test_withdrawing_in_the_answer_is_one_act_with_the_withdrawal(world: World) -> None:
    line, peer = world.line, world.peer(world.made("sent"))
    costs = {
        "kind": "costs",
        "ground": "",
        "article": "",
        "due": None,
        "amount": Decimal("12000.50"),
        "currency": "EUR",
    }
    sent = note_consultation(world.outgoing("sent"), peer, costs | {"proof": None})
    with pytest.raises(ConditionsNotMet) as silent:
        answer(sent, line.supervisor, {})
    assert codes_of(silent) == ["choice_missing"]
    done = answer(sent, line.supervisor, {"choice": "withdraw", "answer": "That is more than the case is worth."})
    assert (done.desired, done.outcome_reason) == ("withdraw", "That is more than the case is worth.")
    point = OpenPoint.objects.get(outgoing=done)
    assert (point.choice, point.amount, point.currency) == ("withdraw", Decimal("12000.50"), "EUR")


@pytest.mark.parametrize("does", [note_consultation, note_postponement], ids=["consultation", "postponement"])
def test_peer_that_is_not_the_addressee_writes_nothing(world: World, does: Any) -> None:
    sent = world.outgoing("sent")
    before = state_of(sent)
    other = Authority.objects.exclude(pk__in=[sent.addressee_id, sent.central_id]).first()
    assert other is not None
    for peer in (Actor.peer(other), Actor.peer(sent.central)):
        with pytest.raises(ActForbidden):
            does(sent, peer, {"proof": None})
    assert nothing_changed(sent, before)
    assert does(sent, world.peer(sent), {"proof": None}).version == sent.version + 1


def test_unknown_ground_and_unknown_consultation_are_told(world: World) -> None:
    case, by = world.incoming("under_review"), world.line.their_supervisor
    before = state_of(case)
    with pytest.raises(UnknownGround, match="own_proceedings"):
        consult(case, by, {"ground": "mood"})
    with pytest.raises(UnknownGround, match="own_proceedings"):
        postpone(case, by, {"ground": "mood"})
    with pytest.raises(UnknownQuestion):
        consulting.incoming_receive_consultation_answer(
            incoming=case, by=world.line.their_registry, point_id=uuid7(), answer="x"
        )
    assert nothing_changed(case, before)
