"""What tracking writes: reminders, alarms and saved lists. Cases are changed by nobody here."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, transaction
from django.utils.translation import gettext

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.models import User
from mla.audit.services import Entry, What, record
from mla.core import clock
from mla.core.errors import MlaError
from mla.core.text import clean
from mla.reference.calendars import Calendar, calendar_of
from mla.reference.models import Authority
from workflows.engine.errors import error_told, frames_of
from workflows.lifecycle.models import CustodyIn, CustodyOut
from workflows.tracking.cases import Case
from workflows.tracking.deadlines import Deadline, DeadlineKind, day_of, escalated_on, steps_due, zone_named
from workflows.tracking.due import deadlines_for
from workflows.tracking.due_cases import cases_with_deadlines
from workflows.tracking.lists import Filters, query_of
from workflows.tracking.models import Notification, NotificationSeen, SavedList
from workflows.tracking.selectors import access_notification_by_id, access_saved_list_by_id, visible_saved_lists

logger = logging.getLogger(__name__)

#: Cases whose deadlines are computed together.
CHUNK = 500
#: Characters of the name of a saved list, and how many a person has of one kind at one authority.
LONGEST_NAME = 80
MOST_SAVED = 30


class ReminderStands(MlaError):
    """A reminder cannot be put away before what it warns of is done."""


class SavedListRefused(MlaError):
    """Filters cannot be kept under this name; says why."""


def reminders_create() -> int:
    """Make every reminder that is due by now and not made yet; return how many were made here.

    Any number of workers may do so at the same time: the database keeps one of each. After a week without a run one
    reminder of each deadline stands for those that were missed. A deadline that is missed for as many working days as
    its authority says is told to the supervisor, once. CHUNK cases at a time, by the same number of queries each.
    """
    made, place = 0, _BEGINNING
    while place:
        count, place = _remind_from(place)
        made += count
    return made


def reminders_step(place: str) -> str | None:
    """Do as `reminders_create` for the next CHUNK cases; return the place after them, None at the end.

    By the sweep "tracking.reminders". `place`: "" at the beginning, then as it was returned: the side and the identity
    of the last case, such as `outgoing:1742`.
    """
    return _remind_from(place or _BEGINNING)[1] or None


#: The sides in their order, as `cases_with_deadlines` has them.
_SIDES = ("outgoing", "incoming")
_BEGINNING = f"{_SIDES[0]}:0"


def _remind_from(place: str) -> tuple[int, str]:
    now = clock.now()
    side, _colon, last = place.partition(":")
    querysets = dict(zip(_SIDES, cases_with_deadlines(now.date()), strict=True))
    # One more than are looked at tells whether there is another step.
    found = list(querysets[side].filter(pk__gt=int(last)).order_by("pk")[: CHUNK + 1])
    cases = found[:CHUNK]
    offices = {office.pk: _Office.of(office) for office in Authority.objects.select_related("jurisdiction")}
    made = _remind_cases(cases, offices, now)
    if len(found) > CHUNK:
        return made, f"{side}:{cases[-1].pk}"
    return made, f"{_SIDES[1]}:0" if side == _SIDES[0] else ""


def _remind_cases(cases: Sequence[Case], offices: dict[int, _Office], now: datetime) -> int:
    """Remind of these cases; where that fails, of each alone: one damaged file must not silence the others."""
    try:
        with transaction.atomic():
            return _remind(deadlines_for(cases, today=now.date()), offices, now)
    except (OperationalError, SoftTimeLimitExceeded):
        raise
    except Exception as error:
        if len(cases) == 1:
            told = error_told(error)
            logger.error("reminders of %s %s: %s\n%s", cases[0].KIND, cases[0].pk, told, frames_of(error))  # noqa: TRY400 see error_told
            return 0
    return sum(_remind_cases([case], offices, now) for case in cases)


@dataclass(frozen=True, slots=True)
class _Office:
    zone: tzinfo
    calendar: Calendar
    escalation_days: int
    #: None of its officers answers for the others: a deadline of an executing authority is its central authority's too.
    escalates: bool

    @classmethod
    def of(cls, office: Authority) -> _Office:
        escalates = office.kind != Authority.Kind.EXECUTING
        return cls(zone_named(office.time_zone), calendar_of(office), office.escalation_days, escalates)


def notification_see(*, notification: Notification, by: Actor) -> Notification:
    """Note that the actor has seen a reminder, so that it is shown to them no more. Again changes nothing.

    For officers of its authority who may see the case. The others go on seeing it. A preference: it leaves no trace in the record.

    Raises:
        AccessDenied: no person, not a reminder of the actor's authority, or of a case the actor may not see.
        ReminderStands: of a person in custody who is not back: it stands until the person is.
    """
    found = access_notification_by_id(by, notification.public_id)
    if by.user_id is None:
        raise AccessDenied("reminder", str(notification.public_id), by)
    if found.kind == DeadlineKind.CUSTODY_RETURN and _person_is_over(found):
        raise ReminderStands(gettext("The person is not back: this reminder stands until then."))
    with transaction.atomic():
        seen = NotificationSeen(notification=notification, user_id=by.user_id, at=clock.now())
        NotificationSeen.objects.bulk_create([seen], ignore_conflicts=True)
        row = Notification.objects.select_for_update(of=("self",)).get(pk=notification.pk)
        if row.seen_at is None:
            row.seen_at = clock.now()
            row.save(update_fields=["seen_at"])
        return row


def _person_is_over(reminder: Notification) -> bool:
    machine: Any = CustodyOut if reminder.case_kind == "outgoing" else CustodyIn
    of_it = {f"item__{reminder.case_kind}": reminder.case_id}
    return bool(machine.objects.filter(status="transferred", **of_it).exists())


def list_export_record(*, by: Actor, kind: str, filters: Sequence[str]) -> None:
    """Record that a person takes a list of cases out as a file. `kind`: outgoing or incoming; `filters`: their names.

    In the chain of the person's own authority, before the first row leaves.
    """
    with transaction.atomic():
        record(
            Entry(
                authority_id=by.authority_id or 0,
                act="list.export",
                by=by.who(),
                on=What("list", kind),
                detail={"filters": list(filters)},
            )
        )


def list_save(*, by: Actor, kind: str, name: str, filters: Filters) -> SavedList:
    """Keep filters under a name for the person alone; a name that the person uses already gets the new filters.

    `kind`: outgoing or incoming. A preference, so it leaves no trace in the record.

    Raises:
        AccessDenied: no person under a hat.
        SavedListRefused: no name, too long a name, or MOST_SAVED others there.
        TextRefused: a character in the name that has no place in a text.
    """
    if by.user_id is None or by.authority_id is None:
        raise AccessDenied("saved list", name, by)
    named = " ".join(clean(name, field="name").split())
    if not named:
        raise SavedListRefused(gettext("Give the list a name."))
    if len(named) > LONGEST_NAME:
        raise SavedListRefused(gettext("A name has at most %(n)d characters.") % {"n": LONGEST_NAME})
    with transaction.atomic():
        # Two saves of one person, one after the other: the number is counted under the lock.
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.user_id)
        mine = visible_saved_lists(by).filter(kind=SavedList.Kind(kind))
        saved = mine.filter(name=named).first()
        if saved is None:
            if mine.count() >= MOST_SAVED:
                raise SavedListRefused(
                    gettext("You keep %(n)d lists already. Remove one that you no longer use.") % {"n": MOST_SAVED}
                )
            saved = SavedList(user_id=by.user_id, authority_id=by.authority_id, kind=SavedList.Kind(kind), name=named)
        saved.query = query_of(filters)
        saved.save()
        return saved


def list_forget(*, by: Actor, saved: SavedList) -> None:
    """Remove a saved list of the person's own.

    Raises:
        AccessDenied: removed already, another person's, or of another authority than the hat's.
    """
    access_saved_list_by_id(by, saved.public_id).delete()


def _remind(deadlines: Sequence[Deadline], offices: dict[int, _Office], now: datetime) -> int:
    wanted = {
        _key(row): row
        for deadline in deadlines
        for row in _notifications(deadline, offices[deadline.for_authority_id], now)
    }
    there = Notification.objects.filter(case_id__in={row.case_id for row in wanted.values()})
    missing = wanted.keys() - {_key(row) for row in there}
    # In one order in every worker: two that insert the same rows cannot wait for each other.
    rows = [wanted[key] for key in sorted(missing)]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    # Another worker may have been first with some of them.
    return Notification.objects.filter(public_id__in=[row.public_id for row in rows]).count()


def _notifications(deadline: Deadline, office: _Office, now: datetime) -> Iterator[Notification]:
    today = day_of(now, office.zone)

    def told(level: Notification.Level, step: int) -> Notification:
        return Notification(
            authority_id=deadline.for_authority_id,
            level=level,
            case_kind=deadline.case.kind,
            case_id=deadline.case.id,
            kind=deadline.kind,
            due=deadline.due,
            step=step,
            created_at=now,
        )

    # Of those that nobody looked for in time the last alone: it says all that the earlier ones would have said.
    for step in steps_due(deadline, today)[-1:]:
        yield told(Notification.Level.REMINDER, step)
    # Before the day there is nothing to count.
    if office.escalates and deadline.overdue(today):
        day = escalated_on(deadline, office.calendar, office.escalation_days)
        if day is not None and day <= today:
            yield told(Notification.Level.ESCALATION, -(day - deadline.due).days)


def _key(row: Notification) -> tuple[int, str, int, str, date, str, int]:
    # A missed deadline is escalated once, even where the number of days is changed afterwards.
    step = row.step if row.level == Notification.Level.REMINDER else 0
    return (row.authority_id, row.case_kind, row.case_id, str(row.kind), row.due, str(row.level), step)
