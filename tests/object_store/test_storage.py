"""Files in an object store: whole or not at all, under their hash for ever, and told as a disk tells what goes wrong."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import subprocess
import sys
import tempfile
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from mla.core import files, object_store
from mla.core.files import (
    FileDamaged,
    FileMissing,
    StorageFailed,
    file_check,
    file_exists,
    file_open,
    file_read,
    file_store,
    storage_ready,
)
from mla.core.object_store import StoreFailed, WrittenOnce, as_of_a_disk
from mla.settings.env import BASE_DIR
from tests.object_store.server import BUCKET, KEY, SECRET, BreakingLine, Store, free_ports, running

Through = Callable[..., None]

CONTENT = b"The record of the bank."
NAME = hashlib.sha256(CONTENT).hexdigest()
PLACE = f"sha256/{NAME[:2]}/{NAME[2:4]}/{NAME}"


def test_file_is_kept_by_its_hash_and_read_back_whole(store: Store, prefix: str) -> None:
    for content in (CONTENT, io.BytesIO(CONTENT)):
        kept = file_store(content)
        assert (kept.sha256, kept.size) == (NAME, len(CONTENT))
    assert store.keys(prefix) == {PLACE}
    assert file_read(NAME) == CONTENT and file_check(NAME) == len(CONTENT) and file_exists(NAME)
    with file_open(NAME) as opened:
        assert (opened.read(4), opened.seek(0), opened.read()) == (b"The ", 0, CONTENT)
    assert (default_storage.exists(PLACE), default_storage.size(PLACE)) == (True, len(CONTENT))
    absent = "0" * 64
    assert not file_exists(absent)
    for read in (file_read, file_open, file_check):
        with pytest.raises(FileMissing):
            read(absent)
    with pytest.raises(FileNotFoundError):
        default_storage.size("nothing")
    default_storage.delete(PLACE)
    default_storage.delete(PLACE)
    assert store.keys(prefix) == set()


def test_it_is_written_once_and_nothing_takes_its_place(store: Store, prefix: str) -> None:
    default_storage.save("parts/one", ContentFile(b"first"))
    with pytest.raises(WrittenOnce):
        default_storage.save("parts/one", ContentFile(b"other"))
    with default_storage.open("parts/one") as kept:
        assert kept.read() == b"first"
    # Bytes that are not those of the name are refused by the store itself.
    with pytest.raises(StoreFailed):
        default_storage.save(PLACE, ContentFile(b"something else"))
    assert store.keys(prefix) == {"parts/one"}
    file_store(CONTENT)
    modified = store.client().head_object(Bucket=BUCKET, Key=f"{prefix}/{PLACE}")["LastModified"]
    default_storage.save(PLACE, ContentFile(CONTENT))
    assert store.client().head_object(Bucket=BUCKET, Key=f"{prefix}/{PLACE}")["LastModified"] == modified
    for mode in ("wb", "ab", "r+b"):
        with pytest.raises(ValueError):
            default_storage.open(PLACE, mode)
    with pytest.raises(NotImplementedError):
        default_storage.url(PLACE)


def test_what_was_changed_in_the_store_is_found_by_every_way_of_reading(store: Store, prefix: str) -> None:
    file_store(CONTENT)
    store.client().put_object(Bucket=BUCKET, Key=f"{prefix}/{PLACE}", Body=CONTENT[:-1] + b"#")
    for read in (file_read, file_open, file_check):
        with pytest.raises(FileDamaged):
            read(NAME)
    # One of another length is not written over either: the operator puts the right one back.
    store.client().put_object(Bucket=BUCKET, Key=f"{prefix}/{PLACE}", Body=b"short")
    with pytest.raises(StorageFailed):
        file_store(CONTENT)


def test_two_who_store_the_same_at_once_are_both_served(store: Store, prefix: str) -> None:
    content, told, start = os.urandom(300_000), [], threading.Barrier(6)

    def keep() -> None:
        start.wait(30)
        told.append(file_store(content).sha256)

    threads = [threading.Thread(target=keep) for _one in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [hashlib.sha256(content).hexdigest()] * 6 and len(store.keys(prefix)) == 1
    assert file_read(told[0]) == content


def test_a_large_file_passes_by_pieces(store: Store, prefix: str) -> None:
    size = 96 * 1024 * 1024
    with tempfile.TemporaryFile() as large:
        for _piece in range(size // 2**20):
            large.write(os.urandom(2**20))
        tracemalloc.start()
        try:
            kept = file_store(large)
            with file_open(kept.sha256) as opened:
                assert opened.seek(0, 2) == size == kept.size
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert most < 24 * 1024 * 1024, f"{most} bytes in the memory at once"


@pytest.mark.parametrize("content", [os.urandom(3_000_000), os.urandom(60_000)], ids=["large", "small"])
def test_a_line_that_breaks_leaves_nothing_behind_and_passes(
    store: Store, prefix: str, through: Through, content: bytes
) -> None:
    name = hashlib.sha256(content).hexdigest()
    half = len(content) // 2
    with BreakingLine(store, up=half) as line:
        through(endpoint_url=line.endpoint)
        with pytest.raises(StorageFailed) as failed:
            file_store(content)
        assert isinstance(failed.value, OSError) and "does not answer" in str(failed.value)
    assert store.keys(prefix) == set()
    through()
    assert file_store(content).sha256 == name
    with BreakingLine(store, down=half) as line:
        through(endpoint_url=line.endpoint)
        for read in (file_read, file_open, file_check):
            # It is not damaged: nobody could tell.
            with pytest.raises(StorageFailed):
                read(name)
    through()
    assert file_read(name) == content


def test_a_store_that_does_not_answer_or_refuses_is_told_as_a_disk_that_fails(through: Through) -> None:
    for wrong in (
        {"endpoint_url": f"http://127.0.0.1:{free_ports(1)[0]}"},
        {"secret_key": "another"},
        {"access_key": "nobody"},
    ):
        through(**wrong)
        for act in (lambda: file_store(CONTENT), lambda: file_read(NAME), lambda: file_exists(NAME)):
            with pytest.raises(StorageFailed):
                act()
        with pytest.raises(StoreFailed) as failed:
            default_storage.delete(PLACE)
        assert failed.value.errno == errno.EIO and SECRET not in str(failed.value)
        with pytest.raises(StoreFailed):
            default_storage.listdir("")


def test_a_store_without_room_keeps_nothing(
    tmp_path: Path, prefix: str, through: Through, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It looks for room for half a minute before it says that there is none.
    monkeypatch.setattr(object_store, "READ_SECONDS", 2)
    with running(tmp_path, without_room=True) as full:
        through(endpoint_url=full.endpoint)
        with pytest.raises(StorageFailed):
            file_store(os.urandom(100_000))
        assert full.keys(prefix) == set()


@pytest.mark.parametrize(
    ("status", "code", "number"),
    [
        (507, "InsufficientStorage", errno.ENOSPC),
        (403, "QuotaExceeded", errno.ENOSPC),
        (507, "XMinioStorageFull", errno.ENOSPC),
        (503, "SlowDown", errno.EIO),
        (404, "NoSuchBucket", errno.EIO),
        (501, "NotImplemented", errno.EIO),
        (404, "NoSuchKey", errno.ENOENT),
        (412, "PreconditionFailed", errno.EEXIST),
    ],
)
def test_answers_are_told_as_a_disk_would(status: int, code: str, number: int) -> None:
    answer: Any = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
    with pytest.raises(OSError) as told, as_of_a_disk("one"):
        raise ClientError(answer, "PutObject")
    assert told.value.errno == number and isinstance(told.value, FileNotFoundError) == (code == "NoSuchKey")


def test_a_fork_speaks_on_lines_of_its_own(store: Store, prefix: str, through: Through) -> None:
    file_store(CONTENT)
    # What is only made ready has no lines yet, and is what the fork uses.
    through()
    storage_ready()
    made = default_storage._resource  # type: ignore[attr-defined]
    child = os.fork()
    if not child:
        os._exit(0 if default_storage.connection is made and file_read(NAME) == CONTENT else 1)  # type: ignore[attr-defined]
    assert os.waitpid(child, 0)[1] == 0
    assert default_storage.connection is made and file_read(NAME) == CONTENT  # type: ignore[attr-defined]
    before = default_storage.connection  # type: ignore[attr-defined]
    child = os.fork()
    if not child:
        same = default_storage.connection is before  # type: ignore[attr-defined]
        os._exit(0 if not same and file_read(NAME) == CONTENT else 1)
    for _again in range(20):
        assert file_read(NAME) == CONTENT
    assert os.waitpid(child, 0)[1] == 0
    assert default_storage.connection is before  # type: ignore[attr-defined]


def test_by_tls_only_a_store_whose_authority_is_trusted(
    store: Store, prefix: str, through: Through, monkeypatch: pytest.MonkeyPatch
) -> None:
    through(endpoint_url=store.tls_endpoint)
    with pytest.raises(StorageFailed):
        file_store(CONTENT)
    assert store.keys(prefix) == set()
    monkeypatch.setenv("AWS_CA_BUNDLE", str(store.authority))
    through(endpoint_url=store.tls_endpoint)
    large = os.urandom(5_000_000)
    for content in (CONTENT, large):
        assert file_read(file_store(content).sha256) == content
    with pytest.raises(StoreFailed):
        default_storage.save("sha256/aa/bb/" + "a" * 64, ContentFile(b"other bytes"))


def test_a_process_finds_the_store_by_its_environment(store: Store, prefix: str) -> None:
    content = f"from another process {uuid4()}"
    code = (
        "import django; django.setup(); from mla.core.files import file_read, file_store;"
        f" kept = file_store({content!r}.encode()); assert file_read(kept.sha256); print(kept.sha256)"
    )
    environment: dict[str, Any] = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(BASE_DIR), "DJANGO_SETTINGS_MODULE": "mla.settings",
        "STORAGE_URL": f"s3://{BUCKET}/{prefix}?endpoint={store.endpoint}&region=us-east-1",
        "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET,
    }  # fmt: skip
    for demo in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment | {"MLA_DEMO": demo}, cwd=BASE_DIR,
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    sha256 = done.stdout.strip()
    place = files._name(sha256)
    assert file_read(sha256) == content.encode()
    assert store.keys(prefix) == {place, f"demo/{place}"}
