"""The conditions of short machines. Each looks and returns reasons; none of them writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from mla.core.reasons import Reason
from mla.reference.coded import Coded
from workflows.engine.machine import Check, Doing
from workflows.lifecycle.guards import proof_when_recorded_by_hand

#: How far the clocks of two offices may lie apart.
CLOCKS_APART = dt.timedelta(hours=1)


def row_proof_when_recorded_by_hand(row: Any, doing: Doing) -> list[Reason]:
    """What the other State did of a request out, and one of us records, needs its proof."""
    return proof_when_recorded_by_hand(row.item.outgoing, doing) if row.item.outgoing_id else []


def code_known(name: str, codes: Callable[[], Mapping[str, Coded]], *, required: bool = True) -> Check:
    """Return a check that our own officer chose a code of the list. What the other State said is kept as it came."""

    def known(row: Any, doing: Doing) -> list[Reason]:
        given = doing.data.get(name) or ""
        if doing.asking or doing.by.kind == "peer" or given in codes() or (not given and not required):
            return []
        return [Reason(f"{name}_unknown", _("choose one of the list"), field=name)]

    known.__name__ = f"code_known_{name}"
    return known


def day_is_not_ahead(name: str) -> Check:
    """Return a check that a day of something that happened has begun somewhere on earth."""

    def past(row: Any, doing: Doing) -> list[Reason]:
        day = doing.data.get(name)
        if doing.asking or day is None or (day - doing.at.date()).days <= 1:
            return []
        return [Reason(f"{name}_ahead", _("this day is still to come"), field=name)]

    past.__name__ = f"day_is_not_ahead_{name}"
    return past


def hour_is_not_ahead(name: str) -> Check:
    """Return a check that an hour of something that happened is not to come, with room for two clocks."""

    def past(row: Any, doing: Doing) -> list[Reason]:
        hour = doing.data.get(name)
        if doing.asking or hour is None or hour <= doing.at + CLOCKS_APART:
            return []
        return [Reason(f"{name}_ahead", _("this hour is still to come"), field=name)]

    past.__name__ = f"hour_is_not_ahead_{name}"
    return past


def day_is_not_past(name: str) -> Check:
    """Return a check that a day that our own officer sets is not past. What the other State set is kept as it set it."""

    def ahead(row: Any, doing: Doing) -> list[Reason]:
        day = doing.data.get(name)
        if doing.asking or doing.by.kind == "peer" or day is None or (doing.at.date() - day).days <= 1:
            return []
        return [Reason(f"{name}_past", _("this day is past"), field=name)]

    ahead.__name__ = f"day_is_not_past_{name}"
    return ahead


def reason_unless_ended(*ended: str) -> Check:
    """Return a check that whoever closes before an end was reached says why."""

    def said(row: Any, doing: Doing) -> list[Reason]:
        if doing.asking or row.status in ended or str(doing.data.get("reason") or "").strip():
            return []
        return [Reason("not_ended", _("it is not ended: wait for its end, or say why you close"), field="reason")]

    said.__name__ = "reason_unless_ended"
    return said


def followup_is_told(row: Any, doing: Doing) -> list[Reason]:
    """What regularises a disclosure is a request that followed, or a confirmation in words."""
    if doing.asking or any(str(doing.data.get(name) or "").strip() for name in ("reference", "words")):
        return []
    message = _("name the request that followed, or say how it was confirmed")
    return [Reason("followup_missing", message, field="reference")]
