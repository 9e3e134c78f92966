"""The working copy: the letter itself, of its language and direction, saying what it is; read back and compared."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from tests.documents import factory
from tests.documents.bombs import at_most
from workflows.documents.comparing import Compared, compared
from workflows.documents.letters import letter_html
from workflows.documents.word import CONTENT_HASH, REFERENCE, VERSION, MadeFrom, source_lines, word_file
from workflows.documents.word_parts import Unit, WordParts, plain, units_of, word_parts
from workflows.documents.word_reading import CopyRefused, EditedCopy, copy_read, copy_read_apart

MADE_FROM = MadeFrom("DE-2026-0042", 3, factory.HASH)


def parts_in(language: str) -> WordParts:
    return word_parts(letter_html(factory.letter(language=language), factory.cover(), factory.names()))


def file_in(language: str) -> bytes:
    return word_file(parts_in(language), MADE_FROM, factory.letter().date)


def part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name).decode()


def frames(data: bytes, kind: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return "".join(package.read(name).decode() for name in package.namelist() if f"word/{kind}" in name)


def rewritten(data: bytes, change: Callable[[str], str], name: str = "word/document.xml") -> bytes:
    """Return the file with a part changed as text."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for one in source.namelist():
            read = source.read(one)
            target.writestr(one, change(read.decode()) if one == name else read)
    return out.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as target:
        target.writestr(name, content)
    return out.getvalue()


def without_keys(data: bytes) -> bytes:
    return rewritten(data, lambda xml: re.sub(r"<w:bookmark(Start|End) [^>]*/>", "", xml))


def edited(data: bytes, change: Callable[[Any], None]) -> bytes:
    """Return the file as a word processor would save it after a change."""
    document = docx.Document(io.BytesIO(data))
    change(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def own_lines(language: str = "en") -> set[str]:
    return {line.text for line in source_lines(language, MADE_FROM)}


def letter_units(copy: EditedCopy, language: str = "en") -> list[Unit]:
    return [unit for unit in copy.units if unit.key or unit.text not in own_lines(language)]


def against(data: bytes, language: str = "en") -> list[Compared]:
    return compared(units_of(parts_in(language)), letter_units(copy_read(data), language))


def find(document: Any, text: str) -> Any:
    return next(one for one in document.paragraphs if text in one.text)


# --- the copy ---


@pytest.mark.parametrize("language", ["en", "ar", "zh-Hans", "fr"])
def test_copy_has_the_letters_own_text_paragraph_by_paragraph(language: str) -> None:
    read = copy_read(file_in(language))
    assert letter_units(read, language) == units_of(parts_in(language))
    assert [unit.text for unit in read.units[:4]] == [line.text for line in source_lines(language, MADE_FROM)]
    assert read.made_from == {REFERENCE: "DE-2026-0042", VERSION: "3", CONTENT_HASH: factory.HASH}


def test_every_paragraph_of_the_page_is_in_the_copy() -> None:
    page = letter_html(factory.letter(), factory.cover(), factory.names())
    import lxml.html

    body = lxml.html.document_fromstring(page).body
    said = " ".join(unit.text for unit in units_of(word_parts(page)))
    for paragraph in body.xpath("//main//p[not(ancestor::*[contains(@class, 'integrity')])]"):
        for line in paragraph.itertext():
            assert plain(line) in said


def test_same_version_gives_the_same_bytes() -> None:
    assert file_in("en") == file_in("en")


def test_every_page_says_that_no_hash_protects_it_and_what_it_was_made_from() -> None:
    data = file_in("de")
    assert "Arbeitskopie, nicht durch Hashwert geschützt" in frames(data, "header")
    assert "CONFIDENTIAL" in frames(data, "header")
    foot = frames(data, "footer")
    assert "DE-2026-0042" in foot
    assert " PAGE " in foot and " NUMPAGES " in foot
    text = part(data, "word/document.xml")
    assert factory.HASH in text
    # What is true of the PDF alone is not said.
    assert "letter.json" not in text


def test_headings_are_headings_tables_have_header_rows_and_the_language_is_set() -> None:
    document = docx.Document(io.BytesIO(file_in("fr")))
    styles = [one.style.name for one in document.paragraphs]
    assert {"Heading 1", "Heading 2", "Heading 3"} <= set(styles)
    heads = [table for table in document.tables if table._tbl.findall(f".//{qn('w:tblHeader')}")]
    assert len(heads) >= 5
    assert '<w:lang w:val="fr"' in part(file_in("fr"), "word/styles.xml")
    assert document.core_properties.language == "fr"
    assert document.core_properties.title == factory.letter().title


def test_letter_from_the_right_is_set_from_the_right_and_a_chinese_one_has_a_chinese_font() -> None:
    arabic = file_in("ar")
    assert "<w:bidi/>" in part(arabic, "word/styles.xml")
    assert "<w:bidiVisual/>" in part(arabic, "word/document.xml")
    assert "<w:rtl/>" in part(arabic, "word/document.xml")
    assert 'w:bidi="ar"' in part(arabic, "word/styles.xml")
    chinese = part(file_in("zh-Hans"), "word/styles.xml")
    assert 'w:eastAsia="SimSun"' in chinese
    assert 'w:eastAsia="zh-Hans"' in chinese
    assert "<w:rtl/>" not in part(file_in("zh-Hans"), "word/document.xml")


def test_what_somebody_typed_is_text_and_nothing_else() -> None:
    hostile = "<w:p>]]>&amp;</w:t></w:r> {MERGEFIELD x} \x0b\x01 \"'<script>"
    letter = factory.letter(title="T " + hostile.replace("\x0b", "").replace("\x01", ""))
    data = word_file(
        word_parts(letter_html(letter, factory.cover(), factory.names())), MadeFrom(hostile, 1, "0" * 64), letter.date
    )
    assert any("<script>" in unit.text and "]]>" in unit.text for unit in copy_read(data).units)
    assert 'TargetMode="External"' not in part(data, "word/_rels/document.xml.rels")


# --- what came back ---


def test_copy_that_nobody_edited_is_the_same() -> None:
    assert {row.state for row in against(file_in("en"))} == {"unchanged"}
    assert {row.state for row in against(without_keys(file_in("ar")), "ar")} == {"unchanged"}


@pytest.mark.parametrize("keys", [True, False])
def test_changed_moved_removed_and_added_paragraphs_are_told_apart(keys: bool) -> None:
    def change(document: Any) -> None:
        subject = find(document, "Computer sabotage against a hospital and")
        subject.runs[-1].text = subject.runs[-1].text.replace("hospital", "clinic")
        powers = find(document, "Under its own code of procedure")
        powers._p.getparent().remove(powers._p)
        reciprocity = find(document, "The same help would be given")
        last = find(document, "avails itself of this opportunity")
        last._p.addprevious(reciprocity._p)
        purpose = find(document, "To identify the user")
        purpose.insert_paragraph_before("We ask you to be quick about it.")
        document.tables[1].cell(1, 3).paragraphs[0].runs[0].text = "30 March 2026"

    data = edited(file_in("en"), change)
    rows = against(data if keys else without_keys(data))
    told = {state: [row for row in rows if row.state == state] for state in ("changed", "moved", "removed", "added")}
    assert [row.number for row in told["removed"]] == [10]
    assert [row.text for row in told["added"]] == ["We ask you to be quick about it."]
    assert [row.number for row in told["moved"]] == [5]
    assert len(told["changed"]) == 2
    words = {(piece.kind, piece.text.strip()) for row in told["changed"] for piece in row.pieces}
    assert {("gone", "hospital"), ("new", "clinic"), ("gone", "28"), ("new", "30")} <= words
    # What was removed stands where it stood.
    assert rows[rows.index(told["removed"][0]) - 1].number == 9


def test_tracked_changes_are_read_as_accepted_and_counted() -> None:
    def track(xml: str) -> str:
        done = '<w:ins w:id="900" w:author="x"><w:r><w:t>late </w:t></w:r></w:ins><w:del w:id="901" w:author="x"><w:r><w:delText>gone</w:delText></w:r></w:del>'
        return xml.replace("<w:r>", f"{done}<w:r>", 1)

    read = copy_read(rewritten(file_in("en"), track))
    assert read.tracked == 2
    assert any("late " in unit.text for unit in read.units)
    assert not any("gone" in unit.text for unit in read.units)


def test_signs_that_turn_the_order_of_letters_are_shown() -> None:
    data = edited(file_in("en"), lambda document: find(document, "To identify the user").add_run("\u202e00.1 RUE"))
    changed = [row for row in against(data) if row.state == "changed"]
    assert "‹U+202E›" in "".join(piece.text for piece in changed[0].pieces)


def test_comparing_is_bounded_whatever_the_texts_are() -> None:
    long = " ".join("ab"[index % 2] + str(index % 7) for index in range(5_000))
    old = [Unit(f"_mla{index}", f"{index}. {long[index:]}", index) for index in range(1, 40)]
    new = [Unit("", f"{index}. {long[2 * index :]} x", index) for index in range(1, 40)]
    assert len(compared(old, new)) >= 39
    many = [Unit("", f"word{index} other{index}") for index in range(3_000)]
    assert len(compared(many, [Unit("", unit.text[::-1]) for unit in many])) == 6_000


# --- what is refused ---


def relation(kind: str, target: str) -> Callable[[str], str]:
    added = f'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}" TargetMode="External"/>'
    return lambda xml: xml.replace("</Relationships>", f"{added}</Relationships>")


def bomb() -> bytes:
    return with_part(file_in("en"), "word/media/x.xml", b"0" * (220 * 2**20))


def lying_bomb() -> bytes:
    """The text itself unpacks to more than it says."""
    return rewritten(file_in("en"), lambda xml: xml.replace("<w:body>", "<w:body>" + "<w:p/>" * (6 * 2**20), 1))


def entity(xml: str) -> str:
    laughs = '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/hostname">]>'
    return re.sub(r"(<\?xml[^>]*\?>)?", lambda found: f"{found[0]}{laughs}", xml, count=1).replace(
        "<w:t ", "<w:t>&b;&c;</w:t><w:t ", 1
    )


def encrypted() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")


def macros() -> bytes:
    return with_part(file_in("en"), "word/vbaProject.bin", b"x")


def many_parts() -> bytes:
    out = io.BytesIO(file_in("en"))
    with zipfile.ZipFile(out, "a") as target:
        for index in range(2_100):
            target.writestr(f"word/media/{index}.txt", b"")
    return out.getvalue()


def flagged() -> bytes:
    """A package of which a part has a password."""
    data = bytearray(file_in("en"))
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.index(mark) + at] |= 1
    return bytes(data)


def other_xml(xml: str) -> str:
    return xml.replace("http://schemas.openxmlformats.org/wordprocessingml/2006/main", "urn:x")


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "empty"),
    "no zip": (lambda: b"%PDF-1.7 not at all", "no Word file"),
    "another zip": (lambda: with_part(b"", "x.txt", b"x"), "no Word file"),
    "cut off": (lambda: file_in("en")[:9_000], "broken"),
    "old kind": (lambda: encrypted()[:400], "older kind"),
    "encrypted": (encrypted, "encrypted"),
    "a part with a password": (flagged, "encrypted"),
    "bomb": (bomb, "unpacks to more"),
    "bomb in the text": (lying_bomb, "unpacks to more"),
    "too many parts": (many_parts, "unpacks to more"),
    "entities": (lambda: rewritten(file_in("en"), entity), "entities"),
    "broken xml": (lambda: rewritten(file_in("en"), lambda xml: xml[:-30]), "broken"),
    "another language of marks": (lambda: rewritten(file_in("en"), other_xml), "no Word file"),
    "macros": (macros, "macros"),
    "macros by type": (
        lambda: rewritten(
            file_in("en"),
            lambda xml: xml.replace(
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
                "application/vnd.ms-word.document.macroEnabled.main+xml",
            ),
            "[Content_Types].xml",
        ),
        "macros",
    ),
    "object": (lambda: with_part(file_in("en"), "word/embeddings/oleObject1.bin", b"x"), "objects"),
    "template": (
        lambda: rewritten(file_in("en"), relation("attachedTemplate", "http://192.0.2.7/x.dotm"), "word/_rels/document.xml.rels"),
        "from elsewhere",
    ),
    "picture": (
        lambda: rewritten(file_in("en"), relation("image", "file://192.0.2.7/x.png"), "word/_rels/document.xml.rels"),
        "from elsewhere",
    ),
    "deep": (
        lambda: rewritten(file_in("en"), lambda xml: xml.replace("<w:body>", "<w:body>" + "<w:sdt><w:sdtContent>" * 400, 1)),
        "broken",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_file_is_refused_with_a_reason(kind: str) -> None:
    make, reason = HOSTILE[kind]
    with pytest.raises(CopyRefused, match=reason):
        copy_read(make())


def test_copy_of_hundred_kilobytes_cannot_take_a_gigabyte_of_the_web_process() -> None:
    inside = '<w:t a="" b="" c="" d="" e=""/>'
    heavy = rewritten(file_in("en"), lambda xml: xml.replace("<w:body>", "<w:body>" + inside * 900_000, 1))
    assert len(heavy) < 150_000
    with at_most(64 * 2**20), pytest.raises(CopyRefused, match=r"unpacks to more|broken"):
        copy_read_apart(heavy)


def test_copy_read_in_another_process_is_the_same_and_so_is_a_refusal() -> None:
    assert copy_read_apart(file_in("ar")) == copy_read(file_in("ar"))
    with pytest.raises(CopyRefused, match="macros"):
        copy_read_apart(macros())


def test_address_in_the_text_is_no_reason_to_refuse() -> None:
    """Word processors make them of every address that they see; nobody follows them here."""
    data = rewritten(file_in("en"), relation("hyperlink", "mailto:a@example.net"), "word/_rels/document.xml.rels")
    assert {row.state for row in against(data)} == {"unchanged"}


def test_boxes_and_tables_inside_each_other_are_read_once() -> None:
    inner = "<w:p><w:r><w:t>deep</w:t></w:r></w:p>"
    for _level in range(12):
        inner = f"<w:p><w:r><w:pict><w:txbxContent>{inner}</w:txbxContent></w:pict></w:r></w:p>"
    table = "<w:p><w:r><w:t>cell</w:t></w:r></w:p>"
    for _level in range(12):
        table = f"<w:tbl><w:tr><w:tc>{table}</w:tc></w:tr></w:tbl>"
    data = rewritten(file_in("en"), lambda xml: xml.replace("<w:body>", f"<w:body>{inner}{table}", 1))
    added = [row.text for row in against(data) if row.state == "added"]
    assert added == ["deep", "cell"]
