"""Information offered without a request, with its conditions: one measure of a letter of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from workflows.documents.kinds import About, Kind
from workflows.documents.kinds._case import about_measures, of_item
from workflows.documents.values import Names
from workflows.drafting.letterfile import LetterFile

MEASURE = "spontaneous-information"


@dataclass(frozen=True, slots=True)
class SpontaneousOffer:
    letter: LetterFile
    names: Names


def about(case: Any) -> list[About]:
    return about_measures(case, MEASURE)


def kind_context(case: Any, about: str, said: Mapping[str, str]) -> SpontaneousOffer:
    held = of_item(case, about)
    return SpontaneousOffer(held.letter, held.names)


KIND = Kind("spontaneous-offer", _("Offer of spontaneous information"), "outgoing", about, kind_context)
