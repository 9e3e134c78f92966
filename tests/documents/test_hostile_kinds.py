"""Hostile text in every field of every kind of document, found by walking its typed context: printed as text, or named here."""

from __future__ import annotations

import html
import io
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pikepdf
import pytest

from mla.core.text import BIDIRECTIONAL, TextRefused, clean
from tests.documents.kind_examples import example, frame
from tests.documents.markup import harmless, markup_of
from tests.documents.pages import attachments_of, body_of, squeezed
from tests.documents.test_hostile_text import (
    hostile,
    hostile_cover,
    hostile_letter,
    hostile_names,
    nobody_called,
    port_of,
)
from workflows.documents.case_documents import Frame, document_html, document_pdf
from workflows.documents.kinds import Kind, kinds
from workflows.documents.kinds.redacted_copy import redacted
from workflows.documents.limits import RenderFailed
from workflows.drafting.letterfile import LetterFile

KINDS = list(kinds().values())
#: Texts that have a form of their own, which is checked where they come in: hashes and codes of languages.
FORMED = re.compile(r"sha256|language$")


def every(kind: Kind) -> str:
    return kind.slug


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(20)
        server.settimeout(0.2)
        yield server


def walked(value: Any, said: Callable[[str], str], path: str = "") -> Any:
    """Return a typed context with another text in every field that takes text, whatever its fields are."""
    if isinstance(value, LetterFile):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        told = {one.name: walked(getattr(value, one.name), said, f"{path}.{one.name}") for one in fields(value)}
        return replace(value, **told)
    if isinstance(value, tuple):
        return tuple(walked(one, said, f"{path}[{index}]") for index, one in enumerate(value))
    if isinstance(value, str) and not FORMED.search(path):
        return said(path)
    return value


def filled(kind: Kind, said: Callable[[str], str], port: int) -> Any:
    made = example(kind, long=True)
    if not hasattr(made, "letter"):
        return walked(made, said)
    letter, names = hostile_letter(port)[0], hostile_names(port)
    return redacted(letter, names) if kind.slug == "redacted-copy" else type(made)(letter, names)


def framed(port: int) -> Frame:
    outer = frame()
    cover = replace(hostile_cover(port), content_hash="", signed_on=None)
    names = {"requesting": hostile(801, port), "requested": hostile(802, port), "title": hostile(803, port)}
    return replace(outer, cover=cover, **names)


@pytest.mark.parametrize("kind", KINDS, ids=every)
def test_whatever_stands_in_any_field_is_printed_as_text_and_nothing_is_fetched(
    kind: Kind, listener: socket.socket
) -> None:
    put: dict[str, str] = {}
    port = port_of(listener)

    def said(path: str) -> str:
        put[path] = hostile(len(put), port)
        return put[path]

    context, outer = filled(kind, said, port), framed(port)
    page = document_html(kind, outer, context)
    made = document_pdf(kind, outer, context, identifier='urn:"<x>&')
    body = body_of(made.pdf)
    missing = [path for path, text in put.items() if squeezed(text) not in body]
    assert missing == [], "each field of the context stands in the document"
    # The only markup is ours.
    assert not re.search(r"<(script|img|object|embed|iframe|a|base|meta(?! charset))\b", page)
    assert page.count("<link") == 1 and "<!--" not in page
    assert all(html.escape(text) in page for text in put.values())
    assert markup_of(page) == markup_of(document_html(kind, harmless(outer), harmless(context)))
    assert html.escape("<b>SECRET</b>") in page
    assert nobody_called(listener) and set(attachments_of(made.pdf)) <= {"document.json"}
    with pikepdf.open(io.BytesIO(made.pdf)) as document:
        assert all("/Annots" not in one for one in document.pages)


@pytest.mark.parametrize("kind", KINDS, ids=every)
def test_control_that_turns_the_order_of_letters_is_printed_in_no_field(kind: Kind) -> None:
    """Every text that comes in is cleaned of them; what came by another way is refused at the last door, with its field."""
    made = example(kind, long=True)
    paths: list[str] = []
    walked(made, lambda path: paths.append(path) or "x")
    for control in sorted(BIDIRECTIONAL):
        with pytest.raises(TextRefused, match=f"U\\+{ord(control):04X}"):
            clean(f"Subject {control}A")
        for wanted in paths:
            context = walked(
                made, lambda path, wanted=wanted, control=control: f"A{control}B" if path == wanted else "x"
            )
            with pytest.raises(RenderFailed, match=f"^says{re.escape(wanted)}: .*U\\+{ord(control):04X}"):
                document_pdf(kind, frame(), context, identifier="x")
        with pytest.raises(RenderFailed, match=f"U\\+{ord(control):04X}"):
            document_pdf(kind, frame(peer_reference=f"7{control}8"), made, identifier="x")
