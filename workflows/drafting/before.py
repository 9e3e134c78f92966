"""What is asked before a letter: other ways to the evidence (before.toml), read once, and which of them a letter asks.

Pure, but for reading the file. The answers stand in the letter (`LetterFile.before`), are approved with it and never leave.
"""

from __future__ import annotations

import string
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from mla.core.errors import MlaError
from workflows.drafting.asking import ALWAYS, AskedWhen, AskedWhenWrong, Situation, asked_when_read, instrument_codes
from workflows.drafting.datafiles import entries_read
from workflows.drafting.measures import measure_catalogue
from workflows.drafting.resolver_types import Resolution

BEFORE = Path(__file__).with_name("before.toml")

#: Stands for: it is known that no instrument binds. An empty set would mean that nothing is known yet.
NONE_BINDS = "none_binds"

_TEXTS = ("key", "question", "why", "article", "confidence")


class BeforeWrong(MlaError):
    """before.toml is not understood; the message names the entry and the key."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way to the evidence. `obvious`: that nobody answered it is told as a finding."""

    key: str
    question: str
    why: str
    article: str
    to_be_confirmed: bool
    obvious: bool
    asked_when: AskedWhen = ALWAYS

    @property
    def rule(self) -> tuple[str, str]:
        """Return instrument and article, both empty where it comes from practice."""
        instrument, _space, article = self.article.partition(" ")
        return instrument, article


@cache
def alternatives() -> Mapping[str, Alternative]:
    """Return the shipped alternatives by key, in the order of the file.

    Raises:
        BeforeWrong: naming the entry and what is wrong.
    """
    return alternatives_read(BEFORE)


def alternatives_read(path: Path) -> Mapping[str, Alternative]:
    """Read a file such as before.toml. Raises BeforeWrong."""
    return entries_read(path, "alternative", _alternative, key="key", wrong=BeforeWrong)


def _alternative(row: Any, where: str) -> Alternative:
    if unknown := sorted(set(row) - {*_TEXTS, "obvious", "asked_when"}):
        raise BeforeWrong(f"{where}: unknown key {unknown[0]!r}")
    for name in _TEXTS:
        if not isinstance(row.get(name), str) or (name != "article" and not row[name].strip()):
            raise BeforeWrong(f"{where}: {name} is missing, or no text")
    if not row["key"].replace("_", "").isalnum() or not row["key"].islower() or len(row["key"]) > 40:
        raise BeforeWrong(f"{where}: key has small letters, digits and _ only")
    if row["confidence"] not in ("verified", "to_be_confirmed"):
        raise BeforeWrong(f"{where}: confidence is verified or to_be_confirmed")
    if row["confidence"] == "verified" and not row["article"]:
        raise BeforeWrong(f"{where}: what is verified names its article")
    if type(row.get("obvious", False)) is not bool:
        raise BeforeWrong(f"{where}: obvious is true or false")
    when = ALWAYS
    if "asked_when" in row:
        try:
            when = asked_when_read(row["asked_when"], earlier={}, more=_more())
        except AskedWhenWrong as wrong:
            raise BeforeWrong(f"{where}.asked_when{'.' * bool(wrong.key)}{wrong.key}: {wrong}") from wrong
    return Alternative(
        key=row["key"],
        question=row["question"],
        why=row["why"],
        article=row["article"],
        to_be_confirmed=row["confidence"] != "verified",
        obvious=row.get("obvious", False),
        asked_when=when,
    )


def _more() -> dict[str, Collection[str]]:
    letters = string.ascii_uppercase
    return {
        "measures": frozenset(measure_catalogue()),
        "requested": frozenset(a + b for a in letters for b in letters),
        "may_bind": instrument_codes(),
    }


def alternatives_known(given: Mapping[str, Any]) -> None:
    """Check that every answer belongs to an alternative.

    Raises:
        ValueError: naming one that does not, and those that there are.
    """
    for key in given:
        if key not in alternatives():
            message = _("there is no alternative “%(key)s”; the alternatives are: %(known)s")
            raise ValueError(message % {"key": key[:60], "known": ", ".join(alternatives())})


def may_bind(resolutions: Iterable[Resolution]) -> frozenset[str]:
    """Return the instruments in force for both States and those of which it is not known; empty where nothing is known."""
    known, found = False, set()
    for resolution in resolutions:
        known = True
        found |= {entry.instrument for entry in resolution.in_force}
        found |= {excluded.instrument for excluded in resolution.unknown}
    return frozenset(found) or (frozenset({NONE_BINDS}) if known else frozenset())


def alternatives_asked(content: Mapping[str, Any], here: Situation, binding: frozenset[str]) -> tuple[Alternative, ...]:
    """Return the alternatives that a letter asks. An answer once given stays asked: it is true whatever is chosen later.

    `here`: the situation of the whole letter; `binding`: see `may_bind`.
    """
    facts = {
        **here.facts,
        "measures": frozenset(filter(None, (item.get("measure") for item in content.get("items", ())))),
        "requested": frozenset(filter(None, (content.get("requested", {}).get("jurisdiction"),))),
        "may_bind": binding,
    }
    now = replace(here, facts=facts)
    answered = content.get("before", {})
    return tuple(one for one in alternatives().values() if one.key in answered or one.asked_when.holds(now))
