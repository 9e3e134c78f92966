"""The deadlines of cases, computed from the tables each time they are asked for; never stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.prepared import Prepared
from mla.reference.calendars import calendar_of
from mla.reference.models import Authority, ProfileEntry
from mla.reference.profiles import Topic, days_of, ladder_of
from workflows.drafting.key_dates import needs_of
from workflows.drafting.models import LetterVersion
from workflows.drafting.preserving import Way, zone_known
from workflows.lifecycle.limits import Limit, LimitFacts, limits_of
from workflows.lifecycle.models import IncomingRequest, OpenPoint, OutgoingRequest, Preservation, RequestedItem
from workflows.lifecycle.models.short import ShortMachine
from workflows.lifecycle.outcomes import ITEM_FINAL, IncomingStatus, OutgoingStatus
from workflows.tracking.cases import Case, key_of, require_sight
from workflows.tracking.dated import Dated, LetterDates, letter_dates
from workflows.tracking.deadlines import (
    BUDAPEST_29_7,
    CHANNEL_DAYS,
    OWN_TARGET,
    SET_BY_LAW,
    TRANSLATION_DAYS,
    Deadline,
    DeadlineKind,
    acknowledgement_due,
    day_of,
    send_by,
    unconfirmed_until,
    zone_named,
)
from workflows.tracking.due_beside import beside
from workflows.tracking.due_execution import execution_days
from workflows.tracking.due_limits import days_of_limits, offers_for, until_extended
from workflows.tracking.due_preservation import Keeping, keeping_of, way_days
from workflows.tracking.due_silence import reminder
from workflows.tracking.due_taken_over import taken_over_dates
from workflows.tracking.followed import Followed, Named, followed
from workflows.tracking.hanging import extensions_of, items_of, one_of, open_points_of, preservations_of
from workflows.tracking.planned import planned_days

#: Measures that only keep data; what they keep is lost unless a request follows in time.
PRESERVING = frozenset({"preservation"})
BUDAPEST = "CETS-185"
ENDED = frozenset({"concluded", "closed"})
_BEFORE_APPROVAL = frozenset({OutgoingStatus.DRAFTING, OutgoingStatus.IN_REVIEW})
_WITH_THE_OTHER_STATE = frozenset({OutgoingStatus.SENT, OutgoingStatus.ACKNOWLEDGED, OutgoingStatus.IN_EXECUTION})


@dataclass(slots=True)
class _Tables:
    """All rows that the deadlines of a number of cases need."""

    authorities: Mapping[int, Authority]
    letters: dict[tuple[str, int], LetterDates]
    items: dict[tuple[str, int], list[RequestedItem]]
    points: dict[tuple[str, int], list[OpenPoint]]
    preservations: dict[int, Preservation]
    keeping: Keeping
    followed: Followed
    extended: dict[tuple[str, int], list[Any]]
    today: date
    translation_days: int
    channel_days: int


@dataclass(frozen=True, slots=True)
class Known:
    """Rows of the cases that the caller has read already: all items, the open points, the authorities by identity."""

    items: Sequence[RequestedItem]
    points: Sequence[OpenPoint]
    authorities: Mapping[int, Authority]
    #: The further courses of the items; None: not read.
    short: Sequence[ShortMachine] | None = None


def case_deadlines(
    actor: Actor | None,
    case: Case,
    *,
    translation_days: int = TRANSLATION_DAYS,
    channel_days: int = CHANNEL_DAYS,
    known: Known | None = None,
) -> list[Deadline]:
    """Return the deadlines of one case, the next first. None for `actor`: the operator.

    `known`: from a caller that has checked access when it read them.

    Raises:
        AccessDenied: the actor may not see the case.
    """
    if actor is not None and known is None:
        require_sight(actor, case)
    found = deadlines_for([case], translation_days=translation_days, channel_days=channel_days, known=known)
    if actor is None or case.status != OutgoingStatus.DRAFTING:
        return found
    # The dates of a draft are the draft of whoever holds it.
    return [deadline for deadline in found if deadline.for_authority_id == actor.authority_id]


def deadlines_for(
    cases: Sequence[Case],
    *,
    translation_days: int = TRANSLATION_DAYS,
    channel_days: int = CHANNEL_DAYS,
    today: date | None = None,
    known: Known | None = None,
) -> list[Deadline]:
    """Return the deadlines of cases that the caller may see, the next first; a fixed number of queries.

    `translation_days`, `channel_days`: calendar days that a follow-up request takes. `today` (UTC by default)
    only decides which preservations of closed cases are past.
    """
    tables = _tables(cases, today or clock.now().date(), translation_days, channel_days, known)
    found = [deadline for case in cases for deadline in _of_case(case, tables)]
    found += beside(cases, tables.authorities, tables.items)
    drafts = {key_of(case) for case in cases if case.status in _BEFORE_APPROVAL}
    return sorted((replace(one, draft=True) if one.case in drafts else one for one in found), key=_place)


def _place(deadline: Deadline) -> tuple[Any, ...]:
    """Whatever stands first by its kind, by its minute; then the next day."""
    by_minute = deadline.at.timestamp() if deadline.at else float("inf")
    return not deadline.first, by_minute, deadline.due, deadline.case.kind, deadline.case.id, deadline.kind


# --- reading ---


def _tables(
    cases: Sequence[Case], today: date, translation_days: int, channel_days: int, known: Known | None = None
) -> _Tables:
    out = [case for case in cases if isinstance(case, OutgoingRequest)]
    inward = [case for case in cases if isinstance(case, IncomingRequest)]
    preservations: dict[int, Preservation] = {}
    for row in preservations_of(cases):
        # The last word counts: an extension is a new row.
        preservations[row.item_id] = row
    items = _by_case(known.items if known else items_of(cases))
    points = known.points if known else open_points_of(cases)
    keeping = any(item.measure in PRESERVING for found in items.values() for item in found)
    return _Tables(
        authorities=known.authorities if known else _authorities(out, inward),
        letters=_letters_out(out) | _letters_in(inward),
        items=items,
        points=_by_case(point for point in points if point.due is not None and point.answered_at is None),
        preservations=preservations,
        keeping=keeping_of([item for found in items.values() for item in found], known.short if known else None)
        if keeping
        else Keeping(),
        followed=followed(out, inward) if keeping or preservations else Followed(),
        extended=_by_case(extensions_of([case for case in cases if case.extended])),
        today=today,
        translation_days=translation_days,
        channel_days=channel_days,
    )


def _by_case(rows: Iterable[Any]) -> dict[tuple[str, int], list[Any]]:
    found: dict[tuple[str, int], list[Any]] = {}
    for row in rows:
        key = ("outgoing", row.outgoing_id) if row.outgoing_id else ("incoming", row.incoming_id)
        found.setdefault(key, []).append(row)
    return found


def _authorities(out: Sequence[OutgoingRequest], inward: Sequence[IncomingRequest]) -> Mapping[int, Authority]:
    """Return the offices of the cases: those that came with their cases, the others by one query."""
    found: dict[int, Authority] = {}
    missing: set[int] = set()
    for cases, names in ((out, ("originating", "central", "addressee")), (inward, ("authority", "executing"))):
        for case in cases:
            for name in names:
                pk = getattr(case, f"{name}_id")
                if pk is not None and name in case._state.fields_cache:
                    found[pk] = getattr(case, name)
                elif pk is not None:
                    missing.add(pk)
    missing -= set(found)
    return found | Authority.objects.select_related("jurisdiction").in_bulk(missing) if missing else found


def _letters_out(cases: Sequence[OutgoingRequest]) -> dict[tuple[str, int], LetterDates]:
    if not cases:
        return {}
    approved = {case.approved_version_id: case for case in cases if case.status not in _BEFORE_APPROVAL}
    drafts = {case.letter_id: case for case in cases if case.status in _BEFORE_APPROVAL}
    found = taken_over_dates([case for case in cases if case.taken_over and case.status not in ENDED])
    for pk, letter_id, parts, ladder, *days in _DATED.rows(
        "", versions=[pk for pk in approved if pk], letters=list(drafts)
    ):
        case = approved.get(pk) or drafts.get(letter_id)
        if case is not None:
            found["outgoing", case.pk] = letter = letter_dates(parts)
            letter.ladder = ladder_of(ladder or "")
            letter.way = Way(*(days_of(one or "") for one in days))
    return found


def _dated_versions(_key: str) -> QuerySet[Any, Any]:
    drafts = Q(one_of("letter", _LETTERS)) & Q(number=F("letter__current"))
    versions = LetterVersion.objects.filter(Q(one_of("id", _VERSIONS)) | drafts)
    told = (_told(topic) for topic in (Topic.CHASERS, Topic.TRANSLATION_DAYS, Topic.CHANNEL_DAYS))
    return versions.values_list("pk", "letter_id", Dated(F("content")), *told)


def _told(topic: str) -> Subquery:
    rows = ProfileEntry.objects.filter(jurisdiction=OuterRef("letter__requested"), topic=topic, removed=False)
    return Subquery(rows.values("value"))


_VERSIONS, _LETTERS = ("versions",), ("letters",)
_DATED: Prepared[Any] = Prepared(_dated_versions, versions=_VERSIONS, letters=_LETTERS)


def _letters_in(cases: Sequence[IncomingRequest]) -> dict[tuple[str, int], LetterDates]:
    if not cases:
        return {}
    if all(hasattr(case, "dated_parts") for case in cases):
        return {("incoming", case.pk): letter_dates(case.dated_parts) for case in cases}  # type: ignore[attr-defined]
    if not any("content" in case.get_deferred_fields() for case in cases):
        return {("incoming", case.pk): letter_dates(case.content) for case in cases}
    rows = IncomingRequest.objects.filter(pk__in=[case.pk for case in cases]).values_list("pk", Dated(F("content")))
    return {("incoming", pk): letter_dates(parts) for pk, parts in rows}


def with_dated_parts(rows: QuerySet[IncomingRequest]) -> QuerySet[IncomingRequest]:
    """Read with the requests in what of their content has dates, so that it is not asked for again; without the rest."""
    return rows.annotate(dated_parts=Dated(F("content"))).defer("content")


# --- computing ---


def _of_case(case: Case, tables: _Tables) -> Iterator[Deadline]:
    if case.status == OutgoingStatus.CONCLUDED:
        yield from _answers(case, tables, only=OpenPoint.Kind.COMPLEMENT)
    if case.status not in ENDED:
        yield from _acknowledgement(case, tables)
        yield from _chaser(case, tables)
        yield from _confirmation(case, tables)
        yield from _answers(case, tables)
        yield from _of_the_letter(case, tables)
        yield from _postponements(case, tables)
    yield from _executed(case, tables)
    limits = _limits(case, tables)
    for day in days_of_limits(limits, tables.extended.get((case.KIND, case.pk), [])):
        yield _deadline(case, **day, authority_id=case.authority_id)
    yield from _preservations(case, tables, limits)
    if isinstance(case, OutgoingRequest):
        yield from _planned(case, tables)


def _deadline(case: Case, kind: DeadlineKind, due: date, since: date, *, authority_id: int, **more: Any) -> Deadline:
    given: dict[str, Any] = {"legal": False, "confirmed": True} | more
    if "source" not in given:
        given["source"] = str(OWN_TARGET)
    return Deadline(kind=kind, due=due, since=since, case=key_of(case), for_authority_id=authority_id, **given)


def _zone(case: Case, tables: _Tables, authority_id: int | None = None) -> Any:
    authority = tables.authorities.get(authority_id or case.authority_id)
    return zone_named(authority.time_zone if authority else "UTC")


def _acknowledgement(case: Case, tables: _Tables) -> Iterator[Deadline]:
    if isinstance(case, OutgoingRequest):
        start = case.sent_at if case.status == OutgoingStatus.SENT else None
        receiver = tables.authorities.get(case.addressee_id or 0)
    else:
        start = case.received_at if case.status == IncomingStatus.RECEIVED else None
        receiver = tables.authorities.get(case.authority_id)
    if start is None or receiver is None:
        return
    zone, calendar = zone_named(receiver.time_zone), calendar_of(receiver)
    due = acknowledgement_due(
        start,
        zone=zone,
        urgency=case.urgency,
        days=receiver.acknowledgement_days,
        days_urgent=receiver.acknowledgement_days_urgent,
        calendar=calendar,
    )
    since = day_of(start, zone)
    note = _("own target, not a legal limit; %(days)s") % {"days": calendar.in_words(since, due)}
    yield _deadline(
        case, DeadlineKind.ACKNOWLEDGEMENT, due, since, authority_id=case.authority_id, note=note,
        zone=receiver.time_zone,
    )  # fmt: skip


def _chaser(case: Case, tables: _Tables) -> Iterator[Deadline]:
    """When the other State is reminded of a request, since it was last heard of; and when it can be given up."""
    if not isinstance(case, OutgoingRequest) or case.status not in _WITH_THE_OTHER_STATE or case.silent_since is None:
        return
    if case.desired == "withdraw":
        return
    days = tables.letters.get((case.KIND, case.pk), LetterDates()).ladder
    found = reminder(case, days, _zone(case, tables), tables.today)
    if found is not None:
        due, since, source, note = found
        yield _deadline(case, DeadlineKind.CHASER, due, since, authority_id=case.authority_id, source=source, note=note)


def _confirmation(case: Case, tables: _Tables) -> Iterator[Deadline]:
    """Of a request on one pair of eyes: ours to confirm or withdraw, or the other State's to confirm in writing."""
    if isinstance(case, OutgoingRequest):
        # Told to the other State that it is no longer wanted: there is nothing left to confirm.
        waits, since = case.awaits_confirmation and case.desired != "withdraw", case.provisional_at
        note = _("a second person confirms it in writing, or withdraws it, within 24 hours")
    else:
        waits, since = case.is_provisional and case.desired != "withdraw", case.received_at
        note = _("the other State said that it would confirm it in writing")
    if waits and case.confirmation_due_at is not None and since is not None:
        zone = _zone(case, tables)
        yield _deadline(
            case, DeadlineKind.CONFIRMATION, day_of(case.confirmation_due_at, zone), day_of(since, zone),
            authority_id=case.authority_id, note=note,
        )  # fmt: skip


def _answers(case: Case, tables: _Tables, *, only: str = "") -> Iterator[Deadline]:
    for point in tables.points.get((case.KIND, case.pk), []):
        if only and point.kind != only:
            continue
        authority_id = case.authority_id
        if isinstance(case, OutgoingRequest):
            asked_originator = point.kind == OpenPoint.Kind.ORIGINATOR_QUERY
            authority_id = case.originating_id if asked_originator else case.central_id
        # The requested State asks, but for a complement of its own result, and for what we offer it.
        ours = isinstance(case, OutgoingRequest) != (point.kind in OpenPoint.OURS_TO_ASK)
        note = _("we owe the answer") if ours else _("the other State owes the answer")
        since = day_of(point.asked_at, _zone(case, tables, authority_id))
        assert point.due is not None
        yield _deadline(
            case,
            DeadlineKind.ANSWER,
            point.due,
            since,
            authority_id=authority_id,
            source=_("set by the authority that asks"),
            note=note,
        )


def _of_the_letter(case: Case, tables: _Tables) -> Iterator[Deadline]:
    letter = tables.letters.get((case.KIND, case.pk), LetterDates())
    begun = case.created_at if isinstance(case, OutgoingRequest) else case.received_at
    since = day_of(begun, _zone(case, tables))
    stated = _("stated in the letter")

    def dated(kind: DeadlineKind, text: Any, **more: Any) -> Iterator[Deadline]:
        due = _date(text)
        if due is not None:
            given = {"source": stated, "legal": kind in SET_BY_LAW} | more
            yield _deadline(case, kind, due, since, authority_id=case.authority_id, **given)

    for entry in letter.key_dates:
        yield from dated(DeadlineKind(_dated_kind(entry.get("kind"))), entry.get("date"))
    needs = needs_of({"date": letter.written, "urgency": letter.urgency, "key_dates": letter.key_dates})
    # A key date without a lead stands there already.
    first = next((need for need in needs if need.index is None or need.lead_days), None)
    if first is not None:
        words = {"days": str(first.lead_days), "what": DeadlineKind(_dated_kind(first.kind)).label}
        lead = _("%(what)s: needed %(days)s days before it") % words if first.lead_days else ""
        yield from dated(DeadlineKind.URGENCY, first.by.isoformat(), note=lead)
    open_items = _open_items(case, tables)
    for item in letter.items:
        if open_items is not None and item.get("id") not in open_items:
            continue
        note = _("item %(key)s: suggested by the requesting State") % {"key": item.get("id", "")}
        yield from dated(DeadlineKind.ITEM_LIMIT, item.get("time_limit"), note=note)
        if item.get("measure") in PRESERVING and isinstance(case, OutgoingRequest):
            promised = (item.get("answers") or {}).get("mla_promised_by")
            yield from dated(DeadlineKind.FOLLOW_UP_PROMISED, promised)


def _dated_kind(kind: Any) -> str:
    return kind if kind in DeadlineKind.values else DeadlineKind.OTHER


def _open_items(case: Case, tables: _Tables) -> set[str] | None:
    """Return the keys of the items still to be done, or None before the items exist."""
    items = tables.items.get((case.KIND, case.pk))
    if not items or case.status in _BEFORE_APPROVAL:
        return None
    return {item.key for item in items if item.status not in ITEM_FINAL}


def _date(text: Any) -> date | None:
    """Return a date of a letter. What came from outside is not trusted to be one."""
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _postponements(case: Case, tables: _Tables) -> Iterator[Deadline]:
    for item in tables.items.get((case.KIND, case.pk), []):
        if item.status != "postponed" or item.until is None or item.decided_at is None:
            continue
        yield _deadline(
            case,
            DeadlineKind.POSTPONEMENT,
            item.until,
            day_of(item.decided_at, _zone(case, tables)),
            authority_id=case.authority_id,
            note=_("item %(key)s is to be looked at again: a review date, not a limit") % {"key": item.key},
        )


def _executed(case: Case, tables: _Tables) -> Iterator[Deadline]:
    for day in execution_days(case):
        since = day_of(day.since, _zone(case, tables))
        for authority_id in day.for_authorities:
            yield _deadline(
                case, day.kind, day.due, since, authority_id=authority_id, source=day.source, note=day.note
            )  # fmt: skip


def _limits(case: Case, tables: _Tables) -> list[Limit]:
    office = tables.authorities.get(
        (case.addressee_id if isinstance(case, OutgoingRequest) else case.authority_id) or 0
    )
    key = (case.KIND, case.pk)
    letter = tables.letters.get(key, LetterDates())
    rows = (tables.items.get(key, []), office, tables.preservations, tables.extended.get(key, []))
    return limits_of(case, LimitFacts(letter.bases, letter.items, *rows))


def _preservations(case: Case, tables: _Tables, limits: Sequence[Limit]) -> Iterator[Deadline]:
    names = _names(case, tables)
    if names & tables.followed.received:
        # Kept from now on until the request that followed is decided (Budapest 29(7)).
        return
    for item in tables.items.get((case.KIND, case.pk), []):
        if asked := tables.keeping.asked.get(item.pk):
            note = _("item %(key)s: whether the preservation goes on") % {"key": item.key}
            since = day_of(asked.since, _zone(case, tables))
            yield _deadline(
                case, DeadlineKind.ANSWER, asked.due, since, authority_id=case.authority_id,
                source=_("set by the requested State"), note=note,
            )  # fmt: skip
        if item.pk in tables.keeping.stopped:
            continue
        kept = tables.preservations.get(item.pk)
        if kept is not None:
            if case.status == "closed" and kept.until < tables.today:
                continue
            since = day_of(kept.recorded_at, _zone(case, tables))
            until, source = until_extended(kept, item, tables.extended.get((case.KIND, case.pk), []))
            more = {"source": source, "legal": True, "offers": offers_for(limits, item.key)}
            yield from _clock(case, item, until, since, tables, confirmed=True, **more)
        elif (
            isinstance(case, OutgoingRequest)
            and item.measure in PRESERVING
            and item.status not in ITEM_FINAL
            and case.status in _WITH_THE_OTHER_STATE
            and case.sent_at is not None
        ):
            sent = day_of(case.sent_at, _zone(case, tables))
            by_law = BUDAPEST in _instruments(item, tables.letters.get((case.KIND, case.pk), LetterDates()))
            source = BUDAPEST_29_7 if by_law else str(OWN_TARGET)
            until = unconfirmed_until(sent)
            yield from _clock(case, item, until, sent, tables, source=source, legal=by_law, confirmed=False)


def _planned(case: OutgoingRequest, tables: _Tables) -> Iterator[Deadline]:
    """What the planner of the letter says: where data are kept for a request that is still to arrive."""
    letter = tables.letters.get((case.KIND, case.pk), LetterDates())
    if case.status in ENDED or not letter.preserved:
        return
    office, zone = tables.authorities.get(case.addressee_id or 0), _zone(case, tables)
    budapest = any(basis.get("instrument") == BUDAPEST for basis in letter.bases)
    for day in planned_days(
        letter.preserved, theirs=zone_known(office.time_zone) if office else None, ours=zone, way=letter.way,
        budapest=budapest, sent=case.sent_at is not None,
        received=case.status in (OutgoingStatus.ACKNOWLEDGED, OutgoingStatus.IN_EXECUTION),
    ):  # fmt: skip
        yield _deadline(
            case, day.kind, day.due, day_of(case.created_at, zone), authority_id=case.authority_id,
            source=day.source, legal=day.legal, note=day.note,
        )  # fmt: skip


def _clock(
    case: Case, item: RequestedItem, until: date, since: date, tables: _Tables, *, confirmed: bool, **more: Any
) -> Iterator[Deadline]:
    words = {"key": item.key}
    if isinstance(case, IncomingRequest):
        note = _("item %(key)s: release it, extend it, or have the request that follows by then") % words
    elif confirmed:
        note = _("item %(key)s: the request that follows must be received before this day") % words
    else:
        note = _("item %(key)s: not confirmed, 60 days counted from sending; ask for the date") % words
    yield _deadline(
        case,
        DeadlineKind.PRESERVATION,
        until,
        since,
        authority_id=case.authority_id,
        confirmed=confirmed,
        note=note,
        **more,
    )
    if isinstance(case, IncomingRequest) or _names(case, tables) & tables.followed.sent:
        return
    told = tables.letters.get((case.KIND, case.pk), LetterDates()).way
    translation, channel = way_days(told, tables.translation_days, tables.channel_days)
    way = _("item %(key)s: %(translation)s days to translate and %(channel)s for the way")
    words |= {"translation": str(translation), "channel": str(channel)}
    yield _deadline(
        case,
        DeadlineKind.FOLLOW_UP_SEND_BY,
        send_by(until, translation_days=translation, channel_days=channel),
        since,
        authority_id=case.authority_id,
        confirmed=confirmed,
        note=way % words,
    )


def _names(case: Case, tables: _Tables) -> set[Named]:
    """Return how another letter can name this case: both references, between the same two States."""
    if isinstance(case, OutgoingRequest):
        states = (case.letter.requesting_id, case.letter.requested_id)
    else:
        authority = tables.authorities[case.authority_id]
        states = (case.requesting_id, authority.jurisdiction_id)
    references = (case.reference.strip().casefold(), case.peer_reference.strip().casefold())
    return {(*states, reference) for reference in references if reference}


def _instruments(item: RequestedItem, letter: LetterDates) -> set[str]:
    asked = next((entry for entry in letter.items if entry.get("id") == item.key), {})
    named = set(asked.get("bases") or [])
    return {str(basis.get("instrument", "")) for basis in letter.bases if not named or basis.get("id") in named}
