"""The templates of an authority: the list, what one holds, saving one from a letter, withdrawing, and a letter from one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from mla.accounts.capabilities import holds
from mla.accounts.models import Role
from mla.core import clock
from mla.core.languages import house_words
from workflows.documents import wording
from workflows.drafting.letterfile import fields_at
from workflows.drafting.measures import measure_catalogue
from workflows.drafting.models_reuse import LetterTemplate
from workflows.drafting.place_words import field_words
from workflows.drafting.selectors import access_version_by_number
from workflows.drafting.selectors_templates import (
    access_template_by_id,
    template_history,
    templates_found,
    templates_page,
)
from workflows.drafting.services_templates import template_save, template_withdraw
from workflows.drafting.templating import NEVER_IN_A_TEMPLATE, PARTS_KEPT
from workflows.lifecycle.selectors import access_outgoing_by_id, visible_outgoing
from workflows.lifecycle.services.outgoing_reuse import letter_create_from_template
from workflows.web.desk import WRITING, DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.drafting.new_letter import new_key
from workflows.web.paging import after_of, next_address
from workflows.web.views.drafting_new import DRAFTERS, first_content
from workflows.web.views.drafting_reuse import CopyForm, begun, office_and_states, require_drafter, said_of_copy

SAVERS = frozenset({Role.ORIGINATOR_SIGNATORY, Role.SUPERVISOR, Role.LEGAL})


class SaveForm(forms.Form):
    name = forms.CharField(
        label=lazy("Name of the template"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control"}),
        help_text=lazy("A name that your authority has already gets its next version; what it was stays."),
    )
    parts = forms.MultipleChoiceField(label=lazy("What the template holds"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, there: list[str], **options: Any) -> None:
        super().__init__(*args, **(options | {"auto_id": "f-%s"}))
        self.fields["parts"].choices = [(part, PARTS_KEPT[part]) for part in there]  # type: ignore[attr-defined]


@require_safe
@page(open_to=WRITING)
def templates(request: DeskRequest) -> HttpResponse:
    """The templates of the own authority, by name."""
    show = "withdrawn" if request.GET.get("show") == "withdrawn" else ""
    rows, following = templates_page(templates_found(request.actor, show=show), after_of(request))
    context = {
        "rows": rows,
        "next": next_address(request, following),
        "show": show,
        "parts": PARTS_KEPT,
        "may_begin": request.actor.role in DRAFTERS and holds(request.actor, "letter.create"),
    }
    return render(request, "web/templates/list.html", context)


@require_safe
@page(open_to=WRITING)
def template(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """What a template holds, and its versions."""
    found = access_template_by_id(request.actor, public_id)
    history = template_history(found)
    cases = visible_outgoing(request.actor).filter(letter=found.letter_id).select_related("letter")
    in_use = found.status == LetterTemplate.Status.IN_USE
    context = {
        "template": found,
        "holds": _holdings(found.parts, found.content),
        "history": [(one, [PARTS_KEPT[part] for part in one.parts if part in PARTS_KEPT]) for one in history],
        "case": cases.first(),
        "may_begin": in_use and request.actor.role in DRAFTERS and holds(request.actor, "letter.create"),
        "may_withdraw": in_use and found.may_withdraw(request.actor),
    }
    return render(request, "web/templates/template.html", context)


def _holdings(parts: list[str], content: Mapping[str, Any]) -> list[tuple[Any, list[str]]]:
    """Return the words for each part of a template, and what it says there, line by line."""
    return [(PARTS_KEPT[part], _lines(part, content[part])) for part in parts if part in PARTS_KEPT]


def _lines(part: str, value: Any) -> list[str]:
    catalogue = measure_catalogue()
    match part:
        case "requested":
            return [value.get("authority", "")]
        case "proceedings":
            said = value | {"nature": wording.word(wording.NATURE, value["nature"])}
            return _labelled(said, ("nature", "conducting_authority", "functions", "powers"))
        case "offences":
            return [f"{one['title']}, {one['provision']}: {one['maximum_penalty']}" for one in value]
        case "providers":
            return [", ".join(one[name] for name in ("name", "service", "address") if one.get(name)) for one in value]
        case "bases":
            return [", ".join([one["instrument"], *one.get("articles", ())]) for one in value]
        case "items":
            return [
                ": ".join(filter(None, (str(house_words(catalogue[one["measure"]].name)), one.get("procedure", ""))))
                if one["measure"] in catalogue
                else one["measure"]
                for one in value
            ]
        case "contacts":
            return [
                ", ".join(one[name] for name in ("office", "function", "email", "phone") if one.get(name))
                for one in value
            ]
        case _:
            return _labelled(value, fields_at([part]))


def _labelled(said: Mapping[str, Any], order: Iterable[str]) -> list[str]:
    """Return what is said, each with its label, in the order of the format."""
    return [
        _("%(label)s: %(value)s") % {"label": capfirst(field_words(name)), "value": said[name]}
        for name in order
        if said.get(name)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=SAVERS)
def save(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Save parts of a letter that the person may read as a template of the own authority."""
    case = access_outgoing_by_id(request.actor, public_id)
    version = access_version_by_number(request.actor, case.letter)
    there = [part for part in PARTS_KEPT if version.content.get(part)]
    form = SaveForm(request.POST if request.method == "POST" else None, there=there, initial={"parts": there})
    made: list[tuple[LetterTemplate, bool]] = []
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        if do_from(
            form,
            lambda: made.append(
                template_save(source=version, name=said["name"], parts=said["parts"], by=request.actor)
            ),
        ):
            saved, _new = made[0]
            messages.success(request, _("Saved: “%(name)s”, version %(number)d.") % {
                "name": saved.name, "number": saved.number,
            })  # fmt: skip
            return redirect("web:template", saved.public_id)
    context = {"case": case, "version": version, "form": form, "never": NEVER_IN_A_TEMPLATE}
    return render(request, "web/templates/save.html", context, status=422 if form.errors else 200)


@require_http_methods(["POST"])
@page(open_to=SAVERS)
def withdraw(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Take a template out of use; a second press changes nothing."""
    found = access_template_by_id(request.actor, public_id)
    template_withdraw(template=found, by=request.actor)
    messages.success(request, _("Withdrawn: it is offered no more."))
    return redirect("web:template", found.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=DRAFTERS)
def begin(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Begin a letter from a template, once."""
    require_drafter(request)
    found = access_template_by_id(request.actor, public_id)
    if found.status != LetterTemplate.Status.IN_USE and request.method != "POST":
        return redirect("web:template", found.public_id)
    own, states = office_and_states(request)
    initial = {
        "letter_key": new_key(request.actor),
        "requested": found.content["requested"]["jurisdiction"],
        "date": clock.now().date().isoformat(),
        "parts": found.parts,
    }
    there = [part for part in PARTS_KEPT if part in found.parts]
    form = CopyForm(request.POST if request.method == "POST" else None, states=states, there=there, initial=initial)
    form.fields["parts"].choices = [(part, PARTS_KEPT[part]) for part in there]  # type: ignore[attr-defined]
    if request.method == "POST":

        def start(key: UUID) -> Any:
            return letter_create_from_template(
                template=found,
                parts=form.cleaned_data["parts"],
                content=first_content(own, said_of_copy(form.cleaned_data, found.content)),
                by=request.actor,
                letter_id=key,
            )

        answer = begun(request, form, start)
        if answer is not None:
            return answer
    context = {"template": found, "form": form, "states": states}
    return render(request, "web/templates/begin.html", context, status=422 if request.method == "POST" else 200)
