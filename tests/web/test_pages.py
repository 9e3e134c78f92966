"""The pages of a version as they would be printed now: made on request, once, for who reads it, and thrown away."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.core import clock
from tests.documents.pages import pages_of
from tests.factories import Line, officer
from workflows.documents import tasks
from workflows.documents.limits import RenderFailed
from workflows.documents.models import Preview
from workflows.documents.services_preview import preview_make, previews_drop
from workflows.drafting.letterfile import letter_from
from workflows.drafting.services import letter_save
from workflows.lifecycle.models import OutgoingRequest

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]


def address(outgoing: OutgoingRequest, number: int = 1) -> str:
    return reverse("web:letter_pages", args=[outgoing.letter.public_id, number])


def making(outgoing: OutgoingRequest, number: int = 1) -> str:
    return reverse("web:letter_pages_make", args=[outgoing.letter.public_id, number])


def made(client: Client, outgoing: OutgoingRequest, hints: list[str]) -> Preview:
    assert client.post(making(outgoing)).status_code == 302
    preview_make(hints[-1])
    return Preview.objects.get(key=hints[-1])


def renamed(line: Line, outgoing: OutgoingRequest) -> None:
    content = letter_from({**line.letter.content(), "title": "Another title"})
    letter_save(letter=outgoing.letter, by=line.prosecutor, content=content)


def test_pages_are_made_on_request_marked_as_a_draft_and_led_to_from_paragraphs(
    at_desk: AtDesk, hints: list[str]
) -> None:
    line = Line()
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    preview = client.get(f"/out/{outgoing.public_id}/letter/preview").content.decode()
    assert address(outgoing) in preview
    assert "Make the pages" in client.get(address(outgoing)).content.decode()
    assert not Preview.objects.exists()
    assert client.post(making(outgoing)).status_code == 302
    waiting = client.get(address(outgoing)).content.decode()
    assert "are being made" in waiting
    assert "Look again" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    preview_make(hints[0])
    row = Preview.objects.get()
    page = client.get(address(outgoing)).content.decode()
    assert "every 2s" not in page
    assert page.count("<img") == row.pages >= 3
    # Every paragraph leads to the page on which it begins.
    jumps = re.findall(r'<li><a href="#page-(\d+)".*?</span> (\d+)<', page)
    assert {number: int(place) for place, number in jumps} == row.places
    assert [int(number) for _place, number in jumps] == list(range(1, len(jumps) + 1))
    assert row.pdf is not None
    sheets = pages_of(bytes(row.pdf))
    assert all("DRAFT" in one.margins and "DRAFT" not in one.body for one in sheets)
    picture = client.get(re.findall(r'<img src="([^"]+)"', page)[1])
    assert picture.status_code == 200
    assert (picture["Content-Type"], "no-store" in picture["Cache-Control"]) == ("image/png", True)
    drawn = Image.open(io.BytesIO(b"".join(picture.streaming_content)))
    assert abs(drawn.size[0] - 952) <= 2
    # Something is drawn, and the paper is white.
    darkest, lightest = drawn.getextrema()
    assert (darkest < 80, lightest, drawn.getpixel((2, 2))) == (True, 255, 255)


def test_mark_is_in_the_language_of_the_letter_and_on_no_document(at_desk: AtDesk, hints: list[str]) -> None:
    line = Line()
    line = Line(letter=letter_from({**line.letter.content(), "language": "ru"}))
    outgoing = line.drafted()
    row = made(at_desk(line.prosecutor), outgoing, hints)
    assert row.pdf is not None
    assert all("ПРОЕКТ" in one.margins for one in pages_of(bytes(row.pdf)))


def test_same_content_is_made_once_and_a_changed_one_anew(at_desk: AtDesk, hints: list[str]) -> None:
    line = Line()
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    first = made(client, outgoing, hints)
    client.post(making(outgoing))
    assert len(hints) == 1
    preview_make(first.key)
    assert Preview.objects.get().made_at == first.made_at
    renamed(line, outgoing)
    assert "Make the pages" in client.get(address(outgoing)).content.decode()
    client.post(making(outgoing))
    assert len(set(hints)) == 2


def test_content_that_changed_while_the_worker_began_is_not_shown_as_the_old_one(
    at_desk: AtDesk, hints: list[str]
) -> None:
    line = Line()
    outgoing = line.drafted()
    at_desk(line.prosecutor).post(making(outgoing))
    renamed(line, outgoing)
    preview_make(hints[0])
    assert not Preview.objects.exists()


def test_who_may_not_read_the_version_gets_neither_pages_nor_pictures(at_desk: AtDesk, hints: list[str]) -> None:
    line = Line()
    outgoing = line.drafted()
    row = made(at_desk(line.prosecutor), outgoing, hints)
    picture = reverse("web:letter_page_image", args=[outgoing.letter.public_id, 1, row.key, 1])
    assert at_desk(line.prosecutor).get(picture).status_code == 200
    # Not lodged: the central authority has no sight of it yet, another State never.
    for actor in (line.desk, officer(Role.DESK_OFFICER, line.letter.requested.authority or "")):
        client = at_desk(actor)
        assert client.get(address(outgoing)).status_code == 404
        assert client.post(making(outgoing)).status_code == 404
        assert client.get(picture).status_code == 404
    # A key opens the pages of its own version alone.
    other = line.drafted()
    forged = reverse("web:letter_page_image", args=[other.letter.public_id, 1, row.key, 1])
    assert at_desk(line.prosecutor).get(forged).status_code == 404
    for number in (0, row.pages + 1):
        past = reverse("web:letter_page_image", args=[outgoing.letter.public_id, 1, row.key, number])
        assert at_desk(line.prosecutor).get(past).status_code == 404
    assert len(hints) == 1


def test_pages_are_thrown_away(at_desk: AtDesk, hints: list[str]) -> None:
    line = Line()
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    row = made(client, outgoing, hints)
    Preview.objects.update(asked_at=clock.now() - timedelta(minutes=16))
    picture = reverse("web:letter_page_image", args=[outgoing.letter.public_id, 1, row.key, 1])
    assert client.get(picture).status_code == 404
    assert "Make the pages" in client.get(address(outgoing)).content.decode()
    previews_drop()
    assert not Preview.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("select relpersistence from pg_class where relname = 'documents_preview'")
        assert cursor.fetchone()[0] in ("u", b"u")


def test_what_cannot_be_made_says_why_and_can_be_asked_for_again(
    at_desk: AtDesk, hints: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Line()
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)

    def failing(*_said: Any, **_more: Any) -> None:
        raise RenderFailed("glyph_missing", "the fonts of this machine cannot print U+1234")

    monkeypatch.setattr("workflows.documents.letters.letter_pdf", failing)
    made(client, outgoing, hints)
    page = client.get(address(outgoing)).content.decode()
    assert "cannot print U+1234" in page
    assert "Make the pages" in page
    client.post(making(outgoing))
    assert len(hints) == 2


def test_without_a_worker_to_be_told_the_person_is(at_desk: AtDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: Any, **_options: Any) -> None:
        raise ConnectionError("the broker is away")

    monkeypatch.setattr(tasks.make_preview, "apply_async", away)
    line = Line()
    outgoing = line.drafted()
    answer = at_desk(line.prosecutor).post(making(outgoing), follow=True)
    assert "no worker could be told" in answer.content.decode()
    assert not Preview.objects.exists()


def test_lost_hint_is_given_again_after_a_while(at_desk: AtDesk, hints: list[str]) -> None:
    line = Line()
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    client.post(making(outgoing))
    client.post(making(outgoing))
    assert len(hints) == 1
    Preview.objects.update(asked_at=clock.now() - timedelta(seconds=200))
    client.post(making(outgoing))
    assert len(hints) == 2


def test_asking_is_limited_in_a_minute(at_desk: AtDesk, hints: list[str]) -> None:
    line = Line()
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    answers = [client.post(making(outgoing)).status_code for _time in range(21)]
    assert (answers[0], answers[-1]) == (302, 429)


def test_approved_version_leads_to_its_document_and_is_never_marked_a_draft(at_desk: AtDesk, hints: list[str]) -> None:
    line = Line()
    outgoing = line.ready()
    number = outgoing.letter.current
    client = at_desk(line.desk)
    page = client.get(address(outgoing, number)).content.decode()
    assert "This version is approved" in page
    client.post(making(outgoing, number))
    assert not hints


def test_auditor_says_the_purpose_first_and_has_nothing_made(at_desk: AtDesk, hints: list[str]) -> None:
    line = Line()
    outgoing = line.lodged()
    client = at_desk(officer(Role.AUDITOR, line.letter.requesting.authority or ""))
    assert client.get(address(outgoing)).status_code == 302
    assert client.post(making(outgoing)).status_code == 404
    assert not hints


def test_number_of_queries_does_not_grow_with_the_letter(at_desk: AtDesk, hints: list[str]) -> None:
    counts = set()
    for facts in (1, 60):
        line = Line()
        content = line.letter.content()
        line = Line(letter=letter_from(content | {"facts": [{"text": f"Fact {number}."} for number in range(facts)]}))
        outgoing = line.drafted()
        client = at_desk(line.prosecutor)
        made(client, outgoing, hints)
        client.get(address(outgoing))
        with CaptureQueriesContext(connection) as queries:
            client.get(address(outgoing))
        counts.add(len(queries))
    assert len(counts) == 1


def test_hostile_text_is_text_on_the_page(at_desk: AtDesk, hints: list[str]) -> None:
    line = Line()
    facts = [{"text": '</p><script>alert(1)</script><img src=x onerror="alert(1)">'}]
    line = Line(letter=letter_from({**line.letter.content(), "facts": facts}))
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    made(client, outgoing, hints)
    page = client.get(address(outgoing)).content.decode()
    assert "<script>alert" not in page
    assert 'onerror="alert' not in page
