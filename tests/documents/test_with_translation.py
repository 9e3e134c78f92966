"""A version whose translation was certified before the approval leaves with it: both languages in one signed file."""

from __future__ import annotations

import io
import json

import pikepdf
import pytest

from mla.accounts.actors import Actor
from mla.accounts.models import Role, User
from mla.core.canonical import content_hash
from mla.core.files import file_read
from tests.factories import Line, drain, officer
from workflows.documents.models import Document
from workflows.documents.signing_keys import signing_config
from workflows.documents.verifying import document_check
from workflows.drafting.models_translation import Translation
from workflows.drafting.services_translation import (
    annex_decide,
    translation_assign,
    translation_certify,
    translation_finish,
    unit_save,
)
from workflows.drafting.translation_units import units_of
from workflows.exchange.models import Message
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course

pytestmark = pytest.mark.django_db(transaction=True)


def certified(line: Line, outgoing: OutgoingRequest) -> Translation:
    """Return a translation of what stands, certified by a translator of the central authority; one annex in full."""
    translator: Actor = officer(Role.TRANSLATOR, line.letter.requesting.authority or "")
    row = translation_assign(
        version=outgoing.letter.present(), language="fr", translator=User.objects.get(pk=translator.user_id or 0),
        by=line.desk,
    )  # fmt: skip
    assert {unit.path for unit in row.units.all()} == {unit.path for unit in units_of(row.source.frozen_content or {})}
    for unit in row.units.all():
        text = ("«fr» " + unit.source)[: unit.longest]
        unit_save(translation=row, unit=unit, target=text, done=True, seen=0, by=translator)
    first, *others = [annex["id"] for annex in (row.source.frozen_content or {})["annexes"]]
    annex_decide(translation=row, key=first, how="full", name="a1-fr.txt", content=b"traduit", by=translator)
    for key in others:
        annex_decide(translation=row, key=key, how="none", reason="déjà en français", by=translator)
    return translation_certify(translation=translation_finish(translation=row, by=translator), by=translator)


def approve(line: Line, outgoing: OutgoingRequest) -> OutgoingRequest:
    chain.outgoing_approve(
        outgoing=outgoing, by=line.supervisor, content_hash=line.hash_of(outgoing), rights_screened=True
    )
    drain()
    return OutgoingRequest.objects.get(pk=outgoing.pk)


def attached(sha256: str) -> dict[str, str]:
    with pikepdf.open(io.BytesIO(file_read(sha256))) as pdf:
        return {name: content_hash(json.loads(spec.get_file().read_bytes())) for name, spec in pdf.attachments.items()}


def test_letter_is_signed_and_sent_in_both_languages_with_the_translated_annex() -> None:
    line = Line()
    outgoing = line.in_review()
    row = certified(line, outgoing)
    outgoing = approve(line, outgoing)
    assert attached(outgoing.document_sha256) == {
        "letter.json": outgoing.approved_hash,
        "translation.json": row.content_hash,
    }
    checked = document_check(file_read(outgoing.document_sha256), signing_config().trust)
    assert checked.sound and checked.content_matches == "yes" and len(checked.signatures) == 1
    course.outgoing_send(outgoing=outgoing, by=line.registry, channel="local")
    drain()
    sent = Message.objects.get(conversation_id=outgoing.conversation_id, direction="in", type="request")
    carried = {(file.name, file.role) for file in sent.files.all()}
    assert ("a1-fr.txt", "annex") in carried
    assert [role for _name, role in carried].count("letter") == 1


def test_translation_certified_after_the_approval_changes_nothing_of_the_letter() -> None:
    line = Line()
    outgoing = approve(line, line.in_review())
    before = outgoing.document_sha256
    row = certified(line, outgoing)
    drain()
    outgoing.refresh_from_db()
    assert outgoing.document_sha256 == before
    assert set(attached(before)) == {"letter.json"}
    assert Document.objects.get(outgoing=outgoing).status == "ready"
    row.refresh_from_db()
    assert set(attached(row.document_sha256)) == {"letter.json", "translation.json"}
