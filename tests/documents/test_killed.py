"""A worker that is killed while it renders, signs or stores leaves nothing that is offered, and the next one finishes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection

from mla.core import clock
from mla.core.files import file_read
from mla.settings import ENV
from mla.settings.env import BASE_DIR
from tests.documents import signatures
from tests.documents.test_outages import nothing_is_offered
from tests.documents.test_signing_job import approved, render_job, state
from workflows.documents.models import Document
from workflows.documents.verifying import document_check
from workflows.engine.models import OutboxJob
from workflows.engine.outbox import run_job
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.services import outgoing_course as course

#: Where the worker kills itself, as a machine that loses its power would.
POINTS = {
    "while its fork renders": "forking._read_all = die",
    "while it signs": "signing._signed = die",
    "with half of the file written": "storage.open = HalfWritten",
    "before the file gets its name": "storage.os.replace = die",
    "with the file kept and not yet in the case": "services._write = die",
}
SCRIPT = """
import os, signal, sys
import django; django.setup()
from mla.core import storage
from workflows.documents import forking, services, signing
from workflows.documents.rendering import preload
from workflows.engine.outbox import run_job

def die(*args, **named):
    os.kill(os.getpid(), signal.SIGKILL)

class HalfWritten:
    def __init__(self, path, mode):
        self.file = open(path, mode)
    def __enter__(self):
        return self
    def __exit__(self, *raised):
        pass
    def write(self, piece):
        self.file.write(piece[: len(piece) // 2])
        self.file.flush()
        die()

preload()
POINT
run_job(int(sys.argv[1]))
"""


def killed(point: str) -> int:
    """Run the job of the letter in a worker of its own that dies at the point; return how it ended."""
    named = urlunsplit(urlsplit(ENV.database_url)._replace(path=f"/{connection.settings_dict['NAME']}"))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.replace("POINT", POINTS[point]), str(render_job())],
        cwd=BASE_DIR, capture_output=True, text=True, timeout=120, check=False,
        env=os.environ
        | {
            "DATABASE_URL": named,
            "REDIS_URL": ENV.redis_url,
            "STORAGE_DIR": default_storage.location,
            "SIGNING_CONFIG": settings.SIGNING_CONFIG,
        },
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]
    return done.returncode


def whole(path: Path) -> bool:
    return path.suffix == ".part" or file_read(path.name) == path.read_bytes()


@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("point", POINTS)
def test_worker_killed_in_the_midst_offers_nothing_and_the_next_one_finishes(point: str) -> None:
    line, outgoing = approved("certificate")
    killed(point)
    document = Document.objects.get(outgoing=outgoing)
    assert (document.status, document.sha256) == ("rendering", "")
    nothing_is_offered(line, outgoing)
    assert all(whole(path) for path in Path(default_storage.location).rglob("*") if path.is_file())
    assert run_job(render_job()) == "not mine", "the lease of the dead one still runs"

    OutboxJob.objects.filter(pk=render_job()).update(lease_until=clock.now())
    time.sleep(0.05)
    assert run_job(render_job()) == "done"
    assert state(outgoing)[0] == "ready"
    ready = Document.objects.get(outgoing=outgoing)
    assert document_check(file_read(ready.sha256), signatures.config().trust).sound
    sent = course.outgoing_send(outgoing=OutgoingRequest.objects.get(pk=outgoing.pk), by=line.registry, channel="local")
    assert sent.status == "sent"
    assert Document.objects.filter(outgoing=outgoing).count() == 1
