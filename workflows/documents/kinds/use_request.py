"""Request to use evidence for another purpose than the one it was given for (UNTOC 18(19), UNCAC 46(19))."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from workflows.documents.kinds import WHOLE, About, Field, Kind
from workflows.documents.kinds._case import Listed, evidence_of


@dataclass(frozen=True, slots=True)
class UseRequest:
    purpose: str
    files: tuple[Listed, ...]
    reason: str = ""


def about(case: Any) -> list[About]:
    return [About(WHOLE)] if case.evidence_set.exists() else []


def kind_context(case: Any, about: str, said: Mapping[str, str]) -> UseRequest:
    return UseRequest(said["purpose"], evidence_of(case), said["reason"])


KIND = Kind(
    "use-request",
    _("Request to use evidence for another purpose"),
    "outgoing",
    about,
    kind_context,
    fields=(Field("purpose", _("Other purpose:"), required=True), Field("reason", _("Reasons."))),
)
