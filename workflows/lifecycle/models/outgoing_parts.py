"""Parts of a result in the requesting side's file: taken in one by one, each file checked against its hash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from workflows.engine.machine import Doing, Effects, act
from workflows.lifecycle import guards, guards_parts
from workflows.lifecycle.models.outgoing_receiver import WITH_THE_OTHER_STATE, ReceiverActs, custody_entry
from workflows.lifecycle.models.parts import Part, confirmed, part_rows
from workflows.lifecycle.models.rows import CustodyEntry, Evidence
from workflows.lifecycle.outcomes import OutgoingStatus as S


class OutgoingPartActs(ReceiverActs):
    """That a part came says that execution began: for some States it is the first sign of life."""

    if TYPE_CHECKING:

        def _central(self, actor: Actor, act_name: str) -> bool: ...

    withheld_there = models.JSONField(
        default=list, blank=True, help_text="how many files they keep back, by ground, as they last told"
    )

    class Meta:
        abstract = True

    def may_note_part(self, actor: Actor) -> bool:
        return self._receiver(actor, "note_part")

    @act(
        label=_("Record a part of the result"),
        source=WITH_THE_OTHER_STATE,
        target=S.IN_EXECUTION,
        permission=may_note_part,
        conditions=[guards.needs("evidence"), guards.proof_when_recorded_by_hand],
    )
    def note_part(
        self,
        doing: Doing,
        *,
        evidence: list[Evidence],
        note: str = "",
        part_id: Any = None,
        withheld: list[dict[str, Any]] | None = None,
        proof: dict[str, Any] | None = None,
    ) -> Effects:
        """`withheld`: how many files they keep back of the whole request, by ground."""
        case = self._case()
        self.withheld_there = withheld or self.withheld_there
        part = Part(
            authority_id=self.central_id,
            outgoing=case,
            number=case.part_set.count() + 1,
            note=note,
            by=doing.by.label,
            at=doing.at,
            **({"part_id": part_id} if part_id else {}),
        )
        self._peer_says(doing, "in_execution")
        return Effects(
            rows=[*evidence, *part_rows(part, evidence, CustodyEntry.Step.RECEIVED, doing), *self._proof(doing, proof)],
            detail={"part": part.number, "sha256": [file.sha256 for file in evidence]},
            events=[("outgoing.part_received", {"part": str(part.part_id)})],
        )

    def may_confirm_part(self, actor: Actor) -> bool:
        return self._central(actor, "confirm_part")

    @act(
        label=_("Confirm a part: hashes checked"),
        source=[S.IN_EXECUTION, S.CONCLUDED],
        target=None,
        permission=may_confirm_part,
        conditions=[guards_parts.part_is_unconfirmed, guards.needs("checked")],
    )
    def confirm_part(self, doing: Doing, *, part: Part, checked: list[tuple[Evidence, str]]) -> Effects:
        """`checked`: each file of the part with the hash that was computed from what arrived."""
        rows: list[models.Model] = []
        for file, computed in checked:
            step = CustodyEntry.Step.VERIFIED if computed == file.sha256 else CustodyEntry.Step.DISCREPANT
            rows.append(custody_entry(file, step, doing, computed))
        wrong = [file.sha256 for file, computed in checked if computed != file.sha256]
        return Effects(
            rows=rows,
            changed=[confirmed(part, doing, all_match=not wrong, discrepant=wrong)],
            detail={"part": part.number, "files": len(checked), "all_match": not wrong, "discrepant": wrong},
            events=[("outgoing.part_confirmed", {"part": str(part.part_id)})],
        )
