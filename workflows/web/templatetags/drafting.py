"""What the pages of a letter draw that a field cannot draw itself."""

from __future__ import annotations

from django import template
from django.forms import BoundField

from workflows.web.drafting.measures import Group, measure_groups_of

register = template.Library()


@register.filter
def measure_groups(field: BoundField) -> list[Group]:
    return list(measure_groups_of(field))
