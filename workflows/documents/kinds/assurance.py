"""An assurance that the requesting State gives, in the words of whoever may give it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from workflows.documents.kinds import WHOLE, About, Field, Kind


@dataclass(frozen=True, slots=True)
class Assurance:
    text: str
    given_by: str


def about(case: Any) -> list[About]:
    return [About(WHOLE)] if case.sent_at else []


def kind_context(case: Any, about: str, said: Mapping[str, str]) -> Assurance:
    return Assurance(said["text"], said["given_by"])


KIND = Kind(
    "assurance",
    _("Assurance"),
    "outgoing",
    about,
    kind_context,
    fields=(
        Field("text", _("Assurance:"), required=True),
        Field("given_by", _("Given by:"), "line", required=True),
    ),
)
