"""A version whose translation was certified before the approval leaves with it: both languages in one signed file."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable

import pikepdf
import pytest
from django.test import Client

from mla.accounts.actors import Actor
from mla.accounts.models import Role, User
from mla.core.canonical import content_hash
from mla.core.files import file_read
from tests.factories import Line, drain, officer
from tests.web.conftest import signed_in
from workflows.documents.models import Document
from workflows.documents.signing_keys import signing_config
from workflows.documents.verifying import document_check
from workflows.drafting import beside
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models_translation import Translation
from workflows.drafting.services_translation import (
    annex_decide,
    translation_assign,
    translation_certify,
    translation_finish,
    unit_save,
)
from workflows.drafting.translation_content import translated_hash
from workflows.drafting.translation_units import units_of
from workflows.engine.errors import ConditionsNotMet
from workflows.engine.models import OutboxJob
from workflows.engine.outbox import run_job
from workflows.exchange.models import Message
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course

pytestmark = pytest.mark.django_db(transaction=True)


def translated(line: Line, outgoing: OutgoingRequest) -> tuple[Actor, Translation]:
    """Return a translation of what stands, all texts done by a translator of the central authority; one annex in full."""
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
    return translator, row


def certified(line: Line, outgoing: OutgoingRequest) -> Translation:
    translator, row = translated(line, outgoing)
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


def joined(row: Translation) -> str:
    """Make the certified translation one whose paragraphs do not match, as one of an older release may be; say where."""
    content = row.certified_content or {}
    for index, fact in enumerate(content["letter"]["facts"]):
        if "\n\n" in fact["text"]:
            fact["text"] = fact["text"].replace("\n\n", " ")
            Translation.objects.filter(pk=row.pk).update(
                certified_content=content, content_hash=translated_hash(content), document_sha256=""
            )
            return f"facts[{index}].text"
    raise AssertionError("no fact has two paragraphs")


def two_paragraphs() -> Line:
    line = Line()
    content = line.letter.content()
    content["facts"][0]["text"] = "One paragraph of it.\n\nAnd another one."
    return Line(letter=letter_from(content))


@pytest.fixture
def at_desk() -> Callable[[Actor], Client]:
    return signed_in


def test_letter_whose_translation_cannot_stand_beside_it_leaves_in_no_language_and_the_case_says_where(
    at_desk: Callable[[Actor], Client],
) -> None:
    line = two_paragraphs()
    outgoing = line.in_review()
    row = certified(line, outgoing)
    chain.outgoing_approve(
        outgoing=outgoing, by=line.supervisor, content_hash=line.hash_of(outgoing), rights_screened=True
    )
    place = joined(row)
    jobs = OutboxJob.objects.filter(event__in=["translation.certified", "outgoing.approved"])
    assert {run_job(job) for job in jobs.values_list("pk", flat=True)} == {"parked"}
    outgoing = OutgoingRequest.objects.get(pk=outgoing.pk)
    document = Document.objects.get(outgoing=outgoing)
    assert (outgoing.status, outgoing.document_sha256, document.status) == ("approved", "", "failed")
    number = re.search(r"paragraph (\d+) ", document.failure)
    assert number is not None and place in document.failure and "(fr) cannot be printed beside" in document.failure
    page = at_desk(line.desk).get(f"/out/{outgoing.public_id}/").content.decode()
    assert f"paragraph {number[1]} (" in page
    with pytest.raises(ConditionsNotMet):
        course.outgoing_send(outgoing=outgoing, by=line.registry, channel="local")
    row.refresh_from_db()
    # Nor is there a document of the translation alone, and its own pages say why.
    assert row.document_sha256 == ""
    for address in (f"/translations/{row.public_id}/", f"/out/{outgoing.public_id}/translations/"):
        shown = at_desk(line.desk).get(address).content.decode()
        assert "could not be made" in shown and f"paragraph {number[1]} (" in shown and "being made" not in shown


def test_letter_is_not_approved_with_a_translation_that_cannot_stand_beside_it() -> None:
    line = two_paragraphs()
    outgoing = line.in_review()
    place = joined(certified(line, outgoing))
    with pytest.raises(ConditionsNotMet) as told:
        approve(line, outgoing)
    reasons = [(one.code, one.field) for one in told.value.reasons]
    assert reasons == [("not_paired", place)]
    assert "from paragraph" in str(told.value.reasons[0].message)


def test_translation_is_not_certified_while_it_cannot_stand_beside_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    line = two_paragraphs()
    outgoing = line.in_review()
    translator, row = translated(line, outgoing)
    row = translation_finish(translation=row, by=translator)
    unit = row.units.get(path="facts[0].text")
    kept = unit.target
    row.units.filter(pk=unit.pk).update(target=kept.replace("\n\n", " "))
    with pytest.raises(ConditionsNotMet) as told:
        translation_certify(translation=row, by=translator)
    assert [(one.code, one.field) for one in told.value.reasons] == [("paragraphs_differ", "facts[0].text")]
    row.units.filter(pk=unit.pk).update(target=kept)
    monkeypatch.setattr(beside, "_PAIRINGS", [lambda _source, _target: ("items", "other rows")])
    with pytest.raises(ConditionsNotMet) as told:
        translation_certify(translation=row, by=translator)
    assert [(one.code, one.field, one.message) for one in told.value.reasons] == [("not_paired", "items", "other rows")]
    monkeypatch.undo()
    assert translation_certify(translation=row, by=translator).status == "certified"
