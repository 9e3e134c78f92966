"""Make the keys of a development machine, and, if wished, run its timestamp service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflows.demo.signing import ensure_development_keys, timestamp_server


class Command(BaseCommand):
    help = "Make a certificate authority, a key for letters and one for timestamps that nobody trusts."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--timestamps", action="store_true", help="then answer RFC 3161 requests on a free port of 127.0.0.1"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        from mla.settings import ENV

        if ENV.mode == "production":
            raise CommandError("these keys are of no value: production names its own SIGNING_CONFIG")
        home = Path(settings.SIGNING_CONFIG).parent
        self.stdout.write(str(ensure_development_keys(home)))
        if not options["timestamps"]:
            return
        with timestamp_server(home) as server:
            url = f"http://127.0.0.1:{server.server_port}/"
            ensure_development_keys(home, timestamp_url=url)
            self.stdout.write(f"timestamps at {url}")
            server.serve_forever()
