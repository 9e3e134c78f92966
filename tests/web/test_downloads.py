"""Files are handed out whole, recorded, never shown by the browser, and only to whoever may see their case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from tests.factories import Line, officer
from tests.web.conftest import signed_in
from workflows.documents.models import Document
from workflows.engine.perform import create
from workflows.lifecycle.models import Evidence, IncomingRequest, OutgoingRequest
from workflows.lifecycle.services import incoming as inward

pytestmark = pytest.mark.django_db


@contextmanager
def damaged(sha256: str) -> Iterator[None]:
    path = default_storage.path(f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}")
    with open(path, "rb") as stored:
        before = stored.read()
    with open(path, "wb") as stored:
        stored.write(before[:-1] + b"#")
    try:
        yield
    finally:
        with open(path, "wb") as stored:
            stored.write(before)


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.fixture
def line() -> Line:
    return Line()


def document_of(outgoing: OutgoingRequest) -> Document:
    """Return the letter's document, made by the acts that the job does."""
    from mla.accounts.actors import Actor
    from workflows.engine.perform import perform

    system = Actor.system("documents", authority_id=outgoing.authority_id)
    made = create(
        Document(
            authority_id=outgoing.authority_id, kind="letter", outgoing=outgoing,
            letter_version=outgoing.approved_version, language="en", content_hash=outgoing.approved_hash,
        ),
        act="queue",
        by=system,
    )  # fmt: skip
    started = perform(made, "start", by=system)
    return perform(started, "finish", by=system, sha256=outgoing.document_sha256, size=73, pages=1)


def test_signed_off_document_is_named_after_its_reference_and_its_reading_recorded(line: Line) -> None:
    outgoing = line.ready()
    document = document_of(outgoing)
    address = reverse("web:document", args=[document.public_id])
    answer = signed_in(line.registry).get(address)
    assert answer.status_code == 200
    assert body(answer) == b"%PDF-1.7 " + outgoing.approved_hash.encode()
    assert answer["Content-Type"] == "application/pdf"
    assert outgoing.reference.replace("/", "-") in answer["Content-Disposition"]
    assert answer["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer["Cache-Control"]
    entry = AuditEntry.objects.filter(act="document.read").get()
    assert (entry.outcome, entry.object_id) == ("done", str(document.public_id))
    assert entry.actor_label == line.registry.label
    assert entry.detail == {"sha256": document.sha256}


def test_damaged_file_is_refused_told_and_recorded(line: Line) -> None:
    outgoing = line.ready()
    document = document_of(outgoing)
    with damaged(document.sha256):
        answer = signed_in(line.registry).get(reverse("web:document", args=[document.public_id]))
    assert answer.status_code == 409
    assert "damaged" in answer.content.decode()
    entry = AuditEntry.objects.filter(act="document.read").get()
    assert (entry.outcome, entry.reason_code) == ("refused", "file_damaged")


def executed(line: Line) -> IncomingRequest:
    return line.executed(line.in_execution(line.arrived(line.sent())))


def test_evidence_is_an_attachment_never_sniffed_and_recorded(line: Line) -> None:
    case = executed(line)
    file = case.evidence_set.order_by("id").first()
    assert file is not None
    answer = signed_in(line.executing).get(reverse("web:evidence", args=[file.public_id]))
    assert body(answer) == f"records for {file.item.key}\n".encode()  # type: ignore[union-attr]
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert AuditEntry.objects.filter(act="evidence.read", object_id=str(file.public_id)).count() == 1


@pytest.mark.parametrize(
    "content", [b"<html><script>alert(1)</script></html>", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"]
)
def test_active_content_is_handed_out_as_bytes_of_no_kind(line: Line, content: bytes) -> None:
    case = line.in_execution(line.arrived(line.sent()))
    client = signed_in(line.executing)
    item = case.items.order_by("id").first()
    assert item is not None
    said = {"item": item.key, "file": SimpleUploadedFile("page.html", content, content_type="text/plain")}
    assert client.post(reverse("web:execution", args=[case.public_id]), said).status_code == 302
    file = case.evidence_set.get()
    answer = client.get(reverse("web:evidence", args=[file.public_id]))
    assert answer["Content-Type"] == "application/octet-stream"
    assert body(answer) == content


def test_hostile_stored_name_leads_nowhere(line: Line) -> None:
    case = line.in_execution(line.arrived(line.sent()))
    file = inward.incoming_add_evidence(
        incoming=case,
        by=line.executing,
        name='../../etc/pass"wd;x.html',
        media_type="text/html; charset=x",
        content=b"x",
    )
    answer = signed_in(line.executing).get(reverse("web:evidence", args=[file.public_id]))
    name = answer["Content-Disposition"]
    assert answer["Content-Type"] == "application/octet-stream"
    assert "/" not in name.split("filename", 1)[1]
    assert name.count('"') in (0, 2)
    assert body(answer) == b"x"


def test_files_of_another_authority_are_not_there(line: Line) -> None:
    other = Line()
    case = executed(other)
    outgoing = line.ready()
    document = document_of(outgoing)
    file = Evidence.objects.filter(incoming=case).first()
    assert file is not None
    assert outgoing.approved_version is not None
    annex = outgoing.approved_version.annexes.first()
    theirs = officer(Role.REGISTRY, "jp-central")
    client = signed_in(theirs)
    addresses = [
        reverse("web:document", args=[document.public_id]),
        reverse("web:evidence", args=[file.public_id]),
        reverse("web:received_file", args=[case.public_id, case.letter_sha256]),
        reverse("web:proof", args=[outgoing.public_id, "0" * 64]),
        reverse("web:annex", args=[outgoing.letter.public_id, 1, annex.key if annex else "A1"]),
    ]
    for address in addresses:
        assert client.get(address).status_code == 404, address
    assert not AuditEntry.objects.filter(act__endswith=".read").exists()
    # The executing officer of the other side has no letters of ours either.
    assert signed_in(other.executing).get(addresses[0]).status_code == 404


def test_annex_goes_to_whoever_may_read_its_version(line: Line) -> None:
    outgoing = line.ready()
    assert outgoing.approved_version is not None
    annex = outgoing.approved_version.annexes.order_by("key").first()
    if annex is None:
        pytest.fail("the example letter has an annex")
    number = outgoing.approved_version.number
    address = reverse("web:annex", args=[outgoing.letter.public_id, number, annex.key])
    answer = signed_in(line.desk).get(address)
    assert answer.status_code == 200
    assert body(answer).startswith(b"Annex ")
    assert (
        signed_in(line.desk).get(reverse("web:annex", args=[outgoing.letter.public_id, number, "Z9"])).status_code
        == 404
    )


def test_requested_side_gets_the_letter_and_its_annexes_as_they_came(line: Line) -> None:
    outgoing = line.sent()
    case = line.arrived(outgoing)
    client = signed_in(line.their_desk)
    page = client.get(reverse("web:incoming_letter", args=[case.public_id])).content.decode()
    assert case.letter_sha256 in page
    letter = client.get(reverse("web:received_file", args=[case.public_id, case.letter_sha256]))
    assert body(letter) == b"%PDF-1.7 " + outgoing.approved_hash.encode()
    assert letter["Content-Type"] == "application/octet-stream"
    # A hash that exists in the storage but not in this case is not there.
    stranger = executed(Line())
    other = stranger.evidence_set.first()
    assert other is not None
    assert client.get(reverse("web:received_file", args=[case.public_id, other.sha256])).status_code == 404


def test_proof_of_a_step_recorded_by_hand_can_be_read_again(line: Line) -> None:
    from tests.web.test_act_screens import by_hand

    outgoing = by_hand(line)
    kept = outgoing.proofs.get()
    answer = signed_in(line.registry).get(reverse("web:proof", args=[outgoing.public_id, kept.sha256]))
    assert body(answer) == b"%PDF slip"


def test_auditor_says_the_purpose_before_a_file_is_handed_out(line: Line) -> None:
    case = executed(line)
    file = case.evidence_set.first()
    assert file is not None
    client = signed_in(officer(Role.AUDITOR, line.letter.requested.authority or ""))
    address = reverse("web:evidence", args=[file.public_id])
    asked = client.get(address)
    assert asked.status_code == 302
    assert "/purpose" in asked["Location"]
    assert not AuditEntry.objects.filter(act="evidence.read").exists()
    assert client.get(reverse("web:incoming_letter", args=[case.public_id])).status_code == 302
