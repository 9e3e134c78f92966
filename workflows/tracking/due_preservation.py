"""What of preservations stops or sets a day: whether they ended or are held, and what waits for our answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, Subquery

from mla.reference.models import ProfileEntry
from mla.reference.profiles import Topic, days_of
from workflows.drafting.preserving import Way
from workflows.lifecycle.models import PreservationIn, PreservationOut, PreservationPoint, RequestedItem
from workflows.lifecycle.models.preservation import Preserving
from workflows.lifecycle.models.short import ShortMachine
from workflows.tracking.deadlines import CHANNEL_DAYS, TRANSLATION_DAYS

#: Here no day of the preservation counts any longer.
_ENDED = frozenset({"released", "lapsed", "refused", "none_held", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on a preservation that waits for our answer."""

    due: date
    since: datetime


@dataclass(slots=True)
class Keeping:
    """The preservations of a number of items, by item: which no day counts for, and what waits for our answer."""

    stopped: set[int] = field(default_factory=set)
    asked: dict[int, Asked] = field(default_factory=dict)

    def add(self, item_id: int, status: str, *, told: bool, asked: Asked | None) -> None:
        # What we hold by sending the request counts on until they say that they have it.
        if status in _ENDED or (status == "held" and told):
            self.stopped.add(item_id)
        elif asked is not None and status == "asked":
            self.asked[item_id] = asked


def keeping_of(items: Iterable[RequestedItem], known: Sequence[ShortMachine] | None = None) -> Keeping:
    """Return what is known of the preservations of these items; no query where none asks for one, else one a side.

    `known`: their rows, from a caller that has read them.
    """
    found = Keeping()
    if known is not None:
        for row in known:
            if isinstance(row, PreservationOut):
                asked = row.open_point(PreservationPoint.Kind.TIPPING_OFF) if row.status == "asked" else None
                since = Asked(asked.due, asked.asked_at) if asked is not None and asked.due is not None else None
                found.add(row.item_id, row.status, told=row.hold_told_at is not None, asked=since)
            elif isinstance(row, PreservationIn):
                found.add(row.item_id, row.status, told=True, asked=None)
        return found
    kept = [item for item in items if item.measure == Preserving.MEASURE]
    out = [item.pk for item in kept if item.outgoing_id]
    inward = [item.pk for item in kept if item.incoming_id]
    if out:
        waiting = PreservationPoint.objects.filter(
            item=OuterRef("item"), kind=PreservationPoint.Kind.TIPPING_OFF, answered_at=None, due__isnull=False
        ).order_by("id")
        rows = PreservationOut.objects.filter(item__in=out).values_list(
            "item",
            "status",
            "hold_told_at",
            Subquery(waiting.values("due")[:1]),
            Subquery(waiting.values("asked_at")[:1]),
        )
        for pk, status, held, due, at in rows:
            found.add(pk, status, told=held is not None, asked=Asked(due, at) if due else None)
    if inward:
        for pk, status in PreservationIn.objects.filter(item__in=inward).values_list("item", "status"):
            found.add(pk, status, told=True, asked=None)
    return found


def way_days(way: Way, translation: int = TRANSLATION_DAYS, channel: int = CHANNEL_DAYS) -> tuple[int, int]:
    """Return the days to translate and to arrive: as the profile of the State tells them, else our own count."""
    return (
        translation if way.translation is None else way.translation,
        channel if way.channel is None else way.channel,
    )


def way_to(jurisdiction_id: int) -> Way:
    """Return the days of the way to a State, as its profile tells them. One query."""
    topics = (Topic.TRANSLATION_DAYS, Topic.CHANNEL_DAYS)
    rows: dict[str, Any] = dict(
        ProfileEntry.objects.filter(jurisdiction=jurisdiction_id, topic__in=topics, removed=False).values_list(
            "topic", "value"
        )
    )
    return Way(*(days_of(rows.get(str(topic)) or "") for topic in topics))
