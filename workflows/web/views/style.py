"""The living page: every component as it is, light and dark, with when to use it. Not in production."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from workflows.engine.models import OutboxJob
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest, RequestedItem
from workflows.web.desk import DeskRequest, page
from workflows.web.templatetags.desk import SHAPES

TOKENS = (
    "ink", "paper", "canvas", "line", "edge", "accent", "urgent", "refused", "done", "waiting", "mark", "added",
    "removed",
)  # fmt: skip

#: Name of the template, words, when to use it.
COMPONENTS = (
    (
        "tokens",
        _("Colours"),
        _("Every colour of a page is one of these. A colour never says something alone: a word stands beside it."),
    ),
    (
        "type",
        _("Type"),
        _(
            "Sans for the desk, serif for the letter and for what is printed, tabular figures for everything that is compared."
        ),
    ),
    (
        "status",
        _("Status"),
        _("Where something stands: a shape, a word and a colour, in this one form on every page."),
    ),
    (
        "buttons",
        _("Buttons"),
        _(
            "A button names the legal act and its object. One first button on a page; a grave one ends or refuses something."
        ),
    ),
    (
        "notices",
        _("Notices"),
        _(
            "What happened, at the head of the page. It stays until it is read; nothing that matters passes by by itself."
        ),
    ),
    (
        "form",
        _("Forms"),
        _(
            "One column, a label above each field, help below it. What is wrong stands in the summary and beside the field."
        ),
    ),
    (
        "facts",
        _("Facts and references"),
        _("Names and values of one thing. A reference can be copied; a hash is shown in its first digits."),
    ),
    (
        "list",
        _("Lists"),
        _("Many of one kind, with the same cells on a phone, one below the other. The first cell is the link."),
    ),
    (
        "empty",
        _("Empty lists"),
        _("A list without rows says what to do next."),
    ),
    (
        "tasks",
        _("Task list"),
        _("Parts of a larger work in any order, each with how far it is."),
    ),
    (
        "findings",
        _("Findings"),
        _(
            "What a letter lacks (it stops the next act) and what should be looked at (it may be set aside with a reason)."
        ),
    ),
    (
        "pane",
        _("Side pane"),
        _("What stands beside the work: what can be done now and what is in its way. On a phone it follows the work."),
    ),
    (
        "dialog",
        _("Dialog"),
        _("For a list of keys and the like only. An act that leaves the house is asked on a page of its own."),
    ),
)


class ExampleForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), help_text=_("It is told to the requesting State."), widget=forms.Textarea(attrs={"rows": 2})
    )
    due = forms.DateField(label=_("Answer due"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    ground = forms.ChoiceField(
        label=_("Ground"), choices=[("", _("Choose a ground")), ("privilege", _("Immunity or privilege"))]
    )
    told = forms.BooleanField(label=_("The other State was consulted"), required=False)


@require_safe
@page()
def style(request: DeskRequest) -> HttpResponse:
    if settings.ENV.mode == "production":
        raise Http404
    machines = [
        (_("Request going out"), OutgoingRequest._meta.get_field("status").choices or ()),
        (_("Request coming in"), IncomingRequest._meta.get_field("status").choices or ()),
        (_("Item"), RequestedItem._meta.get_field("status").choices or ()),
        (_("Effect"), OutboxJob.Status.choices),
    ]
    context = {
        "components": [(f"web/style/_{name}.html", name, title, when) for name, title, when in COMPONENTS],
        "themes": [("light", _("Light")), ("dark", _("Dark"))],
        "tokens": TOKENS,
        "machines": [
            (title, [(code, words) for code, words in choices if code in SHAPES]) for title, choices in machines
        ],
        "forms": {theme: ExampleForm({"told": "on", "due": "soon"}, prefix=theme) for theme in ("light", "dark")},
        "example": {"reference": "GBR-2026-0042", "other": "GBR-2026-0043", "article": "UNCAC 46(15)"},
        "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    }
    return render(request, "web/style.html", context)
