"""Courts, notice to the affected person and filters of privileged content, in the requested side's file.

One result never leaves too early: while a remedy or a filter is open nothing goes, and what was gathered under an order
that was set aside, or was found privileged, never does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.reference.courts import ORDER_SET_ASIDE, SURRENDER_STOPPED
from workflows.engine.machine import Doing, Effects, act
from workflows.engine.models import CaseRow
from workflows.lifecycle import guards, guards_consulting
from workflows.lifecycle import guards_courts as courts
from workflows.lifecycle.models.courts import (
    CourtOrder,
    FilteredFile,
    Notice,
    PrivilegeFilter,
    Remedy,
    Withheld,
)
from workflows.lifecycle.models.parts import unsent
from workflows.lifecycle.models.rows import Evidence
from workflows.lifecycle.outcomes import IncomingStatus as S

if TYPE_CHECKING:
    from workflows.lifecycle.models.incoming import IncomingRequest

#: A remedy can be lodged, and notice be given, after the result has left.
CARRIED_OUT = [S.IN_EXECUTION, S.CONCLUDED]


class IncomingCourts(models.Model):
    """The acts about orders, remedies, notices and filters; for whoever carries out, and for the supervisor."""

    if TYPE_CHECKING:
        authority_id: int
        status: Any

        def at_work(self, actor: Actor) -> bool: ...

    class Meta:
        abstract = True

    def _at_court(self, actor: Actor, act_name: str) -> bool:
        return holds(actor, f"incoming.{act_name}") and self.at_work(actor)

    def _row(self, doing: Doing) -> dict[str, Any]:
        return {"authority_id": self.authority_id, "incoming": self._case(), "by": doing.by.label, "at": doing.at}

    def _case(self) -> IncomingRequest:
        return cast("IncomingRequest", self)

    # --- orders ---

    def may_apply_for_order(self, actor: Actor) -> bool:
        return self._at_court(actor, "apply_for_order")

    @act(
        label=_("Apply for a court order"),
        source=[S.IN_EXECUTION],
        target=None,
        permission=may_apply_for_order,
        conditions=[courts.coded("kind", "order"), guards.needs("court"), courts.past("applied_on")],
    )
    def apply_for_order(
        self,
        doing: Doing,
        *,
        kind: str,
        court: str,
        applied_on: Any,
        items: Sequence[str] = (),
        reference: str = "",
    ) -> Effects:
        """`items`: keys of those it concerns; none: the request as a whole."""
        order = CourtOrder(
            kind=kind, court=court, applied_on=applied_on, items=list(items), reference=reference, **self._row(doing)
        )
        return Effects(rows=[order], detail={"order": str(order.public_id), "kind": kind, "items": order.items})

    def may_note_order_granted(self, actor: Actor) -> bool:
        return self._at_court(actor, "note_order_granted")

    @act(
        label=_("Record that the order was granted"),
        source=[S.IN_EXECUTION],
        target=None,
        permission=may_note_order_granted,
        conditions=[
            courts.order_is_open,
            guards.needs("reference"),
            courts.past("decided_on"),
            courts.decided_after("order", "applied_on"),
            courts.valid_from_its_day,
        ],
    )
    def note_order_granted(
        self, doing: Doing, *, order: CourtOrder, reference: str, decided_on: Any, valid_until: Any = None
    ) -> Effects:
        granted = order.decided(
            doing, CourtOrder.State.GRANTED, reference=reference, decided_on=decided_on, valid_until=valid_until
        )
        return Effects(changed=[granted], detail={"order": str(order.public_id), "state": order.state})

    def may_note_order_denied(self, actor: Actor) -> bool:
        return self._at_court(actor, "note_order_denied")

    @act(
        label=_("Record that the order was denied"),
        source=[S.IN_EXECUTION],
        target=None,
        permission=may_note_order_denied,
        conditions=[
            courts.order_is_open,
            guards.needs("reason"),
            courts.past("decided_on"),
            courts.decided_after("order", "applied_on"),
        ],
    )
    def note_order_denied(
        self, doing: Doing, *, order: CourtOrder, reason: str, decided_on: Any, reference: str = ""
    ) -> Effects:
        """Refuses nothing by itself: what becomes of the items is decided by the acts on them."""
        denied = order.decided(
            doing,
            CourtOrder.State.DENIED,
            reason=reason,
            decided_on=decided_on,
            reference=reference or order.reference,
        )
        return Effects(changed=[denied], reason=reason, detail={"order": str(order.public_id), "state": order.state})

    # --- remedies ---

    def may_note_challenge(self, actor: Actor) -> bool:
        return self._at_court(actor, "note_challenge")

    @act(
        label=_("Record a remedy"),
        source=CARRIED_OUT,
        target=None,
        permission=may_note_challenge,
        conditions=[
            courts.one_of("party", courts.PARTIES),
            guards.needs("court"),
            courts.past("lodged_on"),
            courts.order_can_be_challenged,
        ],
    )
    def note_challenge(
        self,
        doing: Doing,
        *,
        party: str,
        court: str,
        lodged_on: Any,
        order: CourtOrder | None = None,
        hearing_on: Any = None,
        words: str = "",
    ) -> Effects:
        """`order`: against which; None: against the surrender."""
        remedy = Remedy(
            order=order,
            party=party,
            court=court,
            lodged_on=lodged_on,
            hearing_on=hearing_on,
            words=words,
            **self._row(doing),
        )
        detail = {"remedy": str(remedy.public_id), "party": party, "order": str(order.public_id) if order else ""}
        return Effects(rows=[remedy], detail=detail)

    def may_note_remedy_decided(self, actor: Actor) -> bool:
        return self._at_court(actor, "note_remedy_decided")

    @act(
        label=_("Record the decision on a remedy"),
        source=CARRIED_OUT,
        target=None,
        permission=may_note_remedy_decided,
        conditions=[
            courts.remedy_is_open,
            courts.one_of("result", courts.RESULTS),
            courts.past("decided_on"),
            courts.decided_after("remedy", "lodged_on"),
            guards.needs("decision"),
        ],
    )
    def note_remedy_decided(
        self, doing: Doing, *, remedy: Remedy, result: str, decided_on: Any, decision: str
    ) -> Effects:
        """Upheld: its order is set aside, what was gathered under it never leaves, and its items are to be decided anew."""
        remedy.result, remedy.decided_on, remedy.decision = result, decided_on, decision
        remedy.decided_by, remedy.decided_at = doing.by.label, doing.at
        detail: dict[str, Any] = {"remedy": str(remedy.public_id), "result": result}
        changed: list[models.Model] = [remedy]
        rows: list[models.Model] = []
        then: list[tuple[CaseRow, str, dict[str, Any]]] = []
        if result == Remedy.Result.UPHELD and remedy.order is not None and remedy.order.state == "granted":
            order = remedy.order
            order.state = CourtOrder.State.SET_ASIDE
            changed.append(order)
            detail["order"] = str(order.public_id)
        if result == Remedy.Result.UPHELD and self._stops_evidence(remedy) and self.status == S.IN_EXECUTION:
            rows, then = self._falls(doing, remedy)
            detail["withheld"] = len(rows)
        return Effects(changed=changed, rows=rows, then=then, reason=decision, reason_code=result, detail=detail)

    def _stops_evidence(self, remedy: Remedy) -> bool:
        """A remedy against a denial opens the way again; it stops nothing."""
        return remedy.order is None or remedy.order.state == CourtOrder.State.SET_ASIDE

    def _falls(
        self, doing: Doing, remedy: Remedy
    ) -> tuple[list[models.Model], list[tuple[CaseRow, str, dict[str, Any]]]]:
        """Return what of the evidence is withheld from now on, and the items whose execution is taken back."""
        case, order = self._case(), remedy.order
        # A file that belongs to no item may have been gathered under any order.
        files = [
            file
            for file in unsent(case).select_related("item")
            if order is None or file.item is None or order.concerns(file.item.key)
        ]
        ground = SURRENDER_STOPPED if order is None else ORDER_SET_ASIDE
        rows: list[models.Model] = [
            Withheld(evidence=file, remedy=remedy, ground=ground, at=doing.at) for file in files
        ]
        if order is None:
            return rows, []
        executed = case.items.filter(status__in=["executed", "partially_executed"]).order_by("id")
        return rows, [(item, "take_back", {"reason": remedy.decision}) for item in executed if order.concerns(item.key)]

    # --- notice ---

    def may_notify_affected(self, actor: Actor) -> bool:
        return self._at_court(actor, "notify_affected")

    @act(
        label=_("Record notice to an affected person"),
        source=CARRIED_OUT,
        target=None,
        permission=may_notify_affected,
        conditions=[courts.past("given_on"), guards.needs("how"), courts.deferral_is_open],
    )
    def notify_affected(
        self,
        doing: Doing,
        *,
        given_on: Any,
        how: str,
        whom: str = "",
        words: str = "",
        deferral: Notice | None = None,
    ) -> Effects:
        """`deferral`: the one that ends with this notice."""
        notice = Notice(
            kind=Notice.Kind.GIVEN,
            given_on=given_on,
            how=how,
            whom=whom or (deferral.whom if deferral else ""),
            words=words,
            **self._row(doing),
        )
        return Effects(rows=[notice], changed=_ended(deferral, doing), detail={"notice": str(notice.public_id)})

    def may_defer_notice(self, actor: Actor) -> bool:
        return self._at_court(actor, "defer_notice")

    @act(
        label=_("Defer notice to an affected person"),
        source=CARRIED_OUT,
        target=None,
        permission=may_defer_notice,
        conditions=[
            courts.coded("ground", "deferral"),
            guards.needs("article"),
            guards_consulting.until_or_event,
            guards_consulting.until_is_ahead,
            courts.deferral_is_open,
        ],
    )
    def defer_notice(
        self,
        doing: Doing,
        *,
        ground: str,
        article: str,
        until: Any = None,
        until_event: str = "",
        whom: str = "",
        words: str = "",
        deferral: Notice | None = None,
    ) -> Effects:
        """`deferral`: an earlier one that is prolonged by this one."""
        notice = Notice(
            kind=Notice.Kind.DEFERRED,
            ground=ground,
            article=article,
            until=until,
            until_event=until_event,
            whom=whom or (deferral.whom if deferral else ""),
            words=words,
            **self._row(doing),
        )
        detail = {"notice": str(notice.public_id), "until": until.isoformat() if until else ""}
        return Effects(
            rows=[notice], changed=_ended(deferral, doing), reason_code=ground, article=article, detail=detail
        )

    # --- filters ---

    def may_open_filter(self, actor: Actor) -> bool:
        return self._at_court(actor, "open_filter")

    @act(
        label=_("Open a filter for privileged content"),
        source=[S.IN_EXECUTION],
        target=None,
        permission=may_open_filter,
        conditions=[
            courts.coded("kind", "privilege"),
            guards.needs("filtered_by"),
            courts.filter_is_apart,
            courts.something_to_filter,
        ],
    )
    def open_filter(
        self,
        doing: Doing,
        *,
        kind: str,
        filtered_by: str,
        everything: bool = True,
        evidence: Sequence[Evidence] = (),
        words: str = "",
    ) -> Effects:
        """`evidence`: the files concerned, where not everything is."""
        opened = PrivilegeFilter(
            kind=kind, filtered_by=filtered_by, everything=everything, words=words, **self._row(doing)
        )
        chosen = [] if everything else list(evidence)
        rows: list[models.Model] = [opened, *(FilteredFile(filter=opened, evidence=file) for file in chosen)]
        detail = {"filter": str(opened.public_id), "kind": kind, "files": len(chosen)}
        return Effects(rows=rows, detail=detail)

    def may_close_filter(self, actor: Actor) -> bool:
        return self._at_court(actor, "close_filter")

    @act(
        label=_("Close the filter"),
        source=[S.IN_EXECUTION],
        target=None,
        permission=may_close_filter,
        conditions=[courts.filter_is_open, courts.closer_is_apart, courts.every_file_is_decided],
    )
    def close_filter(
        self,
        doing: Doing,
        *,
        filter: PrivilegeFilter,
        concerned: Sequence[Evidence],
        decided: Mapping[UUID, str],
        words: str = "",
    ) -> Effects:
        """`decided`: by public_id of each file concerned the ground on which it is withheld, or nothing: it is released."""
        filter.closed_by, filter.closed_at, filter.closing_words = doing.by.label, doing.at, words
        known = {row.evidence_id: row for row in filter.files.all()}
        rows: list[models.Model] = []
        changed: list[models.Model] = [filter]
        for file in concerned:
            ground = decided[file.public_id]
            row = known.get(file.pk)
            (changed if row else rows).append(row := row or FilteredFile(filter=filter, evidence=file))
            row.released = not ground
            if ground:
                rows.append(Withheld(evidence=file, filter=filter, ground=ground, at=doing.at))
        withheld = sum(1 for ground in decided.values() if ground)
        detail = {"filter": str(filter.public_id), "released": len(decided) - withheld, "withheld": withheld}
        return Effects(changed=changed, rows=rows, detail=detail)


def _ended(deferral: Notice | None, doing: Doing) -> list[models.Model]:
    if deferral is None:
        return []
    deferral.ended_at = doing.at
    return [deferral]
