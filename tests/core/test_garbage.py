"""What a worker has loaded is shared by the processes of its pool, and no search for garbage walks through it."""

from __future__ import annotations

import subprocess
import sys

from mla.settings import BASE_DIR

#: In a process of its own: what is taken out of the search would stay out of it for the other tests.
PROGRAM = """
import gc, os
import mla.celery
from celery.signals import worker_before_create_process

loaded = len(gc.get_objects())
worker_before_create_process.send(sender=None)
child = os.fork()
if not child:
    left = len(gc.get_objects())
    os._exit(0 if gc.get_freeze_count() > 0.9 * loaded and left < 0.1 * loaded else 1)
assert os.waitpid(child, 0)[1] == 0
"""


def test_process_of_the_pool_does_not_search_what_the_worker_had_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=BASE_DIR, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
