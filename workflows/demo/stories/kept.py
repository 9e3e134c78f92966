"""The story of data that were kept in time: preserved, kept longer, asked for, released."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from workflows.demo.case import Wait
from workflows.demo.people import Cast
from workflows.demo.stories.again import TwoLetters
from workflows.demo.stories.base import in_days, retold
from workflows.demo.stories.offered import ASKED
from workflows.demo.walk import example
from workflows.drafting.letterfile import letter_from
from workflows.drafting.services import letter_save
from workflows.lifecycle.models import PreservationIn, PreservationOut
from workflows.lifecycle.services import preservation as keep
from workflows.lifecycle.services.follow_up import letter_start_follow_up
from workflows.lifecycle.services.preservation import Kept

ASKS_FOR_THEM = "05-de-al-subscriber"


class PreservedAndFollowedUp(TwoLetters):
    """The receiver keeps the data and sets the day, then a later one; the request for them arrives before it."""

    LETTER: ClassVar[str] = "04-de-al-preservation"
    TITLE = "Data of the rented server, preserved, kept longer and asked for"

    def told(self, cast: Cast) -> Iterator[Wait]:
        yield from self.executing(cast)
        theirs = cast.their_supervisor()
        keep.preservation_in_serve(preservation=self._there(), by=cast.executing(), on=in_days(0), whom="Adria Hosting")
        keep.preservation_in_preserve(
            preservation=self._there(), by=theirs,
            kept=Kept(
                in_days(0), in_days(60), words="The provider confirmed it.", reference="AL-247-2026-0117",
                rule="CETS-185 29(7)",
            ),
        )  # fmt: skip
        self.say("preserved for sixty days")
        yield "the first day", lambda: self._here().until == in_days(60)
        keep.preservation_out_ask_extension(
            preservation=self._here(), by=cast.desk(), until=in_days(120), reason="The court sits in two months."
        )
        self.say("an extension asked")
        yield "the wish", lambda: bool(self._there().points)
        keep.preservation_in_extend(preservation=self._there(), by=cast.executing(), until=in_days(120))
        self.say("kept longer")
        yield "the later day", lambda: self._here().until == in_days(120)
        yield from self.result(cast)
        yield from self.ended(cast)
        first, second = self._here(), self._there()
        yield from self._asked_for(cast)
        keep.preservation_out_release(preservation=first, by=cast.supervisor(), reason="The data have come.")
        self.say("released")
        yield "the release", lambda: PreservationIn.objects.get(pk=second.pk).status == "released"

    def _asked_for(self, cast: Cast) -> Iterator[Wait]:
        """The request for the data, which the preservation's own letter begins."""
        later = letter_start_follow_up(preservation=self.out, by=cast.drafter())
        self.say("the request for the data is begun")
        asked = retold(example(ASKS_FOR_THEM), self.TITLE).content()
        content = later.letter.present().content | {name: asked[name] for name in ASKED if name in asked}
        self.letter = letter_from(content)
        letter_save(letter=later.letter, content=self.letter, by=cast.drafter())
        yield from self.begin_again(later, cast)
        yield from self.executing(cast)
        self.carry_out(cast)
        yield from self.result(cast)
        yield from self.ended(cast)

    def _here(self) -> PreservationOut:
        return PreservationOut.objects.get(item__outgoing=self.out)

    def _there(self) -> PreservationIn:
        return PreservationIn.objects.get(item__incoming=self.into)
