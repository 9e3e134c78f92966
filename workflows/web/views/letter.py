"""The letter as it will be sent, and a comment on one of its answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from mla.accounts.access import AccessDenied
from workflows.drafting.models import LetterOfRequest, LetterShare, LetterVersion
from workflows.drafting.selectors import access_version_by_number
from workflows.drafting.services import comment_add
from workflows.engine.perform import require_right
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.selectors import access_outgoing_by_id
from workflows.web.desk import OUTWARD, WRITING, DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.letter_view import LetterView, letter_view
from workflows.web.letter_words import path_words
from workflows.web.purpose import case_purpose
from workflows.web.views.act import buttons_for

#: Digits of a version's number; more is no version.
_DIGITS = 6


class CommentForm(forms.Form):
    """A remark on one answer of the version that was read, or on the whole of it."""

    question = forms.ChoiceField(label=_("On"), required=False)
    text = forms.CharField(
        label=_("Comment"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto", "data-comment": ""}),
    )
    number = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    back = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _now("The whole letter")), *places]
        asked = self.data.get(self.add_prefix("question")) if self.is_bound else self.initial.get("question")
        if asked and asked not in dict(choices):
            # A finding may stand at an answer that the letter prints in a table, or not yet.
            choices.append((asked, path_words(asked, {})))
        self.fields["question"].choices = choices  # type: ignore[attr-defined]


def asked_version(request: DeskRequest, letter: LetterOfRequest) -> LetterVersion:
    """Return the version that the address names, else the latest that the person may read.

    Raises:
        AccessDenied: absent or hidden.
    """
    given = request.GET.get("version", "")
    if not given:
        return access_version_by_number(request.actor, letter)
    if not (given.isascii() and given.isdigit() and len(given) <= _DIGITS):
        raise AccessDenied("version", given, request.actor)
    return access_version_by_number(request.actor, letter, int(given))


def comment_form(view: LetterView, request: DeskRequest, *, back: str) -> CommentForm:
    """Return an empty form for a comment on the version that is shown."""
    initial = {"question": request.GET.get("on", ""), "number": view.version.number, "back": back}
    return CommentForm(places=view.places, initial=initial, auto_id="comment-%s")


@require_safe
@page(open_to=OUTWARD)
def preview(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """The letter as it will be, with what stands beside its paragraphs, and with whom it is shared."""
    outgoing = access_outgoing_by_id(request.actor, public_id)
    if (asked := case_purpose(request, outgoing.KIND, outgoing.public_id)[1]) is not None:
        return asked
    letter = outgoing.letter
    version = asked_version(request, letter)
    view = letter_view(outgoing, letter, version, request.actor, asked=request.GET.get("on", ""))
    shares = list(
        LetterShare.objects.filter(letter=letter, kind=LetterShare.Kind.ADVICE, ended_at=None).select_related(
            "authority"
        )
    )
    context = {
        "case": outgoing,
        "view": view,
        "form": comment_form(view, request, back="preview"),
        "comment_address": reverse("web:letter_comment", args=[outgoing.public_id]),
        "shares": shares,
        # What is shared with nobody cannot be ended: the button would lead to an empty choice.
        "letter_buttons": [one for one in buttons_for(letter, request.actor) if shares or one["act"] != "end_share"],
        "has_pane": True,
        # After the reading: what comes next, to who writes.
        "writes": request.actor.role in WRITING and letter.may_edit(request.actor) and version.number == letter.current,
    }
    return render(request, "web/letter_preview.html", context)


@require_http_methods(["POST"])
@page(open_to=WRITING)
def comment(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Write a comment; what was refused comes back with all that was typed."""
    outgoing = access_outgoing_by_id(request.actor, public_id)
    back = {"preview": "web:letter_preview", "review": "web:review_case"}.get(
        request.POST.get("back", ""), "web:letter_preview"
    )
    return commented(request, outgoing, outgoing.letter, reverse(back, args=[outgoing.public_id]))


def commented(request: DeskRequest, outgoing: OutgoingRequest, letter: LetterOfRequest, back: str) -> HttpResponse:
    """Add the posted comment and return to `back`, at its paragraph; else show the form with what is wrong."""
    require_right(letter, "comment", by=request.actor)
    form = CommentForm(request.POST, places=[], auto_id="comment-%s")
    question = request.POST.get("question", "")

    def add() -> None:
        comment_add(
            letter=letter,
            by=request.actor,
            text=form.cleaned_data["text"],
            question=question,
            number=form.cleaned_data["number"],
        )

    if len(question) > 200:
        form.add_error("question", _("There is no such answer in the letter."))
    if form.is_valid() and do_from(form, add):
        messages.success(request, _now("Your comment stands beside the letter."))
        return redirect(f"{back}?{urlencode({'version': form.cleaned_data['number']})}#comments")
    context = {"case": outgoing, "letter": letter, "form": form, "address": request.path, "back": back}
    return render(request, "web/comment.html", context, status=422)
