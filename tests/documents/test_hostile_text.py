"""Whatever somebody types is printed as text: never markup, never a style, an address to fetch, or a file."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pikepdf
import pytest

from mla.core.canonical import canonical_bytes
from tests.documents import factory
from tests.documents.markup import harmless, markup_of
from tests.documents.pages import attachments_of, body_of, extents_of, pages_of, squeezed
from workflows.documents.letters import letter_html, letter_pdf
from workflows.documents.limits import RenderFailed
from workflows.documents.rendering import ATTACHMENT_NAME, RenderedPdf, render_in_fork
from workflows.documents.values import InstrumentName, MeasureName, Names
from workflows.drafting.letterfile import LetterFile, LetterFileWrong, letter_from

#: Fields that hold no free text: codes, dates, references between the parts, or values with a form of their own.
STRUCTURED = re.compile(
    r"(^|\.)(format|language|date|jurisdiction|authority|originating|channel|level|nature|kind|role|id|email|time_zone"
    r"|born|category|committed_from|committed_to|type|value|at|from|to|measure|instrument|provider|person|time_limit"
    r"|sha256|until|offered|snapshot_at|mla_promised_by|answer)$"
    r"|\.(nationality|bases|offences|persons|identifiers|data_kinds|items_wanted|follow_up)\[\d+\]$"
)
#: Free text that is not printed: what is known of a protected person, the rights screen, paths of the import.
NOT_PRINTED = re.compile(r"^persons\[1\]\.(address|description)$|^rights\.|^before\.|^preserved\[|\.file$")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server that anything fetching http://127.0.0.1 would reach."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(20)
        server.settimeout(0.2)
        yield server


def port_of(server: socket.socket) -> int:
    return int(server.getsockname()[1])


def nobody_called(server: socket.socket) -> bool:
    try:
        server.accept()[0].close()
    except TimeoutError:
        return True
    return False


def hostile(number: int, port: int) -> str:
    """Return a line (under 300 characters) that would act if any part of it were not text."""
    return (
        f"[{number}]</p></td></style><script>alert(1)</script><img src=http://127.0.0.1:{port}/i>"
        f"<link rel=attachment href='file:///etc/passwd'><style>*{{display:none}}@import url(http://127.0.0.1:{port}/c)"
        f'</style><object data="file:///etc/hostname">{{{{ numbering }}}}{{% load i18n %}}&lt;b&#62;"<!--'
    )


def hostile_letter(port: int) -> tuple[LetterFile, dict[str, str]]:
    """Return the factory's letter with a hostile text in every field that takes free text, and those texts by path."""
    content = factory.letter(
        rights={"persecution": "none", "immunity": "none"},
        before={"open_data": {"answer": "used", "reason": "none"}},
        preserved=[{"id": "D1", "what": "logs", "by": "point of contact", "reference": "none"}],
        annexes=[{"id": "A1", "title": "Order", "file": "a.txt", "media_type": "text/plain"}],
    ).content()
    put: dict[str, str] = {}

    def walk(value: Any, path: str) -> Any:
        if isinstance(value, dict):
            return {key: walk(inner, f"{path}.{key}" if path else key) for key, inner in value.items()}
        if isinstance(value, list):
            return [walk(inner, f"{path}[{index}]") for index, inner in enumerate(value)]
        if not isinstance(value, str) or STRUCTURED.search(path):
            return value
        put[path] = hostile(len(put), port)
        return put[path]

    return LetterFile.model_validate(walk(content, "")), put


def hostile_cover(port: int) -> Any:
    return replace(
        factory.cover(),
        own_reference=hostile(901, port),
        peer_reference=hostile(902, port),
        sender=(hostile(903, port), hostile(904, port)),
        addressee=(hostile(905, port), hostile(906, port)),
        place=hostile(907, port),
        signatory=hostile(908, port),
        marking="<b>SECRET</b>",
    )


def hostile_names(port: int) -> Names:
    """Return names of States, offices, treaties and measures, of which officers enter some, and what a letter corrects."""
    told = iter(range(1000, 9999))

    def said() -> str:
        return hostile(next(told), port)

    def measure(one: MeasureName) -> MeasureName:
        questions = {
            key: replace(asked, label=said(), choices={choice: said() for choice in asked.choices})
            for key, asked in one.questions.items()
        }
        return replace(one, name=said(), questions=questions)

    names = factory.names()
    kinds = (("added", None, said()), ("removed", said(), None), ("changed", said(), said()))
    changes = [
        {"kind": kind, "path": f"facts[{number}].text", "before": before, "after": after}
        for number, (kind, before, after) in enumerate(kinds)
    ]
    return replace(
        names,
        jurisdictions={code: said() for code in names.jurisdictions},
        authorities={code: said() for code in names.authorities},
        instruments={code: InstrumentName(said(), said()) for code in names.instruments},
        measures={slug: measure(one) for slug, one in names.measures.items()},
        difference={
            "kind": "amendment", "reference": said(), "date": "2026-01-30", "content_hash": "0" * 64, "changes": changes,
        },
    )  # fmt: skip


@pytest.fixture(scope="module")
def made() -> tuple[RenderedPdf, dict[str, str], LetterFile, bool]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(20)
        server.settimeout(0.2)
        letter, put = hostile_letter(port_of(server))
        pdf = letter_pdf(
            letter,
            hostile_cover(port_of(server)),
            factory.names(),
            canonical_json=canonical_bytes(letter.content()),
            identifier='urn:"<x>&',
        )
        return pdf, put, letter, nobody_called(server)


def test_every_kind_of_free_text_is_tried(made: tuple[RenderedPdf, dict[str, str], LetterFile, bool]) -> None:
    put = made[1]
    assert len(put) == 76
    for path in (
        "title", "operation", "urgency.reason", "proceedings.subject", "persons[0].name", "persons[0].aliases[0]",
        "offences[0].law_text", "offences[0].maximum_penalty", "facts[0].text", "facts[0].source", "providers[0].name",
        "identifiers[1].note", "bases[0].articles[0]", "bases[1].note", "items[0].answers.data_to_preserve",
        "items[0].answers.new_question", "items[0].procedure", "statements.costs", "contacts[0].hours",
        "related[0].reference", "annexes[0].title", "confidentiality.user_notification",
    ):  # fmt: skip
        assert path in put


def test_hostile_text_is_printed_as_text(made: tuple[RenderedPdf, dict[str, str], LetterFile, bool]) -> None:
    pdf, put, _letter, _quiet = made
    body = body_of(pdf.pdf)
    missing = [path for path, text in put.items() if squeezed(text) not in body and not NOT_PRINTED.search(path)]
    assert missing == []
    for path, text in put.items():
        if NOT_PRINTED.search(path):
            assert f"{text.split(chr(60))[0]}<" not in body, path
    for page in pages_of(pdf.pdf):
        assert "<b>SECRET</b>" in page.margins
        assert squeezed("[901]</p></td></style><script>alert(1)</script>") in page.margins


def test_hostile_text_fetches_and_attaches_nothing(
    made: tuple[RenderedPdf, dict[str, str], LetterFile, bool],
) -> None:
    pdf, _put, letter, quiet = made
    assert quiet, "nothing of the letter reached the network"
    assert attachments_of(pdf.pdf) == {ATTACHMENT_NAME: canonical_bytes(letter.content())}
    with pikepdf.open(io.BytesIO(pdf.pdf)) as document:
        assert all("/Annots" not in page for page in document.pages)
        assert "root:" not in "".join(
            stream.read_bytes().decode("latin-1")
            for stream in document.objects
            if isinstance(stream, pikepdf.Stream) and stream.get("/Subtype") not in ("/Image",)
        )


def test_html_holds_every_hostile_text_escaped() -> None:
    letter, put = hostile_letter(9)
    page = letter_html(letter, hostile_cover(9), factory.names())
    for path, text in put.items():
        if not NOT_PRINTED.search(path):
            assert html.escape(text) in page, path
    # The only markup is ours: no tag, attribute or comment that a text brought along.
    assert not re.search(r"<(script|img|object|iframe|svg|style|a|base|meta(?! charset))\b", page)
    assert page.count("<link") == 1
    assert "<!--" not in page
    assert markup_of(page) == markup_of(letter_html(harmless(letter), harmless(hostile_cover(9)), factory.names()))
    attributes = set(re.findall(r"<\w+ ([^>]*)>", page))
    assert not any(
        "127.0.0.1" in one or "file:" in one or "[0]" in one for one in attributes if "data-question" not in one
    )


@pytest.mark.parametrize(("kind", "whole"), [("amendment", True), ("amendment", False), ("supplement", False)])
def test_names_and_what_a_letter_corrects_are_printed_as_text(kind: str, whole: bool, listener: socket.socket) -> None:
    """`whole`: with the date of the earlier letter, articles, and a reference of the proceedings; or without."""
    letter, cover, names = hostile_letter(9)[0], hostile_cover(port_of(listener)), hostile_names(port_of(listener))
    if not whole:
        bases = tuple(basis.model_copy(update={"articles": ()}) for basis in letter.bases)
        proceedings = letter.proceedings.model_copy(update={"reference": "", "conducting_authority": ""})
        letter = letter.model_copy(update={"bases": bases, "proceedings": proceedings})
    dated = {"date": "2026-01-30" if whole else None}
    names = replace(names, difference={**names.difference, "kind": kind, **dated})
    page = letter_html(letter, cover, names)
    assert markup_of(page) == markup_of(letter_html(harmless(letter), harmless(cover), harmless(names)))
    for number in (0, 1):
        assert html.escape(hostile(1000 + number, port_of(listener))) in page
    printed = (*names.jurisdictions.values(), names.authorities["de-prosecutor"], names.instruments["CETS-185"].full)
    for text in (*printed, names.measures["preservation"].name):
        assert html.escape(text) in page
    made = letter_pdf(letter, cover, names, canonical_json=canonical_bytes(letter.content()), identifier="urn:x")
    assert nobody_called(listener) and set(attachments_of(made.pdf)) == {ATTACHMENT_NAME}


@pytest.mark.parametrize(
    "part",
    [
        '<img src="http://127.0.0.1:{port}/x.png">',
        '<link rel="stylesheet" href="http://127.0.0.1:{port}/x.css">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<link rel="attachment" href="http://127.0.0.1:{port}/x">',
        '<p style="background: url(http://127.0.0.1:{port}/x)">x</p>',
        "<style>@import url(file:///etc/passwd);</style>",
        "<style>@font-face {{ font-family: x; src: url(http://127.0.0.1:{port}/f) }} p {{ font-family: x }}</style><p>x",
        '<object data="file:///etc/passwd"></object>',
        '<embed src="file:///etc/passwd">',
        '<img src="data:image/svg+xml,<svg xmlns=%22http://www.w3.org/2000/svg%22/>">',
        '<link rel="stylesheet" href="mla-asset:../letter.css">',
        '<link rel="stylesheet" href="mla-asset:/etc/passwd">',
        '<link rel="stylesheet" href="other.css">',
        '<img src="ftp://127.0.0.1:{port}/x">',
    ],
)
def test_a_page_that_asks_for_anything_outside_itself_is_no_document(part: str, listener: socket.socket) -> None:
    page = f'<html lang="en"><title>t</title><body>{part.format(port=port_of(listener))}</body></html>'
    with pytest.raises(RenderFailed) as failure:
        render_in_fork(page, canonical_json=b"{}", title="t", language="en", identifier="x", dated=dt.date(2026, 1, 1))
    assert (failure.value.kind, failure.value.final) == ("fetch_denied", True)
    assert nobody_called(listener)


@pytest.mark.parametrize("character", ["\u202e", "\u202a", "\u2066", "\u2069", "\x00", "\x1b", "\ufeff", "\u2028"])
def test_controls_that_mislead_are_refused_at_input_and_never_reach_a_page(character: str) -> None:
    content = factory.letter().content()
    content["facts"][0]["text"] = f"Subject {character}A"
    with pytest.raises(LetterFileWrong, match=r"facts\[0\]\.text"):
        letter_from(content)


def test_a_measure_cannot_choose_a_template_outside_its_folder() -> None:
    names = factory.names()
    for template in ("../../web/base.html", "measures/../letter.html", "/etc/passwd", "measures/x.html\n", ""):
        measures = {slug: replace(one, template=template) for slug, one in names.measures.items()}
        page = letter_html(factory.letter(), factory.cover(), replace(names, measures=measures))
        assert "All session records of the customer" in page


@pytest.mark.parametrize(
    "text", ["x" * 20_000, "a" + "\u0334" * 9_999, "W\u0334" * 10_000, "-" * 20_000, "\u00ad" * 20_000]
)
def test_the_longest_text_without_a_place_to_break_stays_on_its_page(text: str) -> None:
    offence = factory.letter().content()["offences"][0]
    letter = factory.letter(offences=[offence | {"law_text": text}], items=[])
    made = letter_pdf(
        letter, factory.cover(), factory.names(), canonical_json=canonical_bytes(letter.content()), identifier="x"
    )
    body = body_of(made.pdf)
    for character in set(text) - {"\u00ad"}:
        assert body.count(character) >= text.count(character)
    assert made.pages < 40


def test_longest_line_in_each_field_is_printed_whole() -> None:
    letter, put = hostile_letter(9)

    def filled(value: Any, path: str = "") -> Any:
        if isinstance(value, dict):
            return {key: filled(inner, f"{path}.{key}" if path else key) for key, inner in value.items()}
        if isinstance(value, list):
            return [filled(inner, f"{path}[{index}]") for index, inner in enumerate(value)]
        return (f"<{len(path)}{path}>" * 60)[:300] if path in put else value

    content = filled(letter.content())
    long = LetterFile.model_validate(content)
    made = letter_pdf(
        long, factory.cover(), factory.names(), canonical_json=canonical_bytes(long.content()), identifier="x"
    )
    body = body_of(made.pdf)
    short = [path for path in put if (f"<{len(path)}{path}>" * 60)[:300] not in body and not NOT_PRINTED.search(path)]
    assert short == []


def test_no_text_leaves_the_type_area_of_its_page() -> None:
    letter, _put = hostile_letter(9)
    content = letter.content()
    content["persons"][0]["name"] = "N" * 300
    content["providers"][0]["name"] = "https://" + "v" * 290
    content["identifiers"][0] |= {"type": "hash", "value": "f" * 300}
    content["contacts"][0]["email"] = "w" * 64 + "@" + "m" * 60 + ".example.net"
    long = LetterFile.model_validate(content)
    made = letter_pdf(
        long,
        replace(factory.cover(), own_reference="R" * 120, marking="M" * 60),
        factory.names(),
        canonical_json=canonical_bytes(long.content()),
        identifier="x",
    )
    edges = extents_of(made.pdf)
    assert len(edges) == made.pages
    for number, (left, right) in enumerate(edges, start=1):
        assert left >= 26.9, number
        assert right <= 210 - 25 + 0.3, number
    # The same measure sees what is out of place.
    wide = render_in_fork(
        '<html lang="en"><title>t</title><link rel="stylesheet" href="mla-asset:letter.css"><body>'
        '<p style="white-space: pre; overflow-wrap: normal">' + "W" * 200,
        canonical_json=b"{}", title="t", language="en", identifier="x", dated=dt.date(2026, 1, 1),
    )  # fmt: skip
    assert extents_of(wide.pdf)[0][1] > 210
