"""Handlers that misbehave, each registered for one event where MLA_KILL_HANDLER names it."""

from __future__ import annotations

import os
import signal
import time

from django.db import connection

from workflows.engine.outbox import Finish, Job, register
from workflows.lifecycle.models import OutgoingRequest

EVENT = "outgoing.taken_in"
#: Name of the handler and of its queue.
POISON, SLEEPER = "poison", "sleeper"
#: Seconds for which the sleeper keeps its transaction open.
ASLEEP = 3.0
#: Key of the lock by which the database tells that the sleeper is in its transaction.
ADVISORY_KEY = 20261129


def end_this_process(job: Job) -> Finish | None:
    """Die as a worker dies that the kernel kills: nothing is tidied up, nothing is written."""
    os.kill(os.getpid(), signal.SIGKILL)
    return None


def sleep_in_the_transaction(job: Job) -> Finish | None:
    """Hold the case's row and the job's own for a while before the commit."""

    def finish() -> None:
        OutgoingRequest.objects.select_for_update(of=("self",)).get(pk=job.object_id)
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [ADVISORY_KEY])
        time.sleep(ASLEEP)

    return finish


def register_named(name: str) -> None:
    register(EVENT, name=name, run={POISON: end_this_process, SLEEPER: sleep_in_the_transaction}[name], queue=name)
