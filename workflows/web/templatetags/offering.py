"""What the sections of information and of teams show beside the row itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template
from django.utils import timezone

from mla.core import clock
from workflows.lifecycle.models.spontaneous import Spontaneous
from workflows.lifecycle.models.teams import Team
from workflows.web import offering_picture as picture

register = template.Library()


@register.simple_tag
def steps_of(row: Spontaneous | Team) -> list[picture.Step]:
    """Return how far a course is, step by step."""
    return picture.steps(picture.way_of(row), row.status)


@register.simple_tag
def bar_of_team(row: Team, extensions: Any) -> picture.TeamBar | None:
    """Return the picture of a team's time, or None before its agreement is signed by both."""
    if row.begins is None or row.first_until is None or not (row.standing or row.status == "ended"):
        return None
    return picture.team_bar(
        begins=row.begins,
        first_until=row.first_until,
        extended=[one.until for one in extensions if one.agreed],
        ended=row.ended_on,
        today=_today(),
    )


def _today() -> dt.date:
    return timezone.localdate(clock.now())
