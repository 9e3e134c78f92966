"""Protected identities taken out of a letter before it is stored: pure, from content to content.

In the letter a protected person has a pseudonym and nothing else. Who it is stands in rows of its own
(models_sealed.py), so that no page, list, search, difference, export or message that is made from a letter can hold it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

FORMAT = "mla-sealed/1"
#: What is told of a protected person in the letter itself.
IN_THE_LETTER = ("id", "kind", "role", "name", "pseudonym", "protected")
#: Parts of a name shorter than this are in too many words to say anything.
SHORTEST_PART = 4
#: A name that tells nobody, as drafters wrote them before there were pseudonyms: “Subject A”, “Witness W1”.
_NO_NAME = re.compile(r"(subject|suspect|witness|victim|minor|child|person|expert)\s+\S{1,3}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Apart:
    """A letter's content without what belongs under seal, and that, by the person's key; only what was given anew."""

    content: dict[str, Any]
    sealed: dict[str, dict[str, Any]] = field(default_factory=dict)


def taken_apart(content: Mapping[str, Any]) -> Apart:
    """Return a content with every protected person under a pseudonym. Taking it apart again changes nothing."""
    persons = content.get("persons") or []
    if not any(person.get("protected") for person in persons):
        return Apart(dict(content))
    taken = {person.get("pseudonym") or "" for person in persons}
    taken |= {person["name"] for person in persons if not person.get("protected")}
    sealed: dict[str, dict[str, Any]] = {}
    told = []
    for person in persons:
        if not person.get("protected"):
            told.append(person)
            continue
        name, pseudonym = person.get("name", ""), person.get("pseudonym", "")
        if not pseudonym:
            pseudonym = name if _NO_NAME.fullmatch(name) else _free(person.get("role", ""), taken, content)
            taken.add(pseudonym)
        kept = {key: value for key, value in person.items() if key not in IN_THE_LETTER}
        if name and name != pseudonym:
            kept = {"name": name, **kept}
        if kept:
            sealed[person["id"]] = kept
        shown = {key: person[key] for key in IN_THE_LETTER if key in person}
        told.append(shown | {"name": pseudonym, "pseudonym": pseudonym})
    return Apart({**content, "persons": told}, sealed)


def _free(role: str, taken: set[str], content: Mapping[str, Any]) -> str:
    with override(str(content.get("language") or "en")):
        words = {"witness": _("Witness %(letter)s"), "victim": _("Victim %(letter)s")}
        form = words.get(role, _("Person %(letter)s"))
    return next(name for name in (form % {"letter": letter} for letter in _letters()) if name not in taken)


def _letters() -> Iterator[str]:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    yield from alphabet
    yield from (first + second for first in alphabet for second in alphabet)


def protected_keys(content: Mapping[str, Any]) -> list[str]:
    """Return the keys of the protected persons of a letter, in its order."""
    return [person["id"] for person in content.get("persons") or [] if person.get("protected")]


def as_protected(content: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return an earlier content with whoever is protected by now as the letter names that person now."""
    shown = {person["id"]: person for person in now.get("persons") or [] if person.get("protected")}
    found = taken_apart(content).content
    if shown and found.get("persons"):
        found["persons"] = [shown.get(person["id"], person) for person in found["persons"]]
    return found


@dataclass(frozen=True, slots=True)
class Betrayed:
    """A text that names a protected person. `whole`: by the full name, another name or the number of a document."""

    path: str
    key: str
    whole: bool


def betrayals(content: Mapping[str, Any], sealed: Mapping[str, Mapping[str, Any]]) -> list[Betrayed]:
    """Return the texts of a letter in which a protected person is named, each person once at each place."""
    wanted = {key: _marks(sealed[key]) for key in protected_keys(content) if key in sealed}
    found = []
    for path, text in _texts(content, ""):
        said = _folded(text)
        for key, (whole, parts) in wanted.items():
            if any(mark.search(said) for mark in whole):
                found.append(Betrayed(path, key, True))
            elif any(mark.search(said) for mark in parts):
                found.append(Betrayed(path, key, False))
    return found


def _marks(of: Mapping[str, Any]) -> tuple[list[re.Pattern[str]], list[re.Pattern[str]]]:
    names = [name for name in (of.get("name", ""), *of.get("aliases", ()), of.get("document", "")) if name.strip()]
    parts = {part for part in _folded(of.get("name", "")).split() if len(part.strip(".,")) >= SHORTEST_PART}
    whole = []
    for name in names:
        words = [re.escape(word.strip(",")) for word in _folded(name).split()]
        whole.append(_mark(r"[\s,]+".join(words)))
        if len(words) > 1:
            # “Surname, First” and “Surname First”.
            whole.append(_mark(r"[\s,]+".join([words[-1], *words[:-1]])))
    return whole, [_mark(re.escape(part.strip(".,"))) for part in sorted(parts)]


def _mark(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){pattern}(?!\w)")


def _folded(text: str) -> str:
    """Return a text as it is compared: case and accents make no other name."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{path}[{index}]")
