"""A case whose files lie in an object store: pieces, letter, bound annexes, downloads, and what happens while it is away."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from mla.audit.models import AuditEntry
from mla.core import clock, files
from mla.core.files import file_read
from tests.documents.test_bound import WithOrder, texts
from tests.documents.test_signing_job import approved, render_job, scan
from tests.factories import Line, drain
from tests.object_store.server import BUCKET, Store, free_ports
from tests.web.conftest import signed_in
from workflows.documents.models import Document
from workflows.drafting.annexes import AnnexWrong
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models import Annex
from workflows.drafting.models_uploads import AnnexUpload
from workflows.drafting.services_uploads import (
    NoRoom,
    upload_begin,
    upload_discard,
    upload_finish,
    upload_take,
)
from workflows.engine.models import OutboxJob
from workflows.engine.outbox import run_job
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course

Through = Callable[..., None]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def away(through: Through) -> Iterator[Through]:
    """Lead to a place where no store is; called again with nothing, back."""

    def lead(gone: bool = True) -> None:
        through(**({"endpoint_url": f"http://127.0.0.1:{free_ports(1)[0]}"} if gone else {}))

    yield lead
    lead(gone=False)


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_an_annex_by_pieces_waits_while_the_store_is_away(store: Store, prefix: str, away: Through) -> None:
    line = Line()
    outgoing = line.drafted()
    stored_before = store.keys(prefix)
    data = f"The record of the bank, {uuid4()}.\n".encode() * 2000
    said: dict[str, Any] = {"name": "record.txt", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    upload = upload_begin(letter=outgoing.letter, by=line.prosecutor, **said)
    half = len(data) // 2
    upload = upload_take(upload=upload, by=line.prosecutor, offset=0, piece=data[:half])
    away()
    with pytest.raises(NoRoom):
        upload_take(upload=upload, by=line.prosecutor, offset=half, piece=data[half:])
    away(gone=False)
    assert AnnexUpload.objects.get().received == half
    # Of an attempt that died before it was noted: the pieces alone are ever put again.
    default_storage.save(upload.place(half), ContentFile(b"of another attempt"))
    upload = upload_take(upload=upload, by=line.prosecutor, offset=half, piece=data[half:])
    away()
    annexes = Annex.objects.count()
    with pytest.raises(AnnexWrong) as wrong:
        upload_finish(upload=upload, by=line.prosecutor)
    assert wrong.value.passing and Annex.objects.count() == annexes
    away(gone=False)
    annex = upload_finish(upload=upload, by=line.prosecutor)
    assert file_read(annex.sha256) == data
    assert store.keys(prefix) - stored_before == {files._name(annex.sha256)}, "the pieces are gone"
    other = upload_begin(letter=outgoing.letter, by=line.prosecutor, **said | {"name": "again.txt"})
    other = upload_take(upload=other, by=line.prosecutor, offset=0, piece=data[:half])
    upload_discard(upload=other, by=line.prosecutor)
    assert store.keys(prefix) - stored_before == {files._name(annex.sha256)}


def test_letter_and_bound_annexes_are_made_sent_and_handed_out_from_the_store(store: Store, prefix: str) -> None:
    line = WithOrder(letter=letter_from(Line().letter.content() | {"annexes_bound": True}))
    content_hash = line.hash_of(in_review := line.in_review())
    outgoing = chain.outgoing_approve(
        outgoing=in_review, by=line.supervisor, content_hash=content_hash, rights_screened=True
    )
    drain()
    outgoing.refresh_from_db()
    letter, bound = (Document.objects.get(outgoing=outgoing, kind=kind) for kind in ("letter", "bound"))
    kept = store.keys(prefix)
    assert {files._name(one.sha256) for one in (letter, bound)} <= kept and all(one[:7] == "sha256/" for one in kept)
    assert f"AnnexA3to{outgoing.reference},page1of2" in "".join(texts(file_read(bound.sha256)))
    reader = signed_in(line.registry)
    for document in (letter, bound):
        handed = body(reader.get(reverse("web:document", args=[document.public_id])))
        assert hashlib.sha256(handed).hexdigest() == document.sha256 and len(handed) == document.size
        with pikepdf.open(io.BytesIO(handed)) as pdf:
            assert len(pdf.pages) == document.pages
    course.outgoing_send(outgoing=outgoing, by=line.registry, channel="local")
    drain()
    arrived = IncomingRequest.objects.get(conversation_id=outgoing.conversation_id)
    assert arrived.letter_sha256 == outgoing.document_sha256


def test_the_job_waits_for_the_store_and_nothing_is_offered_meanwhile(away: Through) -> None:
    line = WithOrder(letter=letter_from(Line().letter.content() | {"annexes_bound": True}))
    in_review = line.in_review()
    outgoing = chain.outgoing_approve(
        outgoing=in_review, by=line.supervisor, content_hash=line.hash_of(in_review), rights_screened=True
    )
    away()
    assert run_job(render_job()) == "retry"
    outgoing.refresh_from_db()
    document = Document.objects.get(outgoing=outgoing, kind="letter")
    assert (document.status, document.sha256, outgoing.document_sha256) == ("failed", "", "")
    assert document.failure.startswith("the storage has no room or does not answer")
    assert signed_in(line.registry).get(reverse("web:document", args=[document.public_id])).status_code == 404
    away(gone=False)
    OutboxJob.objects.filter(pk=render_job()).update(due_at=clock.now())
    assert run_job(render_job()) == "done"
    outgoing.refresh_from_db()
    assert file_read(outgoing.document_sha256)[:5] == b"%PDF-"
    assert {one.status for one in Document.objects.filter(outgoing=outgoing)} == {"ready"}


def test_pages_say_that_the_store_is_away_and_do_nothing(away: Through) -> None:
    line, outgoing = approved("wet_ink")
    drain()
    document = Document.objects.get(outgoing=outgoing)
    client = signed_in(line.registry)
    address = reverse("web:document", args=[document.public_id])
    page = f"/out/{outgoing.public_id}/do/attach_scan"
    away()
    answer = client.get(address)
    assert answer.status_code == 503 and "does not answer" in answer.content.decode()
    assert not AuditEntry.objects.filter(act="document.read", object_id=str(document.public_id)).exists()
    refused = client.post(page, {"scan": SimpleUploadedFile("scan.pdf", scan(2))})
    assert refused.status_code == 422 and "the storage has no room or does not answer" in refused.content.decode()
    outgoing.refresh_from_db()
    assert outgoing.awaits_signature == "scan" and outgoing.document_sha256 == ""
    away(gone=False)
    assert len(body(client.get(address))) > 1000
    assert client.post(page, {"scan": SimpleUploadedFile("scan.pdf", scan(2))}).status_code == 302
    assert OutgoingRequest.objects.get(pk=outgoing.pk).document_sha256


def test_a_letter_that_was_changed_in_the_store_is_not_handed_out(store: Store, prefix: str) -> None:
    line = Line()
    outgoing = line.approved()
    drain()
    document = Document.objects.get(outgoing=outgoing)
    key = f"{prefix}/{files._name(document.sha256)}"
    store.client().put_object(Bucket=BUCKET, Key=key, Body=file_read(document.sha256)[:-1] + b"#")
    answer = signed_in(line.registry).get(reverse("web:document", args=[document.public_id]))
    assert answer.status_code == 409 and "damaged" in answer.content.decode()
    entry = AuditEntry.objects.get(act="document.read", object_id=str(document.public_id))
    assert entry.outcome == "refused"
