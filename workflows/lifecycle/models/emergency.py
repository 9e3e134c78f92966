"""An emergency disclosure after its letter has left: data given within hours, and what follows in writing.

Second Additional Protocol to the Budapest Convention (CETS 224), articles 9 and 10. The letter, the test of the danger
and the sending on one pair of eyes are acts of the request (docs/adr/0006-emergencies.md).
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Literal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.ids import uuid7
from mla.core.languages import house_words
from mla.reference.emergency import emergency_codes
from workflows.engine.machine import Doing, Effects, act
from workflows.lifecycle import guards
from workflows.lifecycle import guards_short as short
from workflows.lifecycle.models.short import ShortMachine

Proven = dict[str, Any] | None


class OutStatus(models.TextChoices):
    SENT = "sent", _("sent, no answer yet")
    MORE_FACTS = "more_facts", _("more facts are asked")
    DISCLOSED = "disclosed", _("disclosed")
    DECLINED = "declined", _("declined")
    WRITTEN_FOLLOWUP_DUE = "written_followup_due", _("a request in writing is due")
    REGULARISED = "regularised", _("regularised")
    CLOSED = "closed", _("closed")


class InStatus(models.TextChoices):
    RECEIVED = "received", _("received, nobody has taken it up")
    ANSWERING = "answering", _("being answered")
    MORE_FACTS = "more_facts", _("more facts are asked")
    DISCLOSED = "disclosed", _("disclosed")
    DECLINED = "declined", _("declined")
    FOLLOWUP_AWAITED = "followup_awaited", _("a request in writing is awaited")
    REGULARISED = "regularised", _("regularised")
    CLOSED = "closed", _("closed")


class FactsAsked(models.Model):
    """A question on the facts of an emergency, and its answer; of an item of either side."""

    item = models.ForeignKey("lifecycle.RequestedItem", on_delete=models.PROTECT, related_name="+")
    point_id = models.UUIDField(default=uuid7, help_text="the same on both sides")
    question = models.TextField(max_length=20_000, blank=True, help_text="empty: facts that nobody asked for")
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    answer = models.TextField(max_length=20_000, blank=True)
    answered_by = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "facts asked"
        constraints = [models.UniqueConstraint(fields=["item", "point_id"], name="lifecycle_facts_once")]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.point_id}"

    def answered(self, doing: Doing, answer: str) -> FactsAsked:
        self.answer, self.answered_by, self.answered_at = answer, doing.by.label, doing.at
        return self


class EmergencyMachine(ShortMachine):
    """What both sides have of it. Instants are UTC; days are those that were said."""

    MEASURE = "emergency-disclosure"

    taken_up_at = models.DateTimeField(null=True, blank=True, help_text="when somebody over there began with it")
    facts_asked_at = models.DateTimeField(null=True, blank=True, help_text="of the question that is open")
    disclosed = models.TextField(max_length=20_000, blank=True, help_text="what was disclosed, and to whom")
    disclosed_at = models.DateTimeField(null=True, blank=True)
    ground = models.CharField(max_length=60, blank=True, help_text="code of emergency.toml, or as it came")
    article = models.CharField(max_length=120, blank=True)
    reason = models.TextField(max_length=20_000, blank=True, help_text="why it was declined")
    declined_at = models.DateTimeField(null=True, blank=True)
    followup_why = models.CharField(max_length=60, blank=True, help_text="code of emergency.toml, or as it came")
    followup_due = models.DateField(null=True, blank=True)
    followup_words = models.TextField(max_length=20_000, blank=True)
    followup_asked = models.BooleanField(default=False, help_text="the State that disclosed asked for it")
    followup_since = models.DateTimeField(null=True, blank=True)
    regularised_on = models.DateField(null=True, blank=True)
    regularised_by = models.CharField(max_length=120, blank=True, help_text="reference of the request that followed")
    regularised_words = models.TextField(max_length=20_000, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def started_at(self) -> dt.datetime:
        """Return when its minutes began to count: when the request was sent, or received."""
        outgoing, incoming = self.item.outgoing, self.item.incoming
        begun = outgoing.sent_at if outgoing is not None else incoming.received_at if incoming is not None else None
        return begun or self.created_at

    @property
    def answered_at(self) -> dt.datetime | None:
        """Return when the minutes stopped: with the disclosure, or with the word that there is none."""
        if self.status in ("sent", "received", "answering", "more_facts"):  # type: ignore[attr-defined]
            return None
        return self.disclosed_at or self.declined_at

    @property
    def running(self) -> bool:
        return self.answered_at is None and self.status != "closed"  # type: ignore[attr-defined]

    @property
    def took(self) -> dt.timedelta:
        """Return how long it has taken so far, or took until the answer. Computed, never stored."""
        return max((self.answered_at or self.closed_at or clock.now()) - self.started_at, dt.timedelta())

    @property
    def facts(self) -> list[FactsAsked]:
        return list(FactsAsked.objects.filter(item=self.item_id).order_by("id"))

    @property
    def ground_words(self) -> str:
        return _words("decline", self.ground)

    @property
    def followup_why_words(self) -> str:
        return _words("followup", self.followup_why)

    def _asked(self, doing: Doing, question: str, point_id: Any) -> FactsAsked:
        self.facts_asked_at = doing.at
        return FactsAsked(
            item=self.item, point_id=point_id, question=question, asked_by=doing.by.label, asked_at=doing.at
        )

    def _disclosed(self, doing: Doing, what: str, at: Any) -> None:
        self.disclosed, self.disclosed_at = what, at or doing.at
        self.taken_up_at = self.taken_up_at or self.disclosed_at
        self.facts_asked_at = None

    def _declined(self, doing: Doing, ground: str, article: str, reason: str, at: Any) -> None:
        self.ground, self.article, self.reason, self.declined_at = ground, article, reason, at or doing.at
        self.taken_up_at = self.taken_up_at or self.declined_at
        self.facts_asked_at = None

    def _follows(self, doing: Doing, why: str, due: Any, words: str, *, asked: bool) -> None:
        self.followup_why, self.followup_due, self.followup_words = why, due, words
        self.followup_asked, self.followup_since = asked, doing.at

    def _regularised(self, on: Any, reference: str, words: str) -> None:
        self.regularised_on, self.regularised_by, self.regularised_words = on, reference, words


def _decline_codes() -> Any:
    return emergency_codes("decline")


def _followup_codes() -> Any:
    return emergency_codes("followup")


def _words(table: str, code: str) -> str:
    known = emergency_codes(table).get(code)
    return house_words(known.name) if known else code


_FOLLOWUP = [short.code_known("why", _followup_codes), guards.needs("due"), short.day_is_not_past("due")]
_DECLINED = [guards.needs("ground", "reason"), short.code_known("ground", _decline_codes)]


class EmergencyOut(EmergencyMachine):
    """In the requesting side's file: what the other State said, and what we owe afterwards."""

    KIND = "emergency_out"
    SIDE: ClassVar[Literal["outgoing", "incoming"]] = "outgoing"

    status = FSMField(choices=OutStatus, default=OutStatus.SENT, protected=True)
    follow_up = models.ForeignKey(
        "lifecycle.OutgoingRequest", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        verbose_name = _("emergency disclosure")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=OutStatus.values), name="lifecycle_emergency_out_status"),
            models.CheckConstraint(
                condition=~Q(status=OutStatus.WRITTEN_FOLLOWUP_DUE) | Q(followup_due__isnull=False),
                name="lifecycle_emergency_out_due",
            ),
        ]

    def may_note_taken_up(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_taken_up")

    @act(
        label=_("Record that the other State has taken it up"),
        source=[OutStatus.SENT],
        target=None,
        permission=may_note_taken_up,
        conditions=[short.hour_is_not_ahead("at"), short.row_proof_when_recorded_by_hand],
    )
    def note_taken_up(self, doing: Doing, *, at: Any = None, proof: Proven = None) -> Effects:
        self.taken_up_at = at or doing.at
        return Effects(rows=self.proof_rows(doing, proof))

    def may_note_more_facts(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_more_facts")

    @act(
        label=_("Record that more facts are asked"),
        source=[OutStatus.SENT],
        target=OutStatus.MORE_FACTS,
        permission=may_note_more_facts,
        conditions=[guards.needs("question"), short.row_proof_when_recorded_by_hand],
    )
    def note_more_facts(self, doing: Doing, *, question: str, point_id: Any, proof: Proven = None) -> Effects:
        self.taken_up_at = self.taken_up_at or doing.at
        rows = [self._asked(doing, question, point_id), *self.proof_rows(doing, proof)]
        return Effects(rows=rows, detail={"point": str(point_id)})

    def may_give_facts(self, actor: Actor) -> bool:
        return self.ours(actor, "give_facts")

    @act(
        label=_("Give more facts"),
        source=[OutStatus.MORE_FACTS, OutStatus.DECLINED],
        target=OutStatus.SENT,
        permission=may_give_facts,
        conditions=[guards.needs("answer")],
    )
    def give_facts(self, doing: Doing, *, answer: str, asked: FactsAsked) -> Effects:
        """`asked`: the question that is open, or a new row where nothing was asked: facts after a refusal."""
        self.facts_asked_at = None
        told = asked.answered(doing, answer)
        events = [("emergency_out.facts_given", {"point": str(told.point_id)})]
        detail = {"point": str(told.point_id)}
        return Effects(**{"changed" if told.pk else "rows": [told]}, events=events, detail=detail)  # type: ignore[arg-type]

    def may_note_disclosed(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_disclosed")

    @act(
        label=_("Record the disclosure"),
        source=[OutStatus.SENT, OutStatus.MORE_FACTS, OutStatus.DECLINED],
        target=OutStatus.DISCLOSED,
        permission=may_note_disclosed,
        conditions=[guards.needs("what"), short.hour_is_not_ahead("at"), short.row_proof_when_recorded_by_hand],
    )
    def note_disclosed(self, doing: Doing, *, what: str, at: Any = None, proof: Proven = None) -> Effects:
        self._disclosed(doing, what, at)
        return Effects(rows=self.proof_rows(doing, proof))

    def may_note_declined(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_declined")

    @act(
        label=_("Record that the disclosure is declined"),
        source=[OutStatus.SENT, OutStatus.MORE_FACTS, OutStatus.DECLINED],
        target=OutStatus.DECLINED,
        permission=may_note_declined,
        conditions=[*_DECLINED, short.hour_is_not_ahead("at"), short.row_proof_when_recorded_by_hand],
    )
    def note_declined(
        self, doing: Doing, *, ground: str, reason: str, article: str = "", at: Any = None, proof: Proven = None
    ) -> Effects:
        self._declined(doing, ground, article, reason, at)
        return Effects(rows=self.proof_rows(doing, proof), reason_code=ground, article=article)

    def may_note_followup_asked(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_followup_asked")

    @act(
        label=_("Record that a request in writing is asked for"),
        source=[OutStatus.DISCLOSED, OutStatus.WRITTEN_FOLLOWUP_DUE],
        target=OutStatus.WRITTEN_FOLLOWUP_DUE,
        permission=may_note_followup_asked,
        conditions=[*_FOLLOWUP, short.row_proof_when_recorded_by_hand],
    )
    def note_followup_asked(
        self, doing: Doing, *, why: str, due: Any, words: str = "", proof: Proven = None
    ) -> Effects:
        self._follows(doing, why, due, words, asked=True)
        return Effects(rows=self.proof_rows(doing, proof), reason_code=why, detail={"due": due.isoformat()})

    def may_expect_followup(self, actor: Actor) -> bool:
        return self.ours(actor, "expect_followup")

    @act(
        label=_("Note that a request in writing has to follow"),
        source=[OutStatus.DISCLOSED, OutStatus.WRITTEN_FOLLOWUP_DUE],
        target=OutStatus.WRITTEN_FOLLOWUP_DUE,
        permission=may_expect_followup,
        conditions=_FOLLOWUP,
    )
    def expect_followup(self, doing: Doing, *, why: str, due: Any, words: str = "") -> Effects:
        """Of our own knowledge: the other State declared that it requires one, or we promised it. Told to nobody."""
        self._follows(doing, why, due, words, asked=False)
        return Effects(reason_code=why, detail={"due": due.isoformat()})

    def may_regularise(self, actor: Actor) -> bool:
        return self.ours(actor, "regularise")

    @act(
        label=_("Regularise the disclosure"),
        source=[OutStatus.DISCLOSED, OutStatus.WRITTEN_FOLLOWUP_DUE],
        target=OutStatus.REGULARISED,
        permission=may_regularise,
        conditions=[guards.needs("on"), short.day_is_not_ahead("on"), short.followup_is_told],
    )
    def regularise(
        self, doing: Doing, *, on: Any, reference: str = "", words: str = "", follow_up: Any = None
    ) -> Effects:
        """`follow_up`: our file of the request that followed. `reference`: ours of it, which the other State reads."""
        self._regularised(on, reference, words)
        self.follow_up = follow_up
        return Effects(detail={"reference": reference}, events=[("emergency_out.regularised", {})])

    def may_close(self, actor: Actor) -> bool:
        return self.ours(actor, "close")

    @act(
        label=_("Close the emergency"),
        source=[status for status in OutStatus if status != "closed"],
        target=OutStatus.CLOSED,
        permission=may_close,
        conditions=[short.reason_unless_ended("disclosed", "declined", "regularised")],
    )
    def close(self, doing: Doing, *, reason: str = "") -> Effects:
        self.closed_at = doing.at
        return Effects(reason=reason)


class EmergencyIn(EmergencyMachine):
    """In the requested side's file: its duty officer answers, and awaits what follows in writing."""

    KIND = "emergency_in"
    SIDE: ClassVar[Literal["outgoing", "incoming"]] = "incoming"

    status = FSMField(choices=InStatus, default=InStatus.RECEIVED, protected=True)
    follow_up = models.ForeignKey(
        "lifecycle.IncomingRequest", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        verbose_name = _("emergency disclosure")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=InStatus.values), name="lifecycle_emergency_in_status"),
            models.CheckConstraint(
                condition=~Q(status=InStatus.FOLLOWUP_AWAITED) | Q(followup_due__isnull=False),
                name="lifecycle_emergency_in_due",
            ),
        ]

    def may_take_up(self, actor: Actor) -> bool:
        return self.ours(actor, "take_up")

    @act(
        label=_("Take the emergency up"),
        source=[InStatus.RECEIVED],
        target=InStatus.ANSWERING,
        permission=may_take_up,
    )
    def take_up(self, doing: Doing) -> Effects:
        self.taken_up_at = doing.at
        return Effects(events=[("emergency_in.taken_up", {})])

    def may_ask_facts(self, actor: Actor) -> bool:
        return self.ours(actor, "ask_facts")

    @act(
        label=_("Ask for more facts"),
        source=[InStatus.ANSWERING],
        target=InStatus.MORE_FACTS,
        permission=may_ask_facts,
        conditions=[guards.needs("question")],
    )
    def ask_facts(self, doing: Doing, *, question: str, point_id: Any) -> Effects:
        row = self._asked(doing, question, point_id)
        told = {"point": str(point_id)}
        return Effects(rows=[row], detail=told, events=[("emergency_in.facts_asked", told)])

    def may_receive_facts(self, actor: Actor) -> bool:
        return self.theirs(actor, "receive_facts")

    @act(
        label=_("Take the facts into the file"),
        source=[InStatus.MORE_FACTS, InStatus.DECLINED],
        target=InStatus.ANSWERING,
        permission=may_receive_facts,
        conditions=[guards.needs("answer")],
    )
    def receive_facts(self, doing: Doing, *, answer: str, asked: FactsAsked) -> Effects:
        """Facts that come after a refusal open it again: whether it stands is to be said anew."""
        self.facts_asked_at = None
        told = asked.answered(doing, answer)
        detail = {"point": str(told.point_id)}
        return Effects(**{"changed" if told.pk else "rows": [told]}, detail=detail)  # type: ignore[arg-type]

    def may_disclose(self, actor: Actor) -> bool:
        return self.ours(actor, "disclose")

    @act(
        label=_("Disclose"),
        source=[InStatus.RECEIVED, InStatus.ANSWERING, InStatus.MORE_FACTS],
        target=InStatus.DISCLOSED,
        permission=may_disclose,
        conditions=[guards.needs("what"), short.hour_is_not_ahead("at")],
    )
    def disclose(self, doing: Doing, *, what: str, at: Any = None) -> Effects:
        """`at` (aware): when the data were given, where that was before now."""
        self._disclosed(doing, what, at)
        return Effects(events=[("emergency_in.disclosed", {})])

    def may_decline(self, actor: Actor) -> bool:
        return self.ours(actor, "decline")

    @act(
        label=_("Decline the disclosure"),
        source=[InStatus.RECEIVED, InStatus.ANSWERING, InStatus.MORE_FACTS],
        target=InStatus.DECLINED,
        permission=may_decline,
        conditions=_DECLINED,
    )
    def decline(self, doing: Doing, *, ground: str, reason: str, article: str = "") -> Effects:
        self._declined(doing, ground, article, reason, None)
        return Effects(
            reason_code=ground, article=article, reason=reason, events=[("emergency_in.declined", {})]
        )  # fmt: skip

    def may_ask_followup(self, actor: Actor) -> bool:
        return self.ours(actor, "ask_followup")

    @act(
        label=_("Ask for a request in writing"),
        source=[InStatus.DISCLOSED, InStatus.FOLLOWUP_AWAITED],
        target=InStatus.FOLLOWUP_AWAITED,
        permission=may_ask_followup,
        conditions=_FOLLOWUP,
    )
    def ask_followup(self, doing: Doing, *, why: str, due: Any, words: str = "") -> Effects:
        self._follows(doing, why, due, words, asked=True)
        detail = {"due": due.isoformat()}
        return Effects(reason_code=why, detail=detail, events=[("emergency_in.followup_asked", {})])

    def may_await_followup(self, actor: Actor) -> bool:
        return self.ours(actor, "await_followup")

    @act(
        label=_("Note that a request in writing is awaited"),
        source=[InStatus.DISCLOSED],
        target=InStatus.FOLLOWUP_AWAITED,
        permission=may_await_followup,
        conditions=_FOLLOWUP,
    )
    def await_followup(self, doing: Doing, *, why: str, due: Any, words: str = "") -> Effects:
        """Without asking for it: the sender promised it, or knows from our declaration. Told to nobody."""
        self._follows(doing, why, due, words, asked=False)
        return Effects(reason_code=why, detail={"due": due.isoformat()})

    def may_note_regularised(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_regularised")

    @act(
        label=_("Record what regularises the disclosure"),
        source=[InStatus.DISCLOSED, InStatus.FOLLOWUP_AWAITED],
        target=InStatus.REGULARISED,
        permission=may_note_regularised,
        conditions=[guards.needs("on"), short.day_is_not_ahead("on"), short.followup_is_told],
    )
    def note_regularised(
        self, doing: Doing, *, on: Any, reference: str = "", words: str = "", follow_up: Any = None
    ) -> Effects:
        """`reference`: the sender's, of the request that followed. `follow_up`: our file of it, where it is here."""
        self._regularised(on, reference, words)
        self.follow_up = follow_up
        return Effects(detail={"reference": reference})

    def may_close(self, actor: Actor) -> bool:
        return self.ours(actor, "close")

    @act(
        label=_("Close the emergency"),
        source=[status for status in InStatus if status != "closed"],
        target=InStatus.CLOSED,
        permission=may_close,
        conditions=[short.reason_unless_ended("disclosed", "declined", "regularised")],
    )
    def close(self, doing: Doing, *, reason: str = "") -> Effects:
        self.closed_at = doing.at
        return Effects(reason=reason)
