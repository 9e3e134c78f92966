"""Signed letters for the tests, and verifiers that others wrote."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from pyhanko.pdf_utils.reader import PdfFileReader

from mla.core.canonical import canonical_bytes
from tests.documents import factory
from workflows.demo.signing import ensure_development_keys, timestamp_server
from workflows.documents import signing
from workflows.documents.letters import letter_pdf
from workflows.documents.signing_keys import KeyPlace, SigningConfig, TimestampService, signing_config

IDENTIFIER = "urn:uuid:018f0000-0000-7000-8000-000000000001"
HOME = Path(settings.SIGNING_CONFIG).parent


@cache
def unsigned() -> bytes:
    """Return a letter with an empty field for its signature."""
    letter = factory.letter()
    cover = factory.cover(by_certificate=True)
    content = canonical_bytes(letter.content())
    return letter_pdf(letter, cover, factory.names(), canonical_json=content, identifier=IDENTIFIER).pdf


def config() -> SigningConfig:
    return signing_config()


def key() -> KeyPlace:
    return config().key_of("xx-central")


@contextlib.contextmanager
def timestamps(home: Path = HOME) -> Iterator[TimestampService]:
    """Run an RFC 3161 service with the key of `home` for the length of the block."""
    server = timestamp_server(home)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield TimestampService(f"http://127.0.0.1:{server.server_port}/", 5)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@cache
def levels() -> dict[str, bytes]:
    """Return one letter at each level, each a step further than the one before."""
    signed = signing.sign(unsigned(), key()).pdf
    with timestamps() as service:
        stamped = signing.add_timestamp(signed, service)
    lasting = signing.add_revocation_data(stamped, config().trust)
    assert lasting is not None
    return {"B-B": signed, "B-T": stamped, "B-LT": lasting}


def tampered(pdf: bytes) -> bytes:
    """Return the file with one byte of the page content changed, which is covered by the signature."""
    at = pdf.index(b"stream", len(pdf) // 20) + 200
    return pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]


@dataclass(frozen=True)
class Verdict:
    sound: bool
    said: str


def by_pdfsig(pdf: bytes, folder: Path) -> Verdict:
    file = folder / "letter.pdf"
    file.write_bytes(pdf)
    said = _run("pdfsig", "-nocert", str(file))
    return Verdict("Signature Validation: Signature is Valid." in said, said)


def by_openssl(pdf: bytes, folder: Path) -> Verdict:
    """Verify the CMS container over the bytes that ByteRange names, against the development authority."""
    signature = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures[0]
    a, b, c, d = map(int, signature.byte_range)
    (folder / "signed.bin").write_bytes(pdf[a : a + b] + pdf[c : c + d])
    (folder / "signature.der").write_bytes(signature.pkcs7_content)
    said = _run(
        "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", str(folder / "signature.der"),
        "-content", str(folder / "signed.bin"), "-CAfile", str(HOME / "authority.pem"), "-purpose", "any",
        "-out", "/dev/null",
    )  # fmt: skip
    return Verdict("Verification successful" in said, said)


def by_pyhanko(pdf: bytes, folder: Path) -> Verdict:
    file = folder / "letter.pdf"
    file.write_bytes(pdf)
    said = _run(
        str(Path(sys.executable).with_name("pyhanko")), "sign", "validate", "--no-revocation-check", "--pretty-print",
        "--trust", str(HOME / "authority.pem"), str(file),
    )  # fmt: skip
    return Verdict("The signature is judged VALID" in said, said)


VERIFIERS = {"pdfsig": by_pdfsig, "openssl": by_openssl, "pyhanko": by_pyhanko}


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout + done.stderr


def write_config(folder: Path, *keys: str, timestamp: str = "") -> Path:
    """Write a signing.toml with the development authority and these tables of keys; return its path."""
    ensure_development_keys(folder, timestamp_url=timestamp)
    path = folder / "signing.toml"
    head = path.read_text().split("[[keys]]")[0]
    stamp = f'\n[timestamp]\nurl = "{timestamp}"\nseconds = 2\n' if timestamp else ""
    path.write_text(head + "".join(f"\n[[keys]]\n{one}\n" for one in keys) + stamp)
    return path


LONG_AGO = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)
