"""What a person is told, and whose mails and feeds one may see. Restricted cases are never told outside the pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet

from mla.accounts.access import access
from mla.accounts.actors import Actor
from mla.accounts.models import CalendarFeed, MailChoice, Membership
from mla.core.questions import OfEachRow
from workflows.drafting.models import Confidentiality
from workflows.exchange.models import Message
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.selectors import visible_incoming, visible_outgoing
from workflows.notifying.models import Mail
from workflows.tracking.deadlines import Deadline
from workflows.tracking.due import ENDED, deadlines_for
from workflows.tracking.labels import message_label
from workflows.tracking.models import Notification
from workflows.tracking.selectors import shown_to

#: Lines of one kind that a mail tells of one hat; of more only how many there are.
MOST_LINES = 20
#: Cases of one hat whose deadlines a calendar gets, and how many are read together.
MOST_CASES, CHUNK = 3000, 500


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is told: our own reference, what it is, and a day if it has one. `case`: kind and public id."""

    reference: str
    what: str
    case: tuple[str, UUID]
    due: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ToldHat:
    """What is told of one hat. `more`: how many things beyond the lines."""

    hat: Membership
    reminders: list[Line]
    messages: list[Line]
    more: int

    def __len__(self) -> int:
        return len(self.reminders) + len(self.messages) + self.more


def visible_mails(actor: Actor) -> QuerySet[Mail]:
    """Return the mails that were sent to the person themselves."""
    return Mail.objects.filter(user=actor.user_id) if actor.kind == "user" else Mail.objects.none()


def access_mail_by_id(actor: Actor, public_id: UUID | str) -> Mail:
    """Return the mail. Raises AccessDenied when absent or another's."""
    return access(visible_mails(actor), actor=actor, kind="mail", public_id=public_id)


def choice_of(actor: Actor) -> MailChoice | None:
    """Return what the person chose, or None."""
    return MailChoice.objects.filter(user=actor.user_id).first()


def feed_of(actor: Actor) -> CalendarFeed | None:
    """Return the calendar address in effect of the hat that the person wears, or None."""
    return CalendarFeed.objects.filter(
        membership__user=actor.user_id, membership__authority=actor.authority_id, membership__role=actor.role, ended_at=None
    ).first()  # fmt: skip


def open_outgoing(actor: Actor) -> QuerySet[OutgoingRequest]:
    """Return the requests out that the actor may see and that may be told of outside the pages."""
    return visible_outgoing(actor).exclude(letter__confidentiality=Confidentiality.RESTRICTED)


def open_incoming(actor: Actor) -> QuerySet[IncomingRequest]:
    """Return the requests in that the actor may see and that may be told of outside the pages."""
    return visible_incoming(actor).exclude(confidentiality=Confidentiality.RESTRICTED)


def told_of(hat: Membership, *, since: dt.datetime, until: dt.datetime) -> ToldHat:
    """Return what one hat is told of: reminders that its person has not marked as seen, and messages of other States, of that time (aware).

    Four queries, whatever there is. For the mail of the hat's person.
    """
    actor = Actor.under(hat)
    outgoing, incoming = open_outgoing(actor), open_incoming(actor)
    reminders = shown_to(actor).filter(
        Q(OfEachRow(outgoing.filter(pk=OuterRef("case_id"))), case_kind="outgoing")
        | Q(OfEachRow(incoming.filter(pk=OuterRef("case_id"))), case_kind="incoming"),
        authority_id=hat.authority_id, created_at__gt=since, created_at__lte=until,
    ).order_by("due", "id")  # fmt: skip
    messages = Message.objects.filter(
        Q(OfEachRow(outgoing.filter(conversation_id=OuterRef("conversation_id"))))
        | Q(OfEachRow(incoming.filter(conversation_id=OuterRef("conversation_id")))),
        authority_id=hat.authority_id, direction=Message.Direction.IN, status=Message.Status.APPLIED,
        changed_at__gt=since, changed_at__lte=until,
    ).defer("envelope").order_by("id")  # fmt: skip
    found = list(reminders[: MOST_LINES + 1]), list(messages[: MOST_LINES + 1])
    cases = _cases(outgoing, incoming, *found)
    told = [_reminder_line(one, cases) for one in found[0][:MOST_LINES]]
    said = [_message_line(one, cases) for one in found[1][:MOST_LINES]]
    more = sum(
        query.count() - MOST_LINES
        for query, rows in ((reminders, found[0]), (messages, found[1]))
        if len(rows) > MOST_LINES
    )
    return ToldHat(hat, [line for line in told if line], [line for line in said if line], more)


def deadlines_of(actor: Actor) -> Iterator[tuple[Deadline, str, UUID]]:
    """Yield the deadlines of the hat's authority in the open cases that the actor may see: with reference and public id."""
    left = MOST_CASES
    for query in (open_outgoing(actor).select_related("letter"), open_incoming(actor).defer("content")):
        rows: Any = query.exclude(status__in=ENDED).order_by("-id")[:left].iterator(chunk_size=CHUNK)
        while cases := list(islice(rows, CHUNK)):
            left -= len(cases)
            known = {case.pk: case for case in cases}
            for deadline in deadlines_for(cases):
                if deadline.for_authority_id == actor.authority_id:
                    case = known[deadline.case.id]
                    yield deadline, case.reference, case.public_id


_Cases = dict[tuple[str, Any], Any]


def _cases(outgoing: Any, incoming: Any, reminders: list[Notification], messages: list[Message]) -> _Cases:
    found: _Cases = {}
    conversations = [one.conversation_id for one in messages]
    for kind, query in (("outgoing", outgoing), ("incoming", incoming)):
        ids = [one.case_id for one in reminders if one.case_kind == kind]
        for case in query.filter(Q(pk__in=ids) | Q(conversation_id__in=conversations)).only(
            "pk", "public_id", "reference", "conversation_id"
        ):
            found[kind, case.pk] = found["conversation", case.conversation_id] = case
    return found


def _reminder_line(one: Notification, cases: _Cases) -> Line | None:
    case = cases.get((one.case_kind, one.case_id))
    return Line(case.reference, str(one.get_kind_display()), (case.KIND, case.public_id), one.due) if case else None


def _message_line(one: Message, cases: _Cases) -> Line | None:
    case = cases.get(("conversation", one.conversation_id))
    return Line(case.reference, str(message_label(one.type)), (case.KIND, case.public_id)) if case else None
