"""The conditions of preservations. Each looks and returns reasons; none of them writes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from mla.core.reasons import Reason
from workflows.engine.machine import Check, Doing
from workflows.lifecycle import guards
from workflows.lifecycle.guards_consulting import today as today_of

#: PreservationPoint.Kind, without the models.
TIPPING_OFF, EXTENSION, PROVIDER = "tipping_off", "extension", "provider"
EXTENTS = ("all", "part")


def today(row: Any, doing: Doing) -> dt.date:
    """Return the day of the act where the authority of the case is."""
    return today_of(row, doing)


def proven_by_hand(row: Any, doing: Doing) -> list[Reason]:
    return guards.proof_when_recorded_by_hand(row.item.outgoing, doing)


def days_in_order(row: Any, doing: Doing) -> list[Reason]:
    """From when until when data are kept: both days, in their order. The receiver alone sets them."""
    if doing.asking:
        return []
    begun, until = doing.data.get("preserved_from"), doing.data.get("until")
    missing = [
        Reason(f"{name}_missing", _("give the day"), field=name)
        for name, day in (("preserved_from", begun), ("until", until))
        if day is None
    ]
    if missing or begun is None or until is None or until >= begun:
        return missing
    return [Reason("until_early", _("the data would be kept until a day before the first"), field="until")]


def extent_is_known(row: Any, doing: Doing) -> list[Reason]:
    """All that was asked is kept, or a part; of a part it is said which."""
    extent = doing.data.get("extent", "all")
    if doing.asking:
        return []
    if extent not in EXTENTS:
        return [Reason("extent_unknown", _("choose one of the list"), field="extent")]
    if extent == "part" and not str(doing.data.get("words") or "").strip():
        return [Reason("words_missing", _("say which part is kept, and why not the rest"), field="words")]
    return []


def shorter_than_the_treaty_says_why(row: Any, doing: Doing) -> list[Reason]:
    """Budapest 29(7) has data kept at least sixty days. Whoever sets less says why; where no treaty says so, nobody asks."""
    begun, until = doing.data.get("preserved_from"), doing.data.get("until")
    if doing.asking or begun is None or until is None or str(doing.data.get("words") or "").strip():
        return []
    least = row.least
    if least is None or until >= least.until(begun):
        return []
    message = _("%(article)s has them kept at least %(days)s days, until %(day)s: say why it is less")
    words = {"article": least.article, "days": str(least.days), "day": least.until(begun).isoformat()}
    return [Reason("until_short", message % words, field="words", article=least.article)]


def until_is_later(row: Any, doing: Doing) -> list[Reason]:
    """An extension adds days."""
    until, now = doing.data.get("until"), row.until
    if doing.asking or now is None:
        return []
    if until is None:
        return [Reason("until_missing", _("give the day"), field="until")]
    if until > now:
        return []
    message = _("they are kept until %(day)s already: an extension ends later") % {"day": now.isoformat()}
    return [Reason("until_not_later", message, field="until")]


def due_is_ahead(row: Any, doing: Doing) -> list[Reason]:
    due = doing.data.get("due")
    if doing.asking or due is None or due >= today(row, doing):
        return []
    return [Reason("due_past", _("this day is past"), field="due")]


def until_is_past(row: Any, doing: Doing) -> list[Reason]:
    """The last day counts to its end: the preservation lapses on the day after."""
    if row.until is not None and row.until < today(row, doing):
        return []
    return [Reason("until_ahead", _("the preservation has not ended yet"))]


def none_open(kind: str) -> Check:
    """Return a check that no question of that kind waits for its answer."""

    def settled(row: Any, doing: Doing) -> list[Reason]:
        if row.open_point(kind) is None:
            return []
        if kind == TIPPING_OFF:
            return [Reason("tipping_off_open", _("it was asked whether to go on: the answer is awaited"))]
        return [Reason("extension_open", _("an extension was asked, and the answer is awaited"))]

    settled.__name__ = f"no_{kind}_is_open"
    return settled


def one_open(kind: str) -> Check:
    """Return a check that a question of that kind waits for its answer."""

    def waiting(row: Any, doing: Doing) -> list[Reason]:
        if row.open_point(kind) is not None:
            return []
        return [Reason(f"no_{kind}_open", _("nothing of this kind was asked, or it is answered already"))]

    waiting.__name__ = f"a_{kind}_is_open"
    return waiting


def what_follows_is_decided(row: Any, doing: Doing) -> list[Reason]:
    """Data that a request follows are kept until it is decided (Budapest 29(7))."""
    waiting = [case for case in row.follow_ups if case.status not in {"concluded", "closed"}]
    return [
        Reason(
            "follow_up_undecided",
            _("%(reference)s, which asks for the data, is not decided yet") % {"reference": case.reference},
            article="CETS-185 29(7)",
        )
        for case in waiting
    ]


def served_in_the_past(row: Any, doing: Doing) -> list[Reason]:
    day = doing.data.get("on")
    if doing.asking:
        return []
    if day is None:
        return [Reason("on_missing", _("give the day"), field="on")]
    return [Reason("on_ahead", _("this day is in the future"), field="on")] if day > today(row, doing) else []


def point_is_of_a_provider(row: Any, doing: Doing) -> list[Reason]:
    """There is a provider for whom nothing was begun yet; the one named is such a one."""
    open_ones = [one for one in row.points if one.kind == PROVIDER and not one.answered_at]
    named = doing.data.get("point")
    if open_ones and (doing.asking or any(one.point_id == named for one in open_ones)):
        return []
    return [Reason("no_provider_open", _("no other provider waits for a request"), field="point")]
