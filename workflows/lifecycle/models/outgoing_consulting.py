"""Our request is consulted on, put off and taken up again by the other State; we answer what it asks.

Told by its messages, or recorded by our registry with proof, as all acts of the receiver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from workflows.engine.machine import Doing, Effects, act
from workflows.lifecycle import guards
from workflows.lifecycle import guards_consulting as consulting
from workflows.lifecycle.models.outgoing_receiver import WITH_THE_OTHER_STATE, ReceiverActs, answered
from workflows.lifecycle.models.postponements import Postponement, open_postponement
from workflows.lifecycle.models.rows import OpenPoint


class OutgoingConsulting(ReceiverActs):
    """The acts of consulting and postponing in the requesting side's file."""

    if TYPE_CHECKING:

        def _central(self, actor: Actor, act_name: str) -> bool: ...

    class Meta:
        abstract = True

    def may_note_consultation(self, actor: Actor) -> bool:
        return self._receiver(actor, "note_consultation")

    @act(
        label=_("Record that we are consulted"),
        source=WITH_THE_OTHER_STATE,
        target=None,
        permission=may_note_consultation,
        conditions=[
            guards.needs("question"),
            consulting.consultation_is_known,
            consulting.amount_is_whole,
            guards.proof_when_recorded_by_hand,
        ],
    )
    def note_consultation(
        self,
        doing: Doing,
        *,
        kind: str,
        question: str,
        due: Any = None,
        ground: str = "",
        article: str = "",
        amount: Any = None,
        currency: str = "",
        point_id: Any = None,
        proof: dict[str, Any] | None = None,
    ) -> Effects:
        point = self._point(doing, kind, question, due, point_id)
        point.ground, point.article, point.amount, point.currency = ground, article, amount, currency
        return Effects(
            rows=[point, *self._proof(doing, proof)],
            reason_code=ground,
            article=article,
            detail={"kind": kind},
            events=[("outgoing.consultation_noted", {})],
        )

    def may_answer_consultation(self, actor: Actor) -> bool:
        return self._central(actor, "answer_consultation")

    @act(
        label=_("Answer the consultation"),
        source=WITH_THE_OTHER_STATE,
        target=None,
        permission=may_answer_consultation,
        conditions=[consulting.consultation_is_open, guards.needs("answer"), consulting.choice_fits],
    )
    def answer_consultation(self, doing: Doing, *, answer: str, point: OpenPoint, choice: str = "") -> Effects:
        point.choice = choice
        return Effects(
            changed=[answered(point, doing, answer)],
            detail={"kind": point.kind} | ({"choice": choice} if choice else {}),
            events=[("outgoing.consultation_answered", {"point": str(point.point_id)})],
        )

    def may_note_postponement(self, actor: Actor) -> bool:
        return self._receiver(actor, "note_postponement")

    @act(
        label=_("Record that the request is postponed"),
        source=WITH_THE_OTHER_STATE,
        target=None,
        permission=may_note_postponement,
        conditions=[
            guards.needs("ground"),
            consulting.until_or_event,
            consulting.not_postponed,
            guards.proof_when_recorded_by_hand,
        ],
    )
    def note_postponement(
        self,
        doing: Doing,
        *,
        ground: str,
        article: str = "",
        reason: str = "",
        until: Any = None,
        until_event: str = "",
        items: list[str] | None = None,
        postponement_id: Any = None,
        consultation_id: Any = None,
        proof: dict[str, Any] | None = None,
    ) -> Effects:
        """`items`: keys of those that were put off with it."""
        row = Postponement(
            authority_id=self.central_id,
            outgoing=self._case(),
            consultation_id=consultation_id,
            ground=ground,
            article=article,
            reason=reason,
            until=until,
            until_event=until_event,
            items=items or [],
            postponed_by=doing.by.label,
            postponed_at=doing.at,
            **({"postponement_id": postponement_id} if postponement_id else {}),
        )
        return Effects(
            rows=[row, *self._proof(doing, proof)],
            reason_code=ground,
            article=article,
            reason=reason,
            detail={"until": until.isoformat() if until else "", "items": row.items},
            events=[("outgoing.postponement_noted", {})],
        )

    def may_note_resumption(self, actor: Actor) -> bool:
        return self._receiver(actor, "note_resumption")

    @act(
        label=_("Record that the request is taken up again"),
        source=WITH_THE_OTHER_STATE,
        target=None,
        permission=may_note_resumption,
        conditions=[consulting.is_postponed, guards.proof_when_recorded_by_hand],
    )
    def note_resumption(self, doing: Doing, *, proof: dict[str, Any] | None = None) -> Effects:
        row = open_postponement(self)
        assert row is not None
        return Effects(
            changed=[row.resumed(doing)],
            rows=self._proof(doing, proof),
            detail={"items": row.items},
            events=[("outgoing.resumption_noted", {})],
        )
