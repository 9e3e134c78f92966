"""The form of an authority's working days."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.reference.calendars import own_days_from, parts_of
from mla.reference.models import Authority
from workflows.web.forms.administration import CleanText, lines

#: Of OFFICE_FIELDS those that this form changes.
CALENDAR_FIELDS = ("holidays_of", "own_days", "escalation_days")


class CalendarForm(forms.Form):
    holidays_of = forms.ChoiceField(
        label=gettext_lazy("Part of the State whose holidays count too"),
        required=False,
        help_text=gettext_lazy("Codes of ISO 3166-2, such as BY for Bavaria."),
    )
    own_days = CleanText(
        label=gettext_lazy("Own list of days"),
        required=False,
        max_length=20_000,
        widget=lines(8),
        help_text=gettext_lazy(
            "One day a line: 2026-12-24 Christmas Eve. With a plus the authority works on it: 2026-12-12 + Saturday made up."
            " This list wins over every holiday and weekend."
        ),
    )
    escalation_days = forms.IntegerField(
        label=gettext_lazy("Tell the supervisor of a missed deadline after (working days)"),
        min_value=1,
        max_value=60,
        help_text=gettext_lazy("Your own target, no legal limit."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, *args: Any, office: Authority, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parts = parts_of(office.jurisdiction.code)
        choices = [("", _("none: those of the whole State")), *((code, code) for code in parts)]
        self.fields["holidays_of"].choices = choices  # type: ignore[attr-defined]
        # Codes of ISO 3166-2 and names of parts: words of no language of the house.
        self.fields["holidays_of"].widget.attrs["translate"] = "no"

    def clean_own_days(self) -> list[dict[str, Any]]:
        try:
            return own_days_from(self.cleaned_data["own_days"])
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from None

    def clean_seen(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self.cleaned_data["seen"]) if self.cleaned_data["seen"] else None
        except ValueError as wrong:
            raise ValidationError(_("The page does not say which version it shows. Open it again.")) from wrong
