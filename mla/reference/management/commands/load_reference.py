from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from mla.reference.services import reference_load


class Command(BaseCommand):
    help = "Load the reference data that ships with the application. Idempotent; keeps what users changed."

    def handle(self, *args: Any, **options: Any) -> None:
        counts = reference_load()
        if options["verbosity"]:
            self.stdout.write(", ".join(f"{count} {name}" for name, count in counts.items()))
