"""What stands between a request in and its result, read with its case: orders, remedies, notices and filters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Prefetch, prefetch_related_objects

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from workflows.lifecycle.models import (
    CourtOrder,
    CustodyEntry,
    Evidence,
    FilteredFile,
    IncomingRequest,
    Notice,
    PrivilegeFilter,
    Remedy,
)
from workflows.lifecycle.models.courts import withheld_of, withheld_words
from workflows.tracking.cases import Case

#: Acts that bring the first row of a kind into being. Few cases ever have one.
_ORDERED, _CHALLENGED = "incoming.apply_for_order", "incoming.note_challenge"
_NOTICED = frozenset({"incoming.notify_affected", "incoming.defer_notice"})
_FILTERED = "incoming.open_filter"


@dataclass(frozen=True, slots=True)
class AtCourt:
    """The rows of one case, the oldest first."""

    orders: list[CourtOrder] = field(default_factory=list)
    remedies: list[Remedy] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    filters: list[PrivilegeFilter] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.orders or self.remedies or self.notices or self.filters)


def with_courts(case: Case, acts: Iterable[str] | None = None) -> AtCourt:
    """Read these rows with the case, for what is shown and for which acts are open. For callers that checked access.

    `acts`: those done on the case, where they are known: a kind that no act brought into being costs no query.
    """
    if not isinstance(case, IncomingRequest):
        return AtCourt()
    done = None if acts is None else set(acts)
    orders, remedies = CourtOrder.objects.order_by("id"), Remedy.objects.select_related("order").order_by("id")
    notices, filters = Notice.objects.order_by("id"), PrivilegeFilter.objects.order_by("id")
    # Of a filter with its files, what became of each.
    filters = filters.prefetch_related(
        Prefetch("files", FilteredFile.objects.select_related("evidence").order_by("id"))
    )
    prefetch_related_objects(
        [case],
        Prefetch("courtorder_set", orders if done is None or _ORDERED in done else orders.none()),
        Prefetch("remedy_set", remedies if done is None or _CHALLENGED in done else remedies.none()),
        Prefetch("notice_set", notices if done is None or _NOTICED & done else notices.none()),
        Prefetch("privilegefilter_set", filters if done is None or _FILTERED in done else filters.none()),
    )
    return AtCourt(
        list(case.courtorder_set.all()),
        list(case.remedy_set.all()),
        list(case.notice_set.all()),
        list(case.privilegefilter_set.all()),
    )


def hidden_here(actor: Actor, evidence: Iterable[Evidence], filters: Iterable[PrivilegeFilter]) -> set[UUID]:
    """Return the files that a filter keeps from this actor; of evidence read with `withheld` and `carried__part`.

    No query, one while a filter of the case is open. `filters`: of the case, with their files.
    """
    if actor.role != Role.EXECUTING_OFFICER:
        return set()
    files = list(evidence)
    found = {file.public_id for file in files if (row := withheld_of(file)) is not None and row.filter_id}
    looking = [one for one in filters if one.open]
    if not looking or not _brought(actor, looking[0].incoming_id):
        return found
    chosen = {file.evidence_id for one in looking for file in one.files.all()}
    everything = any(one.everything for one in looking)
    return found | {
        file.public_id for file in files if file.pk in chosen or (everything and not hasattr(file, "carried"))
    }


def _brought(actor: Actor, incoming_id: int) -> bool:
    """Tell whether the actor brought evidence into the file, and so investigates."""
    added = CustodyEntry.objects.filter(evidence__incoming=incoming_id, step=CustodyEntry.Step.ADDED, by=actor.label)
    return added.exists()


def withheld_there(case: Case) -> list[tuple[int, str]]:
    """Return how many files the other State keeps back, and why in words, as it last told."""
    told = getattr(case, "withheld_there", None) or []
    return [(one["count"], withheld_words(one["ground"])) for one in told]
