"""What the measurements share: an environment of their own, the machine, and the table.

Ratios are what counts: both sides of each are measured in turn in the same run, so that what else the
machine does falls on both alike.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import psutil
from django.conf import settings

from mla.celery import app
from mla.core import clock
from mla.reference.models import Authority
from mla.settings.env import BASE_DIR
from workflows.demo.courses import COURSES
from workflows.demo.people import Cast
from workflows.demo.processes import commands, stop
from workflows.demo.signing import ensure_development_keys
from workflows.drafting.annexes import Upload
from workflows.drafting.letterfile import LetterFile, read_letter
from workflows.drafting.services import letter_create
from workflows.engine import outbox
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.services import outgoing_chain as chain

FOLDER = BASE_DIR / "var" / "bench"
LETTERS = BASE_DIR / "examples" / "letters"
#: Packages whose version a figure depends on.
PACKAGES = ("Django", "celery", "kombu", "redis", "weasyprint", "pydyf", "pikepdf", "psycopg", "django-fsm-2")


class BenchFailed(Exception):
    """A measurement could not be brought to its end; the message says what was waited for."""


@dataclass(frozen=True, slots=True)
class Example:
    """One of the example letters with the files of its annexes."""

    letter: LetterFile
    annexes: tuple[Upload, ...]

    @property
    def cast(self) -> Cast:
        return Cast(self.letter)


def examples() -> list[Example]:
    """Return the example letters, of 6 to 13 pages."""
    found = []
    for plan in COURSES:
        path = next(path for path in sorted(LETTERS.glob(f"{plan.letter}.*")) if path.suffix in {".toml", ".json"})
        letter = read_letter(path.read_bytes(), name=path.name)
        annexes = tuple(
            Upload(key=entry.id, name=Path(entry.file).name, content=(LETTERS / entry.file).read_bytes())
            for entry in letter.annexes
        )
        found.append(Example(letter, annexes))
    return found


def case_in_review(example: Example) -> OutgoingRequest:
    """Return a new case, drafted, lodged, taken in and put before the supervisor by its officers."""
    cast = example.cast
    drafter, desk = cast.drafter(), cast.desk()
    letter = letter_create(content=example.letter, authority=cast.originating, by=drafter, annexes=example.annexes)
    case = chain.outgoing_open(letter=letter, by=drafter, urgency=example.letter.urgency.level)
    case = chain.outgoing_lodge(outgoing=case, by=drafter)
    case = chain.outgoing_take_in(outgoing=case, by=desk)
    return chain.outgoing_submit(outgoing=case, by=desk)


def approve(example: Example, case: OutgoingRequest) -> OutgoingRequest:
    content_hash = case.letter.versions.get(number=case.letter.current).content_hash
    return chain.outgoing_approve(
        outgoing=case, by=example.cast.supervisor(), content_hash=content_hash, rights_screened=True
    )


@contextlib.contextmanager
def without_hints() -> Iterator[None]:
    """Let jobs be written without waking a worker, so that they wait for the measurement."""
    with mock.patch.object(outbox, "send_hint", lambda job_id, queue: True):
        yield


# --- processes ---


@contextlib.contextmanager
def running(*names: str, processes: int = 2) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Run some of the demonstration's processes, each with its log; return when the workers answer.

    `processes`: of each worker.

    Raises:
        BenchFailed: a worker does not answer within two minutes.
    """
    logs = FOLDER / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    # Without a timestamp service: what another program takes for its answer is no speed of ours.
    ensure_development_keys(Path(settings.SIGNING_CONFIG).parent)
    Authority.objects.update(signing_method=Authority.SigningMethod.CERTIFICATE)
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name in names:
            with open(logs / f"{name}.log", "wb") as log:
                started[name] = subprocess.Popen(
                    _with_processes(commands()[name], processes),
                    cwd=BASE_DIR,
                    env=os.environ | {"PYTHONUNBUFFERED": "1"},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        workers = sum("worker" in name for name in names)
        wait(lambda: len(app.control.ping(timeout=1.0) or []) >= workers, 120, f"an answer of {workers} workers")
        yield started
    finally:
        stop(list(started.values()))


def _with_processes(command: list[str], processes: int) -> list[str]:
    if "-c" not in command or "worker" not in command:
        return command
    at = command.index("-c") + 1
    return [*command[:at], str(processes), *command[at + 1 :]]


def wait(done: Callable[[], bool], seconds: float, what: str, *, every: float = 0.01) -> None:
    """Wait for something. Raises BenchFailed when it does not come in time."""
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            raise BenchFailed(f"after {seconds:.0f} s still not there: {what}; see {FOLDER / 'logs'}")
        time.sleep(every)


@dataclass(frozen=True, slots=True)
class Memory:
    """Of a process with all its children, in bytes. `pss` divides what they share between them."""

    processes: int
    rss: int
    pss: int


def memory_of(pid: int) -> Memory:
    family = [psutil.Process(pid)]
    family += family[0].children(recursive=True)
    rss = pss = count = 0
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            found = process.memory_full_info()
            rss, pss, count = rss + found.rss, pss + found.pss, count + 1
    return Memory(count, rss, pss)


# --- telling ---


def machine() -> dict[str, Any]:
    """Return what a figure depends on beside the program."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return {
        "date": clock.now().date().isoformat(),
        "cores": os.cpu_count(),
        "processor": model,
        "memory_bytes": psutil.virtual_memory().total,
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
    }


def milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    """Return median and 90th percentile, in milliseconds."""
    ordered = sorted(seconds)
    return {
        "median_ms": round(statistics.median(ordered) * 1000, 3),
        "p90_ms": round(ordered[int(len(ordered) * 0.9)] * 1000, 3),
        "n": len(ordered),
    }


def table(rows: Sequence[tuple[str, str]]) -> str:
    width = max(len(name) for name, _value in rows)
    return "\n".join(f"{name.ljust(width)}  {value}".rstrip() for name, value in rows)
