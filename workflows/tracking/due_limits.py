"""The deadlines that law or treaty sets for a case, with their extensions. Pure: computed, never stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from mla.core.languages import house_words
from workflows.lifecycle.limits import Limit, Offer
from workflows.tracking.deadlines import DeadlineKind, day_of, zone_named


def days_of_limits(limits: Iterable[Limit], extensions: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """Yield each limit as the fields of a deadline, but for ends of preservations, which are deadlines of their own."""
    for limit in limits:
        if limit.rule.start == "preserved":
            continue
        yield {
            "kind": DeadlineKind(limit.rule.kind),
            "due": limit.due,
            "since": day_of(limit.since, zone_named(limit.zone)),
            "source": _source(limit, extensions),
            "legal": True,
            "confirmed": limit.confirmed,
            "note": _note(limit),
            "zone": limit.zone,
            "offers": limit.offers,
        }


def offers_for(limits: Iterable[Limit], item: str) -> tuple[Offer, ...]:
    """Return the extensions that rules offer for the end of the preservation of an item."""
    kept = (limit for limit in limits if limit.rule.start == "preserved" and limit.item == item)
    return tuple(offer for limit in kept for offer in limit.offers)


def until_extended(kept: Any, item: Any, extensions: Sequence[Any]) -> tuple[date, str]:
    """Return the day to which data of an item are kept, and the source of that day: the last that was decided."""
    source = str(kept.rule or _("set by the requested State"))
    later = [row for row in extensions if (row.kind, row.item_key) == ("preservation", item.key)]
    if not later or later[-1].until <= kept.until:
        return kept.until, source
    return later[-1].until, _("%(rule)s, extended by %(article)s") % {"rule": source, "article": later[-1].article}


def _source(limit: Limit, extensions: Sequence[Any]) -> str:
    cited = limit.rule.cited
    if not limit.extended_by:
        return cited
    last = next(row for row in reversed(extensions) if row.rule == limit.extended_by[-1])
    return _("%(rule)s, extended by %(article)s") % {"rule": cited, "article": last.article}


def _note(limit: Limit) -> str:
    words = [house_words(limit.rule.name)]
    if limit.item:
        words.insert(0, _("item %(key)s") % {"key": limit.item})
    if limit.rule.to_be_confirmed:
        words.append(_("the rule is to be confirmed"))
    elif not limit.confirmed:
        words.append(_("counted from what is known here of the other State"))
    return "; ".join(words)
