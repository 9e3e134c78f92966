"""`make run` is ended, killed and hurt: nothing of it stays, no row is lost, and what dies comes back."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from mla import services
from tests.kill.embedded import MARK, living
from tests.kill.test_other_folder import copy_of_the_checkout

pytestmark = pytest.mark.kill

#: Accounts and one approved case, whose PDF is due: filled, as far as the launcher looks, without the long way.
FILL = """
from workflows.demo.accounts import make_accounts
from workflows.demo.case import DemoCase
from workflows.demo.courses import COURSES
from workflows.demo.people import Cast
from workflows.demo.walk import LETTERS, example
letter = example(COURSES[7].letter)
case = DemoCase(number=1, plan=COURSES[7], letter=letter, folder=LETTERS, say=lambda text: None)
cast = Cast(letter)
case.draft(cast); case.lodge(cast); case.vet(cast); next(case.approve(cast))
make_accounts()
"""
#: This authority signs in ink: what its letter waits for once the PDF is made is the scan.
LOOK = """
from mla.audit.models import AuditEntry
from workflows.lifecycle.models import OutgoingRequest
case = OutgoingRequest.objects.get()
made = case.document_sha256 or case.awaits_signature == "scan"
print("found", case.status, bool(made), AuditEntry.objects.filter(act="outgoing.approve").count())
"""


@dataclass
class Run:
    """One launcher after the other, in a copy of the checkout with servers of its own."""

    folder: Path
    where: services.Location
    mark: str
    port: int
    said: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        left_out = ("DATABASE_URL", "REDIS_URL", "MLA_MODE", "ALLOWED_HOSTS")
        return {name: value for name, value in os.environ.items() if name not in left_out} | {
            "MLA_SERVICES_DIR": str(self.where.root),
            "MLA_DEMO_DATABASE": "mla_kill_run",
            "STORAGE_DIR": str(self.folder / "storage"),
            "PYTHONPATH": str(self.folder),
            "PYTHONUNBUFFERED": "1",
            MARK: self.mark,
        }

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", "--demo", *arguments],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def start(self) -> None:
        self.said = []
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "--demo", "run", "--port", str(self.port)],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._listen, args=[self.process], daemon=True).start()
        self.wait(lambda: self.heard("ready"), 120, "it is ready")

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.said.extend(iter(process.stdout.readline, ""))

    def heard(self, text: str) -> bool:
        return any(text in line for line in list(self.said))

    def wait(self, done: Callable[[], bool], seconds: float, what: str) -> None:
        until = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < until, f"not in {seconds} s: {what}\n{''.join(self.said)}"
            time.sleep(0.1)

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "var" / "run" / "state.json").read_text())
        return found

    def get(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            return answer.status, answer.read().decode()

    def found(self) -> str:
        done = self.manage("shell", "-v", "0", "-c", LOOK)
        return next((line for line in done.stdout.splitlines() if line.startswith("found")), done.stderr)


@pytest.fixture
def run(where: services.Location, tmp_path: Path) -> Any:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = Run(copy_of_the_checkout(tmp_path), where, f"run-{os.getpid()}-{port}", port)
    yield made
    for process in living(made.mark, where):
        with contextlib.suppress(psutil.Error):
            process.kill()
    if made.process is not None:
        made.process.wait()


def test_nothing_is_left_and_nothing_lost_whatever_ends_it(run: Run) -> None:
    filled = run.manage("shell", "-v", "0", "-c", FILL + LOOK)
    assert "found approved False 1" in filled.stdout, filled.stderr
    run.start()
    assert run.process is not None

    # It serves, says who can sign in, and keeps the password to itself.
    assert run.get("/healthz")[0] == 200
    sheets = re.findall(r'href="([^"]+\.css)"', run.get("/account/login/")[1])
    assert sheets and all(run.get(sheet)[0] == 200 for sheet in sheets)
    secret = run.folder / "var" / "run" / "password"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert run.heard(secret.read_text().strip()) and run.heard("desk_officer.us-central")

    # A second one is refused and says where the first is.
    second = run.manage("run", "--port", str(run.port))
    assert second.returncode != 0
    assert f"127.0.0.1:{run.port}" in second.stderr and "runs already" in second.stderr

    # What dies comes back.
    before = run.state["children"]["documents-worker"][0]
    os.kill(before, signal.SIGKILL)
    run.wait(lambda: run.state["children"]["documents-worker"][0] != before, 20, "another worker")
    assert run.heard("documents-worker was killed (SIGKILL); it starts again in 1 s")

    # The launcher is killed: the next start works at once, with nothing of the first beside it.
    first = {process.pid for process in living(run.mark, run.where)}
    run.process.kill()
    run.process.wait()
    run.start()
    mine = psutil.Process(run.process.pid)
    ours = {mine.pid} | {child.pid for child in mine.children(recursive=True)}
    servers = {p.pid for name in ("postgres", "valkey") for p in services._processes(run.where, name)}
    assert {process.pid for process in living(run.mark, run.where)} & first <= servers
    assert {process.pid for process in living(run.mark, run.where)} <= ours | servers
    assert run.get("/healthz")[0] == 200

    # It is asked to end: it does, with all that it started, and the rows are there.
    os.killpg(run.process.pid, signal.SIGTERM)
    assert run.process.wait(timeout=60) == 0
    run.wait(lambda: not living(run.mark, run.where), 15, "every process ended")
    assert not list(run.where.sockets.glob("*.sock"))
    assert not (run.folder / "var" / "run" / "state.json").exists()
    assert run.found() == "found approved True 1"
