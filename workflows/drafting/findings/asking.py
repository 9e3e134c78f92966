"""Findings on answers to questions that are no longer asked: they stay where they are, and are not printed."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from mla.core.languages import house_words
from mla.core.reasons import Finding
from workflows.drafting.asking_words import conditions_told
from workflows.drafting.findings.law import View, warning
from workflows.drafting.measures import Measure
from workflows.drafting.place_words import field_words


def asking_findings(view: View) -> Iterator[Finding]:
    """Yield each answer whose question is not asked as things stand, with what it is asked for."""
    for path in view.left_over:
        measure, name = _measure(view, path)
        question = measure.question(name.removeprefix("answers.")) if measure else None
        instrument, article = question.rule if question else ("", "")
        message = _(
            "This answer is not printed, because its question (%(question)s) is asked with another choice only: "
            "%(conditions)s. Take the answer out, or choose that again."
        ) % {
            "question": house_words(question.short) if question else field_words(name.rpartition(".")[2]),
            "conditions": conditions_told(view.not_asked[path].conditions, measure),
        }
        yield warning("answer_not_asked", path, message, instrument=instrument, article=article)


def _measure(view: View, path: str) -> tuple[Measure | None, str]:
    """Return the measure whose page holds a path, and the path inside it."""
    first, bracket, rest = path.partition("[")
    number, _bracket, inside = rest.partition("].")
    if not bracket or first != "items":
        return None, path
    return view.measures.get(view.letter.items[int(number)].measure), inside
