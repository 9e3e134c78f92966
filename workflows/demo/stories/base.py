"""What every story begins and ends with: a letter of its own, sent, examined, executed, closed on both sides."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from django.utils import timezone

from mla.core import clock
from workflows.demo.case import DemoCase, Wait
from workflows.demo.courses import Course, Record
from workflows.demo.open_cases import brought_to
from workflows.demo.people import Cast
from workflows.drafting.letterfile import LetterFile
from workflows.lifecycle.models import OpenPoint
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course

LIMITS = "For the proceedings named in the request."
SUBSCRIBER = Record(
    "subscriber.csv",
    "field,value\nname,Subject A (as given)\npaid_by,card ending 0002\n",
    "Particulars of the customer",
)
LOGINS = Record(
    "logins.csv",
    "utc,source,port\n2026-03-02T03:11:09Z,198.51.100.23,40112\n",
    "Log-ins of the customer, times in UTC",
)


@dataclass
class Story(DemoCase):
    """One story. `LETTER`: the example that it is told with, under `TITLE`; `told` is its middle."""

    LETTER: ClassVar[str] = "05-de-al-subscriber"
    TITLE: ClassVar[str]

    @classmethod
    def letter_of(cls, example: LetterFile) -> LetterFile:
        """Return the letter of this story, made of the example's, as if it were written today."""
        return retold(example, cls.TITLE)

    @classmethod
    def plan_of(cls) -> Course:
        return Course(letter=cls.LETTER)

    @property
    def file_name(self) -> str:
        return f"story-{self.number}"

    def run(self) -> Iterator[Wait]:
        cast = Cast(self.letter)
        self.draft(cast)
        self.lodge(cast)
        yield from self.leave(cast)
        yield from self.told(cast)
        self.seconds = time.monotonic() - self.started

    def leave(self, cast: Cast) -> Iterator[Wait]:
        """From the lodging to the arrival at the other State."""
        self.vet(cast)
        yield from self.approve(cast)
        yield from self.send(cast)

    def told(self, cast: Cast) -> Iterator[Wait]:
        raise NotImplementedError

    # --- steps that several stories share ---

    def examined(self, cast: Cast) -> Iterator[Wait]:
        yield from self.acknowledge(cast)
        self.start_review(cast)

    def executing(self, cast: Cast) -> Iterator[Wait]:
        yield from self.examined(cast)
        yield from self.accept(cast)

    def evidence(self, cast: Cast, item: str, record: Record) -> None:
        inward.incoming_add_evidence(
            incoming=self.into, by=cast.executing(), name=record.name, media_type=record.media_type,
            content=record.text.encode(), item=item, description=record.description, use_limits=LIMITS,
        )  # fmt: skip

    def carry_out(self, cast: Cast, *items: str) -> None:
        """The executing authority carries these items out, or all that are open, each with its file."""
        keys = items or [item.key for item in self.into.items.filter(status="accepted").order_by("id")]
        for key in keys:
            item = self.into.items.get(key=key)
            inward.incoming_item_decide(item=item, act="execute", by=cast.executing(), reason="As asked.")
            self.evidence(cast, key, SUBSCRIBER if key == "M1" else LOGINS)

    def result(self, cast: Cast) -> Iterator[Wait]:
        inward.incoming_transmit_result(incoming=self.into, by=cast.their_registry())
        self.say(f"result sent: {self.into.get_outcome_display()}")
        yield "the result", lambda: self.out.status == "concluded"

    def ended(self, cast: Cast) -> Iterator[Wait]:
        yield from self._finish(cast)

    def answered_there(self, kind: str) -> bool:
        """Tell whether no question of this kind is open in the receiver's file."""
        return not OpenPoint.objects.filter(incoming=self.into, kind=kind, answered_at=None).exists()

    def asked_here(self, kind: str, times: int = 1) -> bool:
        """Tell whether so many questions of this kind have come to the sender's file."""
        return OpenPoint.objects.filter(outgoing=self.out, kind=kind).count() >= times

    def give_information(self, cast: Cast, answer: str) -> Iterator[Wait]:
        course.outgoing_give_information(outgoing=self.out, by=cast.supervisor(), answer=answer)
        self.say("information given")
        yield "the information", lambda: self.answered_there(OpenPoint.Kind.INFORMATION)


def retold(example: LetterFile, title: str, *, days_ago: int = 0) -> LetterFile:
    """Return an example under another title, as if it were written today, or so many days ago."""
    written = timezone.localdate() - dt.timedelta(days=days_ago)
    return brought_to(example, written).model_copy(update={"title": title})


def in_days(days: int) -> dt.date:
    return clock.now().date() + dt.timedelta(days=days)
