"""What changed between two versions of a letter: pure, from content to content, for the one who reads it again.

Entries with a key (`id`) are matched by it wherever they stand; others, such as facts, by their text. Texts
are compared word by word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Literal

Operation = Literal["same", "added", "removed"]

#: Words times words up to which a text is compared word by word; beyond that, sentence by sentence.
_MOST_COMPARED = 9_000_000
#: White space, a line end, a word with all its marks, or one sign; of scripts without spaces one character.
_WORD = re.compile(
    r"[^\S\n]+|\n|[^\s.,;:!?()\[\]{}\"'\u2018-\u201f\u00ab\u00bb/\u3000-\u9fff\uf900-\ufaff\uff00-\uffef]+|."
)
_SENTENCE = re.compile(r"[^.!?\u3002\n]*[.!?\u3002\n]*\s*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of one text's comparison: kept, put in or taken out."""

    operation: Operation
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that differs. `path` is that of the later content, for what was taken out that of the earlier.

    `before` and `after` are the values as texts, empty where there was none; `pieces` their comparison; `was` and `now`
    the values themselves.
    """

    path: str
    kind: Literal["added", "removed", "changed"]
    before: str
    after: str
    pieces: tuple[Piece, ...]
    was: Any = field(default=None, compare=False)
    now: Any = field(default=None, compare=False)


def letter_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return what changed from one content of a letter to another, in the order of the later one.

    Args:
        before, after: letter files as plain JSON, such as `LetterVersion.content`.
    """
    return list(_of_mapping(before, after, ""))


def words_compared(before: str, after: str) -> tuple[Piece, ...]:
    """Return two texts as one run of pieces: `same` and `removed` make the first, `same` and `added` the second."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    if len(old) * len(new) > _MOST_COMPARED:
        old, new = _SENTENCE.findall(before), _SENTENCE.findall(after)
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            _add(pieces, "same", "".join(old[i1:i2]))
            continue
        _add(pieces, "removed", "".join(old[i1:i2]))
        _add(pieces, "added", "".join(new[j1:j2]))
    return tuple(pieces)


def _add(pieces: list[Piece], operation: Operation, text: str) -> None:
    if text:
        pieces.append(Piece(operation, text))


def _compared(before: Any, after: Any, path: str) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _of_mapping(before, after, path)
    elif _is_entries(before) and _is_entries(after) and (before or after):
        yield from _of_entries(before or [], after or [], path)
    else:
        old, new = _text(before), _text(after)
        if old == new:
            return
        kind: Literal["added", "removed", "changed"] = "added" if not old else "changed" if new else "removed"
        yield Change(path, kind, old, new, words_compared(old, new), before, after)


def _of_mapping(before: Mapping[str, Any], after: Mapping[str, Any], path: str) -> Iterator[Change]:
    for name in [*after, *(name for name in before if name not in after)]:
        yield from _compared(before.get(name), after.get(name), f"{path}.{name}" if path else name)


def _of_entries(before: Sequence[Any], after: Sequence[Any], path: str) -> Iterator[Change]:
    pairs = _by_key(before, after) if _have_keys(before) and _have_keys(after) else _by_text(before, after)
    for old, new in pairs:
        if new is None and old is not None:
            yield _whole(f"{path}[{old}]", "removed", before[old])
        elif old is None and new is not None:
            yield _whole(f"{path}[{new}]", "added", after[new])
        elif old is not None and new is not None:
            yield from _compared(before[old], after[new], f"{path}[{new}]")


def _whole(path: str, kind: Literal["added", "removed"], entry: Any) -> Change:
    text = _text(entry)
    if kind == "added":
        return Change(path, kind, "", text, (Piece("added", text),), now=entry)
    return Change(path, kind, text, "", (Piece("removed", text),), was=entry)


Pairs = list[tuple[int | None, int | None]]


def _by_key(before: Sequence[Any], after: Sequence[Any]) -> Pairs:
    places = {entry["id"]: index for index, entry in enumerate(before)}
    pairs: Pairs = [(places.pop(entry["id"], None), index) for index, entry in enumerate(after)]
    return pairs + [(index, None) for index in places.values()]


def _by_text(before: Sequence[Any], after: Sequence[Any]) -> Pairs:
    old, new = [_canonical(entry) for entry in before], [_canonical(entry) for entry in after]
    pairs: Pairs = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        paired = min(i2 - i1, j2 - j1)
        pairs += [(i1 + step, j1 + step) for step in range(paired)]
        pairs += [(index, None) for index in range(i1 + paired, i2)]
        pairs += [(None, index) for index in range(j1 + paired, j2)]
    return pairs


def _is_entries(value: Any) -> bool:
    """Tell whether a value is a list of objects (None: the list is not there)."""
    return value is None or (isinstance(value, list) and all(isinstance(entry, Mapping) for entry in value))


def _have_keys(entries: Sequence[Any]) -> bool:
    return all("id" in entry for entry in entries)


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _text(value: Any) -> str:
    """Return a value as one text; of an object its values, line by line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "\n".join(text for text in map(_text, value.values()) if text)
    if isinstance(value, list):
        return ", ".join(text for text in map(_text, value) if text)
    return str(value)
