"""Stories that end with evidence: in parts, under conditions, after questions, past a filter and a court."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.demo.case import Wait
from workflows.demo.courses import Record
from workflows.demo.people import Cast
from workflows.demo.stories.base import LOGINS, Story, in_days
from workflows.lifecycle.models import OpenPoint
from workflows.lifecycle.services import conditions, courts
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services.conditions import Offered
from workflows.lifecycle.services.courts import AppliedFor, Challenge
from workflows.lifecycle.services.parts import incoming_transmit_part, outgoing_confirm_part

COURT = "District Court, Chamber 4"


class PartlyWithConditions(Story):
    """The receiver offers conditions, which are accepted; a part leaves first, and one item is done in part only."""

    TITLE = "Account of the customer, in parts and under conditions"

    def told(self, cast: Cast) -> Iterator[Wait]:
        yield from self.examined(cast)
        conditions.incoming_offer_conditions(
            incoming=self.into, by=cast.their_supervisor(), question="The data are given under these conditions.",
            conditions=[
                Offered("speciality", "For these proceedings alone.", article="CETS-185 28(2)(b)"),
                Offered("destruction", "What is not needed is destroyed when the proceedings end.", item="M2"),
            ],
        )  # fmt: skip
        self.say("conditions offered")
        yield "the conditions", lambda: self.asked_here(OpenPoint.Kind.CONDITIONS)
        conditions.outgoing_accept_conditions(outgoing=self.out, by=cast.supervisor())
        self.say("conditions accepted")
        yield "their acceptance", lambda: self.answered_there(OpenPoint.Kind.CONDITIONS)
        yield from self.accept(cast)
        self.carry_out(cast, "M1")
        incoming_transmit_part(incoming=self.into, by=cast.their_registry(), note="The first item.")
        self.say("a part of the result sent")
        yield "the part", lambda: self.out.evidence_set.exists()
        outgoing_confirm_part(outgoing=self.out, by=cast.registry())
        item = self.into.items.get(key="M2")
        why = "Log-ins before 1 March were deleted before the request came."
        inward.incoming_item_decide(item=item, act="execute_partially", by=cast.executing(), reason=why)
        self.evidence(cast, "M2", LOGINS)
        yield from self.result(cast)
        yield from self.ended(cast)


class AskedTwice(Story):
    """Two rounds of questions, one before and one during the execution."""

    TITLE = "Account of the customer, asked for more twice"

    def told(self, cast: Cast) -> Iterator[Wait]:
        yield from self.examined(cast)
        yield from self._asked(cast, 1, "In which time zone are the log-ins of the annex?", "All of them are in UTC.")
        yield from self.accept(cast)
        yield from self._asked(
            cast, 2, "The port of the second log-in is missing: is it known?", "It is 40112; the first is not known."
        )
        self.carry_out(cast)
        yield from self.result(cast)
        yield from self.ended(cast)

    def _asked(self, cast: Cast, round_: int, question: str, answer: str) -> Iterator[Wait]:
        inward.incoming_ask_information(
            incoming=self.into, by=cast.their_desk(), question=question, due=in_days(14 * round_)
        )
        self.say(f"information asked, round {round_}")
        yield "the question", lambda: self.asked_here(OpenPoint.Kind.INFORMATION, round_)
        yield from self.give_information(cast, answer)


class PrivilegeFilter(Story):
    """Letters of a lawyer lie among the files: somebody who did not investigate looks first, and withholds one."""

    TITLE = "Content of the account, with letters of a lawyer in it"
    MAIL = Record("letter-of-a-lawyer.txt", "Advice in a pending case.\n", "Message of a lawyer", "text/plain")

    def told(self, cast: Cast) -> Iterator[Wait]:
        yield from self.executing(cast)
        self.carry_out(cast)
        self.evidence(cast, "M2", self.MAIL)
        courts.incoming_open_filter(
            incoming=self.into,
            by=cast.their_supervisor(),
            kind="legal",
            filtered_by="Filter team of the prosecution office",
        )
        self.say("filter opened: nothing leaves")
        held = self.into.privilegefilter_set.get()
        decided = {file.public_id: "legal" if file.name == self.MAIL.name else "" for file in courts.filter_files(held)}
        courts.incoming_close_filter(
            incoming=self.into, by=cast.their_supervisor(), filter=held.public_id, decided=decided,
            words="One message is privileged.",
        )  # fmt: skip
        self.say("filter closed: one file withheld")
        yield from self.result(cast)
        yield from self.ended(cast)


class CourtChallenge(Story):
    """The provider goes to court against the order; the result waits until the court has decided."""

    TITLE = "Account of the customer, contested in court"

    def told(self, cast: Cast) -> Iterator[Wait]:
        yield from self.executing(cast)
        executing = cast.executing()
        courts.incoming_apply_for_order(
            incoming=self.into, by=executing, order=AppliedFor("production", COURT, in_days(-9), reference="4 Gs 12")
        )
        order = self.into.courtorder_set.get()
        courts.incoming_note_order_granted(
            incoming=self.into, by=executing, order=order.public_id, reference="4 Gs 12", decided_on=in_days(-6)
        )
        self.carry_out(cast)
        courts.incoming_note_challenge(
            incoming=self.into, by=executing,
            challenge=Challenge("provider", "Court of Appeal", in_days(-3), order=order.public_id),
        )  # fmt: skip
        self.say("contested in court: nothing leaves")
        remedy = self.into.remedy_set.get()
        courts.incoming_note_remedy_decided(
            incoming=self.into, by=executing, remedy=remedy.public_id, result="dismissed", decided_on=in_days(0),
            decision="The order holds.",
        )  # fmt: skip
        self.say("the court dismissed it")
        yield from self.result(cast)
        yield from self.ended(cast)
