"""What of a source text must stand in its translation: numbers, times, references and identifiers. Pure; warns, never refuses."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["number", "time", "reference", "identifier"]

_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?|\d{1,2}:\d{2}(?::\d{2})?(?:\s*(?:UTC|GMT)?[+\u2212-]\d{1,2}(?::?\d{2})?)?"
)
_ADDRESS = re.compile(
    r"https?://[^\s<>\"]+[\w/]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9A-Fa-f]{1,4}:){3,7}[0-9A-Fa-f:]*"
    r"|\b(?:[\w-]+\.)+(?:com|net|org|info|biz|eu|int|[a-z]{2})\b(?!\.)"
)
#: Letters and figures together, as keys, account numbers, hashes and sections of laws are: A1, 303b, DE12345.
_MIXED = re.compile(r"\b(?=[A-Za-z0-9/-]*\d)(?=[A-Za-z0-9/-]*[A-Za-z])[A-Za-z0-9]+(?:[/-][A-Za-z0-9]+)*\b")
#: English ordinals: the figure is what counts.
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f'\u2019\u066b\u066c]\d+)*")
_EMPTY_LINES = re.compile(r"\n[^\S\n]*\n")
_BETWEEN = re.compile(r"[.,\u00a0\u202f'\u2019\u066b\u066c]")


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing of the source that the target does not have, as it is written in the source."""

    kind: Kind
    text: str


def paragraphs_in(text: str) -> int:
    """Return how many paragraphs a text has: empty lines stand between them."""
    return sum(1 for part in _EMPTY_LINES.split(text) if part.strip())


def must_stand(frozen: Mapping[str, Any]) -> dict[str, Kind]:
    """Return what a letter calls its references and identifiers by: each stands in a translation letter for letter."""
    letter = frozen["letter"]
    found: dict[str, Kind] = {}
    proceedings = letter.get("proceedings", {}).get("reference", "")
    references = [proceedings, *(one.get("reference", "") for one in letter.get("related", ()))]
    found |= {text: "reference" for text in references if text}
    found |= {one["value"]: "identifier" for one in letter.get("identifiers", ()) if one.get("value")}
    return found


def missing_in(source: str, target: str, known: Mapping[str, Kind] = {}) -> list[Missing]:
    """Return what stands in the source and not in the target, in the order of the source.

    Figures of every script count as the same (٣ is 3), and 1,000.50 as 1.000,50: only the figures of a number are compared.
    """
    if not target.strip():
        return []
    ours, theirs = _figures(source), _figures(target)
    found: list[tuple[int, Missing]] = []
    for text, kind in sorted(known.items(), key=lambda one: -len(one[0])):
        if _figures(text) in ours:
            if _figures(text) not in theirs:
                found.append((ours.index(_figures(text)), Missing(kind, text)))
            ours, theirs = _without(ours, _figures(text)), _without(theirs, _figures(text))
    for kind, pattern in (("time", _TIME), ("identifier", _ADDRESS), ("identifier", _MIXED)):
        wanted = list(pattern.finditer(ours))
        for one in wanted:
            if one[0] in theirs:
                theirs = theirs.replace(one[0], " ", 1)
            else:
                found.append((one.start(), Missing(kind, one[0])))
        ours = pattern.sub(lambda one: " " * len(one[0]), ours)
    there = Counter(_numbers(theirs))
    for match in _NUMBER.finditer(ours):
        plain = _BETWEEN.sub("", match[0])
        # A month in words may be a figure there, and a leading zero be left out.
        same = next((key for key in (plain, plain.lstrip("0"), f"0{plain}") if there[key]), None)
        if same is None:
            found.append((match.start(), Missing("number", match[0])))
        else:
            there[same] -= 1
    return [one for _place, one in sorted(found, key=lambda pair: pair[0])]


def _without(text: str, part: str) -> str:
    return text.replace(part, " " * len(part))


def _numbers(text: str) -> Iterator[str]:
    for match in _NUMBER.finditer(text):
        yield _BETWEEN.sub("", match[0])


def _figures(text: str) -> str:
    """Return a text with the figures of every script as 0 to 9, and without the ends of ordinals."""
    plain = "".join(str(unicodedata.decimal(c)) if not c.isascii() and c.isdecimal() else c for c in text)
    return _ORDINAL.sub("", plain)


def terms_in(source: str, terms: Iterable[Any]) -> list[Any]:
    """Return the terms of the glossary that stand in a text, whatever their case. Each has `term`."""
    folded = source.casefold()
    return [one for one in terms if _stands(one.term.casefold(), folded)]


def _stands(term: str, text: str) -> bool:
    start = text.find(term)
    while start >= 0:
        before = text[start - 1] if start else " "
        # Inflected endings follow; another word before makes another word.
        if not (before.isalnum() and before.isascii()):
            return True
        start = text.find(term, start + 1)
    return False
