"""A file that somebody hands in costs one small process, whatever it is made of, and makes nobody ask an address in it."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from mla.core import clock
from tests.documents.bombs import GROWN, KINDS, at_most, pdf_bomb
from tests.documents.signatures import config, levels, unsigned
from tests.drafting import hostile_files
from workflows.documents import services_signing, signing, verifying
from workflows.documents.forking import Bounds
from workflows.documents.services_signing import ScanRefused, scan_check
from workflows.documents.signing_keys import KeyPlace, Trust
from workflows.documents.verifying import Checked, NotReadable, document_check, document_check_apart


class TestBombs:
    @pytest.mark.parametrize("kind", KINDS)
    def test_pdf_that_grows_costs_the_page_that_checks_it_nothing(self, kind: str) -> None:
        bomb = pdf_bomb(kind)
        assert len(bomb) < 20_000 and verifying.BOUNDS.memory_bytes < GROWN
        with at_most(64 * 2**20), contextlib.suppress(NotReadable):
            assert not document_check_apart(bomb, config().trust).sound

    @pytest.mark.parametrize("kind", KINDS)
    def test_nor_does_it_cost_anything_as_a_scan(self, kind: str) -> None:
        with at_most(64 * 2**20):
            try:
                assert scan_check(pdf_bomb(kind)) == 1, "one that is never opened does no harm"
            except ScanRefused:
                assert kind in ("objects", "references")

    def test_scan_with_a_picture_that_nobody_can_draw_is_refused(self) -> None:
        with pytest.raises(ScanRefused, match="million pixels"):
            scan_check(hostile_files.pdf_with_huge_picture())

    def test_what_takes_too_long_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        short = Bounds(wall_seconds=0.001, cpu_seconds=5, memory_bytes=2**29)
        monkeypatch.setattr(verifying, "BOUNDS", short)
        monkeypatch.setattr(services_signing, "_SCAN_BOUNDS", short)
        with pytest.raises(NotReadable, match="more time or memory"):
            document_check_apart(levels()["B-LT"], config().trust)
        with pytest.raises(ScanRefused, match="more memory or time"):
            scan_check(unsigned())


@pytest.mark.parametrize("level", ["unsigned", "B-B", "B-T", "B-LT"])
def test_answer_from_the_other_process_is_the_same(level: str) -> None:
    pdf = unsigned() if level == "unsigned" else levels()[level]
    checked = document_check(pdf, config().trust)
    assert document_check_apart(pdf, config().trust) == checked == Checked.from_dict(checked.as_dict())


def test_largest_file_that_is_taken_can_be_checked() -> None:
    """A scan is mostly pictures that do not pack: sixty megabytes of them, and signed."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(unsigned())) as document:
        document.Root.Big = pikepdf.Stream(document, os.urandom(60 * 2**20))
        document.save(out)
    signed = signing.sign(out.getvalue(), config().key_of("xx-central")).pdf
    assert document_check_apart(signed, config().trust).signatures[0].intact
    assert scan_check(signed) > 1


# --- addresses in certificates ---


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(20)
        server.settimeout(0.3)
        yield server


def called(server: socket.socket) -> bool:
    try:
        server.accept()[0].close()
    except TimeoutError:
        return False
    return True


def _certificate(folder: Path, port: int) -> KeyPlace:
    """Make a key whose certificate says where its issuer, its revocation list and its responder are."""
    key, other = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    where = x509.UniformResourceIdentifier(f"http://127.0.0.1:{port}/ca")
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Stranger")]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Issuer of a stranger")]))
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=9))
        .add_extension(
            x509.AuthorityInformationAccess(
                [
                    x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, where),
                    x509.AccessDescription(AuthorityInformationAccessOID.OCSP, where),
                ]
            ),
            critical=False,
        )
        .add_extension(x509.CRLDistributionPoints([x509.DistributionPoint([where], None, None, None)]), critical=False)
        .sign(other, hashes.SHA256())
    )
    path = folder / "stranger.p12"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"x", key, certificate, None, BestAvailableEncryption(b"test-pass"))
    )
    return KeyPlace(("*",), "test-pass", pkcs12=path)


def test_addresses_in_a_strangers_certificate_are_never_asked(listener: socket.socket, tmp_path: Path) -> None:
    signed = signing.sign(unsigned(), _certificate(tmp_path, int(listener.getsockname()[1]))).pdf
    trust = replace(config().trust, fetch=True)
    for checked in (document_check(signed, trust), document_check_apart(signed, trust)):
        assert (checked.signatures[0].intact, checked.signatures[0].trusted) == (True, "no")
    assert not called(listener)
    # What this house signs itself is what revocation data are fetched for.
    assert signing.add_revocation_data(signed, trust) is None
    assert called(listener)


def test_nothing_is_fetched_where_that_is_not_set(listener: socket.socket, tmp_path: Path) -> None:
    signed = signing.sign(unsigned(), _certificate(tmp_path, int(listener.getsockname()[1]))).pdf
    trust: Trust = replace(config().trust, fetch=False)
    assert signing.add_revocation_data(signed, trust) is None
    assert not called(listener)


# --- scans that the virus scanner and the storage do not take ---


@pytest.mark.parametrize("address", ["127.0.0.1:1"])
def test_scan_is_not_kept_while_the_virus_scanner_is_away(address: str, settings: Any) -> None:
    settings.CLAMD_ADDRESS = address
    with pytest.raises(ScanRefused, match="virus scanner does not answer"):
        services_signing._scan_kept(unsigned())
