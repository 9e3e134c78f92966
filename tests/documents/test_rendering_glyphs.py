"""Every character of a letter has a glyph in the shipped fonts, or the letter is refused with its place."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
from dataclasses import replace
from typing import Any

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import to_locale

from mla.core.canonical import canonical_bytes
from tests.documents import factory
from tests.documents.pages import body_of, squeezed
from tests.documents.translations import SENTENCES, translated
from tests.drafting.letters import letter as drafted
from workflows.documents import glyphs
from workflows.documents.assets import letter_folder
from workflows.documents.glyphs import FAMILIES, FontsMissing, check_glyphs, printable
from workflows.documents.letters import letter_pdf
from workflows.documents.limits import RenderFailed
from workflows.documents.rendering import RenderedPdf, render_in_fork
from workflows.drafting.findings import letter_findings
from workflows.drafting.law import law_for
from workflows.drafting.letterfile import LetterFile

SCRIPTS = {
    "Latin": "Ģenerālprokuratūra, İstanbul, Đà Nẵng, ſ ß œ",
    "Greek": "Αθήνα",
    "Cyrillic": "Прокуратура, Київ",
    "Arabic": "كتب القاضي إلى الوزارة",
    "Persian": "می‌خواهم",
    "Hebrew": "בית המשפט",
    "Armenian": "Դատախազություն",
    "Georgian": "პროკურატურა",
    "Devanagari": "न्यायालय",
    "Bengali": "আদালত",
    "Tamil": "நீதிமன்றம்",
    "Sinhala": "අධිකරණය",
    "Thai": "ศาล",
    "Khmer": "តុលាការ",
    "Burmese": "တရားရုံး",
    "Ethiopic": "ፍርድ ቤት",
    "Chinese": "司法协助请求 司法協助請求",
    "Japanese": "国際共助の要請 カタカナ",
    "Korean": "형사사법공조",
    "Signs": "§ ¶ № € ₿ £ ¥ ₹ ° ± × → ✓ “quoted” ‘single’ – — … • ½ ² ™ ©",
}


def made_with(text: str) -> RenderedPdf:
    letter = factory.letter(facts=[{"text": text}])
    return letter_pdf(
        letter, factory.cover(), factory.names(), canonical_json=canonical_bytes(letter.content()), identifier="x"
    )


def test_all_scripts_of_the_world_s_courts_are_printed_with_glyphs() -> None:
    check_glyphs({"facts": [{"text": text} for text in SCRIPTS.values()]})
    made = made_with("\n".join(SCRIPTS.values()))
    body = body_of(made.pdf)
    for script in ("Latin", "Greek", "Cyrillic", "Chinese", "Japanese", "Korean", "Armenian", "Signs"):
        assert squeezed(SCRIPTS[script]) in body, script


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("Subject A \U0001f600 smiles", "U+1F600", "line 1, column 11"),
        ("first\nsecond \U000132f9", "U+132F9", "line 2, column 8"),
        ("private \ue000", "U+E000", "line 1, column 9"),
        ("unassigned \U0003fffd", "U+3FFFD", "line 1, column 12"),
    ],
)
def test_a_character_without_a_glyph_is_refused_with_its_name_and_place(text: str, code: str, where: str) -> None:
    with pytest.raises(RenderFailed, match=re.escape(code)) as failure:
        made_with(text)
    assert (failure.value.kind, failure.value.place, failure.value.final) == ("glyph_missing", "facts[0].text", True)
    assert where in str(failure.value)


def test_the_cover_is_checked_like_the_letter() -> None:
    letter = factory.letter()
    with pytest.raises(RenderFailed, match=r"cover\.addressee\[1\].*U\+1F600"):
        letter_pdf(
            letter,
            replace(factory.cover(), addressee=("Ministry", "Room \U0001f600")),
            factory.names(),
            canonical_json=b"{}",
            identifier="x",
        )


def test_the_name_of_an_office_is_checked_like_the_letter() -> None:
    letter = factory.letter()
    names = replace(factory.names(), authorities={"de-central": "Office \U0001f600"})
    with pytest.raises(RenderFailed, match=r"names\.authorities\.de-central: line 1, column 8 holds U\+1F600"):
        letter_pdf(letter, factory.cover(), names, canonical_json=b"{}", identifier="x")


@pytest.mark.parametrize("language", sorted(SENTENCES))
def test_a_character_without_a_glyph_is_refused_in_every_language(language: str) -> None:
    content = translated(factory.letter(), language).content()
    check_glyphs(content)
    with pytest.raises(RenderFailed, match=r"^title: line 1, column 21 holds U\+132F9") as failure:
        check_glyphs(content | {"title": f"{SENTENCES[language][:20]}\U000132f9"})
    assert (failure.value.kind, failure.value.place) == ("glyph_missing", "title")


@pytest.mark.django_db
def test_what_no_font_can_print_is_a_gap_while_the_letter_is_drafted(monkeypatch: pytest.MonkeyPatch) -> None:
    fact = {"text": "Fine.\n\nNot \U0001f600.", "date": "2026-03-01"}

    def gaps(content: LetterFile) -> list[tuple[str, str]]:
        found = letter_findings(content, law=law_for(content), today=dt.date(2026, 6, 1))
        return [(one.question, one.message) for one in found if one.code == "not_printable"]

    assert gaps(drafted(facts=[fact])) == [
        ("facts[0].text", "Line 3, column 5 holds U+1F600 (GRINNING FACE), which no font of the letter can print.")
    ]
    assert gaps(drafted()) == []

    def none() -> frozenset[int]:
        raise FontsMissing(["Noto Serif"])

    monkeypatch.setattr(glyphs, "coverage", none)
    assert gaps(drafted(facts=[fact])) == [], "a machine without fonts says nothing rather than everything"


@pytest.mark.parametrize("language", sorted(set(SENTENCES) - {"en"}))
def test_the_fixed_wording_of_every_language_can_be_printed(language: str) -> None:
    home = settings.BASE_DIR / "workflows" / "documents" / "locale" / to_locale(language)
    with (home / "LC_MESSAGES" / "django.po").open("rb") as file:
        said = [message.string for message in read_po(file) if message.id]
    assert len(said) > 500
    check_glyphs({"wording": ["\n".join(one) if isinstance(one, tuple) else one for one in said]})


def test_a_glyph_that_the_check_missed_still_stops_the_document() -> None:
    with pytest.raises(RenderFailed, match=r"U\+3FFFD") as failure:
        render_in_fork(
            '<html lang="en"><title>t</title><body><p>\U0003fffd</p></body></html>',
            canonical_json=b"{}", title="t", language="en", identifier="x", dated=dt.date(2026, 1, 1),
        )  # fmt: skip
    assert failure.value.kind == "glyph_missing"


def test_joiners_and_marks_of_direction_need_no_glyph() -> None:
    for character in "\u200c\u200d\u200e\u200f\u061c\u00ad\ufe0f\n\t":
        assert printable(character)
    assert not printable("\U0001f600")


def test_style_sheet_and_check_name_the_same_fonts() -> None:
    css = (letter_folder() / "letter.css").read_text(encoding="utf-8")
    chains = [re.findall(r'"(Noto [^"]+)"', chain) for chain in re.findall(r"font-family:\s([^;]+);", css)]
    full = [chain for chain in chains if len(chain) > 5]
    assert len(full) > 5
    assert full[0] == list(FAMILIES)
    for chain in full:
        assert sorted(chain) == sorted(FAMILIES), "another order for another language, but the same fonts"
    assert {name for chain in chains for name in chain} - set(FAMILIES) == {"Noto Sans Mono"}


def test_no_letter_is_rendered_without_its_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    real = subprocess.run

    def without(family: str) -> Any:
        def run(*args: Any, **kwargs: Any) -> Any:
            done = real(*args, **kwargs)
            done.stdout = "\n".join(line for line in done.stdout.splitlines() if not line.startswith(family + "\t"))
            return done

        return run

    glyphs.installed_fonts.cache_clear()
    try:
        monkeypatch.setattr(subprocess, "run", without("Noto Serif"))
        with pytest.raises(FontsMissing, match="fonts-noto-core") as failure:
            render_in_fork("<p>x", canonical_json=b"{}", title="t", language="en", identifier="x", dated=dt.date.max)
        assert not failure.value.final, "it can be done once the font is there"
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: (_ for _ in ()).throw(FileNotFoundError("fc-list")))
        with pytest.raises(FontsMissing, match="fontconfig"):
            glyphs.installed_fonts()
    finally:
        monkeypatch.undo()
        glyphs.installed_fonts.cache_clear()


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="only Debian tells which package a font is of")
def test_each_font_is_of_a_package_that_is_installed_with_the_house() -> None:
    """A machine may have a font by chance; a bare one has what `.ci/system-libraries` names."""
    named = (
        (settings.BASE_DIR / ".ci" / "system-libraries").read_text().split("needed=(", 1)[1].split(")", 1)[0].split()
    )
    files = [path for path, _ in glyphs.installed_fonts().values()]
    owners = subprocess.run(["dpkg-query", "-S", *files], capture_output=True, text=True, check=True).stdout
    assert {line.split(":")[0] for line in owners.splitlines()} <= set(named)
