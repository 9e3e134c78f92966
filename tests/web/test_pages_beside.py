"""The pages of a letter as it will leave: beside its translation, certified or still being written, for who may see both."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mla.accounts.actors import Actor
from tests.documents.pages import pages_of
from tests.drafting.test_translation import Desk
from workflows.documents.models import Preview
from workflows.documents.services_preview import preview_make
from workflows.drafting.models_translation import Translation
from workflows.drafting.services_translation import translation_certify, translation_finish, unit_save

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]


def certified(desk: Desk, language: str = "fr", **more: Any) -> Translation:
    row = desk.assigned(language, **more)
    desk.fill(row)
    return translation_certify(translation=translation_finish(translation=row, by=desk.translator), by=desk.translator)


def letter_at(desk: Desk) -> str:
    return f"/letters/{desk.outgoing.letter.public_id}/{desk.version.number}/pages/"


def made(client: Client, address: str, hints: list[str], **said: str) -> Preview:
    assert client.post(f"{address}make", said).status_code == 302
    preview_make(hints[-1])
    return Preview.objects.get(key=hints[-1])


def pictures(page: str) -> list[str]:
    return re.findall(r'<img src="([^"]+\.png)"', page)


def test_letter_with_a_certified_translation_is_seen_as_it_leaves_and_alone_when_asked(
    at_desk: AtDesk, hints: list[str]
) -> None:
    desk = Desk()
    row = certified(desk)
    client, address = at_desk(desk.line.desk), letter_at(desk)
    offered = client.get(address).content.decode()
    assert "with the translation: French (certified)" in offered and "the letter alone" in offered
    both = made(client, address, hints)
    assert both.failure == "" and both.translation_id == row.pk
    page = client.get(address).content.decode()
    assert page.count("<img") == both.pages
    assert 'class="page-other" lang="fr" dir="ltr"' in page and "«fr» " in page
    assert "is not certified" not in page
    sheets = pages_of(bytes(both.pdf or b""))
    assert all("DRAFT" in one.margins for one in sheets)
    assert any("«fr»" in one.body for one in sheets)
    assert client.get(pictures(page)[0]).status_code == 200
    alone = made(client, address, hints, **{"with": "none"})
    assert alone.key != both.key and alone.translation_id is None
    page = client.get(f"{address}?with=none").content.decode()
    assert "page-other" not in page and page.count("<img") == alone.pages
    # Two ways to the same pages are one preview.
    made(client, address, hints, **{"with": str(row.public_id)})
    assert Preview.objects.count() == 2


def test_translation_being_written_is_seen_beside_the_letter_and_marked_so(at_desk: AtDesk, hints: list[str]) -> None:
    desk = Desk()
    row = desk.assigned("ar")
    unit = row.units.filter(path__startswith="facts").order_by("position")[0]
    unit_save(translation=row, unit=unit, target="نص مؤقت", done=False, seen=0, by=desk.translator)
    client, address = at_desk(desk.translator), f"/translations/{row.public_id}/pages/"
    assert address in client.get(f"/translations/{row.public_id}/").content.decode()
    first = client.get(address).content.decode()
    assert "is not certified" in first and "Make the pages" in first
    both = made(client, address, hints)
    assert both.failure == ""
    page = client.get(address).content.decode()
    assert "نص مؤقت" in page and "[…]" in page and 'lang="ar" dir="rtl"' in page
    assert "/letters/" not in page, "a translator is led to no letter"
    assert client.get(pictures(page)[-1]).status_code == 200
    # The desk sees it when it asks, and by default the letter as it would leave: alone.
    officer, letter = at_desk(desk.line.desk), letter_at(desk)
    assert 'value="none"' in officer.get(letter).content.decode()
    shown = officer.get(f"{letter}?with={row.public_id}").content.decode()
    assert "is not certified" in shown and len(pictures(shown)) == both.pages
    # What is written on is another preview.
    unit.refresh_from_db()
    unit_save(translation=row, unit=unit, target="نص آخر", done=False, seen=unit.number, by=desk.translator)
    assert "Make the pages" in client.get(address).content.decode()


def test_translation_that_cannot_stand_beside_the_letter_says_from_which_paragraph_on(
    at_desk: AtDesk, hints: list[str]
) -> None:
    desk = Desk()
    row = desk.assigned("fr")
    unit = row.units.filter(path="facts[0].text").get()
    unit_save(translation=row, unit=unit, target="Un.\n\nDeux.\n\nTrois.\n\nQuatre.", done=False, seen=0, by=desk.translator)  # fmt: skip
    client, address = at_desk(desk.translator), f"/translations/{row.public_id}/pages/"
    made(client, address, hints)
    page = client.get(address).content.decode()
    assert "could not be made" in page and "facts[0].text" in page and re.search(r"paragraph \d+ ", page)


def test_pages_are_there_for_who_may_see_the_translation_and_for_nobody_else(at_desk: AtDesk, hints: list[str]) -> None:
    desk = Desk()
    row, other = certified(desk), desk.assigned("ar")
    address = f"/translations/{row.public_id}/pages/"
    translator, officer, stranger = at_desk(desk.translator), at_desk(desk.line.desk), at_desk(desk.stranger)
    both = made(officer, letter_at(desk), hints)
    alone = made(officer, letter_at(desk), hints, **{"with": "none"})
    image = f"{address}{both.key}/1.png"
    assert translator.get(image).status_code == 200
    # Not by another translation's address, nor what is no translation's.
    assert translator.get(f"/translations/{other.public_id}/pages/{both.key}/1.png").status_code == 404
    assert translator.get(f"{address}{alone.key}/1.png").status_code == 404
    for path in (address, image):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"{address}make").status_code == 404
    assert officer.get(f"{letter_at(desk)}?with={desk.outgoing.public_id}").status_code == 404
    assert officer.post(f"{letter_at(desk)}make", {"with": "x"}).status_code == 404
    abroad = at_desk(desk.line.their_desk)
    assert abroad.get(address).status_code == 404 and abroad.get(letter_at(desk)).status_code == 404


def test_number_of_queries_is_the_same_for_many_translations(at_desk: AtDesk, hints: list[str]) -> None:
    desk = Desk()
    certified(desk)
    client, counts = at_desk(desk.line.desk), []
    for language in ("ar", "es", "ru"):
        desk.assigned(language)
        client.get(letter_at(desk))
        with CaptureQueriesContext(connection) as queries:
            client.get(letter_at(desk))
        counts.append(len(queries))
    assert len(set(counts)) == 1
