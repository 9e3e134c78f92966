"""After the fields of the form of the T-CY for Articles 29 and 30 of the Budapest Convention: one measure of a letter of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from workflows.documents.kinds import About, Kind
from workflows.documents.kinds._case import about_measures, of_item
from workflows.documents.values import Names
from workflows.drafting.letterfile import LetterFile

MEASURE = "preservation"


@dataclass(frozen=True, slots=True)
class PreservationRequest:
    letter: LetterFile
    names: Names


def about(case: Any) -> list[About]:
    return about_measures(case, MEASURE)


def kind_context(case: Any, about: str, said: Mapping[str, str]) -> PreservationRequest:
    held = of_item(case, about)
    return PreservationRequest(held.letter, held.names)


KIND = Kind(
    "preservation-request", _("Request for the preservation of stored computer data"), "outgoing", about, kind_context
)
