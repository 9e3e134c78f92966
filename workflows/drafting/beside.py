"""Whether a translation can be printed beside its letter: asked here, answered by the documents, a layer above."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mla.core.reasons import Reason

#: Given the frozen contents of a letter and of its translation: why not, by the answer it begins at; both empty where it can.
Pairing = Callable[[Mapping[str, Any], Mapping[str, Any]], tuple[str, str]]

_PAIRINGS: list[Pairing] = []


def register_pairing(pairing: Pairing) -> None:
    """Say how it is found out. Called by the layer above, in its AppConfig.ready."""
    if pairing not in _PAIRINGS:
        _PAIRINGS.append(pairing)


def not_beside(source: Mapping[str, Any], target: Mapping[str, Any]) -> list[Reason]:
    """Return why a letter and its translation, as frozen contents, cannot be printed side by side."""
    told = [pairing(source, target) for pairing in _PAIRINGS]
    return [Reason("not_paired", message, field=path) for path, message in told if message]
