"""Putting one part's answers into the present content of a letter: nothing of anybody else is overwritten silently.

Each answer is compared three ways: as the page showed it, as it was typed, as it stands now. Two officers on
different questions never meet; on the same question the second is told. Pure, but for `saved`, which reads and
saves until nobody came between.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar, get_args

from mla.accounts.actors import Actor
from workflows.drafting.before import alternatives
from workflows.drafting.letterfile import LetterFile, letter_from
from workflows.drafting.models import LetterOfRequest, LetterVersion
from workflows.drafting.parsing import LetterFileWrong, Problem
from workflows.drafting.sealing import taken_apart
from workflows.drafting.selectors import version_now
from workflows.drafting.services import letter_save
from workflows.engine.errors import DataWrong, VersionChanged
from workflows.web.drafting.files import letter_of

#: Times that a save begins anew because another officer's save of another part came between.
ATTEMPTS = 5


T = TypeVar("T")


def trying_again(save: Callable[[], T]) -> T:
    """Return what `save` returns: it reads the letter and saves it, and begins anew when another save came between.

    Raises:
        VersionChanged: others saved ATTEMPTS times in a row meanwhile.
    """
    for _attempt in range(ATTEMPTS - 1):
        with contextlib.suppress(VersionChanged):
            return save()
    return save()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part stands: a section's own fields (no group), or one entry of a list.

    `key`: its identifier (P1), or for a list without identifiers its position from 1.
    """

    group: str = ""
    key: str = ""


@dataclass(slots=True)
class Outcome:
    """What became of a save.

    `problems` by path inside the part; `conflicts` the names that both changed, `theirs` the present values of the
    part; `also` what somebody else changed meanwhile without touching mine; `gone`: the entry is not there;
    `version` and `file` as they were saved.
    """

    letter: LetterOfRequest
    content: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    theirs: dict[str, Any] = field(default_factory=dict)
    also: list[str] = field(default_factory=list)
    saved: bool = False
    gone: bool = False
    key: str = ""
    version: LetterVersion | None = None
    file: LetterFile | None = None


#: Answers that the letter leaves out because they are its defaults.
DEFAULTS = frozenset({
    ("confidentiality.level", "normal"), ("urgency.level", "routine"), ("channel", "local"), ("kind", "natural"), ("offered", "now"),
    ("role", "primary"), ("state", "not_known"), ("hold", "not_known"),
    *((f"before.{key}.answer", "not_considered") for key in alternatives()),
})  # fmt: skip


def digest(value: Any, name: str = "") -> str:
    """Return a short hash of a plain value; of nothing it is the same whether left out, empty or the default."""
    if value in (None, "", [], {}) or (isinstance(value, str) and (name, value) in DEFAULTS):
        value = None
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def seen_of(values: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return what a page hands back of the answers as it showed them: a hash of each."""
    return json.dumps({name: digest(values.get(name), name) for name in names}, separators=(",", ":"))


def read_seen(given: str) -> dict[str, str]:
    """Return the hashes that a page hands back; nothing where it was tampered with, so that all counts as changed."""
    try:
        found = json.loads(given) if len(given) < 20_000 else {}
    except (ValueError, RecursionError):
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def index_of(content: Mapping[str, Any], place: Place) -> int | None:
    """Return the position of an entry, or None where it is not there."""
    entries = content.get(place.group, ())
    if place.key.isascii() and place.key.isdigit():
        number = int(place.key) - 1
        return number if 0 <= number < len(entries) and "id" not in entries[number] else None
    return next((n for n, entry in enumerate(entries) if entry.get("id") == place.key), None)


def part_at(content: Mapping[str, Any], place: Place) -> dict[str, Any] | None:
    """Return the object that holds a part's answers, or None where the entry is not there."""
    if not place.group:
        return dict(content)
    number = index_of(content, place)
    return None if number is None else content[place.group][number]


def values_of(part: Mapping[str, Any] | None, names: Sequence[str]) -> dict[str, Any]:
    """Return the answers of a part by path."""
    found = {}
    for name in names:
        value: Any = part or {}
        for step in name.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if value is not None:
            found[name] = value
    return found


@cache
def must_stand(group: str) -> frozenset[str]:
    """Return the texts that an entry of a list has even while they are empty."""
    part = get_args(LetterFile.model_fields[group].annotation)[0]
    return frozenset(name for name, one in part.model_fields.items() if one.is_required() and one.annotation is str)


def put(part: dict[str, Any], name: str, value: Any, group: str = "") -> None:
    """Set one answer of a part in place; None and empty ones are left out, but for texts that must stand."""
    if group and value is None and name in must_stand(group):
        part[name] = ""
        return
    *outer, last = name.split(".")
    for step in outer:
        part = part.setdefault(step, {})
    if value in (None, "", [], {}):
        part.pop(last, None)
    else:
        part[last] = value


def free_key(content: Mapping[str, Any], group: str, prefix: str) -> str:
    taken = {entry.get("id") for entry in content.get(group, ())}
    return next(key for key in (f"{prefix}{number}" for number in range(1, 10_000)) if key not in taken)


def merged(
    content: Mapping[str, Any],
    place: Place,
    mine: Mapping[str, Any],
    seen: Mapping[str, str],
    chosen: Mapping[str, str],
) -> tuple[dict[str, Any], list[str], list[str]]:
    """Return the content with my answers in it, the names in conflict, and the names that another changed alone.

    `chosen`: by name `mine:<hash>` or `theirs:<hash>`, the decision on a conflict and which answer of the other it
    was taken on; a decision on an answer that changed again decides nothing.
    """
    result = deepcopy(dict(content))
    part = result if not place.group else result[place.group][index_of(result, place) or 0]
    now = values_of(part, list(mine))
    conflicts, also = [], []
    for name, value in mine.items():
        present, typed = digest(now.get(name), name), digest(value, name)
        before = seen.get(name, "")
        if present == typed or typed == before:
            if present != before and present != typed:
                also.append(name)
            continue
        if present != before:
            decision = chosen.get(name, "")
            if decision == f"theirs:{present}":
                continue
            if decision != f"mine:{present}":
                conflicts.append(name)
                continue
        put(part, name, value, place.group)
    return result, conflicts, also


def saved(
    *,
    letter: LetterOfRequest,
    by: Actor,
    place: Place,
    mine: Mapping[str, Any],
    seen: Mapping[str, str],
    chosen: Mapping[str, str] | None = None,
    prefix: str = "",
    tidy: Any = None,
    partly: bool = False,
    read_now: LetterVersion | None = None,
) -> Outcome:
    """Save a part's answers into the open version and say what became of it.

    An empty key with a group makes a new entry. `partly`: what fits is saved, what does not is told; else
    nothing is saved unless all fits. `tidy(content)` mends what a change of the part leaves behind. `read_now`: the
    current version with its letter, where the caller has just read them.

    Raises:
        ActForbidden, ActNotPossible: see letter_save.
        VersionChanged: others saved ATTEMPTS times in a row meanwhile.
    """
    for attempt in range(ATTEMPTS):
        # What the page has just read is tried first; the lock of the act tells whether it still holds.
        version = read_now if read_now is not None and attempt == 0 else version_now(letter.pk, by)
        now, content = version.letter, dict(version.content)
        outcome = _tried(now, content, place, dict(mine), seen, chosen or {}, prefix, tidy, partly)
        if outcome.gone or outcome.conflicts or (outcome.problems and not partly):
            return outcome
        try:
            checked = letter_of(outcome.content)
            outcome.letter = letter_save(
                letter=now, content=checked, by=by, expected_version=now.version, read_now=version
            )
        except LetterFileWrong as wrong:
            outcome.problems += [problem for problem in wrong.problems if problem not in outcome.problems]
            return outcome
        except DataWrong as refused:
            outcome.problems += [Problem(reason.field, reason.message) for reason in refused.reasons]
            return outcome
        except VersionChanged:
            if attempt + 1 == ATTEMPTS:
                raise
            continue
        # As it is kept: what belongs under seal is no longer in it.
        checked = letter_of(taken_apart(checked.content()).content)
        outcome.content, outcome.saved = checked.content(), True
        outcome.version, outcome.file = outcome.letter.at_hand(by), checked
        return outcome
    raise AssertionError("unreachable")


def _tried(
    letter: LetterOfRequest,
    content: dict[str, Any],
    place: Place,
    mine: dict[str, Any],
    seen: Mapping[str, str],
    chosen: Mapping[str, str],
    prefix: str,
    tidy: Any,
    partly: bool,
) -> Outcome:
    """Merge into one present content; wrong answers are dropped from a partial save, and told."""
    here = place
    if place.group and not place.key:
        content = deepcopy(content)
        key = free_key(content, place.group, prefix) if prefix else str(len(content.get(place.group, ())) + 1)
        content.setdefault(place.group, []).append(
            dict.fromkeys(must_stand(place.group) - {"id", "measure", "instrument"}, "")
            | ({"id": key} if prefix else {})
        )
        here, seen = Place(place.group, key), {name: digest(None) for name in mine}
    outcome = Outcome(letter, content, key=here.key)
    if here.group and index_of(content, here) is None:
        outcome.gone = True
        return outcome
    outcome.theirs = values_of(part_at(content, here), list(mine))
    while True:
        result, outcome.conflicts, outcome.also = merged(content, here, mine, seen, chosen)
        if tidy is not None:
            tidy(result)
        outcome.content = result
        if outcome.conflicts:
            return outcome
        try:
            letter_of(result)
        except LetterFileWrong as wrong:
            inside = [(problem, _inside(problem.where, here, result)) for problem in wrong.problems]
            outcome.problems += [Problem(path, problem.message) for problem, path in inside]
            refused = {name for name in mine for _problem, path in inside if _is_at(path, name)}
            if not partly or not refused:
                return outcome
            mine = {name: value for name, value in mine.items() if name not in refused}
        else:
            return outcome


def _inside(where: str, place: Place, content: Mapping[str, Any]) -> str:
    """Return the path of a problem inside the part."""
    if not place.group:
        return where
    return where.removeprefix(f"{place.group}[{index_of(content, place)}].")


def _is_at(path: str, name: str) -> bool:
    return path == name or path.startswith((f"{name}.", f"{name}["))


def removed(
    *, letter: LetterOfRequest, by: Actor, place: Place, seen: Mapping[str, str], names: Sequence[str]
) -> Outcome:
    """Take an entry out, with every reference to it. One that another changed meanwhile stays, and is told.

    Raises: as saved.
    """
    return trying_again(lambda: _removed(letter.pk, by, place, seen, names))


def _removed(letter_id: int, by: Actor, place: Place, seen: Mapping[str, str], names: Sequence[str]) -> Outcome:
    version = version_now(letter_id, by)
    now, content = version.letter, deepcopy(dict(version.content))
    outcome = Outcome(now, content, key=place.key)
    number = index_of(content, place)
    if number is None:
        outcome.gone = True
        return outcome
    outcome.theirs = values_of(content[place.group][number], names)
    outcome.conflicts = [name for name in names if digest(outcome.theirs.get(name), name) != seen.get(name, "")]
    if outcome.conflicts:
        return outcome
    del content[place.group][number]
    if not content[place.group]:
        del content[place.group]
    unlink(content, place)
    outcome.letter = letter_save(
        letter=now, content=letter_from(content), by=by, expected_version=now.version, read_now=version
    )
    outcome.saved = True
    return outcome


#: The fields that point to a list, by the list.
_POINTERS = {
    "persons": ("persons", "person"), "offences": ("offences",), "providers": ("provider",),
    "identifiers": ("identifiers",), "bases": ("bases",),
}  # fmt: skip


def pointing_at(content: Mapping[str, Any], place: Place) -> list[tuple[str, dict[str, Any]]]:
    """Return the entries that name this one, each with its list."""
    found = []
    for group in ("items", "identifiers", "preserved"):
        for entry in content.get(group, ()):
            for name in _POINTERS.get(place.group, ()):
                given = entry.get(name)
                if given == place.key or (isinstance(given, list) and place.key in given):
                    found.append((group, entry))
    return found


def unlink(content: Mapping[str, Any], place: Place) -> None:
    """Take every reference to an entry out of the content, in place."""
    for _group, entry in pointing_at(content, place):
        for name in _POINTERS[place.group]:
            given = entry.get(name)
            if given == place.key:
                del entry[name]
            elif isinstance(given, list) and place.key in given:
                given.remove(place.key)
                if not given:
                    del entry[name]
