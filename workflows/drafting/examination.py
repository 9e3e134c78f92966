"""What the requested side looks at when it examines a letter: by item and instrument, what is stated, and the grounds.

It informs and never advises: nothing here says that a request is to be accepted or refused, or that what is
stated is enough. What the reference data mark to be confirmed stays marked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from mla.core.languages import house_words
from mla.reference.rules import Content
from workflows.drafting.findings.contents import content_applies, content_state, content_words
from workflows.drafting.findings.law import InstrumentFacts, Law, View
from workflows.drafting.letterfile import Basis, Item, LetterFile
from workflows.drafting.measures import measure_catalogue
from workflows.drafting.resolver_grounds import Barred, grounds_in_play
from workflows.drafting.resolver_types import Resolution

State = Literal["stated", "missing", "judge"]
#: Whether an instrument is in force for both States on the letter's day; "domestic": no instrument but an offer.
Force = Literal["in_force", "not_in_force", "unknown", "domestic"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that an instrument wants in a request. `to_be_confirmed`: its text was not read for our data."""

    state: State
    words: str
    article: str
    need: str
    note: str
    to_be_confirmed: bool


@dataclass(frozen=True, slots=True)
class BasisCheck:
    """An instrument that the letter cites for an item. `why`: how it stands between the two States."""

    instrument: str
    name: str
    articles: tuple[str, ...]
    force: Force
    why: str
    checks: tuple[Check, ...]

    @property
    def open(self) -> list[Check]:
        """What was not found first, then what nothing can be told of."""
        return sorted((one for one in self.checks if one.state != "stated"), key=lambda one: one.state != "missing")

    @property
    def stated(self) -> list[Check]:
        return [one for one in self.checks if one.state == "stated"]


@dataclass(frozen=True, slots=True)
class ItemCheck:
    key: str
    measure: str
    name: str
    item: Item | None
    bases: tuple[BasisCheck, ...]

    @property
    def missing(self) -> list[tuple[BasisCheck, Check]]:
        return [(basis, check) for basis in self.bases for check in basis.checks if check.state == "missing"]


@dataclass(frozen=True, slots=True)
class GroundCheck:
    """A ground of refusal that an instrument knows, for the items `keys`; and what switches it off."""

    ground: str
    instrument: str
    name: str
    article: str
    note: str
    to_be_confirmed: bool
    barred: Barred
    barred_by: tuple[tuple[str, str], ...]
    keys: tuple[str, ...]
    #: What switches it off does so only where it is the only ground.
    sole: bool = False


@dataclass(frozen=True, slots=True)
class BarCheck:
    """A ground that a cited instrument switches off for the offences it covers."""

    ground: str
    name: str
    article: str
    note: str
    to_be_confirmed: bool


@dataclass(frozen=True, slots=True)
class Examination:
    items: tuple[ItemCheck, ...]
    grounds: tuple[GroundCheck, ...]
    bars: tuple[BarCheck, ...]


def letter_examined(letter: LetterFile, *, law: Law, today: dt.date) -> Examination:
    """Return what can be told of a letter that came in. Pure; `law` as of the letter's own day."""
    view = View.of(letter, measure_catalogue(), law, today)
    by_key = {basis.id: basis for basis in letter.bases}
    items = []
    for index, item in enumerate(view.letter.items):
        known = view.measures.get(item.measure)
        cited = [by_key[key] for key in item.bases if key in by_key] or list(letter.bases)
        bases = tuple(_basis(view, item, index, basis) for basis in cited)
        items.append(ItemCheck(item.id, item.measure, house_words(known.name) if known else item.measure, item, bases))
    return Examination(tuple(items), tuple(_grounds(view)), tuple(_bars(view)))


def _basis(view: View, item: Item, index: int, basis: Basis) -> BasisCheck:
    facts = view.law.instruments.get(basis.instrument)
    if facts is None:
        return BasisCheck(basis.instrument, basis.instrument, basis.articles, "domestic", basis.note, ())
    entry = view.entry(item, basis.instrument)
    force, why = _force(view.resolutions(item), basis.instrument)
    contents: Iterable[Content]
    if entry is not None:
        contents, why = entry.contents, entry.role_reason
    else:
        contents = [one for one in facts.rules.contents if one.applies_to(item.measure)]
    checks = tuple(
        Check(
            state=content_state(view, item, index, content),
            words=content_words(content),
            article=content.article,
            need=content.need,
            note=content.note,
            to_be_confirmed=content.confidence != "verified",
        )
        for content in contents
        if content_applies(view, item, content)
    )
    return BasisCheck(basis.instrument, facts.name, basis.articles, force, why, checks)


def _force(resolutions: Sequence[Resolution], instrument: str) -> tuple[Force, str]:
    for resolution in resolutions:
        answer = resolution.answer(instrument)
        if answer is not None:
            excluded = resolution.excluded(instrument)
            return answer, excluded.why if excluded else ""
    return "unknown", ""


def _grounds(view: View) -> Iterable[GroundCheck]:
    found: dict[tuple[str, str, str], GroundCheck] = {}
    cited = {basis.instrument for basis in view.letter.bases}
    for item in view.letter.items:
        for resolution in view.resolutions(item):
            for ground in grounds_in_play(resolution):
                if ground.instrument not in cited:
                    continue
                key = (ground.ground, ground.instrument, ground.article)
                known = found.get(key)
                keys = known.keys if known else ()
                found[key] = GroundCheck(
                    ground=ground.ground,
                    instrument=ground.instrument,
                    name=view.name(ground.instrument),
                    article=ground.article,
                    note=ground.note,
                    to_be_confirmed=ground.to_be_confirmed,
                    # Barred for one offence and not for another is not barred.
                    barred=ground.barred if known is None or known.barred == ground.barred else "perhaps",
                    barred_by=tuple(dict.fromkeys((*(known.barred_by if known else ()), *ground.barred_by))),
                    keys=keys if item.id in keys else (*keys, item.id),
                    sole=ground.sole or (known is not None and known.sole),
                )
    return found.values()


def _bars(view: View) -> Iterable[BarCheck]:
    categories = {offence.category for offence in view.letter.offences}
    for code in dict.fromkeys(basis.instrument for basis in view.letter.bases):
        facts = view.law.instruments.get(code)
        for bar in facts.rules.bar if facts else ():
            if "*" in bar.offences or categories & set(bar.offences):
                yield BarCheck(bar.ground, view.name(code), bar.article, bar.note, bar.confidence != "verified")


def paper_examined(
    *, measures: Sequence[tuple[str, str]], instruments: Sequence[InstrumentFacts]
) -> tuple[ItemCheck, ...]:
    """Return what each instrument wants in a request that only stands on paper: everything is left to be judged.

    `measures`: identifier and measure of each item.
    """
    catalogue = measure_catalogue()
    found = []
    for key, measure in measures:
        bases = tuple(
            BasisCheck(
                facts.code,
                facts.name,
                (),
                "unknown",
                "",
                tuple(
                    Check("judge", content_words(one), one.article, one.need, one.note, one.confidence != "verified")
                    for one in facts.rules.contents
                    if one.applies_to(measure)
                ),
            )
            for facts in instruments
        )
        known = catalogue.get(measure)
        found.append(ItemCheck(key, measure, known.name if known else measure, None, bases))
    return tuple(found)
