"""HTML to PDF/A-3a. The only module that imports WeasyPrint.

A rendering runs in a fork of the (preloaded) process: it has its own bounds of memory, processor and
wall time, holds no descriptor of its parent (so it can touch no database connection), and ends
without running exit handlers. A letter that makes the renderer crash costs one fork.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import hashlib
import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn, cast

from workflows.documents import glyphs, pdfa
from workflows.documents.assets import asset_read
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
ATTACHMENT_DESCRIPTION: Final = "The content of this letter of request in machine-readable form (canonical JSON)"


@dataclass(frozen=True, slots=True)
class RenderedPdf:
    pdf: bytes
    pages: int
    sha256: str


def preload() -> None:
    """Do once per process what every rendering needs: import, fonts, and one page. About two seconds.

    For the start of a worker, before it forks. Fails closed.

    Raises:
        FontsMissing: a required font is not installed.
    """
    glyphs.coverage()
    render_pdf(
        '<html lang="en"><title>-</title><body><p>-</p></body></html>',
        canonical_json=b"{}", title="-", language="en", identifier="-", dated=dt.date(2000, 1, 1),
    )  # fmt: skip


def render_pdf(
    html: str, *, canonical_json: bytes, title: str, language: str, identifier: str, dated: dt.date
) -> RenderedPdf:
    """Return the PDF of `html` with the canonical JSON attached, in this process and without bounds.

    `html` names no asset but those of assets.py: anything else it asks for ends the rendering. The
    bytes depend on the arguments and the installed fonts alone; `dated` is the date in the metadata.
    Callers outside the tests use render_in_fork.

    Raises:
        RenderFailed: fetch_denied, too_large or glyph_missing.
    """
    import weasyprint
    from weasyprint.urls import FatalURLFetchingError

    moment = dt.datetime.combine(dated, dt.time(), dt.UTC)
    with _source_date(moment):
        fetcher = _fetcher()
        attachment = weasyprint.Attachment(
            string=canonical_json,
            base_url="",
            url_fetcher=fetcher,
            name=ATTACHMENT_NAME,
            created=moment,
            modified=moment,
            relationship="Data",
        )
        try:
            document = weasyprint.HTML(string=html, base_url="mla-asset:", url_fetcher=fetcher).render(
                font_config=weasyprint.text.fonts.FontConfiguration(), pdf_variant="pdf/a-3a"
            )
            if len(document.pages) > PDF_PAGES:
                raise RenderFailed("too_large", f"the letter has {len(document.pages)} pages, at most {PDF_PAGES}")
            raw = cast(bytes, document.write_pdf(pdf_variant="pdf/a-3a", attachments=[attachment]))
        except FatalURLFetchingError as error:
            raise RenderFailed("fetch_denied", f"the page asked for something outside itself: {error}") from None
        except (MemoryError, RecursionError):
            raise RenderFailed("too_large", "the letter is nested or filled beyond what can be laid out") from None
        _refuse_missing_glyphs(document.fonts)
        pages = len(document.pages)
    pdf = pdfa.finish(
        raw, title=title, language=language, identifier=identifier, dated=dated, attachment=ATTACHMENT_DESCRIPTION
    )
    if len(pdf) > PDF_BYTES:
        raise RenderFailed("too_large", f"the PDF has {len(pdf)} bytes, at most {PDF_BYTES}")
    return RenderedPdf(pdf=pdf, pages=pages, sha256=hashlib.sha256(pdf).hexdigest())


def render_in_fork(
    html: str,
    *,
    canonical_json: bytes,
    title: str,
    language: str,
    identifier: str,
    dated: dt.date,
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
            html, canonical_json=canonical_json, title=title, language=language, identifier=identifier, dated=dated
        )

    return _in_fork(work, wall_seconds=wall_seconds, cpu_seconds=cpu_seconds, memory_bytes=memory_bytes)


# --- the fork ---


def _in_fork(
    work: Callable[[], RenderedPdf], *, wall_seconds: float, cpu_seconds: int, memory_bytes: int
) -> RenderedPdf:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        _child(work, reading, writing, cpu_seconds, memory_bytes)
    os.close(writing)
    status: int | None = None
    try:
        answer = _read_all(reading, time.monotonic() + wall_seconds)
        status = _wait(pid) if answer is not None else None
    finally:
        os.close(reading)
        if status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            _wait(pid)
    if answer is None:
        raise RenderFailed("timeout", f"the letter was not laid out within {wall_seconds:g} seconds")
    return _result(answer, status)


def _child(
    work: Callable[[], RenderedPdf], reading: int, writing: int, cpu_seconds: int, memory_bytes: int
) -> NoReturn:
    """Run in the fork, and never return: whatever happens, the parent's exit handlers are not run here."""
    code = 1
    try:
        # Objects of the parent (a database connection among them) must not be finalised here.
        gc.freeze()
        # Nor is anything of the layout worth collecting: the process ends with it.
        gc.disable()
        for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCHLD"):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
        _close_all_but(writing)
        _bound(cpu_seconds, memory_bytes)
        _write_all(writing, _answer(work))
        code = 0
    except BaseException:  # noqa: S110 - the parent reads an empty pipe as a crash
        pass
    finally:
        os._exit(code)


def _answer(work: Callable[[], RenderedPdf]) -> bytes:
    """Return what the pipe carries: a header line of JSON, then the PDF."""
    body = b""
    header: dict[str, Any]
    try:
        made = work()
        header, body = {"pages": made.pages, "sha256": made.sha256}, made.pdf
    except RenderFailed as failure:
        header = {"kind": failure.kind, "message": str(failure)}
    except (MemoryError, RecursionError) as error:
        header = {"kind": "too_large", "message": f"the letter is too large to be laid out ({type(error).__name__})"}
    except BaseException as error:
        # The words of an unknown error may hold text of the case: only its type leaves the fork.
        header = {"kind": "crash", "message": f"the renderer failed ({type(error).__name__})"}
    return json.dumps(header).encode() + b"\n" + body


def _result(answer: bytes, status: int | None) -> RenderedPdf:
    head, separator, body = answer.partition(b"\n")
    if not separator or status:
        number = os.WTERMSIG(status) if status is not None and os.WIFSIGNALED(status) else 0
        if number == signal.SIGXCPU:
            raise RenderFailed("timeout", "the letter took more processor time than one letter may")
        why = signal.Signals(number).name if number else f"exit status {status}"
        raise RenderFailed("crash", f"the renderer ended without an answer ({why})")
    header = json.loads(head)
    if "kind" in header:
        raise RenderFailed(cast(RenderKind, header["kind"]), header["message"])
    if hashlib.sha256(body).hexdigest() != header["sha256"]:
        raise RenderFailed("crash", "the PDF arrived damaged from the renderer")
    return RenderedPdf(pdf=body, pages=header["pages"], sha256=header["sha256"])


def _bound(cpu_seconds: int, memory_bytes: int) -> None:
    with open("/proc/self/statm", "rb") as source:
        held = int(source.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + memory_bytes, held + memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
    # A core file would hold the text of the case.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _close_all_but(kept: int) -> None:
    """Close every descriptor above stderr: sockets of the database and the broker above all."""
    highest = max(int(name) for name in os.listdir("/proc/self/fd")) + 1  # noqa: PTH208 - a name is a number here
    os.closerange(3, kept)
    os.closerange(kept + 1, highest + 1)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _read_all(descriptor: int, deadline: float) -> bytes | None:
    """Return all that comes until the pipe is closed; None when the deadline (monotonic seconds) passes first."""
    parts: list[bytes] = []
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not waiting.poll(left * 1000):
            return None
        part = os.read(descriptor, 1 << 20)
        if not part:
            return b"".join(parts)
        parts.append(part)


def _wait(pid: int) -> int | None:
    try:
        return os.waitpid(pid, 0)[1]
    except ChildProcessError:
        # A process that ignores SIGCHLD has no status to collect; the answer's own hash decides.
        return 0


# --- WeasyPrint ---


def _fetcher() -> Any:
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
