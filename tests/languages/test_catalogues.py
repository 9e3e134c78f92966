"""A language is offered with a complete catalogue, or it is said that its texts are English: nothing between."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.template import Context, Template
from django.utils import translation
from django.utils.translation import ngettext, to_locale

from mla.core.languages import is_from_the_right, reading_in, wanted_language
from mla.core.messages import extract_data, extract_template
from tests.languages import pseudo

HOME = Path(settings.BASE_DIR)
_PLACEHOLDER = re.compile(r"%\([^)]*\)[#0\- +]*[\d.]*[a-zA-Z]|%[sdif%]|\{[\w.!:]*\}|</?[a-z][^<>]*>|&#?\w+;")


def faults(catalogue: Catalog, wanted: Catalog) -> Iterator[str]:
    """Yield what keeps a catalogue from being complete: untranslated, unsure, other placeholders, missing plural forms."""
    for message in wanted:
        if not message.id:
            continue
        given = catalogue.get(message.id, context=message.context)
        if given is None:
            yield f"is missing: {message.id!r}"
        elif given.fuzzy:
            yield f"is fuzzy: {message.id!r}"
        else:
            yield from _faults_of(given, catalogue.num_plurals)


def _faults_of(given: Message, forms: int) -> Iterator[str]:
    said = list(given.string) if isinstance(given.string, (tuple, list)) else [given.string]
    asked = list(given.id) if isinstance(given.id, (tuple, list)) else [given.id]
    if len(asked) == 2 and len(said) != forms:
        yield f"has {len(said)} of {forms} plural forms: {given.id!r}"
    for form in said:
        if not form:
            yield f"is not translated: {given.id!r}"
            continue
        kept = sorted(_PLACEHOLDER.findall(form))
        # A form for one or two may say the number in a word.
        if len(asked) == 2 and set(kept) <= set(_PLACEHOLDER.findall("".join(asked))):
            continue
        if kept != sorted(_PLACEHOLDER.findall(asked[-1])):
            yield f"has other placeholders or tags: {form!r} for {given.id!r}"


def catalogues() -> dict[str, Path]:
    return {path.parts[-3]: path for path in HOME.glob("locale/*/LC_MESSAGES/django.po")}


def test_language_of_the_menu_has_a_complete_catalogue_or_is_said_to_have_no_texts() -> None:
    known = {to_locale(code): code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE}
    found = catalogues()
    assert set(found) <= set(known), "a catalogue of a language that settings.LANGUAGES does not offer"
    for locale, code in known.items():
        assert (locale in found) != (code in settings.LANGUAGES_WITHOUT_TEXTS), (
            f"{code}: translate locale/{locale}/LC_MESSAGES/django.po and take it out of LANGUAGES_WITHOUT_TEXTS"
        )
    for locale, path in found.items():
        with path.open("rb") as file:
            wrong = list(faults(read_po(file, locale=locale), pseudo.extracted()))
        assert not wrong, f"{path.relative_to(HOME)}: {len(wrong)} texts, the first: " + "\n".join(wrong[:20])


@pytest.mark.parametrize("language", ["ar", "es", "zh_Hans"])
def test_complete_catalogue_is_accepted_and_each_fault_of_one_is_found(language: str) -> None:
    wanted = pseudo.extracted()
    written = io.BytesIO()
    write_po(written, pseudo.catalogue(language))
    whole = read_po(io.BytesIO(written.getvalue()), locale=language)
    assert not list(faults(whole, wanted))

    whole.delete("Sign out")
    whole["Worklist"].flags.add("fuzzy")
    whole["Copy %(reference)s"].string = "Kopi"
    whole["Language"].string = ""
    days = whole.get(("%(n)d day", "%(n)d days"))
    assert days is not None
    if whole.num_plurals > 1:
        days.string = days.string[:1]
    else:
        days.string = ("%(days)d",)
    found = sorted(line.split(":")[0] for line in faults(whole, wanted))
    plural = f"has 1 of {whole.num_plurals} plural forms" if whole.num_plurals > 1 else "has other placeholders or tags"
    assert found == sorted(
        ["is missing", "is fuzzy", "has other placeholders or tags", "is not translated", plural]
    )  # fmt: skip


def test_text_is_found_wherever_a_developer_may_write_it() -> None:
    template = b"""{% load i18n %}<p title="{% translate 'One' %}">{{ x|default:_("Two") }}</p>
      {% blocktranslate trimmed count n=n with name=a %}Three of
        {{ name }}{% plural %}Four "of" 100% {{ name }}{% endblocktranslate %}{% translate "Five" context "of it" %}
      {# Translators: said once #}
      {% translate "Six" %}"""
    found = [one[2] for one in extract_template(io.BytesIO(template), pseudo_keywords(), ["Translators:"], {})]
    assert found == [
        "One", "Two", ("Three of %(name)s", 'Four "of" 100%% %(name)s', None), ("of it", "Five"), "Six",
    ]  # fmt: skip
    data = b'slug = "a"\nname = "Seven"\n[[questions]]\nkey = "b"\nlabel = "Eight?"\nchoices = [{value = "c", label = "Nine"}]\n'
    assert [one[:3] for one in extract_data(io.BytesIO(data), {}, [], {})] == [
        (2, "gettext", "Seven"), (5, "gettext", "Eight?"), (6, "gettext", "Nine"),
    ]  # fmt: skip
    ids = {one.id for one in pseudo.extracted()}
    assert {"Sign out", "own target", "Which stored data are to be preserved?", "The offence is fiscal"} <= ids


def pseudo_keywords() -> dict[str, object]:
    from babel.messages.extract import DEFAULT_KEYWORDS

    return dict(DEFAULT_KEYWORDS)


def test_pseudo_language_keeps_what_a_translator_must_keep_and_leaves_no_plain_letter(tmp_path: Path) -> None:
    told = pseudo.pseudo('Send %(n)d of {file} to <a href="x">%s</a> &amp; wait')
    assert told.startswith("⟦") and told.endswith("⟧")
    for kept in ("%(n)d", "{file}", '<a href="x">', "</a>", "&amp;", "%s"):
        assert kept in told
    assert not re.search("[A-Za-z]", re.sub(_PLACEHOLDER, "", told))
    text = "Approve the version"
    assert 1.3 * len(text) <= len(pseudo.pseudo(text)) <= 1.5 * len(text)
    with pseudo.spoken(tmp_path, "ar"), translation.override("ar"):
        said = [ngettext("%(n)d day", "%(n)d days", n) % {"n": n} for n in (0, 1, 2, 3, 11, 100)]
        assert [one[:3] for one in said] == ["⟦0 ", "⟦1 ", "⟦2 ", "⟦3 ", "⟦11", "⟦10"]
        assert translation.gettext("no translator ever sees this") == "no translator ever sees this"


def test_page_of_a_language_without_texts_is_english_from_its_side() -> None:
    shown = Template("{% load i18n %}{% translate 'Sign out' %} {{ day|date:'F' }}")
    import datetime as dt

    with reading_in("ar"):
        assert shown.render(Context({"day": dt.date(2026, 3, 1)})) == "Sign out March"
        assert (translation.get_language(), wanted_language(), is_from_the_right()) == ("en", "ar", True)
        with translation.override("es"):
            assert (wanted_language(), is_from_the_right()) == ("es", False)
    assert (wanted_language(), is_from_the_right()) == ("en", False)
