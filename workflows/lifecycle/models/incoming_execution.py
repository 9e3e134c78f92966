"""The requested side gives out the execution, follows it, and lists the originals that go with a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.accounts.models import Role
from workflows.drafting.models import Confidentiality
from workflows.engine.machine import Doing, Effects, act, permitted
from workflows.lifecycle import guards
from workflows.lifecycle import guards_execution as execution
from workflows.lifecycle.models.execution import (
    Assignment,
    FollowedExecution,
    Original,
    Progress,
    executing_of,
    open_assignments,
)
from workflows.lifecycle.models.extensions import ExtensionsIn
from workflows.lifecycle.outcomes import IncomingStatus as S

if TYPE_CHECKING:
    from workflows.engine.models import CaseRow
    from workflows.lifecycle.models.incoming import IncomingRequest

BEING_WORKED_ON = [S.UNDER_REVIEW, S.IN_EXECUTION]
WITH_RESULTS = [S.IN_EXECUTION, S.CONCLUDED]


class IncomingExecution(ExtensionsIn, FollowedExecution):
    """Who carries out, news of it, and originals."""

    divided = models.BooleanField(default=False, help_text="some item is given to an authority of its own")

    if TYPE_CHECKING:
        authority_id: int
        executing_id: int | None
        executing: Any
        expected_by: Any
        confidentiality: str
        status: Any
        assignment_set: Any
        named_officers: Any

        def _sender(self, actor: Actor, act_name: str) -> bool: ...

    class Meta:
        abstract = True

    def at_work(self, actor: Actor, item: Any = None) -> bool:
        """Tell whether the actor decides on this request here, or carries it out: `item`, or the whole, or a part of it."""
        if actor.kind != "user":
            return False
        if actor.authority_id == self.authority_id:
            return True
        if actor.role != Role.EXECUTING_OFFICER:
            return False
        if item is not None:
            return actor.authority_id == executing_of(self, item)
        if actor.authority_id == self.executing_id:
            return True
        return any(row.executing_id == actor.authority_id for row in open_assignments(self))

    def may_assign_execution(self, actor: Actor) -> bool:
        return permitted(self._this(), actor, "assign_execution")

    @act(
        label=_("Give out the execution"),
        source=[S.IN_EXECUTION],
        target=None,
        permission=may_assign_execution,
        conditions=[
            guards.needs("executing"),
            execution.executes_in_this_state,
            execution.officer_is_of_the_office,
            execution.given_items_are_open,
            execution.taken_away_with_a_reason,
        ],
    )
    def assign_execution(
        self,
        doing: Doing,
        *,
        executing: Any,
        officer: Any = None,
        items: list[Any] | None = None,
        expected_by: Any = None,
        instruction: str = "",
        reason: str = "",
    ) -> Effects:
        """`items`: those given to it; none: the whole, but for items that are given to others."""
        whose = Q(item__in=items) if items else Q(item=None)
        ended = list(self.assignment_set.filter(whose, ended_at=None).order_by("id"))
        for row in ended:
            row.ended_at = doing.at
        rows: list[models.Model] = [
            Assignment(
                incoming=self._case(),
                item=item,
                executing=executing,
                officer=officer,
                expected_by=expected_by,
                instruction=instruction,
                reason=reason,
                by=doing.by.label,
                at=doing.at,
            )
            for item in items or [None]
        ]
        if items:
            self.divided = True
        else:
            self.executing = executing
            self.expected_by = expected_by or self.expected_by
        restricted = self.confidentiality == Confidentiality.RESTRICTED
        if officer is not None and restricted and not self.named_officers.filter(user=officer).exists():
            rows.append(self.named_officers.model(incoming=self._case(), user=officer, at=doing.at))
        detail: dict[str, Any] = {"executing": executing.pk}
        if items:
            detail["items"] = [item.key for item in items]
        if officer is not None:
            detail["officer"] = str(officer.public_id)
        return Effects(rows=rows, changed=[*ended], detail=detail, reason=reason)

    # --- news ---

    def may_report_progress(self, actor: Actor) -> bool:
        if actor.role == Role.EXECUTING_OFFICER and self.status != S.IN_EXECUTION:
            return False
        return holds(actor, "incoming.report_progress") and self.at_work(actor)

    @act(
        label=_("Report progress"),
        source=BEING_WORKED_ON,
        target=None,
        permission=may_report_progress,
        conditions=[execution.something_is_said, execution.next_news_is_ahead],
    )
    def report_progress(
        self, doing: Doing, *, progress_id: Any, event: str = "", text: str = "", next_on: Any = None
    ) -> Effects:
        row = Progress(
            authority_id=self.authority_id,
            incoming=self._case(),
            progress_id=progress_id,
            event=event,
            text=text,
            next_on=next_on,
            by=doing.by.label,
            at=doing.at,
        )
        self._news_expected(doing, next_on)
        return Effects(rows=[row], reason_code=event, detail=_dated({"progress": str(progress_id)}, next_on))

    def may_tell_progress(self, actor: Actor) -> bool:
        return permitted(self._this(), actor, "tell_progress")

    @act(
        label=_("Tell the requesting State of the progress"),
        source=BEING_WORKED_ON,
        target=None,
        permission=may_tell_progress,
        conditions=[execution.news_is_untold],
    )
    def tell_progress(self, doing: Doing, *, row: Progress) -> Effects:
        row.told_at = doing.at
        payload = {"status": self.status, "progress": str(row.progress_id)}
        return Effects(
            changed=[row],
            reason_code=row.event,
            detail=_dated({"progress": str(row.progress_id)}, row.next_on),
            events=[("incoming.progress", payload)],
        )

    # --- originals ---

    def may_list_originals(self, actor: Actor) -> bool:
        return permitted(self._this(), actor, "list_originals")

    @act(
        label=_("List originals that go with the result"),
        source=WITH_RESULTS,
        target=None,
        permission=may_list_originals,
        conditions=[guards.needs("originals"), execution.originals_are_whole],
    )
    def list_originals(self, doing: Doing, *, originals: list[Original]) -> Effects:
        self._originals_changed(originals)
        return Effects(
            rows=[*originals],
            detail={"originals": [str(one.original_id) for one in originals]},
            events=[("incoming.originals_listed", {"originals": [str(one.original_id) for one in originals]})],
        )

    def may_note_originals_returned(self, actor: Actor) -> bool:
        return self._sender(actor, "note_originals_returned")

    @act(
        label=_("Note that originals are returned"),
        source=[*WITH_RESULTS, S.CLOSED],
        target=None,
        permission=may_note_originals_returned,
        conditions=[execution.some_original_is_out, guards.needs("on"), execution.returned_by_now],
    )
    def note_originals_returned(
        self, doing: Doing, *, originals: list[Original], on: Any, how: str = "", tracking: str = ""
    ) -> Effects:
        back = [one.returned(doing, on=on, how=how, tracking=tracking) for one in originals]
        self._originals_changed(back)
        return Effects(changed=[*back], detail=_dated({"originals": [str(one.original_id) for one in back]}, on))

    def may_waive_return(self, actor: Actor) -> bool:
        return permitted(self._this(), actor, "waive_return")

    @act(
        label=_("Waive the return of originals"),
        source=WITH_RESULTS,
        target=None,
        permission=may_waive_return,
        conditions=[execution.some_original_is_out],
    )
    def waive_return(self, doing: Doing, *, originals: list[Original], words: str = "") -> Effects:
        waived = [one.waived(doing, words) for one in originals]
        self._originals_changed(waived)
        named = [str(one.original_id) for one in waived]
        return Effects(
            changed=[*waived],
            article=execution.ETS_6_2,
            reason=words,
            detail={"originals": named},
            events=[("incoming.return_waived", {"originals": named})],
        )

    def _case(self) -> IncomingRequest:
        return cast("IncomingRequest", self)

    def _this(self) -> CaseRow:
        return cast("CaseRow", self)


def _dated(detail: dict[str, Any], day: Any) -> dict[str, Any]:
    return detail | ({"day": day.isoformat()} if day else {})
