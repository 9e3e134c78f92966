"""How much of the history of an open version is kept to go back to: pure, from content to content.

Each answer is saved as it is typed, so that most saves are no state that anybody wants back. One is kept at the
beginning of each sitting: one person, one part of the letter, without a pause; and before anything is taken away.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

#: A pause after which the same person at the same part begins anew. Our own rule.
PAUSE = dt.timedelta(minutes=10)
#: Characters that may go in one save without a state being kept: corrections of a word or two.
FEW = 40

#: Never put back: what has rows of its own beside the content, and the form of the letter file.
FIXED = frozenset({"annexes", "schema", "schema_version", "version"})


def parts_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the parts of the letter that differ by their names in the letter file, in the order of the later one."""
    names = [*after, *(name for name in before if name not in after)]
    return [name for name in names if before.get(name) != after.get(name)]


def answers_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return what can be put back apart: an answer of a part (`statements.costs`), or a list as a whole (`facts`)."""
    found: list[str] = []
    for name in parts_changed(before, after):
        old, new = before.get(name) or {}, after.get(name) or {}
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += [f"{name}.{inner}" for inner in parts_changed(old, new)]
        else:
            found.append(name)
    return found


def place_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return where one save changed a letter: a part (`urgency`), an entry of one (`items.M1`), or empty for several."""
    parts = parts_changed(before, after)
    if len(parts) != 1:
        return ""
    old, new = before.get(parts[0]), after.get(parts[0])
    entries = {id_ for id_ in (*_by_id(old), *_by_id(new)) if _by_id(old).get(id_) != _by_id(new).get(id_)}
    return f"{parts[0]}.{entries.pop()}" if len(entries) == 1 else parts[0]


def _by_id(value: Any) -> dict[str, Any]:
    if not isinstance(value, list):
        return {}
    return {str(entry["id"]): entry for entry in value if isinstance(entry, Mapping) and "id" in entry}


def takes_away(before: Any, after: Any) -> bool:
    """Tell whether a save takes an answer or an entry out, or more than FEW characters of a text."""
    if isinstance(before, Mapping):
        other = after if isinstance(after, Mapping) else {}
        return any(takes_away(value, other.get(name)) for name, value in before.items())
    if isinstance(before, list):
        found = after if isinstance(after, list) else []
        if len(found) < len(before):
            return True
        return any(takes_away(old, new) for old, new in zip(before, found, strict=False))
    if isinstance(before, str):
        return len(before) - len(after if isinstance(after, str) else "") > FEW
    return before is not None and after is None


def begins_sitting(
    *, before: Mapping[str, Any], after: Mapping[str, Any], by: int | None, at: dt.datetime, place: str,
    last_by: int | None, last_at: dt.datetime, last_place: str,
) -> bool:  # fmt: skip
    """Tell whether the state before this save is kept.

    `by`, `at`, `place`: of this save; `last_by`, `last_at`, `last_place`: of the one before it, in UTC.
    """
    same = by == last_by and place == last_place and at - last_at < PAUSE
    return not same or takes_away(before, after)


def put_back(now: Mapping[str, Any], then: Mapping[str, Any], parts: Sequence[str]) -> dict[str, Any]:
    """Return the present content with what is named (see answers_changed) as it was; FIXED parts stay as they are."""
    result = deepcopy(dict(now))
    for name in parts:
        part, _dot, inner = name.partition(".")
        if part in FIXED:
            continue
        source, target, last = then, result, part
        if inner:
            source, target, last = then.get(part) or {}, result.setdefault(part, {}), inner
        if last in source:
            target[last] = deepcopy(source[last])
        else:
            target.pop(last, None)
        if inner and not target:
            result.pop(part)
    return result
