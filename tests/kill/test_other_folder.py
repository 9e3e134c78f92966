"""Workers on another machine: another folder, the same servers and storage. No path of one machine is kept."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mla.settings.env import BASE_DIR
from tests.kill.installation import Installation, keep_figures

pytestmark = pytest.mark.kill

#: What another machine is given; its own data stay its own.
CARRIED = ("manage.py", "mla", "workflows", "templates", "locale", "tests", "examples")


def copy_of_the_checkout(to: Path) -> Path:
    for name in CARRIED:
        source = BASE_DIR / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__", "golden"))
        elif source.exists():
            shutil.copy2(source, to / name)
    return to


def test_worker_in_another_folder_renders_and_sends(installation: Callable[..., Installation], tmp_path: Path) -> None:
    letters = 5
    there = copy_of_the_checkout(tmp_path)
    own = {"PYTHONPATH": str(there)}
    mla = installation(lease=30)
    told = subprocess.run(
        [sys.executable, "-c", "import mla.celery, workflows.documents as d; print(mla.celery.__file__, d.__file__)"],
        cwd=there, env=mla.environment | own, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert str(BASE_DIR) not in told
    mla.start_redis()
    mla.start_worker("default", "default", cwd=there, **own)
    mla.start_worker("documents", "documents", cwd=there, **own)
    mla.start_relay()
    mla.start_office(letters, until="acknowledged")
    mla.wait(lambda: mla.office_finished() and mla.drained(), 180, "all is done by workers from another folder")
    assert "run by the relay itself" not in mla.said("relay")
    mla.stop_all()
    keep_figures("other_folder", mla.verify(letters))
