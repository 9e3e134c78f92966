"""Content-addressed files in Django's storage: the name is the SHA-256, so a file never changes.

Workers on several machines share one storage (a network folder or an object store, see docs/operations.md);
no path of this machine is ever kept in the database.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO, cast

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from mla.core import clock
from mla.core.errors import MlaError

logger = logging.getLogger(__name__)


class FileDamaged(MlaError):
    """The stored bytes no longer have the hash they are named after."""


class FileMissing(MlaError):
    """No file of that hash is in the storage."""


class StorageFailed(MlaError, OSError):
    """The storage has no room, or does not answer. Passes: nothing was changed, and the same can be tried again."""

    own_words = True


#: Bytes that are read at a time.
PIECE = 1024 * 1024
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StoredFile:
    sha256: str
    size: int


def _name(sha256: str) -> str:
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise FileMissing(f"{sha256!r} is not a SHA-256")
    return f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def storage_ready() -> None:
    """Do what the storage needs before it is used, without asking it anything. For a worker, before it forks."""
    default_storage.ready()  # type: ignore[attr-defined]


def unfinished_drop() -> int:
    """Take away what a process that was killed began to write a day ago or longer; return how many. By a sweep."""
    found: int = default_storage.drop_unfinished(before=(clock.now() - DAY).timestamp())  # type: ignore[attr-defined]
    return found


def file_hash(content: BinaryIO) -> str:
    """Return the hash of a file, by pieces, and stand at its beginning again. Nothing is kept."""
    content.seek(0)
    sha256, _size = _hashed(content)
    content.seek(0)
    return sha256


def file_store(content: bytes | BinaryIO) -> StoredFile:
    """Keep `content` and return its hash and size in bytes. Storing the same bytes again is free.

    A file is taken from its beginning, wherever it stands, and by pieces.

    Raises:
        StorageFailed: it was not kept, and no part of it.
    """
    if isinstance(content, bytes):
        sha256, size = hashlib.sha256(content).hexdigest(), len(content)
        source: File[bytes] = ContentFile(content)
    else:
        content.seek(0)
        sha256, size = _hashed(content)
        content.seek(0)
        source = File(content)
    name = _name(sha256)
    with telling_failures():
        if not (default_storage.exists(name) and default_storage.size(name) == size):
            default_storage.save(name, source)
    return StoredFile(sha256=sha256, size=size)


def file_read(sha256: str) -> bytes:
    """Return the bytes of that hash, checked.

    Raises:
        FileMissing: nothing is stored under the hash.
        FileDamaged: what is stored has another hash.
        StorageFailed: it cannot be read now.
    """
    with _opened(sha256) as stored, telling_failures():
        data: bytes = stored.read()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise FileDamaged(f"the stored file {sha256} is damaged: its content has another hash")
    return data


def file_open(sha256: str) -> BinaryIO:
    """Return the stored file, checked as a whole and set to its beginning; for files too large for the memory.

    The caller closes it.

    Raises:
        FileMissing: nothing is stored under the hash.
        FileDamaged: what is stored has another hash.
        StorageFailed: it cannot be read now.
    """
    stored = _opened(sha256)
    try:
        with telling_failures():
            found = _hashed(stored)[0]
        if found != sha256:
            raise FileDamaged(f"the stored file {sha256} is damaged: its content has another hash")
        stored.seek(0)
    except BaseException:
        stored.close()
        raise
    return stored


def _opened(sha256: str) -> BinaryIO:
    name = _name(sha256)
    with telling_failures():
        try:
            return cast(BinaryIO, default_storage.open(name))
        except FileNotFoundError:
            raise FileMissing(f"no stored file has the SHA-256 {sha256}") from None


@contextmanager
def telling_failures() -> Iterator[None]:
    """Say of what the storage raises that it passes. Raises StorageFailed."""
    try:
        yield
    except OSError as error:
        logger.exception("the storage failed")
        raise StorageFailed(not_stored()) from error


def not_stored() -> str:
    return _("the storage has no room or does not answer; nothing was changed, try again later")


def file_check(sha256: str) -> int:
    """Check the stored bytes as `file_open` does and return how many they are."""
    with file_open(sha256) as stored:
        return stored.seek(0, 2)


def _hashed(source: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while piece := source.read(PIECE):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def file_exists(sha256: str) -> bool:
    """Tell whether a file is stored under the hash, whatever it holds. Raises StorageFailed."""
    with telling_failures():
        return default_storage.exists(_name(sha256))
