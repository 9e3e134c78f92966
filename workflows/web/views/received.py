"""A request that came in: registered from paper, and its letter as it was sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import groupby
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.accounts.models import Role
from mla.core.files import file_hash
from mla.core.ids import uuid7
from mla.core.languages import house_words
from mla.reference.models import Authority, Instrument, MeasureType
from workflows.drafting.models import Confidentiality
from workflows.exchange.selectors import received_files
from workflows.lifecycle.models import AlikeKey, IncomingRequest
from workflows.lifecycle.selectors import access_incoming_by_id, visible_incoming
from workflows.lifecycle.selectors_together import Alike, alike_to_received
from workflows.lifecycle.services.incoming import OnPaper, incoming_register
from workflows.web.acts.fields import BY_HAND, day_field, not_in_the_future
from workflows.web.desk import INWARD, DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.letters_in import letter_in
from workflows.web.purpose import case_purpose
from workflows.web.uploads import UploadField
from workflows.web.views.downloads import SEALED

#: Items that the form of a paper request takes; a letter with more is registered as several of one measure.
MOST_ITEMS = 8
URGENCY = (
    ("routine", gettext_lazy("routine")),
    ("urgent", gettext_lazy("urgent")),
    ("emergency", gettext_lazy("emergency: danger to life")),
)


class SenderField(forms.ModelChoiceField):
    """Offices of other States, by State."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class PaperForm(forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput)
    sender = SenderField(
        label=gettext_lazy("State and sending authority"),
        queryset=Authority.objects.none(),
        empty_label=gettext_lazy("Choose the office that sent it"),
        help_text=gettext_lazy("An office that is not in the list is added by your administrator."),
    )
    peer_reference = forms.CharField(label=gettext_lazy("Their reference"), max_length=120)
    dated = day_field(gettext_lazy("Date of the letter"), required=False)
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=300,
        help_text=gettext_lazy("What it is about, such as “Bank records, fraud against pensioners”."),
    )
    channel = forms.ChoiceField(label=gettext_lazy("How it came"), choices=BY_HAND)
    instruments = forms.MultipleChoiceField(
        label=gettext_lazy("Instruments that it cites"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=gettext_lazy("The examination shows what each wants in a request."),
    )
    urgency = forms.ChoiceField(label=gettext_lazy("Urgency"), choices=URGENCY, initial="routine")
    urgency_date = day_field(gettext_lazy("Needed by, as the letter says"), required=False)
    confirmation_day = day_field(
        gettext_lazy("It is provisional: confirmation in writing is promised by"),
        required=False,
        help_text=gettext_lazy("Only where it came in an emergency and says so, or was told on the telephone."),
    )
    confidentiality = forms.ChoiceField(
        label=gettext_lazy("Confidentiality"), choices=Confidentiality.choices, initial=Confidentiality.NORMAL
    )
    scan = UploadField(
        label=gettext_lazy("The letter as it came"),
        help_text=gettext_lazy("A scan or the e-mail itself. It is kept under its hash."),
    )
    alike_seen = forms.BooleanField(
        label=gettext_lazy("I have looked at these cases. It is registered as a case of its own."), required=False
    )

    def __init__(self, *args: Any, home: int, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        #: What it looks like, once that is known; nobody is asked to tick a box before.
        self.alike: list[Alike] = []
        self.initial.setdefault("key", uuid7())
        kinds = [Authority.Kind.CENTRAL, Authority.Kind.ORIGINATING, Authority.Kind.CONTACT_POINT]
        senders = Authority.objects.filter(kind__in=kinds).exclude(jurisdiction=home).select_related("jurisdiction")
        sender: Any = self.fields["sender"]
        sender.queryset = senders
        sender.choices = list(_by_state(senders, sender))
        named: Any = self.fields["instruments"]
        named.choices = [(row.code, row.short_name) for row in Instrument.objects.order_by("short_name")]
        measures = [(row.slug, house_words(row.name)) for row in MeasureType.objects.all()]
        for number in range(1, MOST_ITEMS + 1):
            label = _("Item M%(number)s") % {"number": number}
            self.fields[f"item_{number}"] = forms.ChoiceField(
                label=label, required=number == 1, choices=[("", _("none")), *measures]
            )

    def clean_dated(self) -> Any:
        return not_in_the_future(self.cleaned_data["dated"])

    def clean(self) -> dict[str, Any]:
        """Stop a request that looks like one of the register, until it is said that this was seen."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return said
        found = alike_to_received(
            self.actor,
            state=said["sender"].jurisdiction.code,
            peer_reference=said["peer_reference"],
            file_sha256=file_hash(said["scan"].content),
            conversation_id=said["key"],
        )
        if any({AlikeKey.Kind.FILE, AlikeKey.Kind.REFERENCE} <= set(one.kinds) for one in found):
            # The very same: the register refuses it and names the case.
            return said
        self.alike = found
        if found and not said["alike_seen"]:
            self.add_error("alike_seen", _("It looks like a case that is registered already. Look at it first."))
        return said

    @property
    def measures(self) -> list[str]:
        said = [self.cleaned_data.get(f"item_{number}") for number in range(1, MOST_ITEMS + 1)]
        return [slug for slug in said if slug]

    @property
    def items(self) -> list[Any]:
        return [self[f"item_{number}"] for number in range(1, MOST_ITEMS + 1)]


def _by_state(senders: Any, field: SenderField) -> Iterator[tuple[str, Any]]:
    language = get_language() or "en"
    yield "", str(field.empty_label)
    rows = sorted(senders, key=lambda row: (row.jurisdiction.name(language), row.kind, row.name))
    for state, offices in groupby(rows, key=lambda row: row.jurisdiction.name(language)):
        yield state, [(office.pk, office.name) for office in offices]


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to={Role.REGISTRY, Role.DUTY_OFFICER})
def receive(request: DeskRequest) -> HttpResponse:
    """Register a request that came by hand."""
    home = request.hat.authority.jurisdiction_id
    form = PaperForm(request.POST or None, request.FILES or None, home=home, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        made: list[IncomingRequest] = []
        if do_from(form, lambda: made.append(incoming_register(paper=_paper(form), by=request.actor))):
            case = made[0]
            told = _("Registered as %(reference)s. The letter is kept under the SHA-256 %(sha256)s.")
            messages.success(request, told % {"reference": case.reference, "sha256": case.letter_sha256})
            # A restricted request is the supervisor's from here on.
            seen = visible_incoming(request.actor).filter(pk=case.pk).exists()
            return redirect("web:incoming", case.public_id) if seen else redirect("web:worklist")
    status = 422 if request.method == "POST" else 200
    return render(request, "web/receive.html", {"form": form}, status=status)


def _paper(form: PaperForm) -> OnPaper:
    said = form.cleaned_data
    return OnPaper(
        conversation_id=said["key"],
        sender=said["sender"],
        peer_reference=said["peer_reference"],
        title=said["title"],
        channel=said["channel"],
        scan=said["scan"].content,
        measures=form.measures,
        instruments=said["instruments"],
        dated=said["dated"],
        urgency=said["urgency"],
        urgency_date=said["urgency_date"],
        confidentiality=said["confidentiality"],
        confirmation_due=_end_of(said["confirmation_day"]) if said["confirmation_day"] else None,
    )


def _end_of(day: dt.date) -> dt.datetime:
    """Return the last minute of a day in the reader's zone."""
    return dt.datetime.combine(day, dt.time(23, 59), tzinfo=timezone.get_current_timezone())


def files_of(case: IncomingRequest, actor: Actor) -> list[dict[str, Any]]:
    """Return the files that came with a request, the letter first, each with its address.

    The sealed annex has none for an actor who may not know who the protected persons are.
    """
    rows: list[dict[str, Any]] = [
        {"name": row.name, "role": row.role, "size": row.size, "sha256": row.sha256} for row in received_files(case)
    ]
    if not rows and case.letter_sha256:
        rows = [{"name": _("The letter as it came"), "role": "letter", "size": None, "sha256": case.letter_sha256}]
    if case.confirmation_sha256 and case.confirmation_sha256 not in {row["sha256"] for row in rows}:
        rows.append(
            {
                "name": _("The confirmation in writing"),
                "role": "letter",
                "size": None,
                "sha256": case.confirmation_sha256,
            }
        )
    for row in rows:
        closed = row["role"] == SEALED and not holds(actor, "incoming.read_sealed")
        row["address"] = "" if closed else reverse("web:received_file", args=[case.public_id, row["sha256"]])
        row["sealed"] = row["role"] == SEALED
    return rows


@require_safe
@page(open_to=INWARD)
def letter(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """The letter of a request in, as it was sent."""
    case = access_incoming_by_id(request.actor, public_id)
    purpose, asked = case_purpose(request, case.KIND, case.public_id)
    if asked is not None:
        return asked
    found = letter_in(case)
    context = {
        "case": case,
        "sheet": found.sheet,
        "files": files_of(case, request.actor),
        "items": case.items.order_by("id"),
        "purpose": purpose,
        "has_pane": True,
    }
    return render(request, "web/incoming_letter.html", context)
