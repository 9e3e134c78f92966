"""My worklist: what waits for this hat's own acts, translations among it, what it is reminded of, and which effects are missing."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from workflows.documents.formats import language_name
from workflows.drafting.selectors_translation import translations_to_do
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.selectors import visible_incoming, visible_outgoing
from workflows.lifecycle.selectors_break_glass import break_glass_to_tell
from workflows.tracking.models import Notification
from workflows.tracking.pages import OrderedPage
from workflows.tracking.selectors import MOST_UNSEEN, WorkItem, unseen_notifications, visible_alarms
from workflows.tracking.selectors import worklist as waiting
from workflows.web.acts import screen_of
from workflows.web.desk import DeskRequest, page
from workflows.web.paging import after_of, next_address
from workflows.web.views.act import act_address, case_address, reading_address, screen_kind
from workflows.web.views.break_glass import told
from workflows.web.views.drafting_new import DRAFTERS


@require_safe
@page()
def worklist(request: DeskRequest) -> HttpResponse:
    outgoing, incoming = waiting(request.actor, after_out=request.GET.get("out"), after_in=request.GET.get("in"))
    translations, following = translations_to_do(request.actor, after_of(request, "translations"))
    for row in translations:
        row.language_words = language_name(row.language, request.LANGUAGE_CODE)  # type: ignore[attr-defined]
    context = {
        "translations": translations,
        "next_translations": next_address(request, following, "translations"),
        "groups": [
            {"outward": True, "rows": _rows(outgoing), "next": next_address(request, outgoing.after, "out")},
            {"outward": False, "rows": _rows(incoming), "next": next_address(request, incoming.after, "in")},
        ],
        "nothing": not (outgoing.rows or incoming.rows or translations),
        # Each can be given on by itself; the page of people who left gives on all of one person's.
        "of_who_left": any(row.act == "assign_execution" for row in incoming.rows),
        "may_draft": request.actor.role in DRAFTERS,
        "sees_shared": request.actor.role == Role.FOREIGN_OFFICER,
        "of_authority": request.hat.authority,
        "reminders": _reminders(request.actor),
        "openings": told(break_glass_to_tell(request.actor)),
        "alarms": visible_alarms(request.actor)[:MOST_UNSEEN],
        "today": timezone.localdate(),
    }
    return render(request, "web/worklist.html", context)


def _reminders(actor: Actor) -> list[tuple[Notification, OutgoingRequest | IncomingRequest | None, str]]:
    """Return each reminder with its case and where that stands; None where the actor may not see it."""
    found = unseen_notifications(actor)
    cases: dict[tuple[str, int], OutgoingRequest | IncomingRequest] = {}
    for kind, visible in (("outgoing", visible_outgoing), ("incoming", visible_incoming)):
        wanted = {one.case_id for one in found if one.case_kind == kind}
        for case in visible(actor).filter(pk__in=wanted) if wanted else ():
            cases[kind, case.pk] = case
    shown = ((one, cases.get((one.case_kind, one.case_id))) for one in found)
    return [(one, case, case_address(case) if case else "") for one, case in shown]


def _rows(found: OrderedPage[WorkItem]) -> list[dict[str, Any]]:
    return [_row(item) for item in found.rows]


def _address(case: Any, act: str, there: str) -> str:
    screen = screen_of(screen_kind(case), act)
    if screen is None:
        return there
    return reading_address(case, act) if screen.read_first else act_address(case, act)


def _row(item: WorkItem) -> dict[str, Any]:
    case = item.case
    outward = isinstance(case, OutgoingRequest)
    there = case_address(case)
    return {
        "item": item,
        "address": _address(case, item.act, there),
        "case_address": there,
        # Items that are due alike are one line here.
        "deadlines": list({(one.kind, one.due): one for one in item.deadlines}.values()),
        "state": case.letter.requested if outward else case.requesting,  # type: ignore[union-attr]
        "title": case.letter.title if outward else case.title,  # type: ignore[union-attr]
    }
