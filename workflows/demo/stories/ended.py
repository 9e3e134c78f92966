"""Stories that end without what was asked: refused after a consultation, or withdrawn while it was carried out."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.demo.case import Wait
from workflows.demo.people import Cast
from workflows.demo.stories.base import Story, in_days
from workflows.lifecycle.models import OpenPoint
from workflows.lifecycle.services import consulting
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.consulting import Consultation

GROUND, ARTICLE = "essential_interests", "CETS-185 27(4)(b)"


class RefusedAfterConsultation(Story):
    """Before it refuses, the receiver consults (Budapest 27(6)); the answer does not help."""

    TITLE = "Account of an official, refused after a consultation"

    def told(self, cast: Cast) -> Iterator[Wait]:
        yield from self.examined(cast)
        about = Consultation(
            "refusal", "The account is used for official business. Can the request be limited to private messages?",
            due=in_days(30), ground=GROUND, article=ARTICLE,
        )  # fmt: skip
        consulting.incoming_consult(incoming=self.into, by=cast.their_supervisor(), about=about)
        self.say("consulted before a refusal")
        yield "the consultation", lambda: self.asked_here(OpenPoint.Kind.REFUSAL)
        consulting.outgoing_answer_consultation(
            outgoing=self.out, by=cast.supervisor(), answer="Private messages cannot be told apart beforehand."
        )
        self.say("consultation answered")
        yield "the answer", lambda: self.answered_there(OpenPoint.Kind.REFUSAL)
        inward.incoming_refuse(
            incoming=self.into, by=cast.their_supervisor(), decided_by="the minister", consulted=True,
            ground=GROUND, article=ARTICLE, reason="The account holds matters of State.",
        )  # fmt: skip
        self.say("refused with ground and reasons")
        yield "the refusal", lambda: self.out.status == "concluded"
        yield from self.ended(cast)


class WithdrawnWhileExecuting(Story):
    """The data came from elsewhere; the receiver says what it had done, and both close."""

    TITLE = "Account of the customer, no longer needed"

    def told(self, cast: Cast) -> Iterator[Wait]:
        yield from self.executing(cast)
        course.outgoing_withdraw(
            outgoing=self.out, by=cast.supervisor(), reason="The customer handed the data over.",
            outcome="obtained_otherwise",
        )  # fmt: skip
        self.say("withdrawn with reasons")
        yield "the withdrawal", lambda: self.into.desired == "withdraw"
        inward.incoming_confirm_withdrawal(
            incoming=self.into, by=cast.their_registry(), done="The provider was asked; its answer goes back unopened."
        )
        self.say("withdrawal confirmed")
        yield "its confirmation", lambda: self.out.status == "concluded"
        yield from self.ended(cast)
