"""The Celery application. Queues: `default` and `documents` (rendering)."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mla.settings")

app = Celery("mla")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["workflows.engine", "workflows.documents"])
