from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mla.reference.errors import ReferenceDataWrong
from mla.reference.services import reference_load


class Command(BaseCommand):
    help = "Load the reference data that ships with the application. Idempotent; keeps what users changed."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = reference_load()
        except ReferenceDataWrong as error:
            raise CommandError(str(error)) from error
        if options["verbosity"]:
            self.stdout.write(", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items()))
