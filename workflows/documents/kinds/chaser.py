"""Reminder of a request whose receipt nobody acknowledged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from workflows.documents.kinds import WHOLE, About, Kind
from workflows.documents.kinds._case import day_here
from workflows.lifecycle.outcomes import OutgoingStatus


@dataclass(frozen=True, slots=True)
class Chaser:
    sent_on: dt.date


def about(case: Any) -> list[About]:
    return [About(WHOLE)] if case.status == OutgoingStatus.SENT and not case.desired else []


def kind_context(case: Any, about: str, said: Mapping[str, str]) -> Chaser:
    return Chaser(day_here(case, case.sent_at))


KIND = Kind("chaser", _("Reminder: no acknowledgement of receipt"), "outgoing", about, kind_context)
