"""Where a letter says what it changes in an earlier one, it calls every place in the letter's own language."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from typing import Any

import pytest
from django.template.loader import render_to_string

from tests.drafting.test_difference import fields
from tests.languages.test_letter_catalogues import CODES, catalogue, wording
from workflows.documents.difference import difference_context
from workflows.documents.formats import direction_of, marks
from workflows.documents.templatetags.letter import Numbering
from workflows.documents.values import MeasureName, Names
from workflows.documents.wording import document_language
from workflows.drafting.freezing import PREPARING
from workflows.drafting.measures import measure_catalogue

_NOT_TOLD = re.compile(rf"^(format|date|channel|(rights|{'|'.join(PREPARING)})\b.*|.*\.(id|answers))$")


def every_change() -> list[dict[str, Any]]:
    """Return a change of every answer that a letter has, and every entry as added. What is said in them are numbers."""
    paths = [path for path in dict.fromkeys(fields()) if not _NOT_TOLD.match(path)]
    questions = [question.key for measure in measure_catalogue().values() for question in measure.questions]
    paths += [f"items[0].answers.{key}" for key in dict.fromkeys(questions)]
    entries: dict[str, dict[str, Any]] = defaultdict(dict)
    for path in paths:
        entry, _dot, name = path.rpartition("].")
        if entry and "." not in name:
            entries[f"{entry}]"][name] = "1"
    entries["items[0]"]["answers"] = dict.fromkeys(questions, "1")
    changed = [{"kind": "changed", "path": path, "before": "1", "after": "2"} for path in paths]
    return changed + [{"kind": "added", "path": path, "before": None, "after": one} for path, one in entries.items()]


def told(code: str) -> tuple[list[str], str]:
    """Return the places that a correcting letter in a language names, and the text of its section."""
    difference = {"kind": "amendment", "reference": "1/26", "date": None, "content_hash": "0" * 64}
    names = Names(measures={"1": MeasureName("1")})
    letter = {"items": [{"id": "M1", "measure": "1"}]}
    with document_language(code):
        found = difference_context(difference | {"changes": every_change()}, letter, names, code)
        about = {"marks": marks(code), "direction": direction_of(code), "numbering": Numbering()}
        page = render_to_string("documents/letter/_difference.html", {"difference": found, **about})
    return [one["what"] for one in found["changes"]], html.unescape(re.sub(r"<[^>]*>", " ", page))


def words_of(texts: list[str]) -> set[str]:
    """Return the words in small letters; a single letter is a key."""
    return set(re.findall(r"[^\W\d_]{2,}", " ".join(texts).lower()))


def test_every_place_is_among_the_words_for_the_translators() -> None:
    """In English nothing is said in the section but the words that the catalogues translate."""
    ids = [one for message in wording() for one in ([message.id] if isinstance(message.id, str) else message.id)]
    places, text = told("en")
    assert len(places) > 150
    assert words_of([text]) <= words_of(ids)


def test_answer_of_an_added_measure_is_called_by_its_question_where_a_field_has_the_same_key() -> None:
    _places, text = told("en")
    for label in ("Kept until", "Consent", "What is to be done"):
        assert f"{label}: 1" in text
    assert "Which data: 1" not in text


@pytest.mark.parametrize("code", CODES)
def test_section_on_what_is_corrected_has_no_english_word_for_a_place(code: str) -> None:
    mine = catalogue(code)
    shorts = {question.short for measure in measure_catalogue().values() for question in measure.questions}
    pairs = [
        (str(message.id), str(given.string))
        for message in wording()
        if (message.context == "place in a letter" or message.id in shorts)
        and (given := mine.get(message.id, context=message.context))
    ]
    assert len(pairs) > 290
    english = words_of([said for said, _given in pairs]) - words_of([given for _said, given in pairs])
    assert len(english) > 200
    _places, text = told(code)
    assert not words_of([text]) & english


@pytest.mark.parametrize(
    ("code", "place"),
    [("zh-hans", "措施M1，与犯罪的联系"), ("ar", "\u060c "), ("de", "Maßnahme M1, Zusammenhang mit der Straftat")],
)
def test_steps_to_a_place_stand_between_the_marks_of_the_language(code: str, place: str) -> None:
    places, _text = told(code)
    assert any(place in one for one in places), places
    assert code == "de" or not [one for one in places if ", " in one]
