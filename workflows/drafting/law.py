"""Reading what the findings on a letter need: the law of its pair of States, addresses, practice."""

from __future__ import annotations

import datetime as dt
import re
import time
import tomllib
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import get_language

from mla.core.errors import MlaError
from mla.reference.dates import last_day
from mla.reference.models import Authority, ProfileEntry
from mla.reference.profiles import Topic
from workflows.drafting.findings.law import DeclarationFacts, InstrumentFacts, Law, Office, ProfileFacts, Statute
from workflows.drafting.languages import languages_named
from workflows.drafting.letterfile import LetterFile
from workflows.drafting.resolver import PairFacts, read_pair, resolve_in
from workflows.drafting.resolver_types import Offence, Relation, Resolution

PRACTICE = Path(__file__).with_name("practice.toml")


class PracticeWrong(MlaError):
    """practice.toml is not understood; the message names the key."""


#: Laws that may be used again inside `law_kept`, each with the moment from which it is read anew.
_kept: ContextVar[tuple[MutableMapping[Any, tuple[float, Law]], float] | None] = ContextVar("law_kept", default=None)
MOST_KEPT = 64


@contextmanager
def law_kept(store: MutableMapping[Any, tuple[float, Law]], during: dt.timedelta) -> Iterator[None]:
    """Let `law_for` answer from `store` inside the block, with a law read at most `during` ago. For pages only.

    What a page shows may be that old; an act reads the law anew, because it is done outside.
    """
    token = _kept.set((store, during.total_seconds()))
    try:
        yield
    finally:
        _kept.reset(token)


def law_for(letter: LetterFile) -> Law:
    """Return the law on the letter's date: the reference data are open to every officer, no check here.

    Raises:
        ResolverRefused: a State that nobody knows, or the same State twice.
    """
    kept = _kept.get()
    if kept is None:
        return _law_for(letter)
    store, seconds = kept
    key, now = _depends_on(letter), time.monotonic()
    found = store.get(key)
    if found is None or found[0] < now:
        if len(store) >= MOST_KEPT:
            store.clear()
        found = store[key] = (now + seconds, _law_for(letter))
    return found[1]


def _depends_on(letter: LetterFile) -> tuple[Any, ...]:
    """Return everything of a letter that its law depends on, and the language of the messages."""
    offences = tuple(
        (o.id, o.category, o.maximum_years, o.organized_group, o.benefit_sought, o.transnational)
        for o in letter.offences
    )
    measures = tuple(dict.fromkeys(item.measure for item in letter.items))
    instruments = frozenset(basis.instrument for basis in letter.bases)
    return (
        letter.requesting.jurisdiction,
        letter.requested,
        letter.date,
        offences,
        measures,
        instruments,
        relation_of(letter),
        get_language(),
    )


def _law_for(letter: LetterFile) -> Law:
    pair = read_pair(requesting=letter.requesting.jurisdiction, requested=letter.requested.jurisdiction)
    cited = {basis.instrument for basis in letter.bases}
    offices = Authority.objects.filter(jurisdiction__code=letter.requested.jurisdiction) | Authority.objects.filter(
        code=letter.requested.authority
    )
    profile, needs = _profiles(letter)
    return Law(
        resolutions=_resolutions(letter, pair),
        instruments={
            law.code: InstrumentFacts(law.code, law.short_name, law.kind, law.rules)
            for law in pair.laws
            if law.code in cited
        },
        declarations=tuple(
            DeclarationFacts(
                instrument=one.instrument,
                article=one.article,
                kind=one.kind,
                content=one.content,
                languages=languages_named(one.content) if one.kind == "language" else (),
            )
            for one in pair.declarations
            if one.jurisdiction == letter.requested.jurisdiction
        ),
        offices=tuple(_office(row) for row in offices.select_related("jurisdiction").order_by("code").distinct()),
        languages=pair.languages,
        profile=profile,
        needs=needs,
        stale_after=dt.timedelta(days=settings.PROFILE_STALE_DAYS),
        statutes=practice_read(),
    )


def relation_of(letter: LetterFile) -> Relation:
    """Return what the letter says of other treaties of the pair. Said once, it counts for every basis.

    A yes and a no together are not known.
    """
    said = {basis.other_treaty for basis in letter.bases} - {None}
    return Relation(
        other_treaty=said.pop() if len(said) == 1 else None,
        agreed=frozenset(basis.instrument for basis in letter.bases if basis.agreed_instead),
    )


def evidence_needed(state: str) -> tuple[ProfileFacts, ...]:
    """Return what a State's own courts need of evidence, as its profile says. One query."""
    rows = ProfileEntry.objects.filter(jurisdiction__code=state, topic=Topic.EVIDENCE_NEEDED, removed=False)
    return tuple(map(_profile_facts, rows))


def _profile_facts(row: ProfileEntry) -> ProfileFacts:
    return ProfileFacts(
        topic=row.topic,
        value=row.value,
        instrument=row.instrument,
        measure=row.measure,
        stage=row.stage,
        note=row.note,
        verified=row.last_verified,
        to_be_confirmed=row.to_be_confirmed,
        source=row.source,
    )


def _profiles(letter: LetterFile) -> tuple[tuple[ProfileFacts, ...], tuple[ProfileFacts, ...]]:
    """Return the profile of the requested State, and what the requesting State's courts need. One query."""
    asked, asking = letter.requested.jurisdiction, letter.requesting.jurisdiction
    rows = ProfileEntry.objects.filter(
        Q(jurisdiction__code=asked) | Q(jurisdiction__code=asking, topic=Topic.EVIDENCE_NEEDED), removed=False
    )
    found: dict[str, list[ProfileFacts]] = {asked: [], asking: []}
    for row in rows.select_related("jurisdiction").order_by("topic", "instrument", "measure", "stage"):
        found[row.jurisdiction.code].append(_profile_facts(row))
    return tuple(found[asked]), tuple(found[asking])


def _resolutions(letter: LetterFile, pair: PairFacts) -> dict[tuple[str, str | None], Resolution]:
    found: dict[tuple[str, str | None], Resolution] = {}
    same: dict[tuple[str, Offence], Resolution] = {}
    relation = relation_of(letter)
    for measure in dict.fromkeys(item.measure for item in letter.items):
        facts: list[tuple[str | None, Offence]] = [
            (
                offence.id,
                Offence(
                    category=offence.category,
                    maximum_years=offence.maximum_years,
                    organized_group=offence.organized_group,
                    benefit_sought=offence.benefit_sought,
                    transnational=offence.transnational,
                ),
            )
            for offence in letter.offences
        ]
        for key, offence in facts or [(None, Offence())]:
            if (measure, offence) not in same:
                same[measure, offence] = resolve_in(
                    pair, on=letter.date, measure=measure, offence=offence, relation=relation
                )
            found[measure, key] = same[measure, offence]
    return found


def _office(row: Authority) -> Office:
    kind = row.kind
    # A designation under Budapest 35 is a point of contact, whatever else the office is.
    if re.search(r"24/7|\bart(s)? 35\b", row.scope) and not re.search(r"27\(2\)", row.scope):
        kind = Authority.Kind.CONTACT_POINT
    return Office(
        code=row.code,
        jurisdiction=row.jurisdiction.code,
        kind=kind,
        name=row.name,
        organ=row.organ,
        scope=row.scope,
        source=row.source,
        as_of=last_day(row.as_of),
        fictional=row.fictional,
        languages=tuple(row.languages),
        time_zone=row.time_zone,
    )


@cache
def practice_read() -> tuple[Statute, ...]:
    """Read practice.toml, once.

    Raises:
        PracticeWrong: naming what is wrong.
    """
    try:
        table = tomllib.loads(PRACTICE.read_text(encoding="utf-8"))
        return tuple(_statute(row) for row in table["statute"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PracticeWrong(f"{PRACTICE.name}: {type(error).__name__}: {error}") from error


def _statute(row: dict[str, Any]) -> Statute:
    if type(row["in_force"]) is not dt.date:
        raise TypeError("in_force is no date")
    return Statute(
        jurisdiction=str(row["jurisdiction"]),
        names=tuple(row["names"]),
        in_force=row["in_force"],
        to_be_confirmed=row["confidence"] != "verified",
    )
