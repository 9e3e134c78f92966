"""Acts that look beyond one case: contacts, cases that look alike, operations. Nothing of it leaves the house."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.accounts.actors import Actor
from mla.accounts.models import Membership, User
from mla.core import clock
from workflows.drafting.preserving import zone_known
from workflows.lifecycle.models import (
    AlikeDecision,
    ContactEntry,
    IncomingRequest,
    Operation,
    OutgoingRequest,
)
from workflows.lifecycle.selectors import visible_incoming, visible_outgoing
from workflows.lifecycle.selectors_together import Alike, alike_cases, cases_of_operation
from workflows.lifecycle.services import operations as ops
from workflows.lifecycle.services import together
from workflows.lifecycle.services.together import Contact
from workflows.web.acts import ActForm, ActScreen, ReasonForm, register_screens
from workflows.web.acts.fields import as_seen, day_field, day_words, words
from workflows.web.addresses import address_of

Case = OutgoingRequest | IncomingRequest


def case_link(case: Case) -> Any:
    """Return a link to the page of a case, called by its reference."""
    address = address_of("web:outgoing" if case.KIND == "outgoing" else "web:incoming", case.public_id)
    return format_html('<a href="{}"><bdi>{}</bdi></a>', address, case)


def alike_words(found: list[Alike]) -> Any:
    """Return the cases that look alike as a list of links, each with what is the same."""
    lines = ((case_link(one.case), ", ".join(str(kind.label) for kind in one.kinds)) for one in found)
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {}</li>", lines))


# --- contacts ---


class ContactForm(ActForm):
    kind = forms.ChoiceField(label=gettext_lazy("What kind of contact"), choices=ContactEntry.Kind.choices)
    direction = forms.ChoiceField(
        label=gettext_lazy("Who turned to whom"), choices=ContactEntry.Direction.choices, widget=forms.RadioSelect
    )
    office = forms.CharField(label=gettext_lazy("Office"), max_length=300, required=False)
    name = forms.CharField(
        label=gettext_lazy("Person"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("The office, the person, or both."),
    )
    day = day_field(gettext_lazy("Day"))
    time = forms.TimeField(label=gettext_lazy("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    zone = forms.CharField(
        label=gettext_lazy("Time zone of this time"),
        max_length=60,
        help_text=gettext_lazy("Yours, unless it was noted elsewhere; such as Europe/Riga."),
    )
    summary = words(gettext_lazy("What was said"), rows=6)
    next_step = forms.CharField(label=gettext_lazy("Next step"), max_length=1000, required=False)
    next_due = day_field(
        gettext_lazy("To be done by"),
        required=False,
        help_text=gettext_lazy("It stands among the deadlines of the case until it is done."),
    )
    corrects = forms.ChoiceField(
        label=gettext_lazy("It corrects an earlier entry"),
        required=False,
        help_text=gettext_lazy("The earlier entry stays as it was noted and points to this one."),
    )
    names = {"corrects": "contact"}

    def known(self, name: str, given: str) -> bool:
        return _noted(self.case, given)

    def build(self) -> None:
        now = timezone.localtime(clock.now())
        self.initial.setdefault("day", now.date())
        self.initial.setdefault("time", now.time().replace(second=0, microsecond=0))
        self.initial.setdefault("zone", timezone.get_current_timezone_name())
        entries = list(self.case.contactentry_set.order_by("-at", "-id"))  # type: ignore[attr-defined]
        if not entries:
            del self.fields["corrects"]
            return
        choices = [("", _("no, it is a new contact")), *((str(one.public_id), contact_words(one)) for one in entries)]
        self.fields["corrects"].choices = choices  # type: ignore[attr-defined]

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"])
        if zone_known(zone) is None:
            raise forms.ValidationError(_("There is no time zone of this name. Write it as Europe/Riga."))
        return zone

    def contact(self) -> Contact:
        at = dt.datetime.combine(self.said("day"), self.said("time"), tzinfo=ZoneInfo(self.said("zone")))
        names = ("kind", "direction", "zone", "summary", "name", "office", "next_step", "next_due")
        return Contact(at=at, **{name: self.said(name) for name in names})


def contact_words(one: ContactEntry) -> str:
    """Return one line by which an entry is known: day, kind, with whom."""
    day = day_words(timezone.localtime(one.at).date())
    return _("%(day)s, %(kind)s: %(who)s") % {
        "day": day,
        "kind": one.get_kind_display(),
        "who": ", ".join(filter(None, (one.name, one.office))),
    }


def _noted(case: Any, given: str) -> bool:
    try:
        return bool(case.contactentry_set.filter(public_id=UUID(given)).exists())
    except ValueError:
        return False


def _log(case: Any, by: Actor, form: ContactForm) -> None:
    corrects = UUID(form.said("corrects")) if form.said("corrects") else None
    as_seen(form, lambda: together.log_contact(case=case, by=by, contact=form.contact(), corrects=corrects))


class ContactDoneForm(ActForm):
    contact = forms.ChoiceField(label=gettext_lazy("Which step"), widget=forms.RadioSelect)
    note = words(gettext_lazy("What came of it"), rows=3, required=False)
    names = {"contact": "contact"}

    def known(self, name: str, given: str) -> bool:
        return _noted(self.case, given)

    def build(self) -> None:
        rows = self.case.contactentry_set.filter(done_at=None).exclude(next_step="")  # type: ignore[attr-defined]
        choices = [(str(one.public_id), f"{one.next_step} ({contact_words(one)})") for one in rows.order_by("id")]
        self.fields["contact"].choices = choices  # type: ignore[attr-defined]
        if choices:
            self.initial.setdefault("contact", choices[0][0])


def _done(case: Any, by: Actor, form: ContactDoneForm) -> None:
    as_seen(
        form,
        lambda: together.contact_done(
            case=case, by=by, contact_id=UUID(form.said("contact")), note=form.said("note") or ""
        ),
    )


# --- cases that look alike ---


class AlikeForm(ActForm):
    other = forms.ChoiceField(label=gettext_lazy("The other case"), required=False, widget=forms.RadioSelect)
    reference = forms.CharField(label=gettext_lazy("Or another case, by its reference"), max_length=120, required=False)
    decision = forms.ChoiceField(
        label=gettext_lazy("What this case is to it"), choices=AlikeDecision.Decision.choices, widget=forms.RadioSelect
    )
    words = words(
        gettext_lazy("In words"),
        rows=3,
        required=False,
        help_text=gettext_lazy("Needed where they have nothing to do with each other."),
    )
    names = {"other": "request"}

    def known(self, name: str, given: str) -> bool:
        try:
            return bool(self._visible().filter(public_id=UUID(given)).exists())
        except ValueError:
            return False

    def _visible(self) -> Any:
        visible: Any = visible_outgoing if self.case.KIND == "outgoing" else visible_incoming
        return visible(self.actor).filter(authority_id=self.case.authority_id).exclude(pk=self.case.pk)

    def build(self) -> None:
        found = alike_cases(self.case, self.actor)  # type: ignore[arg-type]
        choices = [
            (str(one.case.public_id), f"{one.case}: {', '.join(str(kind.label) for kind in one.kinds)}")
            for one in found
        ]
        if not choices:
            del self.fields["other"]
            self.fields["reference"].label = _("The other case, by its reference")
            return
        self.fields["other"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.initial.setdefault("other", choices[0][0])

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        reference = str(said.get("reference") or "").strip()
        found = None
        if reference:
            named = Q(reference__iexact=reference) | Q(peer_reference__iexact=reference)
            found = self._visible().filter(named).order_by("-id").first()
            if found is None:
                self.add_error("reference", _("No other case that you may see has this reference."))
        elif said.get("other"):
            found = self._visible().filter(public_id=UUID(said["other"])).first()
        elif "other" not in self.errors:
            self.add_error("reference", _("Say which case is meant."))
        self.found = found
        return said


def _decide(case: Any, by: Actor, form: AlikeForm) -> None:
    as_seen(
        form,
        lambda: together.decide_alike(
            case=case, by=by, other=form.found, decision=form.said("decision"), words=form.said("words") or ""
        ),
    )


_INSIDE = gettext_lazy("Nothing of it is told to the other State.")

for _side in ("outgoing", "incoming"):
    register_screens(
        _side,
        {
            "log_contact": ActScreen(
                button=gettext_lazy("Note a contact"), run=_log, form=ContactForm, explain=_INSIDE, beside=True
            ),
            "contact_done": ActScreen(
                button=gettext_lazy("The next step of a contact is done"),
                run=_done,
                form=ContactDoneForm,
                explain=_INSIDE,
                beside=True,
            ),
            "decide_alike": ActScreen(
                button=gettext_lazy("Say what another case is to this one"),
                run=_decide,
                form=AlikeForm,
                explain=gettext_lazy(
                    "Both cases stay as they are and are linked. A later decision takes the place of this one."
                ),
                beside=True,
            ),
        },
    )


# --- operations ---


class AddForm(ActForm):
    reference = forms.CharField(
        label=gettext_lazy("Reference of the case"),
        max_length=120,
        help_text=gettext_lazy("Ours or theirs, of a request out or in."),
    )

    def clean_reference(self) -> str:
        reference = str(self.cleaned_data["reference"]).strip()
        named = Q(reference__iexact=reference) | Q(peer_reference__iexact=reference)
        found: list[Case] = [
            *visible_outgoing(self.actor).filter(named).order_by("-id")[:2],
            *visible_incoming(self.actor).filter(named).order_by("-id")[:2],
        ]
        if not found:
            raise forms.ValidationError(_("No case that you may see has this reference."))
        if len(found) > 1:
            raise forms.ValidationError(_("Several cases have this reference. Give ours, which each has alone."))
        self.found = found[0]
        return reference


def _add(case: Operation, by: Actor, form: AddForm) -> None:
    as_seen(form, lambda: ops.operation_add(operation=case, case=form.found, by=by))


class RemoveForm(ReasonForm):
    member = forms.ChoiceField(label=gettext_lazy("Which case"), widget=forms.RadioSelect)
    names = {"member": "request"}
    field_order = ("member", "reason")

    def build(self) -> None:
        cases = [row for rows in cases_of_operation(self.case, self.actor) for row in rows]  # type: ignore[arg-type]
        self.cases = {str(one.public_id): one for one in cases}
        self.fields["member"].choices = [(key, str(one)) for key, one in self.cases.items()]  # type: ignore[attr-defined]


def _remove(case: Operation, by: Actor, form: RemoveForm) -> None:
    member: Any = form.cases[form.said("member")]
    as_seen(form, lambda: ops.operation_remove(operation=case, case=member, by=by, reason=form.said("reason")))


class NameForOperationForm(ActForm):
    user = forms.ModelChoiceField(
        label=gettext_lazy("Officer"), queryset=User.objects.none(), to_field_name="public_id", empty_label=None
    )
    names = {"user": "member"}

    def known(self, name: str, given: str) -> bool:
        held = Membership.objects.filter(authority=self.case.authority_id).values("user")
        try:
            return User.objects.filter(pk__in=held, public_id=UUID(given)).exists()
        except ValueError:
            return False

    def build(self) -> None:
        held = Membership.objects.valid(clock.now()).filter(authority=self.case.authority_id).values("user")
        people = User.objects.filter(pk__in=held, is_active=True)
        self.fields["user"].queryset = people.order_by("last_name", "first_name", "pk")  # type: ignore[attr-defined]


def _name(case: Operation, by: Actor, form: NameForOperationForm) -> None:
    as_seen(form, lambda: ops.operation_name_officer(operation=case, user=form.said("user"), by=by))


def _close(case: Operation, by: Actor, form: ReasonForm) -> None:
    as_seen(form, lambda: ops.operation_close(operation=case, by=by, reason=form.said("reason")))


register_screens(
    "operation",
    {
        "add": ActScreen(
            button=gettext_lazy("Put a case into the operation"),
            run=_add,
            form=AddForm,
            explain=gettext_lazy(
                "The case stays a case of its own. Whoever may not see it does not see it here either."
            ),
        ),
        "remove": ActScreen(
            button=gettext_lazy("Take a case out"),
            run=_remove,
            form=RemoveForm,
            explain=gettext_lazy("That it belonged to the operation stays on record."),
        ),
        "name_officer": ActScreen(
            button=gettext_lazy("Name an officer for this operation"),
            run=_name,
            form=NameForOperationForm,
            explain=gettext_lazy(
                "A restricted operation is seen only by the persons who are named in it; each restricted case names its own."
            ),
        ),
        "close": ActScreen(
            button=gettext_lazy("Close the operation"),
            run=_close,
            form=ReasonForm,
            explain=gettext_lazy("Its cases go on; no further one can be put into it."),
            grave=True,
        ),
    },
)
