"""What the findings know of the law: values, read from the database by `workflows.drafting.law`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mla.core.reasons import Finding
from mla.reference.rules import InstrumentRules
from workflows.drafting.asking import AskedWhen
from workflows.drafting.asking_letter import left_over, letter_as_asked, not_asked
from workflows.drafting.letterfile import Item, LetterFile, Offence
from workflows.drafting.measures import Measure
from workflows.drafting.resolver_types import BasisEntry, Resolution

RECIPROCITY = "RECIPROCITY"


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


@dataclass(frozen=True, slots=True)
class Standard:
    """What the courts of a State are known to look for, beyond any treaty (practice.toml)."""

    code: str
    jurisdiction: str
    measures: tuple[str, ...]
    question: str
    message: str
    to_be_confirmed: bool


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
    (None for a letter that names no offence).
    """

    resolutions: Mapping[tuple[str, str | None], Resolution] = field(default_factory=dict)
    instruments: Mapping[str, InstrumentFacts] = field(default_factory=dict)
    declarations: tuple[DeclarationFacts, ...] = ()
    offices: tuple[Office, ...] = ()
    languages: tuple[str, ...] = ()
    standards: tuple[Standard, ...] = ()
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

    @classmethod
    def of(cls, letter: LetterFile, measures: Mapping[str, Measure], law: Law, today: dt.date) -> View:
        """Return the letter as it is asked: an answer whose question is no longer asked answers nothing."""
        content = letter.content()
        unasked = not_asked(content, measures)
        left = tuple(left_over(content, unasked))
        return cls(letter_as_asked(letter, measures) if left else letter, measures, law, today, unasked, left)

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
