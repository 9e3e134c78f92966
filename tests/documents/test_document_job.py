"""The document of an approved letter is made by its job, from what was approved, and is what is sent."""

from __future__ import annotations

import io
import json

import pikepdf
import pytest

from mla.core.canonical import content_hash
from mla.core.files import file_read
from tests.factories import Line, drain
from workflows.documents.models import Document
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.services import outgoing_chain as chain


@pytest.mark.django_db(transaction=True)
class TestDocumentOfAnApproval:
    def test_job_makes_the_pdf_with_the_approved_content_attached(self) -> None:
        outgoing = Line().approved()
        drain()
        outgoing = OutgoingRequest.objects.get(pk=outgoing.pk)
        document = Document.objects.get(outgoing=outgoing)
        assert (document.status, document.sha256) == ("ready", outgoing.document_sha256)
        with pikepdf.open(io.BytesIO(file_read(document.sha256))) as pdf:
            attached = {name: json.loads(spec.get_file().read_bytes()) for name, spec in pdf.attachments.items()}
            assert len(pdf.pages) == document.pages
        assert [content_hash(value) for value in attached.values()] == [outgoing.approved_hash]

    def test_letter_opened_again_meanwhile_gets_no_document(self) -> None:
        line = Line()
        outgoing = line.approved()
        chain.outgoing_revise(outgoing=outgoing, by=line.desk, reason="a date is wrong")
        drain()
        assert not Document.objects.filter(outgoing=outgoing).exists()
        assert OutgoingRequest.objects.get(pk=outgoing.pk).document_sha256 == ""
