"""An edited copy against the approved text, paragraph by paragraph: pure.

Paragraphs are matched by the keys that the copy carries; where those are gone, by their text, then by likeness. Every
step is bounded, whatever a file holds.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from workflows.documents.word_parts import Unit

State = Literal["unchanged", "changed", "moved", "removed", "added"]

#: How many words times words a paragraph may have to be shown word by word; beyond, both texts are shown whole.
_WORDS: Final = 250_000
#: The same for all paragraphs of a copy together, and for the search of the likeness of paragraphs.
_ALL_WORDS: Final = 3_000_000
_PAIRS: Final = 40_000
#: From this share of common words on, two paragraphs are one.
_ALIKE: Final = 0.5
#: A key says that they are one already from here on; below, the key was put on another text.
_KEYED: Final = 0.2

#: Words, single signs, and single characters of scripts without spaces between words; before each, whether a space is.
_TOKENS: Final = re.compile(
    r"(\s*)([\u0e00-\u0eff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]"
    r"|[^\W\u0e00-\u0eff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]+|[^\w\s])"
)
#: What turns the order of letters round without being seen.
_TURNS: Final = re.compile("[\u202b\u202d\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a changed paragraph: "same", "gone" (in the approved text alone) or "new" (in the copy alone)."""

    kind: Literal["same", "gone", "new"]
    text: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A paragraph or row. `number`: of the approved letter, 0 for none. `moved`: also where it is changed as well."""

    state: State
    text: str
    number: int = 0
    pieces: tuple[Piece, ...] = ()
    moved: bool = False


def compared(approved: Sequence[Unit], edited: Sequence[Unit]) -> list[Compared]:
    """Return both in the order of the edited copy; what was removed stands where it stood in the approved text."""
    pairs = _Matching(approved, edited).pairs
    staying = _in_order([pairs[index] for index in sorted(pairs)])
    told = _Telling()
    taken = set(pairs.values())
    removed = deque(place for place in range(len(approved)) if place not in taken)
    made: list[Compared] = []

    def gone_up_to(place: int) -> None:
        while removed and removed[0] < place:
            made.append(_gone(approved[removed.popleft()]))

    def gone_after(place: int) -> None:
        while removed and removed[0] == place + 1:
            place = removed.popleft()
            made.append(_gone(approved[place]))

    gone_after(-1)
    for index, unit in enumerate(edited):
        place = pairs.get(index)
        if place is None:
            made.append(Compared("added", visible(unit.text)))
            continue
        if place in staying:
            gone_up_to(place)
        made.append(told.of(approved[place], unit, moved=place not in staying))
        if place in staying:
            gone_after(place)
    made += [_gone(approved[index]) for index in removed]
    return made


def visible(text: str) -> str:
    """Return a text in which signs that turn the order of letters are written out."""
    return _TURNS.sub(lambda found: f"‹U+{ord(found[0]):04X}›", text)


def _gone(unit: Unit) -> Compared:
    return Compared("removed", visible(unit.text), unit.number)


class _Telling:
    """Tells what became of paragraphs, within a bound for all of them."""

    def __init__(self) -> None:
        self._left = _ALL_WORDS

    def of(self, before: Unit, after: Unit, *, moved: bool) -> Compared:
        if before.text == after.text:
            return Compared("moved" if moved else "unchanged", visible(before.text), before.number, moved=moved)
        return Compared("changed", visible(after.text), before.number, self._pieces(before.text, after.text), moved)

    def _pieces(self, before: str, after: str) -> tuple[Piece, ...]:
        old, new = _tokens(before), _tokens(after)
        # What is the same at both ends costs nothing; most edits leave little between.
        start = _shared(old, new)
        end = _shared(old[start:][::-1], new[start:][::-1])
        middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
        cost = len(middle_old) * len(middle_new)
        if cost > min(_WORDS, self._left):
            steps = [("replace", 0, len(middle_old), 0, len(middle_new))]
        else:
            self._left -= cost
            steps = list(
                SequenceMatcher(
                    None, [one.word for one in middle_old], [one.word for one in middle_new], autojunk=False
                ).get_opcodes()
            )
        made = [Piece("same", _joined(new[:start]))]
        for kind, a, b, c, d in steps:
            if kind == "equal":
                made.append(Piece("same", _joined(middle_new[c:d])))
                continue
            made += [Piece("gone", _joined(middle_old[a:b])), Piece("new", _joined(middle_new[c:d]))]
        made.append(Piece("same", _joined(new[len(new) - end :])))
        return tuple(piece for piece in made if piece.text)


@dataclass(frozen=True, slots=True)
class _Token:
    word: str
    space: bool


def _tokens(text: str) -> list[_Token]:
    return [_Token(one[2], bool(one[1])) for one in _TOKENS.finditer(text)]


def _joined(tokens: Sequence[_Token]) -> str:
    return visible("".join(f"{' ' * one.space}{one.word}" for one in tokens))


def _shared(one: Sequence[_Token], other: Sequence[_Token]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left.word != right.word:
            break
        count += 1
    return count


class _Matching:
    """Which paragraph of the copy is which of the approved text. `pairs`: by place in the copy."""

    def __init__(self, approved: Sequence[Unit], edited: Sequence[Unit]) -> None:
        self._approved, self._edited = approved, edited
        self._words = [Counter(_words(unit.text)) for unit in approved]
        self._new_words: dict[int, Counter[str]] = {}
        self.pairs: dict[int, int] = {}
        self._taken: set[int] = set()
        self._by_key(same_text=True)
        self._by_key()
        self._by_text()
        self._by_likeness()

    def _take(self, index: int, place: int) -> None:
        self.pairs[index] = place
        self._taken.add(place)

    def _by_key(self, *, same_text: bool = False) -> None:
        places = {unit.key: place for place, unit in enumerate(self._approved) if unit.key}
        for index, unit in enumerate(self._edited):
            place = places.get(unit.key, -1) if unit.key and index not in self.pairs else -1
            if place < 0 or place in self._taken:
                continue
            before = self._approved[place].text
            if before == unit.text or (not same_text and self._likeness(index, place) >= _KEYED):
                self._take(index, place)

    def _by_text(self) -> None:
        places: dict[str, deque[int]] = defaultdict(deque)
        for place, unit in enumerate(self._approved):
            if place not in self._taken:
                places[unit.text].append(place)
        for index, unit in enumerate(self._edited):
            if index not in self.pairs and places.get(unit.text):
                self._take(index, places[unit.text].popleft())

    def _by_likeness(self) -> None:
        new = [index for index in range(len(self._edited)) if index not in self.pairs]
        old = [place for place in range(len(self._approved)) if place not in self._taken]
        if len(new) * len(old) > _PAIRS:
            return
        alike = [
            (likeness, -abs(index - place), index, place)
            for index in new
            for place in old
            if (likeness := self._likeness(index, place)) >= _ALIKE
        ]
        for _likeness, _near, index, place in sorted(alike, reverse=True):
            if index not in self.pairs and place not in self._taken:
                self._take(index, place)

    def _likeness(self, index: int, place: int) -> float:
        if index not in self._new_words:
            self._new_words[index] = Counter(_words(self._edited[index].text))
        old, new = self._words[place], self._new_words[index]
        both = old.total() + new.total()
        return 2 * (old & new).total() / both if both else 0.0


def _words(text: str) -> list[str]:
    """Return the words of a text, without the number in front of a paragraph, which others may have got."""
    return [token.word.casefold() for token in _tokens(re.sub(r"^[0-9]{1,5}\. ", "", text))]


def _in_order(places: Sequence[int]) -> set[int]:
    """Return the largest set of places that still stand in their order: all others were moved."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, place in enumerate(places):
        length = bisect_left(tails, place)
        before.append(ends[length - 1] if length else -1)
        if length == len(tails):
            tails.append(place)
            ends.append(at)
        else:
            tails[length], ends[length] = place, at
    kept: set[int] = set()
    at = ends[-1] if ends else -1
    while at >= 0:
        kept.add(places[at])
        at = before[at]
    return kept
