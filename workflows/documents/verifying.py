"""What a PDF says of itself: who signed it, when, whether it is as it was signed, and whether it holds what it names.

Reads any file; nothing of it is kept. What this house knows of a letter is not told here. Callers: the page "check a
document", the command `verify_document`, and the document job, which checks what it has just signed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import pikepdf
from asn1crypto.x509 import Name
from django.utils.translation import gettext_lazy
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator import ValidationContext

from workflows.documents.awaiting import awaited
from workflows.documents.forking import Bounds, Carried, ForkCrashed, ForkTimeout, in_fork
from workflows.documents.limits import begins_as_pdf
from workflows.documents.signing_keys import Trust

ATTACHMENT: str = "letter.json"
#: Of a document beside a letter.
DOCUMENT: str = "document.json"
#: Of a letter that is printed with its translation.
TRANSLATION: str = "translation.json"
#: For the look at one file of a stranger: a few kilobytes can be made to unpack to gigabytes.
BOUNDS = Bounds(wall_seconds=30, cpu_seconds=20, memory_bytes=768 * 2**20)
_DECLARED = re.compile(r"urn:sha256:([0-9a-f]{64})")
_RELATED = re.compile(r"<dc:relation>.*?urn:sha256:([0-9a-f]{64}).*?</dc:relation>", re.DOTALL)

#: Whether something is so; "unknown" never turns into yes or no.
Answer = Literal["yes", "no", "unknown"]


_WHY = {
    "no_pdf": gettext_lazy("This is no PDF file."),
    "encrypted": gettext_lazy("This file is encrypted: it cannot be read without its password."),
    "broken": gettext_lazy("This file cannot be read: it is broken or incomplete."),
    "signatures": gettext_lazy("The signatures of this file cannot be read: they are broken, or of an unknown kind."),
    "heavy": gettext_lazy("This file takes more time or memory to read than a document may."),
}


class NotReadable(Exception):
    """The file is no PDF, or a broken or encrypted one. Says which, in the language of whoever reads it, and nothing of
    its content. `code`: no_pdf, encrypted, broken, signatures or heavy."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)

    def __str__(self) -> str:
        return str(_WHY[self.code])


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature. Instants are UTC.

    `intact`: the bytes that it covers are those that were signed. `whole`: nothing was added to the file afterwards but
    what proves the signature (timestamps, revocation data). `trusted`: the certificate leads to one that this
    installation trusts; "unknown" where it trusts none that could say so. `said_at` is the signer's own clock,
    `proven_at` that of a timestamp service.
    """

    signer: str
    serial: str
    level: str
    intact: bool
    whole: bool
    trusted: Answer
    said_at: dt.datetime | None = None
    proven_at: dt.datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A whole file. `sha256` is of the file; `attached_sha256` of the attached content, empty where there is none;
    `declared_sha256` what the letter says its content has. `translation_…`: the same of a translation printed with it."""

    sha256: str
    title: str
    identifier: str
    declared_sha256: str
    attached_sha256: str
    signatures: tuple[Signature, ...] = field(default=())
    translation_declared_sha256: str = ""
    translation_attached_sha256: str = ""

    @property
    def content_matches(self) -> Answer:
        """Whether the attached content is the one that the letter names, and that of a translation too."""
        if self.translation_declared_sha256 != self.translation_attached_sha256:
            return "no"
        if not (self.declared_sha256 and self.attached_sha256):
            return "unknown"
        return "yes" if self.declared_sha256 == self.attached_sha256 else "no"

    @property
    def sound(self) -> bool:
        """Whether it is signed, and each signature intact with nothing added, and the content the one it names."""
        signed = bool(self.signatures) and all(one.intact and one.whole for one in self.signatures)
        return signed and self.content_matches != "no"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        plain = asdict(self) | {"content_matches": self.content_matches, "sound": self.sound}
        for one in plain["signatures"]:
            for key in ("said_at", "proven_at"):
                one[key] = one[key].isoformat() if one[key] else None
        return plain | {"signatures": list(plain["signatures"])}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Checked:
        """Return what `as_dict` was made of."""
        told = {key: value for key, value in plain.items() if key not in ("content_matches", "sound")}
        return cls(**told | {"signatures": tuple(_signature_from(one) for one in plain["signatures"])})


def _signature_from(plain: dict[str, Any]) -> Signature:
    times = {key: plain[key] and dt.datetime.fromisoformat(plain[key]) for key in ("said_at", "proven_at")}
    return Signature(**plain | times)


def document_check_apart(pdf: bytes, trust: Trust) -> Checked:
    """Return what a file of a stranger says of itself; read in a process of its own, with bounds.

    Raises:
        NotReadable: as `document_check`; also where reading it takes more than is given.
    """

    def work() -> Carried:
        try:
            return document_check(pdf, trust).as_dict(), b""
        except NotReadable as error:
            return {"wrong": error.code}, b""
        except (MemoryError, RecursionError):
            return {"wrong": "heavy"}, b""

    try:
        told, _nothing = in_fork(work, BOUNDS)
    except (ForkTimeout, ForkCrashed):
        raise NotReadable("heavy") from None
    if "wrong" in told:
        raise NotReadable(told["wrong"])
    return Checked.from_dict(told)


def document_check(pdf: bytes, trust: Trust) -> Checked:
    """Return what the file says of itself. Nothing is fetched for it: its certificates name addresses of a stranger's choice.

    Raises:
        NotReadable: it is no PDF, is broken, or is encrypted.
    """
    if not begins_as_pdf(pdf):
        raise NotReadable("no_pdf")
    content = _content_of(pdf)
    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=False)
        found = tuple(_signature(one, reader, trust) for one in reader.embedded_regular_signatures)
    except (MemoryError, RecursionError):
        raise
    except Exception as error:
        raise NotReadable("signatures") from error
    return Checked(sha256=hashlib.sha256(pdf).hexdigest(), signatures=found, **content)


def validation_context(trust: Trust, *, required: bool = False) -> ValidationContext:
    """Return what pyHanko checks certificates with. `required`: revocation data must be had, fetched where that is set."""
    return ValidationContext(
        trust_roots=list(trust.anchors),
        other_certs=list(trust.others),
        crls=list(trust.crls),
        allow_fetching=trust.fetch and required,
        revocation_mode="require" if required else "soft-fail",
    )


def _content_of(pdf: bytes) -> dict[str, str]:
    """Return what Checked holds of the content, by its fields."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            packet = (
                document.Root.Metadata.read_bytes().decode("utf-8", "replace") if "/Metadata" in document.Root else ""
            )
            attached = {
                name: hashlib.sha256(file.get_file().read_bytes()).hexdigest()
                for name in (ATTACHMENT, DOCUMENT, TRANSLATION)
                if (file := document.attachments.get(name))
            }
            title = str(document.docinfo.get("/Title", ""))
    except pikepdf.PasswordError:
        raise NotReadable("encrypted") from None
    except (MemoryError, RecursionError):
        raise
    except Exception as error:
        raise NotReadable("broken") from error
    related, identifier = _RELATED.search(packet), re.search(r"urn:uuid:[0-9a-f-]{36}", packet)
    declared = _DECLARED.search(_RELATED.sub("", packet))
    return {
        "title": title,
        "identifier": identifier[0] if identifier else "",
        "declared_sha256": declared[1] if declared else "",
        "attached_sha256": attached.get(ATTACHMENT) or attached.get(DOCUMENT, ""),
        "translation_declared_sha256": related[1] if related else "",
        "translation_attached_sha256": attached.get(TRANSLATION, ""),
    }


def _signature(embedded: EmbeddedPdfSignature, reader: PdfFileReader, trust: Trust) -> Signature:
    certificate = embedded.signer_cert
    told: dict[str, Any] = {
        "signer": _named(certificate.subject) if certificate else "",
        "serial": format(certificate.serial_number, "x") if certificate else "",
        "level": _level(embedded, reader),
        "said_at": _utc(embedded.self_reported_timestamp),
    }
    try:
        status = awaited(async_validate_pdf_signature(embedded, validation_context(trust)))
    except Exception as error:
        # A file made to break a reader is no sound file.
        return Signature(**told, intact=False, whole=False, trusted="unknown", problem=type(error).__name__)
    stamp = status.timestamp_validity
    stamped = stamp is not None and stamp.intact and stamp.valid
    level = status.modification_level
    return Signature(
        **told,
        intact=bool(status.intact and status.valid),
        whole=level is not None and level in (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES),
        trusted="unknown" if not trust.anchors else "yes" if status.trusted else "no",
        proven_at=_utc(stamp.timestamp) if stamped and stamp is not None else None,
    )


def _named(subject: Name) -> str:
    """Return the values of a name in a certificate, the person's or office's own first; their labels are English."""
    values: dict[str, Any] = dict(reversed(subject.native.items()))
    own = values.pop("common_name", None)
    told = [own, *values.values()] if own else list(values.values())
    return ", ".join(str(value) for one in told for value in (one if isinstance(one, list) else [one]))


def _level(embedded: EmbeddedPdfSignature, reader: PdfFileReader) -> str:
    if embedded.sig_object.get("/SubFilter") != "/ETSI.CAdES.detached":
        return "CMS"
    unsigned = embedded.signer_info["unsigned_attrs"]
    if "signature_time_stamp_token" not in [one["type"].native for one in unsigned or ()]:
        return "B-B"
    store = DocumentSecurityStore.read_dss(reader) if "/DSS" in reader.root else None
    return "B-LT" if store is not None and (store.crls or store.ocsps) else "B-T"


def _utc(moment: dt.datetime | None) -> dt.datetime | None:
    return moment.astimezone(dt.UTC) if moment is not None and moment.tzinfo else None
