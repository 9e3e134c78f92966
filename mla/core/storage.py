"""The default storage on a local or network folder: a file appears whole or not at all."""

from __future__ import annotations

import os
import secrets
from typing import Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible


@deconstructible(path="mla.core.storage.AtomicFileSystemStorage")
class AtomicFileSystemStorage(FileSystemStorage):
    """Writes beside the final name, flushes to the disk, then renames over it.

    Django's own class writes under the final name: a killed process leaves half a file there.
    """

    def ready(self) -> None:
        """A folder needs nothing before it is used."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: File[Any]) -> str:
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        beside = f"{path}.{secrets.token_hex(8)}.part"
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
