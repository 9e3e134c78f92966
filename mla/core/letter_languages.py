"""Languages that letters are written in: which have a catalogue of the fixed wording, and whether a lawyer confirmed it.

Apart from the languages of the pages (`mla.core.languages`): a letter may be Arabic on a desk that works in English.
One more language is a folder `<code>/LC_MESSAGES/django.po` and a table in `languages.toml`, both in
`workflows/documents/locale`.

A letter is worded by its own catalogue and no other. Django merges those of all applications into one, where the word of
a page would take the place of a letter's; so `letter_wording` puts the letter's alone in use.
"""

from __future__ import annotations

import gettext
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import to_locale, trans_real

#: The language that the sources are written in; it has no catalogue.
SOURCE: Final = "en"


@dataclass(frozen=True, slots=True)
class LetterLanguage:
    """A language with a catalogue. `confirmed`: by whom and when a lawyer read it; empty: to be confirmed."""

    code: str
    name: str
    confirmed: str

    @property
    def home(self) -> Path:
        return _home() / to_locale(self.code) / "LC_MESSAGES"


@cache
def letter_languages() -> dict[str, LetterLanguage]:
    """Return English and the languages with a catalogue of the fixed wording, by Django's code, in their order.

    Raises:
        ImproperlyConfigured: a catalogue is not there or not compiled. A letter would be English without a word.
    """
    told = tomllib.loads((_home() / "languages.toml").read_text(encoding="utf-8"))
    found = {code: LetterLanguage(code, one["name"], one["confirmed"]) for code, one in told.items()}
    for one in found.values():
        if one.code != SOURCE and not (one.home / "django.mo").exists():
            raise ImproperlyConfigured(f"{one.home / 'django.po'} is not compiled: run `make install`")
    return found


@cache
def catalogue_for(language: str) -> str:
    """Return the code of the catalogue in which a letter in `language` (BCP 47) has its fixed wording.

    The nearest: `pt-BR` reads that of `pt`. Never another script: `zh-Hant` does not read that of `zh-hans`.
    English where there is none.
    """
    wanted = _written(language)
    if wanted is None:
        return SOURCE
    known = letter_languages()
    exact = language.lower()
    if exact in known:
        return exact
    return next((code for code in known if _written(code) == wanted), SOURCE)


@contextmanager
def letter_wording(language: str) -> Iterator[None]:
    """Resolve gettext, in code and templates, by the catalogue of a letter in `language` (BCP 47) inside the block."""
    # Django has no public way to put a catalogue in use that it has not merged itself.
    active = trans_real._active  # type: ignore[attr-defined]
    before = getattr(active, "value", None)
    active.value = _wording(catalogue_for(language))
    try:
        yield
    finally:
        if before is None:
            del active.value
        else:
            active.value = before


class _Wording(gettext.GNUTranslations):
    """The catalogue of one language, as Django keeps one in use: it knows its code."""

    code = SOURCE

    def to_language(self) -> str:
        return self.code


class _Source(gettext.NullTranslations):
    def to_language(self) -> str:
        return SOURCE


@cache
def _wording(code: str) -> gettext.NullTranslations:
    if code == SOURCE:
        return _Source()
    with (letter_languages()[code].home / "django.mo").open("rb") as file:
        made = _Wording(file)
    made.code = code
    return made


def wording_in(language: str) -> LetterLanguage | None:
    """Return the language of the fixed wording of a letter in `language` (BCP 47); None where it is not its own but English."""
    code = catalogue_for(language)
    if code == SOURCE and (_written(language) or ("", ""))[0] != SOURCE:
        return None
    return letter_languages()[code]


def language_told(language: str, reader: str) -> str:
    """Return the name of a language (BCP 47) for a reader of another, by CLDR; the code where there is no name."""
    try:
        return Locale.parse(language, sep="-").get_display_name(Locale.parse(reader, sep="-")) or language
    except (UnknownLocaleError, ValueError):
        return language


def _written(language: str) -> tuple[str, str] | None:
    """Return language and script, the usual script where the tag names none (CLDR, likely subtags)."""
    try:
        found = Locale.parse(language, sep="-", resolve_likely_subtags=True)
    except (UnknownLocaleError, ValueError):
        return None
    likely = get_global("likely_subtags").get(found.language, "").split("_")
    return found.language, found.script or next((part for part in likely if len(part) == 4), "")


def _home() -> Path:
    return Path(settings.BASE_DIR) / "workflows" / "documents" / "locale"
