"""Consultations and postponements by message and by hand: both files say the same, step by step."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from mla.core import clock
from tests.exchange.test_lines import DRAFT, PROOF, Case, types
from tests.factories import drain
from tests.invariants import assert_invariants
from tests.lifecycle.conftest import World
from workflows.engine.errors import ConditionsNotMet
from workflows.exchange.bodies import read_body
from workflows.exchange.envelope import EnvelopeWrong
from workflows.exchange.models import Transmission
from workflows.lifecycle.models import OpenPoint, Postponement, RecordedProof
from workflows.lifecycle.services import consulting
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.consulting import Consultation, PutOff

GROUND: dict[str, Any] = {"ground": "essential_interests", "article": "UNTOC 18(21)(b)"}
OWN_CASE: dict[str, Any] = {"ground": "own_proceedings", "article": "UNTOC 18(25)", "reason": "the trial runs"}


def in_days(days: int) -> dt.date:
    return clock.now().date() + dt.timedelta(days=days)


@pytest.fixture
def case(world: World, arrived: None) -> Case:
    chain.outgoing_return_for_changes(
        outgoing=world.outgoing("in_review"), by=world.line.supervisor, comments=[("title", DRAFT)]
    )
    return Case(world)


def consult(case: Case, kind: str, **more: Any) -> None:
    about = Consultation(**{"kind": kind, "question": "What do you say to that?"} | more)
    consulting.incoming_consult(incoming=case.theirs, by=case.line.their_supervisor, about=about)
    drain()


def answer(case: Case, choice: str = "") -> None:
    consulting.outgoing_answer_consultation(
        outgoing=case.ours, by=case.line.supervisor, answer="Only the year 2025.", choice=choice
    )
    drain()


FACTS = ("point_id", "kind", "question", "due", "ground", "article", "amount", "currency", "answer", "choice")


def same_points(case: Case) -> list[tuple[Any, ...]]:
    ours = list(OpenPoint.objects.filter(outgoing=case.ours).order_by("id").values_list(*FACTS))
    theirs = list(OpenPoint.objects.filter(incoming=case.theirs).order_by("id").values_list(*FACTS))
    assert ours == theirs
    return ours


def test_refusal_after_consultation_is_answered_first(case: Case) -> None:
    case.under_review()
    consult(case, "refusal", due=in_days(30), **GROUND)
    said = {**GROUND, "reason": "it would harm", "consulted": True, "decided_by": "the minister"}
    with pytest.raises(ConditionsNotMet, match="until"):
        inward.incoming_refuse(incoming=case.theirs, by=case.line.their_supervisor, **said)
    answer(case)
    (row,) = same_points(case)
    assert row[4:6] == ("essential_interests", "UNTOC 18(21)(b)")
    assert row[8] == "Only the year 2025."
    inward.incoming_refuse(incoming=case.theirs, by=case.line.their_supervisor, **said)
    case.ended("refused")
    assert types(case) == ["request", "acknowledgement", "status", "consultation", "consultation_answered", "refusal"]


def test_costs_are_told_to_the_cent_and_the_request_goes_on(case: Case) -> None:
    case.under_review()
    consult(case, "costs", amount=Decimal("12000.50"), currency="EUR")
    answer(case, "go_on")
    (row,) = same_points(case)
    assert row[6:8] == (Decimal("12000.50"), "EUR")
    assert case.theirs.desired == ""
    case.whole()


def test_confidentiality_that_cannot_be_kept_ends_in_a_withdrawal_on_both_sides(case: Case) -> None:
    case.under_review()
    consult(case, "confidentiality")
    answer(case, "withdraw")
    same_points(case)
    assert (case.ours.desired, case.theirs.desired) == ("withdraw", "withdraw")
    inward.incoming_confirm_withdrawal(incoming=case.theirs, by=case.line.their_registry)
    case.ended("withdrawn")
    assert types(case)[-3:] == ["consultation_answered", "withdrawal", "withdrawal_confirmed"]


PUT_OFF = ("postponement_id", "consultation_id", "ground", "article", "reason", "until", "until_event", "items")


def same_postponements(case: Case) -> list[tuple[Any, ...]]:
    ours = list(Postponement.objects.filter(outgoing=case.ours).order_by("id").values_list(*PUT_OFF))
    assert ours == list(Postponement.objects.filter(incoming=case.theirs).order_by("id").values_list(*PUT_OFF))
    return ours


def test_postponement_and_resumption_are_told_with_ground_until_and_why(case: Case) -> None:
    case.in_execution(items=["M1"])
    consult(case, "postponement", due=in_days(30), ground="own_proceedings", article="UNTOC 18(25)")
    answer(case)
    put_off = PutOff(**OWN_CASE, until=in_days(90), until_event="the end of our trial")
    consulting.incoming_postpone(incoming=case.theirs, by=case.line.their_supervisor, put_off=put_off)
    drain()
    (row,) = same_postponements(case)
    assert row[1] == OpenPoint.objects.get(outgoing=case.ours).point_id
    assert row[2:] == (*OWN_CASE.values(), in_days(90), "the end of our trial", ["M1", "M2"])
    assert case.items(case.ours) == case.items(case.theirs) == {"M1": "postponed", "M2": "postponed"}
    assert {(item.until, item.until_event) for item in case.ours.items.all()} == {(in_days(90), "the end of our trial")}
    consulting.incoming_resume(incoming=case.theirs, by=case.line.their_supervisor)
    drain()
    assert case.items(case.ours) == case.items(case.theirs) == {"M1": "accepted", "M2": "accepted"}
    assert Postponement.objects.get(outgoing=case.ours).resumed_at is not None
    assert case.ours.status == case.theirs.status == "in_execution"
    assert types(case)[-2:] == ["postponed", "resumed"]
    case.whole()


def test_answer_that_crosses_the_end_of_the_case_is_refused_and_told(case: Case) -> None:
    case.under_review()
    consult(case, "refusal", due=in_days(1), **GROUND)
    # The day that was set has passed without a word.
    OpenPoint.objects.filter(incoming=case.theirs).update(due=in_days(-2))
    inward.incoming_refuse(
        incoming=case.theirs, by=case.line.their_supervisor, **GROUND, reason="it would harm", consulted=True,
        decided_by="the minister",
    )  # fmt: skip
    consulting.outgoing_answer_consultation(outgoing=case.ours, by=case.line.supervisor, answer="Too late?")
    drain()
    assert (case.ours.outcome, case.theirs.outcome) == ("refused", "refused")
    told = Transmission.objects.get(message__type="consultation_answered")
    assert told.status == "rejected"
    assert OpenPoint.objects.get(incoming=case.theirs).answered_at is None
    assert_invariants()


def test_all_of_it_on_paper_recorded_by_hand_with_proof(world: World) -> None:
    line = world.line
    sent = course.outgoing_send(outgoing=world.outgoing("ready"), by=line.registry, channel="diplomatic", proof=PROOF)
    drain()
    by, proof = line.registry, PROOF
    about = Consultation("confidentiality", "Our law lets the suspect see the file.")
    case = consulting.outgoing_note_consultation(outgoing=sent, by=by, about=about, proof=proof)
    case = consulting.outgoing_answer_consultation(outgoing=case, by=line.supervisor, answer="Go on.", choice="go_on")
    put_off = PutOff(**OWN_CASE, until_event="the end of their trial")
    case = consulting.outgoing_note_postponement(outgoing=case, by=by, put_off=put_off, proof=proof)
    case = consulting.outgoing_note_resumption(outgoing=case, by=by, proof=proof)
    drain()
    proofs = RecordedProof.objects.filter(outgoing=case).order_by("id").values_list("act", flat=True)
    assert list(proofs) == ["send", "note_consultation", "note_postponement", "note_resumption"]
    queued = Transmission.objects.filter(message__conversation_id=case.conversation_id)
    assert set(queued.values_list("message__type", "status")) == {
        ("request", "queued"),
        ("consultation_answered", "queued"),
    }
    assert_invariants()


POINT = "0190b0a0-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("kind", "wrong", "place"),
    [
        ("consultation", {"point": POINT, "kind": "weather", "question": "?"}, "kind"),
        (
            "consultation",
            {"point": POINT, "kind": "costs", "question": "?", "amount": "-1", "currency": "EUR"},
            "amount",
        ),
        (
            "consultation",
            {"point": POINT, "kind": "costs", "question": "?", "amount": "1", "currency": "€"},
            "currency",
        ),
        ("consultation_answered", {"point": POINT, "answer": "!", "choice": "perhaps"}, "choice"),
        ("postponed", {"postponement": POINT, "article": "", "reason": ""}, "ground"),
        ("resumed", {"postponement": "x"}, "postponement"),
    ],
)
def test_body_that_says_something_else_is_refused_with_its_place(kind: str, wrong: dict[str, Any], place: str) -> None:
    with pytest.raises(EnvelopeWrong, match=place):
        read_body(kind, wrong)
