"""XLIFF out and in: what goes out comes back whole, and what is wrong in a file is told by its text, nothing half done."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from mla.core import clock
from mla.core.text import TextRefused, clean
from tests.drafting.test_translation import Desk
from workflows.drafting.services_translation import unit_save
from workflows.drafting.services_xliff import translation_bring_in, translation_tmx, translation_xliff
from workflows.drafting.xliff import LARGEST, NAMESPACE, Head, XliffWrong, tmx_of, xliff_of, xliff_read
from workflows.engine.errors import ActForbidden


@dataclass
class Row:
    position: int
    path: str
    source: str
    target: str = ""
    status: str = "new"
    number: int = 0


HEAD = Head("0190-1", "a" * 64, "en", "ar")


def kept(text: str) -> bool:
    try:
        return clean(text) == text and bool(text)
    except TextRefused:
        return False


TEXTS = st.text(max_size=60).map(lambda text: text.replace("\r", "")).filter(kept)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.lists(st.tuples(TEXTS, TEXTS | st.just("")), min_size=1, max_size=8))
def test_every_text_of_every_script_goes_out_and_comes_back_as_it_was(pairs: list[tuple[str, str]]) -> None:
    rows = [Row(n, f"facts[{n}].text", source, target, number=n) for n, (source, target) in enumerate(pairs, start=1)]
    found = xliff_read(xliff_of(HEAD, rows), HEAD, rows)
    assert [(one.path, one.target, one.number) for one in found] == [
        (row.path, row.target, row.number) for row in rows if row.target
    ]
    etree.fromstring(tmx_of(HEAD, rows, clock.now()))


NOTE = f'<notes><note category="mla-source-hash">{"a" * 64}</note></notes>'


def file(unit: str, *, before: str = "") -> bytes:
    opened = f'<xliff xmlns="{NAMESPACE}" version="2.0" srcLang="en" trgLang="ar">'
    return f'{before}{opened}<file id="letter" original="urn:uuid:0190-1">{NOTE}{unit}</file></xliff>'.encode()


UNIT = '<unit id="u1" name="title"><segment><source>A title.</source><target>B.</target></segment></unit>'
ROWS = [Row(1, "title", "A title.")]

WRONG: list[tuple[str, bytes, str, str]] = [
    ("no xml", b"<xliff", "no_xml", ""),
    ("nothing", b"", "no_xml", ""),
    ("no xliff", b"<html/>", "no_xliff", ""),
    ("xliff 1.2", b'<xliff xmlns="urn:oasis:names:tc:xliff:document:1.2" version="1.2"/>', "no_xliff", ""),
    ("too large", b" " * (LARGEST + 1), "too_large", ""),
    ("another translation", file(UNIT).replace(b"0190-1", b"0190-2"), "another_translation", ""),
    ("another version", file(UNIT).replace(b"a" * 64, b"b" * 64), "another_version", ""),
    ("another language", file(UNIT).replace(b'trgLang="ar"', b'trgLang="fr"'), "another_language", ""),
    ("no letter", file(UNIT).replace(b"<file ", b"<fil ").replace(b"</file>", b"</fil>"), "no_file", ""),
    ("unknown text", file(UNIT.replace("title\"", "titel\"")), "unknown_text", "titel"),
    ("twice", file(UNIT + UNIT), "twice", "title"),
    ("source changed", file(UNIT.replace("A title", "A titel")), "source_changed", "title"),
    ("codes", file(UNIT.replace("B.", 'B<ph id="1"/>.')), "codes", "title"),
    (
        "partly",
        file(UNIT.replace("<source>A title.", "<source>A ").replace("</segment>", "</segment><segment><source>title.</source></segment>")),
        "partly",
        "title",
    ),
    ("entity", file(UNIT, before='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>').replace(b"B.", b"&e;"), "document_type", ""),
    (
        "bomb",
        file(UNIT, before='<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'),
        "document_type",
        "",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("data", "code", "path"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_wrong_file_is_refused_and_says_what_and_at_which_text(data: bytes, code: str, path: str) -> None:
    with pytest.raises(XliffWrong) as wrong:
        xliff_read(data, HEAD, ROWS)
    assert [(one.code, one.path) for one in wrong.value.problems] == [(code, path)]


def test_text_that_an_agency_cut_into_sentences_comes_back_as_one() -> None:
    cut = (
        '<unit id="u1" name="title"><segment><source>A </source><target>B </target></segment>'
        "<ignorable><source>tit</source></ignorable>"
        '<segment><source>le.</source><target><mrk id="1" type="term">C</mrk>.</target></segment></unit>'
    )
    assert [one.target for one in xliff_read(file(cut), HEAD, ROWS)] == ["B titC."]


@pytest.mark.django_db
def test_file_goes_out_to_an_agency_and_comes_back_as_drafts_all_of_it_or_nothing() -> None:
    desk = Desk()
    row = desk.assigned()
    out = translation_xliff(row)
    back = re.sub(rb"(<source[^>]*>)(.*?)(</source>)", rb"\1\2\3<target>\2 (fr)</target>", out, flags=re.DOTALL)
    lines = row.units.filter(one_line=True).count()
    assert lines
    with pytest.raises(ActForbidden):
        translation_bring_in(translation=row, data=back, done=False, by=desk.stranger)
    spoilt = back.replace(b" (fr)</target>", b"\nx</target>", 1)
    with pytest.raises(XliffWrong):
        translation_bring_in(translation=row, data=spoilt, done=False, by=desk.translator)
    assert not row.units.exclude(status="new").exists(), "nothing half done"
    assert translation_bring_in(translation=row, data=back, done=False, by=desk.translator) == row.units.count()
    assert set(row.units.values_list("status", flat=True)) == {"draft"}
    # Once more the same file changes nothing.
    assert translation_bring_in(translation=row, data=back, done=False, by=desk.translator) == 0
    title = row.units.get(path="title")
    unit_save(translation=row, unit=title, target="Par nous", done=True, seen=title.number, by=desk.translator)
    with pytest.raises(XliffWrong) as wrong:
        translation_bring_in(translation=row, data=back, done=True, by=desk.translator)
    assert [(one.code, one.path) for one in wrong.value.problems] == [("saved_here", "title")]
    title.refresh_from_db()
    assert title.target == "Par nous"
    assert b"Par nous" in translation_tmx(row)
