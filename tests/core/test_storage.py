"""A folder as storage: what a killed process began to write is taken away later, what is being written is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from mla.core import clock
from mla.core.files import file_read, file_store, unfinished_drop
from mla.core.storage import UNFINISHED


def test_file_of_a_killed_writer_is_dropped_after_a_day_and_no_other(
    tmp_path: Path, settings, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "mla.core.storage.AtomicFileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    }
    assert unfinished_drop() == 0
    kept = file_store(b"whole")
    writer = textwrap.dedent(
        f"""
        import os, signal
        from django.core.files.base import ContentFile
        from mla.core.storage import AtomicFileSystemStorage

        class Half(ContentFile):
            def chunks(self, chunk_size=None):
                yield b"half"
                os.kill(os.getpid(), signal.SIGKILL)

        AtomicFileSystemStorage(location={str(tmp_path)!r}).save("sha256/aa/bb/name", Half(b"half of it"))
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", f"from django.conf import settings; settings.configure()\n{writer}"], check=False
    )
    assert done.returncode == -signal.SIGKILL
    (left,) = (tmp_path / UNFINISHED).iterdir()
    assert not (tmp_path / "sha256/aa/bb/name").exists()
    assert unfinished_drop() == 0 and left.exists(), "it may be written still"
    old = clock.now().timestamp() - 25 * 3600
    os.utime(left, (old, old))
    assert unfinished_drop() == 1
    assert not list((tmp_path / UNFINISHED).iterdir())
    assert file_read(kept.sha256) == b"whole"
