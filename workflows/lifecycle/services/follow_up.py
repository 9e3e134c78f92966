"""From a preservation to the request for the data, and from the planner to a preservation: a new letter, linked.

Two presses make one letter: its identifier follows from the letter it begins with and the authority that begins it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.reasons import Reason
from workflows.drafting.follow_up import COPIED, KeptItem, follow_up_content, preservation_content
from workflows.drafting.letterfile import LetterFile
from workflows.drafting.models import LetterOfRequest
from workflows.drafting.models_reuse import LetterLink
from workflows.drafting.preserving_data import PRESERVATION
from workflows.drafting.reuse import Beginning, Follows
from workflows.drafting.selectors import access_version_by_number
from workflows.engine.errors import ConditionsNotMet
from workflows.lifecycle.begun import fitting, once, our_side, require_drafter
from workflows.lifecycle.models import OutgoingRequest, Preservation
from workflows.lifecycle.services.outgoing_chain import outgoing_create
from workflows.lifecycle.services.outgoing_reuse import sent_version


def letter_start_follow_up(*, preservation: OutgoingRequest, by: Actor) -> OutgoingRequest:
    """Begin the request for data that a sent request had preserved, or return the one that was begun so before.

    Copied: what `follow_up_content` names, with the reference of the preservation and the day until which it is confirmed;
    a day that nobody confirmed is left open. For whoever may draft, of either authority of the case.

    Raises:
        ConditionsNotMet: it was not sent, or asks for no preservation.
        AccessDenied: the version that was sent is hidden.
        ActForbidden: the role may not draft, or it is another authority's case.
    """
    require_drafter(preservation, by, "start_follow_up")
    version = sent_version(earlier=preservation, by=by)
    kept = _kept(preservation, version.content)
    if not kept:
        message = _("this request asks for no preservation that another request could follow")
        raise ConditionsNotMet("start_follow_up", [Reason("no_preservation", message)])

    def content() -> LetterFile:
        requesting, authority = our_side(by), preservation.addressee.name if preservation.addressee else ""
        values = follow_up_content(
            version.content, kept=kept, requesting=requesting, authority=authority, today=clock.now().date()
        )
        return fitting(values, "start_follow_up")

    source = _("preservation %(reference)s") % {"reference": preservation.reference}
    beginning = Beginning(
        follows=Follows(LetterLink.Kind.FOLLOW_UP, version, kept[0].reference or preservation.reference),
        copied={part: source for part in COPIED if part in version.content} | {"items": source},
        source={"kind": "follow_up", "earlier": str(preservation.public_id), "content_hash": version.content_hash},
    )
    return once(
        f"follow-up {version.letter.public_id}",
        by,
        lambda key: outgoing_create(content=content(), by=by, letter_id=key, beginning=beginning),
    )


def letter_start_preservation(*, outgoing: OutgoingRequest, row: str, by: Actor) -> OutgoingRequest:
    """Begin the request to preserve what a row of a letter's planner names, or return the one that was begun so before.

    Raises:
        ConditionsNotMet: the row says that the data are preserved.
        AccessDenied: the letter is hidden, or has no such row.
        ActForbidden: see letter_start_follow_up.
    """
    require_drafter(outgoing, by, "start_preservation")
    version = access_version_by_number(by, outgoing.letter)
    said = next((one for one in version.content.get("preserved", ()) if one["id"] == row), None)
    if said is None:
        raise AccessDenied("entry", row, by)
    if said.get("state") == "yes":
        message = _("the planner says that these data are preserved already")
        raise ConditionsNotMet("start_preservation", [Reason("preserved_already", message)])

    def content() -> LetterFile:
        values = preservation_content(version.content, said, requesting=our_side(by), today=clock.now().date())
        return fitting(values, "start_preservation")

    source = _("planner of letter %(reference)s") % {"reference": outgoing.reference or version.content["title"]}
    beginning = PreservesFor(
        copied={part: source[:300] for part in COPIED if part in version.content} | {"items": source[:300]},
        source={"kind": "preservation", "for": str(outgoing.public_id), "row": row},
        later=outgoing.letter,
    )
    return once(
        f"preserve {outgoing.letter.public_id} {row}",
        by,
        lambda key: outgoing_create(content=content(), by=by, letter_id=key, beginning=beginning),
    )


@dataclass(frozen=True, slots=True)
class PreservesFor(Beginning):
    """The beginning of a preservation that a letter, there already, will follow."""

    later: LetterOfRequest | None = None

    def rows(self, letter: Any, by_id: int, at: dt.datetime) -> list[models.Model]:
        found = Beginning.rows(self, letter, by_id, at)
        link = LetterLink(letter=self.later, kind=LetterLink.Kind.FOLLOW_UP, earlier=letter, by_id=by_id, at=at)
        return [*found, link]


def _kept(case: OutgoingRequest, content: dict[str, Any]) -> list[KeptItem]:
    """Return the items that ask for preservation, each as it was last confirmed."""
    confirmed = {row.item.key: row for row in Preservation.objects.filter(outgoing=case).select_related("item")}
    reference = case.peer_reference or case.reference
    found = []
    for item in content.get("items", ()):
        if item["measure"] == PRESERVATION:
            row = confirmed.get(item["id"])
            given = (row.peer_reference if row else "") or reference
            found.append(KeptItem(item["id"], given, row.preserved_from if row else None, row.until if row else None))
    return found
