"""Small pictures of short machines: the steps of an emergency with its minutes, the bar of a person's days away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mla.core import clock
from mla.reference.models import Jurisdiction
from workflows.tracking.deadlines import Deadline

register = template.Library()


@register.filter
def hours_minutes(length: timedelta) -> str:
    """Say a length in days, hours and minutes: the last minute counts."""
    minutes = max(int(length.total_seconds()), 0) // 60
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    words = {"d": days, "h": hours, "min": f"{rest:02d}"}
    if days:
        return _("%(d)s d %(h)s h %(min)s min") % words
    return _("%(h)s h %(min)s min") % words if hours else _("%(min)s min") % {"min": rest}


@register.filter
def past(deadline: Deadline, today: date) -> bool:
    """Tell whether a deadline is past, by its minute where minutes count."""
    return deadline.overdue(today)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an emergency. `state`: done, now or to_come."""

    words: str
    at: datetime | date | None
    state: str


@register.simple_tag
def emergency_steps(row: Any) -> list[Step]:
    """Return the steps of an emergency disclosure in their order, each as far as it is."""
    answer = _("disclosed")
    answered = row.answered_at
    if row.status == "declined" or (row.declined_at and not row.disclosed_at and not row.running):
        answer = _("declined")
    begun = _("sent") if row.SIDE == "outgoing" else _("received")
    steps: list[tuple[str, Any, bool]] = [
        (begun, row.started_at, False),
        (_("taken up"), row.taken_up_at, row.status in ("sent", "received") and row.taken_up_at is None),
        (answer, answered, row.running and row.taken_up_at is not None),
    ]
    if row.followup_due or row.regularised_on:
        due = row.regularised_on is None
        steps.append(
            (
                _("put in writing, until") if due else _("put in writing"),
                row.followup_due if due else row.regularised_on,
                due,
            )
        )
    return [Step(words, at, "now" if now else "done" if at else "to_come") for words, at, now in steps]


@dataclass(frozen=True, slots=True)
class Bar:
    """Days of a person away, on a scale of 1000: the agreed stretch, what is past it, and today."""

    first: date
    last: date
    x: int
    width: int
    late_x: int | None
    late_width: int
    today_x: int | None
    days_left: int


@register.simple_tag
def custody_bar(row: Any) -> Bar | None:
    """Return the picture of the days from the transfer to the return, or None before they are known."""
    start, due = row.transferred_on or row.transfer_on, row.return_on
    if start is None or due is None:
        return None
    today = timezone.localdate(clock.now())
    ended = row.returned_on or row.released_on
    over = max(ended or (today if row.is_over else due), due)
    first, last = start - timedelta(days=2), max(over, due) + timedelta(days=2)
    span = max((last - first).days, 1)

    def x(day: date) -> int:
        return round((min(max(day, first), last) - first).days * 1000 / span)

    end = min(ended, due) if ended else due
    return Bar(
        first=start, last=max(over, due), x=x(start), width=max(x(end) - x(start), 4),
        late_x=x(due) if over > due else None, late_width=x(over) - x(due),
        today_x=x(today) if row.is_over and first <= today <= last else None, days_left=(due - today).days,
    )  # fmt: skip


@register.filter
def states_named(codes: list[str]) -> list[str]:
    """Return the names of States by their codes; what the directory does not have as it came."""
    if not codes:
        return []
    known = {one.code: one for one in Jurisdiction.objects.filter(code__in=codes)}
    language = get_language() or "en"
    return [known[code].name(language) if code in known else code for code in codes]
