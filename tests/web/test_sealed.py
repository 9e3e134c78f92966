"""Protected identities from the draft to the other State: in the letter nowhere, under seal for the named roles alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.core.files import file_read
from tests.documents.pages import attachments_of, pages_of
from tests.factories import Line, drain, officer
from workflows.documents.models import Document
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models import EarlierText, LetterVersion
from workflows.drafting.models_sealed import SealedIdentity
from workflows.drafting.selectors import access_earlier_text
from workflows.drafting.services import letter_freeze, letter_open_next, letter_save
from workflows.exchange.models import Message
from workflows.exchange.selectors import received_files
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course
from workflows.tracking.search import search_incoming, search_outgoing

AtDesk = Callable[[Actor], Client]

pytestmark = pytest.mark.django_db

NAME, LANE = "Ingrid Testperson", "Hidden Lane 7"
SECRETS = ("Ingrid", "Testperson", LANE, "HiddenLane7", "1991-04-05", "5 April 1991", "5April1991")


def line_with_witness(**more: Any) -> Line:
    content = Line().letter.content()
    witness = {
        "id": "P9", "role": "witness", "name": NAME, "pseudonym": "Witness K", "protected": True, "born": "1991-04-05",
        "address": LANE,
    }  # fmt: skip
    items = [dict(item) for item in content["items"]]
    items[0]["persons"] = [*items[0].get("persons", []), "P9"]
    return Line(letter=letter_from(content | {"persons": [*content["persons"], witness | more], "items": items}))


def text_of(sha256: str) -> str:
    """Return the text of a stored PDF with its margins, without white space."""
    return "".join(page.body + page.margins for page in pages_of(file_read(sha256)))


def silent(text: str) -> None:
    assert not [secret for secret in SECRETS if secret.casefold() in text.casefold()]


def sent(line: Line) -> tuple[OutgoingRequest, IncomingRequest]:
    outgoing = chain.outgoing_approve(
        outgoing=line.in_review(), by=line.supervisor, content_hash=line.hash_of(OutgoingRequest.objects.get()),
        rights_screened=True,
    )  # fmt: skip
    drain()
    outgoing.refresh_from_db()
    course.outgoing_send(outgoing=outgoing, by=line.registry, channel="local")
    drain()
    return OutgoingRequest.objects.get(), IncomingRequest.objects.get()


def test_letter_json_and_message_hold_the_pseudonym_alone_and_the_annex_the_name() -> None:
    line = line_with_witness()
    outgoing, incoming = sent(line)
    version = outgoing.approved_version
    assert version is not None and version.frozen_content is not None
    silent(json.dumps([version.content, version.frozen_content, incoming.content], ensure_ascii=False))
    letter = text_of(outgoing.document_sha256)
    silent(letter)
    assert "WitnessK" in letter
    told = version.frozen_content["sealed"]
    assert told["persons"] == ["P9"] and told["sha256"][:8] in letter
    annex = text_of(outgoing.sealed_sha256)
    for told_there in ("IngridTestperson", "HiddenLane7", "5April1991", "WitnessK"):
        assert told_there in annex
    assert "SEALED" in annex and told["sha256"][:8] in annex
    for message in Message.objects.all():
        silent(bytes(message.envelope).decode())
    roles = {file.role: file.sha256 for file in received_files(incoming)}
    assert roles["sealed"] == outgoing.sealed_sha256
    silent("".join(one.decode() for one in attachments_of(file_read(outgoing.document_sha256)).values()))
    assert NAME in "".join(one.decode() for one in attachments_of(file_read(outgoing.sealed_sha256)).values())
    kinds = {document.kind: document.status for document in Document.objects.filter(outgoing=outgoing)}
    assert kinds == {"letter": "ready", "sealed": "ready"}


def test_no_list_search_page_or_audit_of_anybody_holds_the_name(at_desk: AtDesk) -> None:
    line = line_with_witness()
    outgoing, incoming = sent(line)
    for word in ("Ingrid", "Testperson", "Lane 7"):
        assert (
            not search_outgoing(line.supervisor, word).count and not search_incoming(line.their_supervisor, word).count
        )
    place = f"/out/{outgoing.public_id}"
    pages = [f"{place}/", f"{place}/review/", f"{place}/letter/", f"{place}/letter/persons/", f"{place}/letter/preview"]
    for address in [*pages, f"{place}/letter/persons/P9/", "/out/", "/registry/"]:
        answer = at_desk(line.supervisor).get(address)
        assert answer.status_code == 200, address
        silent(answer.content.decode())
    for address in (f"/in/{incoming.public_id}/", f"/in/{incoming.public_id}/letter/", "/in/"):
        silent(at_desk(line.their_supervisor).get(address).content.decode())
    silent(json.dumps(list(AuditEntry.objects.values_list("detail", "reason")), default=str, ensure_ascii=False))


def test_page_under_seal_is_for_the_named_roles_and_each_reading_is_recorded(at_desk: AtDesk) -> None:
    line = line_with_witness()
    outgoing, _incoming = sent(line)
    address = f"/out/{outgoing.public_id}/letter/sealed"
    readers = [line.prosecutor, line.desk, line.supervisor]
    for number, reader in enumerate(readers, 1):
        shown = at_desk(reader).get(address)
        assert shown.status_code == 200 and NAME in shown.content.decode() and "no-store" in shown["Cache-Control"]
        assert AuditEntry.objects.filter(act="sealed_identities.read").count() == number
    for role in (Role.REGISTRY, Role.LEGAL, Role.AUDITOR, Role.LOCAL_ADMINISTRATOR):
        hidden = at_desk(officer(role, line.letter.requesting.authority or "")).get(address)
        assert hidden.status_code == 404
        silent(hidden.content.decode())
    assert at_desk(line.their_supervisor).get(address).status_code == 404
    assert AuditEntry.objects.filter(act="sealed_identities.read").count() == len(readers)


def test_nationality_is_told_by_the_name_of_the_state_on_the_page_and_in_the_annex(at_desk: AtDesk) -> None:
    line = line_with_witness(nationality=["NO"])
    outgoing, _incoming = sent(line)
    page = at_desk(line.prosecutor).get(f"/out/{outgoing.public_id}/letter/sealed").content.decode()
    assert "<bdi>Norway</bdi>" in page and "Nationality:Norway" in text_of(outgoing.sealed_sha256)


def test_a_letter_without_a_protected_person_has_no_page_under_seal(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.drafted()
    assert at_desk(line.prosecutor).get(f"/out/{outgoing.public_id}/letter/sealed").status_code == 404


def test_sealed_annex_is_handed_out_on_both_sides_to_those_who_need_it_and_recorded(at_desk: AtDesk) -> None:
    line = line_with_witness()
    outgoing, incoming = sent(line)
    document = Document.objects.get(outgoing=outgoing, kind="sealed")
    ours = f"/documents/{document.public_id}.pdf"
    theirs = f"/in/{incoming.public_id}/files/{outgoing.sealed_sha256}"
    assert at_desk(line.supervisor).get(ours).status_code == 200
    assert at_desk(line.registry).get(ours).status_code == 404
    assert at_desk(line.their_desk).get(theirs).status_code == 200
    assert at_desk(line.their_registry).get(theirs).status_code == 404
    assert AuditEntry.objects.filter(act="sealed_annex.read").count() == 2
    page = at_desk(line.their_registry).get(f"/in/{incoming.public_id}/letter/").content.decode()
    assert "under seal" in page and theirs not in page
    assert theirs in at_desk(line.their_desk).get(f"/in/{incoming.public_id}/letter/").content.decode()


def test_whoever_is_protected_later_leaves_the_history_and_the_next_version_keeps_what_is_sealed() -> None:
    line = line_with_witness(protected=False, pseudonym="")
    outgoing = line.drafted()
    letter = outgoing.letter
    content = letter.present().content
    persons = [dict(one) for one in content["persons"]]
    persons[-1] |= {"protected": True}
    letter_save(letter=letter, content=letter_from(content | {"persons": persons}), by=line.prosecutor)
    version = letter.present()
    silent(json.dumps(version.content, ensure_ascii=False))
    assert version.content["persons"][-1]["name"] == "Witness A"
    for text in EarlierText.objects.filter(version=version):
        silent(json.dumps(access_earlier_text(line.prosecutor, version, text.public_id).content, ensure_ascii=False))
    # What is typed anew is added; what was typed before stays.
    persons = [dict(one) for one in version.content["persons"]]
    persons[-1]["location"] = "Bergen"
    letter.refresh_from_db()
    letter_save(letter=letter, content=letter_from(version.content | {"persons": persons}), by=line.prosecutor)
    letter.refresh_from_db()
    letter_freeze(letter=letter, by=line.prosecutor)
    before = letter.present().frozen_content
    letter.refresh_from_db()
    letter_open_next(letter=letter, by=line.prosecutor)
    letter.refresh_from_db()
    kept = SealedIdentity.objects.get(version=letter.present())
    assert kept.particulars["name"] == NAME and kept.particulars["location"] == "Bergen"
    letter_freeze(letter=letter, by=line.prosecutor)
    after = letter.present().frozen_content
    assert before is not None and after is not None and before["sealed"] == after["sealed"]


def test_migration_puts_what_stood_in_letters_before_under_seal() -> None:
    line = line_with_witness()
    version = line.drafted().letter.present()
    SealedIdentity.objects.filter(version=version).delete()
    LetterVersion.objects.filter(pk=version.pk).update(content=line.letter.content())
    import_module("workflows.drafting.migrations.0011_put_under_seal").put_under_seal(apps, None)
    version.refresh_from_db()
    silent(json.dumps(version.content, ensure_ascii=False))
    assert SealedIdentity.objects.get(version=version).particulars["name"] == NAME
