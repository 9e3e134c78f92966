"""The story of a request that nobody ever answered: reminded on every rung, then given up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import AbstractContextManager

from mla.core import clock
from workflows.demo.case import Wait
from workflows.demo.people import Cast
from workflows.demo.stories.base import Story, retold
from workflows.documents.services_chasing import case_chase
from workflows.drafting.letterfile import LetterFile
from workflows.exchange.models import Message
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course

#: Days ago on which it was sent, and on which each rung was looked at; today it is given up.
SENT, LOOKED_AT = 200, (169, 138, 107)


class SilenceToLapsed(Story):
    """The other State takes the request in and says nothing. What the officers did is dated back; the jobs run today."""

    TITLE = "Account of the customer, never answered"

    @classmethod
    def letter_of(cls, example: LetterFile) -> LetterFile:
        return retold(example, cls.TITLE, days_ago=SENT)

    def draft(self, cast: Cast) -> None:
        with days_ago(SENT):
            super().draft(cast)

    def lodge(self, cast: Cast) -> None:
        with days_ago(SENT):
            super().lodge(cast)

    def leave(self, cast: Cast) -> Iterator[Wait]:
        # Never held over a wait: the other stories go on meanwhile, by the clock of today.
        with days_ago(SENT):
            self.vet(cast)
            chain.outgoing_approve(
                outgoing=self.out, by=cast.supervisor(), content_hash=self.version().content_hash, rights_screened=True
            )
        yield from self.printed(cast)
        with days_ago(SENT):
            course.outgoing_send(outgoing=self.out, by=cast.registry(), channel="local")
        self.say(f"sent to {cast.receiver.code} as {self.out.reference}, {SENT} days ago")
        yield "its arrival", self._arrived

    def told(self, cast: Cast) -> Iterator[Wait]:
        for rung, ago in enumerate(LOOKED_AT, start=1):
            with days_ago(ago):
                case_chase(case=self.out, by=cast.desk())
            self.say(f"reminded on rung {rung}, after {SENT - ago} days of silence")
            yield "the reminder", lambda rung=rung: self._reminded() >= rung  # type: ignore[misc]
        course.outgoing_lapse(
            outgoing=self.out, by=cast.supervisor(), originator_confirmed=True,
            reason="No answer to the request and to three reminders; the embassy was asked.",
        )  # fmt: skip
        self.say(f"given up after {SENT} days: {self.out.get_outcome_display()}")

    def _reminded(self) -> int:
        """Return how many reminders were taken into the other State's file."""
        log = Message.objects.filter(conversation_id=self.out.conversation_id, direction=Message.Direction.IN)
        return log.filter(authority=self.into.authority_id, type="wish", status=Message.Status.APPLIED).count()


def days_ago(days: int) -> AbstractContextManager[None]:
    return clock.frozen(clock.now() - dt.timedelta(days=days))
