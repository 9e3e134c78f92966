"""Acts on a result that goes in parts: sending, recording and confirming each, on both sides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mla.accounts.actors import Actor
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest, Part
from workflows.lifecycle.models.parts import unsent
from workflows.lifecycle.services import parts as services
from workflows.web.acts import ActForm, ActScreen, register_screens
from workflows.web.acts import outgoing_course as outward
from workflows.web.acts.fields import ProofForm, as_seen, has_item, item_choices, words
from workflows.web.acts.incoming import NoteForm, items_standing, leaving
from workflows.web.acts.outgoing_course import uploaded_evidence
from workflows.web.uploads import LARGEST_EVIDENCE, ManyUploadsField


def open_parts(case: Any) -> list[Part]:
    return list(case.part_set.filter(confirmed_at=None).order_by("id").prefetch_related("files__evidence"))


def part_label(part: Part) -> str:
    """Return a part in words: its number, its day and how many files it has."""
    files = len(part.files.all())
    words = ngettext("Part %(number)s of %(day)s, %(files)s file", "Part %(number)s of %(day)s, %(files)s files", files)
    day = date_format(timezone.localtime(part.at), "j M Y")
    return words % {"number": part.number, "day": day, "files": files}


def part_facts(case: Any) -> list[tuple[Any, Any]]:
    """Return each file of the parts that wait for their confirmation, with the hash it must have, as pairs of words."""
    return [
        (format_html("{} {}: <bdi>{}</bdi>", _("Part"), part.number, one.evidence.name), one.evidence.sha256)
        for part in open_parts(case)
        for one in part.files.all()
    ]


class PartForm(ActForm):
    """One of the parts that wait for their confirmation."""

    part = forms.ChoiceField(label=gettext_lazy("Part"), widget=forms.RadioSelect)
    names = {"part": "part"}

    def known(self, name: str, given: str) -> bool:
        case: Any = self.case
        try:
            return bool(case.part_set.filter(part_id=UUID(given)).exists())
        except ValueError:
            return False

    def build(self) -> None:
        found = open_parts(self.case)
        self.fields["part"].choices = [(str(part.part_id), part_label(part)) for part in found]  # type: ignore[attr-defined]
        if len(found) == 1:
            self.initial.setdefault("part", str(found[0].part_id))


class PartReceiptForm(PartForm):
    all_match = forms.TypedChoiceField(
        label=gettext_lazy("Do all hashes match, by their word?"),
        choices=[("yes", gettext_lazy("yes, all")), ("no", gettext_lazy("no, not all"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
    )
    discrepant = forms.MultipleChoiceField(
        label=gettext_lazy("Files that do not match"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Where they say which."),
    )
    names = {"part": "part", "discrepant": "evidence"}

    def known(self, name: str, given: str) -> bool:
        if name == "part":
            return super().known(name, given)
        case: Any = self.case
        return bool(case.evidence_set.filter(sha256=given).exists())

    def build(self) -> None:
        super().build()
        self.fields["discrepant"].choices = [  # type: ignore[attr-defined]
            (one.evidence.sha256, _("Part %(number)s: %(name)s") % {"number": part.number, "name": one.evidence.name})
            for part in open_parts(self.case)
            for one in part.files.all()
        ]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("all_match") and said.get("discrepant"):
            self.add_error("discrepant", _("All match, or these do not: not both."))
        return said


class PartArrivedForm(ProofForm):
    evidence = ManyUploadsField(
        label=gettext_lazy("Files of evidence"),
        largest=LARGEST_EVIDENCE,
        help_text=gettext_lazy("As many as came. Each is kept under its hash and never changed."),
    )
    item = forms.ChoiceField(label=gettext_lazy("The files belong to"), required=False)
    use_limits = words(gettext_lazy("Limits of use that they set"), rows=2, required=False)
    note = words(gettext_lazy("What they say of it"), required=False)
    names = {"item": "item"}

    def known(self, name: str, given: str) -> bool:
        return has_item(self.case, given)

    def build(self) -> None:
        items = item_choices(self.case, ["requested", "accepted", "executed", "partially_executed"])
        self.fields["item"].choices = [("", _("the request as a whole")), *items]  # type: ignore[attr-defined]


def _transmit(case: IncomingRequest, by: Actor, form: NoteForm) -> None:
    as_seen(form, lambda: services.incoming_transmit_part(incoming=case, by=by, note=form.said("note")))


def _note_receipt(case: IncomingRequest, by: Actor, form: PartReceiptForm) -> None:
    part, all_match, wrong = UUID(form.said("part")), form.said("all_match"), form.said("discrepant")
    as_seen(
        form,
        lambda: services.incoming_note_part_receipt(
            incoming=case, by=by, part_id=part, all_match=all_match, discrepant=wrong
        ),
    )


def _note_part(case: OutgoingRequest, by: Actor, form: PartArrivedForm) -> None:
    as_seen(
        form,
        lambda: services.outgoing_note_part(
            outgoing=case, by=by, files=uploaded_evidence(form), note=form.said("note"), proof=form.proven()
        ),
    )


def _confirm(case: OutgoingRequest, by: Actor, form: PartForm) -> None:
    part_id = UUID(form.said("part"))
    as_seen(form, lambda: services.outgoing_confirm_part(outgoing=case, by=by, part_id=part_id))
    wrong = case.part_set.get(part_id=part_id).discrepant
    names = ", ".join(case.evidence_set.filter(sha256__in=wrong).order_by("id").values_list("name", flat=True))
    form.told = (  # type: ignore[attr-defined]
        _("Recorded: the hash does not match for %(names)s.") % {"names": names} if wrong else _("All hashes match.")
    )


def unsent_facts(case: IncomingRequest) -> list[tuple[Any, Any]]:
    """Return what a part consists of: who gets it, the items as they stand, each file with its hash."""
    files = [(format_html("<bdi>{}</bdi>", file.name), file.sha256) for file in unsent(case)]
    return [*leaving(case), *items_standing(case), *files]


register_screens(
    "incoming",
    {
        "transmit_part": ActScreen(
            button=gettext_lazy("Transmit a part of the result"),
            run=_transmit,
            form=NoteForm,
            explain=gettext_lazy(
                "The evidence that did not go yet goes now, with how the items stand. The execution goes on; the rest follows."
            ),
            leaves=True,
            recent=True,
            facts=unsent_facts,
        ),
        "note_part_receipt": ActScreen(
            button=gettext_lazy("Note that a part arrived there"),
            run=_note_receipt,
            form=PartReceiptForm,
            explain=gettext_lazy("For what came on paper; nobody outside is told."),
            facts=part_facts,
        ),
    },
)

register_screens(
    "outgoing",
    {
        "note_part": ActScreen(
            button=gettext_lazy("Record a part of the result"),
            run=_note_part,
            form=PartArrivedForm,
            explain=gettext_lazy(
                "The execution goes on, and the rest is awaited. Record the items that it decides as well."
            ),
        ),
        "confirm_part": ActScreen(
            button=gettext_lazy("Confirm a part: hashes checked"),
            run=_confirm,
            form=PartForm,
            explain=gettext_lazy(
                "Every file of the part is hashed now and compared; the other State is told whether all match, and which do not."
            ),
            leaves=True,
            facts=lambda case: outward.leaving(case) + part_facts(case),
        ),
    },
)
