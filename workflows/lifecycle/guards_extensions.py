"""Conditions of extending a time limit. Each looks; none of them writes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from mla.core.reasons import Reason
from workflows.engine.machine import Doing
from workflows.lifecycle.limits import Offer, offer_named, offers_of


def an_extension_is_offered(case: Any, doing: Doing) -> list[Reason]:
    """A rule names an extension of a limit that runs here; and it is the one that was chosen."""
    if doing.asking:
        return [] if offers_of(case) else [_none()]
    return [] if _offer(case, doing) else [_none()]


def day_is_within_the_rule(case: Any, doing: Doing) -> list[Reason]:
    """The new day is later than the limit, and no later than the rule lets it be."""
    offer = None if doing.asking else _offer(case, doing)
    until = doing.data.get("until")
    if offer is None or not isinstance(until, dt.date):
        return []
    if offer.due < until <= offer.latest:
        return []
    words = {"article": offer.extension.cited, "due": offer.due.isoformat(), "latest": offer.latest.isoformat()}
    said = _("by %(article)s the new day is after %(due)s and not after %(latest)s") % words
    return [Reason("until_outside", said, field="until")]


def extension_of_theirs_is_proven(case: Any, doing: Doing) -> list[Reason]:
    """An extension by the other State needs the letter that says so, unless its message did."""
    offer = None if doing.asking else _offer(case, doing)
    if offer is None or case.KIND != "outgoing" or offer.extension.by != "requested" or doing.data.get("proof"):
        return []
    from workflows.lifecycle.models import Progress
    from workflows.lifecycle.models.extensions import EXTENDED

    told = offer.extension.tells and Progress.objects.filter(outgoing=case, event=EXTENDED).exists()
    return (
        []
        if told
        else [Reason("proof_missing", _("attach what proves it: the letter, message or receipt"), field="proof")]
    )


def _offer(case: Any, doing: Doing) -> Offer | None:
    return offer_named(case, str(doing.data.get("rule") or ""), str(doing.data.get("item") or ""))


def _none() -> Reason:
    return Reason("no_extension", _("no rule known here offers to extend a time limit of this case"), field="rule")
