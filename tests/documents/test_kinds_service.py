"""Documents beside the letter, made from what cases hold: who may, once for the same words, recorded, kept by hash."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pikepdf
import pytest

from mla.accounts.access import AccessDenied
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.core.canonical import content_hash
from mla.core.files import file_open
from mla.reference.models import RefusalGround
from tests.factories import Line, drain, example_letter, officer
from workflows.documents.case_documents import document_html
from workflows.documents.frames import frame_of
from workflows.documents.kinds import WHOLE, kinds
from workflows.documents.models_kinds import CaseDocument
from workflows.documents.selectors import visible_case_documents
from workflows.documents.services_kinds import (
    DocumentRefused,
    document_languages,
    document_make,
    kinds_open,
)
from workflows.documents.wording import document_language
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.services import conditions as cond
from workflows.lifecycle.services import courts
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.conditions import Offered
from workflows.lifecycle.services.parts import incoming_transmit_part

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    return Line()


def acknowledged(line: Line) -> IncomingRequest:
    return inward.incoming_acknowledge(
        incoming=line.arrived(line.sent()), by=line.their_registry, contact="Registry, section 2"
    )


def slugs(case: Any, by: Any) -> set[str]:
    return {kind.slug for kind, _about in kinds_open(case=case, by=by)}


def page_of(slug: str, case: Any, about: str = WHOLE, **said: str) -> str:
    kind = kinds()[slug]
    language = document_languages(case)[0]
    words = {field.key: said.get(field.key, "") for field in kind.fields}
    with document_language(language):
        context = kind.context(case, about, words)
    return document_html(kind, frame_of(kind, case, language), context)


def test_acknowledgement_is_made_once_kept_by_its_hash_and_recorded(line: Line) -> None:
    case = acknowledged(line)
    made = document_make(kind="acknowledgement", case=case, by=line.their_registry, language="en")
    again = document_make(kind="acknowledgement", case=case, by=line.their_desk, language="en")
    assert again == made and CaseDocument.objects.count() == 1
    assert (made.status, made.sha256) == ("queued", ""), "nobody renders while an officer waits"
    drain()
    made.refresh_from_db()
    with file_open(made.sha256) as stored, pikepdf.open(io.BytesIO(stored.read())) as pdf:
        attached = json.loads(pdf.attachments["document.json"].get_file().read_bytes())
        assert len(pdf.pages) == made.pages
    assert content_hash(attached) == made.content_hash and attached == made.content
    entry = AuditEntry.objects.get(act="case_document.make")
    assert entry.actor_label == line.their_registry.label
    told = {"kind": "acknowledgement", "incoming": str(case.public_id), "content_hash": made.content_hash}
    assert entry.detail == told
    assert (entry.object_type, entry.object_id) == ("case_document", str(made.public_id))
    assert made.authority_id == case.authority_id
    page = page_of("acknowledgement", case)
    assert case.reference in page and case.peer_reference in page and "Registry, section 2" in page


def test_document_that_the_case_does_not_hold_or_the_person_may_not_make_is_not_there(line: Line) -> None:
    case = line.arrived(line.sent())
    for kind, by in (
        ("acknowledgement", line.their_registry),  # Not acknowledged yet.
        ("withdrawal", line.their_registry),  # Of the other side.
        ("no-such-kind", line.their_registry),
        ("redacted-copy", line.their_registry),  # Another right.
        ("redacted-copy", line.supervisor),  # Another authority.
    ):
        with pytest.raises(AccessDenied):
            document_make(kind=kind, case=case, by=by, language="en")
    with pytest.raises(AccessDenied):
        document_make(kind="redacted-copy", case=case, by=line.their_supervisor, language="en", about="M1")
    assert not CaseDocument.objects.exists() and not AuditEntry.objects.filter(act="case_document.make").exists()
    assert slugs(case, officer(Role.AUDITOR, line.letter.requested.authority or "")) == set()


def test_language_is_that_of_the_letter_or_of_the_other_state(line: Line) -> None:
    case = acknowledged(line)
    assert document_languages(case)[0] == line.letter.language
    with pytest.raises(DocumentRefused):
        document_make(kind="acknowledgement", case=case, by=line.their_registry, language="tlh")


def test_questions_and_their_answers_are_each_a_document(line: Line) -> None:
    case = line.under_review(line.arrived(line.sent()))
    inward.incoming_ask_information(incoming=case, by=line.their_desk, question="Which port was used?")
    [(_kind, [about])] = [
        one for one in kinds_open(case=case, by=line.their_desk) if one[0].slug == "information-request"
    ]
    assert "Which port was used?" in page_of("information-request", case, about.key)
    line.arrived(OutgoingRequest.objects.get(conversation_id=case.conversation_id))
    ours = OutgoingRequest.objects.get(conversation_id=case.conversation_id)
    assert "information-answer" not in slugs(ours, line.supervisor)
    point = ours.openpoint_set.get()
    ours = course.outgoing_give_information(
        outgoing=ours, by=line.supervisor, point_id=point.point_id, answer="Port 49152."
    )
    assert "Port 49152." in page_of("information-answer", ours, str(point.point_id))


def test_decision_says_item_by_item_what_was_decided(line: Line) -> None:
    case = line.under_review(line.arrived(line.sent()))
    assert "decision" not in slugs(case, line.their_supervisor)
    first = case.items.order_by("id")[0]
    ground = RefusalGround.objects.order_by("pk")[0]
    inward.incoming_item_decide(
        item=first, act="refuse", by=line.their_supervisor, ground=ground.code, article="UNTOC 18(21)(b)",
        reason="It would harm a case of our own.",
    )  # fmt: skip
    page = page_of("decision", case, conditions="To be used in these proceedings alone.")
    for said in (
        "refused",
        ground.name,
        "UNTOC 18(21)(b)",
        "It would harm a case of our own.",
        "in these proceedings alone",
    ):
        assert said in page, said
    assert "was consulted" not in page, "nobody wrote down that anybody was asked"


def test_manifest_lists_every_file_with_hash_size_and_limits(line: Line) -> None:
    case = line.executed(line.in_execution(line.arrived(line.sent())))
    page = page_of("evidence-transmittal", case)
    for file in case.evidence_set.all():
        assert file.name in page
        assert file.sha256[:8] in page and file.sha256[-8:] in page
    assert {"evidence-transmittal", "use-answer", "redacted-copy"} <= slugs(case, line.their_supervisor)
    assert slugs(case, line.executing) == {"redacted-copy"}


def test_manifest_says_what_went_with_which_part_and_why_a_measure_has_no_result(line: Line) -> None:
    case = line.in_execution(line.arrived(line.sent()))
    for number, content in enumerate((b"first", b"second"), 1):
        inward.incoming_add_evidence(
            incoming=case, by=line.executing, name=f"f{number}.csv", media_type="text/csv", content=content
        )
        case.refresh_from_db()
        if number == 1:
            case = incoming_transmit_part(incoming=case, by=line.their_registry)
    item = case.items.order_by("id")[0]
    inward.incoming_item_decide(
        item=item, act="find_impossible", by=line.executing, ground="encrypted", article="CETS-185 18", reason="No key."
    )
    whole = page_of("evidence-transmittal", case)
    assert "Part 1 of the result, sent on" in whole and "Sent with the result" in whole
    for said in (
        "f1.csv",
        "f2.csv",
        "impossible to execute",
        "whoever holds them has no key",
        "CETS-185 18",
        "No key.",
    ):
        assert said in whole, said
    part = page_of("evidence-transmittal", case, str(case.part_set.get().part_id))
    assert "f1.csv" in part and "f2.csv" not in part and "the rest follows" in part
    assert "the rest follows" not in whole
    decision = page_of("decision", case)
    assert "whoever holds them has no key" in decision and "CETS-185 18" in decision


def test_transmittal_prints_the_conditions_that_were_accepted_and_no_others(line: Line) -> None:
    case = line.executed(line.in_execution(line.arrived(line.sent())))
    for text, choice in (("In these proceedings alone.", "accepted"), ("Swear an oath.", "declined")):
        case = cond.incoming_offer_conditions(
            incoming=case, by=line.their_supervisor, question="Only so.",
            conditions=[Offered("speciality", text, "UNTOC 18(19)", "M1", dt.date(2031, 5, 7))],
        )  # fmt: skip
        point = case.openpoint_set.get(answered_at=None)
        case = cond.incoming_receive_conditions_answer(
            incoming=case, by=line.their_registry, point_id=point.point_id, choice=choice, answer="So be it."
        )
    page = page_of("evidence-transmittal", case)
    for said in ("which were accepted", "In these proceedings alone.", "UNTOC 18(19)", "measure M1", "7 May 2031"):
        assert said in page, said
    assert "oath" not in page


def test_transmittal_says_how_many_files_are_withheld_and_why_and_never_which(line: Line) -> None:
    case = line.executed(line.in_execution(line.arrived(line.sent())))
    case = courts.incoming_open_filter(
        incoming=case, by=line.their_supervisor, kind="medical", filtered_by="Office 2",
        evidence=[case.evidence_set.earliest("id").public_id],
    )  # fmt: skip
    row = case.privilegefilter_set.get()
    decided = {file.public_id: "medical" for file in courts.filter_files(row)}
    case = courts.incoming_close_filter(incoming=case, by=line.their_supervisor, filter=row.public_id, decided=decided)
    page = page_of("evidence-transmittal", case)
    assert "Number of files withheld:" in page and "medical confidence" in page
    assert "M1.csv" not in page and "M2.csv" in page


def test_what_goes_out_is_named_by_the_hash_of_its_file(line: Line) -> None:
    line.approved()
    drain()
    case = OutgoingRequest.objects.get()
    page = page_of("covering-note", case)
    assert case.document_sha256[:8] in page
    note = page_of("note-verbale", case, mission="Embassy A", ministry="Ministry B")
    assert "The Embassy A presents its compliments to the Ministry B" in note
    assert {"covering-note", "note-verbale", "translation-certificate"} <= slugs(case, line.desk)
    assert not {"chaser", "withdrawal", "status-enquiry"} & slugs(case, line.desk), "it was not sent"


def test_course_of_a_request_opens_reminder_enquiry_and_withdrawal_in_turn(line: Line) -> None:
    case = line.sent()
    assert "chaser" in slugs(case, line.desk) and "status-enquiry" not in slugs(case, line.desk)
    assert case.sent_at is not None
    inward.incoming_acknowledge(incoming=line.arrived(case), by=line.their_registry, contact="Registry")
    line.arrived(case)
    case.refresh_from_db()
    assert "status-enquiry" in slugs(case, line.desk) and "chaser" not in slugs(case, line.desk)
    case = course.outgoing_withdraw(outgoing=case, by=line.supervisor, reason="The accused has died.")
    assert "withdrawal" in slugs(case, line.desk) and "status-enquiry" not in slugs(case, line.desk)
    assert "The accused has died." in page_of("withdrawal", case)


def test_what_must_be_said_is_asked_for_and_named(line: Line) -> None:
    case = line.sent()
    for said in ({}, {"text": "Only here.", "given_by": " "}):
        with pytest.raises(DocumentRefused, match="is missing"):
            document_make(kind="assurance", case=case, by=line.supervisor, language="en", said=said)
    said = {"text": "Only here.", "given_by": "The prosecutor"}
    made = document_make(kind="assurance", case=case, by=line.supervisor, language="en", said=said)
    other = document_make(
        kind="assurance", case=case, by=line.supervisor, language="en", said=said | {"text": "There too."}
    )
    assert made != other and made.content_hash != other.content_hash


def test_redacted_copy_is_what_the_executing_officer_may_make_and_see(line: Line) -> None:
    case = line.executed(line.in_execution(line.arrived(line.sent())))
    other = document_make(kind="evidence-transmittal", case=case, by=line.their_supervisor, language="en")
    copy = document_make(kind="redacted-copy", case=case, by=line.executing, language="en")
    assert list(visible_case_documents(line.executing)) == [copy]
    assert set(visible_case_documents(line.their_desk)) == {copy, other}
    assert not visible_case_documents(line.desk).exists(), "the other State gets a document by being sent it"
    page = page_of("redacted-copy", case)
    for fact in line.letter.facts:
        assert fact.text[:60] not in page
    assert line.letter.title not in page
    assert case.content_hash[:8] not in page


def test_document_of_another_authority_is_not_there(line: Line) -> None:
    made = document_make(kind="chaser", case=line.sent(), by=line.desk, language="en")
    assert not visible_case_documents(officer(Role.DESK_OFFICER, "jp-central")).exists()
    assert list(visible_case_documents(line.desk)) == [made]


@pytest.mark.parametrize(
    ("slug", "measure"),
    [("preservation-request", "preservation"), ("subscriber-request", "subscriber-information")],
)
def test_form_of_one_measure_has_what_belongs_to_it_and_no_other(slug: str, measure: str) -> None:
    letter = next(one for one in map(example_letter, range(1, 9)) if measure in {item.measure for item in one.items})
    case = Line(letter=letter).ready()
    [about] = [about for kind, about in kinds_open(case=case, by=Line(letter=letter).desk) if kind.slug == slug]
    assert {one.key for one in about} == {item.id for item in letter.items if item.measure == measure}
    item = next(one for one in letter.items if one.id == about[0].key)
    page = page_of(slug, case, item.id)
    for other in letter.items:
        assert (f"{other.id}: " in page) == (other.id == item.id), other.id
    for identifier in letter.identifiers:
        if len(identifier.value) > 6:
            assert (identifier.value in page) or identifier.id not in item.identifiers
