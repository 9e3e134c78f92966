"""A handler that kills the process that runs it, each time. Registered where MLA_KILL_POISON is set."""

from __future__ import annotations

import os
import signal

from workflows.engine.outbox import Finish, Job

EVENT = "outgoing.taken_in"
HANDLER = "tests.poison"


def end_this_process(job: Job) -> Finish | None:
    """Die as a worker dies that the kernel kills: nothing is tidied up, nothing is written."""
    os.kill(os.getpid(), signal.SIGKILL)
    return None
