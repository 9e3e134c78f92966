"""A document beside the letter of an authority that signs in ink: the scan of the signed print is what is sent."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.core.files import file_read
from mla.reference.models import Authority
from tests.documents.test_signing_job import scan
from tests.drafting.hostile_files import pdf_encrypted
from tests.factories import Line, drain, officer
from tests.invariants import assert_invariants
from tests.web.conftest import signed_in
from tests.web.test_downloads import body
from workflows.documents.models import CaseDocument
from workflows.documents.services_kinds import document_make
from workflows.documents.services_signing import ScanRefused, case_document_attach_scan
from workflows.engine.errors import ActForbidden, ActNotPossible, ConditionsNotMet
from workflows.exchange.models import Message
from workflows.exchange.services import case_document_send
from workflows.lifecycle.models import OutgoingRequest

SAID = {"text": "Used in these proceedings alone.", "given_by": "The prosecutor"}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line() -> Line:
    return Line()


def printed(line: Line, case: OutgoingRequest | None = None) -> CaseDocument:
    """Return an assurance of an authority that signs in ink, as it waits for its scan."""
    case = case or line.sent()
    Authority.objects.filter(pk=case.central_id).update(signing_method="wet_ink")
    row = document_make(kind="assurance", case=case, by=line.supervisor, language="en", said=SAID)
    drain()
    row.refresh_from_db()
    return row


def page_of(document: CaseDocument) -> str:
    return reverse("web:act", args=["document", document.public_id, "attach_scan"])


def posted(content: bytes, version: int) -> dict[str, Any]:
    return {"scan": SimpleUploadedFile("scan.pdf", content), "expected_version": version}


class TestScan:
    def test_print_waits_and_its_scan_is_what_goes_by_wire(self, line: Line) -> None:
        case = line.sent()
        line.arrived(case)
        waiting = printed(line, case)
        assert (waiting.status, waiting.awaits, waiting.sha256) == ("waiting", "scan", "")
        client, listing = signed_in(line.registry), reverse("web:case_documents", args=["out", case.public_id])
        file, put = reverse("web:case_document", args=[waiting.public_id]), page_of(waiting)
        shown = client.get(listing).content.decode()
        assert file in shown and put in shown and "the scan of the signed and sealed print" in shown
        given = client.get(file)
        assert body(given) == file_read(waiting.unsigned_sha256) and "-to-sign.pdf" in given["Content-Disposition"]
        assert file in client.get(put).content.decode(), "the page leads to what is to be signed"
        with pytest.raises(ActNotPossible):
            case_document_send(document=waiting, by=line.supervisor)
        send = reverse("web:case_document_send", args=[waiting.public_id])
        told = client.get(send).content.decode()
        assert "It waits for its signature" in told and put in told and "not made yet" not in told

        signed = scan(3)
        answer = client.post(put, posted(signed, waiting.version))
        assert answer["Location"] == listing
        done = CaseDocument.objects.get(pk=waiting.pk)
        assert (done.status, done.awaits, done.pages, done.signature) == ("ready", "", 3, "ink")
        assert (done.unsigned_sha256, done.signed_by) == (waiting.unsigned_sha256, case.central.name)
        assert done.signed_at == done.changed_at and file_read(done.sha256) == signed
        entry = AuditEntry.objects.get(act="case_document.attach_scan", outcome="done")
        assert (entry.actor_label, entry.from_status, entry.to_status) == (line.registry.label, "waiting", "ready")
        assert entry.detail == {
            "sha256": done.sha256, "content_hash": done.content_hash, "printed_sha256": done.unsigned_sha256, "pages": 3,
        }  # fmt: skip
        shown = client.get(listing).content.decode()
        assert done.sha256[:8] in shown and "ink and seal, scanned" in shown and put not in shown

        case_document_send(document=done, by=line.supervisor)
        drain()
        message = Message.objects.get(type="document", direction="in")
        [theirs] = CaseDocument.objects.filter(came_from=case.central)
        assert message.files.get().sha256 == theirs.sha256 == done.sha256
        assert file_read(theirs.sha256) == signed and theirs.content_hash == done.content_hash

    def test_second_scan_is_told_and_changes_nothing(self, line: Line) -> None:
        waiting = printed(line)
        done = case_document_attach_scan(document=waiting, by=line.registry, content=scan())
        with pytest.raises(ConditionsNotMet) as refused:
            case_document_attach_scan(document=waiting, by=line.desk, content=scan(2))
        assert [reason.code for reason in refused.value.reasons] == ["no_scan_awaited"]
        client = signed_in(line.desk)
        assert "no scan" in client.get(page_of(done)).content.decode()
        answer = client.post(page_of(done), posted(scan(2), waiting.version))
        assert answer.status_code == 422 and "changed meanwhile" in answer.content.decode()
        assert CaseDocument.objects.get(pk=done.pk).sha256 == done.sha256
        assert_invariants()

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"a photograph", "must be a PDF"),
            (b"%PDF-1.4 broken", "broken"),
            (b"", "empty"),
            (pdf_encrypted("test-user"), "The scan is encrypted"),
            (None, "not the scan of its signed print"),
        ],
        ids=["photograph", "broken", "empty", "encrypted", "the print itself"],
    )
    def test_file_that_is_no_scan_is_refused_at_its_field_and_changes_nothing(
        self, line: Line, content: bytes | None, why: str
    ) -> None:
        waiting = printed(line)
        content = file_read(waiting.unsigned_sha256) if content is None else content
        answer = signed_in(line.registry).post(page_of(waiting), posted(content, waiting.version))
        page = answer.content.decode()
        assert answer.status_code == 422 and why in page
        assert 'id="id_scan_error"' in page, "the reason stands at the field"
        with pytest.raises(ScanRefused):
            case_document_attach_scan(document=waiting, by=line.registry, content=content)
        now = CaseDocument.objects.get(pk=waiting.pk)
        assert (now.status, now.version, now.sha256) == ("waiting", waiting.version, "")

    def test_by_whom_it_is_put_in(self, line: Line) -> None:
        waiting = printed(line)
        for by in (line.their_registry, line.executing, line.prosecutor):
            with pytest.raises(ActForbidden):
                case_document_attach_scan(document=waiting, by=by, content=scan())
        assert signed_in(line.their_registry).get(page_of(waiting)).status_code == 404
        stranger = signed_in(officer(Role.REGISTRY, "jp-central"))
        assert stranger.post(page_of(waiting), posted(scan(), waiting.version)).status_code == 404

    def test_what_its_authority_signs_by_certificate_takes_no_scan(self, line: Line) -> None:
        row = document_make(kind="assurance", case=line.sent(), by=line.supervisor, language="en", said=SAID)
        drain()
        row.refresh_from_db()
        assert row.signature == "B-B"
        with pytest.raises(ConditionsNotMet):
            case_document_attach_scan(document=row, by=line.registry, content=scan())

    def test_print_that_was_ready_before_scans_were_taken_gets_its_scan_and_does_not_leave_without(
        self, line: Line
    ) -> None:
        waiting = printed(line)
        CaseDocument.objects.filter(pk=waiting.pk).update(status="ready", awaits="", sha256=waiting.unsigned_sha256)
        old = CaseDocument.objects.get(pk=waiting.pk)
        with pytest.raises(ConditionsNotMet) as refused:
            case_document_send(document=old, by=line.supervisor)
        assert [reason.code for reason in refused.value.reasons] == ["not_signed"]
        done = case_document_attach_scan(document=old, by=line.supervisor, content=scan(2))
        assert (done.status, done.signature, done.pages) == ("ready", "ink", 2)
        assert done.sha256 != waiting.unsigned_sha256 == done.unsigned_sha256

    def test_copy_for_whoever_carries_it_out_is_printed_and_waits_for_nothing(self, line: Line) -> None:
        case = line.in_execution(line.arrived(line.sent()))
        Authority.objects.filter(pk=case.authority_id).update(signing_method="wet_ink")
        copy = document_make(kind="redacted-copy", case=case, by=line.their_supervisor, language="en")
        drain()
        copy.refresh_from_db()
        assert (copy.status, copy.signature, copy.sha256) == ("ready", "", copy.unsigned_sha256)
        with pytest.raises(ConditionsNotMet) as refused:
            case_document_attach_scan(document=copy, by=line.their_supervisor, content=scan())
        assert [reason.code for reason in refused.value.reasons] == ["no_scan_awaited"]
