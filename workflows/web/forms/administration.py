"""Forms of purpose, jobs, the record and the office."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mla.accounts.models import Role
from mla.accounts.services_record import LONGEST_PURPOSE, SHORTEST_PURPOSE
from mla.core.text import TextRefused, clean
from mla.reference.models import Authority


class CleanText(forms.CharField):
    """Text as it enters the house: NFC, LF, nothing invisible (mla.core.text)."""

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        try:
            return clean(found).strip() if isinstance(found, str) else found
        except TextRefused as refused:
            raise ValidationError(str(refused)) from None


def lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def zones() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(available_timezones())]


class ReadingForm(forms.Form):
    """For what purpose a case or the record is read."""

    purpose = CleanText(
        label=_("Purpose"),
        max_length=LONGEST_PURPOSE,
        min_length=SHORTEST_PURPOSE,
        widget=lines(3),
        help_text=_("For example: “yearly inspection of urgent requests” or “complaint 12/2026”. No names of persons."),
    )


class DecideForm(forms.Form):
    """Why a parked job is replayed or given up."""

    reason = CleanText(
        label=_("Reason"),
        max_length=1000,
        widget=lines(3),
        help_text=_("It stands in the record, with your name. No text of a case."),
    )


class RecordFilter(forms.Form):
    """What of the record is shown or exported. An unfit value is told, and nothing is shown."""

    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    act = CleanText(label=_("Act"), required=False, max_length=80)
    person = CleanText(label=_("Person"), required=False, max_length=100)
    object = CleanText(label=_("Reference or identity"), required=False, max_length=80)
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        required=False,
        choices=[("", _("done and refused")), ("done", _("done")), ("refused", _("refused"))],
    )

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        since, until = found.get("since"), found.get("until")
        if since and until and until < since:
            self.add_error("until", _("This day is before the first one."))
        return found


_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class OfficeForm(forms.Form):
    """What the authority says of itself: printed in its letters, and how it works."""

    name = CleanText(label=_("Name"), max_length=300, help_text=_("As it stands at the head of each letter."))
    organ = CleanText(label=_("Organ"), max_length=200, required=False)
    address = CleanText(label=_("Address"), max_length=1000, required=False, widget=lines(3))
    city = CleanText(label=_("Place"), max_length=100, required=False)
    email = forms.EmailField(label=_("E-mail address"), required=False, max_length=254)
    phone = CleanText(label=_("Telephone"), max_length=40, required=False)
    office_hours = CleanText(label=_("Office hours"), max_length=120, required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zones, help_text=_("Deadlines are counted in it."))
    languages = CleanText(
        label=_("Languages it works in"),
        max_length=200,
        required=False,
        help_text=_("Codes of languages with commas between, such as: en, fr, pt-BR"),
    )
    signs = forms.ChoiceField(label=_("Who signs the letters"), choices=Authority.Signs.choices)
    signing_method = forms.ChoiceField(label=_("How they are signed"), choices=Authority.SigningMethod.choices)
    four_eyes = forms.ChoiceField(
        label=_("Four eyes"),
        choices=Authority.FourEyes.choices,
        help_text=_("The person who approves a version is never one of its editors."),
    )
    acknowledgement_days = forms.IntegerField(
        label=_("Acknowledge within (working days)"),
        min_value=1,
        max_value=365,
        help_text=_("Your own target, no legal limit."),
    )
    acknowledgement_days_urgent = forms.IntegerField(
        label=_("Acknowledge an urgent request within (working days)"), min_value=1, max_value=365
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def clean_seen(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self.cleaned_data["seen"]) if self.cleaned_data["seen"] else None
        except ValueError as wrong:
            raise ValidationError(_("The page does not say which version it shows. Open it again.")) from wrong

    def clean_languages(self) -> list[str]:
        codes = [code.strip() for code in self.cleaned_data["languages"].split(",") if code.strip()]
        for code in codes:
            if not _LANGUAGE.fullmatch(code):
                raise ValidationError(_("%(code)s is no code of a language."), params={"code": code})
        return list(dict.fromkeys(codes))


#: What a person at a desk wears; the system's own is no hat.
ROLES = [(role.value, role.label) for role in Role if role != Role.TIMER]


class PersonForm(forms.Form):
    """A person who is new to the house, with the first role."""

    first_name = CleanText(label=_("First name"), max_length=150, required=False)
    last_name = CleanText(label=_("Last name"), max_length=150)
    username = CleanText(
        label=_("Name to sign in with"), max_length=150, help_text=_("Letters, digits and . @ + - _ only.")
    )
    email = forms.EmailField(label=_("E-mail address"), required=False, max_length=254)
    role = forms.ChoiceField(label=_("First role"), choices=ROLES)


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Further role"), choices=ROLES)
