"""PDF annexes bound for reading: stamped in the letter's direction, listed, marked, and beside what counts."""

from __future__ import annotations

import io
import subprocess
import unicodedata
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageChops

from mla.core.files import file_read, file_store
from tests.drafting import hostile_files as files
from tests.drafting.letters import letter as content
from tests.factories import Line, drain
from workflows.documents.bound import bound_pdf
from workflows.documents.contexts import Cover
from workflows.documents.models import Document
from workflows.documents.values import Names
from workflows.drafting.letterfile import LetterFile, letter_from
from workflows.drafting.services import annex_add
from workflows.exchange.models import MessageFile
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course

COVER = Cover(
    sender=("Ministry of Justice",),
    addressee=("Ministry of Justice",),
    own_reference="DE/2026/0042",
    content_hash="ab" * 32,
)
NAMES = Names(jurisdictions={}, authorities={}, instruments={}, measures={})


def lettered(*annexes: tuple[str, bytes], **other: Any) -> LetterFile:
    entries = []
    for number, (title, data) in enumerate(annexes, 1):
        kept = file_store(data)
        entries.append({"id": f"A{number}", "title": title, "sha256": kept.sha256, "size": kept.size})
    return letter_from(content().content() | {"annexes": entries} | other)


def bound(letter: LetterFile) -> tuple[pikepdf.Pdf, list[str]]:
    made = bound_pdf(letter, COVER, NAMES, identifier="urn:test")
    assert made is not None
    pdf = pikepdf.open(io.BytesIO(made.pdf))
    assert made.pages == len(pdf.pages)
    return pdf, texts(made.pdf)


def test_every_page_says_to_what_it_belongs_and_the_list_names_what_is_not_bound() -> None:
    letter = lettered(
        ("Order of the court", files.pdf(2)),
        ("Locked record", files.pdf_encrypted("test-user")),
        ("Broken record", b"%PDF-1.7\nnothing"),
        ("Table", b"a,b\n1,2\n"),
        ("Map", files.pdf(1, size=(842, 595))),
    )
    pdf, pages = bound(letter)
    assert len(pages) == 1 + 2 + 1
    for title in ("Order of the court", "Locked record", "Broken record", "Table", "Map"):
        assert "".join(title.split()) in pages[0]
    assert pages[0].count("notboundhere") == 3 and "frompage3afterthislist" in pages[0]
    assert "AnnexA1toDE/2026/0042,page1of2" in pages[1] and "page2of2" in pages[2]
    assert "AnnexA5toDE/2026/0042,page1of1" in pages[3]
    with pdf.open_outline() as outline:
        assert [item.title for item in outline.root] == [
            "Annexes to DE/2026/0042",
            "A1 · Order of the court",
            "A5 · Map",
        ]
    # It is no archive file and does not say that it is.
    assert "/OutputIntents" not in pdf.Root and not pdf.check_pdf_syntax()
    first, again = (bound_pdf(letter, COVER, NAMES, identifier="urn:test") for _time in range(2))
    assert first is not None and again is not None and first.sha256 == again.sha256


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_turned_page_has_its_stamp_at_the_edge_that_is_looked_at_as_the_upper_one(turned: int) -> None:
    letter = lettered(("Turned", files.pdf(1, rotate=turned)))
    made = bound_pdf(letter, COVER, NAMES, identifier="urn:test")
    assert made is not None
    picture = drawn(made.pdf, 2)
    box = ImageChops.difference(picture, Image.new("RGB", picture.size, "white")).getbbox()
    assert box is not None
    width, height = picture.size
    assert box[3] < height / 10, f"at the upper edge: {box} of {picture.size}"
    assert abs((box[0] + box[2]) / 2 - width / 2) < width / 20 and box[2] - box[0] > 2 * (box[3] - box[1])


def normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def texts(pdf: bytes) -> list[str]:
    """Return the text of each page without white space, read by a tool that is not ours."""
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return ["".join(page.split()) for page in done.stdout.decode().split("\f")[:-1]]


def drawn(pdf: bytes, page: int) -> Any:
    done = subprocess.run(
        ["pdftoppm", "-r", "50", "-f", str(page), "-l", str(page), "-png", "-"], input=pdf, capture_output=True, check=True
    )  # fmt: skip
    return Image.open(io.BytesIO(done.stdout)).convert("RGB")


def test_it_is_in_the_language_and_direction_of_the_letter() -> None:
    _pdf, pages = bound(lettered(("أمر المحكمة", files.pdf(1)), language="ar"))
    assert "المرفق" in normal(pages[1]) and "A1" in pages[1]
    _pdf, pages = bound(lettered(("Beschluss", files.pdf(1)), language="de"))
    assert "AnlageA1zuDE/2026/0042,Seite1von1" in pages[1]


def test_a_letter_without_a_pdf_has_nothing_to_bind() -> None:
    assert bound_pdf(lettered(("Table", b"a,b\n")), COVER, NAMES, identifier="urn:test") is None


class WithOrder(Line):
    """A request whose letter has a PDF among its annexes."""

    def drafted(self) -> OutgoingRequest:
        outgoing = super().drafted()
        annex_add(letter=outgoing.letter, by=self.prosecutor, title="Order", name="order.pdf", content=files.pdf(2))
        return outgoing


@pytest.mark.django_db
@pytest.mark.parametrize("wished", [True, False])
def test_it_is_made_with_the_letter_that_wishes_it_and_sent_beside_it(wished: bool) -> None:
    line = WithOrder(letter=letter_from(Line().letter.content() | {"annexes_bound": wished}))
    outgoing = sent(line)
    files_sent = MessageFile.objects.filter(message__direction="out")
    assert [one.sha256 for one in files_sent.filter(role="letter")] == [outgoing.document_sha256]
    order = files_sent.get(name="order.pdf")
    bound_files = files_sent.filter(role="annex", name__endswith="-annexes.pdf")
    if not wished:
        assert not bound_files and not Document.objects.filter(kind=Document.Kind.BOUND)
        return
    made = Document.objects.get(kind=Document.Kind.BOUND)
    assert made.status == Document.Status.READY and bound_files.get().sha256 == made.sha256
    assert f"AnnexA3to{outgoing.reference},page1of2" in "".join(texts(file_read(made.sha256)))
    assert order.sha256 not in (made.sha256, outgoing.document_sha256)


@pytest.mark.django_db
def test_a_letter_whose_annexes_cannot_be_bound_goes_without_the_bound_file() -> None:
    line = Line(letter=letter_from(Line().letter.content() | {"annexes_bound": True}))
    outgoing = sent(line)
    made = Document.objects.get(kind=Document.Kind.BOUND)
    assert (made.status, "no annex" in made.failure) == (Document.Status.FAILED, True)
    assert outgoing.document_sha256 and not MessageFile.objects.filter(name__endswith="-annexes.pdf").exists()


def sent(line: Line) -> OutgoingRequest:
    outgoing = chain.outgoing_approve(
        outgoing=line.in_review(), by=line.supervisor, content_hash=line.hash_of(OutgoingRequest.objects.get()),
        rights_screened=True,
    )  # fmt: skip
    drain()
    outgoing.refresh_from_db()
    course.outgoing_send(outgoing=outgoing, by=line.registry, channel="local")
    drain()
    return OutgoingRequest.objects.get()
