"""Cases that are linked: what a request adds to, corrects or follows, and what came after it. As the actor may see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from workflows.drafting.models_reuse import LetterLink
from workflows.lifecycle.models import IncomingLink, IncomingRequest, OutgoingRequest
from workflows.lifecycle.selectors import visible_incoming, visible_outgoing
from workflows.lifecycle.selectors_together import last_decisions

#: What this case is to the other one, and the other way round.
_WORDS: dict[str, tuple[Promise, Promise]] = {
    "supplement": (_("supplements"), _("is supplemented by")),
    "amendment": (_("corrects"), _("is corrected by")),
    "follow_up": (_("follows the preservation of"), _("is followed up by")),
    "resubmission": (_("is sent again in the place of"), _("came back and is sent again as")),
    "redirection": (
        _("goes to the competent authority after"),
        _("went on, and is sent to the competent authority as"),
    ),
    "reopening": (_("takes up again"), _("is taken up again by")),
    "supplements": (_("supplements"), _("is supplemented by")),
    "amends": (_("corrects"), _("is corrected by")),
    "resubmits": (_("is sent again in the place of"), _("was sent back and came again as")),
    "reopens": (_("takes up again"), _("is taken up again by")),
    "preservation": (_("follows the preservation of"), _("is followed up by")),
    "provider": (_("asks the other provider that came to light in"), _("has for another provider")),
    "duplicate_of": (_("is a duplicate of"), _("has as a duplicate")),
    "related": (_("is related to"), _("is related to")),
}


@dataclass(frozen=True, slots=True)
class Linked:
    """One linked case. `case`: None where the actor may not see it; then `reference` is what this letter itself cites."""

    words: Promise
    case: OutgoingRequest | IncomingRequest | None
    reference: str
    title: str
    #: Of a reopening: why.
    reason: str = ""


def linked_cases(case: OutgoingRequest | IncomingRequest, actor: Actor, *, decided: bool | None = None) -> list[Linked]:
    """Return the linked cases, the earlier ones first, then those that were decided to be alike.

    Two queries, one where nothing is linked; two more for what was decided. `decided`: whether anything was, where the
    caller knows it. A later case that the actor may not see is not there at all.
    """
    found = _outgoing(case, actor) if isinstance(case, OutgoingRequest) else _incoming(case, actor)
    return found if decided is False else found + _decided(case, actor)


def _decided(case: OutgoingRequest | IncomingRequest, actor: Actor) -> list[Linked]:
    rows = {pk: row for pk, row in last_decisions(case).items() if row.decision in _WORDS}
    if not rows:
        return []
    visible: Any = (
        visible_outgoing(actor).select_related("letter")
        if isinstance(case, OutgoingRequest)
        else visible_incoming(actor)
    )
    found = []
    for other in visible.filter(pk__in=rows).order_by("id"):
        row = rows[other.pk]
        own = getattr(row, f"{case.KIND}_id") == case.pk
        title = other.letter.title if isinstance(other, OutgoingRequest) else other.title
        found.append(Linked(_WORDS[row.decision][0 if own else 1], other, other.reference, title, row.words))
    return found


def _outgoing(case: OutgoingRequest, actor: Actor) -> list[Linked]:
    links = list(LetterLink.objects.filter(Q(letter=case.letter_id) | Q(earlier=case.letter_id)))
    others = {one.earlier_id if one.letter_id == case.letter_id else one.letter_id for one in links}
    seen: dict[int, Any] = (
        {one.letter_id: one for one in visible_outgoing(actor).filter(letter__in=others).select_related("letter")}
        if links
        else {}
    )
    found = []
    for one in links:
        if one.letter_id == case.letter_id:
            other = seen.get(one.earlier_id)
            title = other.letter.title if other else ""
            cited = one.reference or (other.reference if other else "")
            found.append(Linked(_WORDS[one.kind][0], other, cited, title, one.reason))
        elif other := seen.get(one.letter_id):
            found.append(Linked(_WORDS[one.kind][1], other, other.reference, other.letter.title))
    return found


def _incoming(case: IncomingRequest, actor: Actor) -> list[Linked]:
    links = list(IncomingLink.objects.filter(Q(incoming=case.pk) | Q(earlier=case.pk)))
    others = {one.earlier_id if one.incoming_id == case.pk else one.incoming_id for one in links}
    seen = {one.pk: one for one in visible_incoming(actor).filter(pk__in=others)} if links else {}
    found = []
    for one in links:
        later = one.incoming_id == case.pk
        other = seen.get(one.earlier_id if later else one.incoming_id)
        if other is not None:
            found.append(Linked(_WORDS[one.kind][0 if later else 1], other, other.reference, other.title))
    return found
