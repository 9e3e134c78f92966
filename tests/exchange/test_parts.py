"""A result in parts and items that were impossible, on both sides by messages alone; and parts on paper."""

from __future__ import annotations

from typing import Any

import pytest

from mla.core.files import file_store
from mla.core.ids import uuid7
from tests.exchange.conftest import Post
from tests.exchange.test_lines import PROOF, Case, case, types
from tests.factories import drain
from tests.lifecycle.conftest import World
from workflows.exchange.models import Message, MessageFile
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services import parts
from workflows.lifecycle.services.outgoing_course import EvidenceFile

__all__ = ["case"]


def add(case: Case, content: bytes, item: str) -> None:
    inward.incoming_add_evidence(
        incoming=case.theirs, by=case.line.executing, name=f"{item}.csv", media_type="text/csv", content=content,
        item=item,
    )  # fmt: skip


def carried(case: Case, kind: str) -> list[list[str]]:
    sent = Message.objects.filter(conversation_id=case.ours.conversation_id, direction="out", type=kind).order_by("id")
    return [list(one.files.order_by("id").values_list("name", flat=True)) for one in sent]


def test_partial_execution_goes_part_by_part_and_ends_with_the_rest(case: Case) -> None:
    case.in_execution()
    registry, line = case.line.their_registry, case.line
    add(case, b"first", "M1")
    parts.incoming_transmit_part(incoming=case.theirs, by=registry, note="the first account")
    drain()
    part = case.ours.part_set.get()
    assert (part.number, part.note, part.part_id) == (1, "the first account", case.theirs.part_set.get().part_id)
    assert [file.sha256 for file in case.ours.evidence_set.all()] == [file_store(b"first").sha256]
    parts.outgoing_confirm_part(outgoing=case.ours, by=line.registry)
    drain()
    assert case.theirs.part_set.get().all_match is True
    case.item("M1", "execute_partially", line.executing, ground="retention_over", article="national law", reason="half")
    case.item("M2", "find_impossible", line.executing, ground="encrypted", article="CETS-185 18", reason="no key")
    add(case, b"second", "M1")
    parts.incoming_transmit_part(incoming=case.theirs, by=registry)
    drain()
    assert {item.key: (item.status, item.ground, item.article) for item in case.ours.items.all()} == {
        "M1": ("partially_executed", "retention_over", "national law"),
        "M2": ("impossible", "encrypted", "CETS-185 18"),
    }
    add(case, b"third", "M1")
    inward.incoming_transmit_result(incoming=case.theirs, by=registry)
    case.ended("partially_executed")
    assert (carried(case, "partial_result"), carried(case, "result")) == ([["M1.csv"], ["M1.csv"]], [["M1.csv"]])
    assert case.ours.evidence_set.count() == case.theirs.evidence_set.count() == 3
    course.outgoing_confirm_evidence(outgoing=case.ours, by=line.registry)
    drain()
    assert case.theirs.evidence_matched is True
    assert list(case.theirs.part_set.order_by("number").values_list("number", "all_match")) == [(1, True), (2, True)]
    case.whole()
    kinds = [one for one in types(case) if "part" in one or "result" in one or "receipt" in one]
    assert kinds == ["partial_result", "part_confirmed", "partial_result", "result", "receipt_confirmed"]


def test_request_whose_items_were_all_impossible_says_so(case: Case) -> None:
    case.in_execution()
    for key in ("M1", "M2"):
        case.item(key, "find_impossible", case.line.executing, ground="data_deleted", reason="deleted in May")
    inward.incoming_transmit_result(incoming=case.theirs, by=case.line.their_registry)
    case.ended("impossible")
    assert {item.ground for item in case.ours.items.all()} == {"data_deleted"}


def test_file_that_does_not_match_is_named_to_the_other_state(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    case.in_execution()
    add(case, b"first", "M1")
    add(case, b"second", "M2")
    parts.incoming_transmit_part(incoming=case.theirs, by=case.line.their_registry)
    drain()
    wrong = file_store(b"second").sha256
    monkeypatch.setattr(
        "workflows.lifecycle.services.parts.hash_now",
        lambda file: "0" * 64 if file.sha256 == wrong else file.sha256,
    )
    parts.outgoing_confirm_part(outgoing=case.ours, by=case.line.registry)
    drain()
    assert (case.theirs.part_set.get().all_match, case.theirs.part_set.get().discrepant) == (False, [wrong])


@pytest.mark.parametrize(
    "body",
    [
        {"part": str(uuid7()), "number": 1, "all_match": True},
        {"part": "no identifier", "number": 1, "all_match": True},
        {"part": str(uuid7()), "number": 0, "all_match": True},
        {"part": str(uuid7()), "number": 1, "all_match": True, "discrepant": ["not a hash"]},
    ],
)
def test_confirmation_of_no_part_of_ours_is_refused(case: Case, body: dict[str, Any]) -> None:
    case.in_execution()
    post = Post(case.ours.central, case.theirs.authority, case.theirs.conversation_id)
    message = post.deliver(post.write("part_confirmed", body))
    assert message.status == "refused" and message.refusal


def test_part_without_a_file_and_the_same_part_twice_are_refused(case: Case) -> None:
    case.in_execution()
    add(case, b"first", "M1")
    parts.incoming_transmit_part(incoming=case.theirs, by=case.line.their_registry)
    drain()
    known = case.ours.part_set.get()
    post = Post(case.theirs.authority, case.ours.central, case.ours.conversation_id)
    kept = file_store(b"other")
    file = {
        "name": "b.csv", "media_type": "text/csv", "size": kept.size, "sha256": kept.sha256, "role": "evidence",
    }  # fmt: skip
    for part_id, files in ((uuid7(), []), (known.part_id, [file])):
        body = {"part": str(part_id), "number": 2, "items": []}
        message = post.deliver(post.write("partial_result", body, files=files))
        assert message.status == "refused", message.refusal
    assert case.ours.part_set.count() == 1
    assert case.ours.evidence_set.count() == 1


def test_part_on_paper_is_recorded_with_proof_and_confirmed(world: World, arrived: None) -> None:
    line, sent = world.line, world.outgoing("sent")
    kept = file_store(b"a scan")
    noted = parts.outgoing_note_part(
        outgoing=sent, by=line.registry, proof=PROOF, note="with their letter",
        files=[EvidenceFile("scan.pdf", "application/pdf", kept.size, kept.sha256)],
    )  # fmt: skip
    parts.outgoing_confirm_part(outgoing=noted, by=line.registry)
    drain()
    assert noted.status == "in_execution"
    assert MessageFile.objects.filter(message__type="part_confirmed").count() == 0
