"""Conditions and complements on both sides: by messages alone, crossing, twice, and on a case that is closed there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mla.core.ids import uuid7
from tests.exchange.conftest import Post
from tests.exchange.test_lines import Case, types
from tests.factories import drain
from tests.invariants import assert_invariants
from tests.lifecycle.conftest import World
from workflows.exchange.models import Message, Transmission
from workflows.lifecycle.models import OpenPoint
from workflows.lifecycle.services import complements as comp
from workflows.lifecycle.services import conditions as cond
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.complements import Supplied
from workflows.lifecycle.services.conditions import Offered

DUE = dt.date(2027, 3, 1)


@pytest.fixture
def case(world: World, arrived: None) -> Case:
    return Case(world)


def offer(case: Case) -> None:
    conditions = [
        Offered("speciality", "For these proceedings alone.", article="UNTOC 18(19)", until=dt.date(2030, 1, 1)),
        Offered("destruction", "What is not needed is destroyed.", item="M1"),
    ]
    cond.incoming_offer_conditions(
        incoming=case.theirs, by=case.line.their_supervisor, question="Only so.", conditions=conditions, due=DUE
    )
    drain()


def rows(side: Any) -> list[tuple[Any, ...]]:
    return [
        (
            one.condition_id,
            one.kind,
            one.article,
            one.text,
            one.item_key,
            one.until,
            one.point.point_id,
            one.point.choice,
        )
        for one in side.condition_set.select_related("item", "point").order_by("id")
    ]


def test_conditions_are_offered_accepted_and_stand_alike_on_both_sides(case: Case) -> None:
    case.under_review()
    offer(case)
    ours = OpenPoint.objects.get(outgoing=case.ours)
    assert (ours.kind, ours.question, ours.due) == ("conditions", "Only so.", DUE)
    assert len(rows(case.ours)) == 2
    assert rows(case.ours) == rows(case.theirs)
    cond.outgoing_accept_conditions(outgoing=case.ours, by=case.line.supervisor, answer="Agreed.")
    drain()
    theirs = OpenPoint.objects.get(incoming=case.theirs)
    assert (theirs.choice, theirs.answer) == ("accepted", "Agreed.")
    assert rows(case.ours) == rows(case.theirs)
    assert {row[-1] for row in rows(case.ours)} == {"accepted"}
    assert len(cond.accepted_conditions(case.ours)) == len(cond.accepted_conditions(case.theirs)) == 2
    assert types(case) == ["request", "acknowledgement", "status", "conditions_offered", "conditions_answered"]
    case.whole()


def test_declined_conditions_open_the_way_to_a_refusal_or_another_offer(case: Case) -> None:
    case.under_review()
    offer(case)
    cond.outgoing_decline_conditions(outgoing=case.ours, by=case.line.supervisor, reason="Our law forbids it.")
    drain()
    assert OpenPoint.objects.get(incoming=case.theirs).answer == "Our law forbids it."
    offer(case)
    assert [point.choice for point in OpenPoint.objects.filter(outgoing=case.ours).order_by("id")] == ["declined", ""]
    inward.incoming_refuse(
        incoming=case.theirs, by=case.line.their_supervisor, ground="essential_interests", article="UNTOC 18(21)(b)",
        reason="the conditions were declined", consulted=False, decided_by="the minister",
    )  # fmt: skip
    case.ended("refused")


def test_answer_that_crosses_the_refusal_is_refused_and_told(case: Case) -> None:
    case.under_review()
    offer(case)
    inward.incoming_refuse(
        incoming=case.theirs, by=case.line.their_supervisor, ground="essential_interests", article="UNTOC 18(21)(b)",
        reason="no time", consulted=False, decided_by="the minister",
    )  # fmt: skip
    cond.outgoing_accept_conditions(outgoing=case.ours, by=case.line.supervisor)
    drain()
    told = Transmission.objects.get(message__type="conditions_answered")
    assert told.status == "rejected"
    assert not cond.accepted_conditions(case.theirs)
    assert_invariants()


def concluded(case: Case) -> None:
    case.in_execution()
    for key in ("M1", "M2"):
        case.item(key, "execute", case.line.executing, reason="handed over")
    inward.incoming_add_evidence(
        incoming=case.theirs, by=case.line.executing, name="april.csv", media_type="text/csv", content=b"April", item="M1"
    )  # fmt: skip
    inward.incoming_transmit_result(incoming=case.theirs, by=case.line.their_registry)
    drain()


def ask(case: Case) -> None:
    comp.outgoing_ask_complement(
        outgoing=case.ours, by=case.line.desk, defect="wrong_period", question="May is missing.", due=DUE
    )
    drain()


def test_complement_is_asked_and_supplied_with_files(case: Case) -> None:
    concluded(case)
    ask(case)
    theirs = OpenPoint.objects.get(incoming=case.theirs, kind="complement")
    assert (theirs.ground, theirs.question, theirs.due) == ("wrong_period", "May is missing.", DUE)
    comp.incoming_supply_complement(
        incoming=case.theirs, by=case.line.their_registry, point_id=theirs.point_id, answer="Here is May.",
        files=[Supplied("may.csv", "text/csv", b"May", item="M1", use_limits="for this case only")],
    )  # fmt: skip
    drain()
    ours = OpenPoint.objects.get(outgoing=case.ours, kind="complement")
    assert (ours.answer, ours.choice, ours.point_id) == ("Here is May.", "supplied", theirs.point_id)
    file = ours.files.get()
    assert (file.name, file.use_limits, file.item and file.item.key) == ("may.csv", "for this case only", "M1")
    assert case.ours.evidence_set.count() == case.theirs.evidence_set.count() == 2
    course.outgoing_confirm_evidence(outgoing=case.ours, by=case.line.registry)
    drain()
    assert case.theirs.evidence_matched is True
    case.whole()


def test_complement_asked_of_a_case_closed_there_is_refused_and_the_sender_told(case: Case) -> None:
    concluded(case)
    inward.incoming_close(incoming=case.theirs, by=case.line.their_registry, reason="by telephone")
    ask(case)
    told = Transmission.objects.get(message__type="complement_asked")
    assert told.status == "rejected"
    assert case.theirs.status == "closed"
    assert not OpenPoint.objects.filter(incoming=case.theirs).exists()
    assert course.outgoing_close(outgoing=case.ours, by=case.line.supervisor, reason="closed there").status == "closed"


def test_offer_that_says_what_cannot_be_is_refused(case: Case, answers: Post) -> None:
    good = {"condition": str(uuid7()), "kind": "their_own_kind", "text": "x"}
    whole: dict[str, Any] = {"point": str(uuid7()), "text": "Only so.", "conditions": [good]}
    wrong = [
        whole | {"conditions": []},
        whole | {"conditions": [good | {"kind": "Not a code"}]},
        whole | {"conditions": [good | {"item": "M9"}]},
        whole | {"conditions": [good | {"text": " "}]},
        whole | {"text": ""},
        whole | {"mood": "good"},
        whole | {"conditions": [good, good]},
    ]
    assert {answers.send("conditions_offered", body).status for body in wrong} == {Message.Status.REFUSED}
    assert not case.ours.condition_set.exists()
    assert not OpenPoint.objects.filter(outgoing=case.ours).exists()
    # A kind that is not known here is kept as it came.
    assert answers.send("conditions_offered", whole).status == Message.Status.APPLIED
    assert case.ours.condition_set.get().kind_words == "their_own_kind"
    assert answers.send("complement", {"point": str(uuid7()), "answer": "x"}).status == Message.Status.REFUSED
