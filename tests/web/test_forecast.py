"""The refusal forecast on the desk: for who drafts and who approves, with the way to each answer."""

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
