"""A language for tests: every text that a translator would get comes back as ⟦ţéẋţ···⟧, a third longer.

The catalogue is made of what is extracted from the sources, not by an object that marks whatever it is asked: a text
that passes through gettext and that no translator ever sees stays English here, and is found. Django's and allauth's
own texts come from the catalogues that they bring.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from django.apps import apps
from django.conf import settings
from django.utils import translation
from django.utils.translation import trans_real

_PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MARKED = "àƀçðéƒĝĥîĵķļɱñöþɋŕšţûṽŵẋýžÀƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞɊŔŠŢÛṼŴẊÝŽ"
_LETTERS = str.maketrans(_PLAIN, _MARKED)
#: What a translator leaves as it is: placeholders, tags, entities, addresses.
_KEPT = re.compile(r"%\([^)]*\)[#0\- +]*[\d.]*[a-zA-Z]|%[sdif%]|\{[\w.!:]*\}|<[^<>]+>|&#?\w+;|https?://\S+")
#: As in the Makefile.
IGNORED = ".* var docs tests examples locale"
#: A value for the translator to give, not a text; see documents.wording.
CODE_OF_THE_LANGUAGE = "BCP 47 code of the language of this catalogue"


def pseudo(text: str) -> str:
    """Return the text in the pseudo-language: no plain letter outside of what a translator must keep."""
    if not text.strip():
        return text
    start = text[: len(text) - len(text.lstrip())]
    end = text[len(text.rstrip()) :]
    told, at = [], 0
    body = text.strip()
    for kept in _KEPT.finditer(body):
        told += [body[at : kept.start()].translate(_LETTERS), kept.group()]
        at = kept.end()
    told.append(body[at:].translate(_LETTERS))
    letters = sum(map(len, told[::2]))
    return f"{start}⟦{''.join(told)}{'·' * -(-letters // 3)}⟧{end}"


@cache
def extracted() -> Catalog:
    """Return every text of the house as `make messages` finds it."""
    home = Path(settings.BASE_DIR)
    with tempfile.TemporaryDirectory() as folder:
        target = f"{folder}/django.pot"
        said = ["-q", "extract", "-F", str(home / "babel.toml"), "--ignore-dirs", IGNORED, "-o", target, str(home)]
        CommandLineInterface().run(["pybabel", *said])
        with open(target, "rb") as file:
            return read_po(file)


def _brought() -> Iterator[Any]:
    """The messages that Django and the installed packages bring, from their English catalogue or any other."""
    homes = [Path(trans_real.__file__).parents[2] / "conf" / "locale"]
    homes += [Path(config.path) / "locale" for config in apps.get_app_configs()]
    for home in homes:
        if (home.is_relative_to(settings.BASE_DIR) and ".venv" not in home.parts) or not home.is_dir():
            continue
        folder = home / "en" / "LC_MESSAGES"
        if not folder.is_dir():
            folder = next(home.glob("*/LC_MESSAGES"))
        po, mo = folder / "django.po", folder / "django.mo"
        with (po if po.exists() else mo).open("rb") as file:
            yield from read_po(file) if po.exists() else read_mo(file)


def catalogue(language: str) -> Catalog:
    """Return the complete catalogue of the pseudo-language, under the name and with the plural forms of `language`."""
    made = Catalog(locale=language, domain="django")
    for message in [*_brought(), *extracted()]:
        if not message.id:
            continue
        if message.context == CODE_OF_THE_LANGUAGE:
            made.add(message.id, language, context=message.context)
        elif isinstance(message.id, (tuple, list)):
            singular, plural = map(pseudo, message.id)
            forms = (singular, *[plural] * (made.num_plurals - 1))
            made.add(tuple(message.id), forms, context=message.context)
        else:
            made.add(message.id, pseudo(message.id), context=message.context)
    return made


@contextmanager
def spoken(folder: Path, *languages: str) -> Iterator[None]:
    """Let the languages be translated into the pseudo-language, in this process, inside the block."""
    for language in languages:
        home = folder / language / "LC_MESSAGES"
        home.mkdir(parents=True)
        with (home / "django.mo").open("wb") as file:
            write_mo(file, catalogue(language))
    paths, without = settings.LOCALE_PATHS, settings.LANGUAGES_WITHOUT_TEXTS
    settings.LOCALE_PATHS, settings.LANGUAGES_WITHOUT_TEXTS = [folder], without - set(languages)
    _forget()
    try:
        yield
    finally:
        settings.LOCALE_PATHS, settings.LANGUAGES_WITHOUT_TEXTS = paths, without
        _forget()
        # The client's requests left their language, with its texts, in this thread.
        translation.activate(settings.LANGUAGE_CODE)


def _forget() -> None:
    trans_real._translations = {}
    trans_real._default = None
