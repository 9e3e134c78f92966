"""What the sections of preservations show beside the row itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template
from django.utils import timezone

from mla.core import clock
from workflows.lifecycle.models import PreservationOut
from workflows.lifecycle.models.preservation import Preserving
from workflows.tracking.deadlines import send_by
from workflows.tracking.due_preservation import way_days, way_to
from workflows.web.keeping import Bar, bar_of

register = template.Library()


@register.simple_tag
def keeping_bar(row: Preserving) -> Bar | None:
    """Return the picture of a preservation, or None before a day is known."""
    if row.status in ("asked", "received"):  # type: ignore[attr-defined]
        return None
    return bar_of(row.kept_rows, today=timezone.localdate(clock.now()), send_by=_send_by(row))


def _send_by(row: Preserving) -> dt.date | None:
    """Return by when the request for the data is to be sent, of one that we asked and that no request follows yet."""
    if not isinstance(row, PreservationOut) or row.status != "preserved" or row.until is None:
        return None
    assert row.item.outgoing is not None
    translation, channel = way_days(way_to(row.item.outgoing.letter.requested_id))
    return send_by(row.until, translation_days=translation, channel_days=channel)


@register.simple_tag
def short_of_the_law(row: Preserving) -> dt.date | None:
    """Return the day until which the law that the letter cites has the data kept at least, where they are kept less."""
    kept = row.kept if row.status not in ("asked", "received") else None  # type: ignore[attr-defined]
    least = row.least if kept is not None else None
    if least is None or kept is None:
        return None
    until = least.until(row.kept_rows[0].preserved_from)
    return until if kept.until < until else None


@register.simple_tag
def law_of(row: Preserving) -> Any:
    return row.least
