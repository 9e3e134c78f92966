from __future__ import annotations

import os

from django.apps import AppConfig


class KillConfig(AppConfig):
    name = "tests.kill"
    label = "kill"

    def ready(self) -> None:
        wanted = os.environ.get("MLA_KILL_HANDLER")
        if wanted:
            from tests.kill.handlers import register_named

            register_named(wanted)
