"""The annexes of a letter as its section shows them, and their order."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from django.urls import reverse

from mla.accounts.actors import Actor
from workflows.drafting.annexes import ALLOWED_TYPES, LARGEST_ANNEX, LARGEST_TOGETHER, MOST_ANNEXES
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models import LetterOfRequest
from workflows.drafting.selectors import version_now
from workflows.drafting.selectors_translation import annexes_told
from workflows.drafting.selectors_uploads import uploads_of
from workflows.drafting.services import letter_save
from workflows.web.drafting.draft import Draft
from workflows.web.drafting.languages import LANGUAGES
from workflows.web.drafting.merging import Place, index_of, trying_again
from workflows.web.drafting.sections import BOUND, Section

#: Bytes.
MB = 1024 * 1024


def annex_moved(*, letter: LetterOfRequest, by: Actor, key: str, up: bool) -> bool:
    """Put an annex before the one above it, or after the one below; False where it is gone or at the end already.

    Its number stays what it is: other parts of the letter name it.

    Raises:
        ActForbidden, ActNotPossible, VersionChanged: see letter_save.
    """
    return trying_again(lambda: _moved(letter.pk, by, key, -1 if up else 1))


def _moved(letter_id: int, by: Actor, key: str, step: int) -> bool:
    version = version_now(letter_id, by)
    now, content = version.letter, deepcopy(dict(version.content))
    number = index_of(content, Place("annexes", key))
    entries = content.get("annexes", [])
    if number is None or not 0 <= number + step < len(entries):
        return False
    entries[number], entries[number + step] = entries[number + step], entries[number]
    letter_save(letter=now, content=letter_from(content), by=by, expected_version=now.version, read_now=version)
    return True


def annexes_bound(*, letter: LetterOfRequest, by: Actor, wished: bool) -> None:
    """Note whether the PDF annexes are also bound into one file; as it is already changes nothing.

    Raises:
        ActForbidden, ActNotPossible, VersionChanged: see letter_save.
    """
    trying_again(lambda: _bound(letter.pk, by, wished))


def _bound(letter_id: int, by: Actor, wished: bool) -> None:
    version = version_now(letter_id, by)
    now, content = version.letter, {**version.content, "annexes_bound": wished}
    letter_save(letter=now, content=letter_from(content), by=by, expected_version=now.version, read_now=version)


def annexes_context(draft: Draft, section: Section) -> dict[str, Any]:
    """Return what the list of annexes shows: each with its file, what is on its way, and the limits, told before."""
    case = draft.outgoing.public_id
    entries = draft.content.get("annexes", [])
    names = dict(LANGUAGES)
    files = {entry["id"]: entry.get("sha256", "") for entry in entries}
    told = annexes_told(draft.actor, draft.letter, files) if entries else {}
    rows = [
        {
            "entry": entry,
            "language": names.get(entry.get("language", ""), entry.get("language", "")),
            "translated": [
                (names.get(one.translation.language, one.translation.language), one) for one in told[entry["id"]]
            ],
            "address": draft.address(section, entry["id"]),
            "remove": reverse("web:letter_remove", args=[case, section.slug, entry["id"]]),
            "move": reverse("web:letter_annex_move", args=[case, entry["id"]]),
            "first": number == 0,
            "last": number == len(entries) - 1,
        }
        for number, entry in enumerate(entries)
    ]
    together = sum(int(entry.get("size") or 0) for entry in entries)
    return {
        "rows": rows,
        "together": together,
        "on_the_way": list(uploads_of(draft.actor, draft.letter)) if draft.may_edit else [],
        "bound": BOUND,
        "uploads": reverse("web:letter_uploads", args=[case]),
        **annex_limits(),
    }


def annex_limits() -> dict[str, Any]:
    return {
        "largest_mb": LARGEST_ANNEX // MB,
        "together_mb": LARGEST_TOGETHER // MB,
        "largest": LARGEST_ANNEX,
        "most": MOST_ANNEXES,
        "types": kinds(),
    }


def kinds() -> str:
    """Return the kinds of files that are taken, by the names that people know."""
    names = {"application/pdf": "PDF", "text/plain": "TXT", "text/csv": "CSV", "image/png": "PNG", "image/jpeg": "JPEG",
             "image/tiff": "TIFF", "application/json": "JSON", "application/xml": "XML", "message/rfc822": "EML"}  # fmt: skip
    return ", ".join([*(name for kind, name in names.items() if kind in ALLOWED_TYPES), "ODT, ODS, DOCX, XLSX, RTF"])
