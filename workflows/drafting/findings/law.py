"""What the findings know of the law: values, read from the database by `workflows.drafting.law`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mla.core.reasons import Finding
from mla.reference.profiles import Stage
from mla.reference.rules import InstrumentRules
from workflows.drafting.asking import AskedWhen
from workflows.drafting.asking_letter import left_over, letter_as_asked, not_asked
from workflows.drafting.letterfile import Item, LetterFile, Offence
from workflows.drafting.measures import Measure
from workflows.drafting.resolver_types import BasisEntry, Resolution

RECIPROCITY = "RECIPROCITY"


def stage_of(nature: str) -> str:
    """Return the stage at which proceedings of a nature are, as far as it settles whom to address; empty: not known."""
    if not nature:
        return ""
    return Stage.AT_TRIAL if nature in {"trial", "sentence", "confiscation"} else Stage.BEFORE_TRIAL


@dataclass(frozen=True, slots=True)
class InstrumentFacts:
    code: str
    name: str
    kind: str
    rules: InstrumentRules


@dataclass(frozen=True, slots=True)
class DeclarationFacts:
    """A declaration of the requested State, in our own words. `languages` are those it takes, BCP 47."""

    instrument: str
    article: str
    kind: str
    content: str
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Office:
    """An authority as the reference data describe it. `as_of` is None where no day can be read from its source."""

    code: str
    jurisdiction: str
    kind: str
    name: str
    organ: str = ""
    scope: str = ""
    source: str = ""
    as_of: dt.date | None = None
    fictional: bool = False
    languages: tuple[str, ...] = ()
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """An entry of a State's profile (mla.reference.profiles). `verified` is None where nobody knows when."""

    topic: str
    value: str
    instrument: str = ""
    measure: str = ""
    stage: str = ""
    note: str = ""
    verified: dt.date | None = None
    to_be_confirmed: bool = True
    source: str = ""


def needed_of(needs: Iterable[ProfileFacts], measure: str) -> ProfileFacts | None:
    """Return what of a State's needs holds for a measure: what is said of it, else what is said of all."""
    fitting = [one for one in needs if one.measure in ("", measure)]
    return max(fitting, key=lambda one: one.measure, default=None)


@dataclass(frozen=True, slots=True)
class Statute:
    """The first day of a law that offences are charged under (practice.toml). `names` as a letter writes it."""

    jurisdiction: str
    names: tuple[str, ...]
    in_force: dt.date
    to_be_confirmed: bool


@dataclass(frozen=True, slots=True)
class Law:
    """Everything from outside the letter that its findings depend on.

    `resolutions`: the legal bases of the pair on the letter's date, by measure and identifier of the offence
    (None for a letter that names no offence). `profile`: of the requested State; `needs`: of the requesting one, what its
    courts need of evidence. What of a profile was verified longer ago than `stale_after` is to be verified again.
    """

    resolutions: Mapping[tuple[str, str | None], Resolution] = field(default_factory=dict)
    instruments: Mapping[str, InstrumentFacts] = field(default_factory=dict)
    declarations: tuple[DeclarationFacts, ...] = ()
    offices: tuple[Office, ...] = ()
    languages: tuple[str, ...] = ()
    profile: tuple[ProfileFacts, ...] = ()
    needs: tuple[ProfileFacts, ...] = ()
    stale_after: dt.timedelta = dt.timedelta(days=365)
    statutes: tuple[Statute, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """One letter with its law, as the rules look at it."""

    letter: LetterFile
    measures: Mapping[str, Measure]
    law: Law
    today: dt.date
    #: By their paths: the questions that the letter's choices do not ask, and of these the ones with an answer.
    not_asked: Mapping[str, AskedWhen] = field(default_factory=dict)
    left_over: tuple[str, ...] = ()
    #: The moment that `today` was read from; its beginning where that is not told.
    at: dt.datetime | None = None

    @classmethod
    def of(
        cls,
        letter: LetterFile,
        measures: Mapping[str, Measure],
        law: Law,
        today: dt.date,
        at: dt.datetime | None = None,
    ) -> View:
        """Return the letter as it is asked: an answer whose question is no longer asked answers nothing."""
        content = letter.content()
        unasked = not_asked(content, measures)
        left = tuple(left_over(content, unasked))
        return cls(letter_as_asked(letter, measures) if left else letter, measures, law, today, unasked, left, at)

    @property
    def stage(self) -> str:
        """At which stage the proceedings are, as far as it settles whom to address."""
        return stage_of(self.letter.proceedings.nature)

    def profile(self, topic: str, *, measure: str = "", stage: str = "") -> list[ProfileFacts]:
        """Return what the requested State's profile says of a topic for each basis of the letter.

        An entry that is limited to the instrument, the measure or the stage goes before one that is not.
        """
        found: list[ProfileFacts] = []
        for instrument in [basis.instrument for basis in self.letter.bases] or [""]:
            fitting = [
                one
                for one in self.law.profile
                if one.topic == topic
                and one.instrument in ("", instrument)
                and one.measure in ("", measure)
                and one.stage in ("", stage)
            ]
            if fitting:
                found.append(max(fitting, key=lambda one: (one.instrument, one.measure, one.stage)))
        return list(dict.fromkeys(found))

    def needed(self, measure: str) -> ProfileFacts | None:
        """Return what the requesting State's courts need of evidence from a measure, where its profile says so."""
        return needed_of(self.law.needs, measure)

    def offences_of(self, item: Item) -> list[Offence]:
        """Return the offences an item is asked for: those it names, else all."""
        return [offence for offence in self.letter.offences if not item.offences or offence.id in item.offences]

    def resolutions(self, item: Item) -> list[Resolution]:
        """Return what is resolved for an item, one answer for each of its offences."""
        keys: list[str | None] = [offence.id for offence in self.offences_of(item)]
        found = (self.law.resolutions.get((item.measure, key)) for key in keys or [None])
        return [resolution for resolution in found if resolution is not None]

    def entries(self, item: Item) -> list[BasisEntry]:
        """Return the instruments in force for both States that reach an offence of the item, best first."""
        found: dict[str, BasisEntry] = {}
        for resolution in self.resolutions(item):
            for entry in resolution.bases:
                found.setdefault(entry.instrument, entry)
        return list(found.values())

    def entry(self, item: Item, instrument: str) -> BasisEntry | None:
        """Return how an instrument that is in force stands for the item; where it reaches an offence, for that one."""
        entries = [e for r in self.resolutions(item) if (e := r.entry(instrument)) is not None]
        return next((entry for entry in entries if entry.is_basis), entries[0] if entries else None)

    def name(self, instrument: str) -> str:
        found = self.law.instruments.get(instrument)
        return found.name if found else instrument

    def kind(self, instrument: str) -> str:
        found = self.law.instruments.get(instrument)
        return found.kind if found else ""

    def items(self) -> Iterator[tuple[int, Item, Measure]]:
        """Yield each item whose measure is known, with its position."""
        for index, item in enumerate(self.letter.items):
            measure = self.measures.get(item.measure)
            if measure is not None:
                yield index, item, measure


def gap(code: str, question: str, message: str, *, instrument: str = "", article: str = "") -> Finding:
    return Finding("gap", code, question, instrument, article, message)


def warning(code: str, question: str, message: str, *, instrument: str = "", article: str = "") -> Finding:
    return Finding("warning", code, question, instrument, article, message)
