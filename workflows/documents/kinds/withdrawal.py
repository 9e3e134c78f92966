"""Withdrawal of a request: UNTOC 18(24) and UNCAC 46(24) oblige to say promptly that help is no longer needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from workflows.documents.kinds import WHOLE, About, Kind


@dataclass(frozen=True, slots=True)
class Withdrawal:
    reason: str


def about(case: Any) -> list[About]:
    return [About(WHOLE)] if case.sent_at and case.desired == "withdraw" else []


def kind_context(case: Any, about: str, said: Mapping[str, str]) -> Withdrawal:
    return Withdrawal(case.outcome_reason)


KIND = Kind("withdrawal", _("Withdrawal of the request"), "outgoing", about, kind_context)
