"""The law between every two States, measured in this process: the answer, and what a plain letter lacks by it.

Beside it, in the same turns, the least that any answer could cost: looking up the rows of the pair.
"""

from __future__ import annotations

import datetime as dt
import random
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import psutil

from workflows.drafting.findings.law import InstrumentFacts, Law, View
from workflows.drafting.findings.residual import contents_in_force
from workflows.drafting.letterfile import Basis, Item, LetterFile, Side, letter_from
from workflows.drafting.measures import measure_catalogue
from workflows.drafting.resolver import resolve_in
from workflows.drafting.resolver_types import Offence, Resolution
from workflows.drafting.resolver_world import World, all_pairs, read_world

#: One measure of each kind: data at rest, bank data, data to be kept, a person to be heard.
MEASURES = ("stored-content", "bank-records", "preservation", "testimony")
OFFENCE = Offence("fraud", 10)


@dataclass(slots=True)
class Times:
    """Seconds of each answer on the clock, and of this process's processor alone."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def measure(self, work: Callable[[], object]) -> None:
        began, busy = time.perf_counter(), time.thread_time()
        work()
        self.processor.append(time.thread_time() - busy)
        self.wall.append(time.perf_counter() - began)

    def as_dict(self) -> dict[str, dict[str, float]]:
        return {"wall_ms": percentiles(self.wall), "processor_ms": percentiles(self.processor)}


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return p50, p95, p99 and the longest, in milliseconds."""
    ordered = sorted(seconds)
    last = len(ordered) - 1
    at = {f"p{share}": ordered[min(last, len(ordered) * share // 100)] for share in (50, 95, 99)}
    return {name: round(value * 1000, 4) for name, value in (at | {"max": ordered[-1]}).items()}


class Letters:
    """A plain letter of each measure: it says nothing yet, so that every content of its bases is looked for."""

    def __init__(self, on: dt.date, world: World) -> None:
        self.on, self.catalogue = on, measure_catalogue()
        self.facts: dict[str, InstrumentFacts] = {}
        laws = (*world.general, *(law for found in world.bilateral.values() for law in found))
        for law in laws:
            self.facts[law.code] = InstrumentFacts(law.code, law.short_name, law.kind, law.rules)
        self.bases = {code: Basis(id=f"B{n}", instrument=code) for n, code in enumerate(self.facts, 1)}
        self.plain = {measure: _plain(on, measure) for measure in MEASURES}

    def lacks(self, resolution: Resolution) -> int:
        """Return how many contents a plain letter on all the bases of the pair does not say yet."""
        bases = tuple(self.bases[entry.instrument] for entry in resolution.bases)
        plain = self.plain[resolution.measure]
        item: Item = plain.items[0].model_copy(update={"bases": tuple(basis.id for basis in bases)})
        letter: LetterFile = plain.model_copy(
            update={
                "requesting": Side.model_construct(jurisdiction=resolution.requesting),
                "requested": Side.model_construct(jurisdiction=resolution.requested),
                "bases": bases,
                "items": (item,),
            }
        )
        law = Law(resolutions={(resolution.measure, "O1"): resolution}, instruments=self.facts)
        return sum(1 for _finding in contents_in_force(View(letter, self.catalogue, law, self.on)))


def _plain(on: dt.date, measure: str) -> LetterFile:
    offence = dict.fromkeys(("title", "provision", "law_text", "maximum_penalty", "conduct"), "")
    return letter_from(
        {
            "format": "mla-letter/1", "language": "en", "date": on.isoformat(), "title": "",
            "requesting": {"jurisdiction": "AA"}, "requested": {"jurisdiction": "BB"},
            "proceedings": {"subject": "", "nature": "investigation"},
            "offences": [offence | {"id": "O1", "category": OFFENCE.category, "maximum_years": OFFENCE.maximum_years}],
            "items": [{"id": "M1", "measure": measure, "offences": ["O1"]}],
        }
    )  # fmt: skip


@dataclass(slots=True)
class Measured:
    """What was found: `answers` is the resolver with the check of contents, `baseline` looking up the rows."""

    pairs: int
    answers: Times
    baseline: Times
    reading_s: float
    total_s: float
    peak_rss: int
    rss_before: int
    bases: int
    contents: int

    def as_dict(self) -> dict[str, object]:
        return {
            "pairs": self.pairs,
            "answers": len(self.answers.wall),
            "total_s": round(self.total_s, 2),
            "reading_s": round(self.reading_s, 3),
            "resolver_and_contents": self.answers.as_dict(),
            "baseline_lookup": self.baseline.as_dict(),
            "rss_before_mb": round(self.rss_before / 2**20, 1),
            "peak_rss_mb": round(self.peak_rss / 2**20, 1),
            "bases_found": self.bases,
            "contents_missing": self.contents,
        }


def measure_law(
    *, on: dt.date, pairs: int | None, states: int | None, progress: Callable[[int, int], None], seed: int = 1
) -> Measured:
    """Answer every ordered pair of States for each of MEASURES, on the data as they are recorded.

    `pairs` and `states` restrict it, drawn by `seed`; `progress` is told how many pairs of how many are done.
    """
    rss = psutil.Process().memory_info().rss
    began = time.perf_counter()
    world = read_world()
    letters = Letters(on, world)
    reading = time.perf_counter() - began
    drawn = random.Random(seed)
    chosen = drawn.sample(world.states, min(states, len(world.states))) if states else list(world.states)
    asked = all_pairs(sorted(chosen))
    if pairs is not None and pairs < len(asked):
        asked = drawn.sample(asked, pairs)
    answers, baseline = Times(), Times()
    counted = {"bases": 0, "contents": 0}

    def answer(one: str, other: str, measure: str) -> None:
        found = resolve_in(world.pair(one, other), on=on, measure=measure, offence=OFFENCE)
        counted["bases"] += len(found.bases)
        counted["contents"] += letters.lacks(found)

    for number, (one, other) in enumerate(asked, 1):
        for measure in MEASURES:
            baseline.measure(lambda one=one, other=other: _look_up(world, one, other))  # type: ignore[misc]
            answers.measure(lambda one=one, other=other, measure=measure: answer(one, other, measure))  # type: ignore[misc]
        if number % 100 == 0 or number == len(asked):
            progress(number, len(asked))
    return Measured(
        pairs=len(asked),
        answers=answers,
        baseline=baseline,
        reading_s=reading,
        total_s=time.perf_counter() - began,
        peak_rss=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        rss_before=rss,
        bases=counted["bases"],
        contents=counted["contents"],
    )


def _look_up(world: World, one: str, other: str) -> int:
    """The baseline: every instrument with a row for both States, without a date, a scope or a rank."""
    mine: Mapping[tuple[str, str], object] = world.rows.get(one, {})
    theirs: Mapping[tuple[str, str], object] = world.rows.get(other, {})
    return sum(1 for law in world.general if (law.code, one) in mine and (law.code, other) in theirs)
