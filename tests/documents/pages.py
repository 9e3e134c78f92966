"""Reads a rendered letter back, as a machine of the other State would: by the glyphs' Unicode values."""

from __future__ import annotations

import csv
import html
import io
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf

import mla.reference
from workflows.documents.contexts import AnnexFile, Cover, InstrumentName, MeasureName, Names, QuestionName
from workflows.drafting.letterfile import LetterFile, read_letter
from workflows.drafting.measures import measure_catalogue

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "letters"
DATA = Path(mla.reference.__file__).parent / "data"


@dataclass(frozen=True)
class Page:
    """What stands in the text of a page, and what in its margins (artifacts); white space removed."""

    body: str
    margins: str


def squeezed(text: str) -> str:
    """Return the text without white space and without the invisible places to break at."""
    return re.sub(r"[\s\u200b]+", "", text)


def pages_of(pdf: bytes) -> list[Page]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        fonts: dict[tuple[int, int], dict[str, str]] = {}
        return [_page(page, fonts) for page in document.pages]


def body_of(pdf: bytes) -> str:
    """Return the text of all pages without their margins, as one run."""
    return "".join(page.body for page in pages_of(pdf))


def attachments_of(pdf: bytes) -> dict[str, bytes]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {name: one.get_file().read_bytes() for name, one in document.attachments.items()}


def _page(page: pikepdf.Page, fonts: dict[tuple[int, int], dict[str, str]]) -> Page:
    known = {str(name): _mapping(font, fonts) for name, font in page.Resources.Font.items()}
    mapping: dict[str, str] = {}
    stack: list[bool] = []
    body: list[str] = []
    margins: list[str] = []
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in ("BDC", "BMC"):
            stack.append(str(operands[0]) == "/Artifact")
        elif name == "EMC":
            stack.pop()
        elif name == "Tf":
            mapping = known[str(operands[0])]
        elif name in ("TJ", "Tj"):
            pieces = operands[0] if name == "TJ" else [operands[0]]
            text = "".join(_decoded(bytes(piece), mapping) for piece in pieces if isinstance(piece, pikepdf.String))
            assert stack, "text outside of any marked content"
            (margins if any(stack) else body).append(text)
    return Page(squeezed("".join(body)), squeezed("".join(margins)))


def extents_of(pdf: bytes) -> list[tuple[float, float]]:
    """Return the left and right edge of all text of each page, in millimetres from the left edge of the paper."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [_extent(page) for page in document.pages]


def _extent(page: pikepdf.Page) -> tuple[float, float]:
    widths = {str(name): _widths(font.DescendantFonts[0]) for name, font in page.Resources.Font.items()}
    current = pikepdf.Matrix()
    stack: list[pikepdf.Matrix] = []
    text = pikepdf.Matrix()
    font: dict[int, float] = {}
    size, edges = 0.0, []
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name == "q":
            stack.append(current)
        elif name == "Q":
            current = stack.pop()
        elif name == "cm":
            current = pikepdf.Matrix(*map(float, operands)) @ current
        elif name == "Tm":
            text = pikepdf.Matrix(*map(float, operands))
        elif name == "Tf":
            font, size = widths[str(operands[0])], float(operands[1])
        elif name in ("TJ", "Tj"):
            length = 0.0
            for piece in operands[0] if name == "TJ" else [operands[0]]:
                if isinstance(piece, pikepdf.String):
                    codes = bytes(piece)
                    length += sum(font[int.from_bytes(codes[at : at + 2])] for at in range(0, len(codes), 2))
                else:
                    length -= float(piece)
            placed = text @ current
            edges += [placed.e, placed.e + length / 1000 * size * placed.a]
            text = pikepdf.Matrix(1, 0, 0, 1, length / 1000 * size, 0) @ text
    point = 25.4 / 72
    return min(edges) * point, max(edges) * point


def _widths(font: Any) -> dict[int, float]:
    found: dict[int, float] = {}
    entries = list(font.W)
    for at in range(0, len(entries), 2):
        found.update({int(entries[at]) + offset: float(width) for offset, width in enumerate(entries[at + 1])})
    return found


def _decoded(codes: bytes, mapping: dict[str, str]) -> str:
    return "".join(mapping[codes[at : at + 2].hex()] for at in range(0, len(codes), 2))


def _mapping(font: Any, fonts: dict[tuple[int, int], dict[str, str]]) -> dict[str, str]:
    if font.objgen not in fonts:
        source = font.ToUnicode.read_bytes().decode("ascii")
        found = re.findall(r"<([0-9a-fA-F]{4})>\s*<([0-9a-fA-F]*)>\s*$", source, re.MULTILINE)
        fonts[font.objgen] = {code.lower(): bytes.fromhex(value).decode("utf-16-be") for code, value in found}
    return fonts[font.objgen]


def text_of_html(page: str) -> str:
    """Return the text of a page of HTML, white space removed."""
    page = re.sub(r"<(style|title)\b.*?</\1>", "", page, flags=re.DOTALL)
    return squeezed(html.unescape(re.sub(r"<[^>]*>", "", page)))


# --- the example letters, with names from the shipped reference data and without a database ---


def examples() -> list[Path]:
    return sorted(EXAMPLES.glob("*.toml")) + sorted(EXAMPLES.glob("*.json"))


def example(path: Path) -> tuple[LetterFile, Cover, Names]:
    letter = read_letter(path.read_bytes(), name=path.name)
    offices = _offices()
    sender = offices[letter.requesting.authority or ""]
    addressee = offices[letter.requested.authority or ""]
    names = Names(
        jurisdictions=_jurisdictions(),
        authorities={code: about["name"] for code, about in offices.items()},
        instruments=_instruments(),
        measures={
            slug: MeasureName(
                measure.name,
                {
                    question.key: QuestionName(
                        question.label, question.kind, {choice.value: choice.label for choice in question.choices}
                    )
                    for question in measure.questions
                },
                measure.letter_template,
                measure.certificates,
            )
            for slug, measure in measure_catalogue().items()
        },
        annexes={annex.id: AnnexFile("b" * 64, 1234, "text/plain") for annex in letter.annexes},
    )
    cover = Cover(
        own_reference=f"{letter.requesting.jurisdiction}-2026-0042",
        sender=(sender["name"], *sender["address"].splitlines()),
        addressee=(addressee["name"], *addressee["address"].splitlines()),
        place=sender["city"],
        signed_on=letter.date,
        signatory=sender["name"],
        content_hash="c" * 64,
    )
    return letter, cover, names


@cache
def _offices() -> dict[str, dict[str, Any]]:
    table = tomllib.loads((DATA / "example_authorities.toml").read_text(encoding="utf-8"))
    return {about["code"]: about for about in table["authority"]}


@cache
def _jurisdictions() -> dict[str, str]:
    with (DATA / "jurisdictions.csv").open(encoding="utf-8", newline="") as source:
        return {row["code"]: row["en"] for row in csv.DictReader(source)}


@cache
def _instruments() -> dict[str, InstrumentName]:
    found = {}
    for path in (DATA / "treaties").glob("*.toml"):
        about = tomllib.loads(path.read_text(encoding="utf-8"))
        found[about["code"]] = InstrumentName(about["short_name"], about["full_title"])
    return found
