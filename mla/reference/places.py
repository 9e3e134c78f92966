"""Where a key of a TOML file stands. The standard reader tells no lines, and no kept library does."""

from __future__ import annotations

import re
from collections.abc import Sequence

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|\n'
    r"|[\[\]{}=,.]|[^\s\[\]{}=,.\"'#]+",
    re.DOTALL,
)


def line_of(text: str, path: Sequence[str | int]) -> int:
    """Return the line (from 1) of the value at `path` in `text`, which must be whole TOML.

    A path is keys and indexes from 0: ("measures", "other", "articles"), ("refusal", 2, "article"). Where
    it is not in the file, the line of the longest part of it that is; 1 where there is none.
    """
    places = _Places(text).read()
    for length in range(len(path), 0, -1):
        if tuple(path[:length]) in places:
            return places[tuple(path[:length])]
    return 1


class _Places:
    """Walks the tokens once and notes the line of every key and element."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, int]] = []
        line = 1
        for found in _TOKEN.finditer(text):
            token = found.group()
            if not token.startswith("#"):
                self.tokens.append((token, line))
            line += token.count("\n")
        self.at = 0
        self.places: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}

    def read(self) -> dict[Path, int]:
        base: Path = ()
        while self.at < len(self.tokens):
            word, line = self.tokens[self.at]
            if word == "\n":
                self.at += 1
            elif word == "[":
                base = self._header(line)
            else:
                self._pair(base)
        return self.places

    def _header(self, line: int) -> Path:
        many = self._peek(1) == "["
        self.at += 2 if many else 1
        keys = self._keys("]")
        self.at += 1 if many else 0
        path: Path = ()
        for number, key in enumerate(keys, 1):
            path += (key,)
            self.places.setdefault(path, line)
            if many and number == len(keys):
                self.counts[path] = self.counts.get(path, -1) + 1
            if path in self.counts:
                path += (self.counts[path],)
                self.places.setdefault(path, line)
        return path

    def _pair(self, base: Path) -> None:
        line = self.tokens[self.at][1]
        path = base
        for key in self._keys("="):
            path += (key,)
            self.places.setdefault(path, line)
        self._value(path)

    def _value(self, path: Path) -> None:
        opening = self._peek()
        if opening not in ("[", "{"):
            while self._peek() not in ("", "\n", ",", "]", "}"):
                self.at += 1
            return
        self.at += 1
        index = 0
        while self._peek() not in ("", "]", "}"):
            if self._peek() in ("\n", ","):
                self.at += 1
            elif opening == "{":
                self._pair(path)
            else:
                self.places[(*path, index)] = self.tokens[self.at][1]
                self._value((*path, index))
                index += 1
        self.at += 1

    def _keys(self, end: str) -> list[str]:
        keys = []
        while self.at < len(self.tokens):
            word = self.tokens[self.at][0]
            self.at += 1
            if word == end:
                break
            if word != ".":
                keys.append(word.strip("\"'"))
        return keys

    def _peek(self, ahead: int = 0) -> str:
        return self.tokens[self.at + ahead][0] if self.at + ahead < len(self.tokens) else ""
