"""The link of an officer of the other State, for the matrix: our page of it, and its acts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mla.accounts.actors import Actor
from workflows.lifecycle.models import OfficerLink, OutgoingRequest
from workflows.lifecycle.services.officer_links import outgoing_give_link

#: Pages behind the link: no role of ours has a part in them (tests/web/test_by_link.py).
BEHIND_THE_LINK = {
    "web:link_door", "web:link_case", "web:link_say", "web:link_evidence", "web:link_add_file", "web:link_remove_file",
    "web:link_file", "web:link_leave",
}  # fmt: skip


def link_to(case: OutgoingRequest, by: Actor) -> OfficerLink:
    return outgoing_give_link(outgoing=case, by=by, given_to="The desk abroad")


def link_pages(at: Callable[..., Any], link: OfficerLink) -> dict[str, list[Any]]:
    """Return by route what our page of a link is asked for. `at` makes a thing of the table."""
    return {"web:officer_link": [at("asking", "link for an officer abroad", link)]}


def link_acts(at: Callable[..., Any], link: OfficerLink) -> list[Any]:
    return [
        at("asking", "revoke (link for an officer abroad)", link, way="officer_link", name="revoke"),
        at("asking", "give a link (out)", link.outgoing, way="out", name="give_link"),
    ]
