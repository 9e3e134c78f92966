"""Work in a fork of this process: bounded, killable, and without a way back into its parent.

The child has its own bounds of memory, processor and wall time, holds no descriptor of its parent (so it can touch no
database connection), and ends without running exit handlers. What makes it crash costs one fork. For the renderer, for
a token that may never answer, and for files of strangers.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

#: What comes back through the pipe: a header of plain JSON, and bytes.
Carried = tuple[dict[str, Any], bytes]


class ForkTimeout(Exception):
    """The child took more wall or processor time than it may; it is gone."""


class ForkCrashed(Exception):
    """The child ended without an answer."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one child. `memory_bytes`: beyond what the parent holds."""

    wall_seconds: float
    cpu_seconds: int
    memory_bytes: int


def in_fork(work: Callable[[], Carried], bounds: Bounds) -> Carried:
    """Return what `work` returned in a fork. A child that other threads left waiting for a lock ends by its wall time.

    Raises:
        ForkTimeout: also after too much processor time.
        ForkCrashed: `work` raised, or the process died. In every case it is gone, also when the caller is interrupted.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        _child(work, writing, bounds)
    os.close(writing)
    status: int | None = None
    try:
        answer = _read_all(reading, time.monotonic() + bounds.wall_seconds)
        status = _wait(pid) if answer is not None else None
    finally:
        os.close(reading)
        if status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            _wait(pid)
    if answer is None:
        raise ForkTimeout(f"{bounds.wall_seconds:g} seconds")
    return _result(answer, status)


def _child(work: Callable[[], Carried], writing: int, bounds: Bounds) -> NoReturn:
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
        _bound(bounds)
        header, body = work()
        _write_all(writing, json.dumps(header).encode() + b"\n" + body)
        code = 0
    except BaseException:  # noqa: S110 - the parent reads an empty pipe as a crash
        pass
    finally:
        os._exit(code)


def _result(answer: bytes, status: int | None) -> Carried:
    head, separator, body = answer.partition(b"\n")
    if not separator or status:
        number = os.WTERMSIG(status) if status is not None and os.WIFSIGNALED(status) else 0
        if number == signal.SIGXCPU:
            raise ForkTimeout("more processor time than it may take")
        raise ForkCrashed(signal.Signals(number).name if number else f"exit status {status}")
    header: dict[str, Any] = json.loads(head)
    return header, body


def _bound(bounds: Bounds) -> None:
    with open("/proc/self/statm", "rb") as source:
        held = int(source.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + bounds.memory_bytes, held + bounds.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (bounds.cpu_seconds, bounds.cpu_seconds + 5))
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
