"""A whole request put off: on what ground, until when or until what, and when it was taken up again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from mla.core.ids import uuid7
from workflows.lifecycle.models.rows import ONE_SIDE, OfOneSide, OpenPoint

if TYPE_CHECKING:
    from workflows.engine.machine import Doing


class Postponement(OfOneSide):
    """The requested State puts a request off (UNTOC 18(25), Budapest 27(5)); at most one of a case is open.

    `until` is the requested State's own review date, never a limit; `until_event` what it waits for, in words.
    """

    postponement_id = models.UUIDField(default=uuid7, help_text="the same on both sides")
    consultation_id = models.UUIDField(null=True, blank=True, help_text="the open point on which it was consulted")
    ground = models.CharField(max_length=60, help_text="code of the ground")
    article = models.CharField(max_length=120, blank=True)
    reason = models.TextField(max_length=20_000, blank=True)
    until = models.DateField(null=True, blank=True, help_text="own review date")
    until_event = models.CharField(max_length=300, blank=True, help_text="what it waits for, in words")
    items = models.JSONField(default=list, blank=True, help_text="keys of the items that were put off with it")
    postponed_by = models.CharField(max_length=200)
    postponed_at = models.DateTimeField()
    resumed_by = models.CharField(max_length=200, blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_postponement_one_side"),
            models.CheckConstraint(condition=~Q(ground=""), name="lifecycle_postponement_ground"),
            models.CheckConstraint(
                condition=Q(until__isnull=False) | ~Q(until_event=""), name="lifecycle_postponement_until"
            ),
            models.UniqueConstraint(fields=["authority", "postponement_id"], name="lifecycle_postponement_once"),
            models.UniqueConstraint(
                fields=["incoming"], condition=Q(resumed_at=None), name="lifecycle_postponement_open_in"
            ),
            models.UniqueConstraint(
                fields=["outgoing"], condition=Q(resumed_at=None), name="lifecycle_postponement_open_out"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ground} until {self.until or self.until_event}"

    def resumed(self, doing: Doing) -> Postponement:
        self.resumed_by, self.resumed_at = doing.by.label, doing.at
        return self


def open_postponement(case: Any) -> Postponement | None:
    """Return what puts the case off now, if anything does."""
    found: Postponement | None = case.postponement_set.filter(resumed_at=None).first()
    return found


def consulted_on_postponing(case: Any) -> Any:
    """Return the identifier of the last consultation before a postponement of this case, or None."""
    points = case.openpoint_set.filter(kind=OpenPoint.Kind.POSTPONEMENT)
    return points.order_by("-id").values_list("point_id", flat=True).first()
