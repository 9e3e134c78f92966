"""The markup of a page of a document, to hold against that of the same page with nothing but plain words in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from typing import Any

from workflows.drafting.letterfile import LetterFile

#: The texts of test_hostile_text.hostile; the second form is a translator's.
_HOSTILE = re.compile(r"^\[T?(\d+)\]</p>.*<!--$", re.DOTALL)


class _Markup(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(" ".join([tag, *(name for name, _value in attrs)]))

    def handle_comment(self, data: str) -> None:
        self.found.append("<!--")


def markup_of(page: str) -> list[str]:
    """Return every element with the names of its attributes, and every comment, in their order."""
    reader = _Markup()
    reader.feed(page)
    reader.close()
    return reader.found


def harmless(value: Any) -> Any:
    """Return a value as it is, with plain words of the same length in place of each hostile text, wherever it stands."""
    if isinstance(value, LetterFile):
        return LetterFile.model_validate(harmless(value.content()))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: harmless(getattr(value, one.name)) for one in fields(value) if one.init})
    if isinstance(value, Mapping):
        return {key: harmless(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(harmless(one) for one in value)
    if isinstance(value, str) and value == "<b>SECRET</b>":
        return "SECRET"
    found = _HOSTILE.match(value) if isinstance(value, str) else None
    return (f"word{found[1]} " * 80)[: len(value)].strip() if found else value
