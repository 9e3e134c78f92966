"""The story of a night: the duty officer alone sends, a second person confirms in the morning."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from mla.core import clock
from workflows.demo.case import Wait
from workflows.demo.people import Cast
from workflows.demo.stories.base import Story
from workflows.drafting.letterfile import LetterFile, letter_from
from workflows.lifecycle.models import EmergencyIn, EmergencyOut
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services.emergency import emergency_act, emergency_ask_facts, emergency_give_facts

RISK_TEST = {
    "danger": "A girl of fourteen, missing since the evening.",
    "imminent": "A message names this night.",
    "data_help": "The last log-in shows where the sender is.",
    "confirmed_by": "The head of the regional police, 23:40 UTC.",
    "call_back": "The operations room, as published by the ministry.",
}
ANSWERS = {
    "at_risk": "A girl of fourteen, missing since the evening.",
    "danger": "A message of the evening threatens to kill her; a copy is annexed.",
    "danger_when": "In this night, by the words of the message.",
    "why_minutes": "Her telephone is off. Only the last log-ins of the account can tell where they are.",
    "data_kinds": ["subscriber", "traffic"],
    "data_wanted": "Name and telephone number of the customer; every log-in since 18:00 UTC with address, port and time.",
    "link_to_danger": "The message was sent from this account.",
    "mla_will_follow": True,
    "notify_user": "not_yet",
    "confirmed_by": "The head of the regional police.",
    "call_back": "The operations room, as published by the ministry.",
    "delivery_point": "By message to the duty officer.",
}
DUTY = {
    "role": "duty", "office": "Duty officer", "phone": "+49 30 23125 000", "hours": "always",
    "time_zone": "Europe/Berlin",
}  # fmt: skip


class EmergencyAtNight(Story):
    """Disclosure in an emergency: sent by the duty officer within minutes, confirmed in writing by the supervisor."""

    TITLE = "Last log-ins of the account: a girl is missing"

    @classmethod
    def letter_of(cls, example: LetterFile) -> LetterFile:
        content = super().letter_of(example).content()
        first = content["items"][0]
        needed = (clock.now() + dt.timedelta(hours=2)).isoformat(timespec="seconds")
        kept = {
            name: first[name]
            for name in ("id", "bases", "offences", "identifiers", "provider", "period")
            if name in first
        }
        content["items"] = [kept | {"measure": "emergency-disclosure", "answers": ANSWERS | {"needed_by": needed}}]
        content["urgency"] = {"level": "emergency", "reason": "A girl is missing.", "date": content["date"]}
        content["contacts"] = [*content["contacts"], DUTY]
        return letter_from(content)

    def leave(self, cast: Cast) -> Iterator[Wait]:
        chain.outgoing_approve_provisionally(
            outgoing=self.out, by=cast.duty(), content_hash=self.version().content_hash, rights_screened=True,
            risk_test=RISK_TEST,
        )  # fmt: skip
        self.say("approved provisionally by the duty officer alone")
        yield from self.printed(cast)
        yield from self.send(cast)

    def told(self, cast: Cast) -> Iterator[Wait]:
        yield from self.acknowledge(cast)
        theirs = cast.their_duty()
        emergency_act(emergency=self._there(), act="take_up", by=theirs)
        emergency_ask_facts(emergency=self._there(), by=theirs, question="Which of the two accounts?")
        self.say("taken up by the duty officer there, who asks one thing")
        yield "the question", lambda: self._here().status == "more_facts"
        emergency_give_facts(emergency=self._here(), by=cast.duty(), answer="The one from which the message came.")
        yield "the facts", lambda: self._there().status == "answering"
        emergency_act(emergency=self._there(), act="disclose", by=theirs, what="The log-ins since 18:00 UTC.")
        self.say("disclosed within the night")
        yield "the disclosure", lambda: self._here().status == "disclosed"
        chain.outgoing_confirm(
            outgoing=self.out, by=cast.supervisor(), content_hash=self.version().content_hash, rights_screened=True
        )
        self.say("confirmed by the supervisor in the morning")
        yield "the confirmation in writing", lambda: self.into.confirmed_at is not None
        self.start_review(cast)
        yield from self.accept(cast)
        self.carry_out(cast)
        yield from self.result(cast)
        yield from self.ended(cast)

    def _here(self) -> EmergencyOut:
        return EmergencyOut.objects.get(item__outgoing=self.out)

    def _there(self) -> EmergencyIn:
        return EmergencyIn.objects.get(item__incoming=self.into)
