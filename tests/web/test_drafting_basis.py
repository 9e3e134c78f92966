"""The legal basis at the desk: a treaty is cited for what it reaches, and other treaties are asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from mla.accounts.actors import Actor
from tests.factories import Line, example_letter
from tests.web.test_drafting import address, content_of, opened
from workflows.drafting.letterfile import letter_from
from workflows.drafting.services import letter_save

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]


@pytest.fixture
def line() -> Line:
    return Line(example_letter(2))


def test_treaty_of_the_resolver_is_cited_for_the_measures_it_reaches(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    content = content_of(outgoing)
    content.pop("bases")
    for item in content["items"]:
        item.pop("bases")
    letter_save(letter=outgoing.letter, content=letter_from(content), by=line.prosecutor)
    page = client.get(address(outgoing, "basis/")).content.decode()
    assert "Cite this treaty" in page
    assert "Offer reciprocity" in page
    shown, _fold, folded = page.partition("instruments bind both and do not reach what is asked")
    assert "<h3>1988 Vienna Drug Convention" not in shown, "incitement is no drug offence"
    assert "1988 Vienna Drug Convention" in folded
    answer = client.post(address(outgoing, "basis/"), {"instrument": "GB-US-1994"})
    assert answer["Location"] == address(outgoing, "basis/B1/")
    content = content_of(outgoing)
    assert content["bases"][0]["instrument"] == "GB-US-1994"
    assert content["bases"][0]["articles"]
    assert all(item["bases"] == ["B1"] for item in content["items"])
    assert client.post(address(outgoing, "basis/"), {"instrument": "GB-US-1994"}).status_code == 302
    assert client.post(address(outgoing, "basis/"), {"instrument": "CETS-030-X"}).status_code == 409
    assert len(content_of(outgoing)["bases"]) == 1
    where = address(outgoing, "basis/B1/")
    fields = opened(client, where) | {"items": ["M1", "M2"], "articles": "1\n4"}
    assert client.post(where, fields).status_code == 302
    content = content_of(outgoing)
    assert content["bases"][0]["articles"] == ["1", "4"]
    assert ["B1" in item.get("bases", []) for item in content["items"]] == [True, True, False, False]


def test_other_treaties_are_asked_where_a_treaty_gives_way_to_them_and_nothing_recorded_answers(
    at_desk: AtDesk,
) -> None:
    line = Line(example_letter(1))
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    content = content_of(outgoing)
    content["bases"][0].pop("other_treaty")
    letter_save(letter=outgoing.letter, content=letter_from(content), by=line.prosecutor)
    assert "not known; say it where you cite it" in client.get(address(outgoing, "basis/")).content.decode()
    where = address(outgoing, "basis/B1/")
    fields = opened(client, where)
    assert fields["other_treaty"] == ""
    assert "agreed_instead" in client.get(where).content.decode()
    assert client.post(where, fields | {"other_treaty": "yes", "agreed_instead": "yes"}).status_code == 302
    first = content_of(outgoing)["bases"][0]
    assert (first["other_treaty"], first["agreed_instead"]) == (True, True)
    recorded = Line(example_letter(2))
    page = at_desk(recorded.prosecutor).get(address(recorded.drafted(), "basis/B1/")).content.decode()
    assert "other_treaty" not in page
    assert "agreed_instead" not in page
