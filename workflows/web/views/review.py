"""One letter before the one who vets or approves it: the paper, and beside it all that bears on the decision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from mla.accounts.models import Role
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models import LetterEditor
from workflows.lifecycle.selectors import access_outgoing_by_id
from workflows.lifecycle.selectors_together import alike_cases
from workflows.tracking.queues import next_in_review
from workflows.web.acts.emergency import risk_test_told
from workflows.web.desk import DeskRequest, page
from workflows.web.drafting.alternatives import alternatives_told
from workflows.web.drafting.planner import planner_of
from workflows.web.letter_view import LetterView, letter_view
from workflows.web.letter_words import rights_answers
from workflows.web.views.act import buttons_for
from workflows.web.views.letter import asked_version, comment_form

#: Acts that belong beside the letter, in the order in which they are offered.
_HERE = ("approve", "confirm", "approve_provisionally", "return_for_changes", "submit", "take_in", "query_originator", "return_to_originator",
         "revise", "withdraw", "reject", "give_up")  # fmt: skip


@require_safe
@page(open_to={Role.SUPERVISOR, Role.DESK_OFFICER, Role.REGISTRY, Role.DUTY_OFFICER})
def review_case(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """The letter left; right the version, who wrote, what was set aside, rights screen, findings, comments, changes."""
    outgoing = access_outgoing_by_id(request.actor, public_id)
    letter = outgoing.letter
    version = asked_version(request, letter)
    view = letter_view(outgoing, letter, version, request.actor, asked=request.GET.get("on", ""))
    buttons = _buttons(outgoing, request, version.content_hash) if view.current else []
    context = {
        "case": outgoing,
        "view": view,
        "buttons": buttons,
        "form": comment_form(view, request, back="review"),
        "comment_address": reverse("web:letter_comment", args=[outgoing.public_id]),
        "editors": LetterEditor.objects.filter(version=version).select_related("user").order_by("at", "id"),
        "waivers": _set_aside(view),
        "rights": rights_answers(version.content),
        "risk_test": risk_test_told(outgoing),
        "alike": alike_cases(outgoing, request.actor),
        "next_case": next_in_review(request.actor, outgoing) if request.actor.role == Role.SUPERVISOR else None,
        "alternatives": alternatives_told(letter_from(version.content)),
        "planner": planner_of(letter_from(version.content), outgoing, request.actor),
        "has_pane": True,
    }
    return render(request, "web/review_case.html", context)


def _set_aside(view: LetterView) -> list[dict[str, Any]]:
    """Return each warning that was set aside with its reason, and what it says now; None where it no longer speaks."""
    now = {(remark.of.code, remark.of.question): remark for remark in view.findings}
    return [
        {"waiver": waiver, "remark": now.get((waiver.code, waiver.question))}
        for waiver in view.version.waivers.select_related("by").order_by("id")
    ]


def _buttons(outgoing: Any, request: DeskRequest, content_hash: str) -> list[dict[str, Any]]:
    """Return the acts that are open now; each knows what this page showed, so that an old page is told."""
    found = {button["act"]: button for button in buttons_for(outgoing, request.actor)}
    shown = urlencode({"expected_version": outgoing.version, "content_hash": content_hash})
    return [found[act] | {"address": f"{found[act]['address']}?{shown}"} for act in _HERE if act in found]
