"""A document beside the letter is made by its job: from what was recorded, once, signed as its authority signs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from mla.core import clock
from mla.core.files import file_read
from mla.reference.models import Authority
from tests.documents import signatures
from tests.documents.test_signing_job import OWN
from tests.factories import Line, drain
from tests.invariants import assert_invariants
from workflows.documents import services_kinds
from workflows.documents.case_documents import document_html
from workflows.documents.frames import frame_of
from workflows.documents.kinds import kinds
from workflows.documents.limits import RenderFailed
from workflows.documents.models import CaseDocument
from workflows.documents.services_kinds import document_make
from workflows.documents.verifying import document_check
from workflows.drafting.models import LetterVersion
from workflows.engine.models import OutboxJob
from workflows.engine.outbox import run_job
from workflows.lifecycle.models import OutgoingRequest

SAID = {"text": "Used in these proceedings alone.", "given_by": "The prosecutor"}


def job() -> OutboxJob:
    return OutboxJob.objects.filter(event="case_document.ordered").latest("pk")


def due_again() -> None:
    OutboxJob.objects.filter(pk=job().pk).update(
        status="due", attempts=0, due_at=clock.now(), lease_token=None, lease_until=None
    )


def assurance(line: Line, case: OutgoingRequest) -> CaseDocument:
    return document_make(kind="assurance", case=case, by=line.supervisor, language="en", said=SAID)


def sent(line: Line, method: str = "certificate") -> OutgoingRequest:
    case = line.sent()
    Authority.objects.filter(code=line.letter.requesting.authority).update(signing_method=method)
    return case


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.mark.django_db(transaction=True)
class TestJob:
    def test_it_is_signed_by_certificate_and_holds_what_it_says(self, line: Line) -> None:
        case = sent(line)
        made = assurance(line, case)
        assert made.said == SAID and made.content["says"] == SAID
        assert made.status == "queued" and job().status == "due"
        drain()
        made.refresh_from_db()
        checked = document_check(file_read(made.sha256), signatures.config().trust)
        assert checked.sound and checked.content_matches == "yes"
        assert checked.declared_sha256 == made.content_hash
        assert (made.status, made.signature, made.signed_by) == ("ready", "B-B", checked.signatures[0].signer)
        assert_invariants()

    def test_changed_byte_is_found(self, line: Line) -> None:
        made = assurance(line, sent(line))
        drain()
        made.refresh_from_db()
        spoilt = signatures.tampered(file_read(made.sha256))
        assert not document_check(spoilt, signatures.config().trust).sound

    def test_authority_that_signs_in_ink_prints_it(self, line: Line) -> None:
        made = assurance(line, sent(line, "wet_ink"))
        drain()
        made.refresh_from_db()
        assert (made.status, made.awaits, made.signature, made.sha256) == ("waiting", "scan", "", "")
        with pikepdf.open(io.BytesIO(file_read(made.readable_sha256))) as pdf:
            assert "/AcroForm" not in pdf.Root, "ink needs room and no field"

    def test_without_a_key_it_waits_and_says_why(self, line: Line, tmp_path: Path, settings: Any) -> None:
        made = assurance(line, sent(line))
        kept, settings.SIGNING_CONFIG = settings.SIGNING_CONFIG, ""
        assert run_job(job().pk) == "parked"
        made.refresh_from_db()
        assert (made.status, made.awaits, made.sha256, made.can_be_read) == ("waiting", "certificate", "", False)
        assert "no key is set up" in job().last_error
        settings.SIGNING_CONFIG = kept
        due_again()
        drain()
        made.refresh_from_db()
        assert (made.status, made.awaits, made.signature) == ("ready", "", "B-B")
        assert_invariants()

    def test_timestamp_that_is_not_had_is_waited_for(self, line: Line, tmp_path: Path, settings: Any) -> None:
        made = assurance(line, sent(line))
        settings.SIGNING_CONFIG = str(signatures.write_config(tmp_path, OWN, timestamp="http://127.0.0.1:9/"))
        assert run_job(job().pk) == "retry"
        made.refresh_from_db()
        assert (made.status, made.awaits, made.can_be_read) == ("waiting", "timestamp", False)
        with signatures.timestamps(tmp_path) as service:
            settings.SIGNING_CONFIG = str(signatures.write_config(tmp_path, OWN, timestamp=service.url))
            due_again()
            assert run_job(job().pk) == "done"
        made.refresh_from_db()
        assert (made.status, made.signature) == ("ready", "B-LT")

    def test_it_leads_to_the_check_unless_its_case_is_confidential(self, line: Line, settings: Any) -> None:
        settings.PUBLIC_URL = "https://mla.example.net"
        case = sent(line)
        shown = case.letter.present()
        for level, marking, url in (
            ("normal", "", "https://mla.example.net/check"),
            ("normal", "FOR THE JUDGE ALONE", ""),
            ("confidential", "", "https://mla.example.net/check"),
        ):
            content = shown.content | {"confidentiality": {"level": level, "marking": marking}}
            LetterVersion.objects.filter(pk=shown.pk).update(content=content)
            case.letter.confidentiality = level
            frame = frame_of(kinds()["assurance"], case, "en", by=line.supervisor)
            assert frame.cover.check_url == url
            page = document_html(kinds()["assurance"], frame, kinds()["assurance"].context(case, "case", SAID))
            assert ("check-code" in page) == (url != "" and level == "normal"), (level, marking)

    def test_redacted_copy_is_signed_and_has_nothing_attached(self, line: Line) -> None:
        case = line.in_execution(line.arrived(line.sent()))
        made = document_make(kind="redacted-copy", case=case, by=line.executing, language="en")
        assert case.executing is not None and made.authority_id == case.executing_id
        assert made.frame["cover"]["sender"][0] == case.executing.name, "who makes it signs it"
        drain()
        made.refresh_from_db()
        assert document_check(file_read(made.sha256), signatures.config().trust).sound
        with pikepdf.open(io.BytesIO(file_read(made.sha256))) as pdf:
            assert not pdf.attachments


@pytest.mark.django_db(transaction=True)
class TestAgain:
    def test_job_that_dies_between_gives_the_same_bytes_from_the_same_words(
        self, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The process is gone after the file is kept and before the row says so; meanwhile the case changes."""
        case = sent(line, "wet_ink")
        made = assurance(line, case)
        kept: list[str] = []
        finished = services_kinds.document_kept

        def dies(pdf: Any, *others: Any) -> None:
            kept.append(pdf.stored.sha256)
            raise KeyboardInterrupt

        monkeypatch.setattr(services_kinds, "document_kept", dies)
        with pytest.raises(KeyboardInterrupt):
            run_job(job().pk)
        made.refresh_from_db()
        assert (made.status, made.sha256) == ("rendering", ""), "nothing half-made is offered"
        Authority.objects.filter(pk=case.central_id).update(city="Another Town", name="Another Name")
        monkeypatch.setattr(services_kinds, "document_kept", finished)
        due_again()
        assert run_job(job().pk) == "done"
        made.refresh_from_db()
        assert [made.unsigned_sha256] == kept
        again = OutboxJob.objects.get(pk=job().pk)
        due_again()
        assert run_job(again.pk) == "done"
        assert CaseDocument.objects.get().version == made.version

    def test_what_cannot_be_made_says_why_and_is_tried_anew_by_the_same_words(
        self, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = sent(line)
        made = assurance(line, case)

        def fails(*_arguments: Any, **_named: Any) -> None:
            raise RenderFailed("too_large", "it has 900 pages, at most 400")

        with monkeypatch.context() as patched:
            patched.setattr("workflows.documents.case_documents.document_pdf", fails)
            assert run_job(job().pk) == "parked"
        made.refresh_from_db()
        assert (made.status, "900 pages" in made.failure) == ("failed", True)
        assert assurance(line, case).status == "queued"
        drain_all()
        made.refresh_from_db()
        assert (made.status, made.failure) == ("ready", "")

    def test_words_that_no_font_has_are_refused_before_anything_is_kept(self, line: Line) -> None:
        case = sent(line)
        with pytest.raises(RenderFailed):
            document_make(
                kind="assurance", case=case, by=line.supervisor, language="en", said=SAID | {"text": "\U00012000"}
            )
        assert not CaseDocument.objects.exists()

    def test_record_that_was_changed_is_not_made(self, line: Line) -> None:
        made = assurance(line, sent(line))
        CaseDocument.objects.filter(pk=made.pk).update(content=made.content | {"title": "Another"})
        assert run_job(job().pk) == "parked"
        made.refresh_from_db()
        assert made.status == "failed" and "another hash" in made.failure


def drain_all() -> None:
    """Run what is due; the job that was parked stays so."""
    for pk in OutboxJob.objects.filter(status="due").order_by("pk").values_list("pk", flat=True):
        assert run_job(pk) == "done"
