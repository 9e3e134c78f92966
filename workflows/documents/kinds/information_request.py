"""Request for further information: one question of ours to the requesting State."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from workflows.documents.kinds import About, Kind
from workflows.documents.kinds._case import about_points, points


@dataclass(frozen=True, slots=True)
class InformationRequest:
    question: str
    due: dt.date | None = None


def about(case: Any) -> list[About]:
    return about_points(case, answered=False)


def kind_context(case: Any, about: str, said: Mapping[str, str]) -> InformationRequest:
    point = next(one for one in points(case, answered=False) if str(one.point_id) == about)
    return InformationRequest(question=point.question, due=point.due)


KIND = Kind("information-request", _("Request for further information"), "incoming", about, kind_context)
