"""What the requesting State wishes of a request in, and what we answer: the requested side's acts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from workflows.engine.machine import Doing, Effects, act, permitted
from workflows.engine.models import CaseRow
from workflows.lifecycle import guards, guards_execution
from workflows.lifecycle import guards_wishes as wishing
from workflows.lifecycle.models.wishes import NOT_NEEDED, Wish, WithWishes
from workflows.lifecycle.outcomes import IncomingStatus as S

#: A wish can cross a result on its way.
_STANDS = [S.RECEIVED, S.ACKNOWLEDGED, S.UNDER_REVIEW, S.IN_EXECUTION, S.CONCLUDED]
OPEN_ITEMS = ("requested", "accepted", "postponed")


class WishesIn(WithWishes):
    """The acts of the requested side about wishes. It alone says how the request stands."""

    if TYPE_CHECKING:
        items: Any
        status: Any
        desired: str
        desired_at: Any
        outcome_reason: str
        urgency: str
        needed_by: Any

        def _sender(self, actor: Actor, act_name: str) -> bool: ...
        def press(self, urgency: str, by: Any) -> None: ...
        def _news_expected(self, doing: Doing, day: Any) -> None: ...

    class Meta:
        abstract = True

    def may_receive_wish(self, actor: Actor) -> bool:
        return self._sender(actor, "receive_wish")

    @act(
        label=_("Take a wish of the requesting State into the file"),
        source=_STANDS,
        target=None,
        permission=may_receive_wish,
        conditions=[guards.needs("kind"), wishing.wish_is_whole],
    )
    def receive_wish(
        self,
        doing: Doing,
        *,
        kind: str,
        words: str = "",
        needed_by: Any = None,
        items: Sequence[str] = (),
        rung: int = 0,
        rungs: int = 0,
        silent_since: Any = None,
        wish_id: Any = None,
    ) -> Effects:
        if kind == Wish.Kind.NOT_NEEDED and not items and self.desired != "withdraw":
            self.desired, self.desired_at, self.outcome_reason = NOT_NEEDED, doing.at, words
        row = self._wish(
            doing, kind, wish_id=wish_id, words=words, needed_by=needed_by, items=list(items),
            rung=max(rung, 1) if kind == Wish.Kind.REMINDER else 0, rungs=rungs, silent_since=silent_since,
        )  # fmt: skip
        detail = {"wish": str(row.wish_id), "items": list(items)}
        return Effects(rows=[row], reason_code=kind, detail=detail, events=[("incoming.wish_received", {})])

    def may_answer_wish(self, actor: Actor) -> bool:
        return permitted(self, actor, "answer_wish")  # type: ignore[arg-type]

    @act(
        label=_("Answer a wish of the requesting State"),
        source=_STANDS,
        target=None,
        permission=may_answer_wish,
        conditions=[
            wishing.wish_is_open,
            wishing.answer_is_whole,
            wishing.something_can_be_stopped,
            guards_execution.next_news_is_ahead,
        ],
    )
    def answer_wish(
        self, doing: Doing, *, wishes: Sequence[Wish], choice: str, answer: str = "", next_on: Any = None
    ) -> Effects:
        """`wishes`: of one kind; those that ask how it stands are answered together. What is stopped ends as withdrawn."""
        then: list[tuple[CaseRow, str, dict[str, Any]]] = []
        first = wishes[0]
        if choice == Wish.Choice.STOPPED:
            left = self.items.filter(status__in=OPEN_ITEMS).order_by("id")
            stopped = left.filter(key__in=first.items) if first.items else left
            then = [(item, "withdraw", {}) for item in stopped]
        if choice == Wish.Choice.EXPEDITED:
            days = [day for day in (self.needed_by, first.needed_by) if day is not None]
            self.press("urgent" if self.urgency == "routine" else self.urgency, min(days, default=None))
        if next_on is not None:
            self._news_expected(doing, next_on)
        changed = [
            one.answered(doing, choice=choice, answer=answer, next_on=next_on, status_told=self.status)
            for one in wishes
        ]
        self._answered(changed)
        named = [str(one.wish_id) for one in changed]
        return Effects(
            then_before=then,
            changed=[*changed],
            reason_code=choice,
            reason=answer,
            detail={"wishes": named},
            events=[("incoming.wish_answered", {"wishes": named})],
        )
