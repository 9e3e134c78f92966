"""preserving.toml, read once into values."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mla.core.errors import MlaError
from workflows.drafting.asking import instrument_codes
from workflows.drafting.measures import measure_catalogue
from workflows.drafting.preserving import Rule, Rules

PRESERVING = Path(__file__).with_name("preserving.toml")
#: The measure that keeps data, and its question on the kinds of them.
PRESERVATION, KINDS = "preservation", "data_kinds"

_KEYS = {"key", "days", "most", "renewed_days", "hold", "article", "confidence", "note"}


class PreservingWrong(MlaError):
    """preserving.toml is not understood; the message names the place."""


@cache
def preserving_rules() -> Rules:
    """Return the shipped rules.

    Raises:
        PreservingWrong: naming what is wrong.
    """
    return rules_read(PRESERVING)


def rules_read(path: Path) -> Rules:
    """Read a file such as preserving.toml. Raises PreservingWrong."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PreservingWrong(f"{path.name}: {error}") from error
    rows = table.get("rule")
    if not isinstance(rows, list):
        raise PreservingWrong(f"{path.name}: has no [[rule]]")
    rules = tuple(_rule(row, f"{path.name}, rule {number}") for number, row in enumerate(rows, 1))
    if len({rule.key for rule in rules}) != len(rules):
        raise PreservingWrong(f"{path.name}: a rule stands twice")
    volatile = _measures(table.get("volatile", {}).get("measures"), f"{path.name}, volatile.measures")
    follow_up = table.get("follow_up", {})
    _measures(list(follow_up.values()), f"{path.name}, follow_up")
    asked = measure_catalogue()[PRESERVATION].question(KINDS)
    kinds = set(asked.values) if asked else set()
    if unknown := sorted(set(follow_up) - kinds):
        raise PreservingWrong(f"{path.name}, follow_up: {unknown[0]!r} is no kind of data; they are {', '.join(kinds)}")
    return Rules(rules, frozenset(volatile), MappingProxyType(dict(follow_up)))


def _measures(given: Any, where: str) -> list[str]:
    if not isinstance(given, list) or not given:
        raise PreservingWrong(f"{where}: names no measure")
    for slug in given:
        if slug not in measure_catalogue():
            raise PreservingWrong(f"{where}: there is no measure {slug!r}")
    return given


def _rule(row: Any, where: str) -> Rule:
    if not isinstance(row, dict) or set(row) - {"instruments", "jurisdictions"} != _KEYS:
        odd = sorted((set(row) - {"instruments", "jurisdictions"}) ^ _KEYS) if isinstance(row, dict) else ["rule"]
        raise PreservingWrong(f"{where}: {odd[0]} is missing, or no key of a rule")
    for name in ("days", "renewed_days"):
        if type(row[name]) is not int or not 0 <= row[name] <= 3650:
            raise PreservingWrong(f"{where}: {name} is no number of days")
    if type(row["most"]) is not bool:
        raise PreservingWrong(f"{where}: most is true or false")
    if row["hold"] not in ("yes", "no", "not_known"):
        raise PreservingWrong(f"{where}: hold is yes, no or not_known")
    if row["confidence"] not in ("verified", "to_be_confirmed"):
        raise PreservingWrong(f"{where}: confidence is verified or to_be_confirmed")
    if not row["article"]:
        raise PreservingWrong(f"{where}: article is empty")
    instruments, jurisdictions = frozenset(row.get("instruments", ())), frozenset(row.get("jurisdictions", ()))
    if unknown := sorted(instruments - instrument_codes()):
        raise PreservingWrong(f"{where}: instruments: there is no {unknown[0]!r}")
    if not instruments and not jurisdictions:
        raise PreservingWrong(f"{where}: names neither instruments nor jurisdictions")
    return Rule(
        key=row["key"], days=row["days"], most=row["most"], renewed_days=row["renewed_days"], hold=row["hold"],
        article=row["article"], to_be_confirmed=row["confidence"] != "verified", note=row["note"],
        instruments=instruments, jurisdictions=jurisdictions,
    )  # fmt: skip
