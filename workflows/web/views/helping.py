"""The help: one page of plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from mla.accounts.models import Role
from workflows.lifecycle.outcomes import OUTGOING_STAGES, IncomingStatus, ItemStatus
from workflows.web.desk import DeskRequest, page

#: Who does what, in the order of the work.
ROLES: tuple[tuple[Role, Any], ...] = (
    (Role.ORIGINATOR_DRAFTER, _("writes the letter of request and lodges it with the central authority")),
    (Role.ORIGINATOR_SIGNATORY, _("writes as well, and signs where the authority signs its letters itself")),
    (Role.DESK_OFFICER, _("takes in what was lodged, checks it, asks back, and reviews what comes in")),
    (Role.LEGAL, _("advises on the law and on the language; decides nothing")),
    (Role.TRANSLATOR, _("translates the letters assigned to them and certifies it; sees nothing else of a case")),
    (Role.SUPERVISOR, _("approves, returns, refuses, closes; never approves what they edited")),
    (Role.REGISTRY, _("numbers, sends, registers what arrives and acknowledges it")),
    (Role.DUTY_OFFICER, _("preserves and receives at any hour")),
    (Role.EXECUTING_OFFICER, _("gathers the evidence that was asked for")),
    (Role.FOREIGN_OFFICER, _("belongs to the other State and sees what was sent to it")),
    (Role.AUDITOR, _("reads the record and changes nothing")),
    (Role.LOCAL_ADMINISTRATOR, _("looks after people, roles and effects; sees no case")),
)

#: The course of a request in one picture: word, side (us or them), and what happens.
COURSE: tuple[tuple[Any, str, Any], ...] = (
    (_("Draft"), "us", _("The originating authority writes and lodges.")),
    (_("Review"), "us", _("The central authority checks; another person approves.")),
    (_("Send"), "us", _("The document is signed and leaves the house.")),
    (_("Acknowledge"), "them", _("The other State registers it and says so.")),
    (_("Decide"), "them", _("It accepts, asks back, postpones or refuses.")),
    (_("Execute"), "them", _("It gathers the evidence, item by item.")),
    (_("Result"), "us", _("The evidence arrives, is confirmed and handed over.")),
    (_("Close"), "us", _("Both sides close their case.")),
)


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the picture: its place in the drawing, in units of the view box."""

    word: Any
    side: str
    what: Any
    x: int
    y: int
    words_y: int


@require_safe
@page()
def help_page(request: DeskRequest) -> HttpResponse:
    heights = {"us": 60, "them": 150}
    stops = [
        Stop(word, side, what, 130 + 110 * number, heights[side], heights[side] + (-16 if side == "us" else 28))
        for number, (word, side, what) in enumerate(COURSE)
    ]
    context = {
        "roles": [(str(role.label), words, role == request.actor.role) for role, words in ROLES],
        "stops": stops,
        "line": " ".join(f"{stop.x},{stop.y}" for stop in stops),
        "states": [
            (_("A request out"), OUTGOING_STAGES),
            (_("A request in"), IncomingStatus.choices),
            (_("An item that was asked for"), ItemStatus.choices),
        ],
    }
    return render(request, "web/administration/help.html", context)
