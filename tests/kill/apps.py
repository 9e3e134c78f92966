from __future__ import annotations

import os

from django.apps import AppConfig


class KillConfig(AppConfig):
    name = "tests.kill"
    label = "kill"

    def ready(self) -> None:
        if os.environ.get("MLA_KILL_POISON"):
            from tests.kill.poison import EVENT, HANDLER, end_this_process
            from workflows.engine.outbox import register

            register(EVENT, name=HANDLER, run=end_this_process, queue="poison")
