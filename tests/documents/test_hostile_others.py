"""Hostile text in a translation's units, in titles of bound annexes and under seal: printed as text, nothing is fetched."""

from __future__ import annotations

import html
import io
import re
import socket
from collections.abc import Iterator
from dataclasses import replace

import pikepdf
import pytest

from mla.core.canonical import canonical_bytes, content_hash
from mla.core.files import file_store
from tests.documents import factory
from tests.documents.markup import harmless, markup_of
from tests.documents.pages import attachments_of, body_of, squeezed
from tests.documents.test_hostile_text import (
    NOT_PRINTED,
    hostile,
    hostile_cover,
    hostile_letter,
    hostile_names,
    nobody_called,
    port_of,
)
from tests.drafting import hostile_files as files
from workflows.documents.bilingual import Side, bilingual_html, bilingual_pdf
from workflows.documents.bound import Part, bound_pdf, list_html, stamps_html
from workflows.documents.sealed import sealed_html, sealed_pdf
from workflows.drafting.letterfile import LetterFile

#: Nothing that a text brought along: a script, a picture, another address.
BROUGHT = re.compile(r"<(script|img|object|embed|iframe|a|base|meta(?! charset| name))\b|<!--")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(20)
        server.settimeout(0.2)
        yield server


def test_units_of_a_translation(listener: socket.socket) -> None:
    port = port_of(listener)
    source, put = hostile_letter(port)
    # The translator's texts are others than the author's.
    said = {text: text.replace("[", "[T", 1) for text in put.values()}
    content = canonical_bytes(source.content()).decode()
    for text, other in said.items():
        content = content.replace(_in_json(text), _in_json(other))
    translation = LetterFile.model_validate_json(content).model_copy(update={"language": "fr"})
    sides = [Side(one, hostile_names(port), canonical_bytes(one.content())) for one in (source, translation)]
    cover = replace(hostile_cover(port), content_hash=content_hash(source.content()))
    page = bilingual_html(*sides, cover)
    assert not BROUGHT.search(page) and page.count("<link") == page.count('href="mla-asset:')
    plain = [Side(harmless(one.letter), harmless(one.names), one.canonical_json) for one in sides]
    assert markup_of(page) == markup_of(bilingual_html(*plain, harmless(cover)))
    printed = [path for path in put if not NOT_PRINTED.search(path)]
    assert len(printed) > 60
    for path in printed:
        assert html.escape(put[path]) in page, path
        assert html.escape(said[put[path]]) in page, path
    made = bilingual_pdf(*sides, cover, identifier="urn:x")
    assert set(attachments_of(made.pdf)) == {"letter.json", "translation.json"}
    assert nobody_called(listener)


def _in_json(text: str) -> str:
    return canonical_bytes([text]).decode()[1:-1]


def test_titles_of_bound_annexes(listener: socket.socket) -> None:
    port = port_of(listener)
    kept = file_store(files.pdf(2))
    titles = [hostile(number, port) for number in range(3)]
    annexes = [
        {"id": f"A{number}", "title": title, "sha256": kept.sha256, "size": kept.size, "media_type": "application/pdf"}
        for number, title in enumerate(titles, 1)
    ]
    letter = factory.letter(annexes=annexes)
    cover = hostile_cover(port)
    made = bound_pdf(letter, cover, factory.names(), identifier="urn:x")
    assert made is not None
    body = body_of(_front(made.pdf, pages=6))
    assert [title for title in titles if squeezed(title) not in body] == []
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf, pdf.open_outline() as outline:
        assert [one.title for one in outline.root[1:]] == [f"A{n} · {title}" for n, title in enumerate(titles, 1)]
        assert all("/Annots" not in page for page in pdf.pages)
    parts = [Part("A1", titles[0], b"", 2)]
    pages = {
        stamps_html(letter, cover, parts): stamps_html(letter, harmless(cover), harmless(parts)),
        list_html(letter, cover, hostile_names(port), parts): list_html(
            harmless(letter), harmless(cover), harmless(hostile_names(port)), harmless(parts)
        ),
    }
    for page, plain in pages.items():
        assert not BROUGHT.search(page) and markup_of(page) == markup_of(plain)
        assert html.escape(cover.own_reference) in page
    assert nobody_called(listener)


def _front(pdf: bytes, pages: int) -> bytes:
    """Return a bound file without its annexes, of which there are so many pages."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        del opened.pages[len(opened.pages) - pages :]
        opened.save(out)
    return out.getvalue()


def test_particulars_under_seal(listener: socket.socket) -> None:
    port = port_of(listener)
    keys = ("name", "birthplace", "document", "address", "location", "description")
    particulars: dict[str, object] = {key: hostile(number, port) for number, key in enumerate(keys)}
    content = {
        "persons": [
            {
                "id": "P2",
                "pseudonym": hostile(20, port),
                "role": "witness",
                "particulars": particulars | {"aliases": [hostile(21, port), hostile(22, port)]},
            }
        ]
    }
    letter, cover = factory.letter(), hostile_cover(port)
    page = sealed_html(letter, cover, content)
    assert not BROUGHT.search(page) and page.count("<link") == 1
    assert markup_of(page) == markup_of(sealed_html(letter, harmless(cover), harmless(content)))
    made = sealed_pdf(letter, cover, content, identifier="urn:x")
    body = body_of(made.pdf)
    said = [*(str(one) for one in particulars.values()), *(hostile(number, port) for number in (20, 21, 22))]
    assert [text for text in said if squeezed(text) not in body] == []
    assert nobody_called(listener)
