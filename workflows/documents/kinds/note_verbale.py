"""Note verbale: a mission hands the letter to the ministry of foreign affairs, where the diplomatic channel is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from workflows.documents.kinds import WHOLE, About, Field, Kind
from workflows.documents.kinds._case import Listed, documents_of


@dataclass(frozen=True, slots=True)
class NoteVerbale:
    mission: str
    ministry: str
    files: tuple[Listed, ...]


def about(case: Any) -> list[About]:
    return [About(WHOLE)] if documents_of(case) else []


def kind_context(case: Any, about: str, said: Mapping[str, str]) -> NoteVerbale:
    return NoteVerbale(said["mission"], said["ministry"], documents_of(case))


KIND = Kind(
    "note-verbale",
    _("Note verbale"),
    "outgoing",
    about,
    kind_context,
    fields=(
        Field("mission", _("Mission that hands it over:"), "line", required=True),
        Field("ministry", _("Ministry that receives it:"), "line", required=True),
    ),
)
