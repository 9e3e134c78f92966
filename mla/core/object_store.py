"""The default storage on an object store that speaks S3: a file appears whole or not at all, and never changes.

What the store answers is told as a disk would: an absent object is a FileNotFoundError, and whatever else goes wrong,
from a full store to one that does not answer, an OSError. So the callers know one kind of failure.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, NoReturn, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from django.utils.deconstruct import deconstructible
from storages.backends.s3 import S3Storage

#: Bytes that are read at a time.
PIECE = 1024 * 1024
#: Bytes that an opened file holds in the memory; what is larger goes through a temporary file.
IN_MEMORY = 4 * 1024 * 1024
#: Seconds until the store is connected, and between two pieces of an answer; how often a question is asked again.
CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 5, 60, 3

_CONTENT_NAME = re.compile(r"(?:.*/)?([0-9a-f]{64})")
#: Codes of stores that have no room left.
_FULL = frozenset(
    {"InsufficientStorage", "QuotaExceeded", "StorageFull", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"}
)


class StoreFailed(OSError):
    """The object store refused or did not answer."""


class WrittenOnce(StoreFailed):
    """Another object has this name already, and stays."""


@deconstructible(path="mla.core.object_store.WriteOnceS3Storage")
class WriteOnceS3Storage(S3Storage):
    """Puts each object by one request with its SHA-256, which the store compares, and over no other object.

    One request, and no upload by parts, since only that is checked as a whole and leaves nothing behind when it breaks.
    """

    _resource: Any = None
    #: The process that has opened lines to the store, 0 while none has.
    _used_by = 0

    @property
    def connection(self) -> Any:
        """Return the connection of this process: a fork must not speak on the lines of its parent."""
        if self._used_by not in (0, os.getpid()):
            self._resource = None
        self.ready()
        self._used_by = os.getpid()
        return self._resource

    def drop_unfinished(self, *, before: float) -> int:
        """A put that did not come to its end left nothing."""
        return 0

    def ready(self) -> None:
        """Do what the first question needs, without asking one: half a second that a worker's forks are spared."""
        if self._resource is not None:
            return
        session = boto3.Session(self.access_key, self.secret_key, self.security_token)
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            s3={"addressing_style": self.addressing_style or "auto"},
            max_pool_connections=20,
            # What is read is compared with the name, and what is put has its checksum said here.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        self._resource = session.resource(
            "s3", region_name=self.region_name, endpoint_url=self.endpoint_url, verify=self.verify, config=config
        )

    @property
    def _client(self) -> Any:
        return self.connection.meta.client

    def exists(self, name: str) -> bool:
        return self._size(name) is not None

    def size(self, name: str) -> int:
        found = self._size(name)
        if found is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        return found

    def delete(self, name: str) -> None:
        with as_of_a_disk(name):
            self._client.delete_object(Bucket=self.bucket_name, Key=self._normalize_name(name))

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with as_of_a_disk(name):
            return cast("tuple[list[str], list[str]]", super().listdir(name))

    def url(self, name: str, *_args: Any, **_options: Any) -> NoReturn:
        """Raises NotImplementedError: each file goes out by a page that checks the right to it."""
        raise NotImplementedError("no file is offered by its address in the store")

    def _size(self, name: str) -> int | None:
        key = self._normalize_name(name)
        try:
            with as_of_a_disk(name):
                return int(self._client.head_object(Bucket=self.bucket_name, Key=key)["ContentLength"])
        except FileNotFoundError:
            return None

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if mode != "rb":
            raise ValueError("a stored file is read and never written again")
        whole = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (the caller closes it)
        try:
            with as_of_a_disk(name):
                got = self._client.get_object(Bucket=self.bucket_name, Key=self._normalize_name(name))
                with closing(got["Body"]) as body:
                    for piece in body.iter_chunks(PIECE):
                        whole.write(piece)
        except BaseException:
            whole.close()
            raise
        whole.seek(0)
        return File(whole, name)

    def _save(self, name: str, content: File[Any]) -> str:
        digest, size, body = _said_by(name), content.size, content
        # Django's wrapper of a file counts as empty where it has no name.
        while isinstance(body, File):
            body = body.file  # type: ignore[assignment]
        if digest is None:
            body.seek(0)
            digest = hashlib.file_digest(body, "sha256").digest()
        body.seek(0)
        try:
            with as_of_a_disk(name):
                self._client.put_object(
                    Bucket=self.bucket_name,
                    Key=self._normalize_name(name),
                    Body=body,
                    ContentLength=size,
                    ContentType=self.default_content_type,
                    ChecksumSHA256=base64.b64encode(digest).decode(),
                    IfNoneMatch="*",
                )
        except WrittenOnce:
            # Two who store the same file at once are both served.
            if _said_by(name) is None or self._size(name) != size:
                raise
        return name


def _said_by(name: str) -> bytes | None:
    """Return the SHA-256 that a name says its content has."""
    found = _CONTENT_NAME.fullmatch(name)
    return bytes.fromhex(found[1]) if found else None


@contextmanager
def as_of_a_disk(name: str) -> Iterator[None]:
    """Tell what the store or the way to it raises as a disk would.

    Raises:
        FileNotFoundError: the store has no such object.
        WrittenOnce: it has another one.
        StoreFailed: anything else; `errno` is ENOSPC where the store has no room.
    """
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if status == 404 and code != "NoSuchBucket":
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name) from error
        if status in (409, 412):
            raise WrittenOnce(
                errno.EEXIST, f"the object store has another object of this name ({code})", name
            ) from error
        number = errno.ENOSPC if status == 507 or code in _FULL else errno.EIO
        raise StoreFailed(number, f"the object store answered {status} {code}", name) from error
    except BotoCoreError as error:
        raise StoreFailed(errno.EIO, f"the object store does not answer ({type(error).__name__})", name) from error
