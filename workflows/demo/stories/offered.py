"""The story of information that nobody had asked for, and of the request that it led to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workflows.demo.case import Wait
from workflows.demo.people import Cast
from workflows.demo.stories.again import TwoLetters
from workflows.demo.stories.base import in_days, retold
from workflows.demo.walk import example as example_letter
from workflows.drafting.letterfile import LetterFile, letter_from
from workflows.drafting.services import letter_save
from workflows.lifecycle.models import OutgoingRequest, SpontaneousIn, SpontaneousOut
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import spontaneous as info
from workflows.lifecycle.services.complements import Supplied

OFFER: dict[str, Any] = {
    "shared_now": "nature_only",
    "information": "A list of customers of one provider of your State.",
    "origin": "The search of a server in our State.",
    "reliability": "record",
    "reliability_reason": "The list was read off the disk of the server.",
    "conditions": ["confidential", "no_evidence"],
    "conditions_text": "Until the arrests it is kept confidential.",
    "expected_use": "To see whether the customers are known to you.",
}
LIST = Supplied("list.txt", "text/plain", b"customer 1\ncustomer 2\n", item="M1", description="List of customers")
#: What the request that follows takes from the example as it is, the sides exchanged.
ASKED = ("bases", "offences", "items", "proceedings", "statements", "rights", "persons", "providers", "identifiers",
         "facts", "urgency")  # fmt: skip


class InformationLeadsToRequest(TwoLetters):
    """Offered under conditions, accepted, given, used; then the other State asks, and is answered."""

    TITLE = "Customers found on a server: information without a request"

    @classmethod
    def letter_of(cls, example: LetterFile) -> LetterFile:
        content = super().letter_of(example).content()
        first = content["items"][0]
        common = {name: first[name] for name in ("bases", "offences", "persons") if name in first}
        content["items"] = [common | {"id": "M1", "measure": "spontaneous-information", "answers": OFFER}]
        return letter_from(content)

    def offered(self) -> SpontaneousOut:
        return SpontaneousOut.objects.get(item__outgoing=self.out)

    def received(self) -> SpontaneousIn:
        return SpontaneousIn.objects.get(item__incoming=self.into)

    def told(self, cast: Cast) -> Iterator[Wait]:
        yield from self.acknowledge(cast)
        info.spontaneous_accept(spontaneous=self.received(), by=cast.their_supervisor(), answer="Gladly.")
        self.say("the information accepted with its conditions")
        yield "its acceptance", lambda: self.offered().status == "accepted"
        info.spontaneous_give(spontaneous=self.offered(), by=cast.supervisor(), words="Two customers.", files=[LIST])
        self.say("the information given")
        yield "the information", lambda: self.received().status == "sent"
        info.spontaneous_use(
            spontaneous=self.received(),
            by=cast.their_desk(),
            kind="investigation_opened",
            on=in_days(0),
            words="File 7.",
        )
        self.say("used: an investigation opened")
        yield "the account of its use", lambda: self.offered().status == "used"
        later = info.letter_start_from_information(spontaneous=self.received(), by=cast.their_desk())
        self.say("a request is begun that follows it")
        yield from self._asked_back(later)

    def _asked_back(self, later: OutgoingRequest) -> Iterator[Wait]:
        """The State that was informed asks: its own officers draft, approve and send, the first one's answer."""
        self.before.append((self.out, self.into))
        self.outgoing, self.incoming = later, None
        example = retold(example_letter(self.LETTER), self.TITLE).content()
        begun = self.version().content
        content = begun | {name: example[name] for name in ASKED if name in example} | {"title": self.TITLE}
        self.letter = letter_from(content)
        cast = Cast(self.letter)
        letter_save(letter=later.letter, content=self.letter, by=cast.desk())
        chain.outgoing_submit(outgoing=self.out, by=cast.desk())
        yield from self.approve(cast)
        yield from self.send(cast)
        yield from self.executing(cast)
        self.carry_out(cast)
        yield from self.result(cast)
        yield from self.ended(cast)
