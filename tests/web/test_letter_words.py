"""Places in a letter are told in words, those of every measure's own questions too."""

from __future__ import annotations

from collections import defaultdict

from workflows.drafting.measures import measure_catalogue
from workflows.web.letter_words import path_words


def test_a_key_is_called_the_same_in_every_measure() -> None:
    words: dict[str, set[str]] = defaultdict(set)
    for measure in measure_catalogue().values():
        for question in measure.questions:
            words[question.key].add(question.short)
    assert {key: said for key, said in words.items() if len(said) > 1} == {}


def test_an_answer_is_named_by_the_short_words_of_its_question() -> None:
    content = {"items": [{"id": "M1", "measure": "preservation"}]}
    for measure in measure_catalogue().values():
        for question in measure.questions:
            assert path_words(f"items[0].answers.{question.key}", content).endswith(question.short)
