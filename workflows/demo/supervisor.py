"""Keeps the processes of an installation running in the foreground, as a restart policy does in production."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mla.settings.env import BASE_DIR
from workflows.demo.processes import stop

_PR_SET_PDEATHSIG = 1
#: Seconds before the first start after an end; doubled each time up to the longest.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
#: A process that has lived for so many seconds is taken as well again.
WELL_AFTER = 60.0


def _end_with_parent() -> Callable[[], None] | None:
    """Return what a child does before it becomes another program: it asks the kernel for a SIGTERM when we die.

    Linux alone knows that; elsewhere the next start ends what is left.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

    return ask


@dataclass(slots=True)
class Program:
    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    #: When it is started again, on the monotonic clock; None while it runs.
    due: float | None = None


@dataclass
class Supervisor:
    """`say` tells a person what ended and starts again; `note` is told the process id of each start."""

    logs: Path
    environment: dict[str, str]
    say: Callable[[str], None]
    note: Callable[[str, int], None]
    programs: dict[str, Program] = field(default_factory=dict)

    def start(self, name: str, command: list[str]) -> None:
        """Start a program that is kept running until `stop`."""
        self.programs[name] = Program(name, command)
        self._start(self.programs[name], mode="wb")

    def look(self) -> None:
        """Start again what has ended, each after its pause. Called several times a second."""
        now = time.monotonic()
        for program in self.programs.values():
            if program.due is not None:
                if now >= program.due:
                    self._start(program, mode="ab")
            elif program.process is not None and (how := self._ended(program.process)) is not None:
                program.failures = 1 if now - program.started > WELL_AFTER else program.failures + 1
                pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (program.failures - 1))
                program.due = now + pause
                self.say(f"{program.name} {how}; it starts again in {pause:.0f} s, see {self._log(program)}")

    def stop(self) -> None:
        """End every program and all that it started: asked first, then killed."""
        stop([program.process for program in self.programs.values() if program.process is not None])
        self.programs.clear()

    def _log(self, program: Program) -> Path:
        path = self.logs / f"{program.name}.log"
        return path.relative_to(BASE_DIR) if path.is_relative_to(BASE_DIR) else path

    def _start(self, program: Program, *, mode: str) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        program.due, program.started = None, time.monotonic()
        with open(self.logs / f"{program.name}.log", mode) as log:
            program.process = subprocess.Popen(
                program.command,
                cwd=BASE_DIR,
                env=os.environ | {"PYTHONUNBUFFERED": "1"} | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the terminal is for the launcher, which ends them in order.
                start_new_session=True,
                preexec_fn=_end_with_parent(),  # started from one thread
            )
        self.note(program.name, program.process.pid)

    @staticmethod
    def _ended(process: subprocess.Popen[bytes]) -> str | None:
        """Return how a process ended, after its children were ended too, or None while it lives."""
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return None
        # Before it is waited for: until then no other process can get its number.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        code = process.wait()
        return f"was killed ({signal.Signals(-code).name})" if code < 0 else f"ended with {code}"
