"""The tags say what the letter is, and nothing else: no element for a line, none without its way back to the page."""

from __future__ import annotations

import io
import re
from functools import cache
from typing import Any

import pikepdf
import pytest

from tests.documents import factory
from tests.documents.pages import attachments_of
from tests.documents.tags import kids_of, tagged
from workflows.documents.letters import letter_pdf

#: Several lines, and enough of them to go over a page.
FACTS = [{"text": "\n\n".join([f"On 12 March 2026 a session was opened ({at}). " * 9 for at in range(30)])}]


@cache
def made(language: str) -> bytes:
    letter = factory.letter(language=language, facts=FACTS)
    cover = factory.cover(by_certificate=True, marking="")
    return letter_pdf(letter, cover, factory.names(), canonical_json=b"{}", identifier="urn:uuid:x").pdf


@pytest.mark.parametrize("language", ["en", "ar", "zh-Hans"])
def test_every_marked_content_has_its_element_and_every_element_its_content(language: str) -> None:
    """ISO 32000-1, 14.7.4.4: what an element holds on a page leads back to that element."""
    with pikepdf.open(io.BytesIO(made(language))) as document:
        root = document.Root.StructTreeRoot
        numbers = root.ParentTree.Nums
        parents = {int(numbers[at]): numbers[at + 1] for at in range(0, len(numbers), 2)}
        held: dict[tuple[int, int], Any] = {}
        for element in tagged(root):
            assert element.P.objgen == root.objgen or element.objgen in [_identity(kid) for kid in kids_of(element.P)]
            for kid in kids_of(element):
                if isinstance(kid, int):
                    held[int(element.Pg.StructParents), kid] = element.objgen
                elif kid.get("/Type") == "/MCR":
                    held[int(kid.Pg.StructParents), int(kid.MCID)] = element.objgen
        assert len(document.pages) > 5
        for page in document.pages:
            marked = [int(found) for found in re.findall(rb"/MCID (\d+)", page.Contents.read_bytes())]
            entries = parents[int(page.StructParents)]
            assert marked and len(marked) == len(set(marked))
            for number in marked:
                assert entries[number].objgen == held.pop((int(page.StructParents), number))
        assert not held, "an element holds what stands on no page"


@pytest.mark.parametrize("language", ["en", "ar", "zh-Hans"])
def test_a_paragraph_holds_its_lines_itself(language: str) -> None:
    with pikepdf.open(io.BytesIO(made(language))) as document:
        found = list(tagged(document.Root.StructTreeRoot))
        kinds = {str(element.S) for element in found}
        assert not kinds & {"/Span", "/NonStruct"} and {"/P", "/H1", "/TD", "/TH", "/Form"} <= kinds
        lines = [len(kids_of(element)) for element in found if element.S == "/P"]
        assert max(lines) > 5


def test_no_number_of_an_object_is_left_empty_and_the_catalog_is_short() -> None:
    """Who signs reads an entry for every number, and the catalog whole."""
    with pikepdf.open(io.BytesIO(made("en"))) as document:
        assert not [number for number in range(1, len(document.objects)) if document.objects[number - 1] is None]
        assert document.Root.Names.Dests.is_indirect and len(document.Root.Names.Dests.Names) > 20
    assert attachments_of(made("en"))


def _identity(kid: Any) -> Any:
    return kid.objgen if isinstance(kid, pikepdf.Object) else None
