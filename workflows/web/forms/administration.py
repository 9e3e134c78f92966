"""Forms of purpose, jobs, the record and the office."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mla.core.text import TextRefused, clean


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


class ReadingForm(forms.Form):
    purpose = CleanText(
        label=_("Purpose"),
        max_length=500,
        min_length=8,
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
