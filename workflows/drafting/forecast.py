"""On which grounds the other State may refuse a letter, per offence; what switches which off; what answers each.

A pure function of the letter and the law of its pair. Grounds of domestic law stand beside this list, and what is
switched off as the only ground may weigh beside another: it never says that a letter cannot be refused. Whether what
the letter says is enough is for people to judge; only that a place is filled is told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from mla.reference.files import ground_names
from mla.reference.profiles import Topic
from mla.reference.rules import Answer
from workflows.drafting.findings.law import Law, ProfileFacts, View
from workflows.drafting.forecast_data import ASSURANCES, PROOF_STANDARD, Advice, advice_known
from workflows.drafting.letter_rights import RightsScreen
from workflows.drafting.letterfile import Item, LetterFile
from workflows.drafting.measures import measure_catalogue
from workflows.drafting.proof import prompts_of
from workflows.drafting.resolver_grounds import Barred, Ground, Switch, grounds_in_play, switches_in_play
from workflows.drafting.resolver_types import Resolution

#: Whether a ground stands for an offence. open: under no treaty that is known to apply, under one that may; sole: switched off as the only ground; unnamed: an instrument switches it
#: off, and no instrument in play names it as a ground (domestic law may).
State = Literal["stands", "open", "perhaps", "sole", "removed", "unnamed"]
#: Whether the places that answer a ground are filled; "some": one of several, or for one entry of several.
Filled = Literal["filled", "some", "empty"]


@dataclass(frozen=True, slots=True)
class Written:
    """A place of the letter that answers a ground: its path, and whether something stands there."""

    path: str
    filled: Filled


@dataclass(frozen=True, slots=True)
class Place:
    """A ground as one instrument states it, for the items `items`; `source`: where our data on the instrument are from."""

    instrument: str
    name: str
    article: str
    note: str
    source: str
    to_be_confirmed: bool
    scope: Answer
    only_if_none: bool
    barred: Barred
    kept: bool
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """One ground for one offence: where it stands, what switches it off, and what answers it."""

    ground: str
    state: State
    places: tuple[Place, ...]
    switches: tuple[Switch, ...]
    advice: Advice | None
    written: tuple[Written, ...]

    @property
    def name(self) -> str:
        """The ground in English, as the reference data call it."""
        return ground_names().get(self.ground, self.ground)

    @property
    def kept(self) -> tuple[Place, ...]:
        """The instruments that switch other grounds off for this offence and keep this one."""
        return tuple(place for place in self.places if place.kept)

    @property
    def filled(self) -> Filled:
        return filled_together(self.written)


@dataclass(frozen=True, slots=True)
class Offence:
    """The grounds for one offence. `key` is empty for a letter that names none."""

    key: str
    title: str
    items: tuple[str, ...]
    grounds: tuple[Expected, ...]
    unknown: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Practice:
    """What the requested State's profile says on a topic for the items `items`; no entries: it is not known."""

    topic: str
    items: tuple[str, ...]
    entries: tuple[ProfileFacts, ...]
    advice: Advice | None
    written: tuple[Written, ...]

    @property
    def filled(self) -> Filled:
        return filled_together(self.written)


@dataclass(frozen=True, slots=True)
class Forecast:
    offences: tuple[Offence, ...]
    practice: tuple[Practice, ...]


#: Topics of the requested State's profile that bear on a refusal, each with the ground whose advice answers it.
TOPICS: Mapping[str, str] = {
    Topic.DUAL_CRIMINALITY: "dual_criminality",
    Topic.PROOF_STANDARD: PROOF_STANDARD,
    Topic.ASSURANCES: ASSURANCES,
}


def refusal_forecast(letter: LetterFile, *, law: Law, today: dt.date) -> Forecast:
    """Return the forecast of a letter. Pure; `law` as of the letter's date (`workflows.drafting.law.law_for`)."""
    view = View.of(letter, measure_catalogue(), law, today)
    return Forecast(tuple(_offences(view)), tuple(_practice(view)))


def _offences(view: View) -> Iterator[Offence]:
    letter = view.letter
    named: list[tuple[str | None, str, int]] = [(one.id, one.title, at) for at, one in enumerate(letter.offences)]
    for key, title, index in named or [(None, "", -1)]:
        items = [item for item in letter.items if not item.offences or key is None or key in item.offences]
        resolved = [
            (item, found) for item in items if (found := view.law.resolutions.get((item.measure, key))) is not None
        ]
        yield Offence(
            key=key or "",
            title=title,
            items=tuple(item.id for item in items),
            grounds=tuple(_grounds(view, index, items, resolved)),
            unknown=tuple(
                dict.fromkeys(
                    (row.instrument, row.law.short_name)
                    for _item, found in resolved
                    for row in found.unknown
                    if row.recorded and (row.law.rules.refusal or row.law.rules.bar)
                )
            ),
        )


def _grounds(
    view: View, offence: int, items: list[Item], resolved: list[tuple[Item, Resolution]]
) -> Iterator[Expected]:
    by_ground: dict[str, dict[tuple[Any, ...], tuple[Ground, Resolution, list[str]]]] = {}
    switched: dict[str, dict[Switch, None]] = {}
    for item, found in resolved:
        for ground in grounds_in_play(found):
            here = by_ground.setdefault(ground.ground, {})
            same = (ground.instrument, ground.article, ground.note, ground.barred, ground.scope, ground.only_if_none)
            here.setdefault(same, (ground, found, []))[2].append(item.id)
        for switch in switches_in_play(found):
            switched.setdefault(switch.ground, {})[switch] = None
    order = list(ground_names())
    for code in sorted({*by_ground, *switched}, key=lambda one: (order.index(one) if one in order else 99, one)):
        places = tuple(_place(*row) for row in by_ground.get(code, {}).values())
        switches = tuple(switched.get(code, {}))
        advice = advice_known().get(code)
        yield Expected(code, _state(places, switches), places, switches, advice, _written(view, advice, offence, items))


def _place(ground: Ground, found: Resolution, items: list[str]) -> Place:
    entry = found.entry(ground.instrument)
    return Place(
        instrument=ground.instrument,
        name=entry.law.short_name if entry else ground.instrument,
        article=ground.article,
        note=ground.note,
        source=entry.law.source if entry else "",
        to_be_confirmed=ground.to_be_confirmed,
        scope=ground.scope,
        only_if_none=ground.only_if_none,
        barred=ground.barred,
        kept=ground.kept,
        items=tuple(items),
    )


def _state(places: tuple[Place, ...], switches: tuple[Switch, ...]) -> State:
    """Return the heaviest reading: what stands for one item of the offence stands."""
    if not places:
        return "unnamed"
    barred = {place.barred for place in places}
    if any(place.barred == "no" and place.scope == "in_scope" and not place.only_if_none for place in places):
        return "stands"
    if "no" in barred:
        return "open"
    if "perhaps" in barred:
        return "perhaps"
    return "sole" if all(one.sole for one in switches if one.certain) else "removed"


def _practice(view: View) -> Iterator[Practice]:
    for topic, ground in TOPICS.items():
        alike: dict[tuple[tuple[ProfileFacts, ...], Advice | None], list[Item]] = {}
        for item in view.letter.items:
            entries = tuple(view.profile(topic, measure=item.measure))
            advice = advice_known().get(ground)
            if advice is not None and topic == Topic.PROOF_STANDARD and entries:
                # What the standard itself asks, where this measure asks it.
                measure = view.measures.get(item.measure)
                paths = (one.path_in(measure) for one in prompts_of(entry.value for entry in entries))
                advice = replace(advice, fields=tuple(f"items.{path}" for path in paths))
            alike.setdefault((entries, advice), []).append(item)
        for (entries, advice), items in alike.items():
            written = tuple(_merged(_written(view, advice, at, items) for at in _offences_of(view, items)))
            yield Practice(topic, tuple(item.id for item in items), entries, advice, written)


def _offences_of(view: View, items: list[Item]) -> list[int]:
    wanted = {offence.id for item in items for offence in view.offences_of(item)}
    return [at for at, offence in enumerate(view.letter.offences) if offence.id in wanted] or [-1]


def _merged(each: Iterator[tuple[Written, ...]]) -> Iterator[Written]:
    """The places of several offences together; what is written for one of them only is written in part."""
    found: dict[str, list[Filled]] = {}
    for places in each:
        for place in places:
            found.setdefault(place.path, []).append(place.filled)
    for path, states in found.items():
        yield Written(path, states[0] if len(set(states)) == 1 else "some")


def _written(view: View, advice: Advice | None, offence: int, items: list[Item]) -> tuple[Written, ...]:
    """Return the places that answer a ground for the offence at that position (-1: none is named) and those items."""
    return tuple(_at(view.letter, path, offence, items) for path in (advice.fields if advice else ()))


def _at(letter: LetterFile, path: str, offence: int, items: list[Item]) -> Written:
    first, _dot, rest = path.partition(".")
    if first == "offences":
        if offence < 0:
            return Written("offences", "empty")
        return Written(f"offences[{offence}].{rest}", _is(_value(letter.offences[offence], rest)))
    if first == "items":
        states = [_is(_value(item, rest)) for item in items]
        open_at = next((at for at, state in enumerate(states) if state != "filled"), 0)
        if not items:
            return Written("items", "empty")
        place = letter.items.index(items[open_at])
        together = states[0] if len(set(states)) == 1 else "some"
        return Written(f"items[{place}].{rest}", together)
    if first == "rights":
        return Written(path, _screened(letter.rights, rest))
    return Written(path, _is(_value(letter, path)))


def _screened(screen: RightsScreen, row: str) -> Filled:
    """Tell how far a row of the rights screen is filled: a no stands by itself, any other answer with its reason."""
    answer, reason = screen.answer(row), _is(_value(screen, row))
    return "some" if answer in ("yes", "not_known") and reason == "empty" else "filled" if answer else reason


def _value(of: Any, path: str) -> Any:
    for step in path.split("."):
        of = of.get(step) if isinstance(of, Mapping) else getattr(of, step, None)
    return of


def _is(value: Any) -> Filled:
    return "empty" if value in (None, "", (), [], {}) else "filled"


def filled_together(written: tuple[Written, ...]) -> Filled:
    """Return whether all, some or none of the places are filled."""
    states = {one.filled for one in written}
    if states <= {"filled"} and states:
        return "filled"
    return "empty" if states <= {"empty"} else "some"
