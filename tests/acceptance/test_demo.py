"""`manage.py --demo demo`, as a newcomer runs it: nine cases through real processes, twice."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from mla.settings.env import BASE_DIR

pytestmark = pytest.mark.demo

FIELDS = {
    "case", "requesting", "requested", "outgoing_reference", "incoming_reference", "outgoing_status",
    "incoming_status", "outcome", "basis", "measures", "pdf", "pdf_sha256", "pdf_signature", "content_hash",
    "messages", "seconds", "languages",
}  # fmt: skip


def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "--demo", *arguments],
        cwd=BASE_DIR,
        env={name: value for name, value in os.environ.items() if not name.startswith("MLA_MODE")},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def demonstrate(*options: str) -> dict[str, list[dict[str, Any]]]:
    done = manage("demo", *options)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    report: dict[str, list[dict[str, Any]]] = json.loads((BASE_DIR / "var" / "demo" / "report.json").read_text())
    return report


@pytest.fixture(scope="module")
def report() -> dict[str, list[dict[str, Any]]]:
    return demonstrate()


@pytest.fixture(scope="module")
def first(report: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return report["cases"]


def test_nine_cases_are_closed_on_both_sides_with_every_kind_of_outcome(first: list[dict[str, Any]]) -> None:
    assert [case["case"] for case in first] == list(range(1, 10))
    assert all(set(case) == FIELDS for case in first)
    assert {(case["outgoing_status"], case["incoming_status"]) for case in first} == {("closed", "closed")}
    assert {case["outcome"] for case in first} == {"executed", "partially_executed", "refused"}


def test_each_letter_is_a_pdf_with_the_hash_of_the_report(first: list[dict[str, Any]]) -> None:
    for case in first:
        data = (BASE_DIR / case["pdf"]).read_bytes()
        assert data.startswith(b"%PDF-")
        assert hashlib.sha256(data).hexdigest() == case["pdf_sha256"]


def test_report_names_how_each_letter_is_signed_and_what_its_check_says(first: list[dict[str, Any]]) -> None:
    told = {case["requesting"]: case["pdf_signature"] for case in first}
    assert told == {
        "US": "B-LT, sound", "GB": "B-LT, sound", "FR": "in ink", "DE": "B-LT, sound", "IN": "in ink",
        "ES": "B-LT, sound", "JP": "in ink", "MA": "B-LT, sound",
    }  # fmt: skip


def test_report_names_the_languages_that_each_letter_speaks(first: list[dict[str, Any]]) -> None:
    assert [case["languages"] for case in first] == [*[["en"]] * 6, ["en", "es"], ["en"], ["ar"]]


def test_question_and_answer_make_two_more_messages_than_a_plain_course(first: list[dict[str, Any]]) -> None:
    by_number = {case["case"]: case["messages"] for case in first}
    # Not the first: it tells of a preservation too.
    assert by_number[2] == by_number[5] + 2


#: What each story must have told the other side, in this order, other messages between them; and how it ended.
STORIES = {
    "RefusedAfterConsultation": (["consultation", "consultation answered", "refusal"], "refused"),
    "ReturnedAndResubmitted": (["the request", "returned", "the request", "result"], "executed"),
    "PartlyWithConditions": (
        ["conditions offered", "conditions answered", "part of the result", "receipt of a part confirmed", "result"],
        "partially_executed",
    ),
    "AskedTwice": (["information asked", "information given"] * 2 + ["result"], "executed"),
    "PrivilegeFilter": (["result", "receipt of the evidence confirmed"], "executed"),
    "CourtChallenge": (["result", "receipt of the evidence confirmed"], "executed"),
    "WithdrawnWhileExecuting": (["withdrawal", "withdrawal confirmed"], "obtained_otherwise"),
    "SilenceToLapsed": (["the request"] + ["a wish"] * 3, "unanswered"),
    "PreservedAndFollowedUp": (
        ["the request", "the data are preserved", "extension of a preservation", "result", "the request", "result"],
        "executed",
    ),
    "EmergencyAtNight": (
        ["the request", "data disclosed in the emergency", "confirmation in writing", "result"],
        "executed",
    ),
    "InformationLeadsToRequest": (
        [
            "information accepted",
            "information given without a request",
            "use of information told",
            "the request",
            "result",
        ],
        "executed",
    ),
    "Supplemented": (["the request", "result", "the request", "result"], "executed"),
}


def test_each_story_is_told_message_by_message_to_its_end(report: dict[str, list[dict[str, Any]]]) -> None:
    assert [story["story"] for story in report["stories"]] == list(STORIES)
    for story in report["stories"]:
        said, outcome = STORIES[story["story"]]
        told = iter(line["label"] for line in story["course"])
        assert all(label in told for label in said), story
        assert story["outcome"] == outcome, story
        last, silent = story["course"][-1], outcome == "unanswered"
        assert (last["outgoing_status"], last["incoming_status"]) == (
            ("sent", "received") if silent else ("concluded", "concluded")
        ), last
        assert (story["outgoing_status"], story["incoming_status"]) == ("closed", "received" if silent else "closed")


def test_audit_is_whole_and_the_timeline_knows_both_references(first: list[dict[str, Any]]) -> None:
    verified = manage("verify_audit", "--json")
    assert verified.returncode == 0
    assert json.loads(verified.stdout)["broken"] is None
    for reference in (first[0]["outgoing_reference"], first[0]["incoming_reference"]):
        told = manage("timeline", reference)
        assert told.returncode == 0, told.stderr
        assert first[0]["outgoing_reference"] in told.stdout
        assert first[0]["incoming_reference"] in told.stdout


def test_second_run_gives_the_same_content_hashes(first: list[dict[str, Any]]) -> None:
    again = demonstrate("--letters-only")["cases"]
    assert [case["content_hash"] for case in again] == [case["content_hash"] for case in first]
    assert [case["outgoing_reference"] for case in again] == [case["outgoing_reference"] for case in first]
