"""Conditions and complements in what is due, in who is to act, and in what waits for whom."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.factories import drain
from tests.tracking.test_due import DAY, fresh, kinds, on_day, sent_case
from tests.tracking.test_worklist import waits
from workflows.lifecycle.models import OpenPoint
from workflows.lifecycle.services import complements as comp
from workflows.lifecycle.services import conditions as cond
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.complements import Supplied
from workflows.lifecycle.services.conditions import Offered
from workflows.tracking.deadlines import DeadlineKind as Kind
from workflows.tracking.due_cases import cases_with_deadlines
from workflows.tracking.timeline import case_ball, case_timeline

pytestmark = pytest.mark.django_db


def held(case: object) -> tuple[str, str]:
    last = case_ball(fresh(case), case_timeline(None, fresh(case)))[-1]
    return last.party, last.why


def test_offer_is_due_to_the_sender_and_waits_for_its_supervisor() -> None:
    line, outgoing, incoming = sent_case()
    with on_day(8):
        incoming = line.under_review(incoming)
        cond.incoming_offer_conditions(
            incoming=incoming, by=line.their_supervisor, question="Only so.", due=DAY("2026-04-01"),
            conditions=[Offered("speciality", "For these proceedings alone.")],
        )  # fmt: skip
        drain()
    ours, theirs = kinds(fresh(outgoing))[Kind.ANSWER], kinds(fresh(incoming))[Kind.ANSWER]
    assert (ours.due, ours.note, ours.for_authority_id) == (DAY("2026-04-01"), "we owe the answer", outgoing.central_id)
    assert (theirs.due, theirs.note) == (DAY("2026-04-01"), "the other State owes the answer")
    # By the clock of the database they have been silent for months.
    reminded = {"desk_officer True": "chase", "registry True": "chase"}
    assert waits(fresh(outgoing), line) == {"supervisor True": "accept_conditions"} | reminded
    assert waits(fresh(incoming), line) == {}
    assert held(outgoing) == ("central", "conditions of the other State are to be accepted or declined")
    assert held(incoming) == ("other", "an answer to our conditions is open")
    with on_day(9):
        cond.outgoing_accept_conditions(outgoing=fresh(outgoing), by=line.supervisor)
        drain()
    assert Kind.ANSWER not in kinds(fresh(outgoing)) and Kind.ANSWER not in kinds(fresh(incoming))
    assert waits(fresh(incoming), line)["supervisor True"] == "accept"
    assert held(incoming)[0] == "central"


def test_complement_is_due_to_the_requested_side_after_the_result() -> None:
    line, outgoing, incoming = sent_case()
    with on_day(8):
        incoming = line.executed(line.in_execution(incoming))
        inward.incoming_transmit_result(incoming=incoming, by=line.their_registry)
        drain()
        course.outgoing_confirm_evidence(outgoing=fresh(outgoing), by=line.registry)
        comp.outgoing_ask_complement(
            outgoing=fresh(outgoing), by=line.desk, defect="incomplete", question="May?", due=DAY("2026-05-01")
        )
        drain()
    ours, theirs = kinds(fresh(outgoing))[Kind.ANSWER], kinds(fresh(incoming))[Kind.ANSWER]
    assert (ours.due, ours.note) == (DAY("2026-05-01"), "the other State owes the answer")
    assert (theirs.due, theirs.note, theirs.for_authority_id) == (
        DAY("2026-05-01"), "we owe the answer", incoming.authority_id,
    )  # fmt: skip
    out, inward_cases = cases_with_deadlines(dt.date(2026, 4, 1))
    assert outgoing in out and incoming in inward_cases
    assert waits(fresh(incoming), line) == {"registry True": "supply_complement"}
    assert held(incoming) == ("central", "a complement of the result is to be supplied")
    assert held(outgoing) == ("other", "a complement of the result is asked")
    with on_day(9):
        comp.incoming_supply_complement(
            incoming=fresh(incoming), by=line.their_registry, point_id=OpenPoint.objects.get(incoming=incoming).point_id,
            files=[Supplied("may.csv", "text/csv", b"May", item="M1")],
        )  # fmt: skip
        drain()
    assert Kind.ANSWER not in kinds(fresh(outgoing)) and Kind.ANSWER not in kinds(fresh(incoming))
    assert waits(fresh(outgoing), line) == {"registry True": "confirm_evidence"}
    assert held(outgoing) == ("central", "the evidence is to be checked")
    assert held(incoming) == ("other", "the receipt of the evidence is to be confirmed")
