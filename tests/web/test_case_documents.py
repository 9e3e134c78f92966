"""The page of the documents beside the letter: made by a press, listed, handed out, and only to whoever may."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from tests.factories import Line, drain, officer
from tests.web.conftest import signed_in
from tests.web.test_downloads import body
from workflows.documents.models_kinds import CaseDocument
from workflows.documents.services_kinds import document_make
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.services import incoming as inward

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    return Line()


def test_acknowledgement_is_made_from_its_page_listed_and_read(line: Line) -> None:
    case = inward.incoming_acknowledge(
        incoming=line.arrived(line.sent()), by=line.their_registry, contact="Registry, section 2"
    )
    client = signed_in(line.their_registry)
    page = client.get(reverse("web:incoming", args=[case.public_id])).content.decode()
    listing = reverse("web:case_documents", args=["in", case.public_id])
    assert listing in page
    address = reverse("web:case_document_make", args=["in", case.public_id, "acknowledgement", "case"])
    assert address in client.get(listing).content.decode()
    assert client.get(address).status_code == 200
    # Nothing said: the page comes back, and nothing is made.
    empty = client.post(address, {})
    assert empty.status_code == 422 and not CaseDocument.objects.exists()
    language = line.letter.language
    for _press in range(2):
        assert client.post(address, {"in_language": language})["Location"] == listing
    made = CaseDocument.objects.get()
    assert made.kind == "acknowledgement"
    file = reverse("web:case_document", args=[made.public_id])
    shown = client.get(listing).content.decode()
    assert "being made" in shown and "Look again" in shown and file not in shown
    assert client.get(file).status_code == 404, "nothing half-made is handed out"
    drain()
    shown = client.get(listing).content.decode()
    assert file in shown and "Look again" not in shown
    answer = client.get(file)
    assert body(answer).startswith(b"%PDF-")
    assert answer["Content-Type"] == "application/pdf"
    assert "acknowledgement.pdf" in answer["Content-Disposition"]
    assert AuditEntry.objects.filter(act="case_document.read", object_id=str(made.public_id)).count() == 1


def test_what_is_missing_or_wrong_is_told_beside_its_field_and_nothing_typed_is_lost(line: Line) -> None:
    case = line.ready()
    client = signed_in(line.desk)
    address = reverse("web:case_document_make", args=["out", case.public_id, "translation-certificate", "case"])
    said = {"in_language": line.letter.language, "translator": "Translator A", "language": "fr", "sha256": "abc"}
    page = client.post(address, said)
    assert page.status_code == 422
    text = page.content.decode()
    assert "A SHA-256 value has 64 digits" in text and 'value="Translator A"' in text
    assert not CaseDocument.objects.exists()
    assert client.post(address, said | {"sha256": "a" * 64}).status_code == 302
    assert CaseDocument.objects.get().about == "case"


def test_people_of_another_authority_and_parts_that_do_not_exist_are_not_there(line: Line) -> None:
    case = line.sent()
    made = document_make(kind="chaser", case=case, by=line.desk, language=line.letter.language)
    stranger = signed_in(officer(Role.DESK_OFFICER, "jp-central"))
    addresses = [
        reverse("web:case_documents", args=["out", case.public_id]),
        reverse("web:case_document_make", args=["out", case.public_id, "chaser", "case"]),
        reverse("web:case_document", args=[made.public_id]),
    ]
    for address in addresses:
        assert stranger.get(address).status_code == 404, address
    own = signed_in(line.desk)
    for kind, about in (("chaser", "M1"), ("acknowledgement", "case"), ("no-kind", "case")):
        wrong = reverse("web:case_document_make", args=["out", case.public_id, kind, about])
        assert own.get(wrong).status_code == own.post(wrong, {"in_language": "en"}).status_code == 404
    assert CaseDocument.objects.get() == made


def test_list_asks_the_same_number_of_questions_however_long_it_is(line: Line) -> None:
    case = line.sent()
    client = signed_in(line.desk)
    address = reverse("web:case_documents", args=["out", case.public_id])
    client.get(address)
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(address)
        counts.append(len(asked))
        for number in range(3):
            said = {"text": f"Assurance {number}", "given_by": f"Office {len(counts)}"}
            document_make(kind="assurance", case=case, by=line.supervisor, language="en", said=said)
    assert counts[0] == counts[1] <= 60


def test_auditor_says_the_purpose_first(line: Line) -> None:
    case = line.sent()
    made = document_make(kind="chaser", case=case, by=line.desk, language=line.letter.language)
    drain()
    client = signed_in(officer(Role.AUDITOR, line.letter.requesting.authority or ""))
    for address in (
        reverse("web:case_documents", args=["out", case.public_id]),
        reverse("web:case_document", args=[made.public_id]),
    ):
        assert "/purpose" in client.get(address)["Location"]
    assert not AuditEntry.objects.filter(act="case_document.read").exists()


def test_what_was_said_stands_on_the_page_of_the_case(line: Line) -> None:
    case = line.executed(line.in_execution(line.arrived(line.sent())))
    said = {
        "purpose": "Trial of another accused.",
        "answer": "conditions",
        "conditions": "Not before 2027.",
        "reason": "",
    }
    document_make(kind="use-answer", case=case, by=line.their_supervisor, language="en", said=said)
    page = signed_in(line.their_desk).get(reverse("web:incoming", args=[case.public_id])).content.decode()
    for words in ("Trial of another accused.", "consent is given on the conditions stated here", "Not before 2027."):
        assert words in page, words
    assert CaseDocument.objects.get().said == said
    # Who carries the request out sees what was made for that alone; the other State what is sent to it.
    executing = signed_in(line.executing).get(reverse("web:incoming", args=[case.public_id])).content.decode()
    ours = OutgoingRequest.objects.get(conversation_id=case.conversation_id)
    theirs = signed_in(line.desk).get(reverse("web:outgoing", args=[ours.public_id])).content.decode()
    assert "Trial of another accused." not in executing + theirs


def test_document_is_sent_from_its_page_once_and_only_by_who_may(line: Line) -> None:
    case = line.sent()
    theirs = line.arrived(case)
    said = {"text": "Only here.", "given_by": "The prosecutor"}
    made = document_make(kind="assurance", case=case, by=line.supervisor, language="en", said=said)
    client, listing = signed_in(line.supervisor), reverse("web:case_documents", args=["out", case.public_id])
    address = reverse("web:case_document_send", args=[made.public_id])
    assert address not in client.get(listing).content.decode(), "it is not made yet"
    assert "It is not made yet." in client.get(address).content.decode()
    drain()
    made.refresh_from_db()
    assert address in client.get(listing).content.decode()
    page = client.get(address).content.decode()
    assert made.sha256[:8] in page and "Only here." in page
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"expected_version": made.version - 1}).status_code == 422
    assert signed_in(line.their_supervisor).post(address, {"expected_version": made.version}).status_code == 404
    assert client.post(address, {"expected_version": made.version})["Location"] == listing
    drain()
    shown = client.get(listing).content.decode()
    assert address not in shown and "sent" in shown
    assert client.post(address, {"expected_version": made.version + 1}).status_code == 422
    there = CaseDocument.objects.get(incoming=theirs)
    arrived = signed_in(line.their_desk).get(reverse("web:incoming", args=[theirs.public_id])).content.decode()
    assert "Only here." in arrived and made.sha256[:8] in arrived
    file = signed_in(line.their_desk).get(reverse("web:case_document", args=[there.public_id]))
    assert body(file).startswith(b"%PDF-")
