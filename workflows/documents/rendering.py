"""HTML to PDF/A-3a. The only module that imports WeasyPrint.

A rendering runs in a fork of the (preloaded) process, see forking.py. A letter that makes the renderer
crash costs one fork.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import re
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from workflows.documents import glyphs, pdfa
from workflows.documents.assets import SCHEME, asset_read
from workflows.documents.forking import Bounds, Carried, ForkCrashed, ForkTimeout, in_fork
from workflows.documents.limits import (
    CPU_SECONDS,
    MEMORY_BYTES,
    PDF_BYTES,
    PDF_PAGES,
    WALL_SECONDS,
    RenderFailed,
    RenderKind,
)

ATTACHMENT_NAME: Final = "letter.json"
#: Of a document beside the letter.
DOCUMENT_NAME: Final = "document.json"
TRANSLATION_NAME: Final = "translation.json"


@dataclass(frozen=True, slots=True)
class Labels:
    """What a reader who cannot see them is told of the attached content and of the signature, in the letter's language.

    `file`: the name of the attached content.
    """

    attachment: str = "The content of this letter of request in machine-readable form (canonical JSON)"
    signature: str = "Electronic signature of the requesting authority"
    code: str = "QR code with the address of the page where this letter can be checked"
    file: str = ATTACHMENT_NAME


ENGLISH: Final = Labels()


@dataclass(frozen=True, slots=True)
class Translation:
    """What a letter with its translation has besides: the translation's content, language, and the label of the file.

    On the page the original stands in <article>, the translation in <section>.
    """

    canonical_json: bytes
    language: str
    label: str


@dataclass(frozen=True, slots=True)
class RenderedPdf:
    pdf: bytes
    pages: int
    sha256: str


_ONE_PAGE: Final = '<html lang="en"><title>-</title><body><p>-</p></body></html>'


def preload(pages: Iterable[str] = ()) -> None:
    """Do once per process what every rendering needs: import, fonts, and one page. About two seconds.

    For the start of a worker, before it forks. Each of `pages` is laid out, so that the fonts in the sizes and
    languages that it uses are known to all forks. Fails closed.

    Raises:
        FontsMissing: a required font is not installed.
    """
    glyphs.coverage()
    for page in pages:
        _laid_out(page, asset_fetcher())
    render_pdf(
        _ONE_PAGE, canonical_json=b"{}", title="-", language="en", identifier="-", dated=dt.date(2000, 1, 1),
    )  # fmt: skip
    _await_threads()


def render_pdf(
    html: str,
    *,
    canonical_json: bytes | None,
    title: str,
    language: str,
    identifier: str,
    dated: dt.date,
    labels: Labels = ENGLISH,
    translation: Translation | None = None,
) -> RenderedPdf:
    """Return the PDF of `html` with the canonical JSON, if any, and that of a translation attached, without bounds.

    `html` names no asset but those of assets.py: anything else it asks for ends the rendering. The
    bytes depend on the arguments and the installed fonts alone; `dated` is the date in the metadata.
    Callers outside the tests use render_in_fork.

    Raises:
        RenderFailed: fetch_denied, too_large or glyph_missing.
    """
    import weasyprint
    from weasyprint.urls import FatalURLFetchingError

    moment = dt.datetime.combine(dated, dt.time(), dt.UTC)

    def finisher(_document: Any, objects: Any) -> None:
        pdfa.finish(
            objects, title=title, language=language, identifier=identifier, dated=dated,
            # What is not attached is not named: nobody could compare it.
            source="" if canonical_json is None else _urn(canonical_json),
            attachments={labels.file: labels.attachment} | ({TRANSLATION_NAME: translation.label} if translation else {}),
            signature=labels.signature, figure=labels.code,
            translation=(translation.language, _urn(translation.canonical_json)) if translation else None,
        )  # fmt: skip

    with _source_date(moment):
        fetcher = asset_fetcher()
        files = {} if canonical_json is None else {labels.file: canonical_json}
        if translation is not None:
            files[TRANSLATION_NAME] = translation.canonical_json
        attachments = [
            weasyprint.Attachment(
                string=content,
                base_url="",
                url_fetcher=fetcher,
                name=name,
                created=moment,
                modified=moment,
                relationship="Data",
            )
            for name, content in files.items()
        ]
        try:
            document = _laid_out(html, fetcher, pdf_variant="pdf/a-3a")
            if len(document.pages) > PDF_PAGES:
                raise RenderFailed("too_large", f"the letter has {len(document.pages)} pages, at most {PDF_PAGES}")
            pdf = cast(bytes, document.write_pdf(finisher=finisher, pdf_variant="pdf/a-3a", attachments=attachments))
        except FatalURLFetchingError as error:
            raise RenderFailed("fetch_denied", f"the page asked for something outside itself: {error}") from None
        except (MemoryError, RecursionError):
            raise RenderFailed("too_large", "the letter is nested or filled beyond what can be laid out") from None
        _refuse_missing_glyphs(document.fonts)
        pages = len(document.pages)
    if len(pdf) > PDF_BYTES:
        raise RenderFailed("too_large", f"the PDF has {len(pdf)} bytes, at most {PDF_BYTES}")
    return RenderedPdf(pdf=pdf, pages=pages, sha256=hashlib.sha256(pdf).hexdigest())


def plain_pdf(html: str) -> tuple[bytes, int]:
    """Return the PDF of `html` and its pages as WeasyPrint makes it: no archive, nothing attached, no bounds.

    For what is laid over other pages inside a fork, and for the measurement that letters are compared with.
    """
    import weasyprint

    document = weasyprint.HTML(string=html, base_url=SCHEME, url_fetcher=asset_fetcher()).render(
        font_config=_kept_fonts()
    )
    return cast(bytes, document.write_pdf()), len(document.pages)


def _await_threads(patience: float = 5.0) -> None:
    """Wait for the threads in which Pango looks for fonts: a fork has none of them, and would wait for one that ran."""
    tasks, until = Path("/proc/self/task"), time.monotonic() + patience
    while tasks.exists() and len(list(tasks.iterdir())) > threading.active_count() and time.monotonic() < until:
        time.sleep(0.01)


def _laid_out(html: str, fetcher: Any, **options: Any) -> Any:
    """Return WeasyPrint's document, with fonts and style sheets that this process, or the one it is a fork of, has ready."""
    import weasyprint

    page, sheets = _without_sheets(html)
    return weasyprint.HTML(string=page, base_url=SCHEME, url_fetcher=fetcher).render(
        font_config=_kept_fonts(), stylesheets=sheets, **options
    )


def _without_sheets(html: str) -> tuple[str, list[Any]]:
    """Return the page without its links to shipped style sheets, and these, read; a link to anything else stays."""
    sheets: list[Any] = []

    def taken(link: re.Match[str]) -> str:
        sheet = _sheet(link[1])
        if sheet is None:
            return link[0]
        sheets.append(sheet)
        return ""

    return _SHEET.sub(taken, html), sheets


#: What a page's typed text cannot hold: there, no angle bracket is left as it is.
_SHEET: Final = re.compile(r'<link rel="stylesheet" href="(mla-asset:[a-z]+\.css)">')


@cache
def _sheet(url: str) -> Any:
    import weasyprint

    asset = asset_read(url)
    if asset is None:
        return None
    return weasyprint.CSS(string=asset[0].decode(), font_config=_kept_fonts(), url_fetcher=asset_fetcher())


@cache
def _kept_fonts() -> Any:
    import weasyprint

    return weasyprint.text.fonts.FontConfiguration()


def render_in_fork(
    html: str,
    *,
    canonical_json: bytes | None,
    title: str,
    language: str,
    identifier: str,
    dated: dt.date,
    labels: Labels = ENGLISH,
    translation: Translation | None = None,
    wall_seconds: float = WALL_SECONDS,
    cpu_seconds: int = CPU_SECONDS,
    memory_bytes: int = MEMORY_BYTES,
) -> RenderedPdf:
    """Do the work of render_pdf in a fork with bounds. Called by the document job, in a worker's main thread.

    Raises:
        FontsMissing: a required font is not installed.
        RenderFailed: also timeout and crash. The fork is gone in every case, also when the caller is interrupted.
    """
    glyphs.installed_fonts()

    def work() -> RenderedPdf:
        return render_pdf(
            html, canonical_json=canonical_json, title=title, language=language, identifier=identifier, dated=dated,
            labels=labels, translation=translation,
        )  # fmt: skip

    return _in_fork(work, wall_seconds=wall_seconds, cpu_seconds=cpu_seconds, memory_bytes=memory_bytes)


def _urn(content: bytes) -> str:
    return f"urn:sha256:{hashlib.sha256(content).hexdigest()}"


def _in_fork(
    work: Callable[[], RenderedPdf], *, wall_seconds: float, cpu_seconds: int, memory_bytes: int
) -> RenderedPdf:
    bounds = Bounds(wall_seconds=wall_seconds, cpu_seconds=cpu_seconds, memory_bytes=memory_bytes)
    try:
        return _read_back(in_fork(lambda: _made(work), bounds))
    except ForkTimeout as error:
        raise RenderFailed("timeout", f"the letter was not laid out within its bounds: {error}") from None
    except ForkCrashed as error:
        raise RenderFailed("crash", f"the renderer ended without an answer ({error})") from None


def _made(work: Callable[[], RenderedPdf]) -> Carried:
    """Return what the pipe carries: whether and how it went, then the PDF."""
    try:
        made = work()
    except RenderFailed as failure:
        return {"kind": failure.kind, "message": str(failure)}, b""
    except (MemoryError, RecursionError) as error:
        return {
            "kind": "too_large",
            "message": f"the letter is too large to be laid out ({type(error).__name__})",
        }, b""
    except BaseException as error:
        # The words of an unknown error may hold text of the case: only its type leaves the fork.
        return {"kind": "crash", "message": f"the renderer failed ({type(error).__name__})"}, b""
    return {"pages": made.pages, "sha256": made.sha256}, made.pdf


def _read_back(carried: Carried) -> RenderedPdf:
    header, body = carried
    if "kind" in header:
        raise RenderFailed(cast(RenderKind, header["kind"]), header["message"])
    if hashlib.sha256(body).hexdigest() != header["sha256"]:
        raise RenderFailed("crash", "the PDF arrived damaged from the renderer")
    return RenderedPdf(pdf=body, pages=header["pages"], sha256=header["sha256"])


# --- WeasyPrint ---


def asset_fetcher() -> Any:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class ShippedAssetsOnly(URLFetcher):
        """Gives the shipped style sheet; anything else ends the rendering, it is not merely left out."""

        def __init__(self) -> None:
            super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
            asset = asset_read(url)
            if asset is None:
                raise FatalURLFetchingError(url.split(":")[0][:20] + ":")
            content, media_type = asset
            return URLFetcherResponse(url, content, {"Content-Type": f"{media_type}; charset=utf-8"})

    return ShippedAssetsOnly()


def _refuse_missing_glyphs(fonts: dict[Any, Any]) -> None:
    missing = sorted({code for font in fonts.values() for code in font.missing})
    if missing:
        names = ", ".join(f"U+{code:04X}" for code in missing[:5])
        raise RenderFailed("glyph_missing", f"the fonts of this machine cannot print {names}")


@contextlib.contextmanager
def _source_date(moment: dt.datetime) -> Any:
    """Fix the moment that font subsets carry (SOURCE_DATE_EPOCH), so that equal letters are equal bytes."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = str(max(0, int(moment.timestamp())))
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("SOURCE_DATE_EPOCH", None)
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before
