"""How a place in a letter is called, and the rows of the rights screen in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from mla.core.languages import house_words
from workflows.documents import wording
from workflows.drafting.place_words import path_words
from workflows.drafting.rights import NOT_ANSWERED, RightsRow, rights_rows, screen_of

__all__ = ["RightsTold", "path_words", "rights_answers", "rights_recorded"]


@dataclass(frozen=True, slots=True)
class RightsTold:
    """A row of the rights screen in words. `answer` is the code, `words` what it is called."""

    name: str
    question: str
    answer: str
    words: str
    reason: str

    @property
    def concern(self) -> bool:
        """Tell whether it calls for a look: everything but a no."""
        return self.answer != "no"


ANSWER_WORDS = wording.KNOWN | {NOT_ANSWERED: _("not answered")}


def rights_answers(content: Mapping[str, Any]) -> list[RightsTold]:
    """Return every row of the rights screen in words, with its answer and reason; one that was not answered says so."""
    return [_told(one.row, one.answer, one.reason) for one in screen_of(content)]


def rights_recorded(answers: Mapping[str, Any], content: Mapping[str, Any] | None) -> list[RightsTold]:
    """Return the rows that the record of an approval holds, in words; their reasons from the version's content."""
    reasons = {one.row.key: one.reason for one in screen_of(content)} if content is not None else {}
    return [_told(row, str(answers[key]), reasons.get(key, "")) for key, row in rights_rows().items() if key in answers]


def _told(row: RightsRow, answer: str, reason: str) -> RightsTold:
    words = str(ANSWER_WORDS.get(answer, answer))
    return RightsTold(house_words(row.name), house_words(row.label), answer, words, reason)
