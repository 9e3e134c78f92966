"""The acts on documents beside the letter in the timeline of a case: each side its own, and what came from the other."""

from __future__ import annotations

import pytest
from django.urls import reverse

from mla.reference.models import Authority
from tests.documents.test_signing_job import scan
from tests.factories import Line, drain
from tests.web.conftest import signed_in
from workflows.documents.limits import RenderFailed
from workflows.documents.models import CaseDocument
from workflows.documents.services_kinds import document_make
from workflows.documents.services_signing import case_document_attach_scan
from workflows.engine.models import OutboxJob
from workflows.engine.outbox import run_job
from workflows.exchange.services import case_document_send
from workflows.tracking.timeline import case_timeline

SAID = {"text": "Used in these proceedings alone.", "given_by": "The prosecutor"}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line() -> Line:
    return Line()


def acts(actor: object, case: object) -> list[str]:
    found = case_timeline(actor, case)  # type: ignore[arg-type]
    return [entry.act.partition(".")[2] for entry in found if entry.kind == "case_document" and entry.act != "read"]


def test_ordered_printed_scanned_sent_and_received(line: Line) -> None:
    case = line.sent()
    theirs = line.arrived(case)
    Authority.objects.filter(pk=case.central_id).update(signing_method="wet_ink")
    row = document_make(kind="assurance", case=case, by=line.supervisor, language="en", said=SAID)
    drain()
    row = case_document_attach_scan(document=CaseDocument.objects.get(pk=row.pk), by=line.registry, content=scan())
    case_document_send(document=row, by=line.supervisor)
    drain()
    assert acts(line.desk, case) == acts(None, case) == ["make", "start", "await_signature", "attach_scan", "send"]
    assert acts(line.their_desk, theirs) == ["receive"]
    page = signed_in(line.desk).get(reverse("web:outgoing", args=[case.public_id])).content.decode()
    main, _details, rest = page.partition("<details>")
    for words in (
        "Make a document beside the letter", "Put the scan of the signed document into the file",
        "Send the document to the other State", "Assurance",
    ):  # fmt: skip
        assert words in main, words
    assert "The document waits for its signature" in rest
    [entry] = [one for one in case_timeline(line.desk, case) if one.act == "case_document.attach_scan"]
    assert (entry.subject, entry.from_status, entry.to_status) == ("Assurance", "waiting", "ready")
    assert entry.ids["sha256"] == row.sha256
    arrived = signed_in(line.their_desk).get(reverse("web:incoming", args=[theirs.public_id])).content.decode()
    assert "Receive a document beside the letter" in arrived.partition("<details>")[0]
    assert SAID["text"] in arrived


def test_what_could_not_be_made_stands_there(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    case = line.sent()

    def fails(*_arguments: object, **_named: object) -> None:
        raise RenderFailed("too_large", "it has 900 pages, at most 400")

    monkeypatch.setattr("workflows.documents.case_documents.document_pdf", fails)
    document_make(kind="assurance", case=case, by=line.supervisor, language="en", said=SAID)
    assert run_job(OutboxJob.objects.get(event="case_document.ordered").pk) == "parked"
    assert acts(line.desk, case) == ["make", "start", "fail"]
    page = signed_in(line.desk).get(reverse("web:outgoing", args=[case.public_id])).content.decode()
    assert "The document could not be made" in page.partition("<details>")[0]


def test_whoever_carries_a_request_out_sees_the_acts_on_the_copies_for_that_alone(line: Line) -> None:
    case = line.in_execution(line.arrived(line.sent()))
    document_make(kind="redacted-copy", case=case, by=line.executing, language="en")
    document_make(kind="acknowledgement", case=case, by=line.their_supervisor, language="en")
    assert sorted(acts(line.their_desk, case)) == ["make", "redact"]
    assert acts(line.executing, case) == ["redact"]
    subjects = {one.subject for one in case_timeline(line.executing, case) if one.kind == "case_document"}
    assert len(subjects) == 1 and "Acknowledgement" not in str(subjects)
