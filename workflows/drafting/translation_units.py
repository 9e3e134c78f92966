"""The texts of a frozen letter that are translated, each by its path; and a letter with other texts in their place. Pure.

What is a text is told by the letter file's own types: every `Line` and `Text`, and the free answers of the measures.
Codes, dates, instants, keys and hashes have other types and stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, get_args, get_origin

from pydantic import BaseModel

from workflows.drafting.letter_base import _cleaned, _one_line
from workflows.drafting.letterfile import Item, LetterFile
from workflows.drafting.measures import measure_catalogue

#: Fields of the letter file that are texts by their type and stay in every language what they are.
NEVER_TRANSLATED: Final = frozenset({
    "reference", "email", "phone", "time_zone", "languages", "articles", "value", "file", "media_type",
})  # fmt: skip

LONGEST_LINE, LONGEST_TEXT = 300, 20_000


@dataclass(frozen=True, slots=True)
class Unit:
    """One text. `path`: its place, entries by their key (`offences[O1].conduct`); `longest`: characters that fit there."""

    path: str
    source: str
    one_line: bool
    longest: int


Do = Callable[[Unit], str]


def units_of(frozen: Mapping[str, Any]) -> list[Unit]:
    """Return the texts of a frozen content (`freezing.frozen_content`) in the order of the letter."""
    found: dict[str, Unit] = {}

    def note(unit: Unit) -> str:
        found.setdefault(unit.path, unit)
        return unit.source

    _through(frozen, note)
    known = {unit.source for unit in found.values()}
    leftover: dict[str, Unit] = {}

    def note_other(unit: Unit) -> str:
        # What the letter itself says is translated there, once.
        if unit.source not in known:
            known.add(unit.source)
            leftover[unit.path] = unit
        return unit.source

    _difference(frozen.get("difference", {}), note_other)
    return [*found.values(), *leftover.values()]


def with_texts(frozen: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    """Return a frozen content whose texts are those of `texts`, by path; every path of `units_of` must be there.

    Raises:
        KeyError: a text is missing; the key is its path.
    """
    by_source: dict[str, str] = {}

    def put(unit: Unit) -> str:
        by_source.setdefault(unit.source, texts[unit.path])
        return texts[unit.path]

    changed = _through(frozen, put)

    def put_other(unit: Unit) -> str:
        if unit.source in by_source:
            return by_source[unit.source]
        by_source[unit.source] = texts[unit.path]
        return texts[unit.path]

    if "difference" in frozen:
        changed["difference"] = _difference(frozen["difference"], put_other)
    return changed


def _through(frozen: Mapping[str, Any], do: Do) -> dict[str, Any]:
    letter = _part(LetterFile, frozen["letter"], "", do)
    annexes = [
        annex | {"title": _text(annex["title"], f"annexes[{annex['id']}].title", True, LONGEST_LINE, do)}
        for annex in frozen["annexes"]
    ]
    return {**frozen, "letter": letter, "annexes": annexes}


def _difference(difference: Mapping[str, Any], do: Do) -> dict[str, Any]:
    """Go through what a letter says otherwise than an earlier one: values at places of the letter file."""
    changes = []
    for index, change in enumerate(difference.get("changes", ())):
        place = f"difference.changes[{index}]"
        kind, metadata = _type_at(change["path"])
        changes.append(
            change | {side: _value(kind, metadata, change[side], f"{place}.{side}", do) for side in ("before", "after")}
        )
    return {**difference, "changes": changes} if difference else {}


def _type_at(path: str) -> tuple[Any, tuple[Any, ...]]:
    """Return type and constraints of a place of the letter file; of one that is not found, nothing that is a text."""
    kind: Any = LetterFile
    metadata: tuple[Any, ...] = ()
    for step in path.split("."):
        name, bracket, _rest = step.partition("[")
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            return (str, metadata) if get_origin(kind) is dict else (None, ())
        field = next((f for n, f in kind.model_fields.items() if (f.alias or n) == name), None)
        if field is None or name in NEVER_TRANSLATED:
            return None, ()
        kind, metadata = _plain(field.annotation, tuple(field.metadata))
        if bracket:
            kind, metadata = _plain(*_of_entries(kind))
    return kind, metadata


def _of_entries(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    inner = get_args(kind)
    return (inner[0], ()) if inner else (None, ())


def _plain(kind: Any, metadata: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    """Take `Annotated` and the None of an optional value off a type."""
    while True:
        if get_origin(kind) is Annotated:
            inner, *more = get_args(kind)
            kind, metadata = inner, (*more, *metadata)
            continue
        arms = [one for one in get_args(kind) if one is not type(None)]
        if type(None) in get_args(kind) and len(arms) == 1:
            kind = arms[0]
            continue
        return kind, metadata


def _part(kind: type[BaseModel], values: Mapping[str, Any], path: str, do: Do) -> dict[str, Any]:
    fields = {field.alias or name: field for name, field in kind.model_fields.items()}
    changed = {}
    # In the order of the letter file: a database keeps the keys in one of its own.
    for name in [*(one for one in fields if one in values), *(one for one in values if one not in fields)]:
        value = values[name]
        place = f"{path}.{name}" if path else name
        field = fields.get(name)
        if field is None or name in NEVER_TRANSLATED:
            changed[name] = value
        elif name == "answers" and kind is Item:
            changed[name] = _answers(values.get("measure", ""), value, place, do)
        else:
            changed[name] = _value(field.annotation, tuple(field.metadata), value, place, do)
    return changed


def _value(kind: Any, metadata: tuple[Any, ...], value: Any, path: str, do: Do) -> Any:
    kind, metadata = _plain(kind, metadata)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _part(kind, value, path, do) if isinstance(value, dict) else value
    if get_origin(kind) is tuple and isinstance(value, list):
        inner = get_args(kind)[0]
        return [_value(inner, (), one, f"{path}[{_key(one, index)}]", do) for index, one in enumerate(value)]
    if get_origin(kind) is dict and isinstance(value, dict):
        inner = get_args(kind)[1]
        return {key: _value(inner, (), one, f"{path}.{key}", do) for key, one in value.items()}
    if kind is str and isinstance(value, str):
        rules = {getattr(one, "func", None) for one in metadata}
        if _cleaned in rules:
            lengths = [most for one in metadata if (most := getattr(one, "max_length", None))]
            return _text(value, path, _one_line in rules, min(lengths, default=LONGEST_TEXT), do)
    return value


def _answers(measure: str, answers: Mapping[str, Any], path: str, do: Do) -> dict[str, Any]:
    known = measure_catalogue().get(measure)
    texts = {one.key: one for one in known.questions if one.kind in ("line", "text")} if known else {}
    return {
        key: _text(value, f"{path}.{key}", texts[key].kind == "line", texts[key].max_length or LONGEST_TEXT, do)
        if key in texts and isinstance(value, str)
        else value
        for key, value in answers.items()
    }


def _text(value: str, path: str, one_line: bool, longest: int, do: Do) -> str:
    # A text without a letter of any script (figures, signs) reads the same in every language.
    if not any(character.isalpha() for character in value):
        return value
    return do(Unit(path, value, one_line, longest))


def _key(one: Any, index: int) -> str:
    return str(one["id"]) if isinstance(one, dict) and "id" in one else str(index)
