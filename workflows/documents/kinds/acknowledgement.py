"""Acknowledgement of receipt: the reference and the contact under which the other State reaches us."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from workflows.documents.kinds import WHOLE, About, Kind
from workflows.documents.kinds._case import day_here


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    received_on: dt.date
    registered_as: str
    contact: str = ""
    confirm_by: dt.date | None = None
    expected_by: dt.date | None = None


def about(case: Any) -> list[About]:
    return [About(WHOLE)] if case.acknowledged_at else []


def kind_context(case: Any, about: str, said: Mapping[str, str]) -> Acknowledgement:
    awaited = case.confirmation_due_at if not case.confirmed_at else None
    return Acknowledgement(
        received_on=day_here(case, case.received_at),
        registered_as=case.reference,
        contact=case.contact,
        confirm_by=day_here(case, awaited) if awaited else None,
        expected_by=case.expected_by,
    )


KIND = Kind("acknowledgement", _("Acknowledgement of receipt"), "incoming", about, kind_context)
