"""Languages of the pages: what the reader wants, in which language the texts really are, from which side it is written.

A language of settings.LANGUAGES that nobody has translated yet is not shown as if it were: its pages are laid out from
its side, and their texts are English and marked as such, dates and Django's own sentences too. See docs/languages.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.translation import gettext

_wanted: ContextVar[str] = ContextVar("language that the reader wants", default="")


def house_words(text: str) -> str:
    """Return a text of our own that stands in a data file (see babel.toml) in the active language."""
    return gettext(text) if text else ""


def texts_language(wanted: str) -> str:
    """Return the language in which the texts really are, for a reader who wants `wanted`: English where there are none."""
    return settings.LANGUAGE_CODE if wanted in settings.LANGUAGES_WITHOUT_TEXTS else wanted


def wanted_language() -> str:
    """Return the language that the reader wants; without a reader the active one."""
    active = translation.get_language() or settings.LANGUAGE_CODE
    wanted = _wanted.get()
    # Whoever activated a language without asking here has the last word.
    return wanted if wanted and texts_language(wanted) == active else active


def is_from_the_right() -> bool:
    """Tell whether the page is laid out from the right."""
    wanted = wanted_language()
    return wanted in dict(settings.LANGUAGES) and bool(translation.get_language_info(wanted)["bidi"])


@contextmanager
def reading_in(wanted: str) -> Iterator[None]:
    """Speak the language of a reader (a code of settings.LANGUAGES) inside the block, as far as it has texts."""
    before = _wanted.set(wanted)
    try:
        with translation.override(texts_language(wanted)):
            yield
    finally:
        _wanted.reset(before)


class LanguageMiddleware(LocaleMiddleware):
    """Django's choice of a language for the request, by cookie and browser; see `texts_language`."""

    async_capable = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        self.process_request(request)
        with reading_in(translation.get_language() or settings.LANGUAGE_CODE):
            request.LANGUAGE_CODE = translation.get_language()
            return self.process_response(request, cast(HttpResponseBase, self.get_response(request)))
