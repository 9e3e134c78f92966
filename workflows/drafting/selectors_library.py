"""Reading the library of offences: each officer sees the entries of the own State, those of other States are not there."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from mla.accounts.access import access
from mla.accounts.actors import Actor
from workflows.drafting.models_library import OffenceEntry, OffenceEntryVersion

PAGE = 50
#: Entries offered on the page of a letter; the library itself has all.
MOST_OFFERED = 200


def visible_offences(actor: Actor) -> QuerySet[OffenceEntry]:
    """Return the entries of the actor's State, by title."""
    if actor.kind == "peer" or actor.authority_id is None:
        return OffenceEntry.objects.none()
    return OffenceEntry.objects.filter(authority__jurisdiction__authorities=actor.authority_id).order_by("title", "id")


def access_offence_by_id(actor: Actor, public_id: UUID | str) -> OffenceEntry:
    """Return the entry. Raises AccessDenied when absent or of another State."""
    found = visible_offences(actor).select_related("authority")
    return access(found, actor=actor, kind="offence", public_id=public_id)


def offences_found(actor: Actor, *, words: str = "", category: str = "", show: str = "") -> QuerySet[OffenceEntry]:
    """Return the entries that fit.

    Args:
        words: each must stand in title, provision or text of the law.
        show: "confirm": those in use that are to be confirmed; "withdrawn": those; else all in use.
    """
    rows = visible_offences(actor).select_related("authority")
    for word in words.split()[:8]:
        rows = rows.filter(Q(title__icontains=word) | Q(provision__icontains=word) | Q(law_text__icontains=word))
    if category:
        rows = rows.filter(category=category)
    status = OffenceEntry.Status.WITHDRAWN if show == "withdrawn" else OffenceEntry.Status.IN_USE
    rows = rows.filter(status=status)
    return rows.filter(to_be_confirmed=True) if show == "confirm" else rows


def offences_page(rows: QuerySet[OffenceEntry], after: int | None = None) -> tuple[list[OffenceEntry], int | None]:
    """Return a page of `offences_found` that begins after a row, and the row after which the next begins."""
    if after is not None and (last := OffenceEntry.objects.filter(pk=after).first()) is not None:
        rows = rows.filter(Q(title__gt=last.title) | Q(title=last.title, id__gt=last.pk))
    found = list(rows[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def offences_offered(actor: Actor) -> list[OffenceEntry]:
    """Return the entries that a letter's page offers. One query."""
    return list(visible_offences(actor).filter(status=OffenceEntry.Status.IN_USE)[:MOST_OFFERED])


def history_of(entry: OffenceEntry) -> list[OffenceEntryVersion]:
    """Return what an entry said, the latest first. One query."""
    return list(entry.history.select_related("by")[:PAGE])
