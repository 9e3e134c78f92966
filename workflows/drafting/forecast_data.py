"""What answers a ground of refusal: forecast.toml, read once into values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from mla.core.errors import MlaError
from mla.reference.files import ground_names
from workflows.drafting.datafiles import entries_read
from workflows.drafting.letterfile import LetterFile

FORECAST = Path(__file__).with_name("forecast.toml")

#: What the requested State's courts look for, and the assurances that it asks for, are no grounds of a treaty, and
#: answered in the letter all the same.
PROOF_STANDARD, ASSURANCES = "proof_standard", "assurances"
PRACTICE = frozenset({PROOF_STANDARD, ASSURANCES})

_KEYS = {"ground", "label", "article", "confidence", "fields"}


class ForecastWrong(MlaError):
    """forecast.toml is not understood; the message names the entry and the key."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What to add against a ground. `fields`: paths of the letter without positions (`offences.conduct`)."""

    ground: str
    label: str
    fields: tuple[str, ...]
    article: str = ""
    to_be_confirmed: bool = True


@cache
def advice_known() -> Mapping[str, Advice]:
    """Return what to add, by ground; read once.

    Raises:
        ForecastWrong: naming the entry and what is wrong.
    """
    return advice_read(FORECAST)


def advice_read(path: Path) -> Mapping[str, Advice]:
    """Return the entries of a file such as forecast.toml, by ground. Raises ForecastWrong."""
    return entries_read(path, "answer", _advice, key="ground", wrong=ForecastWrong)


def _advice(entry: dict[str, Any], where: str) -> Advice:
    if unknown := sorted(set(entry) - _KEYS):
        raise ForecastWrong(f"{where}: unknown key {unknown[0]!r}")
    ground = entry.get("ground")
    if ground not in PRACTICE and ground not in ground_names():
        raise ForecastWrong(f"{where}: ground {ground!r} is not in refusal_grounds.toml")
    if not isinstance(entry.get("label"), str) or not entry["label"].strip():
        raise ForecastWrong(f"{where}: label is empty")
    if entry.get("confidence") not in ("verified", "to_be_confirmed"):
        raise ForecastWrong(f"{where}: confidence is verified or to_be_confirmed")
    if entry["confidence"] == "verified" and not entry.get("article"):
        raise ForecastWrong(f"{where}: what is verified names its article")
    fields = entry.get("fields")
    if not isinstance(fields, list) or not fields:
        raise ForecastWrong(f"{where}: fields names no place in the letter")
    for field in fields:
        if not _is_field(str(field)):
            raise ForecastWrong(f"{where}: fields: the letter has no {field!r}")
    return Advice(
        ground=str(ground),
        label=entry["label"],
        fields=tuple(fields),
        article=str(entry.get("article", "")),
        to_be_confirmed=entry["confidence"] != "verified",
    )


def _is_field(path: str) -> bool:
    """Tell whether a path without positions is one of the letter."""
    model: type[BaseModel] | None = LetterFile
    for step in path.split("."):
        if model is None or step not in model.model_fields:
            return False
        model = _model_in(model.model_fields[step].annotation)
    return True


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner)) is not None), None)
