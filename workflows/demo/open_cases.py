"""Cases in the middle of their way, so that whoever signs in to the demonstration finds something to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils import timezone

from workflows.demo.case import DemoCase, Wait
from workflows.demo.courses import COURSES
from workflows.demo.people import Cast
from workflows.demo.walk import LETTERS, Say, example
from workflows.drafting.letterfile import LetterFile, letter_from

#: Where a case can be left, in the order of its way.
STAGES = ("drafting", "lodged", "in_review", "ready", "received", "under_review", "in_execution")


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A letter (number of its course, from 1), where it is left, and a title of its own if it stands here twice."""

    course: int
    stage: str
    title: str = ""


#: The United States ask Iceland (1) and are asked by the United Kingdom (2): their officers meet every stage.
OPEN_CASES: tuple[OpenCase, ...] = (
    OpenCase(1, "drafting", "Second server of the online market: image and administration log-ins"),
    OpenCase(1, "lodged", "Backup server of the online market: image and customer record"),
    OpenCase(1, "in_review", "Payment server of the online market: image and log-ins"),
    OpenCase(1, "ready", "Mail server of the online market: image and customer record"),
    OpenCase(1, "received", "Mirror of the online market: image and customer record"),
    OpenCase(1, "under_review", "Archive of the online market: image and customer record"),
    OpenCase(1, "in_execution", "Forum of the online market: image and log-ins"),
    OpenCase(2, "received", "Fourth web site with the same film: account, log-ins and content"),
    OpenCase(2, "under_review", "Fifth web site with the same film: account, log-ins and content"),
    OpenCase(2, "in_execution", "Sixth web site with the same film: account, log-ins and content"),
    OpenCase(3, "under_review", "Second mailbox at the institute: access log and content"),
    OpenCase(4, "in_review"),
    OpenCase(6, "lodged", "Second call centre: subscriber and traffic data"),
    OpenCase(7, "in_execution", "Second account at the bank: statements and opening documents"),
)


def open_cases(say: Say) -> list[tuple[DemoCase, Iterator[Wait]]]:
    """Return the cases with the steps that bring each where it is left, for `walk`."""
    found = []
    for number, plan in enumerate(OPEN_CASES, start=len(COURSES) + 1):
        letter = brought_to(example(COURSES[plan.course - 1].letter), timezone.localdate())
        if plan.title:
            letter = letter.model_copy(update={"title": plan.title})
        pair = f"{letter.requesting.jurisdiction}→{letter.requested.jurisdiction}"
        # A translation of the example is none of a letter with another title.
        course = replace(COURSES[plan.course - 1], translation="")
        case = DemoCase(number=number, plan=course, letter=letter, folder=LETTERS, say=lambda text: None)
        found.append((case, _left_at(case, plan.stage, f"{number} {pair}", say)))
    return found


def brought_to(letter: LetterFile, day: dt.date) -> LetterFile:
    """Return the letter as if it were written on `day`: what lies ahead of it lies as far ahead again.

    The examples carry the dates of the cases they come from; a worklist would call them years overdue. What
    happened before the letter (facts, offences, periods of data) stays as it was.
    """
    content = letter.content()
    by = day - letter.date

    def moved(text: str) -> str:
        return (dt.date.fromisoformat(text) + by).isoformat()

    content["date"] = moved(content["date"])
    ahead = [content.get("urgency", {}), *content.get("key_dates", []), *content.get("related", [])]
    answers = [item.get("answers") or {} for item in content["items"]]
    promised = [(part, name) for part in answers for name, value in part.items() if _not_past(value, letter.date)]
    for part, name in [
        *promised,
        *((part, "date") for part in ahead),
        *((item, "time_limit") for item in content["items"]),
    ]:
        if part.get(name):
            part[name] = moved(part[name])
    return letter_from(content)


def _not_past(value: object, written: dt.date) -> bool:
    """Tell whether an answer is a day that was not past for its letter, such as that by which a request is promised."""
    if not isinstance(value, str):
        return False
    try:
        return dt.date.fromisoformat(value) >= written
    except ValueError:
        return False


def _left_at(case: DemoCase, stage: str, name: str, say: Say) -> Iterator[Wait]:
    cast, until = Cast(case.letter), STAGES.index(stage)
    case.draft(cast)
    if until >= STAGES.index("lodged"):
        case.lodge(cast)
    if until >= STAGES.index("in_review"):
        case.vet(cast)
    if until >= STAGES.index("ready"):
        yield from case.approve(cast)
    if until >= STAGES.index("received"):
        yield from case.send(cast)
    if until >= STAGES.index("under_review"):
        yield from case.acknowledge(cast)
        case.start_review(cast)
    if until >= STAGES.index("in_execution"):
        yield from case.accept(cast)
    say(name, f"left open: {stage.replace('_', ' ')}")
