"""When a question is asked: a small closed language of data, read once into values. Pure; no question is named here.

`asked_when` is a table of predicates. All of them must hold; of the values of one predicate one is enough. What is
not chosen yet is neither a yes nor a no: a predicate holds then only where it names `none_yet`.

    asked_when = { answers = { mode = ["video", "telephone"] }, instruments = ["CETS-182", "none_yet"] }
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

import mla.reference
from mla.core.errors import MlaError
from workflows.drafting.vocabulary import (
    CHANNELS,
    RECIPROCITY,
    ConfidentialityLevel,
    IdentifierType,
    Nature,
    OffenceCategory,
    PersonRole,
    UrgencyLevel,
)

TREATIES = Path(mla.reference.__file__).with_name("data") / "treaties"

#: The value that stands for: nothing of the kind is chosen yet.
NONE_YET = "none_yet"

#: Predicates that look at another answer: of the same measure, or (in asking.toml) of the same entry.
ANSWERS, OWN = "answers", "own"


class AskedWhenWrong(MlaError):
    """A condition is not understood. `key`: where in the table."""

    def __init__(self, key: str, message: str) -> None:
        self.key = key
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Condition:
    """One predicate with the values of which one is enough. `of`: whose answer, for the predicates that look at one."""

    predicate: str
    values: tuple[str, ...]
    of: str = ""

    def holds(self, situation: Situation) -> bool:
        found = situation.of(self)
        return bool(found & set(self.values)) if found else NONE_YET in self.values


@dataclass(frozen=True, slots=True)
class AskedWhen:
    """The conditions of a question; without any it is always asked.

    `keep`: an answer that was given stays asked and printed (a fact that is true whatever the conditions are).
    """

    conditions: tuple[Condition, ...] = ()
    keep: bool = False

    def holds(self, situation: Situation) -> bool:
        return all(condition.holds(situation) for condition in self.conditions)

    def unmet(self, situation: Situation) -> tuple[Condition, ...]:
        """Return the conditions that do not hold."""
        return tuple(condition for condition in self.conditions if not condition.holds(situation))


ALWAYS = AskedWhen()


@dataclass(frozen=True, slots=True)
class Situation:
    """What is chosen: values by predicate, and by the key of a question (`answers`) or a field (`own`)."""

    facts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    answers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    own: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of(self, condition: Condition) -> frozenset[str]:
        if condition.predicate in (ANSWERS, OWN):
            found = self.answers if condition.predicate == ANSWERS else self.own
            return found.get(condition.of, frozenset())
        return self.facts.get(condition.predicate, frozenset())


@cache
def instrument_codes() -> frozenset[str]:
    """Return the codes of the shipped instruments, and of the offer of reciprocity."""
    return frozenset(path.stem for path in TREATIES.glob("*.toml")) | {RECIPROCITY}


@cache
def predicates() -> Mapping[str, frozenset[str]]:
    """Return the predicates that look at the letter, each with the values it knows."""
    return MappingProxyType(
        {
            "instruments": instrument_codes(),
            "urgency": frozenset(get_args(UrgencyLevel)),
            "stage": frozenset(get_args(Nature)),
            "channel": frozenset(CHANNELS),
            "confidentiality": frozenset(get_args(ConfidentialityLevel)),
            "identifier_types": frozenset(get_args(IdentifierType)),
            "person_roles": frozenset(get_args(PersonRole)),
            "offence_categories": frozenset(get_args(OffenceCategory)),
        }
    )


def asked_when_read(
    raw: Any,
    *,
    earlier: Mapping[str, Collection[str]],
    later: Collection[str] = (),
    looks_at: str = ANSWERS,
    more: Mapping[str, Collection[str]] | None = None,
) -> AskedWhen:
    """Return the conditions of a table `asked_when`.

    `earlier`: the questions that may be looked at, each with its values (none: it cannot be looked at); `later`: those
    that stand after. `looks_at`: the predicate for them; `more`: further predicates, as `measures` in asking.toml.

    Raises:
        AskedWhenWrong: naming the key, with the known predicates, values or questions.
    """
    if not isinstance(raw, dict) or not raw:
        raise AskedWhenWrong("", "is no table of predicates")
    known = {**predicates(), **(more or {})}
    found: list[Condition] = []
    for predicate, given in raw.items():
        if predicate == looks_at:
            if not isinstance(given, dict) or not given:
                raise AskedWhenWrong(predicate, "is a table: the key of an earlier question and its values")
            for key, values in given.items():
                where = f"{predicate}.{key}"
                found.append(Condition(predicate, _values(where, values, _of(where, key, earlier, later)), key))
        elif predicate in known:
            found.append(Condition(predicate, _values(predicate, given, known[predicate])))
        else:
            every = ", ".join(sorted({*known, looks_at}))
            raise AskedWhenWrong(predicate, f"is no predicate; the predicates are {every}")
    return AskedWhen(tuple(found))


def _of(where: str, key: str, earlier: Mapping[str, Collection[str]], later: Collection[str]) -> Collection[str]:
    if key in earlier:
        if not earlier[key]:
            raise AskedWhenWrong(where, "is answered in free words, so that no condition can look at it")
        return earlier[key]
    if key in later:
        raise AskedWhenWrong(where, "stands after this question; a condition looks at an earlier one")
    raise AskedWhenWrong(where, f"is no question before this one; those are {', '.join(earlier) or 'none'}")


def _values(where: str, given: Any, known: Iterable[str]) -> tuple[str, ...]:
    every = {*known, NONE_YET}
    if not isinstance(given, list) or not given:
        raise AskedWhenWrong(where, "is no list of values")
    for value in given:
        if value not in every:
            raise AskedWhenWrong(where, f"{value!r} is no value; the values are {', '.join(sorted(every))}")
    return tuple(given)
