"""What becomes an annex and what does not: told by the content, looked into with bounds, and nothing half kept."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.storage import default_storage

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.core.files import file_exists, file_read
from mla.reference.models import Authority
from tests.drafting import hostile_files as files
from tests.drafting.letters import letter as content
from tests.factories import officer
from workflows.drafting import annexes, services
from workflows.drafting.annexes import AnnexWrong, Upload, annex_from, annex_name
from workflows.drafting.models import Annex, LetterOfRequest

GOOD = {
    "pdf": (files.pdf(3), "application/pdf"),
    "docx": (files.word(), files.WORD),
    "png": (files.picture(), "image/png"),
    "jpeg": (files.picture("JPEG"), "image/jpeg"),
    "tiff": (files.picture("TIFF"), "image/tiff"),
    "text": (b"The order of the court.\n", "text/plain"),
    "xml": (b'<?xml version="1.0"?><log><line>1</line></log>', "text/xml"),
}
BAD = {
    "a PDF with a password": (files.pdf_encrypted("test-user"), "encrypted"),
    "a PDF with restrictions": (files.pdf_encrypted(""), "encrypted"),
    "a PDF cut off": (files.pdf_cut(), "damaged"),
    "a PDF in name": (b"%PDF-1.7\nnothing of it", "damaged"),
    "a PDF with a huge picture": (files.pdf_with_huge_picture(), "million pixels"),
    "a document cut off": (files.word_cut(), "damaged"),
    "a document with another byte": (files.word_damaged(), "damaged"),
    "a document with a password": (files.word_encrypted(), "encrypted"),
    "packed parts with a password": (files.zip_encrypted(), "encrypted"),
    "an OpenDocument file with a password": (files.text_encrypted(), "encrypted"),
    "a packed bomb": (files.word_bomb(), "grows to"),
    "a bomb of pixels": (files.picture_bomb(), "million pixels"),
    "a picture cut off": (files.picture_cut(), "damaged"),
    "SVG": (files.SVG, "svg"),
    "SVG further down": (files.SVG_LATE, "svg"),
    "XML with entities": (files.ENTITIES, "entities"),
    "a page": (files.PAGE, "text/html"),
    "a program": (files.PROGRAM, "cannot be an annex"),
}


def made(data: bytes, name: str = "file.bin") -> Annex:
    return annex_from(Upload("A1", name, data))


@pytest.mark.parametrize("which", GOOD)
def test_sound_file_is_stored_under_its_hash_with_the_kind_of_its_content(which: str) -> None:
    data, kind = GOOD[which]
    annex = made(data, "wrong-suffix.exe")
    assert (annex.media_type, annex.size, file_read(annex.sha256)) == (kind, len(data), data)


@pytest.mark.parametrize("which", BAD)
def test_file_that_cannot_be_opened_or_bursts_is_refused_with_its_reason(which: str) -> None:
    data, why = BAD[which]
    before = stored()
    with pytest.raises(AnnexWrong, match=why) as refused:
        made(data, "order.pdf")
    assert str(refused.value).startswith("order.pdf: ")
    assert stored() == before


def test_it_is_looked_at_where_the_file_is_not_yet_in_the_memory() -> None:
    class Slow(io.BytesIO):
        pass

    assert annex_from(Upload("A1", "x.pdf", Slow(files.pdf()))).media_type == "application/pdf"


@pytest.mark.parametrize(
    "name",
    [
        "<b>x</b>.pdf",
        "a\u202efdp.exe",
        "a\x07b.pdf",
        'say "x".pdf',
        "a\u2066b.pdf",
        "x\u200by.pdf",
        "..",
        "a\nb.pdf",
        "p" * 201,
    ],
)
def test_name_that_hides_something_is_refused(name: str) -> None:
    with pytest.raises(AnnexWrong):
        made(b"The order.", name)
    assert annex_name("../../etc/أمر المحكمة.pdf") == "أمر المحكمة.pdf"


def test_a_scanner_that_is_away_refuses_and_nothing_is_stored(settings: Any) -> None:
    settings.CLAMD_ADDRESS = "127.0.0.1:1"
    before = stored()
    with pytest.raises(AnnexWrong, match="virus scanner does not answer"):
        made(b"The order, unscanned.")
    assert stored() == before


def stored() -> set[str]:
    found, left = set(), [""]
    while left:
        place = left.pop()
        try:
            folders, names = default_storage.listdir(place)
        except FileNotFoundError:
            continue
        left += [f"{place}/{one}".strip("/") for one in folders]
        found |= {f"{place}/{one}" for one in names}
    return found


@pytest.fixture
def drafter() -> Actor:
    return officer(Role.ORIGINATOR_DRAFTER, "de-prosecutor")


def new(by: Actor) -> LetterOfRequest:
    return services.letter_create(content=content(), authority=Authority.objects.get(pk=by.authority_id), by=by)


@pytest.mark.django_db
def test_a_full_disk_keeps_nothing_and_says_so(drafter: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    letter, before = new(drafter), stored()
    data = b"The order. " * 300_000

    class FullDisk:
        def __init__(self, path: Any, mode: str) -> None:
            self.file = open(path, mode)  # noqa: SIM115
            self.left = 1_000_000

        def __enter__(self) -> FullDisk:
            return self

        def __exit__(self, *_raised: object) -> None:
            self.file.close()

        def write(self, piece: bytes) -> int:
            self.left -= len(piece)
            if self.left < 0:
                raise OSError(28, "No space left on device")
            return self.file.write(piece)

    with monkeypatch.context() as broken:
        broken.setattr("mla.core.storage.open", FullDisk, raising=False)
        with pytest.raises(AnnexWrong, match="no room"):
            services.annex_add(letter=letter, by=drafter, title="Order", name="order.txt", content=data)
    letter.refresh_from_db()
    assert stored() == before and letter.version == 1 and not Annex.objects.exists()
    annex = services.annex_add(letter=letter, by=drafter, title="Order", name="order.txt", content=data)
    assert file_exists(annex.sha256)


@pytest.mark.django_db
def test_number_and_size_of_all_together_are_bounded(drafter: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = new(drafter)
    monkeypatch.setattr(annexes, "MOST_ANNEXES", 2)
    monkeypatch.setattr(annexes, "LARGEST_TOGETHER", 30)
    add: dict[str, Any] = {"letter": letter, "by": drafter, "title": "Order", "name": "order.txt"}
    services.annex_add(**add, content=b"ten bytes.")
    with pytest.raises(AnnexWrong, match="with it the annexes"):
        services.annex_add(**add, content=b"more than twenty bytes.")
    services.annex_add(**add, content=b"ten bytes;")
    with pytest.raises(AnnexWrong, match="at most 2"):
        services.annex_add(**add, content=b"3")
    # In place of another one it is none too many.
    services.annex_add(**add, content=b"fifteen bytes..", key="A1")
    assert Annex.objects.count() == 2
