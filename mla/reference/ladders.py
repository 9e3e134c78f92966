"""When a silent State is reminded: by its profile, else by the house's own practice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from django.utils.translation import gettext as _

from mla.reference.models import ProfileEntry
from mla.reference.own_practice import Ladder, own_ladder
from mla.reference.profiles import Topic, ladder_of


def ladder_told(value: str) -> Ladder:
    """Return the ladder of a State from what its profile says; empty: the house's own."""
    own = own_ladder()
    days = ladder_of(value)
    if not days:
        return replace(own, source=_("own practice"))
    return Ladder(days, own.given_up_after, _("profile of the State"))


def ladders_told(states: Collection[int] | None = None) -> dict[int, Ladder]:
    """Return the ladders that profiles set, by the identity of their State; of these States, or of all. One query."""
    rows = ProfileEntry.objects.filter(topic=Topic.CHASERS, removed=False)
    if states is not None:
        rows = rows.filter(jurisdiction__in=states)
    return {state: ladder_told(value) for state, value in rows.values_list("jurisdiction_id", "value")}


def ladder_of_state(state: int) -> Ladder:
    """Return the ladder by which one State is reminded. One query."""
    return ladders_told([state]).get(state) or ladder_told("")
