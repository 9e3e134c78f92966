"""What must fit together in the reference data beyond each field: dates, parties, and the names that a file uses."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from mla.core.letter_languages import letter_languages
from mla.reference.errors import ReferenceDataWrong
from mla.reference.files import Row
from mla.reference.models import Instrument, Participation
from mla.reference.rules import InstrumentRules

_Place = tuple[str | int, ...]

#: Standings that say a State is or was bound.
_BOUND = frozenset({Participation.Status.PARTY, Participation.Status.BOUND, Participation.Status.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Names:
    """What a file can name: jurisdictions, measures and instruments, by code or slug."""

    jurisdictions: Collection[str]
    measures: Collection[str]
    instruments: Collection[str]


@dataclass(frozen=True, slots=True)
class Stated:
    """What an instrument's file says that its participations must fit."""

    kind: str
    adopted: date | None
    in_force: date | None
    rules: InstrumentRules


def instrument_faults(row: Row, stated: Stated, names: Names) -> Iterator[ReferenceDataWrong]:
    """Yield where an instrument's file contradicts itself or names what there is not, with the line of the key."""
    for message, place in (*_dates(stated), *_parties(stated), *_names(row.text("code"), stated.rules, names)):
        yield row.wrong(message, *place)
    for language in sorted(set(stated.rules.titles) - set(letter_languages())):
        yield row.wrong(f"titles.{language} is no language that letters are written in", "titles", language)
    for index, scope in enumerate(row.values.get("scope", [])):
        if not scope.get("article", "-").strip():
            yield row.wrong(f"scope.{index}.article is empty", "scope", index, "article")


def participation_faults(row: Row, stated: Stated) -> Iterator[ReferenceDataWrong]:
    """Yield where one State's standing contradicts itself or its instrument, with the line of the row.

    Raises:
        ReferenceDataWrong: a date is none.
    """
    yield from map(row.wrong, _standing(row, stated))


def _standing(row: Row, stated: Stated) -> Iterator[str]:
    status, country = row.text("status"), row.text("country")
    signed, consent, in_force, ended = (
        row.whole_date(name) for name in ("signed", "consent_date", "in_force_date", "ended")
    )
    if stated.kind == Instrument.Kind.BILATERAL and country not in stated.rules.parties:
        yield f"{country} is not one of the two parties ({', '.join(stated.rules.parties)})"
    if stated.rules.sides and not any(country in side for side in stated.rules.sides):
        yield f"{country} stands on neither of the two sides"
    if stated.rules.open_to and country not in stated.rules.open_to and status in _BOUND:
        yield f"{country} can never be bound: it is not in open_to"
    if stated.adopted is not None:
        for name, day in (("signed", signed), ("consent_date", consent), ("in_force_date", in_force)):
            if day is not None and day < stated.adopted:
                yield f"{name} {day} is before the instrument was adopted ({stated.adopted})"
    if status in _BOUND and in_force is not None:
        if stated.rules.entry_into_force.state == "not_in_force":
            yield f"in_force_date {in_force}: the instrument is not in force"
        if stated.in_force is not None and in_force < stated.in_force:
            yield f"in_force_date {in_force} is before the instrument's own ({stated.in_force})"
    first = max((day for day in (consent, in_force) if day is not None), default=signed)
    if ended is not None and first is not None and ended <= first:
        yield f"ended {ended} is not after it was bound ({first})"
    if consent is not None and in_force is not None and in_force < consent:
        yield f"in_force_date {in_force} is before consent_date {consent}"
    if ended is not None and status not in _BOUND:
        yield f"ended {ended}, but its status {status} says that it never was bound"


def _dates(stated: Stated) -> Iterator[tuple[str, _Place]]:
    entry = stated.rules.entry_into_force
    if stated.adopted and stated.in_force and stated.in_force < stated.adopted:
        yield f"in_force {stated.in_force} is before it was adopted ({stated.adopted})", ("in_force",)
    if stated.in_force and entry.state == "not_in_force":
        yield f"in_force {stated.in_force}, but entry_into_force.state says not_in_force", ("in_force",)
    if entry.earliest and entry.latest and entry.latest < entry.earliest:
        yield f"latest {entry.latest} is before earliest {entry.earliest}", ("entry_into_force", "latest")
    if entry.earliest and stated.adopted and entry.earliest < stated.adopted:
        yield (
            f"earliest {entry.earliest} is before it was adopted ({stated.adopted})",
            ("entry_into_force", "earliest"),
        )
    if entry.earliest and entry.latest and stated.in_force and not entry.earliest <= stated.in_force <= entry.latest:
        yield f"in_force {stated.in_force} is not between earliest and latest", ("in_force",)


def _parties(stated: Stated) -> Iterator[tuple[str, _Place]]:
    parties = stated.rules.parties
    if stated.kind == Instrument.Kind.BILATERAL:
        if len(parties) != 2 or len(set(parties)) != 2:
            yield f"a bilateral treaty has two parties, not {', '.join(parties) or 'none'}", ("parties",)
    elif parties:
        yield "only a bilateral treaty names its parties here; others have rows in participation.csv", ("parties",)


def _names(code: str, rules: InstrumentRules, names: Names) -> Iterator[tuple[str, _Place]]:
    for key in ("parties", "open_to"):
        for index, country in enumerate(getattr(rules, key)):
            if country not in names.jurisdictions:
                yield f"jurisdiction {country!r} is not known", (key, index)
    for index, side in enumerate(rules.sides):
        for at, country in enumerate(side):
            if country not in names.jurisdictions:
                yield f"jurisdiction {country!r} is not known", ("sides", index, at)
    others: list[tuple[str, _Place]] = [(other, ("replaces", at)) for at, other in enumerate(rules.replaces)]
    if rules.supplements:
        others.append((rules.supplements, ("supplements",)))
    for other, place in others:
        if other == code:
            yield f"{place[0]} names the instrument itself", place
        if other not in names.instruments:
            yield f"instrument {other!r} is not known", place
    for slug in rules.measures:
        if slug not in names.measures:
            yield f"measure {slug!r} is not known", ("measures", slug)
    for key in ("scope", "refusal", "contents", "time_limits"):
        for index, part in enumerate(getattr(rules, key)):
            for at, slug in enumerate(part.measures):
                if slug not in names.measures:
                    yield f"measure {slug!r} is not known", (key, index, "measures", at)
