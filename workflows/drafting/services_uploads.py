"""A large file by pieces: begun, gone on with where it stopped, made an annex when it is whole and has its hash."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import logging
import re
import tempfile
from typing import IO, Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.errors import MlaError
from mla.core.files import StorageFailed, telling_failures
from mla.core.reasons import Reason
from mla.core.text import TextRefused, clean
from workflows.drafting.annexes import AnnexReplaced, AnnexWrong, annex_name, check_room, check_size, not_stored
from workflows.drafting.models import Annex, LetterOfRequest, person
from workflows.drafting.models_uploads import AnnexUpload
from workflows.drafting.selectors import current_version
from workflows.drafting.selectors_uploads import access_upload, uploads_of
from workflows.drafting.services import annex_add
from workflows.engine.errors import ActNotPossible, VersionChanged
from workflows.engine.perform import require_right

logger = logging.getLogger(__name__)

#: Bytes of one piece: it passes through the memory and never through another file.
PIECE = 2 * 1024 * 1024
#: After which a file of which no piece came is swept away.
KEPT_FOR = dt.timedelta(days=1)
#: Files of one person on their way to one letter at a time.
MOST_ON_THE_WAY = 20


class OffsetWrong(MlaError):
    """A piece does not begin where the server stands; `received` says where to go on."""

    def __init__(self, received: int) -> None:
        self.received = received
        super().__init__(_("the server has %(received)s bytes: go on from there") % {"received": received})


class NoRoom(MlaError):
    """The storage did not take a piece; what came before is kept, and the same piece can be sent again."""


def upload_begin(
    *, letter: LetterOfRequest, by: Actor, name: str, size: int, sha256: str, title: str = "", key: str = ""
) -> AnnexUpload:
    """Begin a file, or find the same one where it stopped. For those who may add an annex to the open version.

    Raises:
        AnnexWrong: it cannot become an annex: its name, its size, one too many, no SHA-256, or no such annex `key`.
        ActForbidden, ActNotPossible: see letter_save.
    """
    _require(letter, by)
    name = annex_name(name)
    check_size(name, size)
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise AnnexWrong(name, _("it was sent without its SHA-256; use the form without pieces"))
    with transaction.atomic():
        # Two windows of one person begin one after the other.
        LetterOfRequest.objects.select_for_update(of=("self",)).get(pk=letter.pk)
        found = uploads_of(by, letter).filter(key=key, name=name, sha256=sha256, size=size).first()
        if found is not None:
            return found
        entries = current_version(letter).content.get("annexes", [])
        if key and not any(entry["id"] == key for entry in entries):
            raise AnnexWrong(name, _("the letter names no annex %(key)s") % {"key": key})
        on_the_way = list(uploads_of(by, letter))
        if len(on_the_way) >= MOST_ON_THE_WAY:
            raise AnnexWrong(name, _("too many files are on their way; finish or discard one first"))
        others = [entry for entry in entries if entry["id"] != key]
        check_room(name, size, [*others, *({"size": one.size} for one in on_the_way)])
        now = clock.now()
        return AnnexUpload.objects.create(
            letter=letter, by_id=person(by), key=key, title=_title(title, name, entries, key), name=name, size=size, sha256=sha256,
            created_at=now, changed_at=now,
        )  # fmt: skip


def upload_take(*, upload: AnnexUpload, by: Actor, offset: int, piece: bytes) -> AnnexUpload:
    """Keep the next piece of a file. A piece that came already is answered with where to go on.

    Raises:
        OffsetWrong: it does not begin where the last one ended.
        AnnexWrong: empty, larger than a piece, or beyond the end of the file.
        NoRoom: the storage did not take it.
        ActForbidden, ActNotPossible: see letter_save.
    """
    _require(upload.letter, by)
    with transaction.atomic():
        row = AnnexUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        if offset != row.received:
            raise OffsetWrong(row.received)
        if not piece or len(piece) > PIECE or offset + len(piece) > row.size:
            raise AnnexWrong(row.name, _("a piece of it has the wrong length"))
        place = row.place(offset)
        try:
            if default_storage.exists(place):
                # Of an attempt that died before it was noted.
                default_storage.delete(place)
            default_storage.save(place, ContentFile(piece))
        except OSError as error:
            logger.exception("a piece of an annex could not be stored")
            raise NoRoom(not_stored()) from error
        row.received += len(piece)
        row.offsets = [*row.offsets, offset]
        row.changed_at = clock.now()
        row.save(update_fields=["received", "offsets", "changed_at"])
        return row


def upload_finish(
    *, upload: AnnexUpload, by: Actor, title: str = "", language: str | None = None, replacing: str | None = None
) -> Annex:
    """Make a file whose pieces are all here an annex of the open version, after a check of its SHA-256.

    `title`: empty keeps the one it was begun with. `language`, `replacing`: see annex_add. What can never be an annex is discarded; what failed for the moment is kept, and can be finished later. Asked again,
    by whoever did not hear the answer, it returns the same annex.

    Raises:
        AnnexReplaced: see annex_add; the file is kept.
        AnnexWrong: pieces are missing, it arrived otherwise than it was sent, or see annex_from.
        AccessDenied: it was discarded meanwhile, or its annex was taken out again.
        ActForbidden, ActNotPossible, VersionChanged: see letter_save.
    """
    _require(upload.letter, by)
    row = access_upload(by, upload.letter, upload.public_id)
    if row.taken_at is not None:
        return _made(row, by)
    if row.received != row.size:
        raise AnnexWrong(row.name, _("it is not here to its end yet"))
    with tempfile.TemporaryFile() as whole:
        try:
            same = _put_together(row, whole) == row.sha256
        except OSError as error:
            if (made := _made_meanwhile(row, by)) is not None:
                return made
            logger.exception("the pieces of an annex could not be put together")
            raise AnnexWrong(row.name, not_stored(), passing=True) from error
        if not same:
            upload_discard(upload=row, by=by)
            raise AnnexWrong(row.name, _("it arrived otherwise than it was sent (another SHA-256); send it again"))

        def taken(annex: Annex) -> None:
            # Of two who finish it at once the second waits here for the first, and takes back what it did.
            if not uploads_of(by, row.letter).filter(pk=row.pk).update(taken_at=clock.now(), key=annex.key):
                raise _Taken

        try:
            annex = annex_add(
                letter=row.letter, by=by, title=title or row.title, name=row.name, content=whole, key=row.key or None,
                language=language, replacing=replacing, then=taken,
            )  # fmt: skip
        except (_Taken, VersionChanged, AnnexReplaced):
            if (made := _made_meanwhile(row, by)) is not None:
                return made
            raise
        except AnnexWrong as wrong:
            if not wrong.passing:
                upload_discard(upload=row, by=by)
            raise
    with contextlib.suppress(StorageFailed):
        # What stays is taken away by the sweep.
        _pieces_away(row)
    return annex


class _Taken(Exception):
    """Somebody else made it an annex a moment ago."""


def _made_meanwhile(row: AnnexUpload, by: Actor) -> Annex | None:
    again = access_upload(by, row.letter, row.public_id)
    return None if again.taken_at is None else _made(again, by)


def _made(row: AnnexUpload, by: Actor) -> Annex:
    """Return the annex that a file became. Raises AccessDenied: it was taken out or replaced."""
    version = current_version(row.letter)
    if not any((one["id"], one.get("sha256")) == (row.key, row.sha256) for one in version.content.get("annexes", [])):
        raise AccessDenied("annex_upload", row.public_id, by)
    return Annex.objects.get(version=version, key=row.key)


def upload_discard(*, upload: AnnexUpload, by: Actor) -> None:
    """Take a file that is on its way away with its pieces; for its sender. Again changes nothing.

    Raises:
        StorageFailed: it stays for now.
    """
    _remove(upload)


def uploads_sweep() -> int:
    """Take away every file of which no piece came for a day; return how many. By the sweep "drafting.uploads"."""
    old = AnnexUpload.objects.filter(changed_at__lt=clock.now() - KEPT_FOR)[:500]
    return sum(_remove(one) for one in old)


def _remove(upload: AnnexUpload) -> bool:
    """Take the pieces away before the row that knows them; True where the row was there."""
    with transaction.atomic():
        row = AnnexUpload.objects.select_for_update(of=("self",)).filter(pk=upload.pk).first()
        if row is None:
            return False
        _pieces_away(row)
        row.delete()
        return True


def _pieces_away(row: AnnexUpload) -> None:
    # Beyond the last that was noted may lie one more, of an attempt that died.
    for offset in [*row.offsets, row.received]:
        with telling_failures():
            default_storage.delete(row.place(offset))
    with contextlib.suppress(OSError):
        default_storage.delete(row.folder)
    AnnexUpload.objects.filter(pk=row.pk).update(offsets=[])


def _put_together(row: AnnexUpload, whole: IO[bytes]) -> str:
    digest = hashlib.sha256()
    for offset in row.offsets:
        with default_storage.open(row.place(offset)) as piece:
            content: bytes = piece.read()
        digest.update(content)
        whole.write(content)
    whole.flush()
    return digest.hexdigest()


def _require(letter: LetterOfRequest, by: Actor) -> None:
    require_right(letter, "add_annex", by=by)
    if LetterOfRequest.objects.values_list("status", flat=True).get(pk=letter.pk) != LetterOfRequest.Status.OPEN:
        message = _("version %(number)s can no longer be changed") % {"number": letter.current}
        raise ActNotPossible("add_annex", [Reason("wrong_status", message)])


def _title(given: str, name: str, entries: list[dict[str, Any]], key: str) -> str:
    """Return what is said; otherwise the title of the annex that is replaced; otherwise one made of the name."""
    try:
        said = clean(given).strip()
    except TextRefused as error:
        raise AnnexWrong(name, str(error)) from error
    had = next((str(entry.get("title", "")) for entry in entries if key and entry["id"] == key), "")
    return said[:300] or had or title_of(name)


def title_of(name: str) -> str:
    """Return a title to begin with, from a file's name without its suffix."""
    stem = name.rpartition(".")[0] or name
    return " ".join(stem.replace("_", " ").split())[:300] or name
