"""The day on which a silent State is reminded, and the one from which its request can be given up. Reads nothing but the row."""

from __future__ import annotations

from datetime import date, tzinfo

from django.utils.translation import gettext as _

from mla.reference.ladders import ladder_told
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.silence import Silence


def standing(case: OutgoingRequest, days: tuple[int, ...], zone: tzinfo, today: date) -> Silence | None:
    """Return how the silence stands; None before the sending. `days`: the ladder of the State's profile, empty where it has none."""
    if case.silent_since is None:
        return None
    return Silence(
        since=case.silent_since.astimezone(zone).date(),
        today=today,
        ladder=ladder_told(" ".join(map(str, days))),
        written=case.chased_rung,
        written_on=case.chased_at.astimezone(zone).date() if case.chased_at else None,
        promised=case.next_news_on,
    )


def reminder(
    case: OutgoingRequest, days: tuple[int, ...], zone: tzinfo, today: date
) -> tuple[date, date, str, str] | None:
    """Return day, since when it is known, source and note of what is due next where nothing is heard."""
    silent = standing(case, days, zone, today)
    if silent is None:
        return None
    source = silent.ladder.source
    if rung := silent.next_rung:
        words = {"number": rung, "of": silent.ladder.top}
        note = _("reminder %(number)d of %(of)d, since nothing was heard") % words
        return silent.day_of(rung), silent.since, source, note
    day, written = silent.given_up_from, silent.written_on
    if day is None or written is None:
        return None
    note = _("all %(of)d reminders are written: turn to the liaison officer or the embassy") % {"of": silent.ladder.top}
    return day, written, source, f"{note}; {_('from then on it can be closed as never answered')}"
