"""Stories of two letters: one that came back and is sent again, one that is added to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from workflows.demo.case import Wait
from workflows.demo.people import Cast
from workflows.demo.stories.base import Story
from workflows.drafting.models_reuse import CopiedPart
from workflows.drafting.services_reuse import letter_copied_check
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.models.returned import ToldDefect
from workflows.lifecycle.services import again, outgoing_reuse
from workflows.lifecycle.services import incoming as inward


@dataclass
class TwoLetters(Story):
    """A story whose second letter begins with the first. The rows of the first are kept for the report."""

    before: list[tuple[OutgoingRequest, IncomingRequest]] = field(default_factory=list)

    def files(self) -> list[tuple[OutgoingRequest, IncomingRequest]]:
        again = [(type(out).objects.get(pk=out.pk), type(into).objects.get(pk=into.pk)) for out, into in self.before]
        return [*again, (self.out, self.into)]

    def begin_again(self, later: OutgoingRequest, cast: Cast) -> Iterator[Wait]:
        """Go on with the later letter: every copied part is looked at, then it leaves as the first did."""
        self.before.append((self.out, self.into))
        self.outgoing, self.incoming = later, None
        parts = CopiedPart.objects.filter(letter=later.letter, checked_at=None).values_list("part", flat=True)
        letter_copied_check(letter=later.letter, parts=list(parts), by=cast.drafter())
        self.lodge(cast)
        yield from self.leave(cast)


class ReturnedAndResubmitted(TwoLetters):
    """It comes back unregistered with its defects by place, is completed and sent again, and executed."""

    TITLE = "Account of the customer, returned unregistered and sent again"

    def told(self, cast: Cast) -> Iterator[Wait]:
        inward.incoming_return_defective(
            incoming=self.into, by=cast.their_supervisor(), reason="Two things are missing.", code="unregistered",
            defects=[
                ToldDefect("Name the time zone of the log-ins.", "facts[0]", "CETS-185 27"),
                ToldDefect("Say what the maximum penalty is.", "offences[0]"),
            ],
        )  # fmt: skip
        self.say("returned unregistered, with two defects")
        yield "its return", lambda: self.out.status == "concluded"
        later = again.outgoing_resubmit(earlier=self.out, by=cast.drafter())
        yield from self.begin_again(later, cast)
        yield from self.executing(cast)
        self.carry_out(cast)
        yield from self.result(cast)
        yield from self.ended(cast)


class Supplemented(TwoLetters):
    """While the first is carried out, a second letter adds to it; the two are linked and stay two."""

    TITLE = "Account of the customer, with a supplement"

    def told(self, cast: Cast) -> Iterator[Wait]:
        yield from self.executing(cast)
        later = outgoing_reuse.outgoing_follow(earlier=self.out, kind="supplement", by=cast.drafter())
        self.say("a supplement is begun")
        yield from self.begin_again(later, cast)
        yield from self.executing(cast)
        self.carry_out(cast)
        yield from self.result(cast)
        yield from self.ended(cast)
        supplement = self.outgoing, self.incoming
        (self.outgoing, self.incoming), self.before = self.before[0], []
        self.carry_out(cast)
        yield from self.result(cast)
        yield from self.ended(cast)
        assert supplement[0] is not None and supplement[1] is not None
        self.before = [(self.out, self.into)]
        self.outgoing, self.incoming = supplement
