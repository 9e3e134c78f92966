"""A timestamp service that is silent, slow, broken or lies: a letter that waits, signed, and says of whom; never a false stamp."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import tsp

from mla.core import clock
from mla.core.files import file_read
from tests.documents import signatures
from tests.documents.bombs import at_most
from tests.documents.signatures import HOME, config, levels
from tests.documents.test_outages import shown
from tests.documents.test_signing_job import OWN, approved, render_job, state
from workflows.demo.signing import timestamp_server
from workflows.documents import signing
from workflows.documents.models import Document
from workflows.documents.signing_keys import TimestampService
from workflows.documents.verifying import document_check
from workflows.engine.models import OutboxJob
from workflows.engine.outbox import run_job

Behaves = Callable[[socket.socket], None]
HEAD = b"HTTP/1.1 %s\r\nContent-Type: %s\r\nConnection: close\r\n\r\n"
STAMP = b"application/timestamp-reply"


def silent(_asked: socket.socket) -> None:
    time.sleep(30)


def slowly(asked: socket.socket) -> None:
    asked.sendall(HEAD % (b"200 OK", STAMP))
    for _time in range(60):
        asked.sendall(b"0")
        time.sleep(0.5)


def answering(status: bytes, kind: bytes, body: bytes) -> Behaves:
    return lambda asked: asked.sendall(HEAD % (status, kind) + body)


def endlessly(asked: socket.socket) -> None:
    asked.sendall(HEAD % (b"200 OK", STAMP))
    for _time in range(400):
        asked.sendall(bytes(2**20))


BAD: dict[str, tuple[Behaves, str]] = {
    "silent": (silent, "cannot be reached|no answer within 2 seconds"),
    "slow": (slowly, "no answer within 2 seconds"),
    "garbage": (answering(b"200 OK", STAMP, b"garbage"), "ValueError"),
    "a page": (answering(b"200 OK", b"text/html", b"<html>"), "answers 200, and not with a timestamp"),
    "an error": (answering(b"503 Away", STAMP, b""), "answers 503"),
    "endless": (endlessly, "larger than a timestamp"),
}


@contextlib.contextmanager
def service(behaves: Behaves) -> Iterator[TimestampService]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(5)

        def one(asked: socket.socket) -> None:
            with contextlib.suppress(OSError), asked:
                asked.recv(65_536)
                behaves(asked)

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=one, args=(server.accept()[0],), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield TimestampService(f"http://127.0.0.1:{server.getsockname()[1]}/", 2)


@pytest.mark.parametrize("which", BAD)
def test_bad_service_costs_its_time_and_no_more(which: str) -> None:
    behaves, why = BAD[which]
    began = time.monotonic()
    with service(behaves) as asked, at_most(64 * 2**20):
        with pytest.raises(signing.TimestampMissing, match=why) as missing:
            signing.add_timestamp(levels()["B-B"], asked)
        assert str(missing.value).startswith(asked.url)
    assert time.monotonic() - began < 12


@contextlib.contextmanager
def lying(monkeypatch: pytest.MonkeyPatch) -> Iterator[TimestampService]:
    """The service of the tests, that stamps something else than it was asked to."""
    load = tsp.TimeStampReq.load

    def other(data: bytes, **named: Any) -> tsp.TimeStampReq:
        asked = load(data, **named)
        asked["message_imprint"]["hashed_message"] = b"\0" * 32
        return asked

    server = timestamp_server(HOME)
    monkeypatch.setattr(tsp.TimeStampReq, "load", other)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield TimestampService(f"http://127.0.0.1:{server.server_port}/", 5)
    finally:
        server.shutdown()
        server.server_close()


def test_stamp_of_something_else_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with lying(monkeypatch) as asked, pytest.raises(signing.TimestampMissing, match="of something else"):
        signing.add_timestamp(levels()["B-B"], asked)


@pytest.mark.django_db(transaction=True)
def test_letter_waits_signed_is_seen_to_wait_and_is_upgraded_when_the_service_is_back(
    tmp_path: Path, settings: Any
) -> None:
    line, outgoing = approved("certificate")
    with service(slowly) as slow:
        settings.SIGNING_CONFIG = str(signatures.write_config(tmp_path, OWN, timestamp=slow.url))
        assert run_job(render_job()) == "retry"
    assert state(outgoing)[:3] == ("waiting", "timestamp", "timestamp")
    assert f"TimestampMissing: {slow.url}: " in OutboxJob.objects.get(pk=render_job()).last_error
    waits = shown(line, outgoing)
    assert (
        "awaited: the timestamp of its signature" in waits and "electronic signature: MLA development letters" in waits
    )
    signed = file_read(Document.objects.get(outgoing=outgoing).sha256)
    with signatures.timestamps(tmp_path) as back:
        settings.SIGNING_CONFIG = str(signatures.write_config(tmp_path, OWN, timestamp=back.url))
        OutboxJob.objects.filter(pk=render_job()).update(due_at=clock.now())
        assert run_job(render_job()) == "done"
    assert state(outgoing)[:3] == ("ready", "", "")
    told = shown(line, outgoing)
    assert "electronic signature with timestamp" in told and "awaited" not in told
    upgraded = file_read(Document.objects.get(outgoing=outgoing).sha256)
    start = signed.index(b"/Contents <")
    assert upgraded[:start] == signed[:start] and upgraded != signed
    assert document_check(upgraded, config().trust).signatures[0].proven_at is not None
