"""Letters that another authority shares for advice: to read and to comment, nothing else."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from workflows.drafting.models import LetterOfRequest, LetterShare
from workflows.drafting.selectors import access_letter_by_id, visible_letters
from workflows.tracking.pages import keyset_page
from workflows.web.desk import WRITING, DeskRequest, page
from workflows.web.letter_view import letter_view
from workflows.web.paging import after_of, next_address
from workflows.web.views.letter import asked_version, comment_form, commented


@require_safe
@page(open_to=WRITING)
def advice_list(request: DeskRequest) -> HttpResponse:
    """The letters that the hat's authority was asked for advice on, the newest first."""
    shared = LetterShare.objects.filter(
        authority=request.actor.authority_id, kind=LetterShare.Kind.ADVICE, ended_at=None
    )
    letters = visible_letters(request.actor).filter(pk__in=shared.values("letter"), outgoing__isnull=False)
    found = keyset_page(letters, after_of(request))
    return render(request, "web/advice.html", {"rows": found.rows, "next": next_address(request, found.after)})


@require_safe
@page(open_to=WRITING)
def advice(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """One such letter as it would be sent."""
    letter = _letter(request, public_id)
    version = asked_version(request, letter)
    view = letter_view(letter.outgoing, letter, version, request.actor, asked=request.GET.get("on", ""))
    context = {
        "case": letter.outgoing,
        "letter": letter,
        "view": view,
        "form": comment_form(view, request, back="advice"),
        "comment_address": reverse("web:advice_comment", args=[letter.public_id]),
        "has_pane": True,
    }
    return render(request, "web/advice_letter.html", context)


@require_POST
@page(open_to=WRITING)
def comment(request: DeskRequest, public_id: UUID) -> HttpResponse:
    letter = _letter(request, public_id)
    return commented(request, letter.outgoing, letter, reverse("web:advice_letter", args=[letter.public_id]))


def _letter(request: DeskRequest, public_id: UUID) -> LetterOfRequest:
    found: LetterOfRequest = access_letter_by_id(request.actor, public_id)
    return found
