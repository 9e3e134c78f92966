"""A virus scanner that is configured decides; one that does not answer lets nothing through."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mla.core.errors import SettingsIncomplete
from mla.core.scanning import HarmfulContent, ScannerUnavailable, scan_file, scanner_answers
from mla.settings.env import Env

HARMFUL = b"MLA-TEST-SIGNATURE-$H+H*"


def exactly(connection: socket.socket, number: int) -> bytes:
    got = b""
    while len(got) < number:
        piece = connection.recv(number - len(got))
        if not piece:
            raise ConnectionError
        got += piece
    return got


@pytest.fixture
def daemon() -> Iterator[tuple[str, list[bytes], dict[str, bytes]]]:
    """A daemon of our own that speaks the protocol, over TCP: its address, what it got, and what it says."""
    got: list[bytes] = []
    says: dict[str, bytes] = {}
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _address = server.accept()
            except OSError:
                return
            with connection:
                command = exactly(connection, 6)
                if command == b"zPING\0":
                    connection.sendall(b"PONG\0")
                    continue
                exactly(connection, len(b"zINSTREAM\0") - 6)
                content = b""
                while size := struct.unpack("!L", exactly(connection, 4))[0]:
                    content += exactly(connection, size)
                got.append(content)
                found = b"stream: Test.Found FOUND\0" if HARMFUL in content else b"stream: OK\0"
                connection.sendall(says.get("always", found))

    threading.Thread(target=serve, daemon=True).start()
    yield f"127.0.0.1:{server.getsockname()[1]}", got, says
    server.close()


def test_the_daemon_gets_the_whole_file_and_its_word_counts(
    daemon: tuple[str, list[bytes], dict[str, bytes]], settings: Any
) -> None:
    settings.CLAMD_ADDRESS, got, says = daemon
    whole = io.BytesIO(bytes(range(256)) * 3000)
    whole.seek(100)
    scan_file(whole)
    assert got == [whole.getvalue()] and whole.tell() == 0 and scanner_answers()
    with pytest.raises(HarmfulContent, match=r"Test\.Found"):
        scan_file(io.BytesIO(b"..." + HARMFUL))
    for answer in (b"INSTREAM size limit exceeded. ERROR\0", b"", b"\0", b"stream: \0", b"nonsense\0"):
        says["always"] = answer
        with pytest.raises(ScannerUnavailable):
            scan_file(io.BytesIO(b"clean"))


@pytest.mark.parametrize("address", ["127.0.0.1:1", "/nowhere/clamd.sock", "unix:/nowhere/clamd.sock"])
def test_a_daemon_that_is_away_lets_nothing_through_and_none_asks_nothing(address: str, settings: Any) -> None:
    settings.CLAMD_ADDRESS = address
    with pytest.raises(ScannerUnavailable, match="not taken"):
        scan_file(io.BytesIO(b"clean"))
    assert not scanner_answers()
    settings.CLAMD_ADDRESS = ""
    scan_file(io.BytesIO(HARMFUL))


def test_a_daemon_that_is_silent_counts_as_away(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mla.core.scanning.SCAN_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.CLAMD_ADDRESS = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ScannerUnavailable):
            scan_file(io.BytesIO(b"clean"))


def test_the_address_is_a_socket_or_a_host_and_port() -> None:
    for good in ("", "/run/clamav/clamd.ctl", "unix:/run/clamav/clamd.ctl", "clamav:3310", "[::1]:3310"):
        assert Env.read({"CLAMD_ADDRESS": good}).clamd_address == good
    for bad in ("clamav", "tcp://clamav:3310", "run/clamd.ctl"):
        with pytest.raises(SettingsIncomplete, match="CLAMD_ADDRESS"):
            Env.read({"CLAMD_ADDRESS": bad})


def test_a_real_clamd_finds_a_signature_of_ours(tmp_path: Path, settings: Any) -> None:
    """With the daemon of the distribution (CLAMD_BINARY, or on the path), where it is installed; no network."""
    binary = os.environ.get("CLAMD_BINARY") or shutil.which("clamd")
    if not binary:
        pytest.skip("no clamd is installed here")
    signatures = tmp_path / "db"
    signatures.mkdir()
    (signatures / "test.ndb").write_text(f"MLA.Test.Body:0:*:{HARMFUL.hex()}\n")
    whole = hashlib.md5(b"exactly this", usedforsecurity=False).hexdigest()
    (signatures / "test.hdb").write_text(f"{whole}:12:MLA.Test.Hash\n")
    # A path of a socket has at most 107 characters.
    place = f"/tmp/mla-clamd-{os.getpid()}.sock"
    settings.CLAMD_ADDRESS = place
    conf = tmp_path / "clamd.conf"
    conf.write_text(f"LocalSocket {place}\nDatabaseDirectory {signatures}\nForeground yes\nStreamMaxLength 250M\n")
    process = subprocess.Popen([binary, "-c", str(conf)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 30
        while not scanner_answers() and time.monotonic() < until:
            time.sleep(0.1)
        scan_file(io.BytesIO(b"clean" * 1_000_000))
        with pytest.raises(HarmfulContent, match=r"MLA\.Test\.Body"):
            scan_file(io.BytesIO(b"x" * 300_000 + HARMFUL))
        with pytest.raises(HarmfulContent, match=r"MLA\.Test\.Hash"):
            scan_file(io.BytesIO(b"exactly this"))
    finally:
        process.terminate()
        process.wait(10)
    with pytest.raises(ScannerUnavailable):
        scan_file(io.BytesIO(b"clean"))
