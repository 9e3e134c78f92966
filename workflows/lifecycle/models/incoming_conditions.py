"""Conditions that we set before we help, and the complement of a result that we gave: the requested side's acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from workflows.engine.machine import Doing, Effects, act, permitted
from workflows.lifecycle import guards, guards_courts
from workflows.lifecycle.models.conditions import OfferedCondition, decided, offer_rows, point_of
from workflows.lifecycle.models.outgoing_receiver import custody_entry
from workflows.lifecycle.models.rows import CustodyEntry, Evidence, OpenPoint
from workflows.lifecycle.models.undertakings import of_conditions
from workflows.lifecycle.outcomes import IncomingStatus as S


class ConditionsIn(models.Model):
    """The acts of the requested side about conditions and complements."""

    if TYPE_CHECKING:

        def _undertaken(self, rows: list[models.Model]) -> list[models.Model]: ...

        authority_id: int
        evidence_confirmed_at: Any
        evidence_matched: Any

        def _sender(self, actor: Actor, act_name: str) -> bool: ...

    class Meta:
        abstract = True

    def may_offer_conditions(self, actor: Actor) -> bool:
        return permitted(self, actor, "offer_conditions")  # type: ignore[arg-type]

    @act(
        label=_("Offer to help under conditions"),
        source=[S.UNDER_REVIEW, S.IN_EXECUTION],
        target=None,
        permission=may_offer_conditions,
        conditions=[guards.needs("question", "conditions"), guards.conditions_are_whole],
    )
    def offer_conditions(
        self, doing: Doing, *, question: str, conditions: list[OfferedCondition], due: Any = None, point_id: Any
    ) -> Effects:
        rows = offer_rows(self, doing, question=question, due=due, point_id=point_id, conditions=conditions)
        detail = {"conditions": [str(one["condition_id"]) for one in conditions]}
        return Effects(rows=rows, detail=detail, events=[("incoming.conditions_offered", {"point": str(point_id)})])

    def may_receive_conditions_answer(self, actor: Actor) -> bool:
        return self._sender(actor, "receive_conditions_answer")

    @act(
        label=_("Take their answer to our conditions into the file"),
        source=[S.UNDER_REVIEW, S.IN_EXECUTION],
        target=None,
        permission=may_receive_conditions_answer,
        conditions=[guards.conditions_are_open, guards.conditions_are_answered],
    )
    def receive_conditions_answer(self, doing: Doing, *, choice: str, point: OpenPoint, answer: str = "") -> Effects:
        changed = decided(point, doing, choice, answer)
        bound = of_conditions(self, doing, point) if choice == OpenPoint.Choice.ACCEPTED else []
        return Effects(
            rows=self._undertaken(bound),
            changed=[changed],
            detail={"choice": choice},
            events=[("incoming.conditions_answered", {})],
        )

    def may_note_complement_asked(self, actor: Actor) -> bool:
        return self._sender(actor, "note_complement_asked")

    @act(
        label=_("Note that a complement of the result is asked"),
        source=[S.CONCLUDED],
        target=None,
        permission=may_note_complement_asked,
        conditions=[guards.needs("question", "defect")],
    )
    def note_complement_asked(
        self, doing: Doing, *, question: str, defect: str, due: Any = None, point_id: Any = None
    ) -> Effects:
        kind = OpenPoint.Kind.COMPLEMENT
        point = point_of(self, doing, kind, question=question, due=due, point_id=point_id, ground=defect)
        return Effects(rows=[point], reason_code=defect, events=[("incoming.complement_asked", {})])

    def may_supply_complement(self, actor: Actor) -> bool:
        return permitted(self, actor, "supply_complement")  # type: ignore[arg-type]

    @act(
        label=_("Supply the complement"),
        source=[S.CONCLUDED],
        target=None,
        permission=may_supply_complement,
        conditions=[
            guards.complement_is_open,
            guards.something_is_supplied,
            guards_courts.no_remedy_pending_over_files,
        ],
    )
    def supply_complement(
        self, doing: Doing, *, point: OpenPoint, answer: str = "", evidence: list[Evidence] | None = None
    ) -> Effects:
        rows: list[models.Model] = []
        for file in evidence or []:
            added = custody_entry(file, CustodyEntry.Step.ADDED, doing)
            rows += [file, added, custody_entry(file, CustodyEntry.Step.SENT, doing)]
        if evidence:
            # What is sent now is to be confirmed by the other State as the result was.
            self.evidence_confirmed_at = self.evidence_matched = None
        changed = decided(point, doing, OpenPoint.Choice.SUPPLIED if evidence else "", answer)
        detail = {"sha256": [file.sha256 for file in evidence or []]}
        events = [("incoming.complement_supplied", {"point": str(point.point_id)})]
        return Effects(rows=rows, changed=[changed], detail=detail, events=events)
