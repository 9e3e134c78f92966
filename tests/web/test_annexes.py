"""Annexes at the desk: many files at once, by pieces or by the plain form, their order, and what is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.core.files import file_read
from tests.drafting import hostile_files as hostile
from tests.factories import Line, officer
from workflows.documents.contexts import letter_annexes
from workflows.documents.services import letter_of, names_of
from workflows.drafting.freezing import content_now
from workflows.drafting.models import Annex
from workflows.drafting.models_uploads import AnnexUpload
from workflows.drafting.services import annex_add, letter_freeze
from workflows.drafting.services_uploads import PIECE, upload_begin
from workflows.lifecycle.models import OutgoingRequest

AtDesk = Callable[[Actor], Client]

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    return Line()


def address(outgoing: OutgoingRequest, rest: str = "") -> str:
    return f"/out/{outgoing.public_id}/letter/annexes/{rest}"


def named(outgoing: OutgoingRequest) -> list[tuple[str, str]]:
    version = outgoing.letter.versions.get(number=outgoing.letter.current)
    return [(one["id"], one["title"]) for one in version.content.get("annexes", [])]


def begun(client: Client, outgoing: OutgoingRequest, data: bytes, **other: Any) -> Any:
    said = {"name": "record.txt", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()} | other
    return client.post(address(outgoing, "uploads"), said)


def piece(client: Client, place: str, offset: int, data: bytes) -> Any:
    return client.post(place, {"offset": offset, "piece": SimpleUploadedFile("blob", data)})


def test_pieces_go_on_where_they_stopped_and_the_file_becomes_an_annex(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    before = named(outgoing)
    data = f"A long record, {uuid4()}. ".encode() * 60_000
    told = begun(client, outgoing, data).json()
    assert (told["received"], told["size"], told["piece"]) == (0, len(data), PIECE)
    assert piece(client, told["address"], 0, data[:PIECE]).json()["received"] == PIECE
    # The page is closed, and the same file chosen again.
    page = client.get(address(outgoing)).content.decode()
    assert "record.txt" in page and "goes on where it stopped" in page
    again = begun(client, outgoing, data).json()
    assert again["address"] == told["address"] and again["received"] == PIECE
    wrong = piece(client, told["address"], 0, data[:PIECE])
    assert (wrong.status_code, wrong.json()["received"]) == (409, PIECE)
    assert client.post(told["address"] + "/finish").status_code == 422
    assert piece(client, told["address"], PIECE, data[PIECE:]).json()["received"] == len(data)
    assert client.get(told["address"]).json() == {"received": len(data), "size": len(data)}
    done = client.post(told["address"] + "/finish").json()
    assert done["sha256"] == hashlib.sha256(data).hexdigest() and file_read(done["sha256"]) == data
    assert client.get(done["address"]).status_code == 200
    outgoing.refresh_from_db()
    assert named(outgoing) == [*before, (done["key"], "record")]
    # Whoever did not hear that it is finished is told the same, and it is not there twice.
    assert client.post(told["address"] + "/finish").json() == done
    assert named(outgoing) == [*before, (done["key"], "record")]


def test_what_is_refused_says_why_and_nothing_stays(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    stored = Annex.objects.count()
    for wrong in ({"size": 0}, {"size": "many"}, {"name": "<b>.txt"}, {"sha256": "no"}, {"annex": "A99"}):
        answer = begun(client, outgoing, b"x", **wrong)
        assert answer.status_code == 422 and answer.json()["error"]
    told = begun(client, outgoing, b"0123456789").json()
    for offset, data in ((0, b"x" * 11), (0, b"x" * (PIECE + 1))):
        assert piece(client, told["address"], offset, data).status_code == 422
    assert client.post(told["address"], {"offset": "first"}).status_code == 422
    # Another content than was announced.
    piece(client, told["address"], 0, b"012345678?")
    answer = client.post(told["address"] + "/finish")
    assert answer.status_code == 422 and "SHA-256" in answer.json()["error"]
    locked = hostile.pdf_encrypted("test-user")
    told = begun(client, outgoing, locked, name="locked.pdf").json()
    piece(client, told["address"], 0, locked)
    answer = client.post(told["address"] + "/finish")
    assert answer.status_code == 422 and "encrypted" in answer.json()["error"]
    told = begun(client, outgoing, b"0123456789").json()
    assert client.post(told["address"] + "/discard").status_code == 302
    assert not AnnexUpload.objects.filter(taken_at=None).exists() and Annex.objects.count() == stored


def test_a_storage_or_scanner_that_is_away_is_told_as_passing(at_desk: AtDesk, line: Line, settings: Any) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    told = begun(client, outgoing, b"0123456789").json()
    piece(client, told["address"], 0, b"0123456789")
    settings.CLAMD_ADDRESS = "127.0.0.1:1"
    answer = client.post(told["address"] + "/finish")
    assert answer.status_code == 507 and "virus scanner does not answer" in answer.json()["error"]
    page = client.post(address(outgoing), {"file": SimpleUploadedFile("order.txt", b"The order.")})
    assert page.status_code == 422 and "virus scanner does not answer" in page.content.decode()
    settings.CLAMD_ADDRESS = ""
    assert client.post(told["address"] + "/finish").status_code == 200


def test_the_plain_form_takes_many_and_names_the_one_that_it_refuses(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    before = named(outgoing)
    assert client.post(address(outgoing), {}).status_code == 422
    files = [
        SimpleUploadedFile("Order_of_the_court.pdf", hostile.pdf()),
        SimpleUploadedFile("broken.pdf", hostile.pdf_cut()),
        SimpleUploadedFile("map.png", hostile.picture()),
    ]
    answer = client.post(address(outgoing), {"file": files})
    page = answer.content.decode()
    assert answer.status_code == 422 and "broken.pdf: it is damaged" in page and "2 annexes are stored" in page
    assert [title for _key, title in named(outgoing)[len(before) :]] == ["Order of the court", "map"]
    answer = client.post(address(outgoing), {"file": [SimpleUploadedFile("one.txt", b"one")]})
    assert answer.status_code == 302 and len(named(outgoing)) == len(before) + 3


def test_a_file_that_replaces_another_goes_by_pieces_with_title_and_language(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    page = client.get(address(outgoing, "A1/")).content.decode()
    key, title = named(outgoing)[0]
    seen = Annex.objects.get(version__letter=outgoing.letter, key=key).sha256
    assert f'data-annex="{key}"' in page and f'data-replacing="{seen}"' in page and 'type="file"' in page
    data = b"another order"
    place = begun(client, outgoing, data, annex=key, title="").json()["address"]
    piece(client, place, 0, data)
    said = {"title": "Another order", "language": "fr", "replacing": seen}
    for wrong in ({"title": " "}, {"language": "<b>"}, {"replacing": "0" * 64}):
        answer = client.post(place + "/finish", said | wrong)
        assert answer.status_code == 422 and answer.json()["error"]
    assert named(outgoing)[0] == (key, title)
    done = client.post(place + "/finish", said).json()
    assert done["key"] == key and named(outgoing)[0] == (key, "Another order")
    # Pressed again, or the answer was lost: the same one, although another file stands there than was seen.
    assert client.post(place + "/finish", said).json() == done
    assert AuditEntry.objects.filter(act="letter.add_annex", detail__sha256=done["sha256"]).count() == 1
    # By the plain form, as without a script.
    plain = {"title": "By hand", "language": "", "file": SimpleUploadedFile("o.txt", b"by hand")}
    assert client.post(address(outgoing, "A1/"), plain).status_code == 302 and named(outgoing)[0] == (key, "By hand")
    # It is lodged while a file is on its way: each of the script's questions is answered with the reason.
    late = begun(client, outgoing, b"too late", annex=key).json()["address"]
    letter_freeze(letter=outgoing.letter, by=line.prosecutor)
    for answer in (
        begun(client, outgoing, b"too late", annex=key),
        client.get(late),
        piece(client, late, 0, b"too late"),
        client.post(late + "/finish", said),
    ):
        assert answer.status_code == 409 and "can no longer be changed" in answer.json()["error"]


def test_limits_are_told_before_and_hashes_after(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    annex = annex_add(letter=outgoing.letter, by=line.prosecutor, title="Order", name="o.txt", content=b"The order.")
    page = client.get(address(outgoing)).content.decode()
    assert "200" in page and "500" in page and "100 files" in page and "DOCX" in page
    assert annex.sha256 in page.replace("\u202f", "").replace(" ", "") or annex.sha256[:8] in page
    assert 'enctype="multipart/form-data"' in page and "multiple" in page


def test_order_is_moved_without_a_script_and_numbers_stay(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    for title in ("first", "second", "third"):
        annex_add(letter=outgoing.letter, by=line.prosecutor, title=title, name=f"{title}.txt", content=title.encode())
    before = named(outgoing)
    last, middle = before[-1], before[-2]
    answer = client.post(address(outgoing, f"{last[0]}/move"), {"direction": "up"})
    assert answer.status_code == 302 and answer["Location"].endswith(f"#annex-{last[0]}")
    assert named(outgoing) == [*before[:-2], last, middle]
    client.post(address(outgoing, f"{last[0]}/move"), {"direction": "down"})
    assert named(outgoing) == before
    entries = AuditEntry.objects.filter(act="letter.edit").count()
    # At the end already: nothing to do, and nothing is recorded.
    client.post(address(outgoing, f"{last[0]}/move"), {"direction": "down"})
    assert named(outgoing) == before and AuditEntry.objects.filter(act="letter.edit").count() == entries
    assert client.post(address(outgoing, "A99/move"), {"direction": "up"}).status_code == 404
    assert at_desk(officer(Role.AUDITOR, "de-prosecutor")).post(address(outgoing, "A1/move")).status_code == 404


def test_anothers_file_on_its_way_is_not_there_and_a_lodged_letter_takes_none(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    data = b"0123456789"
    mine = upload_begin(
        letter=outgoing.letter, by=line.prosecutor, name="x.txt", size=10, sha256=hashlib.sha256(data).hexdigest()
    )
    colleague = officer(Role.ORIGINATOR_DRAFTER, line.letter.requesting.originating, 7)
    place = address(outgoing, f"uploads/{mine.public_id}")
    client = at_desk(colleague)
    for answer in (
        client.get(place),
        piece(client, place, 0, data),
        client.post(place + "/finish"),
        client.post(place + "/discard"),
    ):
        assert answer.status_code == 404
    mine.refresh_from_db()
    assert mine.received == 0
    lodged = Line().lodged()
    client = at_desk(line.prosecutor)
    answer = begun(client, lodged, data)
    assert answer.status_code in {404, 409} and not AnnexUpload.objects.filter(letter=lodged.letter).exists()


def test_section_asks_as_often_for_many_as_for_one(at_desk: AtDesk, line: Line) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    outgoing = line.drafted()
    client = at_desk(line.prosecutor)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address(outgoing)).status_code == 200
        return len(queries)

    annex_add(letter=outgoing.letter, by=line.prosecutor, title="one", name="one.txt", content=b"one")
    upload_begin(letter=outgoing.letter, by=line.prosecutor, name="x.txt", size=3, sha256="a" * 64)
    asked()
    few = asked()
    for number in range(9):
        text = f"text {number}".encode()
        annex_add(letter=outgoing.letter, by=line.prosecutor, title=f"n {number}", name="n.txt", content=text)
        upload_begin(letter=outgoing.letter, by=line.prosecutor, name=f"{number}.txt", size=3, sha256="a" * 64)
    # The text of the section is kept by what it says: the second look has it again.
    asked()
    assert asked() == few


def test_binding_is_wished_and_unwished_by_one_press(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    letter = outgoing.letter

    def wished() -> bool:
        return bool(letter.versions.get().content.get("annexes_bound", False))

    assert "Bind them too" in client.get(address(outgoing)).content.decode() and not wished()
    assert client.post(address(outgoing), {"bind": "yes"}).status_code == 302 and wished()
    assert "Do not bind them" in client.get(address(outgoing)).content.decode()
    # Pressed twice, or in a second window.
    client.post(address(outgoing), {"bind": "yes"})
    assert wished() and named(outgoing)
    client.post(address(outgoing), {"bind": "no"})
    assert not wished()


def test_language_of_an_annex_is_kept_when_its_file_is_replaced_and_printed_in_the_letters_language(
    at_desk: AtDesk, line: Line
) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    title = dict(named(outgoing))["A1"]
    assert client.post(address(outgoing, "A1/"), {"title": title, "language": "fr"}).status_code == 302
    assert "Français" in client.get(address(outgoing)).content.decode()
    wrong = client.post(address(outgoing, "A1/"), {"title": title, "language": "<b>"})
    assert wrong.status_code == 422
    data = b"another text"
    told = begun(client, outgoing, data, annex="A1", title=title).json()
    piece(client, told["address"], 0, data)
    assert client.post(told["address"] + "/finish").json()["key"] == "A1"
    version = outgoing.letter.versions.get()
    assert version.content["annexes"][0]["language"] == "fr" and version.content["annexes"][0]["size"] == len(data)
    content = content_now(version)
    assert content["annexes"][0]["language"] == "fr" and "language" not in content["annexes"][1]
    letter = letter_of({**content, "letter": content["letter"] | {"language": "de"}})
    assert letter_annexes(letter, names_of(content))[0]["language"] == "Französisch"
