"""Write letters in every language, unsigned and at each level of signature, for a validator to look at."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from mla.core.canonical import canonical_bytes
from mla.core.letter_languages import letter_languages
from workflows.demo import bench
from workflows.demo.signing import ensure_development_keys, timestamp_server
from workflows.documents import signing
from workflows.documents.letters import letter_pdf
from workflows.documents.signing_keys import signing_config
from workflows.documents.values import Cover, Names
from workflows.drafting.letterfile import letter_from


class Command(BaseCommand):
    help = "Write sample letters as PDF into a folder: each language, unsigned and signed B-B, B-T, B-LT."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        folder.mkdir(parents=True, exist_ok=True)
        home = Path(settings.SIGNING_CONFIG).parent
        ensure_development_keys(home)
        example = bench.examples()[0].letter
        with timestamp_server(home) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            ensure_development_keys(home, timestamp_url=f"http://127.0.0.1:{server.server_port}/")
            for code in letter_languages():
                letter = letter_from({**example.content(), "language": code})
                for name, pdf in self._levels(letter):
                    path = folder / f"{code}-{name}.pdf"
                    path.write_bytes(pdf)
                    self.stdout.write(str(path))
            server.shutdown()

    def _levels(self, letter: Any) -> list[tuple[str, bytes]]:
        cover = Cover("XX-2026-1", ("Central Authority",), ("Other Authority",), by_certificate=True)
        made = letter_pdf(
            letter, cover, Names(), canonical_json=canonical_bytes(letter.content()), identifier="urn:uuid:sample"
        ).pdf
        config = signing_config()
        assert config.timestamp is not None
        signed = signing.sign(made, config.key_of("xx-central")).pdf
        stamped = signing.add_timestamp(signed, config.timestamp)
        lasting = signing.add_revocation_data(stamped, config.trust)
        return [("unsigned", made), ("B-B", signed), ("B-T", stamped), *([("B-LT", lasting)] if lasting else [])]
