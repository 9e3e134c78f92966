from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from workflows.engine.relay import run_relay


class Command(BaseCommand):
    help = "Wake workers for due jobs every second, run them here while the broker is away, run periodic sweeps."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, default=1.0, help="seconds between two looks")
        parser.add_argument("--heartbeat", type=Path, help="file to touch at each look, for a health check")

    def handle(self, *args: Any, **options: Any) -> None:
        stopping: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda received, frame: stopping.append(received))
        heartbeat: Path | None = options["heartbeat"]

        def stop() -> bool:
            if heartbeat is not None:
                heartbeat.touch()
            return bool(stopping)

        run_relay(every=options["every"], stop=stop)
