"""A measurement on a database, a storage and a queue of its own: it runs its command again there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from mla import services
from mla.celery import app
from mla.prepare import recreate_database
from mla.settings import ENV
from mla.settings.env import BASE_DIR


def is_apart(database: str) -> bool:
    """Tell whether this process is the one that measures."""
    return ENV.demo and settings.DATABASES["default"]["NAME"] == database


def run_again(*, database: str, storage: Path, queue: int) -> int:
    """Run this command again, apart, and return how that ended.

    `queue`: the number of a database of the embedded Redis. With REDIS_URL set, let it be a Redis that nothing uses.
    """
    # A queue of its own, where none is named: no worker of the demonstration or of a developer takes its jobs.
    environment = {"REDIS_URL": services.location().redis_url(queue)} | dict(os.environ)
    environment |= {"MLA_DEMO": "1", "MLA_DEMO_DATABASE": database, "STORAGE_DIR": str(storage)}
    process = subprocess.Popen([sys.executable, str(BASE_DIR / "manage.py"), *sys.argv[1:]], env=environment)
    # Ctrl-C reaches both; the child tidies up, and this one waits for it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: process.send_signal(number))
    return process.wait()


def make_anew() -> None:
    """Empty database, storage and queue. Only where `is_apart`."""
    recreate_database(ENV)
    shutil.rmtree(ENV.storage_dir, ignore_errors=True)
    app.control.purge()
