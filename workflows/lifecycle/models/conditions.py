"""Conditions under which the requested State helps: rows of an offer, the same on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict
from uuid import UUID

from django.db import models
from django.utils.translation import gettext

from mla.core.ids import uuid7
from mla.core.languages import house_words
from mla.reference.practice import condition_kinds, defects
from workflows.engine.machine import Doing
from workflows.lifecycle.models.rows import ONE_SIDE, OfOneSide, OpenPoint


class OfferedCondition(TypedDict):
    """One condition as an act is given it. `item`: the row of this side's file, or None for the whole request."""

    condition_id: UUID
    kind: str
    article: str
    text: str
    item: Any
    until: Any


class Condition(OfOneSide):
    """One condition of an offer. Whether it was accepted stands at the offer (`point`); the row never changes.

    `kind` is no closed list here: what another installation names otherwise is kept as it came.
    """

    condition_id = models.UUIDField(default=uuid7, help_text="the same on both sides")
    point = models.ForeignKey(OpenPoint, on_delete=models.PROTECT, related_name="conditions")
    kind = models.CharField(max_length=40)
    article = models.CharField(max_length=120, blank=True)
    text = models.TextField(max_length=20_000)
    item = models.ForeignKey("lifecycle.RequestedItem", null=True, blank=True, on_delete=models.PROTECT)
    until = models.DateField(null=True, blank=True, help_text="the last day on which it binds")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_condition_one_side"),
            models.UniqueConstraint(fields=["authority", "condition_id"], name="lifecycle_condition_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.text[:60]}"

    @property
    def kind_words(self) -> str:
        """The kind in the language of the page; a code that the data file does not have, as it is."""
        known = condition_kinds().get(self.kind)
        return house_words(known.name) if known else self.kind

    @property
    def item_key(self) -> str:
        return self.item.key if self.item else ""


def defect_words(code: str) -> str:
    """Return what a result lacks, in the language of the page; an unknown code as it is."""
    known = defects().get(code)
    return house_words(known.name) if known else code


def point_of(case: Any, doing: Doing, kind: str, *, question: str, due: Any, point_id: Any, **more: Any) -> OpenPoint:
    """Return the row of a question of either side's file, not saved."""
    return OpenPoint(
        authority_id=case.authority_id,
        kind=kind,
        question=question,
        asked_by=doing.by.label,
        asked_at=doing.at,
        due=due,
        **{case.KIND: case},
        **({"point_id": point_id} if point_id else {}),
        **more,
    )


def offer_rows(
    case: Any, doing: Doing, *, question: str, due: Any, point_id: Any, conditions: Sequence[OfferedCondition]
) -> list[models.Model]:
    """Return the rows of an offer of conditions: the point that waits for the answer, and each condition."""
    point = point_of(case, doing, OpenPoint.Kind.CONDITIONS, question=question, due=due, point_id=point_id)
    side = {case.KIND: case}
    rows = [Condition(authority_id=case.authority_id, point=point, **side, **one) for one in conditions]
    return [point, *rows]


def decided(point: OpenPoint, doing: Doing, choice: str, answer: str) -> OpenPoint:
    """Write the answer to an offer, or to a complement asked, into its row."""
    point.answer, point.choice = answer, choice
    point.answered_by, point.answered_at = doing.by.label, doing.at
    return point


def choice_words(point: OpenPoint) -> str:
    """Return how an offer was answered, in words; empty while it is open."""
    return str(point.get_choice_display()) if point.choice else gettext("open") if not point.answered_at else ""
