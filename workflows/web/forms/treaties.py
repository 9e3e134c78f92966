"""Forms of the treaties: the filters of the list, what to ask of a pair of States, a bilateral treaty, a State's standing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from mla.core.languages import house_words
from mla.core.letter_languages import SOURCE, language_told, letter_languages
from mla.reference.models import Instrument, Participation
from mla.reference.services_treaties import supplementable
from mla.reference.treaties import ContentSaid, LanguageSaid, LimitSaid, MeasureSaid, TitleSaid, TreatyValues
from workflows.documents import wording
from workflows.drafting.findings.content_items import WANTED
from workflows.drafting.measures import measure_catalogue
from workflows.web.choices import ManySelect
from workflows.web.forms.administration import CleanText, lines
from workflows.web.forms.countries import CONFIDENCE
from workflows.web.states import states_named

NOBODY = ("", "–")
#: What a row of each list is called, as in the template.
ROW_NAMES = {
    "titles": _("Name %(n)s"), "measures": _("Measure %(n)s"), "contents": _("Contents %(n)s"),
    "limits": _("Time limit %(n)s"),
}  # fmt: skip
#: Empty rows under those that are filled, and what a treaty can have at most of each.
SPARE, MOST_ROWS = 3, 60


def _date(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )


def measures_named() -> list[tuple[str, str]]:
    """Return slug and name of every measure in the reader's language; `other` is a measure of the catalogue too."""
    return [(measure.slug, house_words(measure.name)) for measure in measure_catalogue().values()]


class TreatyFilter(forms.Form):
    q = forms.CharField(label=_("Words of code or title"), required=False, max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("any")), *Instrument.Kind.choices])
    state = forms.ChoiceField(label=_("Binds"), required=False, widget=ManySelect)
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("", _("all instruments")),
            ("confirm", _("those to be confirmed")),
            ("here", _("those entered or changed here")),
        ],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["state"].choices = [("", _now("any State")), *states_named()]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select" if isinstance(field.widget, forms.Select) else "form-control"

    def said(self) -> dict[str, str]:
        """Return the filters that were understood; a wrong value is told beside its field and filters nothing."""
        self.is_valid()
        return {
            "words": self.cleaned_data.get("q", ""),
            **{name: self.cleaned_data.get(name, "") for name in ("kind", "state", "show")},
        }


class YesNoUnknown(forms.TypedChoiceField):
    """Yes, no, or not known (None)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=[("", _("not known")), ("yes", _("yes")), ("no", _("no"))],
            coerce=lambda value: value == "yes",
            empty_value=None,
            required=False,
            **options,
        )


class PairForm(forms.Form):
    """What is asked of the law between two States: an address can be kept and sent, so it is a form of GET."""

    requesting = forms.ChoiceField(label=_("State that asks"), widget=ManySelect)
    requested = forms.ChoiceField(label=_("State that is asked"), widget=ManySelect)
    on = forms.DateField(
        label=_("Date of the request"),
        help_text=_("It decides which instruments apply."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    measure = forms.ChoiceField(label=_("Measure"))
    offence = forms.ChoiceField(label=_("Kind of offence"), required=False)
    maximum_years = forms.IntegerField(
        label=_("Maximum penalty, in years"), required=False, min_value=0, max_value=100, help_text=_("100 for life")
    )
    organized_group = YesNoUnknown(label=_("Was an organized criminal group involved?"))
    benefit_sought = YesNoUnknown(label=_("Was a financial or other material benefit sought?"))
    other_treaty = YesNoUnknown(
        label=_("Does another treaty on mutual legal assistance bind both States?"),
        help_text=_("One that is not recorded here. Not known is an answer."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        states = [NOBODY, *states_named()]
        self.fields["requesting"].choices = self.fields["requested"].choices = states  # type: ignore[attr-defined]
        self.fields["measure"].choices = [NOBODY, *measures_named()]  # type: ignore[attr-defined]
        self.fields["offence"].choices = [  # type: ignore[attr-defined]
            ("", _now("not given")), *((code, str(words)) for code, words in wording.CATEGORY.items()),
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("requesting") and said.get("requesting") == said.get("requested"):
            self.add_error("requested", _now("A State does not ask itself: choose another."))
        return said


class StandingForm(forms.Form):
    """How one State stands towards an instrument."""

    status = forms.ChoiceField(label=_("Status"), choices=Participation.Status.choices)
    signed = _date(_("Signed on"))
    consent_date = _date(_("Consent to be bound deposited on"), _("Ratification, accession, succession and the like."))
    in_force_date = _date(_("In force for it since"))
    ended = _date(_("First day on which it is no longer bound"))
    source = CleanText(label=_("Source"), max_length=1000, help_text=_("Where it stands, or which office said so."))
    as_of = CleanText(
        label=_("As of"),
        max_length=120,
        help_text=_("The day for which the source speaks: 2026-11-30, 2026-11 or 2026."),
    )
    confidence = forms.ChoiceField(
        label=_("How sure it is"), choices=CONFIDENCE, help_text=_("All but the first is shown as to be confirmed.")
    )
    note = CleanText(label=_("Note"), required=False, max_length=2000, widget=lines(3))
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        since = said.get("in_force_date") or said.get("consent_date")
        if said.get("signed") and since and since < said["signed"]:
            self.add_error("signed", _now("It cannot be bound before it signed: check the days."))
        if said.get("ended") and since and said["ended"] <= since:
            self.add_error("ended", _now("It cannot have ended before it began."))
        return said

    def values(self) -> dict[str, Any]:
        said = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        return said | {"to_be_confirmed": said["confidence"] != Participation.Confidence.HIGH}


class MeasureRow(forms.Form):
    measure = forms.ChoiceField(label=_("Measure"), required=False)
    answer = forms.ChoiceField(
        label=_("Does the treaty provide for it?"),
        required=False,
        choices=[("in_scope", _("yes")), ("not", _("no")), ("cannot_tell", _("not known"))],
    )
    articles = CleanText(label=_("Articles, with commas between"), required=False, max_length=300)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["measure"].choices = [NOBODY, *measures_named()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("articles") and not said.get("measure"):
            self.add_error("measure", _now("Choose the measure that these articles are about."))
        if said.get("measure") and said.get("answer") == "in_scope" and not _listed(said.get("articles", "")):
            self.add_error("articles", _now("Name the articles that provide for it."))
        return said

    def row(self) -> MeasureSaid | None:
        said = self.cleaned_data
        if not said.get("measure"):
            return None
        return MeasureSaid(said["measure"], said.get("answer") or "cannot_tell", _listed(said.get("articles", "")))


class ContentRow(forms.Form):
    item = forms.ChoiceField(label=_("What a request contains"), required=False)
    article = CleanText(label=_("Article"), required=False, max_length=60)
    need = forms.ChoiceField(
        label=_("How far"),
        required=False,
        choices=[
            ("required", _("required")),
            ("where_possible", _("where possible")),
            ("suggested", _("suggested")),
            ("if_any", _("only where there is one")),
        ],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["item"].choices = [NOBODY, *((item, wanted.says()) for item, wanted in WANTED.items())]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("article") and not said.get("item"):
            self.add_error("item", _now("Choose what this article asks for."))
        if said.get("item") and not said.get("article"):
            self.add_error("article", _now("Name the article that asks for it."))
        return said

    def row(self) -> ContentSaid | None:
        said = self.cleaned_data
        if not said.get("item"):
            return None
        return ContentSaid(said["item"], said["article"], said.get("need") or "required")


class LimitRow(forms.Form):
    says = CleanText(label=_("What it says of time, in your own words"), required=False, max_length=300)
    article = CleanText(label=_("Article"), required=False, max_length=60)
    count = forms.IntegerField(label=_("Number"), required=False, min_value=1, max_value=1000)
    unit = forms.ChoiceField(
        label=_("of"),
        required=False,
        choices=[NOBODY, ("hours", _("hours")), ("days", _("days")), ("months", _("months"))],
    )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        begun = said.get("article") or said.get("count") is not None or said.get("unit")
        if begun and not said.get("says"):
            self.add_error("says", _now("Say in your own words what the treaty says."))
        if said.get("says") and not said.get("article"):
            self.add_error("article", _now("Name the article that says so."))
        if (said.get("count") is None) != (not said.get("unit")) and "count" not in self.errors:
            self.add_error("unit", _now("A number and its unit go together."))
        return said

    def row(self) -> LimitSaid | None:
        said = self.cleaned_data
        if not said.get("says"):
            return None
        return LimitSaid(said["says"], said["article"], said.get("count"), said.get("unit", ""))


class TitleRow(forms.Form):
    language = forms.ChoiceField(label=_("Language of the letter"), required=False)
    short_name = CleanText(label=_("Short name"), required=False, max_length=120)
    full_title = CleanText(label=_("Full title"), required=False, max_length=2000, widget=lines(2))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        others = [(code, language_told(code, get_language() or "en")) for code in letter_languages() if code != SOURCE]
        self.fields["language"].choices = [NOBODY, *others]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if (said.get("short_name") or said.get("full_title")) and not said.get("language"):
            self.add_error("language", _now("Choose the language of this name."))
        for name in ("short_name", "full_title"):
            if said.get("language") and not said.get(name) and name not in self.errors:
                self.add_error(name, _now("A letter names the treaty in full first and in short from then on."))
        return said

    def row(self) -> TitleSaid | None:
        said = self.cleaned_data
        if not said.get("language"):
            return None
        return TitleSaid(said["language"], said["short_name"], said["full_title"])


class TreatyForm(forms.Form):
    """The treaty itself. `fixed`: it is there, so its parties stay."""

    first = forms.ChoiceField(label=_("First State"), widget=ManySelect)
    second = forms.ChoiceField(label=_("Second State"), widget=ManySelect)
    short_name = CleanText(
        label=_("Short name"), max_length=120, help_text=_("As a letter calls it: “UK-US treaty of 1994”.")
    )
    full_title = CleanText(label=_("Full title"), max_length=2000, widget=lines(2))
    signed = _date(_("Signed on"))
    in_force = _date(_("In force since"), _("Empty: it is not known whether it is in force."))
    ended = _date(_("First day on which it no longer binds"))
    supplements = forms.ChoiceField(
        label=_("Rank"),
        required=False,
        help_text=_("A treaty between the two goes before conventions, unless it says that it only adds to one."),
    )
    reach = forms.ChoiceField(
        label=_("Offences"),
        choices=[("unknown", _("which offences it covers is not known")), ("any", _("it covers any offence"))],
    )
    reach_article = CleanText(label=_("Article on the offences"), required=False, max_length=60)
    language_says = CleanText(
        label=_("What it says of the language of a request, in your own words"), required=False, max_length=300
    )
    language_article = CleanText(label=_("Article on the language"), required=False, max_length=60)
    language_codes = CleanText(
        label=_("Languages that it names"),
        required=False,
        max_length=120,
        help_text=_("Codes with spaces between, such as: en fr"),
    )
    source = CleanText(
        label=_("Source"), max_length=1000, help_text=_("Where its text stands: the gazette, the treaty series.")
    )
    as_of = CleanText(
        label=_("As of"),
        max_length=120,
        help_text=_("The day for which the source speaks: 2026-11-30, 2026-11 or 2026."),
    )
    confidence = forms.ChoiceField(
        label=_("How sure it is"), choices=CONFIDENCE, help_text=_("All but the first is shown as to be confirmed.")
    )
    note = CleanText(label=_("Note"), required=False, max_length=2000, widget=lines(3))
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)

    #: Fields by the heading under which they stand; between the second and third come the rows.
    TITLE = ("first", "second", "short_name", "full_title", "signed", "in_force", "ended", "supplements")
    OFFENCES = ("reach", "reach_article")
    LANGUAGE = ("language_says", "language_article", "language_codes")
    SOURCE = ("source", "as_of", "confidence", "note")

    def __init__(self, *args: Any, fixed: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("first", "second"):
            if fixed:
                del self.fields[name]
            else:
                self.fields[name].choices = [NOBODY, *states_named()]  # type: ignore[attr-defined]
        self.fields["supplements"].choices = [  # type: ignore[attr-defined]
            ("", _now("goes before conventions")),
            *((code, _now("supplements %(name)s") % {"name": name}) for code, name in supplementable().items()),
        ]

    def clean_language_codes(self) -> str:
        codes: str = self.cleaned_data["language_codes"]
        for code in codes.split():
            if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", code):
                raise ValidationError(_now("“%(code)s” is no code of a language.") % {"code": code})
        return codes

    def group(self, names: Iterable[str]) -> list[forms.BoundField]:
        return [self[name] for name in names if name in self.fields]


_ROWS: tuple[tuple[str, type[forms.Form]], ...] = (
    ("titles", TitleRow), ("measures", MeasureRow), ("contents", ContentRow), ("limits", LimitRow),
)  # fmt: skip


class TreatyForms:
    """The form of a treaty with its rows. Without data it shows `values`; with data nothing of it is lost."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        values: TreatyValues | None = None,
        seen: str = "",
        more: int = 0,
    ) -> None:
        """`more`: empty rows beyond the usual; `values`: the treaty as it is, whose parties stay."""
        self.fixed = values
        self.main = TreatyForm(data, fixed=values is not None, initial=_initial(values) | {"seen": seen})
        self.rows: dict[str, Any] = {}
        for name, form in _ROWS:
            made = forms.formset_factory(form, extra=SPARE, max_num=MOST_ROWS, absolute_max=MOST_ROWS)
            self.rows[name] = made(_longer(data, name, more), prefix=name, initial=_row_initial(values, name))

    @property
    def titles(self) -> Any:
        return self.rows["titles"]

    @property
    def measures(self) -> Any:
        return self.rows["measures"]

    @property
    def contents(self) -> Any:
        return self.rows["contents"]

    @property
    def limits(self) -> Any:
        return self.rows["limits"]

    def is_valid(self) -> bool:
        valid = [self.main.is_valid(), *(rows.is_valid() for rows in self.rows.values())]
        if all(valid):
            self._none_twice(self.measures, "measure", _now("This measure stands above already."))
            self._none_twice(self.titles, "language", _now("A name in this language stands above already."))
        rows = (form for name in ("measures", "titles") for form in self.rows[name])
        return all(valid) and not self.main.errors and not any(form.errors for form in rows)

    def _none_twice(self, rows: Any, name: str, message: str) -> None:
        seen: set[str] = set()
        for form in rows:
            value = form.cleaned_data.get(name, "")
            if value and value in seen:
                form.add_error(name, message)
            seen.add(value)

    @property
    def errors(self) -> list[tuple[str, str, str]]:
        """Return identity of the field, its label and the message, of every error in the order of the page.

        The label of a field in a row begins with what the row is called.
        """
        found = [("", "", str(message)) for message in self.main.non_field_errors()]
        forms_of = [(self.main, "")]
        for name, rows in self.rows.items():
            forms_of += [(form, ROW_NAMES[name] % {"n": number}) for number, form in enumerate(rows, 1)]
        for form, row in forms_of:
            for field in form:
                label = _now("%(row)s, %(field)s") % {"row": row, "field": field.label} if row else str(field.label)
                found += [(field.auto_id, label, str(error)) for error in field.errors]
        return found

    def values(self) -> TreatyValues:
        said = self.main.cleaned_data
        parties = self.fixed.parties if self.fixed else (said["first"], said["second"])
        return TreatyValues(
            parties=parties,
            short_name=said["short_name"],
            full_title=said["full_title"],
            signed=said["signed"],
            in_force=said["in_force"],
            ended=said["ended"],
            supplements=said["supplements"],
            reach=said["reach"],
            reach_article=said["reach_article"],
            source=said["source"],
            as_of=said["as_of"],
            confidence=said["confidence"],
            note=said["note"],
            measures=tuple(row for form in self.measures if (row := form.row())),
            contents=tuple(row for form in self.contents if (row := form.row())),
            limits=tuple(row for form in self.limits if (row := form.row())),
            titles=tuple(row for form in self.titles if (row := form.row())),
            language=LanguageSaid(
                said["language_says"], said["language_article"], tuple(said["language_codes"].split())
            ),
        )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _longer(data: Mapping[str, Any] | None, prefix: str, more: int) -> Mapping[str, Any] | None:
    """Return the data with room for more rows of one kind."""
    name = f"{prefix}-TOTAL_FORMS"
    if data is None or not more or not str(data.get(name, "")).isdigit():
        return data
    copied: Any = data.copy()  # type: ignore[attr-defined]
    copied[name] = str(min(int(copied[name]) + more, MOST_ROWS))
    found: Mapping[str, Any] = copied
    return found


def _initial(values: TreatyValues | None) -> dict[str, Any]:
    if values is None:
        return {"confidence": "medium", "reach": "unknown"}
    said = {name: getattr(values, name) for name in TreatyForm.base_fields if hasattr(values, name)}
    return said | {
        "language_says": values.language.says,
        "language_article": values.language.article,
        "language_codes": " ".join(values.language.languages),
    }


def _row_initial(values: TreatyValues | None, name: str) -> list[dict[str, Any]]:
    if values is None:
        return []
    if name == "measures":
        return [
            {"measure": one.measure, "answer": one.answer, "articles": ", ".join(one.articles)}
            for one in values.measures
        ]
    if name == "titles":
        return [{"language": one.language, "short_name": one.short, "full_title": one.full} for one in values.titles]
    if name == "contents":
        return [{"item": one.item, "article": one.article, "need": one.need} for one in values.contents]
    return [{"says": one.says, "article": one.article, "count": one.count, "unit": one.unit} for one in values.limits]
