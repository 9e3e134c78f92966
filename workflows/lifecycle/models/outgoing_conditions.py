"""Conditions that the other State sets, and the complement of a result that is deficient: the requesting side's acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from workflows.engine.machine import Doing, Effects, act
from workflows.lifecycle import guards
from workflows.lifecycle.models.conditions import OfferedCondition, decided, offer_rows, point_of
from workflows.lifecycle.models.outgoing_receiver import WITH_THE_OTHER_STATE, custody_entry
from workflows.lifecycle.models.rows import CustodyEntry, Evidence, OpenPoint
from workflows.lifecycle.models.undertakings import of_conditions
from workflows.lifecycle.outcomes import OutgoingStatus as S

Proven = dict[str, Any] | None


class ConditionsOut(models.Model):
    """The acts of the requesting side about conditions and complements, with what the other State does of them."""

    if TYPE_CHECKING:

        def _undertaken(self, rows: list[models.Model]) -> list[models.Model]: ...

        authority_id: int
        evidence_confirmed_at: Any
        handed_over_at: Any
        originator_confirmed_at: Any

        def _receiver(self, actor: Actor, act_name: str) -> bool: ...
        def _central(self, actor: Actor, act_name: str) -> bool: ...
        def _proof(self, doing: Doing, proof: Proven) -> list[models.Model]: ...

    class Meta:
        abstract = True

    def may_note_conditions(self, actor: Actor) -> bool:
        return self._receiver(actor, "note_conditions")

    @act(
        label=_("Record conditions that the other State sets"),
        source=WITH_THE_OTHER_STATE,
        target=None,
        permission=may_note_conditions,
        conditions=[
            guards.needs("question", "conditions"),
            guards.conditions_are_whole,
            guards.proof_when_recorded_by_hand,
        ],
    )
    def note_conditions(
        self,
        doing: Doing,
        *,
        question: str,
        conditions: list[OfferedCondition],
        due: Any = None,
        point_id: Any = None,
        proof: Proven = None,
    ) -> Effects:
        rows = offer_rows(self, doing, question=question, due=due, point_id=point_id, conditions=conditions)
        detail = {"conditions": [str(one["condition_id"]) for one in conditions]}
        rows += self._proof(doing, proof)
        return Effects(rows=rows, detail=detail, events=[("outgoing.conditions_noted", {})])

    def may_accept_conditions(self, actor: Actor) -> bool:
        return self._central(actor, "accept_conditions")

    @act(
        label=_("Accept the conditions"),
        source=WITH_THE_OTHER_STATE,
        target=None,
        permission=may_accept_conditions,
        conditions=[guards.conditions_are_open],
    )
    def accept_conditions(self, doing: Doing, *, point: OpenPoint, answer: str = "") -> Effects:
        return self._answer_conditions(doing, point, OpenPoint.Choice.ACCEPTED, answer)

    def may_decline_conditions(self, actor: Actor) -> bool:
        return self._central(actor, "decline_conditions")

    @act(
        label=_("Decline the conditions"),
        source=WITH_THE_OTHER_STATE,
        target=None,
        permission=may_decline_conditions,
        conditions=[guards.conditions_are_open, guards.needs("reason")],
    )
    def decline_conditions(self, doing: Doing, *, point: OpenPoint, reason: str) -> Effects:
        return self._answer_conditions(doing, point, OpenPoint.Choice.DECLINED, reason)

    def may_ask_complement(self, actor: Actor) -> bool:
        return self._central(actor, "ask_complement")

    @act(
        label=_("Ask for a complement of the result"),
        source=[S.CONCLUDED],
        target=None,
        permission=may_ask_complement,
        conditions=[guards.there_is_a_result, guards.needs("question", "defect")],
    )
    def ask_complement(self, doing: Doing, *, question: str, defect: str, due: Any = None, point_id: Any) -> Effects:
        kind = OpenPoint.Kind.COMPLEMENT
        point = point_of(self, doing, kind, question=question, due=due, point_id=point_id, ground=defect)
        events = [("outgoing.complement_asked", {"point": str(point_id)})]
        return Effects(rows=[point], reason_code=defect, events=events)

    def may_note_complement(self, actor: Actor) -> bool:
        return self._receiver(actor, "note_complement")

    @act(
        label=_("Record the complement of the result"),
        source=[S.CONCLUDED],
        target=None,
        permission=may_note_complement,
        conditions=[
            guards.complement_is_open,
            guards.something_is_supplied,
            guards.proof_when_recorded_by_hand,
        ],
    )
    def note_complement(
        self,
        doing: Doing,
        *,
        point: OpenPoint,
        answer: str = "",
        evidence: list[Evidence] | None = None,
        proof: Proven = None,
    ) -> Effects:
        rows: list[models.Model] = []
        for file in evidence or []:
            rows += [file, custody_entry(file, CustodyEntry.Step.RECEIVED, doing)]
        if evidence:
            # New files: hashes are checked and the result is handed over again.
            self.evidence_confirmed_at = self.handed_over_at = self.originator_confirmed_at = None
        changed = decided(point, doing, OpenPoint.Choice.SUPPLIED if evidence else "", answer)
        detail = {"sha256": [file.sha256 for file in evidence or []]}
        rows += self._proof(doing, proof)
        return Effects(rows=rows, changed=[changed], detail=detail, events=[("outgoing.complement_received", {})])

    def _answer_conditions(self, doing: Doing, point: OpenPoint, choice: str, answer: str) -> Effects:
        changed = decided(point, doing, choice, answer)
        events = [("outgoing.conditions_answered", {"point": str(point.point_id)})]
        bound = of_conditions(self, doing, point) if choice == OpenPoint.Choice.ACCEPTED else []
        return Effects(
            rows=self._undertaken(bound), changed=[changed], reason=answer, detail={"choice": choice}, events=events
        )
