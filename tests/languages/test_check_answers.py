"""Every answer of the page "check a document" in the reader's language: what is wrong with a file, and what it says."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pikepdf
import pytest
from asn1crypto.x509 import Name
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from mla.accounts.models import User
from tests.documents.signatures import levels, tampered, unsigned
from tests.factories import Line
from tests.languages import pseudo
from tests.languages.data import known_data
from tests.languages.said import Judge
from tests.web.conftest import signed_in
from workflows.documents import verifying

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_french(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    cache.clear()
    with pseudo.spoken(tmp_path_factory.mktemp("locale"), "fr"):
        yield


def encrypted() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(unsigned())) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def without_signatures_that_can_be_read() -> bytes:
    """Return a letter whose field of the signature holds a number where the signature should be."""
    pdf = levels()["B-B"]
    return pdf.replace(b"/Contents <", b"/Contents 7%", 1)


def answer(client: Client, **said: Any) -> tuple[int, str]:
    if "file" in said:
        said["file"] = SimpleUploadedFile("letter.pdf", said["file"], "application/pdf")
    told = client.post("/check", said, headers={"Accept-Language": "fr"})
    return told.status_code, told.content.decode()


def plain(page: str) -> list[str]:
    return [f"{one.place}: {one.text}" for one in Judge(known_data()).untranslated(page)]


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("no_pdf", b"hello"),
        ("encrypted", encrypted()),
        ("broken", b"%PDF-1.7 broken"),
        ("signatures", without_signatures_that_can_be_read()),
        ("heavy", unsigned()),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_the_readers_language(
    code: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    if code == "heavy":
        monkeypatch.setattr(verifying, "BOUNDS", replace(verifying.BOUNDS, wall_seconds=0.001))
    status, page = answer(Client(), file=content)
    with translation.override("fr"):
        reason = str(verifying.NotReadable(code))
    assert reason.startswith("⟦") and status == 422 and page.count(reason) == 2, "in the summary and beside the field"
    assert plain(page) == []
    with translation.override("en"):
        assert re.match("This file|The signatures|This is no PDF", str(verifying.NotReadable(code)))


def test_what_a_file_says_of_itself_is_told_in_the_readers_language() -> None:
    line = Line()
    officer = signed_in(line.desk)
    User.objects.update(language="fr")
    for client in (Client(), officer):
        for content in (*levels().values(), tampered(levels()["B-T"]), unsigned()):
            status, page = answer(client, file=content)
            assert status == 200 and plain(page) == []
        for said in ({"sha256": "0" * 64}, {"sha256": "x"}, {}, {"file": b""}):
            assert plain(answer(client, **said)[1]) == []


def test_signers_name_is_told_by_its_values_the_own_one_first() -> None:
    own = {"country_name": "LV", "organization_name": "Ministry (example)", "common_name": "Registry of letters"}
    assert verifying._named(Name.build(own)) == "Registry of letters, Ministry (example), LV"
    assert verifying._named(Name.build({"organization_name": "Ministry (example)"})) == "Ministry (example)"
