"""Keys for a development machine, a demonstration and the tests: a certificate authority and a timestamp service.

Real certificates and real RFC 3161 timestamps, of an authority that nobody trusts: letters signed with them are
verified by any tool, and worth nothing. Made by `manage.py signing_development`; production names its own SIGNING_CONFIG.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import io
from collections.abc import Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pikepdf
from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

CONFIG: Final = "signing.toml"
_SECRET: Final = "development"
#: Whatever day a test or a demonstration takes for today.
_FROM: Final = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_UNTIL: Final = dt.datetime(2049, 1, 1, tzinfo=dt.UTC)
_LETTER_KEY: Final = {"digital_signature": True, "content_commitment": True}
_NO_USE: Final = dict.fromkeys(
    "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign"
    " encipher_only decipher_only".split(),
    False,
)


@dataclass(frozen=True, slots=True)
class _Holder:
    key: Any
    certificate: x509.Certificate


def ensure_development_keys(home: Path, *, timestamp_url: str = "") -> Path:
    """Make what is missing in `home` and return the path of its signing.toml; safe for several processes at once.

    `timestamp_url` is written into the file as the timestamp service of this start; empty for none.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "tsa.pem").exists():
            _make(home)
        lines = _CONFIG + (f'\n[timestamp]\nurl = "{timestamp_url}"\nseconds = 5\n' if timestamp_url else "")
        path = home / CONFIG
        if not path.exists() or path.read_text() != lines:
            path.write_text(lines)
    return path


_CONFIG: Final = """# Made by `manage.py signing_development`. Nobody trusts these keys.

[trust]
anchors = ["authority.pem"]
others = ["letters.pem", "tsa.pem"]
crls = ["authority.crl"]

[[keys]]
authorities = ["*"]
pkcs12 = "letters.p12"
secret_file = "letters.pass"
"""


def timestamp_server(home: Path, port: int = 0) -> ThreadingHTTPServer:
    """Return an RFC 3161 service on 127.0.0.1 with the key of `home`; the caller serves and closes it."""
    key = load_pem_private_key((home / "tsa.key").read_bytes(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    raw = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    certificate = x509.load_pem_x509_certificate((home / "tsa.pem").read_bytes())
    store = SimpleCertificateStore()
    own = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    store.register(own)
    stamper = DummyTimeStamper(own, keys.PrivateKeyInfo.load(raw), certs_to_embed=store)

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            answer = stamper.request_tsa_response(asked).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return ThreadingHTTPServer(("127.0.0.1", port), Answering)


def signed_by_hand(pdf: bytes) -> bytes:
    """Return what stands for the scan of a signed print: the pages alone, with a stroke of ink on the last of them."""
    with pikepdf.open(io.BytesIO(pdf)) as letter, pikepdf.new() as scan:
        scan.pages.extend(letter.pages)
        stroke = b"q 1.4 w 0.1 0.1 0.5 RG 330 120 m 350 160 370 90 390 130 c 400 150 420 110 450 128 c S Q"
        for page in scan.pages:
            del page.obj["/StructParents"]
        scan.pages[-1].contents_add(stroke)
        out = io.BytesIO()
        scan.save(out, deterministic_id=True)
    return out.getvalue()


def _make(home: Path) -> None:
    root_key = ec.generate_private_key(ec.SECP256R1())
    root = _Holder(root_key, _certificate("MLA development authority", root_key, None, {"key_cert_sign", "crl_sign"}))
    _write(home / "authority.pem", root.certificate.public_bytes(Encoding.PEM))
    _write(home / "authority.crl", _crl(root))
    letters = ec.generate_private_key(ec.SECP256R1())
    signer = _certificate("MLA development letters", letters, root, {"digital_signature", "content_commitment"})
    _write(home / "letters.pem", signer.public_bytes(Encoding.PEM))
    _write(home / "letters.pass", _SECRET.encode())
    secret = BestAvailableEncryption(_SECRET.encode())
    _write(
        home / "letters.p12",
        pkcs12.serialize_key_and_certificates(b"letters", letters, signer, [root.certificate], secret),
    )
    tsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    tsa = _certificate("MLA development timestamps", tsa_key, root, {"digital_signature"}, stamps=True)
    _write(home / "tsa.key", tsa_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    _write(home / "tsa.pem", tsa.public_bytes(Encoding.PEM))


def _certificate(
    name: str, key: Any, issuer: _Holder | None, uses: Iterable[str], *, stamps: bool = False
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signing_key = issuer.key if issuer else key
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**(_NO_USE | dict.fromkeys(uses, True))), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
    )
    if stamps:
        built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return built.sign(signing_key, hashes.SHA256())


def _crl(root: _Holder) -> bytes:
    built = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.certificate.subject)
        .last_update(_FROM)
        .next_update(_UNTIL)
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key()), critical=False)
    )
    return built.sign(root.key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
