"""Transmittal of evidence: its manifest, by which the requesting State checks every file, and how each measure stands.

Of the whole case, which says what went with which part of the result, or of one part. The conditions that were accepted
bind what is sent, and are printed with it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mla.reference.courts import withheld_names
from workflows.documents.kinds import WHOLE, About, Kind
from workflows.documents.kinds._case import Listed, day_here, listed_evidence
from workflows.documents.kinds.decision import Decided, decided_items
from workflows.lifecycle.models.courts import withheld_counts
from workflows.lifecycle.models.parts import part_of
from workflows.lifecycle.services.conditions import accepted_conditions


@dataclass(frozen=True, slots=True)
class PartListed:
    """A part of the result. `sent`: the day at the sending authority."""

    number: int
    sent: dt.date
    files: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A condition that the requesting State accepted. `item`: the key of a measure; empty for the whole request."""

    text: str
    article: str = ""
    item: str = ""
    until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """How many files are withheld on one ground, in words; never which they are."""

    ground: str
    count: int


@dataclass(frozen=True, slots=True)
class EvidenceTransmittal:
    """`files`: those that went with no part. `rest_follows`: the execution goes on."""

    files: tuple[Listed, ...]
    parts: tuple[PartListed, ...] = ()
    items: tuple[Decided, ...] = ()
    rest_follows: bool = False
    conditions: tuple[Accepted, ...] = ()
    withheld: tuple[Kept, ...] = ()


def about(case: Any) -> list[About]:
    found = [About(WHOLE)] if case.evidence_set.filter(given=None).exists() else []
    for part in case.part_set.order_by("number"):
        found.append(About(str(part.part_id), gettext("part %(number)s") % {"number": part.number}))
    return found


def kind_context(case: Any, about: str, said: Mapping[str, str]) -> EvidenceTransmittal:
    rest: list[Any] = []
    by_part: dict[Any, list[Any]] = {}
    for file in (
        case.evidence_set.filter(withheld=None, given=None).select_related("item", "carried__part").order_by("id")
    ):
        part = part_of(file)
        (rest if part is None else by_part.setdefault(part, [])).append(file)
    return EvidenceTransmittal(
        files=listed_evidence(rest) if about == WHOLE else (),
        parts=tuple(
            PartListed(part.number, day_here(case, part.at), listed_evidence(files))
            for part, files in sorted(by_part.items(), key=lambda one: one[0].number)
            if about in (WHOLE, str(part.part_id))
        ),
        items=decided_items(case),
        rest_follows=about != WHOLE and case.status == "in_execution",
        conditions=tuple(Accepted(one.text, one.article, one.item_key, one.until) for one in accepted_conditions(case)),
        withheld=tuple(
            Kept(gettext(withheld_names().get(one["ground"], one["ground"])), one["count"])
            for one in withheld_counts(case)
        ),
    )


KIND = Kind("evidence-transmittal", _("Transmittal of evidence"), "incoming", about, kind_context)
