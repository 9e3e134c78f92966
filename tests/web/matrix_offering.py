"""A team with a draft of its agreement, for the matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mla.accounts.actors import Actor
from workflows.engine.perform import create
from workflows.lifecycle.models import OutgoingRequest, TeamOut
from workflows.lifecycle.services.teams import team_file, team_note_proposal


def team_of(case: OutgoingRequest) -> tuple[TeamOut, str]:
    """Return a team of the first item of a sent request, and the hash of the draft that they sent."""
    assert case.addressee is not None
    item = case.items.order_by("pk")[0]
    system = Actor.system("matrix", authority_id=case.authority_id)
    team = create(TeamOut(item=item, authority_id=item.authority_id), act="create", by=system)
    draft = team_file(name="draft.txt", media_type="text/plain", content=b"Article 1")
    return team_note_proposal(team=team, by=Actor.peer(case.addressee), file=draft), draft["sha256"]


def team_pages(at: Callable[..., Any], team: TeamOut, sha256: str) -> dict[str, list[Any]]:
    """Return by route what the pages of teams are asked for. `at` makes a thing of the table."""
    return {
        "web:team_file": [
            at("asking", "draft of the agreement on a team", team, sha256=sha256),
            at("asking", "a file of a team that the case does not have", team, sha256="0" * 64),
        ]
    }
