"""What the other State does with our request: told by its messages, or recorded by our registry with proof.

The same acts for both, since many States never answer by message, and the first sign of life of
some is the result itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django.db import models
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.core.ids import uuid7
from workflows.engine.machine import Doing, Effects, act
from workflows.lifecycle import guards
from workflows.lifecycle.models.execution import Progress
from workflows.lifecycle.models.returned import ReturnedCase, ToldDefect, defect_rows
from workflows.lifecycle.models.rows import CustodyEntry, Evidence, OpenPoint, RecordedProof
from workflows.lifecycle.outcomes import Outcome, ReturnCode
from workflows.lifecycle.outcomes import OutgoingStatus as S

if TYPE_CHECKING:
    from workflows.lifecycle.models.outgoing import OutgoingRequest

#: From here on the other State may have acted without our knowing.
WITH_THE_OTHER_STATE = [S.SENT, S.ACKNOWLEDGED, S.IN_EXECUTION]


#: Outcomes that a result can have.
RESULTS = (
    Outcome.EXECUTED,
    Outcome.PARTIALLY_EXECUTED,
    Outcome.REFUSED,
    Outcome.NOT_HELD,
    Outcome.IMPOSSIBLE,
    Outcome.WITHDRAWN,
)


class ReceiverActs(ReturnedCase):
    """The acts of the requested State in the requesting side's file."""

    if TYPE_CHECKING:
        authority_id: int
        central_id: int
        addressee_id: int | None
        acknowledged_at: Any
        concluded_at: Any
        peer_status_at: Any
        next_news_on: Any

        def _news_expected(self, doing: Doing, day: Any) -> None: ...
        def _heard_by(self, doing: Doing) -> None: ...

        wished_outcome: str
        withheld_there: Any

    class Meta:
        abstract = True

    def _receiver(self, actor: Actor, act_name: str) -> bool:
        """The addressee by message, or our registry that records what it did."""
        if not holds(actor, f"outgoing.{act_name}"):
            return False
        if actor.kind == "peer":
            return actor.authority_id == self.addressee_id
        return actor.kind == "user" and actor.authority_id == self.central_id == self.authority_id

    def may_acknowledge(self, actor: Actor) -> bool:
        return self._receiver(actor, "acknowledge")

    @act(
        label=_("Record the acknowledgement"),
        source=[S.SENT],
        target=S.ACKNOWLEDGED,
        permission=may_acknowledge,
        conditions=[guards.needs("peer_reference"), guards.proof_when_recorded_by_hand],
    )
    def acknowledge(
        self, doing: Doing, *, peer_reference: str, contact: str = "", proof: dict[str, Any] | None = None
    ) -> Effects:
        self.peer_reference, self.peer_contact = peer_reference, contact
        self.acknowledged_at = doing.at
        self._peer_says(doing, "acknowledged")
        detail = {"peer_reference": peer_reference}
        return Effects(rows=self._proof(doing, proof), detail=detail, events=[("outgoing.acknowledged", {})])

    def may_note_progress(self, actor: Actor) -> bool:
        return self._receiver(actor, "note_progress")

    @act(
        label=_("Record progress"),
        source=WITH_THE_OTHER_STATE,
        target=None,
        permission=may_note_progress,
        conditions=[guards.needs("peer_status"), guards.proof_when_recorded_by_hand],
    )
    def note_progress(
        self,
        doing: Doing,
        *,
        peer_status: str,
        event: str = "",
        text: str = "",
        next_on: Any = None,
        progress_id: Any = None,
        proof: dict[str, Any] | None = None,
    ) -> Effects:
        """`event`: coded, what happened; `next_on`: when they expect to have more news."""
        self._peer_says(doing, peer_status)
        rows: list[models.Model] = []
        detail = {"peer_status": peer_status}
        if event or text or next_on:
            progress_id = progress_id or uuid7()
            detail["progress"] = str(progress_id)
            self._news_expected(doing, next_on)
            rows.append(
                Progress(
                    authority_id=self.central_id,
                    outgoing=self._case(),
                    event=event,
                    text=text,
                    next_on=next_on,
                    by=doing.by.label,
                    at=doing.at,
                    progress_id=progress_id,
                )
            )
        return Effects(rows=rows + self._proof(doing, proof), reason_code=event, detail=detail)

    def may_note_execution(self, actor: Actor) -> bool:
        return self._receiver(actor, "note_execution")

    @act(
        label=_("Record that execution began"),
        source=[S.SENT, S.ACKNOWLEDGED],
        target=S.IN_EXECUTION,
        permission=may_note_execution,
        conditions=[guards.proof_when_recorded_by_hand],
    )
    def note_execution(self, doing: Doing, *, proof: dict[str, Any] | None = None) -> Effects:
        self._peer_says(doing, "in_execution")
        return Effects(rows=self._proof(doing, proof))

    def may_note_question(self, actor: Actor) -> bool:
        return self._receiver(actor, "note_question")

    @act(
        label=_("Record that information is asked"),
        source=WITH_THE_OTHER_STATE,
        target=None,
        permission=may_note_question,
        conditions=[guards.needs("question"), guards.proof_when_recorded_by_hand],
    )
    def note_question(
        self,
        doing: Doing,
        *,
        question: str,
        due: Any = None,
        point_id: Any = None,
        proof: dict[str, Any] | None = None,
    ) -> Effects:
        point = self._point(doing, OpenPoint.Kind.INFORMATION, question, due, point_id)
        return Effects(rows=[point, *self._proof(doing, proof)], events=[("outgoing.question_noted", {})])

    def may_note_result(self, actor: Actor) -> bool:
        return self._receiver(actor, "note_result")

    @act(
        label=_("Record the result"),
        source=WITH_THE_OTHER_STATE,
        target=S.CONCLUDED,
        permission=may_note_result,
        conditions=[
            guards.needs("outcome"),
            guards.outcome_among(*RESULTS),
            guards.every_item_final,
            guards.proof_when_recorded_by_hand,
        ],
    )
    def note_result(
        self,
        doing: Doing,
        *,
        outcome: str,
        evidence: list[Evidence] | None = None,
        reason: str = "",
        withheld: list[dict[str, Any]] | None = None,
        proof: dict[str, Any] | None = None,
    ) -> Effects:
        """`withheld`: how many files they keep back, by ground."""
        self._conclude(doing, outcome, reason)
        self._peer_says(doing, "concluded")
        self.withheld_there = withheld or self.withheld_there
        rows: list[models.Model] = []
        for file in evidence or []:
            rows += [file, custody_entry(file, CustodyEntry.Step.RECEIVED, doing)]
        detail = {"outcome": outcome, "sha256": [file.sha256 for file in evidence or []]}
        return Effects(rows=rows + self._proof(doing, proof), detail=detail, events=[("outgoing.result_received", {})])

    def may_note_refusal(self, actor: Actor) -> bool:
        return self._receiver(actor, "note_refusal")

    @act(
        label=_("Record the refusal"),
        source=WITH_THE_OTHER_STATE,
        target=S.CONCLUDED,
        permission=may_note_refusal,
        conditions=[guards.needs("ground"), guards.proof_when_recorded_by_hand],
    )
    def note_refusal(
        self,
        doing: Doing,
        *,
        ground: str,
        article: str = "",
        reason: str = "",
        proof: dict[str, Any] | None = None,
    ) -> Effects:
        self._conclude(doing, Outcome.REFUSED, reason)
        self._peer_says(doing, "concluded")
        self.refusal_ground, self.refusal_article = ground, article
        return Effects(
            rows=self._proof(doing, proof),
            reason_code=ground,
            article=article,
            events=[("outgoing.refused", {})],
        )

    def may_note_return(self, actor: Actor) -> bool:
        return self._receiver(actor, "note_return")

    @act(
        label=_("Record that it came back"),
        source=[S.SENT, S.ACKNOWLEDGED],
        target=S.CONCLUDED,
        permission=may_note_return,
        conditions=[
            guards.needs("reason"),
            guards.outcome_among(Outcome.RETURNED, Outcome.REDIRECTED),
            guards.proof_when_recorded_by_hand,
        ],
    )
    def note_return(
        self,
        doing: Doing,
        *,
        reason: str,
        outcome: str = Outcome.RETURNED,
        code: str = "",
        defects: Sequence[ToldDefect] = (),
        competent: Any = None,
        proof: dict[str, Any] | None = None,
    ) -> Effects:
        """`competent`: the authority that it went on to, where our directory has it."""
        self._conclude(doing, outcome, reason)
        self._peer_says(doing, "concluded")
        if outcome == Outcome.RETURNED:
            self.return_code = code or ReturnCode.DEFECTIVE
        else:
            self.redirected_to = competent
        rows = defect_rows(defects, authority_id=self.central_id, outgoing=self._case())
        return Effects(
            rows=rows + self._proof(doing, proof), reason_code=self.return_code, events=[("outgoing.returned", {})]
        )

    def may_note_withdrawal(self, actor: Actor) -> bool:
        return self._receiver(actor, "note_withdrawal")

    @act(
        label=_("Record that the withdrawal is confirmed"),
        source=WITH_THE_OTHER_STATE,
        target=S.CONCLUDED,
        permission=may_note_withdrawal,
        conditions=[guards.withdrawal_is_wished, guards.proof_when_recorded_by_hand],
    )
    def note_withdrawal(self, doing: Doing, *, done: str = "", proof: dict[str, Any] | None = None) -> Effects:
        """`done`: what was carried out until then, in their words."""
        self._conclude(doing, self.wished_outcome or Outcome.WITHDRAWN, self.outcome_reason)
        self._peer_says(doing, "concluded")
        self.work_done = done
        return Effects(rows=self._proof(doing, proof))

    # --- shared by the bodies; each sets fields of this row or makes rows ---

    def _conclude(self, doing: Doing, outcome: str, reason: str) -> None:
        self.outcome, self.outcome_reason, self.concluded_at = outcome, reason, doing.at

    def _peer_says(self, doing: Doing, status: str) -> None:
        self.peer_status, self.peer_status_at = status, doing.at
        if self.next_news_on is not None and self.next_news_on <= doing.at.date():
            # The news that was expected by that day came.
            self._news_expected(doing, None)

    def _proof(self, doing: Doing, proof: dict[str, Any] | None) -> list[models.Model]:
        # Every act of the other State comes here, told by its message or recorded by us.
        self._heard_by(doing)
        if not proof:
            return []
        return [RecordedProof(outgoing=self._case(), act=doing.act, recorded_at=doing.at, **proof)]

    def _case(self) -> OutgoingRequest:
        return cast("OutgoingRequest", self)

    def _point(self, doing: Doing, kind: str, question: str, due: Any, point_id: Any = None) -> OpenPoint:
        return OpenPoint(
            authority_id=self.central_id,
            outgoing=self._case(),
            kind=kind,
            question=question,
            asked_by=doing.by.label,
            asked_at=doing.at,
            due=due,
            **({"point_id": point_id} if point_id else {}),
        )


def answered(point: OpenPoint, doing: Doing, answer: str) -> OpenPoint:
    point.answer, point.answered_by, point.answered_at = answer, doing.by.label, doing.at
    return point


def custody_entry(file: Evidence, step: str, doing: Doing, sha256: str = "") -> CustodyEntry:
    return CustodyEntry(evidence=file, step=step, by=doing.by.label, at=doing.at, sha256=sha256 or file.sha256)
