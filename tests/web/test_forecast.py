"""The refusal forecast on the desk: for who drafts and who approves, with the way to each answer."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mla.accounts.actors import Actor
from mla.reference.models import ProfileEntry
from tests.factories import Line, example_letter
from workflows.drafting.letterfile import letter_from
from workflows.web.drafting import draft as drafting

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]


@pytest.fixture(autouse=True)
def no_law_kept() -> None:
    drafting._LAWS.clear()


def body(answer: Any) -> str:
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", str(answer.content.decode()))


def financing(offences: int = 1) -> Any:
    """An example letter about terrorist financing, with that many offences."""
    content = example_letter().content()
    first = {**content["offences"][0], "category": "terrorism_financing"}
    content["offences"] = [{**first, "id": f"O{number}"} for number in range(1, offences + 1)]
    for item in content["items"]:
        item.pop("offences", None)
    return letter_from(content)


def test_drafter_and_approver_reach_the_forecast_and_it_names_article_answer_and_what_is_removed(
    at_desk: AtDesk,
) -> None:
    line = Line(letter=financing())
    outgoing = line.in_review()
    address = f"/out/{outgoing.public_id}/letter/forecast"
    for who, start in ((line.prosecutor, "letter/"), (line.supervisor, "review/")):
        client = at_desk(who)
        assert address in body(client.get(f"/out/{outgoing.public_id}/{start}"))
        page = body(client.get(address))
        assert "What to add:" in page and "own law stand beside this list" in page
        assert "cannot be refused" not in page.lower()
        assert "Removed" in page or "removed by" in page
        assert f"/out/{outgoing.public_id}/letter/offences/" in page


def test_grounds_that_are_the_same_for_the_next_offence_are_named_there_and_told_once(at_desk: AtDesk) -> None:
    pages = []
    for offences in (1, 2):
        line = Line(letter=financing(offences))
        outgoing = line.drafted()
        pages.append(body(at_desk(line.prosecutor).get(f"/out/{outgoing.public_id}/letter/forecast")))
    assert "The same as for O1:" in pages[1] and "The same as for" not in pages[0]
    articles = [page.count('class="ground') for page in pages]
    # What is answered in the offence itself is told of each.
    assert articles[0] < articles[1] < 2 * articles[0]


def test_forecast_of_a_letter_without_anything_in_it_says_what_is_needed(at_desk: AtDesk) -> None:
    content = example_letter().content()
    for name in ("offences", "items", "bases", "annexes"):
        content.pop(name, None)
    line = Line(letter=letter_from(content))
    outgoing = line.drafted()
    page = body(at_desk(line.prosecutor).get(f"/out/{outgoing.public_id}/letter/forecast"))
    assert "Nothing can be told yet: say what you ask for." in page


def test_number_of_queries_does_not_grow_with_the_offences(at_desk: AtDesk) -> None:
    counts = []
    for offences in (1, 6):
        line = Line(letter=financing(offences))
        outgoing = line.drafted()
        client = at_desk(line.prosecutor)
        client.get(f"/out/{outgoing.public_id}/letter/")
        drafting._LAWS.clear()
        with CaptureQueriesContext(connection) as queries:
            body(client.get(f"/out/{outgoing.public_id}/letter/forecast"))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 25


def test_worksheet_of_elements_is_kept_without_a_script_and_shown_to_who_may_only_read(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    address = f"/out/{outgoing.public_id}/letter/offences/O1/"
    page = body(client.get(address))
    assert page.count('name="elements-') == 6
    typed = {
        "shown": "elements", "seen": _hidden(page, "seen"), "elements-0-element": "Data are made useless",
        "elements-0-fact": "The files were encrypted.", "elements-1-fact": "", "elements-1-theirs": "Section 9",
    }  # fmt: skip
    assert client.post(address, typed).status_code == 302
    outgoing.letter.refresh_from_db()
    assert outgoing.letter.present().content["offences"][0]["elements"] == [
        {"element": "Data are made useless", "fact": "The files were encrypted."},
        {"element": "", "theirs": "Section 9"},
    ]
    page = body(client.get(address))
    assert page.count('name="elements-') == 12 and "Data are made useless" in page
    printed = body(client.get(f"/out/{outgoing.public_id}/letter/preview")).split("<aside")[0]
    assert "Data are made useless: The files were encrypted." in printed and "Section 9" not in printed
    refused = client.post(address, typed | {"elements-0-element": "x" * 20_001, "seen": _hidden(page, "seen")})
    assert refused.status_code == 422 and "x" * 20_001 in str(refused.content.decode())
    lodged = Line().in_review()
    read = body(at_desk(line.supervisor).get(f"/out/{lodged.public_id}/letter/offences/O1/"))
    assert 'name="elements-' not in read


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    assert found, name
    return html.unescape(found[1])


def test_questions_of_the_standard_of_proof_are_asked_printed_and_kept_when_the_standard_is_gone(
    at_desk: AtDesk,
) -> None:
    line = Line()
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    item = outgoing.letter.present().content["items"][0]
    address = f"/out/{outgoing.public_id}/letter/items/{item['id']}/"
    assert 'name="standard_of_proof__freshness"' not in body(client.get(address))
    known = ProfileEntry.objects.create(
        jurisdiction=outgoing.letter.requested, topic="proof_standard", value="probable_cause", source="a person",
        confidence="high", to_be_confirmed=False,
    )  # fmt: skip
    drafting._LAWS.clear()
    page = body(client.get(address))
    assert 'name="standard_of_proof__freshness"' in page and "287 US 206" in page
    typed = {
        "shown": "standard_of_proof__freshness",
        "seen": _hidden(page, "seen"),
        "standard_of_proof__freshness": "Seen last week.",
    }
    assert client.post(address, typed).status_code == 302
    outgoing.letter.refresh_from_db()
    assert outgoing.letter.present().content["items"][0]["standard_of_proof"] == {"freshness": "Seen last week."}
    printed = body(client.get(f"/out/{outgoing.public_id}/letter/preview")).split("<aside")[0]
    assert "Freshness of the facts." in printed and "Seen last week." in printed
    known.delete()
    drafting._LAWS.clear()
    page = body(client.get(address))
    assert "Seen last week." in page and 'name="standard_of_proof__source"' not in page
