"""Places in a letter are told in words, those of every measure's own questions too."""

from __future__ import annotations

import pytest

from workflows.drafting.measures import measure_catalogue
from workflows.web.letter_words import _FIELDS, _QUESTIONS

ASKED = {question.key for measure in measure_catalogue().values() for question in measure.questions}


@pytest.mark.parametrize("key", sorted(ASKED))
def test_each_question_of_a_measure_has_short_words_for_the_places_of_a_letter(key: str) -> None:
    assert key in _QUESTIONS or key in _FIELDS, f"add {key} to workflows/web/letter_words.py"


def test_no_words_stand_for_a_question_that_no_measure_asks() -> None:
    assert set(_QUESTIONS) <= ASKED
