"""News of the execution over there, and the originals that came with a result, in the requesting side's file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from workflows.engine.machine import Doing, Effects, act
from workflows.lifecycle import guards
from workflows.lifecycle import guards_execution as execution
from workflows.lifecycle.models.execution import FollowedExecution, Original
from workflows.lifecycle.models.extensions import ExtensionsOut
from workflows.lifecycle.models.outgoing_receiver import WITH_THE_OTHER_STATE, ReceiverActs
from workflows.lifecycle.outcomes import OutgoingStatus as S

ORIGINALS_COME = [*WITH_THE_OTHER_STATE, S.CONCLUDED]


class OutgoingExecution(ExtensionsOut, FollowedExecution, ReceiverActs):
    """Originals: listed by the other State, given back by us (ETS 030 article 6(2)), or left to us."""

    if TYPE_CHECKING:

        def _central(self, actor: Actor, act_name: str) -> bool: ...

    class Meta:
        abstract = True

    def may_note_originals(self, actor: Actor) -> bool:
        return self._receiver(actor, "note_originals")

    @act(
        label=_("Record originals that came with the result"),
        source=ORIGINALS_COME,
        target=None,
        permission=may_note_originals,
        conditions=[guards.needs("originals"), execution.originals_are_whole, guards.proof_when_recorded_by_hand],
    )
    def note_originals(
        self, doing: Doing, *, originals: list[Original], proof: dict[str, Any] | None = None
    ) -> Effects:
        self._originals_changed(originals)
        return Effects(
            rows=[*originals, *self._proof(doing, proof)],
            detail={"originals": [str(one.original_id) for one in originals]},
            events=[("outgoing.originals_noted", {})],
        )

    def may_return_originals(self, actor: Actor) -> bool:
        return self._central(actor, "return_originals")

    @act(
        label=_("Return originals"),
        source=[*ORIGINALS_COME, S.CLOSED],
        target=None,
        permission=may_return_originals,
        conditions=[execution.some_original_is_out, guards.needs("on", "how"), execution.returned_by_now],
    )
    def return_originals(
        self,
        doing: Doing,
        *,
        originals: list[Original],
        on: Any,
        how: str,
        tracking: str = "",
        proof: dict[str, Any] | None = None,
    ) -> Effects:
        """`how`: in words, by which way. `proof`: a receipt, where there is one."""
        back = [one.returned(doing, on=on, how=how, tracking=tracking) for one in originals]
        self._originals_changed(back)
        named = [str(one.original_id) for one in back]
        return Effects(
            rows=self._proof(doing, proof),
            changed=[*back],
            article=execution.ETS_6_2,
            detail={"originals": named, "day": on.isoformat()},
            events=[("outgoing.originals_returned", {"originals": named})],
        )

    def may_note_return_waived(self, actor: Actor) -> bool:
        return self._receiver(actor, "note_return_waived")

    @act(
        label=_("Record that the return of originals is waived"),
        source=ORIGINALS_COME,
        target=None,
        permission=may_note_return_waived,
        conditions=[execution.some_original_is_out, guards.proof_when_recorded_by_hand],
    )
    def note_return_waived(
        self, doing: Doing, *, originals: list[Original], words: str = "", proof: dict[str, Any] | None = None
    ) -> Effects:
        waived = [one.waived(doing, words) for one in originals]
        self._originals_changed(waived)
        return Effects(
            rows=self._proof(doing, proof),
            changed=[*waived],
            reason=words,
            article=execution.ETS_6_2,
            detail={"originals": [str(one.original_id) for one in waived]},
            events=[("outgoing.return_waived_noted", {})],
        )
