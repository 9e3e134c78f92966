"""Content-addressed files in Django's storage: the name is the SHA-256, so a file never changes.

Workers on several machines share one storage (a network folder or an object store, see README);
no path of this machine is ever kept in the database.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import BinaryIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from mla.core.errors import MlaError


class FileDamaged(MlaError):
    """The stored bytes no longer have the hash they are named after."""


class FileMissing(MlaError):
    """No file of that hash is in the storage."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    sha256: str
    size: int


def _name(sha256: str) -> str:
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise FileMissing(f"{sha256!r} is not a SHA-256")
    return f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def file_store(content: bytes | BinaryIO) -> StoredFile:
    """Keep `content` and return its hash and size in bytes. Storing the same bytes again is free."""
    data = content if isinstance(content, bytes) else content.read()
    sha256 = hashlib.sha256(data).hexdigest()
    name = _name(sha256)
    if not (default_storage.exists(name) and default_storage.size(name) == len(data)):
        default_storage.save(name, ContentFile(data))
    return StoredFile(sha256=sha256, size=len(data))


def file_read(sha256: str) -> bytes:
    """Return the bytes of that hash, checked.

    Raises:
        FileMissing: nothing is stored under the hash.
        FileDamaged: what is stored has another hash.
    """
    name = _name(sha256)
    if not default_storage.exists(name):
        raise FileMissing(f"no stored file has the SHA-256 {sha256}")
    with default_storage.open(name) as stored:
        data: bytes = stored.read()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise FileDamaged(f"the stored file {sha256} is damaged: its content has another hash")
    return data


def file_exists(sha256: str) -> bool:
    return default_storage.exists(_name(sha256))
