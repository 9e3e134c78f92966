"""Parts of a result and impossible items, on the pages of both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from tests.factories import Line, drain, officer
from tests.web.test_act_screens import address, by_hand, proven
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import parts

pytestmark = pytest.mark.django_db
AtDesk = Callable[[Actor], Client]


def pages(case: Any, client: Client) -> str:
    way = "out" if case.KIND == "outgoing" else "in"
    answer = client.get(f"/{way}/{case.public_id}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_part_is_sent_seen_and_confirmed_on_both_sides_with_the_reason_of_each_item(at_desk: AtDesk) -> None:
    line = Line()
    case = line.in_execution(line.arrived(line.sent()))
    first, second = case.items.order_by("id")[:2]
    executing, theirs, ours = at_desk(line.executing), at_desk(line.their_registry), at_desk(line.registry)
    bare = executing.post(address(first, "find_impossible"), {"reason": "No key."})
    assert bare.status_code == 422
    unknown = executing.post(address(first, "find_impossible"), {"reason": "No key.", "ground": "whim"})
    assert unknown.status_code == 422 and "No key." in unknown.content.decode()
    form = executing.get(address(first, "find_impossible")).content.decode()
    assert "to be confirmed" in form and "whoever holds them has no key" in form
    said = {"reason": "No key.", "ground": "encrypted", "article": "CETS-185 18"}
    assert executing.post(address(first, "find_impossible"), said).status_code == 302
    nothing = "there is no evidence that was not sent already"
    assert nothing in theirs.get(address(case, "transmit_part")).content.decode()
    assert theirs.post(address(case, "transmit_part"), {}).status_code == 422
    inward.incoming_add_evidence(
        incoming=case, by=line.executing, name="a.csv", media_type="text/csv", content=b"1", item=second.key
    )
    shown = theirs.get(address(case, "transmit_part")).content.decode()
    assert "a.csv" in shown and "CETS-185 18" in shown and "no key" in shown
    assert theirs.post(address(case, "transmit_part"), {"note": "The first of two."}).status_code == 302
    drain()
    outgoing = OutgoingRequest.objects.get(conversation_id=case.conversation_id)
    here, there = pages(outgoing, ours), pages(case, theirs)
    for page in (here, there):
        for words in ("Part 1", "The first of two.", "whoever holds them has no key", "CETS-185 18", "part 1"):
            assert words in page, words
    assert "to be checked and confirmed" in here and "not confirmed yet" in there
    part = outgoing.part_set.get()
    assert ours.post(address(outgoing, "confirm_part"), {"part": str(part.part_id)}).status_code == 302
    drain()
    for page in (pages(outgoing, ours), pages(case, theirs)):
        assert "every hash matches" in page
    assert "no part waits for this" in ours.get(address(outgoing, "confirm_part")).content.decode()
    foreign = at_desk(officer(Role.FOREIGN_OFFICER, case.authority.code))
    told = foreign.get(f"/shared/{outgoing.public_id}/")
    assert told.status_code == 200
    assert "CETS-185 18" in told.content.decode() and "Part 1" in told.content.decode()


def test_part_on_paper_is_recorded_with_proof_and_its_receipt_noted(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = by_hand(line)
    client = at_desk(line.registry)
    files = [SimpleUploadedFile("a.csv", b"1,2\n"), SimpleUploadedFile("b.csv", b"3,4\n")]
    assert client.post(address(outgoing, "note_part"), {"evidence": files}).status_code == 422
    files = [SimpleUploadedFile("a.csv", b"1,2\n"), SimpleUploadedFile("b.csv", b"3,4\n")]
    done = client.post(address(outgoing, "note_part"), proven(evidence=files, note="with their letter"))
    assert done.status_code == 302, done.content.decode()[-2000:]
    outgoing.refresh_from_db()
    assert (outgoing.status, outgoing.part_set.get().files.count()) == ("in_execution", 2)
    assert "with their letter" in pages(outgoing, client)


def test_receipt_from_paper_names_the_files_that_do_not_match(at_desk: AtDesk) -> None:
    line = Line()
    case = line.in_execution(line.arrived(line.sent()))
    for number in ("1", "2"):
        inward.incoming_add_evidence(
            incoming=case, by=line.executing, name=f"{number}.csv", media_type="text/csv", content=number.encode()
        )
    case.refresh_from_db()
    case = parts.incoming_transmit_part(incoming=case, by=line.their_registry)
    part, client = case.part_set.get(), at_desk(line.their_registry)
    wrong = case.evidence_set.get(name="2.csv").sha256
    said = {"part": str(part.part_id), "all_match": "yes", "discrepant": [wrong]}
    assert client.post(address(case, "note_part_receipt"), said).status_code == 422
    assert client.post(address(case, "note_part_receipt"), said | {"all_match": "no"}).status_code == 302
    part.refresh_from_db()
    assert (part.all_match, part.discrepant) == (False, [wrong])
    page = pages(case, client)
    assert "the hash does not match:" in page


def test_item_of_ours_is_recorded_as_impossible_with_its_reason(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = by_hand(line)
    client, item = at_desk(line.registry), outgoing.items.order_by("id")[0]
    assert client.post(address(item, "accept"), proven()).status_code == 302
    said = {"ground": "provider_abroad", "reason": "The servers are elsewhere."}
    assert client.post(address(item, "find_impossible"), said).status_code == 422
    assert client.post(address(item, "find_impossible"), proven(**said)).status_code == 302
    item.refresh_from_db()
    assert (item.status, item.ground) == ("impossible", "provider_abroad")
