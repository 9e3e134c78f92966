"""What on a page is data of a case and in no language of the house: read from the rows themselves."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from typing import Any

from babel import Locale
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import translation

from mla.core.letter_languages import language_told, letter_languages
from workflows.web.choices import language_choices
from workflows.web.drafting.languages import LANGUAGES

#: Their rows hold codes, hashes and texts of the machinery; a page that shows these as they are is to be found.
_NO_CASES = {"engine", "auth", "contenttypes", "sessions", "axes", "mfa", "account", "audit"}
#: Texts of our own that stand in files, and what is frozen of them: a page must translate them.
_OURS = {"MeasureType", "RefusalGround"}
_OURS_IN = {"frozen_content", "in_force_text", "articles", "note", "envelope"}


def known_data() -> list[str]:
    """Return every text of the cases, people and authorities that the database holds, longest first.

    A word in small letters alone is no such text: it would be a code that nobody translated.
    """
    found: set[str] = set()
    for model in apps.get_models():
        if model._meta.app_label in _NO_CASES or model.__name__ in _OURS:
            continue
        names = [field.name for field in model._meta.concrete_fields if _holds_text(field)]
        for row in model._default_manager.values_list(*names) if names else ():
            for value in row:
                found.update(_texts(value))
    found |= {name for _code, name in (*LANGUAGES, *settings.LANGUAGES)}
    # What CLDR calls a language in the reader's own is no text of ours.
    locales = [Locale.parse(code, sep="-") for code, _name in settings.LANGUAGES]
    found |= {locale.languages[code] for locale in locales for code, _name in LANGUAGES if code in locale.languages}
    read = [code for code, _name in settings.LANGUAGES]
    found |= {language_told(code, reader) for code in letter_languages() for reader in read}
    for reader in read:
        with translation.override(reader):
            choices = language_choices()
        found |= {words for _group, named in choices if isinstance(named, list) for _code, words in named}
    found |= {zone.replace("_", " ") for zone in zoneinfo.available_timezones()}
    return sorted(found, key=len, reverse=True)


def _holds_text(field: Any) -> bool:
    if field.name in _OURS_IN or field.choices or isinstance(field, models.SlugField):
        return False
    return isinstance(field, models.CharField | models.TextField | models.JSONField)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        for text in {value, *value.splitlines()}:
            if len(text.strip()) > 1 and (" " in text.strip() or not text.islower()):
                yield " ".join(text.split())
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
