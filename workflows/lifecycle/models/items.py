"""One measure asked for, with a life of its own, in either side's file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from workflows.engine.machine import Doing, Effects, act
from workflows.engine.models import CaseRow
from workflows.lifecycle import guards
from workflows.lifecycle import guards_consulting as consulting
from workflows.lifecycle import guards_courts as courts
from workflows.lifecycle.models.rows import ONE_SIDE, Preservation, RecordedProof
from workflows.lifecycle.outcomes import ItemStatus as S

if TYPE_CHECKING:
    from workflows.lifecycle.models.incoming import IncomingRequest
    from workflows.lifecycle.models.outgoing import OutgoingRequest

#: A proof whose bytes are in the storage: name, media_type, size, sha256, note. Of one that an act on the whole
#: request keeps, the sha256 alone.
Stored = dict[str, Any] | None


class RequestedItem(CaseRow):
    """An item of a request. In the receiver's file its own officers decide; in ours the receiver's word does."""

    KIND = "item"
    CAPABILITY_KINDS = ("item_out", "item_in")

    status = FSMField(choices=S, default=S.REQUESTED, protected=True)
    outgoing = models.ForeignKey(
        "lifecycle.OutgoingRequest", null=True, blank=True, on_delete=models.PROTECT, related_name="items"
    )
    incoming = models.ForeignKey(
        "lifecycle.IncomingRequest", null=True, blank=True, on_delete=models.PROTECT, related_name="items"
    )
    key = models.CharField(max_length=8, help_text="its identifier in the letter, such as M1")
    measure = models.CharField(max_length=60)
    ground = models.CharField(
        max_length=60, blank=True, help_text="coded: of a refusal or postponement, or why there is no result"
    )
    article = models.CharField(max_length=120, blank=True)
    reason = models.TextField(max_length=20_000, blank=True)
    until = models.DateField(null=True, blank=True, help_text="of a postponement: own review date")
    until_event = models.CharField(max_length=300, blank=True, help_text="of a postponement: what it waits for")
    decided_at = models.DateTimeField(null=True, blank=True)
    taken_back_at = models.DateTimeField(null=True, blank=True, help_text="when an execution fell with its order")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=S.values), name="lifecycle_item_status"),
            models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_item_one_side"),
            models.UniqueConstraint(fields=["outgoing", "key"], name="lifecycle_item_once_out"),
            models.UniqueConstraint(fields=["incoming", "key"], name="lifecycle_item_once_in"),
            models.CheckConstraint(
                condition=~Q(status__in=[S.REFUSED, S.POSTPONED, S.IMPOSSIBLE]) | ~Q(ground=""),
                name="lifecycle_item_ground",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.measure}: {self.status}"

    @property
    def case(self) -> OutgoingRequest | IncomingRequest:
        case = self.outgoing or self.incoming
        assert case is not None
        return case

    def lock_first(self) -> list[CaseRow]:
        return [self.case]

    def _may(self, actor: Actor, act_name: str) -> bool:
        """In the receiver's file its officers; in ours the addressee by message, or our registry."""
        if self.outgoing is not None:
            ours = actor.kind == "user" and actor.authority_id == self.outgoing.authority_id
            theirs = actor.kind == "peer" and actor.authority_id == self.outgoing.addressee_id
            return (ours or theirs) and holds(actor, f"item_out.{act_name}")
        return self.incoming is not None and self.incoming.at_work(actor, self) and holds(actor, f"item_in.{act_name}")

    def may_accept(self, actor: Actor) -> bool:
        return self._may(actor, "accept")

    @act(
        label=_("Accept this item"),
        source=[S.REQUESTED],
        target=S.ACCEPTED,
        permission=may_accept,
        conditions=[
            guards.item_is_open,
            guards.item_proof_when_recorded_by_hand,
            consulting.item_confidentiality_is_settled,
        ],
    )
    def accept(self, doing: Doing, *, proof: Stored = None) -> Effects:
        self.decided_at = doing.at
        return Effects(rows=self._proof(doing, proof))

    def may_postpone(self, actor: Actor) -> bool:
        return self._may(actor, "postpone")

    @act(
        label=_("Postpone this item"),
        source=[S.REQUESTED, S.ACCEPTED],
        target=S.POSTPONED,
        permission=may_postpone,
        conditions=[
            guards.item_is_open,
            guards.item_proof_when_recorded_by_hand,
            guards.needs("ground"),
            consulting.until_or_event,
        ],
    )
    def postpone(
        self,
        doing: Doing,
        *,
        ground: str,
        until: Any = None,
        until_event: str = "",
        article: str = "",
        reason: str = "",
        proof: Stored = None,
    ) -> Effects:
        effects = self._decide(doing, ground=ground, article=article, reason=reason, until=until, proof=proof)
        self.until_event = until_event
        return effects

    def may_resume(self, actor: Actor) -> bool:
        return self._may(actor, "resume")

    @act(
        label=_("Resume this item"),
        source=[S.POSTPONED],
        target=S.ACCEPTED,
        permission=may_resume,
        conditions=[guards.item_is_open, guards.item_proof_when_recorded_by_hand],
    )
    def resume(self, doing: Doing, *, proof: Stored = None) -> Effects:
        return self._decide(doing, proof=proof)

    def may_execute(self, actor: Actor) -> bool:
        return self._may(actor, "execute")

    @act(
        label=_("Executed"),
        source=[S.ACCEPTED],
        target=S.EXECUTED,
        permission=may_execute,
        conditions=[
            guards.item_is_open,
            guards.item_proof_when_recorded_by_hand,
            courts.item_is_executed_under_an_order_that_stands,
        ],
    )
    def execute(
        self, doing: Doing, *, reason: str = "", preservation: dict[str, Any] | None = None, proof: Stored = None
    ) -> Effects:
        effects = self._decide(doing, reason=reason, proof=proof)
        if preservation and not self._said_before(preservation):
            effects.rows.append(
                Preservation(
                    authority_id=self.authority_id,
                    outgoing=self.outgoing,
                    incoming=self.incoming,
                    item=self,
                    recorded_at=doing.at,
                    **preservation,
                )
            )
        return effects

    def _said_before(self, preservation: dict[str, Any]) -> bool:
        """Tell whether the last word on the preservation says the same: what is told twice is written once."""
        last = self.preservations.last()
        days = (preservation.get("preserved_from"), preservation.get("until"))
        return last is not None and (last.preserved_from, last.until) == days

    def may_execute_partially(self, actor: Actor) -> bool:
        return self._may(actor, "execute_partially")

    @act(
        label=_("Partially executed"),
        source=[S.ACCEPTED],
        target=S.PARTIALLY_EXECUTED,
        permission=may_execute_partially,
        conditions=[
            guards.item_is_open,
            guards.item_proof_when_recorded_by_hand,
            guards.needs("reason"),
            courts.item_is_executed_under_an_order_that_stands,
        ],
    )
    def execute_partially(
        self, doing: Doing, *, reason: str, ground: str = "", article: str = "", proof: Stored = None
    ) -> Effects:
        """`ground`: coded, why the rest is missing."""
        return self._decide(doing, ground=ground, article=article, reason=reason, proof=proof)

    def may_refuse(self, actor: Actor) -> bool:
        return self._may(actor, "refuse")

    @act(
        label=_("Refuse this item"),
        source=[S.REQUESTED, S.ACCEPTED, S.POSTPONED],
        target=S.REFUSED,
        permission=may_refuse,
        conditions=[guards.item_is_open, guards.item_proof_when_recorded_by_hand, guards.needs("ground", "reason")],
    )
    def refuse(self, doing: Doing, *, ground: str, reason: str, article: str = "", proof: Stored = None) -> Effects:
        return self._decide(doing, ground=ground, article=article, reason=reason, proof=proof)

    def may_find_nothing(self, actor: Actor) -> bool:
        return self._may(actor, "find_nothing")

    @act(
        label=_("Not held"),
        source=[S.ACCEPTED],
        target=S.NOT_HELD,
        permission=may_find_nothing,
        conditions=[guards.item_is_open, guards.item_proof_when_recorded_by_hand, guards.needs("reason")],
    )
    def find_nothing(
        self, doing: Doing, *, reason: str, ground: str = "", article: str = "", proof: Stored = None
    ) -> Effects:
        return self._decide(doing, ground=ground, article=article, reason=reason, proof=proof)

    def may_find_impossible(self, actor: Actor) -> bool:
        return self._may(actor, "find_impossible")

    @act(
        label=_("Impossible to execute"),
        source=[S.ACCEPTED],
        target=S.IMPOSSIBLE,
        permission=may_find_impossible,
        conditions=[guards.item_is_open, guards.item_proof_when_recorded_by_hand, guards.needs("ground", "reason")],
    )
    def find_impossible(
        self, doing: Doing, *, ground: str, reason: str, article: str = "", proof: Stored = None
    ) -> Effects:
        """`ground`: a coded reason of `data/impossible.toml`. Neither a refusal nor "not held": it could not be done."""
        return self._decide(doing, ground=ground, article=article, reason=reason, proof=proof)

    def may_take_back(self, actor: Actor) -> bool:
        return self._may(actor, "take_back")

    @act(
        label=_("Take the execution back"),
        source=[S.EXECUTED, S.PARTIALLY_EXECUTED],
        target=S.ACCEPTED,
        permission=may_take_back,
        conditions=[
            guards.item_is_open,
            guards.item_proof_when_recorded_by_hand,
            courts.item_order_was_set_aside,
            guards.needs("reason"),
        ],
    )
    def take_back(self, doing: Doing, *, reason: str, proof: Stored = None) -> Effects:
        """Its order was set aside: it is to be decided anew, or executed under a new order."""
        self.taken_back_at = doing.at
        return self._decide(doing, reason=reason, proof=proof)

    def may_withdraw(self, actor: Actor) -> bool:
        return self._may(actor, "withdraw")

    @act(
        label=_("Withdrawn"),
        source=[S.REQUESTED, S.ACCEPTED, S.POSTPONED],
        target=S.WITHDRAWN,
        permission=may_withdraw,
        conditions=[guards.item_is_open, guards.item_proof_when_recorded_by_hand],
    )
    def withdraw(self, doing: Doing, *, reason: str = "", proof: Stored = None) -> Effects:
        return self._decide(doing, reason=reason, proof=proof)

    def _proof(self, doing: Doing, proof: Stored) -> list[models.Model]:
        """Return the row of what proves an act of the other State that our registry records."""
        if not proof or self.outgoing is None or proof.keys() == {"sha256"}:
            return []
        return [RecordedProof(outgoing=self.outgoing, act=f"item.{doing.act}", recorded_at=doing.at, **proof)]

    def _decide(
        self,
        doing: Doing,
        *,
        ground: str = "",
        article: str = "",
        reason: str = "",
        until: Any = None,
        proof: Stored = None,
    ) -> Effects:
        self.ground, self.article, self.reason, self.until = ground, article, reason, until
        self.until_event = ""
        self.decided_at = doing.at
        detail = {"item": self.key}
        return Effects(rows=self._proof(doing, proof), reason_code=ground, article=article, detail=detail)
