"""The dual-criminality worksheet in the form of an offence: rows of element, fact, and the other State's element."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from mla.core.text import pasted

#: Columns of a row, with their words.
COLUMNS = (
    ("element", lazy("Element of the conduct in your law")),
    ("fact", lazy("Fact that shows it")),
    ("theirs", lazy("Matching element of their law, if known")),
)
#: Empty rows after those that are filled; saving brings more.
SPARE = 2
#: As many as the letter takes (Offence.elements), and what a post may bring.
MOST = 30


class ElementsWidget(forms.Widget):
    """Three texts beside each other for each row. Without a script: filled rows and some empty ones."""

    use_fieldset = True

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
        shown = rows + [{}] * min(SPARE, max(MOST - len(rows), 0))
        return format_html(
            '<ol class="elements">{}</ol>',
            format_html_join("", "<li>{}</li>", ((_row(name, at, row),) for at, row in enumerate(shown))),
        )

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, str]]:
        found = []
        for at in range(MOST + SPARE):
            row = {key: str(data.get(f"{name}-{at}-{key}") or "").strip() for key, _words in COLUMNS}
            if any(row.values()):
                # As the letter keeps it: what is not known of their law is left out, the element always stands.
                found.append({key: text for key, text in row.items() if text or key == "element"})
        return found

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(re.fullmatch(rf"{re.escape(name)}-\d+-\w+", key) for key in data)


def _row(name: str, at: int, row: dict[str, Any]) -> SafeString:
    cells = (
        (
            f"f-{name}-{at}-{key}",
            words,
            _("row %(number)d") % {"number": at + 1},
            f"{name}-{at}-{key}",
            str(row.get(key, "")),
        )
        for key, words in COLUMNS
    )
    return format_html_join(
        "",
        '<div class="element-cell"><label class="form-label" for="{}">{}<span class="visually-hidden">, {}</span></label>'
        '<textarea class="form-control" id="{}" name="{}" rows="3" dir="auto">{}</textarea></div>',
        ((html, words, number, html, field, text) for html, words, number, field, text in cells),
    )


class ElementsField(forms.Field):
    """The rows as the letter keeps them; texts are judged by the letter's own rules."""

    widget = ElementsWidget

    def clean(self, value: Any) -> list[dict[str, str]]:
        return [{key: pasted(text) for key, text in row.items()} for row in value or ()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or []) != (data or []))
