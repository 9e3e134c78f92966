"""The dates that bind the proceedings, as the letter prints them."""

from __future__ import annotations

from typing import Any

from workflows.documents import wording
from workflows.documents.formats import clock, day, marks, number, offset
from workflows.documents.wording import word
from workflows.drafting.key_dates import Needed, needs_of
from workflows.drafting.letterfile import KeyDate, LetterFile


def key_dates(letter: LetterFile) -> list[dict[str, Any]]:
    """Return the key dates in their order, each with the day by which the evidence is needed because of it."""
    by = {need.index: need for need in needs_of(_content(letter)) if need.index is not None}
    return [
        {
            "date": _when(entry, letter.language),
            "what": word(wording.KEY_DATE, entry.kind),
            "note": entry.note,
            "needed_by": day(by[index].by, letter.language) if index in by and entry.lead_days else "",
        }
        for index, entry in sorted(enumerate(letter.key_dates), key=lambda one: (one[1].date, one[0]))
    ]


def needed(letter: LetterFile) -> dict[str, Any]:
    """Return what the paragraph on urgency says of the earliest day, and of the key date that asks for it first.

    `needed_by`: the earliest day of all. `binding`: the key date that is needed first, None where there is none;
    `stated`: the urgency has a day of its own, which is told apart from that one.
    """
    needs = needs_of(_content(letter))
    first = next((need for need in needs if need.index is not None), None)
    return {
        "needed_by": day(needs[0].by, letter.language) if needs else "",
        "binding": _binding(letter, first) if first else None,
        "stated": letter.urgency.date is not None and (first is None or first.by != letter.urgency.date),
    }


def _binding(letter: LetterFile, first: Needed) -> dict[str, Any]:
    assert first.index is not None
    entry = letter.key_dates[first.index]
    return {
        "what": word(wording.KEY_DATE, entry.kind),
        "date": _when(entry, letter.language),
        "needed_by": day(first.by, letter.language),
        "lead": first.lead_days,
        "lead_words": number(first.lead_days, letter.language),
    }


def _content(letter: LetterFile) -> dict[str, Any]:
    return letter.model_dump(mode="json", include={"date", "urgency", "key_dates"})


def _when(entry: KeyDate, language: str) -> str:
    if entry.at is None:
        return day(entry.date, language)
    shown = clock(entry.at)
    shown = shown.removesuffix(":00") if shown.count(":") == 2 else shown
    return f"{day(entry.date, language)}{marks(language).joint}{shown} {offset(entry.at)}"
