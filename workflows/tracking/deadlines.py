"""Deadlines as values, and the arithmetic behind them. Pure: nothing here reads a table or a clock.

"Overdue" is never stored: it is a deadline before today, and a draft is never overdue. Working days are those of the
authority whose target it is (mla.reference.calendars).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import models
from django.utils.translation import gettext_lazy as _

from mla.reference.calendars import MONDAY_TO_FRIDAY, Calendar, add_working_days
from workflows.lifecycle.limits import Offer
from workflows.tracking.cases import CaseKey

OWN_TARGET = _("own target")
BUDAPEST_29_7 = "CETS-185 29(7)"
#: Days that Budapest 29(7) has preserved data kept at least, and the cautious count where no rule is named.
PRESERVED_AT_LEAST = 60
#: Own defaults for the way of a follow-up request: to translate it, and to reach the other State. Calendar days.
TRANSLATION_DAYS = 10
CHANNEL_DAYS = 5


class DeadlineKind(models.TextChoices):
    ACKNOWLEDGEMENT = "acknowledgement", _("acknowledgement")
    DECISION = "decision", _("decision on the request")
    EXECUTION = "execution", _("execution of the request")
    CHASER = "chaser", _("reminder to the other State")
    CONFIRMATION = "confirmation", _("confirmation in writing of a provisional request")
    ANSWER = "answer", _("answer to a question")
    CONTACT = "contact", _("next step after a contact")
    EXPECTED = "expected", _("expected result")
    NEXT_NEWS = "next_news", _("next news of the execution")
    ORIGINALS = "originals", _("originals due back")
    UNDERTAKING_END = "undertaking_end", _("end of an undertaking")
    DESTRUCTION = "destruction", _("evidence to be destroyed")
    EVIDENCE_RETURN = "evidence_return", _("evidence to be given back")
    BREACH = "breach", _("breach of an undertaking, not made good")
    OTHER_USE = "other_use", _("answer on another use of evidence")
    ACCOUNT = "account", _("account of the use of evidence")
    POSTPONEMENT = "postponement", _("review of a postponement")
    COURT_HEARING = "court_hearing", _("hearing of a court on a remedy")
    ORDER_END = "order_end", _("end of a court order")
    NOTICE = "notice", _("notice that was put off")
    EMERGENCY = "emergency", _("emergency: the next answer")
    WRITTEN_FOLLOW_UP = "written_follow_up", _("request in writing after an emergency disclosure")
    CUSTODY_TRANSFER = "custody_transfer", _("transfer of a person in custody")
    CUSTODY_RETURN = "custody_return", _("return of a person in custody")
    PRESERVATION = "preservation", _("end of the preservation")
    FOLLOW_UP_SEND_BY = "follow_up_send_by", _("last day to send the request that follows the preservation")
    FOLLOW_UP_PROMISED = "follow_up_promised", _("promised request that follows the preservation")
    TEAM_END = "team_end", _("end of the joint investigation team")
    ITEM_LIMIT = "item_limit", _("time limit asked for an item")
    URGENCY = "urgency", _("date that makes it urgent")
    LIMITATION = "limitation", _("limitation of the offence")
    DETENTION_END = "detention_end", _("end of detention")
    TRIAL = "trial", _("trial")
    HEARING = "hearing", _("hearing")
    COVERT_PHASE_END = "covert_phase_end", _("end of the covert phase")
    PRESERVATION_END = "preservation_end", _("end of a preservation, as the letter says")
    OTHER = "other", _("other date of the letter")


#: Dates of the letter that a law or a court sets; the rest are wishes and estimates.
SET_BY_LAW = frozenset({DeadlineKind.LIMITATION, DeadlineKind.DETENTION_END, DeadlineKind.TRIAL, DeadlineKind.HEARING})

#: Days before the date on which a reminder falls due; a negative number is days after it.
PRESERVATION_STEPS = (30, 14, 7, 3, 1)
#: A person who is not back is warned of again, the day after.
CUSTODY_STEPS = (30, 14, 7, 3, 1, -1)
#: By the minute: the reminder is there with the day.
EMERGENCY_STEPS = (0,)
ACKNOWLEDGEMENT_STEPS = (-1,)
CHASER_STEPS = (0,)
#: News is awaited until the day is over; originals are prepared before it and asked for after it.
NEXT_NEWS_STEPS = (-1,)
ORIGINALS_STEPS = (7, 1, 0, -7)
#: An extension needs the word of both States.
TEAM_STEPS = (60, 30, 7)
#: A breach is told on its day, and again while nobody made it good.
BREACH_STEPS = (0, -7, -30)
#: A limit of law is warned of before its day, and said to be missed after it.
LAW_STEPS = (7, 1, -1)
OTHER_STEPS = (7, 1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """One date by which something must happen in a case.

    `due`: the last good day, a calendar day of the authority it is for. `source`: the article or who set it.
    `legal`: a law or court sets it; false for own targets, estimates and wishes. `confirmed`: false where its
    start or rule is assumed. `since`: the day from which it was known; reminders before it were never due.
    `note` is our own words, never text of the case. `at` (aware): where minutes count, the instant, with `late`: it is
    past; `due` is its day then. `first`: it stands before the others, whatever their days. `zone`: IANA name of the zone in
    which the day is one; "": that of the authority it is for. `draft`: nothing has left yet, so it is never overdue.
    `offers`: extensions that a rule names.
    """

    kind: DeadlineKind
    due: date
    source: str
    legal: bool
    confirmed: bool
    case: CaseKey
    for_authority_id: int
    since: date
    note: str = ""
    at: datetime | None = None
    late: bool = False
    first: bool = False
    zone: str = ""
    draft: bool = False
    offers: tuple[Offer, ...] = ()

    def overdue(self, today: date) -> bool:
        return not self.draft and (self.late or today > self.due)

    def days_left(self, today: date) -> int:
        """Return the days to the date, negative when it is past."""
        return (self.due - today).days

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": str(self.kind),
            "label": str(self.kind.label),
            "due": self.due.isoformat(),
            "source": self.source,
            "legal": self.legal,
            "confirmed": self.confirmed,
            "for_authority_id": self.for_authority_id,
            "note": self.note,
        }


def zone_named(name: str) -> tzinfo:
    """Return the time zone, or UTC where the name is unknown: one wrong row must not stop every reminder."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def day_of(moment: datetime, zone: tzinfo) -> date:
    """Return the calendar day of an instant (aware) in a time zone."""
    return moment.astimezone(zone).date()


def acknowledgement_due(
    start: datetime, *, zone: tzinfo, urgency: str, days: int, days_urgent: int, calendar: Calendar = MONDAY_TO_FRIDAY
) -> date:
    """Return the day by which a request should be acknowledged, in the receiver's calendar.

    `start` (aware): when it was sent, for the sender; when it was received, for the receiver. The target is
    the receiving authority's own, in days of its calendar.
    """
    return add_working_days(day_of(start, zone), days if urgency == "routine" else days_urgent, calendar)


def unconfirmed_until(sent: date) -> date:
    """Return the day to which data may be taken to be kept while nobody confirmed it.

    Counted from sending, the earliest moment the 60 days of Budapest 29(7) can have begun; the true clock
    begins with the preservation, which may be later or never.
    """
    return sent + timedelta(days=PRESERVED_AT_LEAST)


def send_by(until: date, *, translation_days: int = TRANSLATION_DAYS, channel_days: int = CHANNEL_DAYS) -> date:
    """Return the last day to begin sending the follow-up: `until` less translation and channel, calendar days.

    What counts is that the other State has received it when the preservation ends, not that it was sent.
    """
    if translation_days < 0 or channel_days < 0:
        raise ValueError("the way of a request takes no less than no time")
    return until - timedelta(days=translation_days + channel_days)


def steps_of(kind: str) -> tuple[int, ...]:
    """Return the days before the date on which a reminder of this kind falls due, the earliest first."""
    if kind in {DeadlineKind.PRESERVATION, DeadlineKind.FOLLOW_UP_SEND_BY}:
        return PRESERVATION_STEPS
    if kind == DeadlineKind.TEAM_END:
        return TEAM_STEPS
    if kind == DeadlineKind.CUSTODY_RETURN:
        return CUSTODY_STEPS
    if kind == DeadlineKind.EMERGENCY:
        return EMERGENCY_STEPS
    if kind == DeadlineKind.CHASER:
        return CHASER_STEPS
    if kind == DeadlineKind.BREACH:
        return BREACH_STEPS
    if kind == DeadlineKind.NEXT_NEWS:
        return NEXT_NEWS_STEPS
    if kind in {DeadlineKind.ORIGINALS, DeadlineKind.DESTRUCTION, DeadlineKind.EVIDENCE_RETURN}:
        return ORIGINALS_STEPS
    if kind in {DeadlineKind.DECISION, DeadlineKind.EXECUTION}:
        return LAW_STEPS
    return ACKNOWLEDGEMENT_STEPS if kind == DeadlineKind.ACKNOWLEDGEMENT else OTHER_STEPS


def steps_due(deadline: Deadline, today: date) -> list[int]:
    """Return the steps of a deadline's reminders that are due by `today`, whenever they are looked for.

    Every step that fell on a day since the deadline was known; of those that lie before, only the last, so
    that a deadline learned of late warns once, at once. The answer for a later day contains the answer for an
    earlier one: whoever looks after a week finds what each day of it would have found.
    """
    if deadline.due < deadline.since:
        return []
    found, late = [], None
    for step in steps_of(deadline.kind):
        day = deadline.due - timedelta(days=step)
        if day < deadline.since:
            late = step
        elif day <= today:
            found.append(step)
    return ([late] if late is not None and deadline.since <= today else []) + found


def escalated_on(deadline: Deadline, calendar: Calendar, days: int) -> date | None:
    """Return the day on which a missed deadline goes to the supervisor: `days` working days after it, at least one.

    None where it never does: of a draft, or one that was past when it became known.
    """
    if deadline.draft or deadline.due < deadline.since:
        return None
    return add_working_days(deadline.due, max(days, 1), calendar)


def elsewhere(deadline: Deadline, ours: str, theirs: str) -> tuple[datetime, str] | None:
    """Return when the day of a deadline ends by the other side's clock (aware) and the name of that zone, where it is another day.

    `ours`, `theirs`: names of the zones of the authority that the deadline is for and of the other State's. None: the same day.
    """
    at, other = deadline.zone or ours, theirs if (deadline.zone or ours) == ours else ours
    end = datetime.combine(deadline.due, time.max, tzinfo=zone_named(at))
    there = end.astimezone(zone_named(other))
    return (there, other) if there.date() != deadline.due else None
