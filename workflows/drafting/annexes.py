"""Files that go with a letter: what may be one, and what is kept of it."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from mla.core.errors import MlaError
from mla.core.files import file_store
from mla.core.scanning import ScannerUnavailable, scan_file
from mla.core.text import TextRefused, clean
from workflows.drafting.annex_looks import ALLOWED_TYPES, kind_of
from workflows.drafting.models import Annex

__all__ = ["ALLOWED_TYPES", "LARGEST_ANNEX", "LARGEST_TOGETHER", "MOST_ANNEXES", "AnnexWrong", "Upload", "annex_entry",
           "annex_from", "annex_name", "check_room", "check_size", "not_stored"]  # fmt: skip

logger = logging.getLogger(__name__)

#: Bytes of one annex, bytes and number of all annexes of a letter.
LARGEST_ANNEX = 200 * 1024 * 1024
LARGEST_TOGETHER = 500 * 1024 * 1024
MOST_ANNEXES = 100

#: Not in the name of a file: what systems do not take, and what cannot be seen and joins no letters.
NOT_IN_A_NAME = '\n\t<>:"|?*\u200b\u2060\ufeff'


class AnnexWrong(MlaError):
    """A file cannot be an annex; the message says which and why. `passing`: not now, perhaps later."""

    def __init__(self, name: str, message: str, *, passing: bool = False) -> None:
        self.name, self.passing = name, passing
        super().__init__(f"{name}: {message}")


class AnnexReplaced(AnnexWrong):
    """Somebody gave the annex another file, or took it out, since the actor looked at it. Nothing of theirs is undone."""

    def __init__(self, name: str, key: str, *, gone: bool) -> None:
        if gone:
            message = _("annex %(key)s was taken out of the letter meanwhile; add the file as a new annex")
        else:
            message = _(
                "annex %(key)s was given another file meanwhile; open it again, look, and choose this file again to replace that one"
            )
        super().__init__(name, message % {"key": key})


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in: the annex's identifier in the letter (A1), the file's name and its content.

    `content`: bytes, or a file that can seek; of a stored annex, which was looked at when it came, the annex itself.
    """

    key: str
    name: str
    content: bytes | BinaryIO | Annex


def annex_from(upload: Upload) -> Annex:
    """Store the file's bytes and return the annex, unsaved and without a version.

    Raises:
        AnnexWrong: empty, too large, of a kind that is not allowed, encrypted, broken, harmful, not looked at because
            the virus scanner is away, or with a name that hides something; or the storage has no room for it.
    """
    name = annex_name(upload.name)
    if isinstance(upload.content, Annex):
        kept = upload.content
        return Annex(key=upload.key, name=name, media_type=kept.media_type, size=kept.size, sha256=kept.sha256)
    content = BytesIO(upload.content) if isinstance(upload.content, bytes) else upload.content
    check_size(name, content.seek(0, 2))
    try:
        kind = kind_of(content)
        scan_file(content)
        stored = file_store(content)
    except OSError as error:
        logger.exception("an annex could not be stored")
        raise AnnexWrong(name, not_stored(), passing=True) from error
    except MlaError as refused:
        raise AnnexWrong(name, str(refused), passing=isinstance(refused, ScannerUnavailable)) from refused
    return Annex(key=upload.key, name=name, media_type=kind, size=stored.size, sha256=stored.sha256)


def not_stored() -> str:
    return _("it could not be stored: the storage has no room or does not answer; nothing of it was kept")


def check_size(name: str, size: int) -> None:
    """Raises:
    AnnexWrong: no byte, or more than one annex may have.
    """
    if not size:
        raise AnnexWrong(name, _("the file is empty"))
    if size > LARGEST_ANNEX:
        limit = LARGEST_ANNEX // (1024 * 1024)
        raise AnnexWrong(name, _("the file is larger than %(limit)s MB") % {"limit": limit})


def check_room(name: str, size: int, others: Sequence[Mapping[str, Any]]) -> None:
    """Check a file of that size against what the letter has already; `others` as the letter file names them.

    Raises:
        AnnexWrong: it is one too many, or together they are too large.
    """
    if len(others) >= MOST_ANNEXES:
        raise AnnexWrong(name, _("a letter has at most %(most)s annexes") % {"most": MOST_ANNEXES})
    if sum(int(entry.get("size") or 0) for entry in others) + size > LARGEST_TOGETHER:
        limit = LARGEST_TOGETHER // (1024 * 1024)
        raise AnnexWrong(name, _("with it the annexes of the letter are larger than %(limit)s MB") % {"limit": limit})


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
    if not last or last.startswith(".") or len(last) > 200 or any(c in last for c in NOT_IN_A_NAME):
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
