"""From the rendered PDF to the document that may leave: the certificate's signature, or the scan of a signed print.

An authority that signs by certificate and has none sends nothing; a letter whose timestamp is not to be had waits,
signed. What goes out provisionally in an emergency does not wait: it leaves as far as it is signed, and is confirmed in
writing afterwards (Budapest Convention, article 25(3)).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.accounts.actors import Actor
from mla.core import looking
from mla.core.errors import MlaError
from mla.core.files import StorageFailed, StoredFile, file_read, file_store
from mla.core.scanning import HarmfulContent, ScannerUnavailable, scan_file
from mla.reference.models import Authority
from workflows.documents.forking import Bounds, Carried, ForkCrashed, ForkTimeout, in_fork
from workflows.documents.limits import PDF_BYTES, begins_as_pdf
from workflows.documents.models import CaseDocument, Document, Signing
from workflows.documents.models_made import Made
from workflows.documents.signing_keys import SigningConfig, SigningNotSetUp, signing_config
from workflows.drafting.annex_looks import why
from workflows.engine.acts import one_act
from workflows.engine.errors import PermanentFailure
from workflows.engine.perform import perform, require_right
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.outcomes import AwaitsSignature, OutgoingStatus
from workflows.lifecycle.services.outgoing_course import outgoing_attach_scan

_SCAN_BOUNDS = Bounds(wall_seconds=30, cpu_seconds=20, memory_bytes=768 * 2**20)
_SCAN_WORDS = {
    "encrypted": gettext_lazy("The scan is encrypted: the other State could not open it."),
    "broken": gettext_lazy("The scan cannot be opened: the file is broken."),
    "empty": gettext_lazy("The scan has no page."),
}


class ScanRefused(MlaError):
    """The file that was to be the scan of a signed document is none. Says why."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a document lacks before it may leave, how far it is signed, and why; `error`: the job is to be tried again."""

    awaits: AwaitsSignature
    signing: Signing | None = None
    error: Exception | None = None


def signature_of(document: Made, signer: Authority, *, pdf: bytes, provisional: bool) -> Signing | Lacking | None:
    """Sign the rendered letter as its authority signs; None where it leaves as it is made. For the document job.

    Raises:
        PermanentFailure: the signed file does not verify.
    """
    if signer.signing_method == Authority.SigningMethod.WET_INK:
        return None if provisional else Lacking(AwaitsSignature.SCAN)
    return certificate_signature(document, signer, pdf=pdf, provisional=provisional)


def certificate_signature(
    document: Made, signer: Authority, *, pdf: bytes, provisional: bool = False
) -> Signing | Lacking:
    """Sign a rendered document with the authority's key. Raises as `signature_of`."""
    from workflows.documents import signing

    try:
        config = signing_config()
        place = config.key_of(signer.code)
        if document.awaits == AwaitsSignature.TIMESTAMP and document.signed_at is not None:
            kept, at = file_read(document.sha256), document.signed_at
        else:
            made = signing.sign(pdf, place)
            kept, at = made.pdf, made.signed_at
    except (SigningNotSetUp, signing.TokenSilent) as error:
        return Lacking(AwaitsSignature.CERTIFICATE, error=error)
    level = "B-B"
    if config.timestamp is not None:
        try:
            kept = signing.add_timestamp(kept, config.timestamp)
        except signing.TimestampMissing as error:
            signed = _stored(kept, level, at, config)
            return signed if provisional else Lacking(AwaitsSignature.TIMESTAMP, signed, error)
        level = "B-T"
        longer = signing.add_revocation_data(kept, config.trust)
        if longer is not None:
            kept, level = longer, "B-LT"
    return _stored(kept, level, at, config)


def document_attach_scan(*, outgoing: OutgoingRequest, by: Actor, content: bytes) -> Document:
    """Make the scan of the printed, signed and sealed letter the document that will be sent.

    After the letter went out provisionally, it is the scan of its confirmation in writing.

    For an office whose authority signs in ink; the right is that of the act `outgoing.attach_scan`.

    Raises:
        ScanRefused: it is no readable PDF, too large, harmful, or the unsigned print itself; or it could not be stored.
        ActRefused: no scan is awaited.
    """
    document = scan_awaited(outgoing)
    printed = document.unsigned_sha256 if document else ""
    kept, pages = _scan_taken(content, printed)
    with one_act():
        done = outgoing_attach_scan(
            outgoing=outgoing,
            by=by,
            sha256=kept.sha256,
            content_hash=outgoing.approved_hash,
            printed_sha256=printed,
        )
        assert document is not None
        system = Actor.system("documents", authority_id=done.authority_id)
        # When the pen was in a hand stands on the paper alone: the moment is that of the scan.
        signed = Signing(kept.sha256, kept.size, Document.Signed.INK, str(signing_authority(done)), done.changed_at)
        return perform(
            document, "finish", by=system, sha256=kept.sha256, size=kept.size, pages=pages, unsigned_sha256=printed,
            signed=signed,
        )  # fmt: skip


def case_document_attach_scan(*, document: CaseDocument, by: Actor, content: bytes) -> CaseDocument:
    """Make the scan of the printed, signed and sealed document beside the letter the one that is sent.

    For an office whose authority signs in ink; the right is that of the act `case_document.attach_scan`.

    Raises:
        ScanRefused: as `document_attach_scan`.
        ActForbidden: not this person's to put in.
        ConditionsNotMet: no scan is awaited.
    """
    require_right(document, "attach_scan", by=by)
    kept, pages = _scan_taken(content, document.unsigned_sha256)
    with one_act():
        return perform(document, "attach_scan", by=by, sha256=kept.sha256, size=kept.size, pages=pages)


def scan_awaited(outgoing: OutgoingRequest) -> Document | None:
    """Return the document of a request whose print is, or was, to be signed in ink: the letter, once sent its confirmation."""
    kind = Document.Kind.LETTER if outgoing.status == OutgoingStatus.APPROVED else Document.Kind.CONFIRMATION
    asked = Document.objects.filter(outgoing=outgoing, letter_version=outgoing.approved_version, kind=kind)
    return asked.order_by("-id").first()


def signing_authority(outgoing: OutgoingRequest) -> Authority:
    """Return the authority whose signature the letter of a request bears."""
    central = outgoing.central
    return outgoing.originating if central.signs == Authority.Signs.ORIGINATOR else central


def _stored(pdf: bytes, level: str, at: dt.datetime, config: SigningConfig) -> Signing:
    """Keep the signed file, after reading it back as its receiver will."""
    from workflows.documents.verifying import document_check

    checked = document_check(pdf, config.trust)
    if not checked.sound:
        raise PermanentFailure("the signed letter does not verify: nothing was kept of it")
    kept = file_store(pdf)
    # Named as whoever checks the file will read it.
    return Signing(kept.sha256, kept.size, level, checked.signatures[0].signer, at)


def _scan_taken(content: bytes, printed: str) -> tuple[StoredFile, int]:
    """Look into a scan and keep it; return where, and its pages. `printed`: hash of the print that was to be signed.

    Raises:
        ScanRefused: as `document_attach_scan`.
    """
    pages = scan_check(content)
    if hashlib.sha256(content).hexdigest() == printed:
        raise ScanRefused(_("This is the document as it was made, not the scan of its signed print."))
    return _scan_kept(content), pages


def scan_check(content: bytes) -> int:
    """Return how many pages the scan of a signed document has; looked at in a process of its own, with bounds.

    Raises:
        ScanRefused: it is no readable PDF, encrypted, empty, too large, or grows to more than is taken when it is read.
    """
    if len(content) > PDF_BYTES:
        raise ScanRefused(_("The scan is larger than a document may be."))
    if not begins_as_pdf(content):
        raise ScanRefused(_("The scan must be a PDF file."))
    try:
        told, _nothing = in_fork(lambda: _looked_at(content), _SCAN_BOUNDS)
    except (ForkTimeout, ForkCrashed):
        told = {"refused": "heavy"}
    if "refused" in told:
        words = _SCAN_WORDS.get(told["refused"])
        raise ScanRefused(str(words) if words else why(told))
    return int(told["pages"])


def _looked_at(content: bytes) -> Carried:
    import pikepdf

    try:
        # What cannot be opened is told by the look below, in its words.
        with contextlib.suppress(pikepdf.PdfError, pikepdf.PasswordError), pikepdf.open(io.BytesIO(content)) as scan:
            pages = len(scan.pages)
            if not pages:
                return {"refused": "empty"}, b""
        looking.look_at("application/pdf", io.BytesIO(content))
        return {"pages": pages}, b""
    except looking.Refused as refused:
        return {"refused": refused.code, **refused.details}, b""
    except (MemoryError, RecursionError):
        return {"refused": "heavy"}, b""


def _scan_kept(content: bytes) -> StoredFile:
    """Keep a scan that the virus scanner lets through.

    Raises:
        ScanRefused: it does not, or is away; or the storage has no room.
    """
    try:
        scan_file(io.BytesIO(content))
        return file_store(content)
    except (HarmfulContent, ScannerUnavailable, StorageFailed) as refused:
        raise ScanRefused(str(refused)) from refused
