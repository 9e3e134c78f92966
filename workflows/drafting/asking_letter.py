"""Which questions a letter's own choices ask: by path, and the letter without the answers that nobody asks for any more.

An answer to a question that is no longer asked stays where it is stored. It is not printed (`letter_as_asked`), and a
finding names it. Pure, but for reading asking.toml once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from mla.core.errors import MlaError
from workflows.drafting.asking import OWN, AskedWhen, AskedWhenWrong, Situation, asked_when_read
from workflows.drafting.letterfile import LetterFile
from workflows.drafting.measures import Measure

ASKING = Path(__file__).with_name("asking.toml")

#: The value of a field that the letter leaves out because it is the usual one.
_USUAL = {"urgency": "routine", "confidentiality": "normal", "channel": "local"}


class AskingWrong(MlaError):
    """asking.toml is not understood; the message names the place."""


@cache
def fields_asked_when() -> Mapping[str, AskedWhen]:
    """Return the conditions of the letter's own fields, by their path without positions (`offences.transnational`).

    Raises:
        AskingWrong: naming the file and the key.
    """
    return fields_read(ASKING)


def fields_read(file: Path) -> Mapping[str, AskedWhen]:
    """Read a file such as asking.toml. Raises as fields_asked_when."""
    try:
        rows = tomllib.loads(file.read_text(encoding="utf-8")).get("field", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AskingWrong(f"{file.name}: {error}") from error
    found: dict[str, AskedWhen] = {}
    for index, row in enumerate(rows):
        where = f"{file.name}: field[{index}]"
        if (
            not isinstance(row, dict)
            or set(row) - {"path", "asked_when", "keep"}
            or type(row.get("keep", False)) is not bool
        ):
            raise AskingWrong(f"{where}: has the keys path and asked_when, and may have keep, which is true or false")
        group, _dot, name = str(row.get("path", "")).rpartition(".")
        fields = _fields_of(group)
        if name not in fields:
            raise AskingWrong(f"{where}.path: there is no such field in a letter: {row.get('path')}")
        try:
            values = {key: choices for key, choices in fields.items() if key != name}
            when = asked_when_read(row.get("asked_when"), earlier=values, looks_at=OWN)
        except AskedWhenWrong as wrong:
            raise AskingWrong(f"{'.'.join(filter(None, (where + '.asked_when', wrong.key)))}: {wrong}") from wrong
        found[row["path"]] = replace(when, keep=row.get("keep", False))
    return MappingProxyType(found)


def _fields_of(group: str) -> dict[str, tuple[str, ...]]:
    """Return the fields of a part of the letter, each with its closed list of values; none where it has no such list."""
    part: Any = LetterFile.model_fields[group].annotation if group in LetterFile.model_fields else None
    part = get_args(part)[0] if get_origin(part) is tuple else part
    if not (isinstance(part, type) and issubclass(part, BaseModel)):
        return {}
    return {
        name: tuple(get_args(one.annotation)) if get_origin(one.annotation) is Literal else ()
        for name, one in part.model_fields.items()
    }


def situation(content: Mapping[str, Any], item: Mapping[str, Any] | None = None) -> Situation:
    """Return what a letter has chosen, as a question of `item` sees it, or one of the whole letter.

    `content`: a letter in plain values. Of persons and offences an item that names none means all.
    """

    def named(group: str, key: str, *, all_of: bool = False) -> frozenset[str]:
        entries: Iterable[Mapping[str, Any]] = content.get(group, ())
        wanted = None if item is None else item.get(group, ())
        if wanted is not None and (wanted or not all_of):
            entries = [entry for entry in entries if entry.get("id") in wanted]
        return frozenset(filter(None, (entry.get(key) for entry in entries)))

    return Situation(
        {
            "instruments": named("bases", "instrument"),
            "identifier_types": named("identifiers", "type"),
            "person_roles": named("persons", "role", all_of=True),
            "offence_categories": named("offences", "category", all_of=True),
            "stage": frozenset(filter(None, (content.get("proceedings", {}).get("nature"),))),
            "urgency": frozenset({content.get("urgency", {}).get("level") or _USUAL["urgency"]}),
            "confidentiality": frozenset(
                {content.get("confidentiality", {}).get("level") or _USUAL["confidentiality"]}
            ),
            "channel": frozenset({content.get("channel") or _USUAL["channel"]}),
        }
    )


def not_asked_of_item(content: Mapping[str, Any], item: Mapping[str, Any], measure: Measure) -> dict[str, AskedWhen]:
    """Return what a measure's page does not ask: conditions by the path inside the item (`answers.link`, `period`).

    Only the answer to a question that is asked itself opens or closes a later one.
    """
    here = situation(content, item)
    answers: dict[str, frozenset[str]] = {}
    here = replace(here, answers=answers)
    given = item.get("answers") or {}
    found: dict[str, AskedWhen] = {}
    for question in measure.questions:
        if question.asked_when.holds(here):
            answers[question.key] = said(given.get(question.key))
        else:
            found[f"answers.{question.key}"] = question.asked_when
    for name, when in measure.common_when.items():
        if not when.holds(here):
            found[name] = when
    return found


def said(value: Any) -> frozenset[str]:
    """Return an answer as the values that a condition looks at."""
    if isinstance(value, bool):
        return frozenset({"yes" if value else "no"})
    if isinstance(value, str):
        return frozenset({value} - {""})
    return frozenset(one for one in value if isinstance(one, str)) if isinstance(value, list) else frozenset()


def not_asked_of_part(content: Mapping[str, Any], group: str, entry: Mapping[str, Any]) -> dict[str, AskedWhen]:
    """Return what is not asked of one entry of a list (`group`), or of the letter's own fields (no group).

    By the path inside the entry, or inside the letter. A fact that is kept is asked for as long as it stands there.
    """
    here = replace(situation(content), own={name: said(value) for name, value in entry.items()} if group else {})
    found = {}
    for path, when in fields_asked_when().items():
        first, _dot, rest = path.partition(".")
        if (first == group) if group else (first in _SINGLE):
            name = rest if group else path
            if not when.holds(here) and not (when.keep and _value(entry, name) is not None):
                found[name] = when
    return found


#: Parts of a letter that stand in it once.
_SINGLE = frozenset({"proceedings", "urgency", "confidentiality", "statements", "requesting", "requested"})


def _value(part: Mapping[str, Any], name: str) -> Any:
    value: Any = part
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return None if value in ("", [], {}) else value


def not_asked(content: Mapping[str, Any], measures: Mapping[str, Measure]) -> dict[str, AskedWhen]:
    """Return every question of a letter that its choices do not ask, by its path in the letter."""
    found = dict(not_asked_of_part(content, "", content))
    for group in dict.fromkeys(path.partition(".")[0] for path in fields_asked_when()):
        if group not in _SINGLE:
            for index, entry in enumerate(content.get(group, ())):
                found |= {
                    f"{group}[{index}].{name}": when for name, when in not_asked_of_part(content, group, entry).items()
                }
    for index, item in enumerate(content.get("items", ())):
        measure = measures.get(item.get("measure", ""))
        if measure is not None:
            found |= {
                f"items[{index}].{name}": when for name, when in not_asked_of_item(content, item, measure).items()
            }
    return found


def left_over(content: Mapping[str, Any], unasked: Mapping[str, AskedWhen]) -> list[str]:
    """Return the paths of `unasked` under which an answer stands all the same."""
    return [path for path in unasked if _at(content, path)[0] is not None]


def _at(content: Mapping[str, Any], path: str) -> tuple[dict[str, Any] | None, str]:
    """Return the object that holds the answer of a path, and its key there; None where there is no answer."""
    first, _bracket, rest = path.partition("[")
    part: Any = content
    if rest:
        number, _bracket, path = rest.partition("].")
        part = content[first][int(number)]
    *outer, last = path.split(".")
    for step in outer:
        part = part.get(step, {})
    return (part, last) if part.get(last) not in (None, "", [], {}) else (None, last)


def letter_as_asked(letter: LetterFile, measures: Mapping[str, Measure]) -> LetterFile:
    """Return the letter as it is printed: without the answers to questions that are no longer asked."""
    content = letter.content()
    paths = left_over(content, not_asked(content, measures))
    if not paths:
        return letter
    content = deepcopy(content)
    for path in paths:
        part, last = _at(content, path)
        if part is not None:
            del part[last]
    return LetterFile.model_validate(content)
