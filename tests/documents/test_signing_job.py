"""A letter leaves as its authority signs: by certificate, or as the scan of a print signed in ink; otherwise not at all."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from mla.core import clock
from mla.core.files import file_read
from mla.reference.models import Authority
from tests.documents import signatures
from tests.factories import Line, drain, example_letter
from tests.lifecycle.test_emergency import Night
from tests.web.conftest import signed_in
from workflows.documents import services_signing
from workflows.documents.models import Document
from workflows.documents.services_signing import ScanRefused, document_attach_scan
from workflows.documents.verifying import document_check
from workflows.engine.errors import ActRefused
from workflows.engine.models import OutboxJob
from workflows.engine.outbox import run_job
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course

OWN = 'authorities = ["*"]\npkcs12 = "letters.p12"\nsecret_file = "letters.pass"'


def approved(method: str) -> tuple[Line, OutgoingRequest]:
    line = Line()
    Authority.objects.filter(code__in=[line.letter.requesting.authority, line.letter.requesting.originating]).update(
        signing_method=method
    )
    return line, line.approved()


def scan(pages: int = 1) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as made:
        for _page in range(pages):
            made.add_blank_page(page_size=(595, 842))
        made.save(out)
    return out.getvalue()


def render_job() -> int:
    return OutboxJob.objects.get(event="outgoing.approved", handler="documents.render").pk


def state(outgoing: OutgoingRequest) -> tuple[str, str, str, str]:
    case = OutgoingRequest.objects.get(pk=outgoing.pk)
    document = Document.objects.get(outgoing=outgoing, kind="letter")
    return document.status, document.awaits, case.awaits_signature, case.document_sha256


@pytest.mark.django_db(transaction=True)
class TestByCertificate:
    def test_document_is_the_signed_file_and_the_record_says_how(self) -> None:
        _line, outgoing = approved("certificate")
        drain()
        document = Document.objects.get(outgoing=outgoing)
        assert state(outgoing) == ("ready", "", "", document.sha256)
        checked = document_check(file_read(document.sha256), signatures.config().trust)
        assert checked.sound and checked.declared_sha256 == outgoing.approved_hash
        assert (document.signature, document.signed_by) == ("B-B", checked.signatures[0].signer)
        assert file_read(document.sha256).startswith(file_read(document.unsigned_sha256))

    def test_without_a_key_nothing_leaves_and_the_state_says_why(self, tmp_path: Path, settings: Any) -> None:
        line, outgoing = approved("certificate")
        settings.SIGNING_CONFIG = ""
        assert run_job(render_job()) == "parked"
        document, awaits, case_awaits, sha256 = state(outgoing)
        assert (document, awaits, case_awaits, sha256) == ("waiting", "certificate", "certificate", "")
        assert "signs by certificate, and no key is set up" in OutboxJob.objects.get(pk=render_job()).last_error
        with pytest.raises(ActRefused) as refused:
            course.outgoing_send(outgoing=outgoing, by=line.registry, channel="local")
        assert [reason.code for reason in refused.value.reasons] == ["no_certificate"]

        settings.SIGNING_CONFIG = str(signatures.write_config(tmp_path, OWN))
        OutboxJob.objects.filter(pk=render_job()).update(status="due", attempts=0, due_at=clock.now())
        drain()
        assert state(outgoing)[0] == "ready"
        assert course.outgoing_send(outgoing=outgoing, by=line.registry, channel="local").status == "sent"

    def test_timestamp_service_that_is_down_is_waited_for_with_the_letter_signed(
        self, tmp_path: Path, settings: Any
    ) -> None:
        line, outgoing = approved("certificate")
        settings.SIGNING_CONFIG = str(signatures.write_config(tmp_path, OWN, timestamp="http://127.0.0.1:9/"))
        assert run_job(render_job()) == "retry"
        assert state(outgoing)[:3] == ("waiting", "timestamp", "timestamp")
        waiting = Document.objects.get(outgoing=outgoing)
        signed = file_read(waiting.sha256)
        assert document_check(signed, signatures.config().trust).sound
        with pytest.raises(ActRefused) as refused:
            course.outgoing_send(outgoing=outgoing, by=line.registry, channel="local")
        assert [reason.code for reason in refused.value.reasons] == ["no_timestamp"]

        with signatures.timestamps(tmp_path) as service:
            settings.SIGNING_CONFIG = str(signatures.write_config(tmp_path, OWN, timestamp=service.url))
            OutboxJob.objects.filter(pk=render_job()).update(due_at=clock.now())
            assert run_job(render_job()) == "done"
        status, _awaits, _case, sha256 = state(outgoing)
        ready = Document.objects.get(outgoing=outgoing)
        assert (status, ready.signature, ready.signed_at) == ("ready", "B-LT", waiting.signed_at)
        checked = document_check(file_read(sha256), signatures.config().trust)
        assert checked.sound and checked.signatures[0].proven_at is not None
        start = signed.index(b"/Contents <")
        assert file_read(sha256)[:start] == signed[:start], "the same signature, not another one"


@pytest.mark.django_db(transaction=True)
class TestInInk:
    def test_print_waits_for_its_scan_and_the_scan_is_what_is_sent(self) -> None:
        line, outgoing = approved("wet_ink")
        drain()
        assert state(outgoing) == ("waiting", "scan", "scan", "")
        printed = Document.objects.get(outgoing=outgoing).unsigned_sha256
        with pikepdf.open(io.BytesIO(file_read(printed))) as letter:
            assert "/AcroForm" not in letter.Root, "ink needs room and no field"
        with pytest.raises(ActRefused) as refused:
            course.outgoing_send(outgoing=outgoing, by=line.registry, channel="local")
        assert [reason.code for reason in refused.value.reasons] == ["not_signed"]

        made = Document.objects.get(outgoing=outgoing)
        client, page = signed_in(line.registry), f"/out/{outgoing.public_id}/do/attach_scan"
        address = reverse("web:document", args=[made.public_id])
        assert f'<a href="{address}">' in client.get(page).content.decode(), "the page leads to what is to be signed"
        assert b"".join(client.get(address)) == file_read(printed)
        unsigned = client.post(page, {"scan": SimpleUploadedFile("scan.pdf", file_read(printed))})
        assert unsigned.status_code == 422 and "not the scan of its signed print" in unsigned.content.decode()
        signed = scan(3)
        done = document_attach_scan(
            outgoing=OutgoingRequest.objects.get(pk=outgoing.pk), by=line.registry, content=signed
        )
        assert (done.status, done.pages, done.signature, done.unsigned_sha256) == ("ready", 3, "ink", printed)
        assert state(outgoing) == ("ready", "", "", done.sha256)
        assert file_read(done.sha256) == signed
        assert done.signed_at is not None and done.signed_at > made.changed_at, (
            "the scan's moment, not that of the print"
        )
        sent = course.outgoing_send(
            outgoing=OutgoingRequest.objects.get(pk=outgoing.pk), by=line.registry, channel="local"
        )
        assert sent.status == "sent"
        with pytest.raises(ActRefused):
            document_attach_scan(outgoing=sent, by=line.registry, content=scan(2))

    @pytest.mark.parametrize("content", [b"a photograph", b"%PDF-1.4 broken", b""])
    def test_file_that_is_no_scan_is_refused_with_a_reason_and_changes_nothing(
        self, content: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        line, outgoing = approved("wet_ink")
        drain()
        outgoing = OutgoingRequest.objects.get(pk=outgoing.pk)
        before = state(outgoing)
        with pytest.raises(ScanRefused):
            document_attach_scan(outgoing=outgoing, by=line.registry, content=content)
        unsigned = file_read(Document.objects.get(outgoing=outgoing).unsigned_sha256)
        monkeypatch.setattr(
            services_signing, "file_store", lambda _content: pytest.fail("stored before it was compared")
        )
        with pytest.raises(ScanRefused, match="not the scan"):
            document_attach_scan(outgoing=outgoing, by=line.registry, content=unsigned)
        monkeypatch.undo()
        with pytest.raises(ActRefused):
            document_attach_scan(outgoing=outgoing, by=line.their_registry, content=scan())
        assert state(outgoing) == before


@pytest.mark.django_db(transaction=True)
class TestProvisionally:
    """What must leave at night waits for nobody; the confirmation in writing follows (Budapest Convention, 25(3))."""

    def ready(self, method: str) -> Document:
        night = Night()
        code = night.letter.requesting.authority
        Authority.objects.filter(code__in=[code, night.letter.requesting.originating]).update(signing_method=method)
        outgoing = night.approved_alone()
        assert run_job(render_job()) == "done"
        document = Document.objects.get(outgoing=outgoing, kind="letter")
        assert state(outgoing) == ("ready", "", "", document.sha256)
        sent = course.outgoing_send(
            outgoing=OutgoingRequest.objects.get(pk=outgoing.pk), by=night.duty, channel="local"
        )
        assert sent.status == "sent"
        return document

    def test_without_its_timestamp(self, tmp_path: Path, settings: Any) -> None:
        settings.SIGNING_CONFIG = str(signatures.write_config(tmp_path, OWN, timestamp="http://127.0.0.1:9/"))
        document = self.ready("certificate")
        assert document.signature == "B-B"
        assert document_check(file_read(document.sha256), signatures.config().trust).sound

    def test_without_its_ink(self) -> None:
        document = self.ready("wet_ink")
        assert document.signature == "" and document.sha256 == document.unsigned_sha256

    def test_confirmation_in_writing_is_what_is_signed_in_ink(self) -> None:
        self.ready("wet_ink")
        outgoing = OutgoingRequest.objects.get()
        line = Line(letter=example_letter(5))
        confirmed = chain.outgoing_confirm(
            outgoing=outgoing, by=line.supervisor, content_hash=outgoing.approved_hash, rights_screened=True
        )
        job = OutboxJob.objects.get(event="outgoing.confirmed", handler="documents.confirm")
        assert run_job(job.pk) == "done"
        waiting = Document.objects.get(kind="confirmation")
        case = OutgoingRequest.objects.get(pk=confirmed.pk)
        assert (waiting.status, case.awaits_signature, case.confirmation_sha256) == ("waiting", "scan", "")
        done = document_attach_scan(outgoing=case, by=line.registry, content=scan())
        case = OutgoingRequest.objects.get(pk=confirmed.pk)
        assert (done.status, case.awaits_signature, case.confirmation_sha256) == ("ready", "", done.sha256)
        assert case.document_sha256 != done.sha256, "what went out provisionally stays what it was"
