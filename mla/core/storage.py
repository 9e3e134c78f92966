"""The default storage on a local or network folder: a file appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible

#: The folder of the storage in which files are written before they get their names.
UNFINISHED = "unfinished"


@deconstructible(path="mla.core.storage.AtomicFileSystemStorage")
class AtomicFileSystemStorage(FileSystemStorage):
    """Writes in a folder of its own, flushes to the disk, then renames to the final name.

    Django's own class writes under the final name: a killed process leaves half a file there.
    """

    def ready(self) -> None:
        """A folder needs nothing before it is used."""

    def drop_unfinished(self, *, before: float) -> int:
        """Take away what killed processes began to write and nobody wrote on since `before` (POSIX time); return how many."""
        dropped = 0
        with contextlib.suppress(FileNotFoundError), os.scandir(self.path(UNFINISHED)) as found:
            for entry in found:
                # Another sweep, or the writer itself, may have taken it away meanwhile.
                with contextlib.suppress(FileNotFoundError):
                    if entry.stat().st_mtime < before:
                        os.unlink(entry.path)
                        dropped += 1
        return dropped

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: File[Any]) -> str:
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        beside = self.path(f"{UNFINISHED}/{secrets.token_hex(16)}.part")
        os.makedirs(os.path.dirname(beside), exist_ok=True)
        try:
            with open(beside, "xb") as target:
                for chunk in content.chunks():
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            os.replace(beside, path)
        except BaseException:
            if os.path.exists(beside):
                os.unlink(beside)
            raise
        return name
