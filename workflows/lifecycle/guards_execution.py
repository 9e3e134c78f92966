"""The conditions of giving out an execution, of news on it, and of originals. Each looks and returns reasons; none writes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from mla.accounts.models import Membership, Role
from mla.core.reasons import Reason
from workflows.engine.machine import Doing
from workflows.lifecycle.guards import rows_of
from workflows.lifecycle.models.execution import Original, Progress, executing_of
from workflows.lifecycle.outcomes import ITEM_FINAL

ETS_6_2 = "CETS-030 6(2)"


def _said(doing: Doing, name: str) -> str:
    return str(doing.data.get(name) or "").strip()


# --- who carries out ---


def executes_in_this_state(case: Any, doing: Doing) -> list[Reason]:
    """A request is carried out inside the State that has it."""
    office = doing.data.get("executing")
    if doing.asking or office is None or office.jurisdiction_id == case.authority.jurisdiction_id:
        return []
    return [
        Reason("foreign_office", _("the executing authority must be one of this State"), field="executing")
    ]  # fmt: skip


def officer_is_of_the_office(case: Any, doing: Doing) -> list[Reason]:
    """Who is to carry it out executes there now."""
    officer, office = doing.data.get("officer"), doing.data.get("executing")
    if doing.asking or officer is None or office is None:
        return []
    held = Membership.objects.valid(doing.at).filter(user=officer, authority=office, role=Role.EXECUTING_OFFICER)
    if officer.is_active and held.exists():
        return []
    return [
        Reason("not_of_the_office", _("this person is no executing officer of that authority now"), field="officer")
    ]


def given_items_are_open(case: Any, doing: Doing) -> list[Reason]:
    return [
        Reason(
            "item_ended", _("item %(key)s is ended: nobody carries it out any more") % {"key": item.key}, field="items"
        )
        for item in doing.data.get("items") or []
        if item.status in ITEM_FINAL
    ]


def taken_away_with_a_reason(case: Any, doing: Doing) -> list[Reason]:
    """Whoever had it until now, the authority or the officer, reads in the file why it was taken from them."""
    if doing.asking or _said(doing, "reason"):
        return []
    office, officer = doing.data.get("executing"), doing.data.get("officer")
    if office is None:
        return []
    items = doing.data.get("items") or []
    had = {row.item_id: row for row in case.assignment_set.filter(ended_at=None)}
    for pk, executing in [(item.pk, executing_of(case, item)) for item in items] or [(None, case.executing_id)]:
        row = had.get(pk) or had.get(None)
        left = row.officer_id if row is not None and row.executing_id == executing else None
        if executing != office.pk or (left is not None and left != getattr(officer, "pk", None)):
            return [Reason("reason_missing", _("say why it is given to somebody else"), field="reason")]
    return []


def evidence_is_of_their_items(case: Any, doing: Doing) -> list[Reason]:
    """Where several authorities carry out parts, each adds what belongs to its own."""
    if doing.asking or doing.by.role != Role.EXECUTING_OFFICER or doing.by.authority_id == case.authority_id:
        return []
    if not case.divided:
        return []
    return [
        Reason("item_of_another", _("another authority carries this out: choose an item of your own"), field="item")
        for file in doing.data.get("evidence") or []
        if doing.by.authority_id != (executing_of(case, file.item) if file.item is not None else case.executing_id)
    ][:1]


# --- news ---


def something_is_said(case: Any, doing: Doing) -> list[Reason]:
    if doing.asking or _said(doing, "event") or _said(doing, "text"):
        return []
    return [Reason("event_missing", _("choose what happened, or write it"), field="event")]


def next_news_is_ahead(case: Any, doing: Doing) -> list[Reason]:
    """The day of the next news, as our own officers set it, is not past. What the other State told is kept as told."""
    day = doing.data.get("next_on")
    if doing.asking or day is None or day >= doing.at.date():
        return []
    return [Reason("next_past", _("the day of the next news is past"), field="next_on")]


def news_is_untold(case: Any, doing: Doing) -> list[Reason]:
    """News is passed on once: of two who do so at the same time the second finds it told."""
    if doing.asking:
        if any(row.told_at is None for row in rows_of(case, "progress_set", doing)):
            return []
    else:
        row = doing.data.get("row")
        if isinstance(row, Progress) and row.told_at is None and row.incoming_id == case.pk:
            return []
    return [Reason("nothing_untold", _("there is no news that was not told already"))]


# --- originals ---


def originals_are_whole(case: Any, doing: Doing) -> list[Reason]:
    """Each original is described, counted, and has a day where it is to be back by a day."""
    return [
        Reason(f"original_{name}_missing", message % {"number": number}, field=f"{name}_{number}")
        for number, one in enumerate(doing.data.get("originals") or [], 1)
        for name, wrong, message in (
            ("description", not one.description.strip(), _("original %(number)d: describe it")),
            ("quantity", one.quantity < 1, _("original %(number)d: how many?")),
            (
                "give_back",
                one.give_back not in Original.Return.values,
                _("original %(number)d: say whether it is to be returned"),
            ),
            ("due", one.give_back == "by_day" and one.due is None, _("original %(number)d: by which day?")),
        )
        if wrong
    ]


def some_original_is_out(case: Any, doing: Doing) -> list[Reason]:
    """Only what is still to be given back is returned or waived, each once."""
    given = rows_of(case, "original_set", doing) if doing.asking else doing.data.get("originals") or []
    if any(one.is_out for one in given) if doing.asking else given and all(one.is_out for one in given):
        return []
    return [
        Reason(
            "no_original_out", _("no original is to be returned, or this one was settled already"), field="originals"
        )
    ]


def returned_by_now(case: Any, doing: Doing) -> list[Reason]:
    day = doing.data.get("on")
    # A day further than ours may have begun over there.
    if doing.asking or day is None or (day - doing.at.date()).days <= 1:
        return []
    return [Reason("not_yet", _("this day is still to come"), field="on")]


def originals_are_back_or_waived(case: Any, doing: Doing) -> list[Reason]:
    """A file is not closed in silence over originals that are to be given back."""
    if doing.asking or _said(doing, "reason"):
        return []
    out = [one for one in rows_of(case, "original_set", doing) if one.is_out]
    if not out:
        return []
    message = _("originals are not returned yet: wait for them, or say why you close")
    return [Reason("originals_out", message, field="reason", article=ETS_6_2)]
