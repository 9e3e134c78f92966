"""The demonstration is interrupted in the middle: nothing of it stays, no worker, no server."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from mla import services
from tests.kill.embedded import MARK, living
from tests.kill.test_other_folder import copy_of_the_checkout

pytestmark = pytest.mark.kill


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_interrupted_demonstration_leaves_no_process(
    where: services.Location, tmp_path: Path, number: signal.Signals
) -> None:
    folder = copy_of_the_checkout(tmp_path)
    mark = f"demo-{os.getpid()}-{number}"
    mine = {
        "MLA_SERVICES_DIR": str(where.root),
        "MLA_DEMO_DATABASE": "mla_kill_demo",
        "STORAGE_DIR": str(folder / "storage"),
        "PYTHONPATH": str(folder),
        "PYTHONUNBUFFERED": "1",
        MARK: mark,
    }
    environment = {n: v for n, v in os.environ.items() if n not in ("DATABASE_URL", "REDIS_URL", "MLA_MODE")} | mine
    demo = subprocess.Popen(
        [sys.executable, "manage.py", "--demo", "demo"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert demo.stdout is not None
    said = []
    try:
        for line in demo.stdout:
            said.append(line)
            if " sent to " in line:
                break
        else:
            raise AssertionError("the demonstration ended by itself:\n" + "".join(said))
        names = [process.name() for process in living(mark, where)]
        assert len(names) > 8, names
        # As a terminal sends Ctrl-C: to the foreground group, in which the workers are not.
        os.killpg(demo.pid, number)
        demo.stdout.read()
        assert demo.wait(timeout=90) != 0
        until = time.monotonic() + 15
        while living(mark, where) and time.monotonic() < until:
            time.sleep(0.2)
        assert not living(mark, where)
        assert not list(where.sockets.glob("*.sock"))
    finally:
        for process in living(mark, where):
            with contextlib.suppress(psutil.Error):
                process.kill()
        demo.wait()
