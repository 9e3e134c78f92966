"""Sending a result in parts, in the requested side's file, and what the requesting State says of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db import models
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from workflows.engine.machine import Doing, Effects, act, permitted
from workflows.engine.models import CaseRow
from workflows.lifecycle import guards, guards_courts, guards_parts
from workflows.lifecycle.models.parts import Part, confirmed, part_rows, unsent
from workflows.lifecycle.models.rows import CustodyEntry
from workflows.lifecycle.outcomes import IncomingStatus as S

if TYPE_CHECKING:
    from workflows.lifecycle.models.incoming import IncomingRequest


class IncomingPartActs(models.Model):
    """A part goes as often as something is ready; the result carries what is left."""

    if TYPE_CHECKING:
        authority_id: int

        def _sender(self, actor: Actor, act_name: str) -> bool: ...

    class Meta:
        abstract = True

    def may_transmit_part(self, actor: Actor) -> bool:
        return permitted(cast("CaseRow", self), actor, "transmit_part")

    @act(
        label=_("Transmit a part of the result"),
        source=[S.IN_EXECUTION],
        target=None,
        permission=may_transmit_part,
        conditions=[
            guards_parts.something_is_unsent,
            guards.no_conditions_pending,
            guards_courts.no_remedy_pending,
            guards_courts.no_filter_is_open,
            guards_courts.executed_under_orders_that_stand,
            guards.needs("part_id"),
        ],
    )
    def transmit_part(self, doing: Doing, *, part_id: Any, note: str = "") -> Effects:
        case = cast("IncomingRequest", self)
        part = Part(
            authority_id=self.authority_id,
            incoming=case,
            part_id=part_id,
            number=case.part_set.count() + 1,
            note=note,
            by=doing.by.label,
            at=doing.at,
        )
        files = list(unsent(case))
        return Effects(
            rows=part_rows(part, files, CustodyEntry.Step.SENT, doing),
            detail={"part": part.number, "sha256": [file.sha256 for file in files]},
            events=[("incoming.part", {"part": str(part_id)})],
        )

    def may_note_part_receipt(self, actor: Actor) -> bool:
        return self._sender(actor, "note_part_receipt")

    @act(
        label=_("Note that the requesting State has a part"),
        source=[S.IN_EXECUTION, S.CONCLUDED],
        target=None,
        permission=may_note_part_receipt,
        conditions=[
            guards_parts.part_is_unconfirmed,
            guards.needs("all_match"),
            guards_parts.discrepant_are_of_the_part,
        ],
    )
    def note_part_receipt(
        self, doing: Doing, *, part: Part, all_match: bool, discrepant: list[str] | None = None
    ) -> Effects:
        """`discrepant`: the SHA-256 of each file that, by their word, does not match."""
        wrong = discrepant or []
        return Effects(
            changed=[confirmed(part, doing, all_match=all_match and not wrong, discrepant=wrong)],
            detail={"part": part.number, "all_match": all_match and not wrong, "discrepant": wrong},
        )
