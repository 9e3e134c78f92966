"""What waits for whom, reminders and alarms, and numbers. Selectors only read; each is narrowed to its actor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Avg, Case, CharField, Count, DateField, Exists, F, Min, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Now

from mla.accounts.access import access
from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.accounts.models import Role
from mla.core import clock
from mla.core.prepared import MOST_KEPT, Prepared
from mla.core.questions import OfEachRow
from workflows.drafting.models import Confidentiality
from workflows.drafting.selectors_translation import translations_waiting
from workflows.engine.models import OutboxJob
from workflows.exchange.models import Message, Transmission
from workflows.lifecycle.models import (
    Evidence,
    IncomingRequest,
    Notice,
    OpenPoint,
    OutgoingRequest,
    Part,
    Postponement,
    PrivilegeFilter,
    Remedy,
    RequestedItem,
)
from workflows.lifecycle.models.incoming import OPEN
from workflows.lifecycle.models.outgoing_receiver import WITH_THE_OTHER_STATE
from workflows.lifecycle.outcomes import ITEM_FINAL
from workflows.lifecycle.outcomes import IncomingStatus as In
from workflows.lifecycle.outcomes import OutgoingStatus as Out
from workflows.lifecycle.selectors import visible_incoming, visible_outgoing
from workflows.tracking.assigned import carries_out, given_apart, given_to_who_left, named_who_left
from workflows.tracking.deadlines import Deadline
from workflows.tracking.due import deadlines_for, with_dated_parts
from workflows.tracking.labels import act_label, status_label
from workflows.tracking.models import Alarm, Notification, NotificationSeen, SavedList
from workflows.tracking.offices import with_offices
from workflows.tracking.pages import PAGE, Counting, OrderedPage, PressingPages, any_of
from workflows.tracking.reminding import a_reminder_is_due
from workflows.tracking.waiting_offering import waiting_offering
from workflows.tracking.waiting_short import kept_here, waiting_keeping, waiting_short

# --- what waits for a person ---

LATE_AFTER = timedelta(seconds=30)

_CHAIN = ~Q(originating=F("central"))


def _open(*kinds: str) -> Any:
    return Exists(OpenPoint.objects.filter(outgoing=OuterRef("pk"), kind__in=kinds, answered_at=None))


def open_parts() -> QuerySet[Part]:
    """Return the parts of results of the request out of an outer query that came and are not confirmed yet."""
    return Part.objects.filter(outgoing=OuterRef("pk"), confirmed_at=None)


def to_settle() -> Q:
    """Return the condition that an undertaking of a case was breached, or that its day has come."""
    return Q(breached_on__isnull=False) | Q(bound_due__lte=Cast(Now(), DateField()))


def _outgoing_rules() -> list[tuple[str, str, Q]]:
    """Return the acts that a request out waits for: act, whose officers do it, and when. The first that fits counts."""
    evidence = OfEachRow(Evidence.objects.filter(outgoing=OuterRef("pk"), given=None))
    checked = Q(evidence_confirmed_at__isnull=False) | ~Q(evidence)
    concluded = Q(status=Out.CONCLUDED)
    taken_in = Q(taken_in_at__isnull=False) | Q(originating=F("central"))
    return [
        (
            "letter.name_officer",
            "originating",
            ~Q(status=Out.CLOSED) & Q(letter__authority=F("originating")) & named_who_left("outgoing"),
        ),
        *waiting_short("outgoing"),
        ("answer_query", "originating", Q(status=Out.DRAFTING) & Q(_open("originator_query"))),
        ("lodge", "originating", Q(status=Out.DRAFTING, lodged_at=None) & _CHAIN),
        ("take_in", "central", Q(status=Out.DRAFTING, lodged_at__isnull=False, taken_in_at=None)),
        ("submit", "central", Q(status=Out.DRAFTING) & taken_in),
        ("approve", "central", Q(status=Out.IN_REVIEW)),
        ("attach_scan", "central", Q(awaits_signature="scan")),
        (
            "send",
            "central",
            Q(status=Out.APPROVED, document_content_hash=F("approved_hash")) & ~Q(document_sha256=""),
        ),
        ("give_information", "central", Q(status__in=WITH_THE_OTHER_STATE) & Q(_open("information"))),
        ("accept_conditions", "central", Q(status__in=WITH_THE_OTHER_STATE) & Q(_open("conditions"))),
        ("confirm_part", "central", Q(status=Out.IN_EXECUTION) & Q(Exists(open_parts()))),
        ("answer_consultation", "central", Q(status__in=WITH_THE_OTHER_STATE) & Q(_open(*OpenPoint.CONSULTATIONS))),
        ("chase", "central", a_reminder_is_due()),
        ("confirm_evidence", "central", concluded & Q(evidence) & Q(evidence_confirmed_at=None)),
        ("hand_over_result", "central", concluded & checked & _CHAIN & Q(handed_over_at=None)),
        (
            "originator_confirms",
            "originating",
            concluded & _CHAIN & Q(handed_over_at__isnull=False, originator_confirmed_at=None),
        ),
        ("give_account", "central", Q(accounts_open__gt=0)),
        ("settle_undertaking", "central", to_settle()),
        (
            "close",
            "central",
            concluded & checked & (~_CHAIN | Q(originator_confirmed_at__isnull=False)) & ~Q(_open("complement")),
        ),
        *waiting_offering("outgoing"),
        *waiting_keeping("outgoing"),
    ]


def _incoming_rules() -> list[tuple[str, str, Q]]:
    """Return the acts that a request in waits for, as `_outgoing_rules`."""
    items = RequestedItem.objects.filter(incoming=OuterRef("pk"))
    points = OpenPoint.objects.filter(incoming=OuterRef("pk"), answered_at=None)
    # What the sender offers waits for us, and not for an answer of its own.
    asked = Exists(points.exclude(kind=OpenPoint.Kind.OFFER))
    complement = Exists(OpenPoint.objects.filter(incoming=OuterRef("pk"), kind="complement", answered_at=None))
    offered = Exists(OpenPoint.objects.filter(incoming=OuterRef("pk"), kind="conditions", answered_at=None))
    put_off = Exists(Postponement.objects.filter(incoming=OuterRef("pk"), resumed_at=None))
    evidence = OfEachRow(Evidence.objects.filter(incoming=OuterRef("pk"), withheld=None, given=None))
    stopped = Exists(Remedy.objects.filter(incoming=OuterRef("pk"), result="")) | Exists(
        PrivilegeFilter.objects.filter(incoming=OuterRef("pk"), closed_at=None)
    )
    # Of an event nobody knows the day: such a deferral waits for its page, not for this list.
    notices = Notice.objects.filter(incoming=OuterRef("pk"), ended_at=None, until__lte=Cast(Now(), DateField()))
    put_off_notice = Q(status__in=[In.IN_EXECUTION, In.CONCLUDED]) & Q(Exists(notices))
    unfinished = Exists(items.exclude(status__in=ITEM_FINAL))
    return [
        ("name_officer", "authority", ~Q(status=In.CLOSED) & named_who_left("incoming")),
        *waiting_short("incoming"),
        ("confirm_withdrawal", "authority", Q(status__in=OPEN, desired="withdraw")),
        ("acknowledge", "authority", Q(status=In.RECEIVED)),
        ("answer_wish", "authority", Q(wished_at__isnull=False) & ~Q(status=In.CLOSED)),
        ("start_review", "authority", Q(status=In.ACKNOWLEDGED)),
        ("accept", "authority", Q(status=In.UNDER_REVIEW) & ~Q(asked) & ~Q(put_off)),
        ("notify_affected", "authority", put_off_notice),
        ("assign_execution", "authority", Q(status=In.IN_EXECUTION) & given_to_who_left()),
        ("add_evidence", "executing", Q(status=In.IN_EXECUTION) & carries_out()),
        ("transmit_result", "authority", Q(status=In.IN_EXECUTION) & ~Q(unfinished) & ~Q(offered) & ~Q(stopped)),
        ("supply_complement", "authority", Q(status=In.CONCLUDED) & Q(complement)),
        ("answer_other_use", "authority", Q(uses_open__gt=0)),
        ("settle_undertaking", "authority", to_settle()),
        (
            "close",
            "authority",
            Q(status=In.CONCLUDED) & (Q(evidence_confirmed_at__isnull=False) | ~Q(evidence)) & ~Q(complement),
        ),
        *waiting_offering("incoming"),
        *waiting_keeping("incoming"),
    ]


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A case that waits for an act of the actor's, with its deadlines. `since` is the last change, UTC."""

    case: OutgoingRequest | IncomingRequest
    act: str
    label: str
    since: datetime
    deadlines: tuple[Deadline, ...]


def worklist(
    actor: Actor, *, after_out: str | None = None, after_in: str | None = None, size: int = PAGE
) -> tuple[OrderedPage[WorkItem], OrderedPage[WorkItem]]:
    """Return a page of the requests out and one of those in that wait for the actor's own role.

    What presses most is first (by urgency, then by the day that the letter needs), then the newest.

    A case that the actor may act on but that waits for somebody else is not in it. A fixed number of queries.
    """
    reader = actor.unnamed()
    pages = _WAITING_OUT.page(reader, after_out, size), _WAITING_IN.page(reader, after_in, size)
    by_case = _deadlines([case for page in pages for case in page.rows])
    return _work(pages[0], by_case), _work(pages[1], by_case)


def worklist_outgoing(actor: Actor, after: str | None = None, size: int = PAGE) -> OrderedPage[WorkItem]:
    """Return the requests out of `worklist` alone."""
    page = _WAITING_OUT.page(actor.unnamed(), after, size)
    return _work(page, _deadlines(page.rows))


def worklist_incoming(actor: Actor, after: str | None = None, size: int = PAGE) -> OrderedPage[WorkItem]:
    """Return the requests in of `worklist` alone."""
    page = _WAITING_IN.page(actor.unnamed(), after, size)
    return _work(page, _deadlines(page.rows))


def waiting_rules_outgoing(actor: Actor) -> list[Q]:
    """Return the conditions of which one makes a request out wait for the actor, if the actor may see it."""
    return [condition for _act, condition in _mine(actor, "outgoing", _outgoing_rules())]


def waiting_rules_incoming(actor: Actor) -> list[Q]:
    """Return the conditions of which one makes a request in wait for the actor, if the actor may see it."""
    return [condition for _act, condition in _mine_incoming(actor)]


def _mine(actor: Actor, kind: str, rules: list[tuple[str, str, Q]]) -> list[tuple[str, Q]]:
    """Return, of the acts that a case waits for, those of the actor's role: act, and when it waits for the actor."""
    if actor.authority_id is None:
        return []
    return [
        (act, Q(**{whose: actor.authority_id}) & condition)
        for act, whose, condition in rules
        if holds(actor, _full(kind, act))
    ]


def _full(kind: str, act: str) -> str:
    """Return the name of an act of the case, or of a row beside it, which names its kind itself."""
    return act if "." in act else f"{kind}.{act}"


def _mine_incoming(actor: Actor) -> list[tuple[str, Q]]:
    """Return `_mine` of requests in, and what of one is given to the actor's authority, apart or to be kept."""
    found = _mine(actor, "incoming", _incoming_rules())
    if actor.authority_id is not None and holds(actor, "incoming.add_evidence"):
        found.append(("add_evidence", Q(status=In.IN_EXECUTION) & given_apart(actor)))
        carried = Q(executing=actor.authority_id) & ~Q(authority=actor.authority_id)
        found += [(act, carried & what) for act, what in kept_here() if holds(actor, act)]
    return found


def _with_acts(rows: QuerySet[Any], mine: list[tuple[str, Q]]) -> QuerySet[Any]:
    """Say of each row the act it waits for, as `waits_for`."""
    if not mine:
        return rows.none()
    acts = [When(condition, then=Value(act)) for act, condition in mine]
    return rows.annotate(waits_for=Case(*acts, default=Value(""), output_field=CharField()))


def _waiting_outgoing(actor: Actor) -> QuerySet[Any]:
    rows = visible_outgoing(actor).select_related("letter__requested")
    return _with_acts(rows, _mine(actor, "outgoing", _outgoing_rules()))


def _waiting_incoming(actor: Actor) -> QuerySet[Any]:
    rows = with_dated_parts(visible_incoming(actor)).select_related("requesting")
    return _with_acts(rows, _mine_incoming(actor))


_WAITING_OUT: PressingPages[Any] = PressingPages(_waiting_outgoing, waiting_rules_outgoing)
_WAITING_IN: PressingPages[Any] = PressingPages(_waiting_incoming, waiting_rules_incoming)


def waiting_and_late(actor: Actor, most: int) -> tuple[int, int]:
    """Return how many cases and translations wait for the actor, at most `most` of each kind, and its authority's late effects.

    One query, for the frame of every page.
    """
    *waiting, effects = _counting(actor.unnamed(), most).numbers()
    return sum(waiting), effects


@lru_cache(maxsize=MOST_KEPT)
def _counting(actor: Actor, most: int) -> Counting:
    late = OutboxJob.objects.none()
    if actor.authority_id is not None:
        # As `workflows.engine.relay.jobs_late` has it.
        long_due = Now() - LATE_AFTER
        late = OutboxJob.objects.filter(
            authority_id=actor.authority_id, status__in=["due", "leased"], due_at__lt=long_due
        )
    outgoing = any_of(visible_outgoing(actor), waiting_rules_outgoing(actor), most)
    incoming = any_of(visible_incoming(actor), waiting_rules_incoming(actor), most)
    return Counting(outgoing, incoming, translations_waiting(actor), late, most=most)


def _deadlines(cases: list[Any]) -> dict[tuple[str, int], list[Deadline]]:
    with_offices(cases)
    found: dict[tuple[str, int], list[Deadline]] = {}
    for deadline in deadlines_for(cases):
        found.setdefault((deadline.case.kind, deadline.case.id), []).append(deadline)
    return found


def _work(page: OrderedPage[Any], by_case: Mapping[tuple[str, int], list[Deadline]]) -> OrderedPage[WorkItem]:
    rows = [
        WorkItem(
            case,
            case.waits_for,
            act_label(_full(case.KIND, case.waits_for)),
            case.changed_at,
            tuple(by_case.get((case.KIND, case.pk), [])),
        )
        for case in page.rows
    ]
    return OrderedPage(rows, page.after)


# --- reminders and alarms ---


def visible_notifications(actor: Actor) -> QuerySet[Notification]:
    """Return the reminders of the actor's authority on cases that the actor may see, newest first.

    What was escalated is for who answers for a missed deadline there.
    """
    if actor.authority_id is None:
        return Notification.objects.none()
    return (
        _of_level(actor)
        .filter(
            Q(OfEachRow(visible_outgoing(actor).filter(pk=OuterRef("case_id"))), case_kind="outgoing")
            | Q(OfEachRow(visible_incoming(actor).filter(pk=OuterRef("case_id"))), case_kind="incoming"),
            authority_id=actor.authority_id,
        )
        .order_by("-id")
    )


def _of_level(actor: Actor) -> QuerySet[Notification]:
    levels = Notification.Level.values if actor.role in ESCALATED_TO else [Notification.Level.REMINDER]
    return Notification.objects.filter(level__in=levels)


def shown_to(actor: Actor) -> QuerySet[Notification]:
    """Return the reminders that are of the actor's role and not marked as seen by the actor; of whichever case and authority.

    For a caller that narrows them to what the actor may see.
    """
    seen = NotificationSeen.objects.filter(notification=OuterRef("pk"), user=actor.user_id)
    return _of_level(actor).exclude(OfEachRow(seen))


#: Who answers for a missed deadline at a central and at an originating authority.
ESCALATED_TO = frozenset({Role.SUPERVISOR, Role.ORIGINATOR_SIGNATORY})


def unseen_notifications(actor: Actor) -> list[Notification]:
    """Return the newest reminders that the actor has not marked as seen, at most MOST_UNSEEN. One query."""
    return _UNSEEN.rows(actor.unnamed())


MOST_UNSEEN = 20
_UNSEEN: Prepared[Notification] = Prepared(
    lambda actor: visible_notifications(actor).exclude(
        OfEachRow(NotificationSeen.objects.filter(notification=OuterRef("pk"), user=actor.user_id))
    )[:MOST_UNSEEN]
)


def access_notification_by_id(actor: Actor, public_id: UUID | str) -> Notification:
    """Return the reminder. Raises AccessDenied when absent or hidden."""
    return access(visible_notifications(actor), actor=actor, kind="reminder", public_id=public_id)


def visible_alarms(actor: Actor) -> QuerySet[Alarm]:
    """Return the open alarms of the actor's authority; for its administrators, auditors, registry and the system.

    An alarm names rows by identity and holds no text. Who keeps the machinery and who oversees it see that there is
    one of a restricted case, without the case (`alarms_without_case`); the registry, which works on cases, only where it is named.
    """
    told = {Role.LOCAL_ADMINISTRATOR, Role.AUDITOR, Role.REGISTRY, Role.TIMER}
    if actor.authority_id is None or actor.role not in told:
        return Alarm.objects.none()
    found = Alarm.objects.filter(authority_id=actor.authority_id, closed_at=None).order_by("-id")
    return found if actor.role != Role.REGISTRY else found.exclude(_of_a_hidden_case(actor))


def _of_a_hidden_case(actor: Actor) -> Q:
    """Return which alarms are about a restricted case that is closed to the actor, its messages, transport and jobs."""
    out = OutgoingRequest.objects.filter(letter__confidentiality=Confidentiality.RESTRICTED)
    out = out.exclude(pk__in=visible_outgoing(actor).order_by().values("pk"))
    inward = IncomingRequest.objects.filter(confidentiality=Confidentiality.RESTRICTED)
    inward = inward.exclude(pk__in=visible_incoming(actor).order_by().values("pk"))
    messages = Message.objects.filter(
        Q(conversation_id__in=out.values("conversation_id")) | Q(conversation_id__in=inward.values("conversation_id"))
    )
    hidden = {
        "outgoing": out,
        "incoming": inward,
        "message": messages,
        "transmission": Transmission.objects.filter(message__in=messages.order_by().values("pk")),
    }
    keys = {kind: rows.order_by().values("pk") for kind, rows in hidden.items()}
    jobs = Q(pk__in=[])
    found = Q(pk__in=[])
    for kind, rows in keys.items():
        found |= Q(object_type=kind, object_id__in=rows)
        jobs |= Q(object_type=kind, object_id__in=rows)
    return found | Q(object_type="job", object_id__in=OutboxJob.objects.filter(jobs).order_by().values("pk"))


def alarms_without_case(actor: Actor, alarms: Sequence[Alarm]) -> set[int]:
    """Return the identities of those alarms that are about a restricted case in which the actor is not named.

    They are shown, for an effect that is missing must not be missed, and say nothing of the case. At most one query.
    """
    rows = Alarm.objects.filter(pk__in=[alarm.pk for alarm in alarms]) if alarms else Alarm.objects.none()
    return set(rows.filter(_of_a_hidden_case(actor)).values_list("pk", flat=True))


def access_alarm_by_id(actor: Actor, public_id: UUID | str) -> Alarm:
    """Return the open alarm. Raises AccessDenied when absent or hidden."""
    return access(visible_alarms(actor), actor=actor, kind="alarm", public_id=public_id)


# --- what a person keeps ---


def visible_saved_lists(actor: Actor) -> QuerySet[SavedList]:
    """Return the actor's own saved lists at the authority under whose hat it acts, by name; of nobody else."""
    if actor.user_id is None or actor.authority_id is None:
        return SavedList.objects.none()
    return SavedList.objects.filter(user_id=actor.user_id, authority_id=actor.authority_id).order_by("name")


def access_saved_list_by_id(actor: Actor, public_id: UUID | str) -> SavedList:
    """Return the saved list. Raises AccessDenied when absent or another person's."""
    return access(visible_saved_lists(actor), actor=actor, kind="saved list", public_id=public_id)


# --- numbers ---


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How many cases of one kind have a status, and how old they are, counted from when they began."""

    kind: str
    status: str
    label: str
    count: int
    oldest: timedelta
    mean: timedelta
    #: Since the last change of the one that stood still longest.
    still: timedelta


def status_statistics(actor: Actor) -> list[StatusCount]:
    """Return the numbers by status over the cases that the actor may see; two queries. Hidden ones do not count."""
    now = clock.now()
    outgoing = OutgoingRequest.objects.filter(pk__in=visible_outgoing(actor).values("pk"))
    incoming = IncomingRequest.objects.filter(pk__in=visible_incoming(actor).values("pk"))
    return [
        *_counted(outgoing, "outgoing", "created_at", list(Out.values), now),
        *_counted(incoming, "incoming", "received_at", list(In.values), now),
    ]


def _counted(cases: Any, kind: str, begun: str, order: list[str], now: datetime) -> list[StatusCount]:
    rows = (
        cases.order_by()
        .values("status")
        .annotate(
            count=Count("pk"),
            oldest=Min(begun),
            mean=Avg(Value(now) - F(begun)),
            still=Min("changed_at"),
        )
    )
    found = [
        StatusCount(
            kind,
            row["status"],
            status_label(kind, row["status"]),
            row["count"],
            now - row["oldest"],
            row["mean"],
            now - row["still"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda row: order.index(row.status))
