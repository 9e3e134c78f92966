"""Choices of many, written at once: Django renders a template for each option, which costs more than all else of a list."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from html import escape as escape_html
from typing import Any, Final

from babel import Locale
from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mla.core.letter_languages import language_told, letter_languages
from workflows.documents.formats import locale_of

#: Of CLDR's list what no letter is translated into.
_NO_LANGUAGE: Final = frozenset({"und", "mul", "zxx", "root", "mis"})


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


def language_choices(needed: Sequence[str] = ()) -> list[tuple[str, Any]]:
    """Return the languages of the world by CLDR, named in the reader's language, in three groups.

    First those that are needed (BCP 47), then those with a catalogue of letters, then all others by name.
    """
    reader = locale_of(get_language() or "en")
    names = {code.replace("_", "-"): name for code, name in reader.languages.items() if code not in _NO_LANGUAGE}
    ours = [str(Locale.parse(code, sep="-")).replace("_", "-") for code in letter_languages()]
    wanted = list(dict.fromkeys(needed))
    others = sorted((code for code in names if code not in {*wanted, *ours}), key=lambda code: _sorted_by(names[code]))
    groups = [
        (_("Needed by what is known"), wanted),
        (_("Languages that letters are written in"), [code for code in ours if code not in wanted]),
        (_("Other languages"), others),
    ]
    return [
        ("", ""),
        *((words, [(code, _named(code, names)) for code in codes]) for words, codes in groups if codes),
    ]


def _named(code: str, names: Mapping[str, str]) -> str:
    name = names.get(code) or language_told(code, get_language() or "en")
    return f"{name} ({code})" if name != code else code


def _sorted_by(name: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(one))
