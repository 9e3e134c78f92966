"""Enquiry about status and progress of a request that was acknowledged (UNCAC 46(24); UNTOC 18(24): progress)."""

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
class StatusEnquiry:
    sent_on: dt.date
    needed_by: dt.date | None = None
    heard_on: dt.date | None = None
    reminded_on: dt.date | None = None


def about(case: Any) -> list[About]:
    underway = case.status in (OutgoingStatus.ACKNOWLEDGED, OutgoingStatus.IN_EXECUTION)
    return [About(WHOLE)] if underway and case.desired != "withdraw" else []


def kind_context(case: Any, about: str, said: Mapping[str, str]) -> StatusEnquiry:
    return StatusEnquiry(day_here(case, case.sent_at), case.needed_by, heard_on(case), reminded_on(case))


KIND = Kind("status-enquiry", _("Enquiry about the progress of the request"), "outgoing", about, kind_context)
