"""What several kinds of document read of a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, pgettext

from workflows.documents.kinds import About
from workflows.documents.models import Document
from workflows.documents.services import letter_of, names_of
from workflows.documents.values import Names
from workflows.drafting.freezing import names_now
from workflows.drafting.letterfile import LetterFile, letter_from
from workflows.drafting.measures import measure_catalogue
from workflows.drafting.parsing import LetterFileWrong
from workflows.lifecycle.models import OpenPoint


@dataclass(frozen=True, slots=True)
class Listed:
    """A file in a list of what is transmitted. `size` in bytes; `limits`: of its use."""

    title: str
    sha256: str
    size: int | None = None
    media_type: str = ""
    item: str = ""
    description: str = ""
    limits: str = ""


@dataclass(frozen=True, slots=True)
class Extract:
    """A letter, or what of it one document prints, and what its codes mean."""

    letter: LetterFile
    names: Names


def day_here(case: Any, moment: dt.datetime) -> dt.date:
    """Return the day of an instant where the authority of the case is: the one its officers and its letters speak of."""
    return moment.astimezone(ZoneInfo(case.authority.time_zone)).date()


def heard_on(case: Any) -> dt.date | None:
    """Return the day on which the other State was last heard of, where that is after the day of the sending."""
    if case.silent_since is None:
        return None
    day = day_here(case, case.silent_since)
    return day if day > day_here(case, case.sent_at) else None


def reminded_on(case: Any) -> dt.date | None:
    """Return the day of the reminder before the one that is written now, if one was written since they were last heard of."""
    earlier = case.wish_set.filter(kind="reminder", silent_since=case.silent_since, rung__lt=case.chased_rung)
    row = earlier.order_by("-rung").first()
    return day_here(case, row.asked_at) if row is not None else None


def letter_held(case: Any) -> Extract | None:
    """Return the letter of a case: ours as it was approved, theirs as it came. None: there is none that can be read."""
    if case.KIND == "outgoing":
        frozen = case.approved_version.frozen_content if case.approved_version_id else None
        return Extract(letter_of(frozen), names_of(frozen)) if frozen else None
    try:
        letter = letter_from(case.content)
    except LetterFileWrong:
        # Registered from paper: the register holds no more of it than its head.
        return None
    return Extract(letter, names_of({"names": names_now(letter), "annexes": []}))


def about_measures(case: Any, measure: str) -> list[About]:
    """Return the items of a letter of ours that ask for a measure."""
    held = letter_held(case) if case.approved_version_id else None
    if held is None:
        return []
    return [About(item.id, item.id) for item in held.letter.items if item.measure == measure]


def of_item(case: Any, key: str) -> Extract:
    """Return the letter as if it asked for one item alone: with its own persons, offences, bases and identifiers."""
    held = letter_held(case)
    assert held is not None
    letter = held.letter
    items = tuple(item for item in letter.items if item.id == key)
    wanted = {one for item in items for one in (*item.offences, *item.persons, *item.bases, *item.identifiers)}
    wanted |= {item.provider for item in items if item.provider}
    wanted |= {one.provider for one in letter.identifiers if one.id in wanted and one.provider}

    def only(rows: Any) -> Any:
        return tuple(row for row in rows if row.id in wanted)

    changes = {
        name: only(getattr(letter, name)) for name in ("offences", "persons", "bases", "identifiers", "providers")
    }
    return Extract(letter.model_copy(update=changes | {"items": items, "annexes": ()}), held.names)


def measure_name(slug: str) -> str:
    """Return the name of a measure in the active language."""
    known = measure_catalogue().get(slug)
    return gettext(known.name) if known else slug


def points(case: Any, *, answered: bool) -> list[OpenPoint]:
    """Return the questions between the two States; those between the authorities of one State are not theirs to read."""
    found = case.openpoint_set.filter(kind=OpenPoint.Kind.INFORMATION)
    return list(found.exclude(answered_at=None) if answered else found)


def about_points(case: Any, *, answered: bool) -> list[About]:
    return [About(str(one.point_id), one.question[:120]) for one in points(case, answered=answered)]


def evidence_of(case: Any) -> tuple[Listed, ...]:
    """Return the manifest of the evidence of a case, in its order."""
    return listed_evidence(case.evidence_set.select_related("item").order_by("id"))


def listed_evidence(files: Iterable[Any]) -> tuple[Listed, ...]:
    """Return files of evidence as a manifest lists them."""
    return tuple(
        Listed(
            title=one.name,
            sha256=one.sha256,
            size=one.size,
            media_type=one.media_type,
            item=one.item.key if one.item else "",
            description=one.description,
            limits=one.use_limits,
        )
        for one in files
    )


def documents_of(case: Any) -> tuple[Listed, ...]:
    """Return what goes out with a letter of ours: its finished documents and its annexes.

    A document is named by the hash of its file, so what is listed is what was or will be sent.
    """
    names = {
        Document.Kind.LETTER: pgettext("document", "Letter of request"),
        Document.Kind.CONFIRMATION: gettext("Confirmation in writing"),
        Document.Kind.SEALED: gettext("Sealed annex"),
    }
    ready = case.documents.filter(status=Document.Status.READY, content_hash=case.approved_hash).order_by("id")
    found = [
        Listed(title=names[Document.Kind(one.kind)], sha256=one.sha256, size=one.size, media_type="application/pdf")
        for one in ready
    ]
    frozen = (case.approved_version.frozen_content or {}) if case.approved_version_id else {}
    for annex in frozen.get("annexes", ()) if found else ():
        found.append(Listed(title=annex["title"], sha256=annex["sha256"], size=annex["size"], item=annex["id"]))
    return tuple(found)
