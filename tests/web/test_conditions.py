"""Conditions and complements at the desk: their forms, and what the pages of both sides show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape

from mla.accounts.actors import Actor
from tests.factories import Line, drain
from workflows.lifecycle.models import OpenPoint
from workflows.lifecycle.services import complements as comp
from workflows.lifecycle.services import incoming as inward

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]


def do(case: Any, act: str) -> str:
    way = "out" if case.KIND == "outgoing" else "in"
    return f"/{way}/{case.public_id}/do/{act}"


def test_offer_is_written_answered_and_shown_on_both_sides(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.sent()
    incoming = line.under_review(line.arrived(outgoing))
    drain()
    theirs, ours = at_desk(line.their_supervisor), at_desk(line.supervisor)
    form = theirs.get(do(incoming, "offer_conditions")).content.decode()
    assert "Speciality" in form and "Condition 6" in form and outgoing.reference in form
    said = {
        "question": "We help only so.", "kind_1": "speciality", "text_1": "For these proceedings alone.",
        "article_1": "46(19)", "until_1": "2031-01-01", "kind_3": "return_of_originals", "text_3": "They come back.",
        "item_3": "M1", "due": "2031-02-01",
    }  # fmt: skip
    for wrong, told in (
        ({"text_3": ""}, "Condition 3: write its words."),
        ({"kind_1": ""}, "Condition 1: choose its kind."),
        ({"until_1": "2020-01-01"}, "This day is past."),
        ({"question": ""}, "What is said with them"),
        (dict.fromkeys(("kind_1", "text_1", "article_1", "until_1", "kind_3", "text_3", "item_3"), ""), "at least one"),
    ):
        page = theirs.post(do(incoming, "offer_conditions"), said | wrong)
        assert page.status_code == 422
        assert told in page.content.decode(), told
        assert "We help only so." in page.content.decode() or wrong == {"question": ""}
    assert not OpenPoint.objects.exists()
    assert theirs.post(do(incoming, "offer_conditions"), said).status_code == 302
    drain()
    for client, place in ((ours, f"/out/{outgoing.public_id}/"), (theirs, f"/in/{incoming.public_id}/")):
        page = client.get(place).content.decode()
        for shown in ("conditions offered", "For these proceedings alone.", "46(19)", "item M1", "Not answered yet."):
            assert shown in page, (place, shown)
    assert "are to be accepted or declined" in ours.get(f"/out/{outgoing.public_id}/").content.decode()
    asked = theirs.get(do(incoming, "accept")).content.decode()
    assert "the requesting State has not answered our conditions yet" in asked
    form = ours.get(do(outgoing, "accept_conditions")).content.decode()
    assert "They come back." in form and "item M1" in form
    point = str(OpenPoint.objects.get(outgoing=outgoing).point_id)
    assert ours.post(do(outgoing, "decline_conditions"), {"point": point, "reason": ""}).status_code == 422
    assert ours.post(do(outgoing, "accept_conditions"), {"point": point, "answer": "Agreed."}).status_code == 302
    drain()
    for client, place in ((ours, f"/out/{outgoing.public_id}/"), (theirs, f"/in/{incoming.public_id}/")):
        page = client.get(place).content.decode()
        assert "accepted. Agreed." in page and "Not answered yet." not in page


def test_conditions_that_came_on_paper_are_recorded_with_proof(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.sent()
    registry = at_desk(line.registry)
    said: dict[str, Any] = {
        "question": "Only so.", "kind_2": "costs", "text_2": "You bear the costs.", "proof_channel": "paper",
        "proof_day": "2026-01-02",
    }  # fmt: skip
    without = registry.post(do(outgoing, "note_conditions"), said)
    assert without.status_code == 422
    assert "You bear the costs." in without.content.decode()
    proof = SimpleUploadedFile("letter.pdf", b"%PDF-1.7 their letter")
    assert registry.post(do(outgoing, "note_conditions"), said | {"proof": proof}).status_code == 302
    point = OpenPoint.objects.get(outgoing=outgoing)
    assert [one.text for one in point.conditions.all()] == ["You bear the costs."]


def test_complement_is_asked_supplied_and_shown_and_a_refusal_over_there_is_told(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.sent()
    incoming = line.executed(line.in_execution(line.arrived(outgoing)))
    incoming = inward.incoming_transmit_result(incoming=incoming, by=line.their_registry)
    drain()
    desk, registry = at_desk(line.desk), at_desk(line.their_registry)
    said = {"defect": "wrong_period", "question": "May is missing.", "due": "2031-01-01"}
    assert desk.post(do(outgoing, "ask_complement"), said | {"defect": ""}).status_code == 422
    assert desk.post(do(outgoing, "ask_complement"), said).status_code == 302
    drain()
    place = f"/in/{incoming.public_id}/"
    assert "It covers another period" in registry.get(place).content.decode()
    point = str(OpenPoint.objects.get(incoming=incoming).point_id)
    assert registry.post(do(incoming, "supply_complement"), {"point": point}).status_code == 422
    files = [SimpleUploadedFile("may.csv", b"May"), SimpleUploadedFile("june.csv", b"June")]
    given = {"point": point, "evidence": files, "item": "M1", "use_limits": "as before"}
    assert registry.post(do(incoming, "supply_complement"), given).status_code == 302
    drain()
    page = desk.get(f"/out/{outgoing.public_id}/").content.decode()
    assert "may.csv" in page and "june.csv" in page and "supplied" in page
    assert "the evidence is to be checked" in page
    # The other side closes; what is asked then is refused there, and the page says so and leads to a supplement.
    inward.incoming_close(incoming=incoming, by=line.their_registry, reason="by telephone")
    comp.outgoing_ask_complement(outgoing=outgoing, by=line.desk, defect="other", question="And July?")
    drain()
    page = desk.get(f"/out/{outgoing.public_id}/").content.decode()
    assert escape("The other side did not take it in") in page
    assert f'href="/out/{outgoing.public_id}/follow"' in page and "Supplement this request" in page
    assert (
        "The other side did not take it in"
        in at_desk(line.supervisor).get(f"/out/{outgoing.public_id}/").content.decode()
    )
