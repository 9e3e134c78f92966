"""Settings of the processes that are killed: the shipped ones, and what one test changes by its environment."""

from __future__ import annotations

import os

from mla.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.kill.apps.KillConfig"]  # noqa: F405

if os.environ.get("MLA_KILL_WITHOUT_TIME_LIMITS"):
    # The lease alone is tested: no supervisor ends a worker that comes too late.
    CELERY_TASK_SOFT_TIME_LIMIT = CELERY_TASK_TIME_LIMIT = None
