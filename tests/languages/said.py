"""What a page says to a person: its texts, and what its attributes say, without what is marked as in no language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

_EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
#: What is typed into a field is no text of the page.
_SILENT = {"script", "style", "template", "code", "kbd", "samp", "textarea"}
_SPOKEN = {
    "alt", "aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "placeholder", "title",
    "data-label", "data-saving", "data-saved", "data-failed", "data-unreachable", "label",
}  # fmt: skip


@dataclass
class Said:
    """One text, where it stands, and whether it is an attribute."""

    place: str
    text: str


@dataclass
class _Open:
    tag: str
    place: str
    silent: bool


@dataclass
class Page(HTMLParser):
    """`said`: every text outside of elements that are silent, in another language, or marked as not to translate."""

    language: str = ""
    said: list[Said] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = given.get("lang", "")
        above = self._open[-1] if self._open else _Open("", "", False)
        another = given.get("lang", self.language) != self.language
        silent = above.silent or tag in _SILENT or tag == "bdi" or given.get("translate") == "no" or another
        here = tag + "".join(f".{name}" for name in given.get("class", "").split()[:2])
        place = f"{above.place} > {here}" if above.place else here
        if not silent:
            for name in _SPOKEN & set(given):
                self.said.append(Said(f"{place}[{name}]", given[name]))
            if tag == "input" and given.get("type") in ("submit", "button", "reset"):
                self.said.append(Said(f"{place}[value]", given.get("value", "")))
        if tag not in _EMPTY:
            self._open.append(_Open(tag, place, silent))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _EMPTY:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at].tag == tag:
                del self._open[at:]
                return

    def handle_data(self, data: str) -> None:
        if self._open and not data.isspace():
            if self._open[-1].silent:
                self.marked.append(data)
            else:
                self.said.append(Said(self._open[-1].place, data))


def read(html: str) -> Page:
    page = Page()
    page.feed(html)
    page.close()
    return page


#: The same in every language: names of standards, formats, systems and of the house itself.
NAMES = {
    "MLA", "UTC", "SHA", "PDF", "CSV", "TOML", "JSON", "QR", "IP", "ID", "TOTP", "IANA", "ISO", "INTERPOL", "CET", "CEST",
    "TXT", "PNG", "JPEG", "TIFF", "XML", "EML", "ODT", "ODS", "DOCX", "XLSX", "RTF",
    "UNTOC", "UNCAC", "CETS", "ICSFT",
}  # fmt: skip
_WORD = re.compile(r"[A-Za-z]{2,}")
_FIRST = re.compile(r"\w+")
#: Hashes, references, codes with a number, addresses of mail and the web: no words.
_CODES = re.compile(r"\S*\d\S*|\S+@\S+|https?://\S+|\b\w+(?:\.\w+)*\.(?:json|csv|pdf|net|toml|txt)\b")
_MARKS = str.maketrans("⟦⟧·", "   ")


class Judge:
    """Tells what of a page is in plain letters, though the page is in the pseudo-language.

    `known`: data of the cases, longest first.
    """

    def __init__(self, known: Sequence[str]) -> None:
        self.beginning: dict[str, list[str]] = {}
        for value in known:
            for word in _FIRST.findall(value)[:1]:
                self.beginning.setdefault(word, []).append(value)
        self.seen: dict[str, bool] = {}

    def untranslated(self, html: str) -> list[Said]:
        return [one for one in read(html).said if self.is_plain(one.text)]

    def is_plain(self, text: str) -> bool:
        text = " ".join(text.split())
        if text not in self.seen:
            self.seen[text] = self._is_plain(text)
        return self.seen[text]

    def _is_plain(self, text: str) -> bool:
        if not _words(text):
            return False
        left = text
        near = {value for word in _FIRST.findall(text) for value in self.beginning.get(word, ())}
        for value in sorted(near, key=len, reverse=True):
            left = left.replace(value, "\u0000")
            if not _words(left):
                return False
        # What was cut short at its end is the beginning of something known.
        for part in re.split("[⟦⟧\u0000]|(?<=…)", left):
            start = part.strip(" ·,:").removesuffix("…").strip()
            if part.strip(" ·,:").endswith("…") and any(value.startswith(start) for value in near):
                left = left.replace(part, "")
        return bool(_words(left))


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(_CODES.sub(" ", text.translate(_MARKS))) if word not in NAMES]
