"""A language of letters has all of their fixed wording, or it is no language of letters."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, ngettext, to_locale, trans_real

from mla.core.letter_languages import SOURCE, catalogue_for, letter_languages
from tests.languages.pseudo import CODE_OF_THE_LANGUAGE, IGNORED
from tests.languages.test_catalogues import faults
from workflows.documents.formats import direction_of
from workflows.documents.wording import document_language, wording_language

HOME = Path(settings.BASE_DIR)
LOCALE = HOME / "workflows" / "documents" / "locale"
CODES = [code for code in tomllib.loads((LOCALE / "languages.toml").read_text()) if code != SOURCE]


@cache
def wording() -> Catalog:
    """Return every text that a letter may print, as `make messages` finds it."""
    with tempfile.TemporaryDirectory() as folder:
        said = ["-q", "extract", "-F", str(HOME / "babel-letters.toml"), "--ignore-dirs", IGNORED]
        CommandLineInterface().run(["pybabel", *said, "-o", f"{folder}/letters.pot", str(HOME)])
        with open(f"{folder}/letters.pot", "rb") as file:
            return read_po(file)


def catalogue(code: str) -> Catalog:
    with (LOCALE / to_locale(code) / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=to_locale(code))


def test_each_catalogue_is_named_in_the_list_of_languages() -> None:
    assert {path.parts[-3] for path in LOCALE.glob("*/LC_MESSAGES/django.po")} == {to_locale(code) for code in CODES}
    assert SOURCE in letter_languages()


@pytest.mark.parametrize("code", CODES)
def test_catalogue_has_every_text_of_a_letter(code: str) -> None:
    wrong = list(faults(catalogue(code), wording()))
    assert not wrong, f"{code}: {len(wrong)} texts, the first:\n" + "\n".join(wrong[:20])


@pytest.fixture
def pages_in_french(tmp_path: Path, settings: Any) -> Iterator[None]:
    """A catalogue of the pages with words of its own for what a letter says too."""
    pages = Catalog(locale="fr", domain="django")
    pages.add("Contacts", "Carnet d’adresses")
    pages.add("en", "xx", context=CODE_OF_THE_LANGUAGE)
    pages.add(("%(instrument)s, article %(articles)s", "%(instrument)s, articles %(articles)s"), ("un", "plusieurs"))
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as target:
        write_mo(target, pages)
    settings.LOCALE_PATHS = [tmp_path]
    trans_real._translations = {}
    yield
    trans_real._translations = {}


@pytest.mark.usefixtures("pages_in_french")
def test_letter_keeps_its_own_words_where_the_pages_have_others_for_the_same() -> None:
    articles = ("%(instrument)s, article %(articles)s", "%(instrument)s, articles %(articles)s", 2)
    with translation.override("fr"):
        page = (gettext("Contacts"), ngettext(*articles))
        with document_language("fr"):
            letter = (gettext("Contacts"), ngettext(*articles))
            assert wording_language() == "fr"
            assert translation.get_language() == "fr"
        assert (gettext("Contacts"), ngettext(*articles)) == page == ("Carnet d’adresses", "plusieurs")
    said = {message.id: message.string for message in catalogue("fr") if not message.context}
    assert letter == (said["Contacts"], said[articles[:2]][1])
    with document_language("lv"):
        assert gettext("Contacts") == "Contacts"


@pytest.mark.parametrize("code", CODES)
def test_catalogue_names_its_own_language_and_is_the_one_in_use(code: str) -> None:
    with document_language(code):
        assert wording_language().lower() == code
        assert direction_of(code) == ("rtl" if code == "ar" else "ltr")


def test_wording_of_a_letter_is_known_to_its_translators() -> None:
    ids = {message.id for message in wording()}
    assert {"Which stored data are to be preserved?", "Signature and seal", "investigation"} & ids
    assert (CODE_OF_THE_LANGUAGE, "en") in {(message.context, message.id) for message in wording()}


@pytest.mark.parametrize(
    ("language", "catalogue"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("lv", "en"),
        ("zz", "en"),
        ("zh-Hant", "en"),
        ("zh-TW", "en"),
        ("not a tag", "en"),
    ],
)
def test_language_without_a_catalogue_of_its_own_is_worded_in_english(language: str, catalogue: str) -> None:
    assert catalogue_for(language) == catalogue
