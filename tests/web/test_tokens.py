"""The look holds in numbers: contrast of every pair of colours, both directions of writing, nothing inline."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, files, name_of

MLA_CSS = ROOT / "workflows" / "web" / "static" / "web" / "mla.css"
STYLES = files("workflows/web/static/web/*.css")
TEMPLATES = files("templates/**/*.html")
#: What words are written in, and what they are written on.
INKS = ("ink", "accent", "waiting", "urgent", "refused", "done")
GROUNDS = ("paper", "canvas")


def tokens(css: str) -> dict[str, dict[str, str]]:
    """Return the colours by name, light and dark, as the first blocks of mla.css state them."""
    light = re.search(r":root\s*\{(.*?)\}", css, re.DOTALL)
    dark = re.search(r"prefers-color-scheme: dark\)\s*\{\s*:root[^{]*\{(.*?)\}", css, re.DOTALL)
    assert light and dark
    found = {}
    for name, block in (("light", light[1]), ("dark", dark[1])):
        found[name] = dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-fA-F]{6})\b", block))
    return found


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` (WCAG 2.2)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_and_every_edge_has_its_contrast(scheme: str) -> None:
    colours = tokens(MLA_CSS.read_text())[scheme]
    pairs = [(ink, ground, 4.5) for ink in INKS for ground in GROUNDS]
    pairs += [("ink", ground, 4.5) for ground in ("mark", "added", "removed")]
    pairs += [("accent-ink", "accent", 4.5), ("paper", "ink", 4.5), ("paper", "refused", 4.5)]
    pairs += [("edge", ground, 3.0) for ground in GROUNDS]
    faint = {
        f"{front} on {back}": round(contrast(colours[front], colours[back]), 2)
        for front, back, least in pairs
        if contrast(colours[front], colours[back]) < least
    }
    assert not faint


def test_chosen_scheme_has_the_colours_of_the_one_by_preference() -> None:
    """[data-theme] is for looking at both: it must not drift from what people see."""
    css = MLA_CSS.read_text()
    chosen = {
        theme: dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-fA-F]{6})\b", block))
        for theme, block in re.findall(r'\[data-theme="(light|dark)"\]\s*\{(.*?)\}', css, re.DOTALL)
    }
    assert chosen == tokens(css)


PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right|top|bottom)"
    r"(?:-[a-z]+)?|left|right|top|bottom|width|height|(?:min|max)-(?:width|height))\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)\b"
)


def physical(css: str) -> list[str]:
    """Return the properties that name a side of the screen. A medium's width is no property."""
    plain = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return PHYSICAL.findall(re.sub(r"@(?:media|container|page|supports)[^{]*", "", plain))


@pytest.mark.parametrize("path", STYLES, ids=name_of)
def test_styles_name_no_side_of_the_screen(path: Path) -> None:
    assert not physical(path.read_text())


def test_physical_property_is_found() -> None:
    assert (
        len(physical("a { margin-left: 1px; width: 3px } b { text-align: left; right: 0 } @media (width: 2px) {}")) == 4
    )
    assert not physical("a { margin-inline-start: 1px; border-block-end-width: 2px; --left: 1px; inline-size: 1px }")


INLINE = {
    "a style": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"(?:href|src|action)\s*=\s*[\"']?\s*javascript:", re.IGNORECASE),
    "a script without src": re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE),
    "a script without nonce": re.compile(r"<script\b(?![^>]*nonce=)", re.IGNORECASE),
    "hx-on": re.compile(r"\shx-on", re.IGNORECASE),
}


def of_the_desk(path: Path) -> bool:
    return "documents" not in path.relative_to(ROOT / "templates").parts


@pytest.mark.parametrize("path", [path for path in TEMPLATES if of_the_desk(path)], ids=name_of)
def test_template_holds_nothing_inline(path: Path) -> None:
    text = path.read_text()
    assert not [what for what, pattern in INLINE.items() if pattern.search(text)]


def test_inline_code_is_found() -> None:
    wrong = ('<p style="x">', "<style>", '<a onclick="x">', '<a href="javascript:x">', "<script>x</script>")
    assert all(any(pattern.search(text) for pattern in INLINE.values()) for text in wrong)
    assert not any(p.search('<script src="x" defer nonce="{{ n }}"></script>') for p in INLINE.values())


_TRANSLATED = re.compile(r"\{%-?\s*blocktrans(?:late)?\b.*?\{%-?\s*endblocktrans(?:late)?\s*-?%\}", re.DOTALL)
_CODE = re.compile(r"\{#.*?#\}|\{%-?\s*comment\b.*?\{%-?\s*endcomment\s*-?%\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_SPOKEN = re.compile(
    r"\b(?:alt|title|placeholder|aria-label|aria-description|data-(?:label|saving|saved|failed))=\"([^\"]*)\""
)
_KEPT_AS_IS = re.compile(r"<(kbd|code|script|svg)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
#: Names and abbreviations that are the same in every language.
NAMES = {"MLA", "UTC", "SHA", "PDF", "CSV", "TOML", "JSON", "QR", "IP", "ID", "x"}


def bare_words(template: str) -> list[str]:
    """Return the words that a template shows without having them translated."""
    text = re.sub(r"\{% block main_class %\}.*?\{% endblock %\}", "", template)
    text = _CODE.sub("\u0000", _TRANSLATED.sub("\u0000", text))
    text = _KEPT_AS_IS.sub(" ", text)
    spoken = list(_SPOKEN.findall(text))
    # A tag ends outside its quotes, and a filter's quotes are gone by now.
    shown = re.sub(r"<!--.*?-->", " ", text, flags=re.DOTALL)
    shown = re.sub(r"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", "\u0000", shown)
    shown = re.sub(r"&[a-z#0-9]+;", " ", shown)
    words = []
    for piece in [*shown.split("\u0000"), *spoken]:
        words += [word for word in re.findall(r"[^\W\d_]{2,}", piece) if word not in NAMES]
    return words


@pytest.mark.parametrize("path", [path for path in TEMPLATES if of_the_desk(path)], ids=name_of)
def test_template_says_nothing_untranslated(path: Path) -> None:
    assert not bare_words(path.read_text())


def test_bare_words_are_found() -> None:
    assert bare_words('<p>Hello {{ name }}</p><img alt="A picture">') == ["Hello", "picture"]
    assert not bare_words('<p title="{% translate "Hello" %}">{% translate "Hello" %} {{ x|default:"no" }}</p>')
    assert not bare_words("{% blocktranslate trimmed %}Good day {{ name }}{% endblocktranslate %}")
