"""Choices of many, written at once: Django renders a template for each option, which costs more than all else of a list."""

from __future__ import annotations

from html import escape as escape_html
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


class ManySelect(forms.Select):
    """A select like Django's, for plain choices without groups and without attributes of an option."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        chosen = set(self.format_value(value))
        # Built by hand, each part escaped: a list of States has 250 of them on every page of a list.
        options = "".join(
            f'<option value="{escape_html(str(code))}"{" selected" if str(code) in chosen else ""}>{escape_html(str(words))}</option>'
            for code, words in self.choices
        )
        given = self.build_attrs(self.attrs, (attrs or {}) | {"name": name})
        return format_html("<select{}>{}</select>", flatatt(given), mark_safe(options))  # noqa: S308 (escaped above)
