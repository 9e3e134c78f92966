"""What we wish of the other State while our request is with it, what it answers, and what we do where it is silent.

UNCAC 46(24), UNTOC 18(24): the requesting State may ask how its request stands, and says when it needs it no longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from workflows.engine.machine import Doing, Effects, act
from workflows.lifecycle import guards
from workflows.lifecycle import guards_wishes as wishing
from workflows.lifecycle.models.outgoing_receiver import WITH_THE_OTHER_STATE
from workflows.lifecycle.models.wishes import NOT_NEEDED, Wish, WithWishes
from workflows.lifecycle.outcomes import NOT_NEEDED as OUTCOMES
from workflows.lifecycle.outcomes import Outcome
from workflows.lifecycle.outcomes import OutgoingStatus as S

#: An act of ours that brings a proof: no sign of life of the other State.
_OURS = frozenset({"return_originals"})

Proven = dict[str, Any] | None


class WishesOut(WithWishes):
    """The acts of the requesting side, with what the other State answers.

    The ladder of reminders is computed from these columns and the profile of the State (workflows.lifecycle.silence).
    """

    silent_since = models.DateTimeField(
        null=True, blank=True, help_text="the last sign of life of the other State, else the sending"
    )
    chased_rung = models.PositiveSmallIntegerField(default=0, help_text="the last reminder written in this silence")
    chased_at = models.DateTimeField(null=True, blank=True)

    if TYPE_CHECKING:
        desired: str
        desired_at: Any
        outcome_reason: str
        wished_outcome: str
        peer_status: str

        def _receiver(self, actor: Actor, act_name: str) -> bool: ...
        def _central(self, actor: Actor, act_name: str) -> bool: ...
        def _proof(self, doing: Doing, proof: Proven) -> list[models.Model]: ...
        def _peer_says(self, doing: Doing, status: str) -> None: ...
        def _news_expected(self, doing: Doing, day: Any) -> None: ...

    class Meta:
        abstract = True

    def heard(self, at: Any) -> None:
        """Take a sign of life of the other State: the ladder begins anew."""
        self.silent_since, self.chased_rung, self.chased_at = at, 0, None

    def _heard_by(self, doing: Doing) -> None:
        if doing.act not in _OURS:
            self.heard(doing.at)

    # --- what we wish ---

    def may_ask_status(self, actor: Actor) -> bool:
        return self._central(actor, "ask_status")

    @act(
        label=_("Ask how the request stands"),
        source=WITH_THE_OTHER_STATE,
        target=None,
        permission=may_ask_status,
        conditions=[wishing.not_asked_already(Wish.Kind.STATUS), wishing.not_withdrawn],
    )
    def ask_status(self, doing: Doing, *, words: str = "", wish_id: Any = None) -> Effects:
        return self._wished(self._wish(doing, Wish.Kind.STATUS, wish_id=wish_id, words=words))

    def may_expedite(self, actor: Actor) -> bool:
        return self._central(actor, "expedite")

    @act(
        label=_("Ask to expedite the request"),
        source=WITH_THE_OTHER_STATE,
        target=None,
        permission=may_expedite,
        conditions=[
            guards.needs("words", "needed_by"),
            wishing.needed_by_is_ahead,
            wishing.not_asked_already(Wish.Kind.EXPEDITE),
            wishing.not_withdrawn,
        ],
    )
    def expedite(self, doing: Doing, *, words: str, needed_by: Any, wish_id: Any = None) -> Effects:
        """`words`: why; `needed_by`: the day by which it is needed."""
        return self._wished(self._wish(doing, Wish.Kind.EXPEDITE, wish_id=wish_id, words=words, needed_by=needed_by))

    def may_no_longer_needed(self, actor: Actor) -> bool:
        return self._central(actor, "no_longer_needed")

    @act(
        label=_("Say that it is no longer needed"),
        source=WITH_THE_OTHER_STATE,
        target=None,
        permission=may_no_longer_needed,
        conditions=[
            guards.needs("words"),
            wishing.some_item_is_left,
            wishing.not_said_of_the_same,
            wishing.not_withdrawn,
        ],
    )
    def no_longer_needed(self, doing: Doing, *, words: str, items: Sequence[str] = (), wish_id: Any = None) -> Effects:
        """`items`: keys; none: the request as a whole. What is ready is still sent, which a withdrawal does not ask for."""
        if not items:
            self.desired, self.desired_at, self.outcome_reason = NOT_NEEDED, doing.at, words
        wish = self._wish(doing, Wish.Kind.NOT_NEEDED, wish_id=wish_id, words=words, items=list(items))
        return self._wished(wish, items=list(items))

    def may_withdraw(self, actor: Actor) -> bool:
        return self._central(actor, "withdraw")

    @act(
        label=_("Withdraw the request"),
        source=WITH_THE_OTHER_STATE,
        target=None,
        permission=may_withdraw,
        conditions=[guards.needs("reason"), guards.outcome_among(*OUTCOMES)],
    )
    def withdraw(self, doing: Doing, *, reason: str, outcome: str = Outcome.WITHDRAWN) -> Effects:
        """`outcome`: how it ends for us once they confirm; they are told the reason alone."""
        self.desired, self.desired_at, self.outcome_reason = "withdraw", doing.at, reason
        self.wished_outcome = outcome
        return Effects(reason=reason, reason_code=outcome, events=[("outgoing.withdrawn", {})])

    def may_note_wish_answer(self, actor: Actor) -> bool:
        return self._receiver(actor, "note_wish_answer")

    @act(
        label=_("Record the answer to a wish"),
        source=[*WITH_THE_OTHER_STATE, S.CONCLUDED],
        target=None,
        permission=may_note_wish_answer,
        conditions=[wishing.wish_is_open, wishing.answer_is_whole, guards.proof_when_recorded_by_hand],
    )
    def note_wish_answer(
        self,
        doing: Doing,
        *,
        wishes: Sequence[Wish],
        choice: str,
        answer: str = "",
        next_on: Any = None,
        peer_status: str = "",
        proof: Proven = None,
    ) -> Effects:
        """`peer_status`: how it stands over there, where they say so; `next_on`: when they expect to have more news."""
        told = peer_status or self.peer_status
        changed = [
            one.answered(doing, choice=choice, answer=answer, next_on=next_on, status_told=peer_status)
            for one in wishes
        ]
        if told:
            self._peer_says(doing, told)
        if next_on is not None:
            self._news_expected(doing, next_on)
        self._answered(changed)
        detail = {"wishes": [str(one.wish_id) for one in changed], "choice": choice}
        return Effects(
            rows=self._proof(doing, proof),
            changed=[*changed],
            detail=detail,
            events=[("outgoing.wish_answered", {})],
        )

    # --- where they are silent ---

    def may_hear(self, actor: Actor) -> bool:
        return self._receiver(actor, "hear")

    @act(
        label=_("Record a sign of life of the other State"),
        source=WITH_THE_OTHER_STATE,
        target=None,
        permission=may_hear,
        conditions=[wishing.sign_of_life_is_proven],
    )
    def hear(
        self, doing: Doing, *, message: str = "", item: str = "", words: str = "", proof: Proven = None
    ) -> Effects:
        """What no other act on the request notes: `message`, its identifier; `item`, with whose act it was proven; or paper."""
        rows = self._proof(doing, proof)
        told = {"message": message, "item": item}
        return Effects(rows=rows, reason=words, detail={name: value for name, value in told.items() if value})

    def may_chase(self, actor: Actor) -> bool:
        return self._central(actor, "chase")

    @act(
        label=_("Remind the other State"),
        source=WITH_THE_OTHER_STATE,
        target=None,
        permission=may_chase,
        conditions=[wishing.a_reminder_is_due, wishing.not_withdrawn],
    )
    def chase(self, doing: Doing) -> Effects:
        """A reminder is no new request: nothing but the reminder leaves. Once for each rung of the ladder."""
        standing = wishing.silence_of(self, doing.at)
        rung = standing.to_write
        wish = self._wish(
            doing, Wish.Kind.REMINDER, rung=rung, rungs=standing.ladder.top, silent_since=self.silent_since
        )
        self.chased_rung, self.chased_at = rung, doing.at
        detail = {"wish": str(wish.wish_id), "rung": rung, "of": standing.ladder.top, "days": standing.days}
        return Effects(rows=[wish], detail=detail, events=[("outgoing.chased", {"wish": str(wish.wish_id)})])

    def _wished(self, wish: Wish, **detail: Any) -> Effects:
        return Effects(
            rows=[wish],
            reason_code=wish.kind,
            detail={"wish": str(wish.wish_id)} | detail,
            events=[("outgoing.wished", {"wish": str(wish.wish_id)})],
        )
