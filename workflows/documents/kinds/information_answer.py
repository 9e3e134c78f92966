"""Answer to a request for further information: what we gave, beside the question."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from workflows.documents.kinds import About, Kind
from workflows.documents.kinds._case import about_points, day_here, points


@dataclass(frozen=True, slots=True)
class InformationAnswer:
    asked_on: dt.date
    question: str
    answer: str


def about(case: Any) -> list[About]:
    return about_points(case, answered=True)


def kind_context(case: Any, about: str, said: Mapping[str, str]) -> InformationAnswer:
    point = next(one for one in points(case, answered=True) if str(one.point_id) == about)
    return InformationAnswer(asked_on=day_here(case, point.asked_at), question=point.question, answer=point.answer)


KIND = Kind("information-answer", _("Answer to a request for further information"), "outgoing", about, kind_context)
