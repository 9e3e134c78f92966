"""Forms of the countries: the filters of the list, one entry of a profile, a file of entries."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.signing import BadSignature, dumps, loads
from django.utils.translation import gettext_lazy as _

from mla.core.languages import house_words
from mla.reference.models import Instrument
from mla.reference.profiles import LIMITED_TO, ONE_OF, SEVERAL_OF, Stage, Topic
from workflows.drafting.measures import measure_catalogue
from workflows.web.forms.administration import lines
from workflows.web.uploads import UploadField

#: Bytes of a file of entries.
LARGEST_FILE = 1024 * 1024
CONFIDENCE = [
    ("high", _("depositary or official database")),
    ("medium", _("press, inference, or a list without dates")),
    ("low", _("weak source")),
    ("none", _("no source")),
]
_VALUE_HELP = {
    Topic.AUTHORITY: _("The code of an authority that is known here, or the name of the organ."),
    Topic.LANGUAGE: _("Codes of languages with spaces between, such as: en fr. Where two are needed together: mk+en"),
    Topic.CHASERS: _("Whole days after sending, such as: 30 60 90"),
    Topic.TRANSLATION_DAYS: _("A whole number of calendar days, such as: 10"),
    Topic.CHANNEL_DAYS: _("A whole number of calendar days, such as: 5"),
}


class CountryFilter(forms.Form):
    q = forms.CharField(label=_("Name or code"), required=False, max_length=80)
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("", _("all States")),
            ("known", _("States with a profile")),
            ("stale", _("States to be verified again")),
        ],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["q"].widget.attrs["class"] = "form-control"
        self.fields["show"].widget.attrs["class"] = "form-select"


class EntryForm(forms.Form):
    """One entry of a topic. What does not hold comes back from the service beside its field."""

    value = forms.CharField(label=_("Value"), max_length=300)
    instrument = forms.ChoiceField(label=_("Only under this instrument"), required=False)
    measure = forms.ChoiceField(label=_("Only for this measure"), required=False)
    stage = forms.ChoiceField(label=_("Only at this stage"), required=False, choices=[("", "–"), *Stage.choices])
    note = forms.CharField(
        label=_("Note"), required=False, max_length=4000, widget=lines(4),
        help_text=_("In your own words, as it is to be read while a letter is drafted."),
    )  # fmt: skip
    source = forms.CharField(
        label=_("Source"), max_length=1000, help_text=_("Where it stands, or which office said so.")
    )
    last_verified = forms.CharField(
        label=_("Last verified"),
        required=False,
        max_length=10,
        help_text=_("The day for which the source speaks: 2026-11-30, 2026-11 or 2026. Empty: nobody knows."),
    )
    confidence = forms.ChoiceField(
        label=_("How sure it is"),
        choices=CONFIDENCE,
        help_text=_("All but the first is shown as to be confirmed."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)

    def __init__(self, *args: Any, topic: str, fixed: bool = False, **options: Any) -> None:
        """`fixed`: the entry is there; what names it stays."""
        super().__init__(*args, **options)
        self.topic = topic
        for name in ("instrument", "measure", "stage"):
            if fixed or name not in LIMITED_TO[topic]:
                del self.fields[name]
        if "instrument" in self.fields:
            rows = Instrument.objects.order_by("code").values_list("code", "short_name")
            self.fields["instrument"].choices = [  # type: ignore[attr-defined]
                ("", "–"), *((code, f"{code}: {name}") for code, name in rows),
            ]  # fmt: skip
        if "measure" in self.fields:
            self.fields["measure"].choices = [  # type: ignore[attr-defined]
                ("", "–"), *((m.slug, house_words(m.name)) for m in measure_catalogue().values()),
            ]  # fmt: skip
        self._value()

    def _value(self) -> None:
        label = Topic(self.topic).label
        if self.topic == Topic.NOTE:
            del self.fields["value"]
            self.fields["note"].required = True
        elif self.topic in ONE_OF:
            self.fields["value"] = forms.ChoiceField(label=label, choices=ONE_OF[self.topic].choices)
            self.order_fields(["value"])
        elif self.topic in SEVERAL_OF:
            self.fields["value"] = forms.MultipleChoiceField(
                label=label, choices=SEVERAL_OF[self.topic], widget=forms.CheckboxSelectMultiple
            )
            self.order_fields(["value"])
        else:
            self.fields["value"].label = label
            self.fields["value"].help_text = _VALUE_HELP.get(Topic(self.topic), "")

    def row(self, named: dict[str, str]) -> dict[str, str]:
        """Return the entry as a row of the file; `named`: the columns that the page fixes."""
        said = self.cleaned_data
        value = said.get("value", "")
        found = {name: said.get(name, "") for name in ("instrument", "measure", "stage", "note", "source")}
        return (
            found
            | {"last_verified": said["last_verified"], "confidence": said["confidence"]}
            | {"value": value if isinstance(value, str) else " ".join(value), "topic": self.topic}
            | named
        )


class FileForm(forms.Form):
    file = UploadField(
        label=_("File of entries"),
        largest=LARGEST_FILE,
        help_text=_(
            "A table file (CSV) in the format of the export. Nothing is changed before you have seen what would be."
        ),
    )


class PlannedForm(forms.Form):
    """A file that was looked at: its text comes back signed for who brought it, with what was shown of it."""

    content = forms.CharField(widget=forms.HiddenInput)
    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)


def sealed(content: bytes, person: object) -> str:
    return dumps(content.decode("utf-8"), salt=f"countries_apply {person}", compress=True)


def unsealed(text: str, person: object) -> bytes | None:
    """Return the file, or None: it was not given to this person, or more than a day ago."""
    try:
        found: str = loads(text, salt=f"countries_apply {person}", max_age=86_400)
    except BadSignature:
        return None
    return found.encode("utf-8")
