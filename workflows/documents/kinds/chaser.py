"""Reminder of a request whose receipt nobody acknowledged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from workflows.documents.kinds import WHOLE, About, Kind
from workflows.documents.kinds._case import day_here, heard_on, reminded_on
from workflows.lifecycle.outcomes import OutgoingStatus


@dataclass(frozen=True, slots=True)
class Chaser:
    sent_on: dt.date
    heard_on: dt.date | None = None
    reminded_on: dt.date | None = None


def about(case: Any) -> list[About]:
    return [About(WHOLE)] if case.status == OutgoingStatus.SENT and case.desired != "withdraw" else []


def kind_context(case: Any, about: str, said: Mapping[str, str]) -> Chaser:
    return Chaser(day_here(case, case.sent_at), heard_on(case), reminded_on(case))


KIND = Kind("chaser", _("Reminder: no acknowledgement of receipt"), "outgoing", about, kind_context)
