"""The Celery application. Queues: `default` and `documents` (rendering)."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import task_prerun, worker_before_create_process

from mla.core.garbage import keep_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mla.settings")

app = Celery("mla")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["workflows.engine", "workflows.documents"])


@task_prerun.connect
def check_connections(**_told: Any) -> None:
    """Before each task: have the database's connection looked at when it is used, and opened anew when it does not hold."""
    from django.db import close_old_connections

    close_old_connections()


@worker_before_create_process.connect
def share_what_is_loaded(**_told: Any) -> None:
    """Before a process of the pool is forked, also in place of one that has done its number of tasks."""
    keep_what_is_loaded()
