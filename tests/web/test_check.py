"""The page "check a document": anybody learns what the file says, and only officers what this house knows."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from mla.core.files import file_read
from tests.documents.signatures import levels, tampered, unsigned
from tests.factories import Line, drain
from tests.web.conftest import signed_in
from workflows.documents.formats import grouped
from workflows.documents.models import Document
from workflows.documents.services_kinds import document_make


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    cache.clear()


def answer(client: Client, content: bytes | None = None, **fields: str) -> Any:
    data: dict[str, Any] = dict(fields)
    if content is not None:
        data["file"] = SimpleUploadedFile("letter.pdf", content, "application/pdf")
    return client.post("/check", data)


@pytest.mark.django_db
class TestAnybody:
    def test_signed_letter_and_a_changed_one_are_told_apart(self) -> None:
        sound = answer(Client(), levels()["B-LT"])
        assert sound.status_code == 200
        text = sound.content.decode()
        assert "Signed, and as it was signed" in text and "<bdi>MLA development letters</bdi>" in text
        assert "is the one that the letter names" in text
        assert "electronic signature with timestamp and revocation data" in text
        # Whole, to be compared with the eye, also without a script.
        whole = grouped(hashlib.sha256(levels()["B-LT"]).hexdigest())
        assert f"<bdi>{whole}</bdi>" in text
        assert "told to its officers alone" in text and "In your files" not in text
        assert "Not as it was signed" in answer(Client(), tampered(levels()["B-LT"])).content.decode()
        assert "Not signed electronically" in answer(Client(), unsigned()).content.decode()

    @pytest.mark.parametrize(
        ("content", "fields", "said"),
        [
            (b"no pdf", {}, "no PDF"),
            (None, {"sha256": "xyz"}, "64 characters"),
            (None, {}, "Choose a file"),
            (b"%PDF-1.7 broken", {}, "broken"),
        ],
    )
    def test_what_cannot_be_checked_comes_back_with_the_reason(
        self, content: bytes | None, fields: dict[str, str], said: str
    ) -> None:
        told = answer(Client(), content, **fields)
        assert told.status_code == 422 and said in told.content.decode()

    def test_asking_too_often_is_refused(self) -> None:
        client = Client()
        codes = [answer(client, sha256="0" * 64).status_code for _time in range(22)]
        assert codes[:20] == [200] * 20 and codes[-1] == 429


@pytest.mark.django_db(transaction=True)
def test_known_letter_is_told_to_its_officers_and_to_nobody_else() -> None:
    line = Line()
    outgoing = line.approved()
    drain()
    document = Document.objects.get(outgoing=outgoing)
    pdf = file_read(document.sha256)
    stored = Document.objects.count()
    reference = f"/out/{outgoing.public_id}/"
    for client, knows in (
        (signed_in(line.registry), True),
        (signed_in(line.their_registry), False),
        (Client(), False),
    ):
        for told in (
            answer(client, pdf),
            answer(client, sha256=document.sha256),
            answer(client, sha256=outgoing.approved_hash),
        ):
            assert told.status_code == 200
            assert (reference in told.content.decode()) is knows
            assert knows or str(outgoing) not in told.content.decode().replace(document.sha256, "")
    assert Document.objects.count() == stored


@pytest.mark.django_db
def test_document_beside_a_letter_is_told_to_its_officers_alone_too() -> None:
    line = Line()
    case = line.sent()
    made = document_make(kind="chaser", case=case, by=line.desk, language=line.letter.language)
    drain()
    made.refresh_from_db()
    pdf = file_read(made.sha256)
    for client, knows in ((signed_in(line.registry), True), (signed_in(line.their_registry), False), (Client(), False)):
        for told in (answer(client, pdf), answer(client, sha256=made.sha256), answer(client, sha256=made.content_hash)):
            assert told.status_code == 200
            assert (f"/out/{case.public_id}/" in told.content.decode()) is knows


@pytest.mark.django_db
def test_officers_find_the_page_from_every_other_one() -> None:
    line = Line()
    for actor in (line.registry, line.prosecutor):
        assert '<a href="/check">' in signed_in(actor).get("/").content.decode()
    assert '<a href="/check">' in Client().get(reverse("account_login")).content.decode()
