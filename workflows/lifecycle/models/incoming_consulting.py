"""The requested State talks before it refuses or puts off, and says what it puts off, why and until when.

UNTOC 18(25) to (28), UNCAC 46(25) to (28), Budapest 27(5) to (8). The answer is the sender's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db import models
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from workflows.engine.machine import Doing, Effects, act, permitted
from workflows.lifecycle import guards
from workflows.lifecycle import guards_consulting as consulting
from workflows.lifecycle.models.outgoing_receiver import answered
from workflows.lifecycle.models.postponements import Postponement, consulted_on_postponing, open_postponement
from workflows.lifecycle.models.rows import OpenPoint
from workflows.lifecycle.outcomes import IncomingStatus as S

if TYPE_CHECKING:
    from workflows.engine.models import CaseRow
    from workflows.lifecycle.models.incoming import IncomingRequest

BEING_WORKED_ON = [S.UNDER_REVIEW, S.IN_EXECUTION]


class IncomingConsulting(models.Model):
    """The acts of consulting and postponing in the requested side's file."""

    if TYPE_CHECKING:
        authority_id: int
        items: Any
        status: Any

        def _sender(self, actor: Actor, act_name: str) -> bool: ...

    class Meta:
        abstract = True

    def may_consult(self, actor: Actor) -> bool:
        return permitted(self._of_ours(), actor, "consult")

    @act(
        label=_("Consult the requesting State"),
        source=BEING_WORKED_ON,
        target=None,
        permission=may_consult,
        conditions=[
            guards.needs("question"),
            consulting.consultation_is_known,
            consulting.consultation_is_whole,
            consulting.amount_is_whole,
            consulting.not_consulted_on_now,
        ],
    )
    def consult(
        self,
        doing: Doing,
        *,
        kind: str,
        question: str,
        point_id: Any,
        due: Any = None,
        ground: str = "",
        article: str = "",
        amount: Any = None,
        currency: str = "",
    ) -> Effects:
        """`ground` and `article`: those that are thought of. `amount`: of costs, as estimated, if it is known."""
        point = OpenPoint(
            authority_id=self.authority_id,
            incoming=self._of_ours(),
            point_id=point_id,
            kind=kind,
            question=question,
            asked_by=doing.by.label,
            asked_at=doing.at,
            due=due,
            ground=ground,
            article=article,
            amount=amount,
            currency=currency,
        )
        return Effects(
            rows=[point],
            reason_code=ground,
            article=article,
            detail={"kind": kind},
            events=[("incoming.consulted", {"point": str(point_id)})],
        )

    def may_receive_consultation_answer(self, actor: Actor) -> bool:
        return self._sender(actor, "receive_consultation_answer")

    @act(
        label=_("Take the answer to a consultation into the file"),
        source=BEING_WORKED_ON,
        target=None,
        permission=may_receive_consultation_answer,
        conditions=[consulting.consultation_is_open, guards.needs("answer"), consulting.choice_fits],
    )
    def receive_consultation_answer(self, doing: Doing, *, answer: str, point: OpenPoint, choice: str = "") -> Effects:
        point.choice = choice
        return Effects(
            changed=[answered(point, doing, answer)],
            detail={"kind": point.kind} | ({"choice": choice} if choice else {}),
            events=[("incoming.consultation_answered", {})],
        )

    def may_postpone(self, actor: Actor) -> bool:
        return permitted(self._of_ours(), actor, "postpone")

    @act(
        label=_("Postpone the request"),
        source=BEING_WORKED_ON,
        target=None,
        permission=may_postpone,
        conditions=[
            guards.needs("ground", "article", "reason"),
            consulting.until_or_event,
            consulting.until_is_ahead,
            consulting.not_postponed,
            consulting.something_to_postpone,
            consulting.no_consultation_waits("postponement"),
        ],
    )
    def postpone(
        self,
        doing: Doing,
        *,
        ground: str,
        article: str,
        reason: str,
        until: Any = None,
        until_event: str = "",
    ) -> Effects:
        """Puts off every open item. `until`: own review date. `until_event`: what it waits for, in words."""
        put_off = list(self.items.filter(status__in=["requested", "accepted"]).order_by("id"))
        told = {"ground": ground, "article": article, "reason": reason, "until": until, "until_event": until_event}
        row = Postponement(
            authority_id=self.authority_id,
            incoming=self._of_ours(),
            consultation_id=consulted_on_postponing(self),
            items=[item.key for item in put_off],
            postponed_by=doing.by.label,
            postponed_at=doing.at,
            **told,
        )
        return Effects(
            rows=[row],
            then_before=[(item, "postpone", told) for item in put_off],
            reason_code=ground,
            article=article,
            reason=reason,
            detail={"until": until.isoformat() if until else "", "items": row.items},
            events=[("incoming.postponed", {"postponement": str(row.postponement_id)})],
        )

    def may_resume(self, actor: Actor) -> bool:
        return permitted(self._of_ours(), actor, "resume")

    @act(
        label=_("Resume the request"),
        source=BEING_WORKED_ON,
        target=None,
        permission=may_resume,
        conditions=[consulting.is_postponed],
    )
    def resume(self, doing: Doing) -> Effects:
        """Takes up again the items that were put off with it; one that was put off alone stays so."""
        row = open_postponement(self)
        assert row is not None
        again = self.items.filter(status="postponed", key__in=row.items).order_by("id")
        then: list[tuple[CaseRow, str, dict[str, Any]]] = [(item, "resume", {}) for item in again]
        return Effects(
            changed=[row.resumed(doing)],
            then_before=then,
            detail={"items": [item.key for item, _act, _data in then]},  # type: ignore[attr-defined]
            events=[("incoming.resumed", {"postponement": str(row.postponement_id)})],
        )

    def _of_ours(self) -> IncomingRequest:
        return cast("IncomingRequest", self)
