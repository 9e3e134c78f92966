"""Each measure under each instrument that lists contents: a whole letter lacks nothing, and each thing taken out is told.

Made from the data: a new instrument, a new measure or a new thing that an instrument wants is covered by itself.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from mla.core.reasons import Finding
from mla.reference.rules import Content, ContentItem
from tests.drafting.instruments import (
    TODAY,
    instruments,
    kinds_of_letter,
    law_of,
    offence_within,
    read,
    whole_letter,
)
from workflows.drafting.findings import letter_findings
from workflows.drafting.findings.content_items import WANTED
from workflows.drafting.findings.contents import content_applies
from workflows.drafting.findings.law import Law, View
from workflows.drafting.measures import Measure, measure_catalogue

LISTING = sorted(code for code, law in instruments().items() if law.rules.contents)


def told(letter: dict[str, Any], law: Law) -> list[Finding]:
    return letter_findings(read(letter), law=law, today=TODAY)


def on_contents(found: list[Finding], articles: set[tuple[str, str]]) -> list[Finding]:
    """Return what is told of the contents: as such, or by a question of the measure under the same article."""
    return [f for f in found if f.code.startswith("content_")
            or (f.code == "answer_missing" and (f.instrument, f.article) in articles)]  # fmt: skip


def without(letter: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    """Return the letter with nothing at the paths."""
    letter = copy.deepcopy(letter)
    if "persons" in paths:
        letter["items"][0].pop("persons", None)
    for path in paths:
        steps: list[Any] = [int(s) if s.isdigit() else s for s in re.findall(r"\w+", path)]
        inner: Any = letter
        for step in steps[:-1]:
            inner = inner[step] if isinstance(step, int) or step in inner else {}
        if isinstance(inner.get(steps[-1]), str) and steps[0] in {"offences", "proceedings", "providers"}:
            inner[steps[-1]] = ""
        else:
            inner.pop(steps[-1], None)
    return letter


def wholes(code: str) -> Iterator[tuple[Measure, dict[str, Any], View, list[Content]]]:
    for measure in measure_catalogue().values():
        offence = offence_within(instruments()[code].rules, measure.slug)
        if offence is None:
            continue
        law = law_of(code, measure.slug, offence)
        for given in kinds_of_letter(code, measure):
            letter = whole_letter(code, measure, offence, given)
            view = View(read(letter), measure_catalogue(), law, TODAY)
            item = view.letter.items[0]
            wanted = [content for content in instruments()[code].rules.contents
                      if content.applies_to(measure.slug) and content_applies(view, item, content)]  # fmt: skip
            yield measure, letter, view, wanted


def alike(content: Content, wanted: list[Content]) -> list[Content]:
    return [one for one in wanted if one.item == content.item and one.need != "if_any"]


def article_told(content: Content, wanted: list[Content]) -> str:
    """What two articles want is told once, with the one that was read, or else with the first."""
    weighty = [one for one in alike(content, wanted) if one.need == "required" and one.confidence == "verified"]
    return (weighty or alike(content, wanted))[0].article


@pytest.mark.parametrize("code", LISTING)
def test_a_whole_letter_lacks_nothing_and_each_thing_taken_out_is_told_with_its_article(code: str) -> None:
    seen: list[Content] = []
    for measure, letter, view, wanted in wholes(code):
        about = f"{code}, {measure.slug}"
        articles = {(code, content.article) for content in wanted}
        assert on_contents(told(letter, view.law), articles) == [], about
        for content in wanted:
            seen.append(content)
            if content.need == "if_any":
                continue
            for slot in WANTED[content.item].slots:
                paths = [at.path for at in slot.places(view, view.letter.items[0], 0)]
                if not paths:
                    continue
                where = f"{about}: {content.item}, nothing at {paths}"
                found = on_contents(told(without(letter, paths), view.law), articles)
                # Another thing that is said at the same place is told as well, but nothing that is said elsewhere.
                assert all(any(f.question.startswith(path) for path in paths) for f in found), (where, found)
                mine = [f for f in found if f.question == paths[0] and f.article == article_told(content, wanted)]
                assert mine, (where, found)
                heavy = any(one.need == "required" and one.confidence == "verified" for one in alike(content, wanted))
                for finding in mine:
                    by_the_measure = finding.code == "answer_missing"
                    assert (finding.severity == "gap") == heavy or by_the_measure, (where, finding)
    left = [content for content in instruments()[code].rules.contents if content not in seen]
    assert not left, f"no measure of {code} leads to {[(c.item, c.article) for c in left]}"


def test_every_thing_that_can_be_wanted_has_its_check_and_its_sentence() -> None:
    assert set(WANTED) == set(get_args(ContentItem))
    assert len({wanted.says() for wanted in WANTED.values()}) == len(WANTED)


def test_what_a_letter_must_answer_to_be_of_a_kind_is_a_question_of_the_measure() -> None:
    for code, law in instruments().items():
        for content in law.rules.contents:
            for place, allowed in content.when.items():
                if place == "urgency.level":
                    continue
                for slug in content.measures:
                    question = measure_catalogue()[slug].question(place.removeprefix("answers."))
                    assert question is not None, (code, content.item, slug)
                    assert set(allowed) <= {choice.value for choice in question.choices}, (code, content.item)


@pytest.mark.parametrize(
    ("measure", "way", "items"),
    [
        ("confiscation", "obtain", {"property", "property_location", "property_value", "facts_for_order"}),
        ("confiscation", "enforce", {"order_copy", "facts", "order_extent", "third_parties", "order_final"}),
        ("freezing", "", {"facts", "actions_requested", "order_copy"}),
    ],
)
def test_what_article_55_3_adds_depends_on_the_way_of_confiscation(measure: str, way: str, items: set[str]) -> None:
    found = [
        {content.item for content in wanted if content.article.startswith("55(3)")}
        for of, letter, _view, wanted in wholes("UNCAC-2003")
        if of.slug == measure and letter["items"][0]["answers"].get("way_of_confiscation", "") == way
    ]
    assert found == [items]


def test_information_that_nobody_asked_for_contains_nothing_of_a_request() -> None:
    wanted = [wanted for code in LISTING for of, _l, _v, wanted in wholes(code) if of.slug == "spontaneous-information"]
    assert {content.when.get("urgency.level") for contents in wanted for content in contents} <= {("emergency",)}
