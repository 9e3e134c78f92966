"""The fork that renders: bounded, alone, and gone whatever happens."""

from __future__ import annotations

import atexit
import datetime as dt
import gc
import hashlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from workflows.documents import rendering
from workflows.documents.limits import RenderFailed
from workflows.documents.rendering import RenderedPdf, render_in_fork


def in_fork(work: Callable[[], Any], **bounds: Any) -> RenderedPdf:
    values = {"wall_seconds": 60.0, "cpu_seconds": 30, "memory_bytes": 512 * 2**20} | bounds
    return rendering._in_fork(work, **values)


def answer(text: object) -> RenderedPdf:
    body = str(text).encode()
    return RenderedPdf(body, 1, hashlib.sha256(body).hexdigest())


def no_child_is_left() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return True


@pytest.fixture(autouse=True)
def children_before() -> Any:
    """Other fixtures may hold children (a database server): only new ones count."""
    before = set(_children())
    yield
    assert set(_children()) <= before


def _children() -> list[str]:
    return Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()


def test_a_large_answer_comes_whole_through_the_pipe() -> None:
    body = os.urandom(3 * 2**20)
    made = in_fork(lambda: RenderedPdf(body, 7, hashlib.sha256(body).hexdigest()))
    assert (made.pdf, made.pages) == (body, 7)


def test_a_renderer_that_hangs_is_killed_and_named_as_a_timeout() -> None:
    started = time.monotonic()
    with pytest.raises(RenderFailed, match="not laid out within") as failure:
        in_fork(lambda: time.sleep(600), wall_seconds=0.3)
    assert failure.value.kind == "timeout"
    assert not failure.value.final, "a busy machine may do it next time"
    assert time.monotonic() - started < 30


def test_a_renderer_that_burns_its_processor_time_is_stopped_by_the_kernel() -> None:
    def burn() -> None:
        while True:
            pass

    with pytest.raises(RenderFailed, match="processor time") as failure:
        in_fork(burn, cpu_seconds=1)
    assert failure.value.kind == "timeout"


def test_a_letter_that_needs_too_much_memory_is_too_large() -> None:
    with pytest.raises(RenderFailed) as failure:
        in_fork(lambda: answer(len(bytearray(2**31))))
    assert (failure.value.kind, failure.value.final) == ("too_large", True)


def test_endless_recursion_is_too_large() -> None:
    def deep() -> Any:
        return deep()

    with pytest.raises(RenderFailed) as failure:
        in_fork(deep)
    assert failure.value.kind == "too_large"


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL, signal.SIGTERM])
def test_a_renderer_that_dies_is_a_crash_with_its_signal(number: signal.Signals) -> None:
    with pytest.raises(RenderFailed, match=number.name) as failure:
        in_fork(lambda: os.kill(os.getpid(), number))
    assert (failure.value.kind, failure.value.final) == ("crash", False)


@pytest.mark.parametrize("error", [SystemExit(0), KeyboardInterrupt(), ValueError("Subject A"), BaseException("x")])
def test_any_error_in_the_fork_is_a_crash_that_tells_no_text_of_the_case(error: BaseException) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(RenderFailed, match=type(error).__name__) as failure:
        in_fork(fail)
    assert failure.value.kind == "crash"
    assert "Subject A" not in str(failure.value)


def test_exit_handlers_and_finalizers_of_the_parent_do_not_run_in_the_fork(tmp_path: Path) -> None:
    class Leaving:
        def __del__(self) -> None:
            (tmp_path / f"finalized-{os.getpid()}").touch()

    leaving = Leaving()
    cycle: list[Any] = [leaving]
    cycle.append(cycle)
    del leaving

    def handler() -> None:
        (tmp_path / f"exit-{os.getpid()}").touch()

    def work() -> RenderedPdf:
        nonlocal cycle
        cycle = []
        gc.collect()
        return answer("done")

    atexit.register(handler)
    try:
        assert in_fork(work).pdf == b"done"
    finally:
        atexit.unregister(handler)
    assert list(tmp_path.iterdir()) == []
    cycle.clear()


def test_the_fork_holds_no_descriptor_of_its_parent(tmp_path: Path) -> None:
    def held() -> int:
        return len([entry for entry in Path("/proc/self/fd").iterdir() if int(entry.name) > 2])

    with (tmp_path / "open").open("w"):
        assert held() > 2
        # Beside the pipe there is only the listing itself.
        assert int(in_fork(lambda: answer(held())).pdf) == 2


@pytest.mark.django_db
def test_the_database_connection_of_the_parent_survives_the_fork() -> None:
    def backend() -> int:
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            return int(cursor.fetchone()[0])

    before = backend()
    assert in_fork(lambda: answer("done")).pdf == b"done"
    with pytest.raises(RenderFailed, match="Error") as failure:
        in_fork(lambda: answer(backend()))
    assert failure.value.kind == "crash", "the fork cannot speak on the connection"
    assert backend() == before


def test_an_interrupted_caller_leaves_no_renderer_behind() -> None:
    class TimeLimit(Exception):
        pass

    def limit(*_: Any) -> None:
        raise TimeLimit

    before = signal.signal(signal.SIGALRM, limit)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(TimeLimit):
            in_fork(lambda: time.sleep(600))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert no_child_is_left()


def test_a_damaged_answer_is_no_document() -> None:
    with pytest.raises(RenderFailed, match="damaged") as failure:
        in_fork(lambda: RenderedPdf(b"one", 1, "0" * 64))
    assert failure.value.kind == "crash"


def test_the_environment_of_the_parent_keeps_its_source_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "77")
    made = render_in_fork(
        '<html lang="en"><title>t</title><body><p>Text</p></body></html>',
        canonical_json=b"{}", title="t", language="en", identifier="urn:x", dated=dt.date(2026, 1, 1),
    )  # fmt: skip
    assert made.pages == 1
    assert made.pdf.startswith(b"%PDF-1.7")
    assert os.environ["SOURCE_DATE_EPOCH"] == "77"
