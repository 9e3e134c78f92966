"""Uses of information given without a request, and roles in and ends of joint investigation teams. No database here."""

from __future__ import annotations

from collections.abc import Mapping

from mla.reference.coded import Coded, coded_rows

#: The end of a team that is only there once its last day is past.
RUN_OUT = "run_out"
#: The use on which the giver is told before it happens (UNTOC 18(5), UNCAC 46(5)).
DEFENCE = "defence"


def uses() -> Mapping[str, Coded]:
    """Return what can be done with information that was given, by code. Raises as `coded_rows`."""
    return coded_rows("spontaneous.toml", "use")


def team_roles() -> Mapping[str, Coded]:
    """Return in which role somebody takes part in a team, by code. Raises as `coded_rows`."""
    return coded_rows("teams.toml", "role")


def team_ends() -> Mapping[str, Coded]:
    """Return how a team ends, by code. Raises as `coded_rows`."""
    return coded_rows("teams.toml", "end")
