"""What an annex is, told by its content, and whether it can be opened: encrypted, broken or bloated files are refused."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import Any, BinaryIO

import magic
from django.utils.translation import gettext as _

from mla.core import looking
from mla.core.errors import MlaError
from mla.settings.env import BASE_DIR

#: What another State's authority can open and keep: documents, tables, pictures, text.
ALLOWED_TYPES = frozenset(
    """
    application/pdf text/plain text/csv text/xml application/xml application/json message/rfc822
    image/png image/jpeg image/tiff application/rtf text/rtf
    application/vnd.oasis.opendocument.text application/vnd.oasis.opendocument.spreadsheet
    application/vnd.openxmlformats-officedocument.wordprocessingml.document
    application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
    """.split()
)
_HEAD = 65_536
_SECONDS = 60
#: Office files of before 2007, and newer ones that are encrypted: those hold a part of this name, in UTF-16.
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PART = "EncryptedPackage".encode("utf-16-le")


class NotAnAnnex(MlaError):
    """The content cannot go with a letter; the message says why."""


def kind_of(content: BinaryIO) -> str:
    """Return the media type by the content, after a look inside; the name's suffix and the browser's word prove nothing.

    The content stands at its beginning afterwards.

    Raises:
        NotAnAnnex: of a kind that is not allowed, encrypted, broken, or larger inside than is taken.
    """
    content.seek(0)
    head = content.read(_HEAD)
    content.seek(0)
    kind = _told_by(head)
    if head.startswith(_COMPOUND) and _holds(content, _ENCRYPTED_PART):
        raise NotAnAnnex(_encrypted())
    if kind in looking.PACKED or kind == "application/pdf" or (kind.startswith("image/") and kind in ALLOWED_TYPES):
        kind = _looked_at(kind, content)
    if kind not in ALLOWED_TYPES:
        raise NotAnAnnex(_("a file of the kind %(kind)s cannot be an annex") % {"kind": kind})
    if kind in {"text/xml", "application/xml", "text/plain"}:
        _text_of_marks(head, content)
    content.seek(0)
    return kind


def _told_by(head: bytes) -> str:
    kind: str = magic.from_buffer(head, mime=True)
    if kind in ALLOWED_TYPES or kind == "text/html":
        return kind
    # Plain text that reads like a program to libmagic, or is too short for it to say anything.
    if kind.startswith("text/") or (kind == "application/octet-stream" and _is_text(head)):
        return "text/plain"
    return kind


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\r\n\t" for character in text)


def _text_of_marks(head: bytes, content: BinaryIO) -> None:
    """Refuse pictures and pages written as text, and XML that grows when it is read."""
    if re.search(rb"<(?:[\w-]+:)?svg[\s>]", head, re.IGNORECASE) or b"http://www.w3.org/2000/svg" in head:
        raise NotAnAnnex(_("a file of the kind %(kind)s cannot be an annex") % {"kind": "image/svg+xml"})
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and _holds(content, b"<!ENTITY"):
        raise NotAnAnnex(_("it is an XML file that defines entities, which can grow without bounds when it is read"))


def _holds(content: BinaryIO, wanted: bytes) -> bool:
    content.seek(0)
    before = b""
    while piece := content.read(1024 * 1024):
        if wanted in before + piece:
            return True
        before = piece[-len(wanted) :]
    return False


def _looked_at(kind: str, content: BinaryIO) -> str:
    """Have a process with bounds look inside, and return the kind that it tells."""
    with tempfile.TemporaryFile() as file:
        content.seek(0)
        shutil.copyfileobj(content, file, 1024 * 1024)
        file.flush()
        file.seek(0)
        try:
            done = subprocess.run(
                [sys.executable, "-m", "mla.core.looking", kind],
                stdin=file, capture_output=True, timeout=_SECONDS, check=False, cwd=BASE_DIR,
                env={"PYTHONPATH": str(BASE_DIR), "PYTHONDONTWRITEBYTECODE": "1"},
            )  # fmt: skip
            answer: dict[str, Any] = json.loads(done.stdout)
        except (subprocess.TimeoutExpired, ValueError):
            answer = {"refused": "heavy"}
    if "refused" in answer:
        raise NotAnAnnex(why(answer))
    return str(answer["kind"])


def _encrypted() -> str:
    return _("it is encrypted or protected by a password; save it without protection, and add it again")


def why(answer: Mapping[str, Any]) -> str:
    """Return in words what `mla.core.looking` refused."""
    told = {
        "encrypted": _encrypted(),
        "broken": _("it is damaged or incomplete and cannot be opened; take it from its source again"),
        "pages": _("it has %(found)s pages; at most %(most)s are taken"),
        "pixels": _("a picture in it has %(found)s million pixels; at most %(most)s million are taken"),
        "frames": _("it holds %(found)s pictures; at most %(most)s are taken"),
        "packed": _("it is packed of %(found)s files; at most %(most)s are taken"),
        "unpacked": _("it grows to %(found)s MB when it is opened, more than is taken"),
        "heavy": _("it takes more memory or time to open than is given"),
    }
    message = told.get(answer["refused"], told["broken"])
    return message % answer if "found" in answer else message
