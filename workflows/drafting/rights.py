"""The rows of the rights screen (rights.toml), and the screen of a letter as it was answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mla.core.canonical import content_hash
from mla.core.errors import MlaError
from workflows.drafting.datafiles import entries_read
from workflows.drafting.letter_rights import RightsAnswers

RIGHTS = Path(__file__).with_name("rights.toml")

#: What the record says of a row to which no answer was given: neither a no nor “not known”.
NOT_ANSWERED = "not_answered"

_KEYS = {"key", "name", "label", "why", "warn", "needs", "article", "confidence"}


class RightsWrong(MlaError):
    """rights.toml is not understood; the message names the row and the key."""


@dataclass(frozen=True, slots=True)
class RightsRow:
    """One question of the screen. `warn`: what follows from a yes, unless `needs` (a path of the letter) is filled."""

    key: str
    name: str
    label: str
    why: str
    warn: str
    article: str
    to_be_confirmed: bool
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """A row as a letter answers it. `answer`: yes, no, not_known or not_answered."""

    row: RightsRow
    answer: str
    reason: str


@cache
def rights_rows() -> Mapping[str, RightsRow]:
    """Return the rows by their key, in their order; read once.

    Raises:
        RightsWrong: naming the row and what is wrong.
    """
    return rights_read(RIGHTS)


def rights_read(path: Path) -> Mapping[str, RightsRow]:
    """Return the rows of a file such as rights.toml. Raises RightsWrong."""
    found = entries_read(path, "row", _row, key="key", wrong=RightsWrong)
    if missing := [key for key in RightsAnswers.model_fields if key not in found]:
        raise RightsWrong(f"{path.name}: has no row {missing[0]!r}, which the letter has")
    return found


def _row(entry: dict[str, Any], where: str) -> RightsRow:
    if unknown := sorted(set(entry) - _KEYS):
        raise RightsWrong(f"{where}: unknown key {unknown[0]!r}")
    if entry.get("key") not in RightsAnswers.model_fields:
        raise RightsWrong(f"{where}: the letter has no row {entry.get('key')!r}")
    for name in ("name", "label", "why", "warn", "article"):
        if not isinstance(entry.get(name), str) or not entry[name].strip():
            raise RightsWrong(f"{where}: {name} is empty")
    if entry.get("confidence") not in ("verified", "to_be_confirmed"):
        raise RightsWrong(f"{where}: confidence is verified or to_be_confirmed")
    needs = str(entry.get("needs", ""))
    if needs and not needs.startswith("statements."):
        raise RightsWrong(f"{where}: needs {needs!r} is no statement of the letter")
    return RightsRow(
        key=entry["key"],
        name=entry["name"],
        label=entry["label"],
        why=entry["why"],
        warn=entry["warn"],
        article=entry["article"],
        to_be_confirmed=entry["confidence"] != "verified",
        needs=needs,
    )


def screen_of(content: Mapping[str, Any]) -> tuple[Answered, ...]:
    """Return the whole screen of a letter's content, row by row, in plain values as a version holds them."""
    given = content.get("rights") or {}
    answers = given.get("answers") or {}
    return tuple(
        Answered(row, str(answers.get(key) or NOT_ANSWERED), str(given.get(key) or ""))
        for key, row in rights_rows().items()
    )


def screen_recorded(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the record of an approval says of the screen: each answer, and the hash over answers and reasons.

    The reasons are text of a case and stay with the version, which is frozen: the hash ties them to the entry.
    """
    rows = screen_of(content)
    return {
        "rights_screen": {one.row.key: one.answer for one in rows},
        "rights_screen_sha256": content_hash(
            {one.row.key: {"answer": one.answer, "reason": one.reason} for one in rows}
        ),
    }
