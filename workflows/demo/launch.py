"""One running demonstration a checkout: its lock, what it started, and what a killed one has left behind.

The kernel lets go of the lock however the launcher ends. The state file says where it runs; every process
it starts carries the state's token in its environment, so that a later start finds exactly those, whoever
their parent is by then, and no other.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import secrets
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from mla.settings.env import BASE_DIR

FOLDER = BASE_DIR / "var" / "run"
#: In the environment of every process that a launcher starts.
MARK = "MLA_RUN_TOKEN"


class LaunchRefused(Exception):
    """It cannot start here; the message says what stands in the way, and what to do."""


@dataclass(slots=True)
class Launch:
    """What a launcher writes down of itself. `started` and the children's times are of the system's clock, in seconds."""

    address: str
    pid: int = field(default_factory=os.getpid)
    started: float = field(default_factory=lambda: psutil.Process().create_time())
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    children: dict[str, tuple[int, float]] = field(default_factory=dict)

    def write(self) -> None:
        """Write the state file, whole or not at all."""
        fresh = FOLDER / "state.json.new"
        fresh.write_text(json.dumps(asdict(self)))
        fresh.replace(FOLDER / "state.json")

    def note_child(self, name: str, pid: int) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            self.children[name] = (pid, psutil.Process(pid).create_time())
        self.write()


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Hold the lock of this checkout's demonstration for the length of the block.

    Raises:
        LaunchRefused: another launcher holds it; says where that one runs.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / "lock", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LaunchRefused(f"{running_now() or 'one'} runs already: end it there with Ctrl-C") from None
        yield


def running_now() -> str | None:
    """Say which launcher runs now and where, or return None."""
    try:
        with open(FOLDER / "lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return None
    except FileNotFoundError:
        return None
    except BlockingIOError:
        state = _state()
        return f"a demonstration at {state['address']} (process {state['pid']})" if state else "a demonstration"


def end_leftovers(*, patience: float = 15.0) -> list[str]:
    """End what a killed launcher left; return the names of it. Called while the lock is held.

    First asked, so that a worker may finish its job, then killed. Touches only a process that carries the
    token of the state file, or whose id and start time stand in it, and the descendants of these.
    """
    state = _state()
    if state is None:
        return []
    found = _leftovers(state)
    names = sorted({_told(process) for process in found})
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _gone, alive = psutil.wait_procs(found, timeout=patience)
    # A pool makes new children while its parent still lives.
    for process in {*alive, *_leftovers(state)}:
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGKILL)
    psutil.wait_procs(alive, timeout=5)
    (FOLDER / "state.json").unlink(missing_ok=True)
    return names


def forget() -> None:
    """Take the state file away after an orderly end."""
    (FOLDER / "state.json").unlink(missing_ok=True)


def _state() -> dict[str, Any] | None:
    try:
        state = json.loads((FOLDER / "state.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return state if isinstance(state, dict) and {"address", "pid", "token", "children"} <= set(state) else None


def _leftovers(state: dict[str, Any]) -> list[psutil.Process]:
    children = {int(pid): float(started) for pid, started in state["children"].values()}
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            # A process id is used again; an id with its start time is not.
            same = process.pid in children and abs(process.create_time() - children[process.pid]) < 1.0
            if not (same or process.environ().get(MARK) == state["token"]) or process.pid == os.getpid():
                continue
            for each in [process, *process.children(recursive=True)]:
                if each.status() != psutil.STATUS_ZOMBIE:
                    found[each.pid] = each
    return list(found.values())


def _told(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        words = [Path(word).name for word in process.cmdline()[1:] if not word.startswith("-")]
        return " ".join(words[:3]) or process.name()
    return "a process"


def require_free(host: str, port: int) -> None:
    """Raise LaunchRefused when the address cannot be listened on; says what takes it."""
    family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with contextlib.closing(socket.socket(family, kind, protocol)) as probe:
        # Not SO_REUSEPORT: another web server that has set it would seem to leave room.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise LaunchRefused(f"{host}:{port} cannot be listened on: {error.strerror}") from error
            raise LaunchRefused(
                f"port {port} of {host} is taken by {_taken_by(port)}: end that, or choose another port, "
                f'`make run RUN_ARGS="--port {port + 1}"`'
            ) from None


def _taken_by(port: int) -> str:
    with contextlib.suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr[1] == port:
                if connection.pid is None:
                    break
                words = " ".join(psutil.Process(connection.pid).cmdline())
                return f"process {connection.pid} ({words[:120]})"
    return "a process of another user"


def wait_until_free(host: str, port: int, *, seconds: float = 5.0) -> None:
    """Wait for an ended web server to let go of its address. Raises LaunchRefused as `require_free`."""
    until = time.monotonic() + seconds
    while True:
        try:
            return require_free(host, port)
        except LaunchRefused:
            if time.monotonic() > until:
                raise
        time.sleep(0.2)
