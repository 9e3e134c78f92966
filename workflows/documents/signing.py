"""Electronic signatures in the PDF: PAdES (ETSI EN 319 142-1), levels B-B, B-T and B-LT.

A letter is signed first (B-B); then the timestamp of an RFC 3161 service is put beside the signature value, where no
signed byte changes; then the revocation data is added, where it can be had. Each level is a whole file of its own, so a
service that does not answer leaves a signed letter and not half of one. The signed file is kept and never made again.
Callers: the document job. Nothing here touches the database.
"""

from __future__ import annotations

import datetime as dt
import io
import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from asn1crypto import cms, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import simple_cms_attribute
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.validation.dss import DocumentSecurityStore, collect_validation_info
from pyhanko.stamp.noop import NoOpStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from mla.core import clock
from mla.core.errors import MlaError
from workflows.documents.awaiting import awaited
from workflows.documents.forking import Bounds, ForkCrashed, ForkTimeout, in_fork
from workflows.documents.signing_keys import KeyPlace, SigningConfig, SigningNotSetUp, TimestampService, Trust
from workflows.documents.timestamping import TimestampMissing, timestamp_of
from workflows.documents.values import FIELD_NAME
from workflows.documents.verifying import validation_context

logger = logging.getLogger(__name__)

Level = Literal["B-B", "B-T", "B-LT"]
DIGEST: Final = "sha256"
#: Room for signature, chain and timestamp, in hexadecimal digits: a service may bring a long chain of its own.
RESERVED: Final = 2 * 24 * 1024
#: A token that has not answered by then does not answer (seconds).
TOKEN_SECONDS: Final = 15.0


class TokenSilent(MlaError):
    """The token did not answer, or its process died. Worth another try."""

    own_words = True


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed file. Instants are UTC."""

    pdf: bytes
    level: Level
    signer: str
    signed_at: dt.datetime


def sign(pdf: bytes, place: KeyPlace, *, at: dt.datetime | None = None) -> Signed:
    """Return the letter signed (B-B) in its field.

    Raises:
        SigningNotSetUp: the key cannot be opened, its certificate is not valid now, or the letter has no field.
        TokenSilent: the token did not answer.
    """
    moment = at or clock.now()
    if place.pkcs12 is not None:
        held = _held(place.pkcs12, _changed(place.pkcs12), place.secret)
        signer: Signer = held
        _refuse_invalid(held.certificate, moment, place)
        return _signed(pdf, signer, held.certificate, moment)
    return _signed_on_token(pdf, place, moment)


def add_timestamp(pdf: bytes, service: TimestampService) -> bytes:
    """Return the signed letter with a timestamp over its signature value (B-T).

    The room that the signature left is filled: no byte that it covers changes.

    Raises:
        TimestampMissing: nothing was had; the message says from whom and why.
    """
    reader = PdfFileReader(io.BytesIO(pdf))
    signature = reader.embedded_signatures[-1]
    info: cms.SignerInfo = signature.signer_info
    digest = hashes.Hash(hashes.SHA256())
    digest.update(info["signature"].native)
    token = timestamp_of(digest.finalize(), DIGEST, service)
    stamp = simple_cms_attribute("signature_time_stamp_token", token)
    container = cms.ContentInfo.load(signature.pkcs7_content)
    signer_info = container["content"]["signer_infos"][0]
    signer_info["unsigned_attrs"] = cms.CMSAttributes([stamp])
    return _with_contents(pdf, signature.byte_range, container.dump())


def add_revocation_data(pdf: bytes, trust: Trust) -> bytes | None:
    """Return the letter with the revocation data of its signature (B-LT); None where they cannot be had."""
    if not trust.anchors:
        return None
    context = validation_context(trust, required=True)
    signature = PdfFileReader(io.BytesIO(pdf)).embedded_signatures[-1]
    try:
        paths = awaited(collect_validation_info(signature, context))
    except Exception as error:
        # Not had today is no fault of the letter: it stays B-T, and says so.
        logger.info("no revocation data for the signature: %s: %s", type(error).__name__, error)
        return None
    writer, out = _Appending(io.BytesIO(pdf)), io.BytesIO()
    contents = signature.pkcs7_content.hex().encode("ascii")
    DocumentSecurityStore.supply_dss_in_writer(writer, contents, paths=paths, validation_context=context)
    writer.write(out)
    return out.getvalue()


def hold_keys(config: SigningConfig) -> None:
    """Load the keys in files that are set up, so that the first letter finds them loaded.

    Raises:
        SigningNotSetUp: one cannot be opened.
    """
    for place in config.keys:
        if place.pkcs12 is not None:
            _held(place.pkcs12, _changed(place.pkcs12), place.secret)


def forget_keys() -> None:
    """Let go of the keys this process holds."""
    _held.cache_clear()


# --- keys in files ---


class HeldKeySigner(Signer):
    """Signs with a key that stays loaded: parsing one anew costs more than the signature."""

    def __init__(self, key: Any, certificate: x509.Certificate, chain: list[x509.Certificate]) -> None:
        self.certificate = certificate
        self._key = key
        store = SimpleCertificateStore()
        store.register_multiple([certificate, *chain])
        super().__init__(signing_cert=certificate, cert_registry=store, embed_roots=False)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        algorithm = getattr(hashes, digest_algorithm.upper())()
        if isinstance(self._key, rsa.RSAPrivateKey):
            return bytes(self._key.sign(data, padding.PKCS1v15(), algorithm))
        return bytes(self._key.sign(data, ec.ECDSA(algorithm)))


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise SigningNotSetUp(f"the key file {path.name} cannot be read: {error.strerror}") from None


@lru_cache(maxsize=64)
def _held(path: Path, _changed_at: int, secret: str) -> HeldKeySigner:
    try:
        key, certificate, chain = pkcs12.load_key_and_certificates(path.read_bytes(), secret.encode())
    except ValueError:
        raise SigningNotSetUp(f"the key file {path.name} is no PKCS#12 file, or its passphrase is wrong") from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) or certificate is None:
        raise SigningNotSetUp(f"the key file {path.name} holds no RSA or elliptic-curve key with its certificate")
    return HeldKeySigner(key, _plain(certificate), [_plain(one) for one in chain])


def _plain(certificate: Any) -> x509.Certificate:
    return x509.Certificate.load(certificate.public_bytes(Encoding.DER))


# --- keys on tokens ---


def _signed_on_token(pdf: bytes, place: KeyPlace, moment: dt.datetime) -> Signed:
    """Sign in a fork: a module of a token's maker may hang, crash, or not survive a fork of its own."""

    def work() -> tuple[dict[str, Any], bytes]:
        from pyhanko.config.pkcs11 import TokenCriteria
        from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session

        try:
            session = open_pkcs11_session(
                place.pkcs11, token_criteria=TokenCriteria(label=place.token), user_pin=place.secret
            )
            signer = PKCS11Signer(session, cert_label=place.key, key_label=place.key, other_certs_to_pull=None)
            certificate = signer.signing_cert
            assert certificate is not None
            # Many tokens sign with elliptic curves only what was hashed before.
            signer.use_raw_mechanism = certificate.public_key.algorithm == "ec"
            _refuse_invalid(certificate, moment, place)
            made = _signed(pdf, signer, certificate, moment)
        except SigningNotSetUp as error:
            return {"wrong": str(error)}, b""
        except Exception as error:
            return {"wrong": f"the token {place.token}: {type(error).__name__}"}, b""
        return {"signer": made.signer}, made.pdf

    bounds = Bounds(wall_seconds=TOKEN_SECONDS, cpu_seconds=30, memory_bytes=1 << 31)
    try:
        header, body = in_fork(work, bounds)
    except (ForkTimeout, ForkCrashed) as error:
        raise TokenSilent(f"the token {place.token} did not answer ({error})") from None
    if "wrong" in header:
        raise SigningNotSetUp(header["wrong"])
    return Signed(body, "B-B", header["signer"], moment)


# --- both ---


def _refuse_invalid(certificate: x509.Certificate, moment: dt.datetime, place: KeyPlace) -> None:
    if not certificate.not_valid_before <= moment <= certificate.not_valid_after:
        raise SigningNotSetUp(
            f"the certificate for {', '.join(place.authorities)} is valid from {certificate.not_valid_before:%Y-%m-%d}"
            f" to {certificate.not_valid_after:%Y-%m-%d} (UTC) only"
        )


def _signed(pdf: bytes, signer: Signer, certificate: x509.Certificate, moment: dt.datetime) -> Signed:
    writer = _Appending(io.BytesIO(pdf))
    if FIELD_NAME not in [name for name, _value, _field in enumerate_sig_fields(writer, filled_status=False)]:
        raise SigningNotSetUp("the letter has no field for a signature")
    metadata = PdfSignatureMetadata(
        field_name=FIELD_NAME, md_algorithm=DIGEST, subfilter=SigSeedSubFilter.PADES, signer_key_usage=set()
    )
    out = io.BytesIO()
    awaited(
        PdfSigner(metadata, signer, stamp_style=NoOpStampStyle()).async_sign_pdf(
            writer, output=out, bytes_reserved=RESERVED
        )
    )
    return Signed(out.getvalue(), "B-B", certificate.subject.human_friendly, moment)


class _Appending(IncrementalPdfFileWriter):
    """Appends to the letter without touching its metadata: they agree with each other (ISO 19005-3, 6.6.2.3)."""

    def _update_meta(self) -> None:
        pass


def _with_contents(pdf: bytes, byte_range: Any, container: bytes) -> bytes:
    """Return the file with another CMS container in the room that ByteRange leaves out."""
    before, after = int(byte_range[0] + byte_range[1]), int(byte_range[2])
    room = after - before - 2
    digits = container.hex().encode()
    if len(digits) > room:
        raise TimestampMissing(f"the timestamp has {len(digits)} digits, and {room} are left in the letter")
    return pdf[: before + 1] + digits.ljust(room, b"0") + pdf[after - 1 :]
