"""Files that go with a letter: what may be one, and what is kept of it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import magic
from django.utils.translation import gettext as _

from mla.core.errors import MlaError
from mla.core.files import file_store
from mla.core.text import TextRefused, clean
from workflows.drafting.models import Annex

#: Bytes of one annex.
LARGEST_ANNEX = 50 * 1024 * 1024

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


class AnnexWrong(MlaError):
    """A file cannot be an annex; the message says which and why."""

    def __init__(self, name: str, message: str) -> None:
        self.name = name
        super().__init__(f"{name}: {message}")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in: the annex's identifier in the letter (A1), the file's name and its bytes."""

    key: str
    name: str
    content: bytes


def annex_from(upload: Upload) -> Annex:
    """Store the file's bytes and return the annex, unsaved and without a version.

    Raises:
        AnnexWrong: empty, too large, of a kind that is not allowed, or with a name that hides something.
    """
    name = annex_name(upload.name)
    if not upload.content:
        raise AnnexWrong(name, _("the file is empty"))
    if len(upload.content) > LARGEST_ANNEX:
        limit = LARGEST_ANNEX // (1024 * 1024)
        raise AnnexWrong(name, _("the file is larger than %(limit)s MB") % {"limit": limit})
    kind = _kind(upload.content)
    if kind not in ALLOWED_TYPES:
        raise AnnexWrong(name, _("a file of the kind %(kind)s cannot be an annex") % {"kind": kind})
    stored = file_store(upload.content)
    return Annex(key=upload.key, name=name, media_type=kind, size=stored.size, sha256=stored.sha256)


def _kind(content: bytes) -> str:
    """Return the media type by the content: the name's suffix and the browser's word prove nothing."""
    kind: str = magic.from_buffer(content[:65536], mime=True)
    if kind in ALLOWED_TYPES or kind == "text/html":
        return kind
    # Plain text that reads like a program to libmagic, or is too short for it to say anything.
    if kind.startswith("text/") or (kind == "application/octet-stream" and _is_text(content)):
        return "text/plain"
    return kind


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\r\n\t" for character in text)


def annex_name(name: str) -> str:
    """Return the last part of a file's name, without anything that hides or leads elsewhere.

    Raises:
        AnnexWrong: nothing is left, or it is too long or holds invisible characters.
    """
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name.strip()
    try:
        last = clean(last)
    except TextRefused as error:
        raise AnnexWrong(repr(name)[:80], str(error)) from error
    if not last or last.startswith(".") or len(last) > 200 or any(c in last for c in '\n\t<>:"|?*'):
        raise AnnexWrong(repr(name)[:80], _("this is no usable name of a file"))
    return last


def annex_entry(annex: Annex, title: str) -> dict[str, Any]:
    """Return an annex as the letter file names it."""
    return {
        "id": annex.key,
        "title": title,
        "file": annex.name,
        "sha256": annex.sha256,
        "media_type": annex.media_type,
        "size": annex.size,
    }
