"""Consultations and postponements on the pages: forms that keep what is typed, and what both sides read of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import Line, drain
from tests.web.conftest import day, signed_in
from tests.web.test_act_screens import address, proven
from workflows.lifecycle.models import IncomingRequest, OpenPoint, OutgoingRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def sides() -> tuple[Line, OutgoingRequest, IncomingRequest]:
    line = Line()
    sent = line.sent()
    return line, sent, line.under_review(line.arrived(sent))


Sides = tuple[Line, OutgoingRequest, IncomingRequest]


def test_consultation_is_asked_answered_and_read_on_both_sides(sides: Sides) -> None:
    line, ours, theirs = sides
    desk, said = signed_in(line.their_supervisor), {"kind": "refusal", "question": "Could you narrow it to one year?"}
    wrong = desk.post(address(theirs, "consult"), said)
    assert wrong.status_code == 422
    page = wrong.content.decode()
    assert "Could you narrow it to one year?" in page, "what was typed is still there"
    assert "name the ground" in page
    assert "name the article" in page
    assert "until when you wait" in page
    whole = said | {"ground": "essential_interests", "article": "UNCAC 46(21)(b)", "due": day(20)}
    assert desk.post(address(theirs, "consult"), whole).status_code == 302
    refusal = {"ground": "essential_interests", "article": "UNCAC 46(21)(b)", "reason": "No.", "consulted": "yes",
               "decided_by": "S"}  # fmt: skip
    waits = desk.post(address(theirs, "refuse"), refusal)
    assert waits.status_code == 422
    assert "has until" in waits.content.decode()
    drain()
    answering = signed_in(line.supervisor)
    page = answering.get(f"/out/{ours.public_id}/").content.decode()
    assert "Could you narrow it to one year?" in page
    assert "UNCAC 46(21)(b)" in page
    assert "consultation before a refusal" in page
    assert "Does the request go on?" not in answering.get(address(ours, "answer_consultation")).content.decode()
    point = OpenPoint.objects.get(outgoing=ours)
    said = {"point": str(point.point_id), "answer": "Only the year 2025."}
    assert answering.post(address(ours, "answer_consultation"), said).status_code == 302
    drain()
    assert "Only the year 2025." in desk.get(f"/in/{theirs.public_id}/").content.decode()
    assert desk.post(address(theirs, "refuse"), refusal).status_code == 302


def test_costs_and_confidentiality_ask_whether_the_request_goes_on(sides: Sides) -> None:
    line, ours, theirs = sides
    desk = signed_in(line.their_supervisor)
    costs = {"kind": "costs", "question": "An expert is needed.", "amount": "12000.50"}
    assert "three letters" in desk.post(address(theirs, "consult"), costs).content.decode()
    assert desk.post(address(theirs, "consult"), costs | {"currency": "eur"}).status_code == 302
    drain()
    client = signed_in(line.supervisor)
    assert "12000.50 EUR" in client.get(f"/out/{ours.public_id}/").content.decode()
    said = {"point": str(OpenPoint.objects.get(outgoing=ours).point_id), "answer": "That is too much."}
    refused = client.post(address(ours, "answer_consultation"), said)
    assert refused.status_code == 422
    assert "That is too much." in refused.content.decode()
    assert client.post(address(ours, "answer_consultation"), said | {"choice": "withdraw"}).status_code == 302
    ours.refresh_from_db()
    assert ours.desired == "withdraw"


def test_postponement_is_read_on_both_sides_with_until_and_why(sides: Sides) -> None:
    line, ours, theirs = sides
    desk = signed_in(line.their_supervisor)
    said: dict[str, Any] = {"ground": "own_proceedings", "article": "UNTOC 18(25)", "reason": "The trial runs."}
    wrong = desk.post(address(theirs, "postpone"), said)
    assert wrong.status_code == 422
    assert "say what it waits for" in wrong.content.decode()
    whole = said | {"until": day(60), "until_event": "the end of our trial"}
    assert desk.post(address(theirs, "postpone"), whole).status_code == 302
    drain()
    for client, where in ((desk, f"/in/{theirs.public_id}/"), (signed_in(line.supervisor), f"/out/{ours.public_id}/")):
        page = client.get(where).content.decode()
        for fact in ("The trial runs.", "the end of our trial", "UNTOC 18(25)", "To be looked at again on"):
            assert fact in page, (where, fact)
    assert desk.post(address(theirs, "resume"), {}).status_code == 302
    drain()
    assert "taken up again" in signed_in(line.supervisor).get(f"/out/{ours.public_id}/").content.decode()


def test_registry_records_from_paper_what_the_other_state_did(sides: Sides) -> None:
    line, ours, _theirs = sides
    client = signed_in(line.registry)
    asked = {"kind": "confidentiality", "question": "Our law lets the suspect see the file."}
    assert client.post(address(ours, "note_consultation"), asked).status_code == 422
    assert client.post(address(ours, "note_consultation"), proven(**asked)).status_code == 302
    put_off = {"ground": "own_proceedings", "until_event": "the end of their trial"}
    assert client.post(address(ours, "note_postponement"), put_off).status_code == 422
    assert client.post(address(ours, "note_postponement"), proven(**put_off)).status_code == 302
    assert client.post(address(ours, "note_resumption"), proven()).status_code == 302
    page = client.get(f"/out/{ours.public_id}/").content.decode()
    assert "the end of their trial" in page
    assert "Our law lets the suspect see the file." in page


def test_paper_answer_that_withdraws_is_noted_with_the_withdrawal(sides: Sides) -> None:
    line, _ours, theirs = sides
    supervisor, registry = signed_in(line.their_supervisor), signed_in(line.their_registry)
    asked = {"kind": "confidentiality", "question": "Our law lets the suspect see the file."}
    assert supervisor.post(address(theirs, "consult"), asked).status_code == 302
    assert "cannot be kept" in supervisor.get(address(theirs, "accept")).content.decode()
    said = {"point": str(OpenPoint.objects.get(incoming=theirs).point_id), "answer": "Then not.", "choice": "withdraw"}
    assert registry.post(address(theirs, "receive_consultation_answer"), said).status_code == 302
    theirs.refresh_from_db()
    assert theirs.desired == "withdraw"
