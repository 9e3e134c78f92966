"""Covering note: what goes out with a letter, each file with its hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from workflows.documents.kinds import WHOLE, About, Kind
from workflows.documents.kinds._case import Listed, documents_of


@dataclass(frozen=True, slots=True)
class CoveringNote:
    files: tuple[Listed, ...]


def about(case: Any) -> list[About]:
    return [About(WHOLE)] if documents_of(case) else []


def kind_context(case: Any, about: str, said: Mapping[str, str]) -> CoveringNote:
    return CoveringNote(documents_of(case))


KIND = Kind("covering-note", _("Covering note"), "outgoing", about, kind_context)
