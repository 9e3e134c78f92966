"""Reading the treaties: the list, one of them with who is bound, and what was changed. Open to every officer."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from mla.reference.models import Declaration, Instrument, InstrumentChange, Participation

PAGE = 50
HISTORY = 25
#: Statuses of a State that is bound, or takes part.
BINDING = (Participation.Status.PARTY, Participation.Status.BOUND, Participation.Status.PARTICIPATES)


def treaties(*, words: str = "", kind: str = "", state: str = "", show: str = "") -> QuerySet[Instrument]:
    """Return the instruments in the order of their codes, with how many States are recorded as bound.

    Args:
        words: each must stand in code, short name or title.
        kind: one of Instrument.Kind, empty: every kind.
        state: code of a State that is recorded as bound by it.
        show: "confirm": those to be confirmed; "here": those entered or changed on this installation; else all.
    """
    rows = Instrument.objects.annotate(
        bound=Count("participations", filter=Q(participations__status__in=BINDING))
    ).order_by("code")
    for word in words.split()[:8]:
        rows = rows.filter(Q(code__icontains=word) | Q(short_name__icontains=word) | Q(full_title__icontains=word))
    if kind:
        rows = rows.filter(kind=kind)
    if state:
        of_it = Participation.objects.filter(instrument=OuterRef("pk"), jurisdiction__code=state, status__in=BINDING)
        rows = rows.filter(Exists(of_it))
    if show == "confirm":
        rows = rows.filter(to_be_confirmed=True)
    elif show == "here":
        rows = rows.filter(edited_at__isnull=False)
    return rows


def treaties_page(rows: QuerySet[Instrument], after: str = "") -> tuple[list[Instrument], str]:
    """Return a page of `treaties` that begins after a code, and the code after which the next begins. One query."""
    if after:
        rows = rows.filter(code__gt=after)
    found = list(rows[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].code if len(found) > PAGE else ""


def standings_of(instrument: Instrument) -> list[Participation]:
    """Return every recorded row of an instrument, by code of the State. One query."""
    rows = Participation.objects.filter(instrument=instrument).select_related("jurisdiction")
    return list(rows.order_by("jurisdiction__code"))


def declarations_on(instrument: Instrument) -> list[Declaration]:
    """Return what States have declared on an instrument. One query."""
    rows = Declaration.objects.filter(instrument=instrument).select_related("jurisdiction")
    return list(rows.order_by("jurisdiction__code", "article", "kind"))


def changes_of(instrument: Instrument, after: int | None = None) -> tuple[Sequence[InstrumentChange], int | None]:
    """Return a page of what was changed, the latest first, and where the next page begins. One query."""
    rows = InstrumentChange.objects.filter(instrument=instrument).select_related("by_authority").order_by("-pk")
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows[: HISTORY + 1])
    return found[:HISTORY], found[HISTORY - 1].pk if len(found) > HISTORY else None
