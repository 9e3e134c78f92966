"""Information that a State gives without being asked: offered with its conditions, accepted or declined, given, used.

UNTOC 18(4) and (5), UNCAC 46(4) and (5), Budapest 26, CETS 182 article 11. Conditions are stated before anything is
given, and bind whoever accepts the information under them. The side that sent the letter gives; the other receives.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self
from uuid import UUID, uuid5

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.actors import Actor
from workflows.drafting.measures import measure_catalogue
from workflows.engine.machine import Doing, Effects, act
from workflows.lifecycle import guards
from workflows.lifecycle import guards_offering as offering
from workflows.lifecycle.models.conditions import Condition, decided
from workflows.lifecycle.models.information import GivenInformation, InformationFollowed, InformationUse
from workflows.lifecycle.models.items import RequestedItem, Stored
from workflows.lifecycle.models.rows import CustodyEntry, Evidence, OpenPoint
from workflows.lifecycle.models.short import ShortMachine

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from workflows.lifecycle.models.incoming import IncomingRequest
    from workflows.lifecycle.models.outgoing import OutgoingRequest


class SpontaneousStatus(models.TextChoices):
    OFFERED = "offered", _("offered")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    SENT = "sent", _("given")
    USED = "used", _("used")
    CLOSED = "closed", _("closed")


S = SpontaneousStatus
#: The kind of a condition, by the answer of the letter; what is not here has the same code in both lists.
KIND_OF = {
    "confidential": "confidentiality",
    "purpose": "speciality",
    "no_evidence": "evidence_after_request",
    "not_onward": "onward_use",
    "source": "source_protection",
}


class Spontaneous(ShortMachine):
    """The course of information offered in one letter, in either side's file."""

    MEASURE = "spontaneous-information"

    status = FSMField(choices=S, default=S.OFFERED, protected=True)
    told_in_letter = models.BooleanField(default=False, help_text="the information itself stands in the letter")
    answer = models.TextField(max_length=20_000, blank=True, help_text="what was said with the acceptance, or why not")
    answered_at = models.DateTimeField(null=True, blank=True)
    given_at = models.DateTimeField(null=True, blank=True, help_text="first")
    nevertheless = models.TextField(max_length=20_000, blank=True, help_text="why it was given although declined")
    closed_why = models.TextField(max_length=20_000, blank=True)

    class Meta:
        abstract = True

    @classmethod
    def begun(cls, item: RequestedItem) -> tuple[Self, Effects]:
        """As `ShortMachine.begun`: with the conditions that the letter states, under the same identity on both sides.

        Information that the letter gives itself, without a condition, has nothing left to wait for.
        """
        answers = answers_of(item)
        conditions = offered_conditions(answers)
        told = answers.get("shared_now") == "given"
        status = S.SENT if told and not conditions else S.OFFERED
        row = cls(item=item, authority_id=item.authority_id, told_in_letter=told, status=status)
        return row, Effects(rows=row._offer(conditions, answers) if conditions else [])

    @property
    def point_id(self) -> UUID:
        """The identity of the offer of conditions; it follows from the letter, so that both sides have the same."""
        return uuid5(self.case.conversation_id, f"{self.item.key} conditions")

    def _offer(self, conditions: dict[str, str], answers: dict[str, Any]) -> list[models.Model]:
        case: Any = self.case
        side = {"authority_id": self.authority_id, case.KIND: case}
        at = case.sent_at if case.KIND == "outgoing" else case.received_at
        words = _text(answers.get("conditions_text"))
        asked = " · ".join(conditions.values())
        by = case.central.name if case.KIND == "outgoing" else case.sender.name
        point = OpenPoint(
            **side, point_id=self.point_id, kind=OpenPoint.Kind.OFFER, question=words or asked, asked_by=by[:200],
            asked_at=at, due=_day(answers.get("conditions_by")),
        )  # fmt: skip
        rows: list[models.Model] = [point]
        for kind, name in conditions.items():
            same = uuid5(self.point_id, kind)
            rows.append(
                Condition(**side, point=point, condition_id=same, kind=kind, text=words or name, item=self.item)
            )
        return rows

    def offer(self) -> OpenPoint | None:
        """Return the offer of conditions, or None where the letter sets none."""
        return OpenPoint.objects.filter(authority=self.authority_id, point_id=self.point_id).first()

    @property
    def reference(self) -> str:
        """Under which reference the information is cited: the giver's."""
        case: Any = self.case
        return str(case.reference if case.KIND == "outgoing" else case.peer_reference)

    # --- for the page ---

    def conditions(self) -> QuerySet[Condition]:
        return Condition.objects.filter(authority=self.authority_id, point__point_id=self.point_id).select_related(
            "point"
        )

    def given(self) -> QuerySet[GivenInformation]:
        return GivenInformation.objects.filter(item=self.item_id).prefetch_related("files")

    def uses(self) -> QuerySet[InformationUse]:
        return InformationUse.objects.filter(item=self.item_id)

    def followed(self) -> QuerySet[InformationFollowed]:
        found = InformationFollowed.objects.filter(item=self.item_id)
        return found.select_related("outgoing__letter", "incoming").order_by("id")

    # --- what both sides write ---

    def _answer(self, doing: Doing, choice: str, answer: str) -> list[models.Model]:
        self.answer, self.answered_at = answer, doing.at
        point = self.offer()
        return [decided(point, doing, choice, answer)] if point is not None else []

    def _row(self, doing: Doing) -> dict[str, Any]:
        return {"authority_id": self.authority_id, "item": self.item, "by": doing.by.label, "at": doing.at}

    def _giving(
        self, doing: Doing, words: str, files: list[Evidence], information_id: UUID | None, steps: tuple[str, ...]
    ) -> list[models.Model]:
        self.given_at = self.given_at or doing.at
        same = {"information_id": information_id} if information_id else {}
        given = GivenInformation(**self._row(doing), words=words, **same)
        rows: list[models.Model] = [given]
        for file in files:
            file.given = given
            rows.append(file)
            rows += [
                CustodyEntry(evidence=file, step=step, by=doing.by.label, at=doing.at, sha256=file.sha256)
                for step in steps
            ]
        return rows

    def _use(self, doing: Doing, kind: str, on: dt.date, words: str, exculpatory: bool, use_id: Any) -> InformationUse:
        same = {"use_id": use_id} if use_id else {}
        return InformationUse(
            **self._row(doing), kind=kind, on=on, words=words, exculpatory=exculpatory, **same
        )  # fmt: skip

    def _close(self, reason: str) -> Effects:
        self.closed_why = reason
        return Effects(reason=reason)


class SpontaneousOut(Spontaneous):
    """Information that we offer: the other State answers our conditions, we give it, and it tells what it did with it."""

    KIND = "spontaneous_out"
    SIDE: ClassVar[Literal["outgoing", "incoming"]] = "outgoing"

    class Meta:
        verbose_name = _("information we offer")
        constraints = [models.CheckConstraint(condition=Q(status__in=S.values), name="lifecycle_spontaneous_out")]

    def may_note_acceptance(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_acceptance")

    @act(
        label=_("They accept the information"),
        source=[S.OFFERED],
        target=S.ACCEPTED,
        permission=may_note_acceptance,
        conditions=[offering.proof_of_theirs],
    )
    def note_acceptance(self, doing: Doing, *, answer: str = "", proof: Stored = None) -> Effects:
        changed = self._answer(doing, OpenPoint.Choice.ACCEPTED, answer)
        return Effects(rows=self.proof_rows(doing, proof), changed=changed)

    def may_note_decline(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_decline")

    @act(
        label=_("They decline the information"),
        source=[S.OFFERED],
        target=S.DECLINED,
        permission=may_note_decline,
        conditions=[offering.proof_of_theirs, guards.needs("reason")],
    )
    def note_decline(self, doing: Doing, *, reason: str, proof: Stored = None) -> Effects:
        changed = self._answer(doing, OpenPoint.Choice.DECLINED, reason)
        return Effects(rows=self.proof_rows(doing, proof), changed=changed, reason=reason)

    def may_give(self, actor: Actor) -> bool:
        return self.ours(actor, "give")

    @act(
        label=_("Give the information"),
        source=[S.OFFERED, S.ACCEPTED, S.DECLINED, S.SENT],
        target=S.SENT,
        permission=may_give,
        conditions=[offering.conditions_are_answered, offering.given_although_declined, offering.something_is_given],
    )
    def give(
        self, doing: Doing, *, information_id: UUID, words: str = "", files: list[Evidence], reason: str = ""
    ) -> Effects:
        """Conditions that were declined do not bind: the giver decides whether it gives nevertheless (Budapest 26(2))."""
        self.nevertheless = self.nevertheless or reason
        steps = (CustodyEntry.Step.ADDED, CustodyEntry.Step.SENT)
        rows = self._giving(doing, words, files, information_id, steps)
        events = [("spontaneous_out.given", {"information": str(information_id)})]
        return Effects(rows=rows, events=events, detail={"sha256": [file.sha256 for file in files]}, reason=reason)

    def may_note_use(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_use")

    @act(
        label=_("They used the information"),
        source=[S.ACCEPTED, S.SENT, S.USED],
        target=S.USED,
        permission=may_note_use,
        conditions=[
            offering.proof_of_theirs,
            offering.information_is_there,
            guards.needs("kind", "on"),
            offering.use_has_been_or_is_told_before,
        ],
    )
    def note_use(
        self,
        doing: Doing,
        *,
        kind: str,
        on: dt.date,
        words: str = "",
        exculpatory: bool = False,
        use_id: UUID | None = None,
        proof: Stored = None,
    ) -> Effects:
        use = self._use(doing, kind, on, words, exculpatory, use_id)
        return Effects(rows=[use, *self.proof_rows(doing, proof)], reason_code=kind)

    def may_note_request(self, actor: Actor) -> bool:
        return self.ours(actor, "note_request")

    @act(
        label=_("A request of theirs followed"),
        source=[S.ACCEPTED, S.SENT, S.USED],
        target=None,
        permission=may_note_request,
        conditions=[guards.needs("reference"), offering.not_noted_before],
    )
    def note_request(self, doing: Doing, *, reference: str, incoming: IncomingRequest | None = None) -> Effects:
        row = InformationFollowed(**self._row(doing), reference=reference, incoming=incoming)
        return Effects(rows=[row], detail={"reference": reference})

    def may_close(self, actor: Actor) -> bool:
        return self.ours(actor, "close")

    @act(
        label=_("Close the information"),
        source=[S.OFFERED, S.ACCEPTED, S.DECLINED, S.SENT, S.USED],
        target=S.CLOSED,
        permission=may_close,
        conditions=[offering.closed_with_a_reason],
    )
    def close(self, doing: Doing, *, reason: str = "") -> Effects:
        return self._close(reason)


class SpontaneousIn(Spontaneous):
    """Information that is offered to us: we accept or decline, take it in, and tell what we did with it."""

    KIND = "spontaneous_in"
    SIDE: ClassVar[Literal["outgoing", "incoming"]] = "incoming"

    class Meta:
        verbose_name = _("information offered to us")
        constraints = [models.CheckConstraint(condition=Q(status__in=S.values), name="lifecycle_spontaneous_in")]

    def may_accept(self, actor: Actor) -> bool:
        return self.ours(actor, "accept")

    @act(
        label=_("Accept the information"),
        source=[S.OFFERED],
        target=S.ACCEPTED,
        permission=may_accept,
    )
    def accept(self, doing: Doing, *, answer: str = "") -> Effects:
        """The conditions bind from now on (Budapest 26(2), last sentence)."""
        changed = self._answer(doing, OpenPoint.Choice.ACCEPTED, answer)
        return Effects(changed=changed, events=[("spontaneous_in.accepted", {})])

    def may_decline(self, actor: Actor) -> bool:
        return self.ours(actor, "decline")

    @act(
        label=_("Decline the information"),
        source=[S.OFFERED],
        target=S.DECLINED,
        permission=may_decline,
        conditions=[guards.needs("reason")],
    )
    def decline(self, doing: Doing, *, reason: str) -> Effects:
        changed = self._answer(doing, OpenPoint.Choice.DECLINED, reason)
        return Effects(changed=changed, events=[("spontaneous_in.declined", {})], reason=reason)

    def may_note_information(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_information")

    @act(
        label=_("Take the information into the file"),
        source=[S.OFFERED, S.ACCEPTED, S.DECLINED, S.SENT],
        target=S.SENT,
        permission=may_note_information,
        conditions=[offering.conditions_are_answered, offering.something_is_given],
    )
    def note_information(
        self, doing: Doing, *, words: str = "", files: list[Evidence], information_id: UUID | None = None
    ) -> Effects:
        rows = self._giving(doing, words, files, information_id, (CustodyEntry.Step.RECEIVED,))
        return Effects(rows=rows, detail={"sha256": [file.sha256 for file in files]})

    def may_use(self, actor: Actor) -> bool:
        return self.ours(actor, "use")

    @act(
        label=_("Tell what was done with the information"),
        source=[S.ACCEPTED, S.SENT, S.USED],
        target=S.USED,
        permission=may_use,
        conditions=[
            offering.information_is_there,
            guards.needs("on"),
            offering.use_is_known,
            offering.use_has_been_or_is_told_before,
        ],
    )
    def use(
        self, doing: Doing, *, kind: str, on: dt.date, words: str = "", exculpatory: bool = False, use_id: UUID
    ) -> Effects:
        """Before what speaks for an accused person is disclosed, the giver is told (UNTOC 18(5), UNCAC 46(5))."""
        use = self._use(doing, kind, on, words, exculpatory, use_id)
        return Effects(rows=[use], events=[("spontaneous_in.used", {"use": str(use_id)})], reason_code=kind)

    def may_follow(self, actor: Actor) -> bool:
        return self.ours(actor, "follow")

    @act(
        label=_("Begin the request that follows the information"),
        source=[S.ACCEPTED, S.SENT, S.USED],
        target=None,
        permission=may_follow,
        conditions=[offering.information_is_there],
    )
    def follow(self, doing: Doing, *, outgoing: OutgoingRequest) -> Effects:
        """Nobody outside is told of a draft: the request itself cites the information."""
        row = InformationFollowed(**self._row(doing), outgoing=outgoing)
        return Effects(rows=[row], detail={"request": str(outgoing.public_id)})

    def may_close(self, actor: Actor) -> bool:
        return self.ours(actor, "close")

    @act(
        label=_("Close the information"),
        source=[S.OFFERED, S.ACCEPTED, S.DECLINED, S.SENT, S.USED],
        target=S.CLOSED,
        permission=may_close,
        conditions=[offering.closed_with_a_reason],
    )
    def close(self, doing: Doing, *, reason: str = "") -> Effects:
        return self._close(reason)


# --- what the letter says; a letter from outside may lack anything ---


def answers_of(item: RequestedItem) -> dict[str, Any]:
    """Return the answers of one item in the letter of its case, as plain values."""
    case: Any = item.case
    version = None if case.KIND == "incoming" else case.approved_version
    content = case.content if case.KIND == "incoming" else version.content if version else {}
    items = content.get("items") if isinstance(content, dict) else None
    found = next(
        (one for one in items if isinstance(one, dict) and one.get("id") == item.key), {}
    ) if isinstance(items, list) else {}  # fmt: skip
    answers = found.get("answers")
    return answers if isinstance(answers, dict) else {}


def offered_conditions(answers: dict[str, Any]) -> dict[str, str]:
    """Return the kinds of the conditions that a letter sets, each with the words of its choice."""
    given = answers.get("conditions")
    chosen = [one for one in given if isinstance(one, str) and one != "none"] if isinstance(given, list) else []
    measure = measure_catalogue().get(Spontaneous.MEASURE)
    question = measure.question("conditions") if measure else None
    names = {choice.value: choice.label for choice in question.choices} if question else {}
    return {KIND_OF.get(one, one)[:40]: names.get(one, one) for one in chosen}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _day(value: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
