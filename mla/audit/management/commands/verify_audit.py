from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from mla.audit.selectors import verify_chains


class Command(BaseCommand):
    help = "Verify every audit chain. Ends 0 when whole, 1 naming the first broken entry, 2 when there is no entry."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        result = verify_chains()
        if options["json"]:
            self.stdout.write(json.dumps(result.as_dict()))
        elif result.broken:
            broken = result.broken
            self.stdout.write(f"broken: authority {broken.authority_id}, entry {broken.seq}: {broken.why}")
        else:
            self.stdout.write(f"{result.entries} entries in {result.chains} chains follow from one another")
        if result.broken:
            sys.exit(1)
        if result.entries == 0:
            sys.exit(2)
