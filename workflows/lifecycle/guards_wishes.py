"""The conditions of wishes and reminders. Each looks and returns reasons; none writes."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from mla.core.reasons import Reason
from mla.reference.ladders import ladder_of_state
from workflows.engine.machine import Doing
from workflows.lifecycle.guards import Check, proof_when_recorded_by_hand, rows_of
from workflows.lifecycle.models.wishes import Wish
from workflows.lifecycle.outcomes import ITEM_FINAL
from workflows.lifecycle.silence import Silence


def silence_of(case: Any, at: dt.datetime, ladder: Any = None) -> Silence:
    """Return how the silence of the other State stands at an instant, by the calendar of the authority that sent.

    `ladder`: where the caller has read it; else one query.
    """
    zone = ZoneInfo(case.central.time_zone)
    began = case.silent_since or case.sent_at or at
    return Silence(
        since=began.astimezone(zone).date(),
        today=at.astimezone(zone).date(),
        ladder=ladder or getattr(case, "ladder_read", None) or ladder_of_state(case.letter.requested_id),
        written=case.chased_rung,
        written_on=case.chased_at.astimezone(zone).date() if case.chased_at else None,
        promised=case.next_news_on,
    )


def _open(case: Any, doing: Doing) -> list[Wish]:
    # Most cases have no wish: they are told so by their own column.
    if case.wished_at is None:
        return []
    return [one for one in rows_of(case, "wish_set", doing) if one.answered_at is None]


def not_asked_already(kind: str) -> Check:
    """Return a check that no wish of the kind waits for its answer: asking again is a reminder."""

    def once(case: Any, doing: Doing) -> list[Reason]:
        if any(one.kind == kind for one in _open(case, doing)):
            return [Reason("asked_already", _("this was asked already and is not answered yet"))]
        return []

    once.__name__ = f"not_asked_already_{kind}"
    return once


def not_said_of_the_same(case: Any, doing: Doing) -> list[Reason]:
    """That it is no longer needed is said once of the whole, and once of an item."""
    said = [one for one in _open(case, doing) if one.kind == Wish.Kind.NOT_NEEDED]
    of_items = {key for one in said for key in one.items}
    if any(not one.items for one in said):
        return [Reason("said_already", _("the other State was told already that the request is no longer needed"))]
    twice = sorted(of_items & set(doing.data.get("items") or []))
    if twice:
        message = _("this was said already of item %(key)s") % {"key": twice[0]}
        return [Reason("said_already", message, field="items")]
    return []


def not_withdrawn(case: Any, doing: Doing) -> list[Reason]:
    if case.desired != "withdraw":
        return []
    return [Reason("withdrawn", _("the request is withdrawn: the other State is to confirm that"))]


def needed_by_is_ahead(case: Any, doing: Doing) -> list[Reason]:
    day = doing.data.get("needed_by")
    if doing.asking or day is None or day >= doing.at.date():
        return []
    return [Reason("needed_by_past", _("this day is past"), field="needed_by")]


def some_item_is_left(case: Any, doing: Doing) -> list[Reason]:
    """Only what is not ended yet can be left undone. The items named are rows of the case."""
    named = set(doing.data.get("items") or [])
    if doing.asking or not named:
        return []
    ended = sorted(item.key for item in case.items.filter(key__in=named) if item.status in ITEM_FINAL)
    return [Reason("item_ended", _("item %(key)s is ended") % {"key": key}, field="items") for key in ended]


def wish_is_whole(case: Any, doing: Doing) -> list[Reason]:
    """A wish has its kind; that something is to be expedited, or not needed, says why."""
    if doing.asking:
        return []
    kind = doing.data.get("kind")
    if kind not in Wish.Kind.values:
        return [Reason("kind_missing", _("choose what they wish"), field="kind")]
    wanting = kind in (Wish.Kind.EXPEDITE, Wish.Kind.NOT_NEEDED)
    if wanting and not str(doing.data.get("words") or "").strip():
        return [Reason("words_missing", _("write why"), field="words")]
    return []


def wish_is_open(case: Any, doing: Doing) -> list[Reason]:
    """A wish is answered once: of two officers at the same time the second finds it answered."""
    if doing.asking:
        there = case.wished_at is not None
    else:
        wishes = doing.data.get("wishes") or []
        there = bool(wishes) and all(one.is_open and _of(one, case) for one in wishes)
    return [] if there else [Reason("no_wish_open", _("no wish waits for an answer, or it was answered already"))]


def _of(wish: Wish, case: Any) -> bool:
    return bool(getattr(wish, f"{case.KIND}_id") == case.pk)


def answer_is_whole(case: Any, doing: Doing) -> list[Reason]:
    """The answer is one of those that the wish can have; a no says why, and how it stands is said in words."""
    wishes = doing.data.get("wishes") or []
    if doing.asking or not wishes:
        return []
    choice = doing.data.get("choice")
    if any(choice not in Wish.CHOICES_OF[Wish.Kind(one.kind)] for one in wishes):
        return [Reason("choice_missing", _("choose one of the answers"), field="choice")]
    said = str(doing.data.get("answer") or "").strip()
    if choice in (Wish.Choice.EXPEDITED, Wish.Choice.STOPPED) or said:
        return []
    return [Reason("answer_missing", _("write it in words"), field="answer")]


def something_can_be_stopped(case: Any, doing: Doing) -> list[Reason]:
    """Nobody says of what is ended that it was stopped."""
    if doing.asking or doing.data.get("choice") != Wish.Choice.STOPPED:
        return []
    wishes = doing.data.get("wishes") or []
    named = {key for one in wishes for key in one.items}
    items = [item for item in case.items.all() if not named or item.key in named]
    if any(item.status not in ITEM_FINAL for item in items):
        return []
    return [Reason("nothing_to_stop", _("everything that it is about is ended: it cannot be stopped"), field="choice")]


def sign_of_life_is_proven(case: Any, doing: Doing) -> list[Reason]:
    """What came on paper has its proof here, or with the act on the item that it is about."""
    return [] if doing.data.get("item") else proof_when_recorded_by_hand(case, doing)


def a_reminder_is_due(case: Any, doing: Doing) -> list[Reason]:
    """Each rung of the ladder once: a second press finds the reminder written."""
    began = case.silent_since or case.sent_at
    if began is not None and doing.asking and (doing.at - began).days < 1:
        # Heard today: no need to look for the ladder.
        return [Reason("no_reminder_due", _("they were heard of today"))]
    standing = silence_of(case, doing.at)
    if standing.to_write:
        return []
    following = standing.next_rung
    if not following:
        message = _("every reminder is written: turn to the liaison officer or the embassy")
        return [Reason("no_reminder_left", message)]
    words = {"day": standing.day_of(following).isoformat(), "number": following}
    return [Reason("no_reminder_due", _("reminder %(number)d falls due on %(day)s") % words)]


def whole_is_wished_away(case: Any, doing: Doing) -> list[Reason]:
    """The request is withdrawn; or it is not needed as a whole, and nothing of it was done that is still to be sent."""
    if case.desired == "withdraw":
        return []
    if case.desired == "not_needed":
        done = [one for one in rows_of(case, "items", doing) if one.status in ("executed", "partially_executed")]
        if not done and not rows_of(case, "evidence_set", doing):
            return []
    return [Reason("not_withdrawn", _("the requesting State has not withdrawn the request"))]
