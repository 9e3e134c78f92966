"""The processes beside the demonstration: real Celery workers, the relay and beat, stopped whatever happens."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from mla.settings.env import BASE_DIR
from workflows.demo.signing import ensure_development_keys
from workflows.documents.signing_keys import signing_config

WORKER = [
    sys.executable,
    "-m",
    "celery",
    "-A",
    "mla",
    "worker",
    "--loglevel",
    "WARNING",
    "--without-gossip",
    "--without-mingle",
]


def commands() -> dict[str, list[str]]:
    """Return the command of each process by name."""
    manage = [sys.executable, str(BASE_DIR / "manage.py")]
    return {
        "timestamps": [*manage, "signing_development", "--timestamps"],
        "worker": [*WORKER, "-Q", "default", "-c", "2", "-n", "default@%h"],
        "documents-worker": [*WORKER, "-Q", "documents", "-c", "2", "-n", "documents@%h"],
        "relay": [*manage, "relay"],
    }


def await_timestamps(process: subprocess.Popen[bytes] | None, *, patience: float = 60.0) -> None:
    """Wait until the timestamp service has written its address where workers read it; not for one that ended."""
    until = time.monotonic() + patience
    while signing_config().timestamp is None and process and process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)


def web(host: str, port: int, application: str = "mla.wsgi:application") -> list[str]:
    """Return the command of the web server, on one address of this machine."""
    bound = f"[{host}]" if ":" in host else host
    quick = ["--worker-tmp-dir=/dev/shm"] if Path("/dev/shm").is_dir() else []
    return [
        *(sys.executable, "-m", "gunicorn", application, f"--bind={bound}:{port}", "--reuse-port"),
        *("--workers=2", "--threads=4", "--worker-class=gthread", "--graceful-timeout=10", "--no-control-socket"),
        *quick,
    ]


@contextlib.contextmanager
def running(logs: Path, environment: dict[str, str] | None = None) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Run the processes for the length of the block, each with its log file in `logs`."""
    logs.mkdir(parents=True, exist_ok=True)
    ensure_development_keys(Path(settings.SIGNING_CONFIG).parent)
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands().items():
            with open(logs / f"{name}.log", "wb") as log:
                started[name] = subprocess.Popen(
                    command,
                    cwd=BASE_DIR,
                    env=os.environ | {"PYTHONUNBUFFERED": "1"} | (environment or {}),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            if name == "timestamps":
                await_timestamps(started[name])
        yield started
    finally:
        stop(list(started.values()))


def stop(processes: list[subprocess.Popen[bytes]], *, patience: float = 15.0) -> None:
    """End the processes and all that they started: first asked, then killed."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=patience)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
