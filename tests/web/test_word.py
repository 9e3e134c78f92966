"""The working copy is taken by whoever reads the version, and recorded; an edited copy is compared and forgotten."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import docx
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mla.accounts.actors import Actor
from mla.accounts.models import Role, User
from mla.audit.models import AuditEntry
from mla.reference.models import Authority
from tests.documents.test_word import HOSTILE, find, rewritten
from tests.factories import Line, officer
from workflows.documents.preview import letter_sheet
from workflows.documents.word import CONTENT_HASH
from workflows.documents.word_reading import copy_read
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models import LetterVersion
from workflows.drafting.models_translation import Translation
from workflows.drafting.services_translation import (
    annex_decide,
    translation_assign,
    translation_certify,
    translation_finish,
    unit_save,
)
from workflows.lifecycle.models import OutgoingRequest

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]


def address(outgoing: OutgoingRequest, number: int = 1, page: str = "letter_word") -> str:
    return reverse(f"web:{page}", args=[outgoing.letter.public_id, number])


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def upload(data: bytes, name: str = "edited.docx") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, data)}


def edited(data: bytes, text: str, new: str) -> bytes:
    document = docx.Document(io.BytesIO(data))
    run = find(document, text).runs[-1]
    run.text = run.text.replace(text, new)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_working_copy_of_a_frozen_version_is_handed_out_and_recorded(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.lodged()
    version = outgoing.letter.present()
    answer = at_desk(line.desk).get(address(outgoing))
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    assert ".docx" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    read = copy_read(body(answer))
    assert read.made_from[CONTENT_HASH] == version.content_hash
    paragraphs = [unit.number for unit in read.units if unit.key and unit.number]
    assert paragraphs == [part.number for part in letter_sheet(outgoing, version).paragraphs]
    entry = AuditEntry.objects.get(act="working_copy.read")
    assert (entry.outcome, entry.object_id, entry.actor_label) == (
        "done", str(outgoing.letter.public_id), line.desk.label,
    )  # fmt: skip
    assert entry.detail["content_hash"] == version.content_hash


def test_draft_and_letters_of_others_have_no_working_copy(at_desk: AtDesk) -> None:
    line = Line()
    draft = line.drafted()
    for page in ("letter_word", "letter_compare"):
        # A draft changes: no copy could say what it was made from.
        assert at_desk(line.prosecutor).get(address(draft, page=page)).status_code == 404
    outgoing = line.lodged()
    stranger = officer(Role.DESK_OFFICER, line.letter.requested.authority or "")
    for page in ("letter_word", "letter_compare"):
        assert at_desk(stranger).get(address(outgoing, page=page)).status_code == 404
        assert at_desk(line.desk).get(address(outgoing, 7, page)).status_code == 404
    assert at_desk(stranger).post(address(outgoing, page="letter_compare"), upload(b"x")).status_code == 404
    assert not AuditEntry.objects.filter(act="working_copy.read").exists()


def test_auditor_says_the_purpose_first_and_compares_nothing(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.lodged()
    auditor = at_desk(officer(Role.AUDITOR, line.letter.requesting.authority or ""))
    assert auditor.get(address(outgoing)).status_code == 302
    assert auditor.get(address(outgoing, page="letter_compare")).status_code == 404
    assert not AuditEntry.objects.filter(act="working_copy.read").exists()


def test_copy_that_came_back_is_compared_and_nothing_of_it_is_kept(at_desk: AtDesk, monkeypatch: Any) -> None:
    line = Line()
    outgoing = line.lodged()
    client = at_desk(line.desk)
    data = body(client.get(address(outgoing)))
    before = (LetterVersion.objects.count(), AuditEntry.objects.count(), outgoing.letter.present().content)

    def no_file(*_said: object) -> None:
        raise AssertionError("a file was stored")

    monkeypatch.setattr(default_storage, "save", no_file)
    same = client.post(address(outgoing, page="letter_compare"), upload(data))
    assert same.status_code == 200
    assert "The copy says what the approved text says" in same.content.decode()
    assert "<ins>" not in same.content.decode()

    changed = client.post(
        address(outgoing, page="letter_compare"),
        upload(edited(data, "honour to request assistance", "honour to <b>order</b> assistance")),
    )
    page = changed.content.decode()
    assert "<del> request</del>" in page
    assert "&lt;" in page and "<b>order" not in page
    assert "The copy says otherwise" in page
    assert (LetterVersion.objects.count(), AuditEntry.objects.count(), outgoing.letter.present().content) == before


def test_copy_of_another_version_is_said_to_be_one(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.lodged()
    client = at_desk(line.desk)
    data = body(client.get(address(outgoing)))
    other = rewritten(
        data, lambda xml: xml.replace(outgoing.letter.present().content_hash, "0" * 64), "docProps/custom.xml"
    )
    said = client.post(address(outgoing, page="letter_compare"), upload(other)).content.decode()
    assert "made from another text" in said
    silent = rewritten(data, lambda xml: xml.replace(CONTENT_HASH, "x"), "docProps/custom.xml")
    said = client.post(address(outgoing, page="letter_compare"), upload(silent)).content.decode()
    assert "no longer says what it was made from" in said


def test_hostile_copy_is_refused_beside_its_field(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.lodged()
    client = at_desk(line.desk)
    for kind in ("no zip", "encrypted", "macros", "entities", "template", "cut off"):
        make, reason = HOSTILE[kind]
        answer = client.post(address(outgoing, page="letter_compare"), upload(make()))
        assert answer.status_code == 422
        assert reason in answer.content.decode()
    assert client.post(address(outgoing, page="letter_compare"), {}).status_code == 422


def test_comparing_is_limited_in_a_minute(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.lodged()
    client = at_desk(line.desk)
    answers = [client.post(address(outgoing, page="letter_compare"), upload(b"x")).status_code for _time in range(11)]
    assert answers[-1] == 429
    assert set(answers[:-1]) == {422}


def test_adviser_reads_compares_and_is_led_back_to_the_advice(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.lodged()
    client = at_desk(line.prosecutor)
    assert address(outgoing) in client.get(f"/out/{outgoing.public_id}/letter/preview?version=1").content.decode()
    draft = line.drafted()
    adviser = Authority.objects.get(code=line.letter.requesting.authority)
    at_desk(line.prosecutor).post(f"/letter/{draft.letter.public_id}/do/share_for_advice", {"authority": adviser.pk})
    # An open version has none, and the page of it offers none.
    reader = at_desk(officer(Role.LEGAL, adviser.code))
    assert "letter.docx" not in reader.get(f"/advice/{draft.letter.public_id}/").content.decode()


def test_number_of_queries_does_not_grow_with_the_letter(at_desk: AtDesk) -> None:
    counts = set()
    for persons in (1, 30):
        line = Line()
        content = line.letter.content()
        more = [
            {"id": f"P{90 + number}", "role": "witness", "name": f"Testperson {number}"} for number in range(persons)
        ]
        line = Line(letter=letter_from(content | {"persons": [*content["persons"], *more]}))
        outgoing = line.lodged()
        client = at_desk(line.desk)
        data = body(client.get(address(outgoing)))
        client.post(address(outgoing, page="letter_compare"), upload(data))
        with CaptureQueriesContext(connection) as queries:
            data = body(client.get(address(outgoing)))
        with CaptureQueriesContext(connection) as compared:
            client.post(address(outgoing, page="letter_compare"), upload(data))
        counts.add((len(queries), len(compared)))
    assert len(counts) == 1


def certified(line: Line, outgoing: OutgoingRequest, language: str = "ar") -> Translation:
    """Return a certified translation of what stands; its texts are those of the letter with a word before them."""
    by = officer(Role.TRANSLATOR, line.letter.requesting.authority or "")
    row = translation_assign(
        version=outgoing.letter.present(),
        language=language,
        translator=User.objects.get(pk=by.user_id or 0),
        by=line.desk,
    )
    for unit in row.units.all():
        target = f"ترجمة {unit.source}"[: unit.longest]
        unit_save(translation=row, unit=unit, target=target, done=True, seen=0, by=by)
    for annex in (row.source.frozen_content or {})["annexes"]:
        annex_decide(translation=row, key=annex["id"], how="none", reason="read by all", by=by)
    return translation_certify(translation=translation_finish(translation=row, by=by), by=by)


def test_copy_in_two_languages_is_handed_out_and_each_column_compared_with_its_own_text(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.in_review()
    number = outgoing.letter.current
    client = at_desk(line.desk)
    row = certified(line, outgoing)
    shown = client.get(f"/out/{outgoing.public_id}/letter/preview").content.decode()
    assert f"{address(outgoing, number)}?with={row.public_id}" in shown and f'"{address(outgoing, number)}"' in shown
    answer = client.get(f"{address(outgoing, number)}?with={row.public_id}")
    assert answer.status_code == 200 and "-ar.docx" in answer["Content-Disposition"]
    data = body(answer)
    assert (
        AuditEntry.objects.filter(act="working_copy.read").latest("id").detail["translation_hash"] == row.content_hash
    )
    where = address(outgoing, number, "letter_compare")
    same = client.post(where, upload(data)).content.decode()
    assert "The copy says what the approved text says" in same
    assert "Paragraph by paragraph: English" in same and "Paragraph by paragraph: Arabic" in same
    assert "<del>" not in same and "<ins>" not in same, re.findall("<(?:del|ins)>.{200}", same)[:4]
    arabic = rewritten(data, lambda xml: xml.replace(">ترجمة", ">تصحيح", 1))
    page = client.post(where, upload(arabic)).content.decode()
    english, other = page.split("Paragraph by paragraph: Arabic")
    assert "<del>" not in english and "<del>" in other and "تصحيح" in other
    # Without its keys a row still falls apart into its two languages.
    bare = rewritten(data, lambda xml: re.sub(r'w:name="_ml[ab]\d+"', 'w:name="x"', xml))
    page = client.post(where, upload(bare)).content.decode()
    assert page.count("<del>") == page.count("<ins>") == 0, re.findall("<(?:del|ins)>.{80}", page)[:4]
    # Of another translation's column it is said that it was not compared.
    foreign = rewritten(data, lambda xml: xml.replace(row.content_hash, "0" * 64), "docProps/custom.xml")
    assert "that column was not compared" in client.post(where, upload(foreign)).content.decode()
    # The letter alone stays.
    alone = copy_read(body(client.get(address(outgoing, number))))
    assert not any(unit.other for unit in alone.units)


def test_copy_beside_what_is_no_certified_translation_of_the_version_is_not_there(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.in_review()
    by = officer(Role.TRANSLATOR, line.letter.requesting.authority or "")
    row = translation_assign(
        version=outgoing.letter.present(), language="ar", translator=User.objects.get(pk=by.user_id or 0), by=line.desk
    )
    client, where = at_desk(line.desk), address(outgoing, outgoing.letter.current)
    for given in (row.public_id, outgoing.public_id, "x"):
        assert client.get(f"{where}?with={given}").status_code == 404
    assert not AuditEntry.objects.filter(act="working_copy.read").exists()


def test_copy_of_a_translation_that_cannot_stand_beside_the_letter_is_refused_by_its_paragraph(at_desk: AtDesk) -> None:
    line = Line()
    content = line.letter.content()
    content["facts"][0]["text"] = "One paragraph of it.\n\nAnd another one."
    line = Line(letter=letter_from(content))
    outgoing = line.in_review()
    row = certified(line, outgoing)
    kept = row.certified_content or {}
    kept["letter"]["facts"][0]["text"] = "فقرة واحدة"
    Translation.objects.filter(pk=row.pk).update(certified_content=kept)
    client = at_desk(line.desk)
    answer = client.get(f"{address(outgoing, outgoing.letter.current)}?with={row.public_id}", follow=True)
    assert re.search(r"cannot be printed beside the letter: from paragraph \d+ on", answer.content.decode())
    assert not AuditEntry.objects.filter(act="working_copy.read").exists()
