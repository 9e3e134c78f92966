"""What waits for whom, page by page; numbers; and the summary of a case."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.core import clock
from tests.factories import Line, drain, example_letter, officer
from tests.tracking.lives import MONDAY, closed_case, sent_case
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models import LetterOfRequest
from workflows.engine.machine import acts_of
from workflows.engine.perform import available_acts
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.short import MACHINES
from workflows.tracking.pages import LARGEST_PAGE, keyset_page
from workflows.tracking.selectors import (
    _incoming_rules,
    _outgoing_rules,
    status_statistics,
    worklist_incoming,
    worklist_outgoing,
)
from workflows.tracking.state import case_summary


def waits(case: Any, line: Line) -> dict[str, str]:
    """Return the act that the case waits for, by the role of each person of the line who is waited for."""
    worklist = worklist_outgoing if isinstance(case, OutgoingRequest) else worklist_incoming
    people = [line.prosecutor, line.desk, line.supervisor, line.registry]
    people += [line.their_registry, line.their_desk, line.their_supervisor, line.executing]
    found = {}
    for person in people:
        for item in worklist(person).rows:
            # Acts on rows beside the case have tests of their own.
            if item.case.pk == case.pk and "." not in item.act:
                # Nobody is told to do what the machine would refuse, the data of the act aside.
                possible = {act.name: act.reasons for act in available_acts(item.case, person)}
                assert possible[item.act] == (), item.act
                assert item.since == item.case.changed_at and item.label
                found[f"{person.role} {person.authority_id == case.authority_id}"] = item.act
    return found


@pytest.mark.django_db
def test_case_waits_for_the_one_whose_act_is_next_all_the_way() -> None:
    line = Line()
    outgoing = line.drafted()
    # The letter is not frozen yet: lodging does both, so its own condition is left to the service.
    assert [item.act for item in worklist_outgoing(line.prosecutor).rows] == ["lodge"]
    assert not worklist_outgoing(line.desk).rows
    outgoing = chain.outgoing_lodge(outgoing=outgoing, by=line.prosecutor)
    assert waits(outgoing, line) == {"desk_officer True": "take_in", "registry True": "take_in"}
    outgoing = chain.outgoing_take_in(outgoing=outgoing, by=line.desk)
    assert waits(outgoing, line) == {"desk_officer True": "submit"}
    outgoing = chain.outgoing_query_originator(outgoing=outgoing, by=line.desk, question="Which?")
    assert waits(outgoing, line)["originator_drafter False"] == "answer_query"
    outgoing = chain.outgoing_answer_query(outgoing=outgoing, by=line.prosecutor, answer="This.")
    outgoing = chain.outgoing_submit(outgoing=outgoing, by=line.desk)
    assert waits(outgoing, line) == {"supervisor True": "approve"}
    outgoing = chain.outgoing_approve(
        outgoing=outgoing, by=line.supervisor, content_hash=line.hash_of(outgoing), rights_screened=True
    )
    assert waits(outgoing, line) == {}, "the system makes the document"
    outgoing = course.outgoing_attach_document(outgoing=outgoing, sha256="a" * 64, content_hash=outgoing.approved_hash)
    assert waits(outgoing, line) == {"registry True": "send"}


@pytest.mark.django_db
def test_request_in_waits_for_each_stage_of_the_requested_side_and_then_for_ours() -> None:
    line, outgoing, incoming = sent_case()
    assert waits(incoming, line) == {"registry True": "acknowledge"}
    # Long ago by the clock of the database: a reminder is due.
    assert set(waits(outgoing, line).values()) == {"chase"}
    OutgoingRequest.objects.filter(pk=outgoing.pk).update(silent_since=clock.now())
    assert waits(outgoing, line) == {}
    incoming = inward.incoming_acknowledge(incoming=incoming, by=line.their_registry, contact="Registry")
    assert waits(incoming, line) == {"desk_officer True": "start_review"}
    incoming = inward.incoming_start_review(incoming=incoming, by=line.their_desk)
    assert waits(incoming, line)["supervisor True"] == "accept"
    incoming = inward.incoming_ask_information(incoming=incoming, by=line.their_desk, question="Which?")
    assert waits(incoming, line) == {}
    drain()
    outgoing = OutgoingRequest.objects.get(pk=outgoing.pk)
    assert waits(outgoing, line) == {"supervisor True": "give_information"}
    course.outgoing_give_information(outgoing=outgoing, by=line.supervisor, answer="This.")
    drain()
    incoming = inward.incoming_accept(
        incoming=IncomingRequest.objects.get(pk=incoming.pk),
        by=line.their_supervisor,
        executing=line.executing_authority,
        decided_by="Supervisor",
    )
    assert waits(incoming, line) == {"executing_officer False": "add_evidence"}
    incoming = line.executed(incoming)
    assert waits(incoming, line) == {"registry True": "transmit_result"}
    incoming = inward.incoming_transmit_result(incoming=incoming, by=line.their_registry)
    assert waits(incoming, line) == {}
    drain()
    outgoing = OutgoingRequest.objects.get(pk=outgoing.pk)
    assert waits(outgoing, line) == {"registry True": "confirm_evidence"}
    outgoing = course.outgoing_confirm_evidence(outgoing=outgoing, by=line.registry)
    assert waits(outgoing, line) == {"registry True": "hand_over_result"}
    outgoing = course.outgoing_hand_over_result(outgoing=outgoing, by=line.registry)
    assert waits(outgoing, line) == {"originator_drafter False": "originator_confirms"}
    outgoing = course.outgoing_originator_confirms(outgoing=outgoing, by=line.prosecutor)
    assert waits(outgoing, line) == {"supervisor True": "close"}
    drain()
    incoming = IncomingRequest.objects.get(pk=incoming.pk)
    assert set(waits(incoming, line).values()) == {"close"}


@pytest.mark.django_db
def test_withdrawn_request_waits_for_the_confirmation() -> None:
    line, outgoing, incoming = sent_case()
    course.outgoing_withdraw(outgoing=outgoing, by=line.supervisor, reason="No longer needed.")
    drain()
    incoming = IncomingRequest.objects.get(pk=incoming.pk)
    assert set(waits(incoming, line).values()) == {"confirm_withdrawal"}


def test_rules_of_the_worklists_name_acts_of_the_machines() -> None:
    for model, rules in ((OutgoingRequest, _outgoing_rules()), (IncomingRequest, _incoming_rules())):
        named = [act for act, _whose, _condition in rules]
        beside = {
            f"{machine.KIND}.{act}" for machine in MACHINES if machine.SIDE == model.KIND for act in acts_of(machine)
        }
        if model is OutgoingRequest:
            # Of the letter: who of the authority sees it, where those who did left.
            beside |= {f"letter.{act}" for act in acts_of(LetterOfRequest)}
        assert set(named) <= set(acts_of(model)) | beside and len(set(named)) == len(named)
        assert {whose for _act, whose, _condition in rules} <= {field.name for field in model._meta.fields}


@pytest.mark.django_db
def test_worklist_takes_the_same_number_of_queries_for_one_case_and_for_many() -> None:
    line, _outgoing, _incoming = sent_case()
    registry = line.their_registry

    def queries(count: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            rows = worklist_incoming(registry).rows
        assert len(rows) == count and all(row.deadlines for row in rows)
        # Naming the sender of each costs nothing more.
        with CaptureQueriesContext(connection) as named:
            assert {str(row.case.sender) for row in rows}
        assert not named
        return len(captured)

    one = queries(1)
    sent_case()
    sent_case()
    assert queries(3) == one <= 8


@pytest.mark.django_db
def test_pages_by_key_give_every_row_once_while_others_come_in() -> None:
    line = Line()
    cases = [line.drafted() for _number in range(5)]
    first = worklist_outgoing(line.prosecutor, size=2)
    assert [row.case.pk for row in first.rows] == [
        cases[4].pk,
        cases[3].pk,
    ] and first.after == f"{cases[3].pressing}.{cases[3].pk}"
    line.drafted()
    second = worklist_outgoing(line.prosecutor, after=first.after, size=2)
    third = worklist_outgoing(line.prosecutor, after=second.after, size=2)
    assert [row.case.pk for row in second.rows + third.rows] == [cases[2].pk, cases[1].pk, cases[0].pk]
    assert third.after is None
    with CaptureQueriesContext(connection) as captured:
        page = keyset_page(OutgoingRequest.objects.order_by("created_at"), size=3)
    assert len(captured) == 1 and "OFFSET" not in captured[0]["sql"]
    assert [row.pk for row in page.rows] == sorted((row.pk for row in page.rows), reverse=True)
    whole = keyset_page(OutgoingRequest.objects.all(), size=6)
    assert len(whole.rows) == 6 and whole.after is None
    for size in (0, LARGEST_PAGE + 1):
        with pytest.raises(ValueError, match="a page has between"):
            keyset_page(OutgoingRequest.objects.all(), size=size)


@pytest.mark.django_db
def test_statistics_count_what_the_actor_sees_and_nothing_hidden() -> None:
    with clock.frozen(MONDAY):
        line = Line()
        line.drafted()
    with clock.frozen(MONDAY + dt.timedelta(days=4)):
        line.drafted()
        content = example_letter(1).content()
        content["confidentiality"] = {"level": "restricted", "reason": "An undercover officer is at risk."}
        restricted = Line(letter=letter_from(content)).drafted()
    other_person = officer(Role.ORIGINATOR_DRAFTER, line.letter.requesting.originating or "", 2)
    with clock.frozen(MONDAY + dt.timedelta(days=10)), CaptureQueriesContext(connection) as captured:
        (drafting,) = status_statistics(other_person)
    assert len(captured) == 2
    assert (drafting.kind, drafting.status, drafting.label, drafting.count) == ("outgoing", "drafting", "drafting", 2)
    assert (drafting.oldest.days, drafting.mean.days, drafting.still.days) == (10, 8, 10)
    assert status_statistics(line.prosecutor)[0].count == 3, f"{restricted} is the prosecutor's own"
    assert status_statistics(line.desk) == [] == status_statistics(line.their_registry)


@pytest.mark.django_db
def test_statistics_count_a_case_once_however_often_it_was_lodged() -> None:
    line = Line()
    outgoing = line.lodged()
    outgoing = chain.outgoing_return_to_originator(outgoing=outgoing, by=line.desk, reason="More facts, please.")
    chain.outgoing_lodge(outgoing=outgoing, by=line.prosecutor)
    assert [(row.status, row.count) for row in status_statistics(line.desk)] == [("drafting", 1)]
    assert [row.case.pk for row in worklist_outgoing(line.desk).rows] == [outgoing.pk]


@pytest.mark.django_db
def test_peer_and_stranger_have_no_worklist() -> None:
    _line, outgoing, _incoming = sent_case()
    peer = Actor.peer(outgoing.addressee)
    assert not worklist_outgoing(peer).rows and not worklist_incoming(peer).rows
    stranger = officer(Role.REGISTRY, "fr-central")
    assert not worklist_incoming(stranger).rows and not worklist_outgoing(stranger).rows


@pytest.mark.django_db
def test_summary_of_a_case_has_its_references_hashes_and_waiting_and_no_text() -> None:
    _line, outgoing, incoming = closed_case()
    with clock.frozen(MONDAY + dt.timedelta(days=50)), CaptureQueriesContext(connection) as captured:
        summary = case_summary(outgoing)
    assert len(captured) <= 25
    assert (summary.reference, summary.peer_reference) == (outgoing.reference, incoming.reference)
    assert (summary.status, summary.outcome, summary.peer_status) == ("closed", "executed", "concluded")
    assert {sent.status for sent in summary.transmissions} == {"retrieved"}
    assert [sent.type for sent in summary.transmissions] == ["request", "information_given", "receipt_confirmed"]
    assert len(summary.evidence_sha256) == len(summary.items) and {item.status for item in summary.items} == {
        "executed"
    }
    assert {code: time.days for code, time in summary.waited.items()} == {
        "us-prosecutor": 1,
        "us-central": 11,
        "is-central": 28,
    }
    plain = summary.as_dict()
    assert plain["approved_hash"] == outgoing.approved_hash and plain["sent_at"] == "2026-03-16T09:00:00Z"
    text = json.dumps(plain)
    assert outgoing.letter.title not in text and "Which account?" not in text
