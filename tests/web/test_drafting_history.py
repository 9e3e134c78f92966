"""How a draft stood before: listed, shown, put back; by its writers alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mla.accounts.actors import Actor
from tests.factories import Line, example_letter
from tests.web.test_drafting import HTMX, address, content_of, opened
from workflows.drafting.models import EarlierText
from workflows.drafting.selectors import current_version
from workflows.web.views.drafting_history import PAGE

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]


def test_answer_typed_over_is_put_back_from_the_page(at_desk: AtDesk) -> None:
    line = Line(example_letter(2))
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    listed = address(outgoing, "history/")
    assert "Nothing was changed" in client.get(listed).content.decode()
    before = content_of(outgoing)["proceedings"]["subject"]
    where = address(outgoing, "proceedings/")
    assert client.post(where, opened(client, where) | {"proceedings__subject": "Oh."}, **HTMX).status_code == 200

    assert f'href="{listed}"' in client.get(address(outgoing)).content.decode()
    page = client.get(listed).content.decode()
    assert "Before the change of: Proceedings" in page
    link = re.search(rf'href="({listed}[0-9a-f-]+/)"', page)
    assert link
    shown = client.get(link[1]).content.decode()
    assert '<label class="form-check-label" id="part-proceedingssubject"' in shown
    assert "[put in:]" in shown
    assert "[taken out:]" in shown
    number = re.search(r'name="expected_version" value="(\d+)"', shown)
    assert number
    for wrong, said in (
        ({"parts": []}, "choose what to put back"),
        ({"parts": ["title"], "expected_version": number[1]}, "Select a valid choice"),
        ({"parts": ["proceedings.subject"], "expected_version": "1"}, "changed meanwhile"),
    ):
        refused = client.post(link[1], wrong)
        assert (refused.status_code, said in refused.content.decode()) == (422, True), said
    assert content_of(outgoing)["proceedings"]["subject"] == "Oh."
    done = client.post(link[1], {"parts": ["proceedings.subject"], "expected_version": number[1]})
    assert (done.status_code, done["Location"]) == (302, listed)
    assert content_of(outgoing)["proceedings"]["subject"] == before
    assert "reads as it did then" in client.get(link[1]).content.decode()

    for stranger in (line.supervisor, line.desk):
        assert at_desk(stranger).get(link[1]).status_code == 404


def test_long_history_has_pages_and_a_fixed_number_of_queries(at_desk: AtDesk) -> None:
    line = Line(example_letter(2))
    outgoing = line.drafted()
    version = current_version(outgoing.letter)
    client = at_desk(line.prosecutor)
    counted = {}
    for rows in (1, PAGE + 3):
        EarlierText.objects.bulk_create(
            EarlierText(version=version, content=version.content, place="facts", by_id=line.prosecutor.user_id, at=version.created_at)
            for _number in range(rows)
        )  # fmt: skip
        client.get(address(outgoing, "history/"))
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address(outgoing, "history/")).content.decode()
        counted[rows] = len(queries)
    assert len(set(counted.values())) == 1, counted
    assert page.count("data-row") == PAGE
    more = re.search(r'href="(/out/[^"]*history/\?after=\d+)"', page)
    assert more
    last = client.get(more[1]).content.decode()
    assert last.count("data-row") == 4
    assert "Earlier ones" not in last


@pytest.mark.parametrize(("name", "slug"), [("proceedings__subject", "proceedings/"), ("facts", "facts/1/")])
def test_prose_is_spelt_in_the_language_of_the_letter_and_names_are_not_spelt(
    at_desk: AtDesk, name: str, slug: str
) -> None:
    line = Line(example_letter(2))
    outgoing = line.drafted()
    page = at_desk(line.prosecutor).get(address(outgoing, slug)).content.decode()
    language = content_of(outgoing)["language"]
    areas = re.findall(r"<textarea[^>]*>", page)
    assert areas, slug
    for area in areas:
        assert f'lang="{language}"' in area, area
        assert 'spellcheck="true"' in area, area
    persons: Any = at_desk(line.prosecutor).get(address(outgoing, "persons/P1/")).content.decode()
    assert re.search(r'<input[^>]*name="name"[^>]*spellcheck="false"', persons)


def test_text_pasted_from_a_word_processor_is_kept_without_what_that_leaves_behind(at_desk: AtDesk) -> None:
    line = Line(example_letter(2))
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    where = address(outgoing, "facts/1/")
    fields = opened(client, where) | {"text": "\ufeffHe paid\x0bwith a card.\r\n\uf0b7\tco\xadoperation"}
    assert client.post(where, fields).status_code == 302
    assert content_of(outgoing)["facts"][0]["text"] == "He paid\nwith a card.\n\u2022\tcooperation"
