"""The emergency path on the screens: alone with the test of the danger, seen above the queue, confirmed by another."""

from __future__ import annotations

import re

import pytest

from tests.lifecycle.test_emergency import TEST, Night, cheap  # noqa: F401  (the fixture)
from tests.web.conftest import signed_in
from workflows.lifecycle.models import OutgoingRequest

pytestmark = pytest.mark.django_db


def test_duty_officer_answers_the_test_and_approves_what_was_on_the_page() -> None:
    night = Night()
    case = night.lodged()
    client = signed_in(night.duty)
    address = f"/out/{case.public_id}/do/approve_provisionally"
    page = client.get(address).content.decode()
    assert "You approve alone" in page and "rights_screened" in page
    shown = {"content_hash": Night.hash_of(case), "expected_version": case.version}
    refused = client.post(address, shown | TEST | {"rights_screened": "on", "imminent": ""})
    text = refused.content.decode()
    assert "why an ordinary request comes too late" in text and TEST["danger"] in text, "what was typed stays"
    case.refresh_from_db()
    assert case.status == "drafting"
    done = client.post(address, shown | TEST | {"rights_screened": "on"})
    assert done.status_code == 302
    case.refresh_from_db()
    assert (case.status, case.risk_test["imminent"]) == ("approved", TEST["imminent"])
    assert "approved by the duty officer alone" in client.get(f"/out/{case.public_id}/").content.decode()


def test_draft_of_the_central_authority_itself_is_frozen_by_the_act() -> None:
    night = Night()
    content = night.letter.model_copy(
        update={"requesting": night.letter.requesting.model_copy(update={"originating": None}), "annexes": ()}
    )
    from workflows.lifecycle.services import outgoing_chain as chain

    case = chain.outgoing_create(content=content, by=night.desk)
    client = signed_in(night.duty)
    address = f"/out/{case.public_id}/do/approve_provisionally"
    page = client.get(address)
    assert page.status_code == 200
    found = re.search(r'name="content_hash" value="([0-9a-f]{64})"', page.content.decode())
    assert found, "the page says of which content it is"
    hash_shown = found[1]
    given = {"content_hash": hash_shown, "expected_version": case.version, "rights_screened": "on"} | TEST
    done = client.post(address, given)
    assert done.status_code == 302, re.findall(r"<li>.*?</li>|errorlist.*", done.content.decode())
    case.refresh_from_db()
    assert case.status == "approved" and case.approved_hash == hash_shown


def test_supervisor_finds_what_waits_for_a_second_person_above_the_queue_and_confirms_it() -> None:
    night = Night()
    sent = night.sent_alone()
    client = signed_in(night.supervisor)
    queue = client.get("/review/").content.decode()
    assert "Sent on one pair of eyes" in queue and f"/out/{sent.public_id}/review/" in queue
    reading = client.get(f"/out/{sent.public_id}/review/").content.decode()
    assert TEST["danger"] in reading and "/do/confirm?" in reading
    address = f"/out/{sent.public_id}/do/confirm"
    given = {"content_hash": sent.approved_hash, "expected_version": sent.version}
    assert client.post(address, given).status_code != 302, "the rights screen is not ticked"
    assert client.post(address, given | {"rights_screened": "on"}).status_code == 302
    assert OutgoingRequest.objects.get(pk=sent.pk).confirmed_by_id == night.supervisor.user_id
    assert "Sent on one pair of eyes" not in client.get("/review/").content.decode()
