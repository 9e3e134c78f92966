"""The registry: what can be sent, what waits for an answer, what got stuck, receipts to record, results to check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.accounts.models import Role
from mla.core import clock
from workflows.engine.perform import available_acts, require_right
from workflows.exchange.channels import channel_named
from workflows.exchange.models import Transmission
from workflows.exchange.selectors import access_transmission_by_id
from workflows.exchange.services import BY_HAND, transmission_record
from workflows.tracking import registry as groups
from workflows.tracking.labels import message_label
from workflows.tracking.pages import OrderedPage, Page
from workflows.web.acts.fields import CHANNELS, as_seen, day_field, not_in_the_future, proof_note
from workflows.web.addresses import address_of
from workflows.web.desk import DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.paging import next_address
from workflows.web.uploads import UploadField
from workflows.web.views.act import act_address, case_address

REGISTRY = frozenset({Role.REGISTRY, Role.SUPERVISOR})

#: Groups of the page, in the order of the work: how they are read, their words, what an empty one says.
_GROUPS: dict[str, tuple[Callable[[Actor, str | None], Page[Any] | OrderedPage[Any]], Any, Any]] = {
    "ready": (
        groups.registry_ready,
        gettext_lazy("Ready to send"),
        gettext_lazy("Nothing waits to be sent. A request comes here when it is approved and its PDF is made."),
    ),
    "arrived": (
        groups.registry_arrived,
        gettext_lazy("To acknowledge"),
        gettext_lazy("Every request that came in is acknowledged."),
    ),
    "waiting": (
        groups.registry_waiting,
        gettext_lazy("Sent, not acknowledged"),
        gettext_lazy("Everything that was sent is acknowledged."),
    ),
    "stuck": (
        groups.registry_stuck,
        gettext_lazy("Not delivered"),
        gettext_lazy("Every message reached its addressee or is on its way."),
    ),
    "receipts": (
        groups.registry_receipts,
        gettext_lazy("Receipts to record"),
        gettext_lazy("For everything that went by hand, sending and delivery are recorded."),
    ),
    "results": (
        groups.registry_results,
        gettext_lazy("Results to check"),
        gettext_lazy("No result waits to be confirmed or handed over."),
    ),
}


@require_safe
@page(open_to=REGISTRY)
def registry(request: DeskRequest) -> HttpResponse:
    counts = groups.registry_counts(request.actor)
    asked = request.GET.get("group", "")
    chosen = asked if asked in _GROUPS else next((name for name in _GROUPS if getattr(counts, name)), "ready")
    read, words, empty = _GROUPS[chosen]
    found = read(request.actor, request.GET.get("after"))
    context = {
        "tabs": [
            {"name": name, "words": label, "here": name == chosen} | _told(getattr(counts, name))
            for name, (_read, label, _empty) in _GROUPS.items()
        ],
        "group": chosen,
        "words": words,
        "empty": empty,
        "rows": [_row(chosen, row, request.actor) for row in found.rows],
        "next": next_address(request, found.after),
        "today": timezone.localdate(clock.now()),
        "may_receive": holds(request.actor, "incoming.receive"),
    }
    return render(request, "web/registry.html", context)


def _told(count: int) -> dict[str, Any]:
    return {"count": count, "more": count >= groups.MOST_COUNTED}


#: The act that a row of a group waits for.
_ACTS = {"ready": "send", "arrived": "acknowledge", "waiting": "acknowledge"}


def _row(group: str, row: Any, actor: Actor) -> dict[str, Any]:
    if isinstance(row, groups.OnTheWay):
        way = row.transmission
        return {
            "way": way,
            "case": row.case,
            "address": case_address(row.case) if row.case else "",
            "label": row.label,
            "channel": CHANNELS.get(way.channel, way.channel),
            "by_hand": row.by_hand,
            "step": address_of("web:transmission_step", way.public_id),
            "may": row.by_hand and holds(actor, "transmission.submit"),
        }
    case, due = (row.case, row.due) if isinstance(row, groups.Waiting) else (row, None)
    act = _ACTS.get(group) or ("confirm_evidence" if not _checked(case) else "hand_over_result")
    return {
        "case": case,
        "address": case_address(case),
        "due": due,
        "channel": CHANNELS.get(case.channel, case.channel),
        "act": act,
        "act_address": act_address(case, act),
        "may": holds(actor, f"{case.KIND}.{act}"),
    }


def _checked(case: Any) -> bool:
    # The list holds a case for one of two reasons; where the evidence is confirmed it is the handing over.
    return case.evidence_confirmed_at is not None or not case.has_evidence


# --- the steps of a way that goes by hand ---

_STEPS: dict[str, Any] = {
    "submit": gettext_lazy("It was handed in or posted"),
    "deliver": gettext_lazy("It was delivered to the addressee"),
    "retrieve": gettext_lazy("The addressee took it"),
    "reject": gettext_lazy("The addressee did not take it"),
    "fail": gettext_lazy("It could not be delivered"),
}


class StepForm(forms.Form):
    expected_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    step = forms.ChoiceField(label=gettext_lazy("What happened"), widget=forms.RadioSelect)
    proof = UploadField(
        label=gettext_lazy("Proof"), help_text=gettext_lazy("The posting slip, receipt or message, as a file.")
    )
    proof_day = day_field(gettext_lazy("Date on the proof"))
    proof_note = forms.CharField(label=gettext_lazy("Note on the proof"), max_length=500, required=False)

    def __init__(self, *args: Any, case: Transmission, steps: list[str], **kwargs: Any) -> None:
        self.case = case
        super().__init__(*args, **kwargs)
        self.initial.setdefault("expected_version", case.version)
        self.fields["step"].choices = [(name, _STEPS[name]) for name in steps]  # type: ignore[attr-defined]
        if len(steps) == 1:
            self.initial.setdefault("step", steps[0])

    def clean_proof_day(self) -> Any:
        return not_in_the_future(self.cleaned_data["proof_day"])

    def said(self, name: str) -> Any:
        return self.cleaned_data.get(name)


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=REGISTRY)
def transmission_step(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Record one step of a way that tells nothing itself, with its proof."""
    way = access_transmission_by_id(request.actor, public_id)
    if request.method == "POST":
        require_right(way, "submit", by=request.actor)
    case = groups.cases_of(request.actor, [way.message]).get(way.message.conversation_id)
    back = case_address(case) if case else reverse("web:registry")
    steps = [act.name for act in available_acts(way, request.actor) if act.name in BY_HAND]
    electronic = channel_named(way.channel).electronic
    if electronic:
        steps = []
    form = StepForm(request.POST or None, request.FILES or None, case=way, steps=steps)
    if request.method == "POST" and form.is_valid() and do_from(form, lambda: _record(way, request.actor, form)):
        messages.success(
            request,
            _("Recorded: %(step)s. Proof kept: %(name)s")
            % {"step": _STEPS[form.said("step")], "name": form.said("proof").name},
        )
        return redirect(f"{reverse('web:registry')}?group=receipts")
    way = Transmission.objects.select_related("message__peer").get(pk=way.pk)
    context = {
        "way": way,
        "case": case,
        "back": back,
        "form": form,
        "steps": steps,
        "electronic": electronic,
        "label": message_label(way.message.type),
        "channel": CHANNELS.get(way.channel, way.channel),
        "receipts": [
            {"words": _RECEIPTS.get(row.kind, row.kind), "at": row.at, "content": row.content}
            for row in way.receipts.order_by("id")
        ],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "web/transmission_step.html", context, status=status)


_RECEIPTS: dict[str, Any] = {
    "submitted": gettext_lazy("handed in"),
    "delivered": gettext_lazy("delivered"),
    "retrieved": gettext_lazy("taken by the addressee"),
    "rejected": gettext_lazy("not taken"),
    "failed": gettext_lazy("not delivered"),
}


def _record(way: Transmission, by: Actor, form: StepForm) -> None:
    proof = form.said("proof").proof(proof_note(form.cleaned_data))
    as_seen(form, lambda: transmission_record(transmission=way, by=by, step=form.said("step"), proof=proof))
