"""One view of what is known of a State: its profile, what it declared, whom it designated. Each line with its source.

Public to every officer of the installation: no access check here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet

from mla.core import clock
from mla.reference.dates import last_day
from mla.reference.models import Authority, Declaration, Jurisdiction, ProfileChange, ProfileEntry
from mla.reference.profiles import Topic

PAGE = 50
HISTORY = 25
#: What a declaration of a kind is about; of another kind it is a note.
_TOPIC_OF = {
    "language": Topic.LANGUAGE,
    "channel": Topic.CHANNEL,
    "dual criminality": Topic.DUAL_CRIMINALITY,
    "authority": Topic.AUTHORITY,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is known. `verified`: the last day for which its source speaks, None where nobody can tell.

    `entry` is the row of the profile that can be edited; a declaration or a designation has none.
    """

    kind: Literal["entry", "declaration", "authority"]
    topic: str
    note: str
    source: str
    as_of: str
    verified: dt.date | None
    stale: bool
    to_be_confirmed: bool
    value: str = ""
    instrument: str = ""
    article: str = ""
    measure: str = ""
    stage: str = ""
    entry: ProfileEntry | None = None


def stale_before(today: dt.date | None = None) -> dt.date:
    """Return the first day on which an entry may have been verified without being stale: an own rule, a setting."""
    return (today or clock.now().date()) - dt.timedelta(days=settings.PROFILE_STALE_DAYS)


def profile_of(jurisdiction: Jurisdiction) -> dict[str, list[Line]]:
    """Return by topic all that is known of a State, its own entries first; every topic is there. Three queries."""
    first = stale_before()
    found: dict[str, list[Line]] = {topic: [] for topic in Topic.values}
    entries = ProfileEntry.objects.filter(jurisdiction=jurisdiction, removed=False)
    for entry in entries.order_by("topic", "instrument", "measure", "stage"):
        entry.jurisdiction = jurisdiction
        found[entry.topic].append(_entry(entry, first))
    declarations = Declaration.objects.filter(jurisdiction=jurisdiction).select_related("instrument")
    for declared in declarations.order_by("instrument__code", "article", "kind"):
        topic = _TOPIC_OF.get(declared.kind, Topic.NOTE)
        found[topic].append(_declaration(declared, topic, first))
    designated = Authority.objects.filter(jurisdiction=jurisdiction, fictional=False).exclude(
        kind=Authority.Kind.ORIGINATING
    )
    for office in designated.order_by("code"):
        found[Topic.AUTHORITY].append(_authority(office, first))
    return found


def _is_stale(verified: dt.date | None, first: dt.date) -> bool:
    return verified is None or verified < first


def _entry(entry: ProfileEntry, first: dt.date) -> Line:
    return Line(
        kind="entry",
        topic=entry.topic,
        value=entry.value,
        note=entry.note,
        instrument=entry.instrument,
        measure=entry.measure,
        stage=entry.stage,
        source=entry.source,
        as_of=entry.as_of,
        verified=entry.last_verified,
        stale=_is_stale(entry.last_verified, first),
        to_be_confirmed=entry.to_be_confirmed,
        entry=entry,
    )


def _declaration(declared: Declaration, topic: str, first: dt.date) -> Line:
    verified = last_day(declared.as_of)
    return Line(
        kind="declaration",
        topic=topic,
        note=declared.content,
        instrument=declared.instrument.code,
        article=declared.article,
        source=declared.source,
        as_of=declared.as_of,
        verified=verified,
        stale=_is_stale(verified, first),
        to_be_confirmed=declared.to_be_confirmed,
    )


def _authority(office: Authority, first: dt.date) -> Line:
    verified = last_day(office.as_of)
    return Line(
        kind="authority",
        topic=Topic.AUTHORITY,
        value=office.name,
        note=office.scope,
        source=office.source,
        as_of=office.as_of,
        verified=verified,
        stale=_is_stale(verified, first),
        to_be_confirmed=office.to_be_confirmed,
    )


def countries(*, words: str = "", show: str = "", language: str = "en") -> QuerySet[Jurisdiction]:
    """Return the States in the order of their codes, with what is known of each as annotations.

    Args:
        words: a code, or a part of a name in `language` or in English.
        show: "known": those with entries; "stale": those with an entry that is stale; else all.
    """
    kept = Q(profile__removed=False)
    stale = Q(profile__last_verified__isnull=True) | Q(profile__last_verified__lt=stale_before())
    rows = Jurisdiction.objects.annotate(
        entries=Count("profile", filter=kept),
        stale=Count("profile", filter=kept & stale),
        oldest=Min("profile__last_verified", filter=kept),
    ).order_by("code")
    if words:
        base = language.split("-")[0]
        named = Q(names__en__icontains=words) | Q(**{f"names__{base}__icontains": words})
        rows = rows.filter(Q(code__iexact=words) | named)
    if show == "known":
        rows = rows.filter(entries__gt=0)
    elif show == "stale":
        rows = rows.filter(stale__gt=0)
    return rows


def countries_page(rows: QuerySet[Jurisdiction], after: str = "") -> tuple[list[Jurisdiction], str]:
    """Return a page of `countries` that begins after a code, and the code after which the next one begins. One query."""
    if after:
        rows = rows.filter(code__gt=after)
    found = list(rows[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].code if len(found) > PAGE else ""


def entries_of(rows: QuerySet[Jurisdiction]) -> QuerySet[ProfileEntry]:
    """Return the entries of States in the order of the file."""
    return (
        ProfileEntry.objects.filter(jurisdiction__in=rows.order_by().values("pk"), removed=False)
        .select_related("jurisdiction")
        .order_by("jurisdiction__code", "topic", "instrument", "measure", "stage")
    )


def changes_of(jurisdiction: Jurisdiction, after: int | None = None) -> tuple[Sequence[ProfileChange], int | None]:
    """Return a page of what was changed in a profile, the latest first, and where the next page begins. One query."""
    rows = ProfileChange.objects.filter(jurisdiction=jurisdiction).select_related("by_authority").order_by("-pk")
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows[: HISTORY + 1])
    return found[:HISTORY], found[HISTORY - 1].pk if len(found) > HISTORY else None
