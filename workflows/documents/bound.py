"""The PDF annexes of a letter in one file for reading: the letter's list before them, a stamp on every page.

It goes beside the signed letter and the annexes' own files, never in their place: those have the hashes that count. An
annex that cannot be bound is named on the list as a file of its own.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from mla.core.files import file_read
from workflows.documents.contexts import Cover, cover_context, default_marking, letter_annexes
from workflows.documents.forking import Bounds, Carried, ForkCrashed, ForkTimeout, in_fork
from workflows.documents.formats import direction_of, grouped, marks
from workflows.documents.isolation import set_apart
from workflows.documents.limits import CPU_SECONDS, MEMORY_BYTES, WALL_SECONDS, RenderFailed
from workflows.documents.rendering import RenderedPdf, plain_pdf, render_in_fork
from workflows.documents.values import Names
from workflows.documents.wording import document_language, wording_language
from workflows.drafting.letterfile import LetterFile

if TYPE_CHECKING:
    import pikepdf

#: Bytes and pages of the PDF annexes that are bound together; what does not fit any more stays a file of its own.
LARGEST_BOUND = 100 * 1024 * 1024
MOST_PAGES = 2_000
#: Of the stamp, in points: its height as in stamps.css, and its distance from the edge of the page.
HIGH, EDGE = 16.0, 8.0
_LIST = "documents/letter/bound.html"
_STAMPS = "documents/letter/stamps.html"


@dataclass(frozen=True, slots=True)
class Part:
    """An annex that can be bound: its number, title, content, and pages."""

    key: str
    title: str
    pdf: bytes
    pages: int


def bound_pdf(letter: LetterFile, cover: Cover, names: Names, *, identifier: str) -> RenderedPdf | None:
    """Return the annexes that are PDF in one file; None where there is none to bind. In a worker's main thread.

    Raises:
        RenderFailed: as `letters.letter_pdf`.
        FileMissing, FileDamaged: an annex is not in the storage as it was.
    """
    parts = _parts(letter)
    if not parts:
        return None
    front = render_in_fork(
        list_html(letter, cover, names, parts),
        canonical_json=None,
        title=_title(letter, cover),
        language=letter.language,
        identifier=identifier,
        dated=letter.date,
    )
    stamps = stamps_html(letter, cover, parts)
    headings = [_title(letter, cover), *(f"{part.key} · {part.title}" for part in parts)]

    def work() -> Carried:
        made = _bind(front.pdf, [part.pdf for part in parts], plain_pdf(stamps)[0], headings)
        return {"sha256": hashlib.sha256(made).hexdigest()}, made

    try:
        header, pdf = in_fork(work, Bounds(WALL_SECONDS, CPU_SECONDS, MEMORY_BYTES))
    except ForkTimeout as error:
        raise RenderFailed("timeout", f"the annexes were not bound within their bounds: {error}") from None
    except ForkCrashed as error:
        raise RenderFailed("crash", f"the binding ended without an answer ({error})") from None
    if hashlib.sha256(pdf).hexdigest() != header["sha256"]:
        raise RenderFailed("crash", "the bound file arrived damaged")
    return RenderedPdf(pdf=pdf, pages=front.pages + sum(part.pages for part in parts), sha256=header["sha256"])


def _parts(letter: LetterFile) -> list[Part]:
    """Return the annexes that can be bound, in their order, as long as they fit."""
    found: list[Part] = []
    for annex in letter.annexes:
        if annex.media_type not in ("", "application/pdf") or not annex.sha256 or (annex.size or 0) > LARGEST_BOUND:
            continue
        pdf = file_read(annex.sha256)
        pages = _pages_of(pdf) if pdf.startswith(b"%PDF-") else 0
        together = sum(part.pages for part in found) + pages
        if pages and together <= MOST_PAGES and sum(len(part.pdf) for part in found) + len(pdf) <= LARGEST_BOUND:
            found.append(Part(annex.id, annex.title, pdf, pages))
    return found


def _pages_of(pdf: bytes) -> int:
    """Return how many pages a PDF has, counted in a fork; 0 for one that is encrypted or cannot be opened."""

    def work() -> Carried:
        import pikepdf

        with pikepdf.open(io.BytesIO(pdf)) as opened:
            return {"pages": 0 if opened.is_encrypted else len(opened.pages)}, b""

    try:
        return int(in_fork(work, Bounds(WALL_SECONDS, CPU_SECONDS, MEMORY_BYTES))[0]["pages"])
    except (ForkTimeout, ForkCrashed):
        return 0


def _title(letter: LetterFile, cover: Cover) -> str:
    with document_language(letter.language):
        return _("Annexes to %(reference)s") % {"reference": cover.own_reference}


def list_html(letter: LetterFile, cover: Cover, names: Names, parts: Sequence[Part]) -> str:
    """Return the list of annexes as HTML, with the page where each begins, in the language of the letter."""
    begins, page = {}, 1
    for part in parts:
        begins[part.key], page = page, page + part.pages
    with document_language(letter.language):
        context = {
            "language": letter.language,
            "direction": direction_of(letter.language),
            "marks": marks(wording_language()),
            "cover": cover_context(cover, letter.language) | {"marking": cover.marking or default_marking(letter)},
            "title": _title(letter, cover),
            "letter_hash": grouped(cover.content_hash),
            "annexes": [row | {"begins": begins.get(row["id"])} for row in letter_annexes(letter, names)],
        }
        page_html = render_to_string(_LIST, context)
    return _for_its_direction(page_html, letter, cover)


def stamps_html(letter: LetterFile, cover: Cover, parts: Sequence[Part]) -> str:
    """Return one small page for each page of the annexes, in their order."""
    with document_language(letter.language):
        told = [
            _("Annex %(key)s to %(reference)s, page %(number)s of %(all)s")
            % {"key": part.key, "reference": cover.own_reference, "number": number, "all": part.pages}
            for part in parts
            for number in range(1, part.pages + 1)
        ]
        context = {"language": letter.language, "direction": direction_of(letter.language), "stamps": told}
        page = render_to_string(_STAMPS, context)
    return _for_its_direction(page, letter, cover)


def _for_its_direction(page: str, letter: LetterFile, cover: Cover) -> str:
    return set_apart(page, letter.language, [cover.own_reference])


def _bind(front: bytes, annexes: Sequence[bytes], stamps: bytes, headings: Sequence[str]) -> bytes:
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(front)) as bound, pikepdf.open(io.BytesIO(stamps)) as stamped:
        # What is bound is no PDF/A: the claim of the list, its structure and its metadata would be false for the whole.
        for key in ("/Metadata", "/OutputIntents", "/StructTreeRoot", "/MarkInfo", "/Outlines", "/AF", "/Names"):
            if key in bound.Root:
                del bound.Root[key]
        begins, number = [0], 0
        for pdf in annexes:
            begins.append(len(bound.pages))
            with pikepdf.open(io.BytesIO(pdf)) as annex:
                bound.pages.extend(annex.pages)
            for page in list(bound.pages)[begins[-1] :]:
                _quiet(page.obj)
                _stamp(page, bound.copy_foreign(stamped.pages[number].as_form_xobject()), number)
                number += 1
        with bound.open_outline() as outline:
            outline.root.extend(
                pikepdf.OutlineItem(heading, begin) for heading, begin in zip(headings, begins, strict=True)
            )
        bound.save(out, deterministic_id=True)
    return out.getvalue()


def _stamp(page: pikepdf.Page, stamp: pikepdf.Object, number: int) -> None:
    """Lay a stamp over a page. Its name is its number: pages can share the resources, and the bytes stay the same."""
    import pikepdf

    name = page.add_resource(stamp, pikepdf.Name.XObject, pikepdf.Name(f"/MLAStamp{number}"))
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(b"\nQ\n" + page.calc_form_xobject_placement(stamp, name, _place(page)))


def _place(page: pikepdf.Page) -> pikepdf.Rectangle:
    """Return where the stamp goes: along the edge that is the upper one when the page is looked at."""
    import pikepdf

    left, bottom, right, top = (float(edge) for edge in page.cropbox)
    # A turned page has its upper edge at its left, lower or right side. The stamp keeps its shape inside its place.
    turned = int(page.obj.get("/Rotate", 0)) % 360
    if turned == 90:
        return pikepdf.Rectangle(left + EDGE, bottom + EDGE, left + EDGE + HIGH, top - EDGE)
    if turned == 180:
        return pikepdf.Rectangle(left + EDGE, bottom + EDGE, right - EDGE, bottom + EDGE + HIGH)
    if turned == 270:
        return pikepdf.Rectangle(right - EDGE - HIGH, bottom + EDGE, right - EDGE, top - EDGE)
    return pikepdf.Rectangle(left + EDGE, top - EDGE - HIGH, right - EDGE, top - EDGE)


def _quiet(page: pikepdf.Object) -> None:
    """Take from a page what acts by itself; links that are pressed stay."""
    if "/AA" in page:
        del page["/AA"]
    kept = ("/URI", "/GoTo")
    for one in page.get("/Annots", []):
        if "/AA" in one:
            del one["/AA"]
        if "/A" in one and str(one["/A"].get("/S", "")) not in kept:
            del one["/A"]
