"""The section “Before you ask”: which alternatives it asks of a letter, and the answers as the approver reads them."""

from __future__ import annotations

from dataclasses import dataclass

from mla.core.languages import house_words
from workflows.documents import wording
from workflows.drafting.asking_letter import situation
from workflows.drafting.before import Alternative, alternatives_asked, may_bind
from workflows.drafting.law import law_for
from workflows.drafting.letterfile import LetterFile
from workflows.web.drafting.draft import Draft, keeping_law
from workflows.web.drafting.sections import BEFORE, Field


@dataclass(frozen=True, slots=True)
class Asked:
    """An alternative with its answer in words, for who approves."""

    of: Alternative
    question: str
    answer: str
    reason: str


def before_asked(draft: Draft) -> list[Field]:
    """Return the questions that the section asks of this letter."""
    with keeping_law():
        asked = {one.key for one in asked_of(draft.file)}
    return [field for field in BEFORE.fields if field.name.split(".")[1] in asked]


def asked_of(letter: LetterFile) -> tuple[Alternative, ...]:
    """Return the alternatives that a letter asks, by the law as it is."""
    content = letter.content()
    return alternatives_asked(content, situation(content), may_bind(law_for(letter).resolutions.values()))


def alternatives_told(letter: LetterFile) -> list[Asked]:
    """Return every alternative that a letter asks, answered or not."""
    found = []
    with keeping_law():
        asked = asked_of(letter)
    for one in asked:
        said = letter.before.get(one.key)
        answer = wording.word(wording.CONSIDERED, said.answer if said else "not_considered")
        found.append(Asked(one, house_words(one.question), answer, said.reason if said else ""))
    return found
