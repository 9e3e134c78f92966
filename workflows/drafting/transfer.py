"""Letters in and out of files: a letter file with its annexes beside it, all or nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.core.errors import MlaError
from mla.core.files import file_read
from mla.reference.models import Authority, Jurisdiction
from workflows.drafting.annexes import Upload
from workflows.drafting.letterfile import LetterFile, read_letter
from workflows.drafting.models import Annex, LetterOfRequest, LetterVersion
from workflows.drafting.parsing import LARGEST_FILE, LetterFileWrong, Problem
from workflows.drafting.selectors import version_annexes, visible_letters
from workflows.drafting.services import letter_create
from workflows.engine.acts import one_act


class FileUnreadable(MlaError):
    """A file cannot be read; the message names it."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A letter file (JSON) and its annexes by the path that the file names."""

    letter: bytes
    annexes: dict[str, bytes]


def jurisdiction_codes() -> frozenset[str]:
    """Return the codes of all known States and territories, for the reader of letter files."""
    return frozenset(Jurisdiction.objects.values_list("code", flat=True))


def letter_file_load(path: Path) -> LetterFile:
    """Read a letter file from the disk.

    Raises:
        FileUnreadable: there is no such file.
        LetterFileWrong: it is no letter file.
    """
    try:
        with path.open("rb") as file:
            # One byte more than is allowed is enough to refuse it.
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror or error}") from error
    return read_letter(data, name=path.name, jurisdictions=jurisdiction_codes())


def letter_import(*, path: Path, authority: Authority, by: Actor) -> LetterOfRequest:
    """Bring a letter file with its annexes into a new letter of `authority`. All or nothing.

    An annex's `file` is looked for beside the letter file. One that names a SHA-256 alone is taken from the
    storage, where the actor may see a letter that has it.

    Raises:
        FileUnreadable, LetterFileWrong: see letter_file_load; an annex that is not there or is another file.
        AnnexWrong, ActForbidden, DataWrong: see letter_create.
    """
    letter = letter_file_load(path)
    uploads, problems = [], []
    for index, entry in enumerate(letter.annexes):
        where = f"annexes[{index}].file"
        found = _beside(path.parent, entry.file) if entry.file else None
        if found is not None:
            uploads.append(Upload(key=entry.id, name=found.name, content=found.read_bytes()))
        elif entry.sha256 and (known := _known(entry.sha256, by)):
            uploads.append(Upload(key=entry.id, name=entry.file or known.name, content=file_read(known.sha256)))
        else:
            message = _("there is no file “%(file)s” beside the letter") % {"file": entry.file or entry.id}
            problems.append(Problem(where, message))
    if problems:
        raise LetterFileWrong(problems, name=path.name)
    with one_act():
        return letter_create(content=letter, authority=authority, by=by, annexes=uploads)


def _beside(folder: Path, name: str) -> Path | None:
    """Return the file of that relative path, if it is one and lies inside the folder."""
    try:
        path = (folder / name).resolve()
        inside = path.is_relative_to(folder.resolve()) and path.is_file()
    except (OSError, ValueError):
        return None
    return path if inside else None


def _known(sha256: str, by: Actor) -> Annex | None:
    # A hash is printed in every letter: it alone opens no file.
    return Annex.objects.filter(sha256=sha256, version__letter__in=visible_letters(by)).first()


def letter_export(version: LetterVersion) -> Exported:
    """Return a version as a letter file that imports again to the same content hash, with its annexes.

    Called after access to the version was checked.

    Raises:
        FileMissing, FileDamaged: an annex's bytes are gone or changed.
    """
    content = dict(version.content)
    files: dict[str, bytes] = {}
    stored = {annex.key: annex for annex in version_annexes(version)}
    entries = []
    for entry in content.get("annexes", []):
        annex = stored.get(entry["id"])
        if annex is not None:
            place = f"annexes/{annex.key}/{annex.name}"
            files[place] = file_read(annex.sha256)
            entries.append({**entry, "file": place})
        else:
            entries.append(entry)
    if entries:
        content["annexes"] = entries
    text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=False)
    return Exported(letter=(text + "\n").encode(), annexes=files)
