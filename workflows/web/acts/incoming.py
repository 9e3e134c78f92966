"""Acts on a request in: the requested side's desk, from the acknowledgement to the closed file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.accounts.models import Membership, User
from mla.core import clock
from mla.reference.models import Authority
from workflows.lifecycle.models import Evidence, IncomingRequest
from workflows.lifecycle.models.parts import unsent
from workflows.lifecycle.services import incoming as inward
from workflows.web.acts import ActForm, ActScreen, register_screens
from workflows.web.acts.fields import (
    CHANNELS,
    GroundForm,
    PointForm,
    as_seen,
    day_field,
    decision_words,
    has_item,
    item_choices,
    item_label,
    words,
)
from workflows.web.uploads import LARGEST_EVIDENCE, UploadField


def leaving(case: IncomingRequest) -> list[tuple[Any, Any]]:
    """Return who is told, as pairs of words: every act that leaves the house names the addressee."""
    return [
        (_("Goes to"), str(case.sender)),
        (_("Their reference"), case.peer_reference),
        (_("Our reference"), case.reference),
        (_("Goes by"), CHANNELS.get(case.channel, case.channel)),
    ]


def state_asking(case: Any) -> str:
    """Return the short name of the State a request in came from, in the language of the page."""
    return str(case.requesting.name(get_language() or "en"))


class AcknowledgeForm(ActForm):
    contact = words(
        gettext_lazy("Whom they can ask"),
        rows=3,
        help_text=gettext_lazy("Office, function, telephone, e-mail and hours; no private person."),
    )

    def build(self) -> None:
        office = self.case.authority
        lines = [office.name, office.phone, office.email, office.office_hours]
        self.initial.setdefault("contact", "\n".join(filter(None, lines)))


def _acknowledge(case: IncomingRequest, by: Actor, form: AcknowledgeForm) -> None:
    as_seen(form, lambda: inward.incoming_acknowledge(incoming=case, by=by, contact=form.said("contact")))


def _start_review(case: IncomingRequest, by: Actor, form: ActForm) -> None:
    as_seen(form, lambda: inward.incoming_start_review(incoming=case, by=by))


class AskForm(ActForm):
    question = words(
        gettext_lazy("What you ask"),
        rows=10,
        help_text=gettext_lazy("The requesting State reads this as it stands. Name the item and the article."),
    )
    due = day_field(gettext_lazy("Answer wished by"), required=False)


def _ask(case: IncomingRequest, by: Actor, form: AskForm) -> None:
    question, due = form.said("question"), form.said("due")
    as_seen(form, lambda: inward.incoming_ask_information(incoming=case, by=by, question=question, due=due))


def _receive_information(case: IncomingRequest, by: Actor, form: PointForm) -> None:
    point, answer = UUID(form.said("point")), form.said("answer")
    as_seen(form, lambda: inward.incoming_receive_information(incoming=case, by=by, point_id=point, answer=answer))


class AcceptForm(ActForm):
    items = forms.MultipleChoiceField(
        label=gettext_lazy("Items that are accepted"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("The others stay open and can be accepted, postponed or refused one by one."),
    )
    executing = forms.ModelChoiceField(
        label=gettext_lazy("Carried out by"), queryset=Authority.objects.none(), empty_label=None
    )
    expected_by = day_field(
        gettext_lazy("Expected by"), required=False, help_text=gettext_lazy("Your own estimate, not a limit.")
    )
    decided_by = forms.CharField(label=gettext_lazy("Decided by"), max_length=200)
    names = {"items": "item", "executing": "authority"}

    def known(self, name: str, given: str) -> bool:
        # All who may carry out a request are offered at all times.
        return name == "items" and has_item(self.case, given)

    def build(self) -> None:
        case: Any = self.case
        choices = item_choices(case, ["requested"])
        self.fields["items"].choices = choices  # type: ignore[attr-defined]
        self.initial.setdefault("items", [key for key, _label in choices])
        own_state = Authority.objects.filter(jurisdiction_id=case.authority.jurisdiction_id)
        executes = Q(kind=Authority.Kind.EXECUTING) | Q(pk=case.authority_id)
        self.fields["executing"].queryset = own_state.filter(executes).order_by("-hosted_here", "-kind", "name")  # type: ignore[attr-defined]
        self.initial.setdefault("decided_by", self.actor.label)

    def clean_expected_by(self) -> Any:
        day = self.cleaned_data["expected_by"]
        if day and day < clock.now().date():
            raise forms.ValidationError(_("This day is past."))
        return day


def _accept(case: IncomingRequest, by: Actor, form: AcceptForm) -> None:
    said = form.cleaned_data
    as_seen(
        form,
        lambda: inward.incoming_accept(
            incoming=case,
            by=by,
            executing=said["executing"],
            decided_by=said["decided_by"],
            items=said["items"],
            expected_by=said["expected_by"],
        ),
    )


class EvidenceForm(ActForm):
    file = UploadField(
        label=gettext_lazy("File"),
        largest=LARGEST_EVIDENCE,
        help_text=gettext_lazy("Any kind. It is kept under its hash, never changed and never opened here."),
    )
    item = forms.ChoiceField(label=gettext_lazy("For which item"), required=False)
    description = words(
        gettext_lazy("What it is"), rows=3, required=False, help_text=gettext_lazy("Origin, period, format.")
    )
    use_limits = words(
        gettext_lazy("Limits of use"),
        rows=2,
        required=False,
        help_text=gettext_lazy("Speciality and other conditions that go with it."),
    )
    names = {"item": "item"}

    def known(self, name: str, given: str) -> bool:
        return has_item(self.case, given)

    def build(self) -> None:
        items = item_choices(self.case, ["accepted", "executed", "partially_executed"])
        self.fields["item"].choices = [*items, ("", _("the request as a whole"))]  # type: ignore[attr-defined]


def add_evidence(case: IncomingRequest, by: Actor, form: Any) -> Evidence:
    """Store one upload of an EvidenceForm as evidence; the form tells the hash afterwards."""
    sent = form.said("file")
    # Not held to the version that the page showed: others may add files meanwhile, and a large one takes long
    # to send. The same file twice is refused by its hash.
    added = inward.incoming_add_evidence(
        incoming=case,
        by=by,
        name=sent.name,
        media_type=sent.media_type,
        content=sent.content,
        item=form.said("item"),
        description=form.said("description"),
        use_limits=form.said("use_limits"),
    )
    form.told = _("Kept: %(name)s, SHA-256 %(sha256)s") % {"name": added.name, "sha256": added.sha256}
    return added


def _report_items(case: IncomingRequest, by: Actor, form: ActForm) -> None:
    as_seen(form, lambda: inward.incoming_report_items(incoming=case, by=by))


def items_standing(case: IncomingRequest) -> list[tuple[Any, Any]]:
    """Return each item with its status, and its ground and article where it has them, as pairs of words."""
    return [(item_label(case, item.key, item.measure), decision_words(item)) for item in case.items.order_by("id")]


def result_facts(case: IncomingRequest) -> list[tuple[Any, Any]]:
    """Return what a result consists of: who gets it, the items, each file with its hash, and what went before."""
    files: list[tuple[Any, Any]] = [(format_html("<bdi>{}</bdi>", file.name), file.sha256) for file in unsent(case)]
    parts = [str(part.number) for part in case.part_set.order_by("number")]
    before = [(_("Sent before"), _("parts %(numbers)s") % {"numbers": ", ".join(parts)})] if parts else []
    return [*leaving(case), *items_standing(case), *(files or [(_("Evidence"), _("none"))]), *before]


class NoteForm(ActForm):
    note = words(gettext_lazy("Note to the requesting State"), required=False)


def _transmit(case: IncomingRequest, by: Actor, form: NoteForm) -> None:
    as_seen(form, lambda: inward.incoming_transmit_result(incoming=case, by=by, note=form.said("note")))


class RefuseForm(GroundForm):
    consulted = forms.TypedChoiceField(
        label=gettext_lazy("Was the requesting State consulted before?"),
        choices=[("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("UNTOC 18(26), UNCAC 46(26) and Budapest 27(6) ask for it."),
    )
    decided_by = forms.CharField(label=gettext_lazy("Decided by"), max_length=200)

    def build(self) -> None:
        super().build()
        self.initial.setdefault("decided_by", self.actor.label)
        if self.case.openpoint_set.filter(kind="refusal").exists():  # type: ignore[attr-defined]
            self.initial.setdefault("consulted", "yes")


def _refuse(case: IncomingRequest, by: Actor, form: RefuseForm) -> None:
    names = ("ground", "article", "reason", "consulted", "decided_by")
    said = {name: form.said(name) for name in names}
    as_seen(form, lambda: inward.incoming_refuse(incoming=case, by=by, **said))


class WithdrawnForm(ActForm):
    reason = words(gettext_lazy("What they say"), required=False)


def _note_withdrawal(case: IncomingRequest, by: Actor, form: WithdrawnForm) -> None:
    as_seen(form, lambda: inward.incoming_note_withdrawal(incoming=case, by=by, reason=form.said("reason")))


class ReceiptForm(ActForm):
    all_match = forms.TypedChoiceField(
        label=gettext_lazy("Do all hashes match, by their word?"),
        choices=[("yes", gettext_lazy("yes, all")), ("no", gettext_lazy("no, not all"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
    )


def _note_receipt(case: IncomingRequest, by: Actor, form: ReceiptForm) -> None:
    as_seen(form, lambda: inward.incoming_note_receipt(incoming=case, by=by, all_match=form.said("all_match")))


class CloseForm(ActForm):
    reason = words(
        gettext_lazy("Reason"),
        required=False,
        help_text=gettext_lazy(
            "Needed only where the evidence is not confirmed, a complement is open or originals are not back."
        ),
    )


def _close(case: IncomingRequest, by: Actor, form: CloseForm) -> None:
    as_seen(form, lambda: inward.incoming_close(incoming=case, by=by, reason=form.said("reason")))


class OfficerForm(ActForm):
    user = forms.ModelChoiceField(
        label=gettext_lazy("Officer"), queryset=User.objects.none(), to_field_name="public_id", empty_label=None
    )
    names = {"user": "member"}

    def known(self, name: str, given: str) -> bool:
        held = Membership.objects.filter(authority__in=self._offices()).values("user")
        try:
            return User.objects.filter(pk__in=held, public_id=UUID(given)).exists()
        except ValueError:
            return False

    def _offices(self) -> list[int]:
        case: Any = self.case
        return [pk for pk in (case.authority_id, case.executing_id) if pk]

    def build(self) -> None:
        held = Membership.objects.valid(clock.now()).filter(authority__in=self._offices()).values("user")
        people = User.objects.filter(pk__in=held, is_active=True)
        self.fields["user"].queryset = people.order_by("last_name", "first_name", "pk")  # type: ignore[attr-defined]


def _name_officer(case: IncomingRequest, by: Actor, form: OfficerForm) -> None:
    as_seen(form, lambda: inward.incoming_name_officer(incoming=case, by=by, user=form.said("user")))


_TOLD_NOBODY = gettext_lazy("For what came on paper; nobody outside is told.")

register_screens(
    "incoming",
    {
        "acknowledge": ActScreen(
            button=gettext_lazy("Acknowledge receipt"),
            run=_acknowledge,
            form=AcknowledgeForm,
            explain=gettext_lazy("The requesting State is told our reference and whom it can ask."),
            leaves=True,
            facts=leaving,
            reads="web:incoming_letter",
        ),
        "start_review": ActScreen(
            button=gettext_lazy("Start the examination"),
            run=_start_review,
            explain=gettext_lazy("The requesting State is told that its request is under review."),
            facts=leaving,
            reads="web:incoming_letter",
        ),
        "ask_information": ActScreen(
            button=lambda case: _("Ask %(state)s for information") % {"state": state_asking(case)},
            run=_ask,
            form=AskForm,
            explain=gettext_lazy("The question goes to the requesting State and stays open until it answers."),
            leaves=True,
            facts=leaving,
        ),
        "receive_information": ActScreen(
            button=gettext_lazy("Take their answer into the file"),
            run=_receive_information,
            form=PointForm,
            explain=_TOLD_NOBODY,
        ),
        "accept": ActScreen(
            button=gettext_lazy("Accept and assign the execution"),
            run=_accept,
            form=AcceptForm,
            explain=gettext_lazy(
                "The executing authority sees the request from now on; the requesting State is told how its items stand."
            ),
            leaves=True,
            facts=leaving,
            reads="web:examine",
            read_first=True,
        ),
        "add_evidence": ActScreen(
            button=gettext_lazy("Add evidence"),
            run=add_evidence,
            form=EvidenceForm,
            explain=gettext_lazy("The file goes to the requesting State with the result, with its hash."),
            reads="web:execution",
            read_first=True,
        ),
        "report_items": ActScreen(
            button=gettext_lazy("Report how the items stand"),
            run=_report_items,
            explain=gettext_lazy("The requesting State is told the status of each item now."),
            leaves=True,
            facts=lambda case: leaving(case) + items_standing(case),
        ),
        "transmit_result": ActScreen(
            button=gettext_lazy("Transmit the result"),
            run=_transmit,
            form=NoteForm,
            explain=gettext_lazy(
                "The outcome follows from the items; the evidence that went with no part goes with it. The case is concluded."
            ),
            leaves=True,
            recent=True,
            facts=result_facts,
        ),
        "refuse": ActScreen(
            button=gettext_lazy("Refuse the request"),
            run=_refuse,
            form=RefuseForm,
            explain=gettext_lazy(
                "Every open item is refused; the requesting State is told ground, article and reasons. The case is concluded."
            ),
            leaves=True,
            grave=True,
            recent=True,
            facts=leaving,
            reads="web:examine",
        ),
        "note_withdrawal": ActScreen(
            button=gettext_lazy("Record that they withdraw the request"),
            run=_note_withdrawal,
            form=WithdrawnForm,
            explain=_TOLD_NOBODY,
        ),
        "note_receipt": ActScreen(
            button=gettext_lazy("Record that they have the evidence"),
            run=_note_receipt,
            form=ReceiptForm,
            explain=_TOLD_NOBODY,
        ),
        "close": ActScreen(
            button=gettext_lazy("Close the case"),
            run=_close,
            form=CloseForm,
            explain=gettext_lazy("Nothing can be done in the case after this."),
            grave=True,
        ),
        "name_officer": ActScreen(
            button=gettext_lazy("Name an officer for this request"),
            run=_name_officer,
            form=OfficerForm,
            explain=gettext_lazy("A restricted request is seen only by the persons who are named in it."),
        ),
    },
)
