"""A file that comes by pieces: gone on with where it stopped, whole and with its hash or no annex at all."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.core import clock
from mla.core.files import file_read
from mla.reference.models import Authority
from tests.drafting import hostile_files as files
from tests.drafting.letters import letter as content
from tests.drafting.test_annex_looks import stored
from tests.factories import officer
from workflows.drafting import annexes, services, services_uploads
from workflows.drafting.annexes import AnnexReplaced, AnnexWrong
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models import Annex, LetterOfRequest
from workflows.drafting.models_uploads import AnnexUpload
from workflows.drafting.selectors import current_version
from workflows.drafting.selectors_uploads import access_upload
from workflows.drafting.services_uploads import (
    NoRoom,
    OffsetWrong,
    upload_begin,
    upload_discard,
    upload_finish,
    upload_take,
    uploads_sweep,
)
from workflows.engine.errors import ActForbidden, ActNotPossible

pytestmark = pytest.mark.django_db

DATA = f"The record of the bank, page by page, {uuid4()}.\n".encode() * 2000


@pytest.fixture
def drafter() -> Actor:
    return officer(Role.ORIGINATOR_DRAFTER, "de-prosecutor")


@pytest.fixture
def letter(drafter: Actor) -> LetterOfRequest:
    authority = Authority.objects.get(pk=drafter.authority_id)
    return services.letter_create(content=content(), authority=authority, by=drafter)


def begun(letter: LetterOfRequest, by: Actor, data: bytes = DATA, **other: Any) -> AnnexUpload:
    said = {"name": "bank_record.txt", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()} | other
    return upload_begin(letter=letter, by=by, **said)


def sent(upload: AnnexUpload, by: Actor, data: bytes = DATA, piece: int = 30_000) -> AnnexUpload:
    while upload.received < len(data):
        at = upload.received
        upload = upload_take(upload=upload, by=by, offset=at, piece=data[at : at + piece])
    return upload


def test_it_goes_on_where_it_stopped_and_becomes_an_annex(letter: LetterOfRequest, drafter: Actor) -> None:
    before = stored()
    upload = begun(letter, drafter)
    upload = upload_take(upload=upload, by=drafter, offset=0, piece=DATA[:30_000])
    # The line broke; the same file is chosen again, and what came is not sent again.
    again = begun(letter, drafter)
    assert (again.pk, again.received) == (upload.pk, 30_000)
    for offset in (0, 29_999, 30_001, len(DATA)):
        with pytest.raises(OffsetWrong) as wrong:
            upload_take(upload=again, by=drafter, offset=offset, piece=b"x")
        assert wrong.value.received == 30_000
    with pytest.raises(AnnexWrong, match="to its end"):
        upload_finish(upload=again, by=drafter)
    # Nothing of it is offered before it is whole.
    assert not Annex.objects.exists() and "annexes" not in current_version(letter).content
    annex = upload_finish(upload=sent(again, drafter), by=drafter)
    assert file_read(annex.sha256) == DATA and annex.name == "bank_record.txt"
    assert current_version(letter).content["annexes"][0]["title"] == "bank record"
    assert AuditEntry.objects.get(act="letter.add_annex").detail["sha256"] == hashlib.sha256(DATA).hexdigest()
    assert not AnnexUpload.objects.filter(taken_at=None).exists() and len(stored() - before) == 1


def test_another_byte_on_the_way_is_found_and_everything_is_discarded(letter: LetterOfRequest, drafter: Actor) -> None:
    before = stored()
    other = DATA[:-1] + b"?"
    upload = sent(begun(letter, drafter), drafter, other)
    with pytest.raises(AnnexWrong, match="another SHA-256"):
        upload_finish(upload=upload, by=drafter)
    assert stored() == before and not AnnexUpload.objects.filter(taken_at=None).exists() and not Annex.objects.exists()


def test_what_cannot_be_an_annex_is_refused_before_or_when_it_is_whole(
    letter: LetterOfRequest, drafter: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wrong in (
        {"size": 0},
        {"size": annexes.LARGEST_ANNEX + 1},
        {"name": "a\u202efdp.exe"},
        {"name": "<b>.pdf"},
        {"sha256": ""},
        {"sha256": "Z" * 64},
        {"key": "A9"},
    ):
        with pytest.raises(AnnexWrong):
            begun(letter, drafter, **wrong)
    upload = begun(letter, drafter)
    for piece in (b"", b"x" * (services_uploads.PIECE + 1), DATA + b"more"):
        with pytest.raises(AnnexWrong, match="wrong length"):
            upload_take(upload=upload, by=drafter, offset=0, piece=piece)
    upload_discard(upload=upload, by=drafter)
    locked = files.pdf_encrypted("test-user")
    with pytest.raises(AnnexWrong, match="encrypted"):
        upload_finish(upload=sent(begun(letter, drafter, locked, name="x.pdf"), drafter, locked), by=drafter)
    assert not AnnexUpload.objects.filter(taken_at=None).exists() and not Annex.objects.exists()
    monkeypatch.setattr(services_uploads, "MOST_ON_THE_WAY", 1)
    begun(letter, drafter)
    with pytest.raises(AnnexWrong, match="on their way"):
        begun(letter, drafter, b"another")
    monkeypatch.setattr(services_uploads, "MOST_ON_THE_WAY", 9)
    # What is on its way counts as if it were there.
    monkeypatch.setattr(annexes, "LARGEST_TOGETHER", len(DATA) + 3)
    with pytest.raises(AnnexWrong, match="with it the annexes"):
        begun(letter, drafter, b"another")


def test_a_storage_that_is_full_keeps_what_came_and_takes_the_same_piece_later(
    letter: LetterOfRequest, drafter: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = DATA + b"to be stored once"
    upload = upload_take(upload=begun(letter, drafter, data), by=drafter, offset=0, piece=data[:30_000])
    before = stored()

    def full(*_given: object, **_named: object) -> str:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(type(default_storage._wrapped), "_save", full)  # type: ignore[attr-defined]
        with pytest.raises(NoRoom):
            upload_take(upload=upload, by=drafter, offset=30_000, piece=data[30_000:60_000])
    upload.refresh_from_db()
    assert stored() == before and upload.received == 30_000
    upload = sent(upload, drafter, data)
    with monkeypatch.context() as broken:
        broken.setattr(type(default_storage._wrapped), "_save", full)  # type: ignore[attr-defined]
        with pytest.raises(AnnexWrong, match="no room"):
            upload_finish(upload=upload, by=drafter)
    assert not Annex.objects.exists()
    # It was not lost: finishing is all that is left to do.
    assert upload_finish(upload=upload, by=drafter).size == len(data)


def test_a_piece_of_an_attempt_that_died_is_written_over(letter: LetterOfRequest, drafter: Actor) -> None:
    upload = begun(letter, drafter)
    default_storage.save(upload.place(0), ContentFile(b"half"))
    annex = upload_finish(upload=sent(upload, drafter), by=drafter)
    assert file_read(annex.sha256) == DATA


def test_it_takes_the_place_of_the_annex_that_it_was_begun_for(letter: LetterOfRequest, drafter: Actor) -> None:
    services.annex_add(letter=letter, by=drafter, title="Order", name="order.txt", content=b"first")
    upload_finish(upload=sent(begun(letter, drafter, key="A1", title="Record"), drafter), by=drafter)
    assert [(one["id"], one["title"], one["file"]) for one in current_version(letter).content["annexes"]] == [
        ("A1", "Record", "bank_record.txt")
    ]
    assert Annex.objects.get().size == len(DATA)


def test_a_replacement_is_of_the_file_that_was_looked_at_and_of_no_other(
    letter: LetterOfRequest, drafter: Actor
) -> None:
    add = partial(services.annex_add, letter=letter, by=drafter)
    seen = add(title="Order", name="order.txt", content=b"first").sha256
    upload = sent(begun(letter, drafter, key="A1"), drafter)
    # A colleague was quicker: nothing of theirs is lost, and the file that came stays to be finished.
    other = add(title="Order", name="order.txt", content=b"second", key="A1", language="fr").sha256
    with pytest.raises(AnnexReplaced, match="another file meanwhile"):
        upload_finish(upload=upload, by=drafter, replacing=seen)
    assert Annex.objects.get().sha256 == other and begun(letter, drafter, key="A1").received == len(DATA)
    annex = upload_finish(upload=upload, by=drafter, replacing=other)
    entry = current_version(letter).content["annexes"][0]
    assert (annex.key, entry["title"], entry["language"]) == ("A1", "Order", "fr"), "what was not said stays"
    again = sent(begun(letter, drafter, b"later", key="A1"), drafter, b"later")
    said = {"title": "Order of the court", "language": "de", "replacing": annex.sha256}
    upload_finish(upload=again, by=drafter, **said)
    entry = current_version(letter).content["annexes"][0]
    assert (entry["title"], entry["language"]) == ("Order of the court", "de")
    gone = sent(begun(letter, drafter, b"too late", key="A1"), drafter, b"too late")
    plain = {**current_version(letter).content, "annexes": []}
    services.letter_save(letter=letter, content=letter_from(plain), by=drafter)
    with pytest.raises(AnnexReplaced, match="taken out"):
        upload_finish(upload=gone, by=drafter, replacing=entry["sha256"])
    assert not current_version(letter).content.get("annexes")


def test_others_cannot_and_a_frozen_version_takes_nothing(letter: LetterOfRequest, drafter: Actor) -> None:
    upload = begun(letter, drafter)
    stranger = officer(Role.ORIGINATOR_DRAFTER, "al-central")
    colleague = officer(Role.ORIGINATOR_DRAFTER, "de-prosecutor", 2)
    for by in (stranger, colleague):
        with pytest.raises(AccessDenied):
            access_upload(by, letter, upload.public_id)
    with pytest.raises(ActForbidden):
        begun(letter, stranger)
    with pytest.raises(ActForbidden):
        upload_take(upload=upload, by=stranger, offset=0, piece=DATA[:9])
    assert access_upload(drafter, letter, upload.public_id) == upload
    assert begun(letter, colleague).pk != upload.pk
    services.letter_freeze(letter=letter, by=drafter)
    for act in (
        lambda: begun(letter, drafter, b"another"),
        lambda: upload_take(upload=upload, by=drafter, offset=0, piece=DATA[:9]),
        lambda: upload_finish(upload=upload, by=drafter),
    ):
        with pytest.raises(ActNotPossible):
            act()


def test_what_nobody_went_on_with_for_a_day_is_swept(letter: LetterOfRequest, drafter: Actor) -> None:
    before = stored()
    old = upload_take(upload=begun(letter, drafter), by=drafter, offset=0, piece=DATA[:30_000])
    late = upload_take(upload=begun(letter, drafter, b"another"), by=drafter, offset=0, piece=b"ano")
    AnnexUpload.objects.filter(pk=old.pk).update(changed_at=clock.now() - dt.timedelta(hours=25))
    AnnexUpload.objects.filter(pk=late.pk).update(changed_at=clock.now() - dt.timedelta(hours=23))
    assert (uploads_sweep(), uploads_sweep()) == (1, 0)
    assert list(AnnexUpload.objects.all()) == [late]
    upload_discard(upload=late, by=drafter)
    upload_discard(upload=late, by=drafter)
    assert stored() == before
