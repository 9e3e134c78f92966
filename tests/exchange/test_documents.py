"""A document beside the letter goes to the other State with a message, and stands in its file by its hash."""

from __future__ import annotations

from typing import Any

import pytest

from mla.audit.models import AuditEntry
from mla.core.files import file_read
from mla.reference.models import Authority
from tests.documents.test_signing_job import scan
from tests.factories import Line, drain
from tests.invariants import assert_invariants
from workflows.documents.models import CaseDocument
from workflows.documents.selectors import visible_case_documents
from workflows.documents.services_kinds import DocumentRefused, ReceivedDocument, case_document_receive, document_make
from workflows.documents.services_signing import case_document_attach_scan
from workflows.engine.errors import ActForbidden, ActNotPossible, ConditionsNotMet
from workflows.exchange.models import Message, Transmission
from workflows.exchange.services import case_document_send, transmission_record
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.services.outgoing_course import Proof

SAID = {"text": "Used in these proceedings alone.", "given_by": "The prosecutor"}


@pytest.fixture
def line() -> Line:
    return Line()


def made(line: Line, case: Any, kind: str = "assurance", by: Any = None, **said: str) -> CaseDocument:
    row = document_make(kind=kind, case=case, by=by or line.supervisor, language="en", said=said or SAID)
    drain()
    row.refresh_from_db()
    return row


@pytest.mark.django_db(transaction=True)
class TestSent:
    def test_assurance_arrives_with_its_file_and_what_it_says(self, line: Line) -> None:
        case = line.sent()
        theirs = line.arrived(case)
        ours = made(line, case)
        assert not visible_case_documents(line.their_desk).exists()
        sent = case_document_send(document=ours, by=line.supervisor)
        assert sent.sent_by == line.supervisor.label and sent.sent_at is not None
        drain()
        [there] = visible_case_documents(line.their_desk)
        assert (there.incoming_id, there.authority_id, there.status) == (theirs.pk, theirs.authority_id, "ready")
        assert (there.sha256, there.content_hash, there.content) == (ours.sha256, ours.content_hash, ours.content)
        assert there.came_from == case.central
        assert [words for _label, words in there.words] == list(SAID.values())
        message = Message.objects.get(type="document", direction="in")
        [file] = message.files.all()
        assert (file.role, file.sha256, len(file_read(file.sha256))) == ("document", ours.sha256, file.size)
        assert Transmission.objects.get(message__type="document").status == "retrieved"
        entry = AuditEntry.objects.get(act="case_document.receive")
        assert entry.authority_id == theirs.authority_id and entry.detail["sha256"] == ours.sha256
        assert_invariants()
        with pytest.raises(ConditionsNotMet) as refused:
            case_document_send(document=sent, by=line.supervisor)
        assert [reason.code for reason in refused.value.reasons] == ["sent"]
        with pytest.raises(ConditionsNotMet) as refused:
            case_document_send(document=there, by=line.their_desk)
        assert [reason.code for reason in refused.value.reasons] == ["came_from_them"]

    def test_answer_of_the_requested_state_arrives_at_the_requesting_one(self, line: Line) -> None:
        case = line.executed(line.in_execution(line.arrived(line.sent())))
        said = {"purpose": "Another trial.", "answer": "conditions", "conditions": "Not before 2027.", "reason": ""}
        answer = made(line, case, "use-answer", line.their_supervisor, **said)
        case_document_send(document=answer, by=line.their_supervisor)
        drain()
        ours = OutgoingRequest.objects.get(conversation_id=case.conversation_id)
        [there] = visible_case_documents(line.desk)
        assert (there.outgoing_id, there.sha256) == (ours.pk, answer.sha256)
        assert "Not before 2027." in [words for _label, words in there.words]
        assert_invariants()

    def test_by_a_channel_by_hand_the_registry_records_the_way_with_its_proof(self, line: Line) -> None:
        case = line.sent()
        OutgoingRequest.objects.filter(pk=case.pk).update(channel="paper")
        Authority.objects.filter(pk=case.central_id).update(signing_method="wet_ink")
        ours = made(line, OutgoingRequest.objects.get(pk=case.pk))
        with pytest.raises(ActNotPossible):
            case_document_send(document=ours, by=line.supervisor)
        ours = case_document_attach_scan(document=ours, by=line.registry, content=scan())
        case_document_send(document=ours, by=line.supervisor)
        drain()
        way = Transmission.objects.get(message__type="document")
        assert (way.status, way.channel) == ("queued", "paper")
        proof = Proof("receipt.pdf", "application/pdf", b"%PDF-1.4 receipt", "by courier on 3 May")
        transmission_record(transmission=way, by=line.registry, step="submit", proof=proof)
        receipt = way.receipts.get()
        assert receipt.content["note"] == "by courier on 3 May" and receipt.content["sha256"]
        assert not visible_case_documents(line.their_desk).exists(), "paper is put into the file by who receives it"


@pytest.mark.django_db(transaction=True)
class TestNotSent:
    def test_by_whom_it_is_not_to_be_sent(self, line: Line) -> None:
        ours = made(line, line.sent())
        for by in (line.their_supervisor, line.executing):
            with pytest.raises(ActForbidden):
                case_document_send(document=ours, by=by)
        ours.refresh_from_db()
        assert ours.sent_at is None and not Message.objects.filter(type="document").exists()

    def test_copy_for_a_provider_and_what_is_not_made(self, line: Line) -> None:
        case = line.in_execution(line.arrived(line.sent()))
        copy = made(line, case, "redacted-copy", line.their_supervisor)
        with pytest.raises(ConditionsNotMet) as refused:
            case_document_send(document=copy, by=line.their_supervisor)
        assert [reason.code for reason in refused.value.reasons] == ["not_for_them"]

    def test_print_that_waits_for_ink_and_seal_does_not_go(self, line: Line) -> None:
        case = line.sent()
        Authority.objects.filter(pk=case.central_id).update(signing_method="wet_ink")
        ours = made(line, case)
        with pytest.raises(ActNotPossible):
            case_document_send(document=ours, by=line.supervisor)
        assert not Message.objects.filter(type="document").exists()

    def test_before_the_request_itself_nothing_goes(self, line: Line) -> None:
        line.approved()
        drain()
        note = made(line, OutgoingRequest.objects.get(), "covering-note", line.desk)
        with pytest.raises(ConditionsNotMet) as refused:
            case_document_send(document=note, by=line.desk)
        assert [reason.code for reason in refused.value.reasons] == ["not_with_them"]


@pytest.mark.django_db(transaction=True)
class TestReceived:
    def test_what_does_not_fit_its_hash_or_its_sender_is_refused_and_changes_nothing(self, line: Line) -> None:
        case = line.sent()
        theirs: IncomingRequest = line.arrived(case)
        ours = made(line, case)
        told = {
            "kind": ours.kind, "about": ours.about, "language": "en", "content": ours.content,
            "content_hash": ours.content_hash, "sha256": ours.sha256, "size": ours.size,
        }  # fmt: skip
        for wrong in (
            {"content": ours.content | {"title": "Another"}},
            {"content_hash": "0" * 64},
            {"kind": "decision"},
            {"kind": "redacted-copy"},
            {"kind": "no-such-kind"},
        ):
            with pytest.raises(DocumentRefused):
                case_document_receive(case=theirs, received=ReceivedDocument(**{**told, **wrong}), sender=case.central)
        assert not CaseDocument.objects.filter(incoming=theirs).exists()
