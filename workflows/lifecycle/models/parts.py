"""Parts of a result: what is ready goes before the rest. Each part names its files, and each is confirmed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from mla.core.ids import uuid7
from workflows.engine.machine import Doing
from workflows.lifecycle.models.rows import ONE_SIDE, CustodyEntry, Evidence, OfOneSide

if TYPE_CHECKING:
    from django.db.models import QuerySet


class Part(OfOneSide):
    """One part of a result, as it stands in one side's file. The files of the final result belong to none."""

    part_id = models.UUIDField(default=uuid7, help_text="the same on both sides")
    number = models.PositiveIntegerField(help_text="from 1 on, in the order in which they left or came")
    note = models.TextField(max_length=20_000, blank=True)
    by = models.CharField(max_length=200)
    at = models.DateTimeField(help_text="when it left, or came")
    confirmed_at = models.DateTimeField(null=True, blank=True, help_text="its files were checked over there, or here")
    confirmed_by = models.CharField(max_length=200, blank=True)
    all_match = models.BooleanField(null=True, blank=True, help_text="None: not confirmed, or not said of this part")
    discrepant = models.JSONField(default=list, blank=True, help_text="SHA-256 of each file that did not match")

    if TYPE_CHECKING:
        files: QuerySet[PartFile]

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_part_one_side"),
            models.UniqueConstraint(fields=["authority", "part_id"], name="lifecycle_part_once"),
            models.UniqueConstraint(fields=["outgoing", "number"], name="lifecycle_part_number_out"),
            models.UniqueConstraint(fields=["incoming", "number"], name="lifecycle_part_number_in"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, all_match=None) | Q(confirmed_at__isnull=False),
                name="lifecycle_part_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"part {self.number}"


class PartFile(models.Model):
    """That a file of evidence went, or came, with a part. A file goes once: what was sent is not sent again."""

    part = models.ForeignKey(Part, on_delete=models.PROTECT, related_name="files")
    evidence = models.OneToOneField(Evidence, on_delete=models.PROTECT, related_name="carried")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.evidence_id} with {self.part_id}"


def part_of(file: Evidence) -> Part | None:
    """Return the part that a file of evidence went with, or None. No query where `carried__part` was read with it."""
    carried = getattr(file, "carried", None)
    return carried.part if carried is not None else None


@dataclass(frozen=True, slots=True)
class SentPart:
    """One part of a result with its files."""

    part: Part
    files: list[Evidence]

    @property
    def discrepant(self) -> list[Evidence]:
        return [file for file in self.files if file.sha256 in self.part.discrepant]


def sent_parts(evidence: Iterable[Evidence]) -> list[SentPart]:
    """Return the parts that the evidence of one case went with, in their order, each with its files."""
    found: dict[int, SentPart] = {}
    for file in evidence:
        part = part_of(file)
        if part is not None:
            found.setdefault(part.number, SentPart(part, [])).files.append(file)
    return [found[number] for number in sorted(found)]


def unsent(case: Any) -> QuerySet[Evidence]:
    """Return the evidence of a request in that went with no part yet and is not withheld, in its order.

    What the other State gave without a request is no result for it.
    """
    found: QuerySet[Evidence] = case.evidence_set.filter(carried=None, withheld=None, given=None).order_by("id")
    return found


def part_rows(part: Part, files: list[Evidence], step: str, doing: Doing) -> list[models.Model]:
    """Return the rows of a part that leaves or comes: itself, which files it carries, and a step of their custody."""
    rows: list[models.Model] = [part]
    for file in files:
        rows.append(PartFile(part=part, evidence=file))
        rows.append(CustodyEntry(evidence=file, step=step, by=doing.by.label, at=doing.at, sha256=file.sha256))
    return rows


def confirmed(part: Part, doing: Doing, *, all_match: bool | None, discrepant: list[str]) -> Part:
    part.confirmed_at, part.confirmed_by = doing.at, doing.by.label
    part.all_match, part.discrepant = all_match, sorted(discrepant)
    return part


def confirmed_with_the_whole(case: Any, doing: Doing, *, all_match: bool) -> list[models.Model]:
    """Return the parts still open, confirmed with all the evidence of the case.

    Where not every file of the case matched it is not known of which part: none is said to match.
    """
    return [
        confirmed(part, doing, all_match=True if all_match else None, discrepant=[])
        for part in case.part_set.filter(confirmed_at=None).order_by("id")
    ]
