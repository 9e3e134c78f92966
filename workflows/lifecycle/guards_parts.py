"""The conditions of results that go in parts. Each looks and returns reasons; none of them writes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from mla.core.reasons import Reason
from workflows.engine.machine import Doing
from workflows.lifecycle.models.courts import withheld_of
from workflows.lifecycle.models.parts import Part, part_of, unsent


def something_is_unsent(case: Any, doing: Doing) -> list[Reason]:
    """A part carries what is new: of two presses the second finds nothing left."""
    read = _read(case, doing)
    if (
        any(part_of(file) is None and withheld_of(file) is None and file.given_id is None for file in read)
        if read is not None
        else unsent(case).exists()
    ):
        return []
    return [Reason("nothing_unsent", _("there is no evidence that was not sent already: add it first"))]


def part_is_unconfirmed(case: Any, doing: Doing) -> list[Reason]:
    if doing.asking:
        read = _read(case, doing)
        if read is None:
            waiting = case.part_set.filter(confirmed_at=None).exists()
        else:
            waiting = any(part.confirmed_at is None for part in map(part_of, read) if part is not None)
    else:
        part = doing.data.get("part")
        waiting = (
            isinstance(part, Part) and part.confirmed_at is None and case.pk in (part.outgoing_id, part.incoming_id)
        )
    return [] if waiting else [Reason("no_part_open", _("no part waits for this, or this one is confirmed already"))]


def discrepant_are_of_the_part(case: Any, doing: Doing) -> list[Reason]:
    """Only a file that went with the part can fail to match in it."""
    part, said = doing.data.get("part"), doing.data.get("discrepant")
    if doing.asking or not said or not isinstance(part, Part):
        return []
    sent = set(part.files.values_list("evidence__sha256", flat=True))
    return [
        Reason(
            "file_not_of_the_part",
            _("no file of this part has the hash %(sha256)s") % {"sha256": one[:12]},
            field="discrepant",
        )
        for one in said
        if one not in sent
    ]


def _read(case: Any, doing: Doing) -> list[Any] | None:
    """Return the evidence that a page has read with its parts; None where it has not, and for an act, which asks itself."""
    if not doing.asking or "evidence_set" not in getattr(case, "_prefetched_objects_cache", {}):
        return None
    return list(case.evidence_set.all())
