"""How a draft stood before, and putting parts of it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from workflows.drafting.changes import letter_changes
from workflows.drafting.models import EarlierText
from workflows.drafting.selectors import access_earlier_text, earlier_texts, parts_to_put_back
from workflows.drafting.services import letter_put_back
from workflows.web.desk import WRITING, DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.drafting.draft import Draft, draft_of
from workflows.web.letter_words import path_words
from workflows.web.paging import after_of, next_address

#: Earlier states on one page.
PAGE = 25


@require_safe
@page(open_to=WRITING)
def history(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """List how the present version stood before, newest first: who changed which part then."""
    draft = draft_of(request.actor, public_id)
    found = earlier_texts(request.actor, draft.version).select_related("by").defer("content")
    after = after_of(request)
    if after is not None:
        found = found.filter(pk__lt=after)
    rows = list(found[: PAGE + 1])
    more = rows[PAGE - 1].pk if len(rows) > PAGE else None
    context = {
        "draft": draft, "rows": [(row, _place_words(row.place)) for row in rows[:PAGE]],
        "next_page": next_address(request, more), "first_page": after is None,
    }  # fmt: skip
    return render(request, "web/letter/history.html", context)


def _place_words(place: str) -> str:
    part, _dot, key = place.partition(".")
    if not part:
        return _("several parts")
    return f"{path_words(part, {})} {key}".strip()


def _only(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return what stands at an answer or list of a content, under its part."""
    part, _dot, inner = name.partition(".")
    found = content.get(part)
    return {part: {inner: (found or {}).get(inner)} if inner else found}


class PutBackForm(forms.Form):
    """`parts`: which parts are set back; those that differ are offered, and chosen to begin with."""

    expected_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    parts = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, offered: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["parts"].choices = offered  # type: ignore[attr-defined]
        self.fields["parts"].label = _("What to put back")


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=WRITING)
def earlier(request: DeskRequest, public_id: UUID, earlier_id: UUID) -> HttpResponse:
    """Show how an earlier state differs from the letter as it is, and put the chosen parts back."""
    draft = draft_of(request.actor, public_id)
    then = access_earlier_text(request.actor, draft.version, earlier_id)
    offered = [(name, path_words(name, {})) for name in parts_to_put_back(draft.version, then)]
    first = {"expected_version": draft.letter.version, "parts": [name for name, _words in offered]}
    if request.method != "POST":
        return _earlier_page(request, draft, then, PutBackForm(initial=first, offered=offered), offered)
    draft.require("edit")
    form = PutBackForm(request.POST, offered=offered)
    if form.is_valid():
        said = form.cleaned_data

        def act() -> None:
            letter_put_back(
                letter=draft.letter, by=request.actor, earlier=earlier_id, parts=said["parts"],
                expected_version=said["expected_version"],
            )  # fmt: skip

        if do_from(form, act):
            messages.success(request, _("Put back. The text that it took the place of is kept below."))
            return redirect("web:letter_history", draft.outgoing.public_id)
        draft = draft_of(request.actor, public_id)
    return _earlier_page(request, draft, then, form, offered, status=422)


def _earlier_page(
    request: DeskRequest, draft: Draft, then: EarlierText, form: PutBackForm, offered: list[tuple[str, str]],
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    chosen = form["parts"].value() or []
    parts = []
    for name, words in offered:
        # From now to then: what putting back would do.
        now, before = _only(draft.content, name), _only(then.content, name)
        told = [{"of": one, "words": path_words(one.path, before)} for one in letter_changes(now, before)]
        parts.append({"name": name, "words": words, "chosen": name in chosen, "changes": told})
    context = {
        "draft": draft, "then": then, "form": form, "parts": parts, "place": _place_words(then.place),
    }  # fmt: skip
    return render(request, "web/letter/earlier.html", context, status=status)
