"""Form fields for the values of a letter: instants that need their offset, periods, States by name, lists of lines.

Each takes and gives the plain JSON value of the letter file, and keeps what was typed when it is wrong.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from mla.core.text import pasted

#: Offsets in use, with places that have them in standard time or summer time as help.
OFFSETS = (
    ("-12:00", ""),
    ("-11:00", lazy("Pago Pago")),
    ("-10:00", lazy("Honolulu")),
    ("-09:30", lazy("Marquesas")),
    ("-09:00", lazy("Anchorage")),
    ("-08:00", lazy("Los Angeles")),
    ("-07:00", lazy("Denver, Los Angeles (summer)")),
    ("-06:00", lazy("Mexico City, Chicago")),
    ("-05:00", lazy("Bogotá, Lima, New York, Chicago (summer)")),
    ("-04:00", lazy("Caracas, La Paz, New York (summer)")),
    ("-03:30", lazy("St John's")),
    ("-03:00", lazy("Buenos Aires, Montevideo, São Paulo")),
    ("-02:00", lazy("South Georgia")),
    ("-01:00", lazy("Azores")),
    ("+00:00", lazy("UTC, Accra, Reykjavík, London")),
    ("+01:00", lazy("Lagos, Berlin, Paris, London (summer)")),
    ("+02:00", lazy("Cairo, Johannesburg, Riga, Berlin (summer)")),
    ("+03:00", lazy("Istanbul, Nairobi, Riyadh, Riga (summer)")),
    ("+03:30", lazy("Tehran")),
    ("+04:00", lazy("Abu Dhabi, Tbilisi")),
    ("+04:30", lazy("Kabul")),
    ("+05:00", lazy("Karachi, Tashkent")),
    ("+05:30", lazy("Delhi, Colombo")),
    ("+05:45", lazy("Kathmandu")),
    ("+06:00", lazy("Dhaka")),
    ("+06:30", lazy("Yangon")),
    ("+07:00", lazy("Bangkok, Hanoi, Jakarta")),
    ("+08:00", lazy("Beijing, Manila, Singapore")),
    ("+08:45", lazy("Eucla")),
    ("+09:00", lazy("Seoul, Tokyo")),
    ("+09:30", lazy("Darwin")),
    ("+10:00", lazy("Brisbane, Sydney")),
    ("+10:30", lazy("Lord Howe")),
    ("+11:00", lazy("Honiara, Sydney (summer)")),
    ("+12:00", lazy("Auckland, Funafuti")),
    ("+12:45", lazy("Chatham")),
    ("+13:00", lazy("Apia, Auckland (summer)")),
    ("+14:00", lazy("Kiritimati")),
)


def _offset_choices() -> list[tuple[str, str]]:
    return [("", _("UTC offset")), *((value, f"UTC{value} {places}".strip()) for value, places in OFFSETS)]


class ComposedWidget(forms.MultiWidget):
    """Several inputs for one value, in our own order and words."""

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any) -> SafeString:
        return self.composed(context["widget"], renderer)

    def composed(self, widget: dict[str, Any], renderer: Any) -> SafeString:
        inner = [mark_safe(renderer.render(sub["template_name"], {"widget": sub})) for sub in widget["subwidgets"]]  # noqa: S308 Django's own
        return format_html('<span class="instant">{}</span>', format_html_join("", "{}", ((one,) for one in inner)))


class InstantWidget(ComposedWidget):
    """Date, time and UTC offset; none is ever assumed."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {
                "date": forms.TextInput(attrs={"type": "date", "class": "form-control", "aria-label": lazy("date")}),
                "time": forms.TextInput(
                    attrs={
                        "class": "form-control", "placeholder": "14:05:30", "inputmode": "numeric", "maxlength": 15,
                        "autocomplete": "off", "aria-label": lazy("time, such as 14:05:30"),
                    }
                ),
                "offset": forms.Select(
                    choices=_offset_choices,  # type: ignore[arg-type]
                    attrs={"class": "form-select", "aria-label": lazy("UTC offset")}
                ),
            },
            attrs,
        )  # fmt: skip

    def decompress(self, value: Any) -> list[str]:
        if not isinstance(value, str) or "T" not in value:
            return ["", "", ""]
        moment = dt.datetime.fromisoformat(value)
        offset = moment.strftime("%z")
        shown = moment.strftime("%H:%M:%S")
        return [moment.date().isoformat(), shown, f"{offset[:3]}:{offset[3:5]}" if offset else ""]


class InstantField(forms.Field):
    widget = InstantWidget

    def clean(self, value: Any) -> str | None:
        return instant_text(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return True


def instant_text(given: Sequence[str] | None, *, whole_day: str = "") -> str | None:
    """Return date, time and offset as one RFC 3339 text, or None where nothing was given.

    `whole_day`: the time that is meant where a date stands without one; without it a time is needed.

    Raises:
        ValidationError: a part is missing; the offset is never assumed.
    """
    day, time, offset = ((part or "").strip() for part in [*(given or ()), "", "", ""][:3])
    if not (day or time):
        return None
    if not day:
        raise ValidationError(_("Give the date too."))
    time = time or whole_day
    if not time:
        raise ValidationError(_("Give the time too, such as 14:05:30."))
    if not offset:
        raise ValidationError(_("Give the UTC offset too: without it the time means another moment elsewhere."))
    if time.count(":") == 1:
        time += ":00"
    if time[1:2] == ":":
        time = f"0{time}"
    return f"{day}T{time}{'Z' if offset == '+00:00' else offset}"


class PeriodWidget(ComposedWidget):
    """Two instants."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"from": InstantWidget(), "to": InstantWidget()}, attrs)

    def decompress(self, value: Any) -> list[Any]:
        if not isinstance(value, dict):
            return [None, None]
        return [value.get("from"), value.get("to")]

    def composed(self, widget: dict[str, Any], renderer: Any) -> SafeString:
        sides = zip((_("from"), _("until")), self.widgets, widget["subwidgets"], strict=True)
        rows = [(word, side.composed(sub, renderer)) for word, side, sub in sides if isinstance(side, ComposedWidget)]
        inner = format_html_join("", '<span class="period-side"><span class="period-word">{}</span>{}</span>', rows)
        return format_html('<span class="period">{}</span>', inner)


class PeriodField(forms.Field):
    widget = PeriodWidget

    def clean(self, value: Any) -> dict[str, str] | None:
        start, end = [*(value or ()), None, None][:2]
        found = (instant_text(start, whole_day="00:00:00"), instant_text(end, whole_day="23:59:59"))
        if found == (None, None):
            return None
        if None in found:
            raise ValidationError(_("A period has a beginning and an end: give both."))
        return {"from": str(found[0]), "to": str(found[1])}


class ProseField(forms.CharField):
    """Text that may be pasted from a word processor: what that leaves behind goes, the words stay."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(pasted(value) if isinstance(value, str) else value) or "")


class LinesField(forms.Field):
    """A list of lines, one on each line of the box."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]


class StatesField(forms.Field):
    """States by name or code, with commas between them. `states`: code and name."""

    def __init__(self, *, states: Sequence[tuple[str, str]], **options: Any) -> None:
        self.states = states
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            names = dict(self.states)
            return ", ".join(str(names.get(code, code)) for code in value)
        return value

    @cached_property
    def by_name(self) -> dict[str, str]:
        """Codes by what people write: the name, its first words, the code, and two short forms that are no code."""
        short: dict[str, set[str]] = {}
        for code, name in self.states:
            for mark in (" of ", " (", ", "):
                short.setdefault(name.split(mark)[0].casefold(), set()).add(code)
        found = {name: next(iter(codes)) for name, codes in short.items() if len(codes) == 1}
        codes = {code for code, _name in self.states}
        found |= {written: code for written, code in {"uk": "GB", "usa": "US"}.items() if code in codes}
        found |= {code.casefold(): code for code in codes}
        return found | {name.casefold(): code for code, name in self.states}

    def clean(self, value: Any) -> list[str]:
        by_name = self.by_name
        text = str(value or "").strip()
        if text.casefold() in by_name:
            return [by_name[text.casefold()]]
        found: list[str] = []
        for part in [part.strip() for part in text.split(",") if part.strip()]:
            code = by_name.get(part.casefold())
            if code is None:
                raise ValidationError(
                    _("There is no State called “%(name)s”: choose it from the list, or give its code of two letters.")
                    % {"name": part[:60]}
                )
            found.append(code)
        return list(dict.fromkeys(found))


class StateField(StatesField):
    """One State, by name or code."""

    def prepare_value(self, value: Any) -> Any:
        return super().prepare_value([value]) if isinstance(value, str) and value in dict(self.states) else value

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        if len(found) > 1:
            raise ValidationError(_("Name one State."))
        if not found and self.required:
            raise ValidationError(self.error_messages["required"])
        return found[0] if found else None


class YesNoField(forms.Field):
    """Yes, no, or not known."""

    widget = forms.Select

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget.choices = [("", _("not known")), ("yes", _("yes")), ("no", _("no"))]

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value

    def clean(self, value: Any) -> bool | None:
        return {"yes": True, "no": False}.get(value or "")


class NumberField(forms.Field):
    """A number as typed; the letter's own rules say whether it fits."""

    def clean(self, value: Any) -> int | str | None:
        text = str(value or "").strip()
        if not text:
            return None
        if text.lstrip("-").isascii() and text.lstrip("-").isdigit() and len(text) < 12:
            return int(text)
        return text
