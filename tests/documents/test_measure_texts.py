"""Each measure's part of the letter, with every question answered by its own example: complete, and read by a person."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import gettext, override

from tests.documents import factory
from tests.documents.test_letter_pages import paragraphs
from workflows.documents.letters import letter_html
from workflows.documents.values import MeasureName, QuestionName
from workflows.drafting.letterfile import LetterFile
from workflows.drafting.measures import Measure, Question, answers_checked, measure_catalogue

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "measures"
MEASURES = list(measure_catalogue().values())


def example_answer(question: Question) -> Any:
    """Return the example of a question as a form would send it."""
    match question.kind:
        case "choices":
            return [value.strip() for value in question.example.split(",")]
        case "period":
            start, _comma, end = question.example.partition(",")
            return {"from": start.strip(), "to": end.strip()}
        case "yes_no":
            return question.example == "yes"
    return question.example


def letter_with(measure: Measure, **answered: Any) -> LetterFile:
    item = factory.letter().content()["items"][0]
    answers, problems = answers_checked({q.key: example_answer(q) for q in measure.questions} | answered, measure)
    assert problems == []
    common = {name: value for name, value in item.items() if name != "answers"}
    return factory.letter(items=[common | {"id": "M1", "measure": measure.slug, "answers": answers}])


def part_of(measure: Measure, **answered: Any) -> list[str]:
    names = factory.names()
    questions = {
        q.key: QuestionName(label=q.label, kind=q.kind, choices={c.value: c.label for c in q.choices})
        for q in measure.questions
    }
    named = MeasureName(name=measure.name, questions=questions, template=measure.letter_template)
    known = dict(names.measures) | {measure.slug: named}
    lines = paragraphs(letter_html(letter_with(measure, **answered), factory.cover(), replace(names, measures=known)))
    first = next(number for number, line in enumerate(lines) if line.startswith("### ") and "M1" in line)
    last = next(
        (n for n, line in enumerate(lines[first + 1 :], first + 1) if line.startswith(("# ", "## "))), len(lines)
    )
    return lines[first:last]


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.slug)
def test_a_measure_reads_as_its_golden_copy(measure: Measure) -> None:
    """After a wanted change: MLA_GOLDEN=write pytest tests/documents/test_measure_texts.py, and read the difference."""
    text = "\n".join(part_of(measure)) + "\n"
    copy = GOLDEN / f"{measure.slug}.txt"
    if os.environ.get("MLA_GOLDEN") == "write":
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(text, encoding="utf-8")
    assert copy.exists(), f"the measure has no golden text: {copy}"
    assert text == copy.read_text(encoding="utf-8")


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.slug)
def test_each_answer_is_printed_by_the_measure_s_own_words(measure: Measure) -> None:
    """No answer falls into the list of the others at the end: its template says it in a sentence of its own."""
    text = "\n".join(part_of(measure))
    for question in measure.questions:
        assert f" {question.label}:" not in text, f"{question.key} has no sentence in {measure.letter_template}"


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.slug)
def test_a_no_is_said_as_plainly_as_a_yes(measure: Measure) -> None:
    yes_no = [question.key for question in measure.questions if question.kind == "yes_no"]
    both = [part_of(measure, **dict.fromkeys(yes_no, answer)) for answer in (True, False)]
    assert len(both[0]) == len(both[1])
    assert len(set(both[1]) - set(both[0])) == len(yes_no)


def test_no_golden_text_is_of_a_measure_that_is_gone() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(measure_catalogue())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_letter_of_information_nobody_asked_for_calls_itself_no_request(language: str) -> None:
    spontaneous = next(one for one in MEASURES if one.slug == "spontaneous-information")
    alone = letter_with(spontaneous)
    asked = factory.letter().content()["items"][0]
    mixed = factory.letter(items=[*alone.content()["items"], asked | {"id": "M2"}])

    def read(letter: LetterFile) -> str:
        written = letter.model_copy(update={"language": language})
        return "\n".join(paragraphs(letter_html(written, factory.cover(), factory.names())))

    words = {
        "en": (
            "Spontaneous information in criminal matters",
            "was not requested",
            "The information is transmitted under",
        ),
        "fr": ("Information spontanée", "n’ont pas été demandées", "Les informations sont transmises en vertu"),
    }[language]
    with override(language):
        requests = [
            gettext(text)
            for text in ("Request for mutual legal assistance in criminal matters", "Assistance requested")
        ]
    told, other = read(alone), read(mixed)
    for text in words:
        assert text in told and text not in other, text
    for text in requests:
        assert text not in told and text in other, text
