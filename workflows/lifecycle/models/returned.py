"""How a request came back or went on, on either side: the code, the defects one by one, the competent authority."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from workflows.lifecycle.models.rows import ONE_SIDE, OfOneSide
from workflows.lifecycle.outcomes import ReturnCode


@dataclass(frozen=True, slots=True)
class ToldDefect:
    """One defect as it is told. `place`: the path of the answer in the letter, empty where it is of the whole letter."""

    text: str
    place: str = ""
    article: str = ""


class ReturnedCase(models.Model):
    """What both sides know of a request that came back, went on, or was withdrawn while it was carried out."""

    return_code = models.CharField(max_length=20, choices=ReturnCode, blank=True)
    redirected_to = models.ForeignKey(
        "reference.Authority",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="the competent authority, where the directory knows it",
    )
    work_done = models.TextField(
        max_length=20_000, blank=True, help_text="what was carried out before the withdrawal was confirmed"
    )

    class Meta:
        abstract = True


class Defect(OfOneSide):
    """One defect for which a request was sent back; the same on both sides, and never changed."""

    number = models.PositiveSmallIntegerField()
    place = models.CharField(max_length=200, blank=True, help_text="path of the answer; empty: the whole letter")
    text = models.TextField(max_length=5000)
    article = models.CharField(max_length=120, blank=True, help_text="that asks for what is missing")

    class Meta:
        ordering = ["number", "id"]
        constraints = [
            models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_defect_one_side"),
            models.UniqueConstraint(fields=["outgoing", "number"], name="lifecycle_defect_once_out"),
            models.UniqueConstraint(fields=["incoming", "number"], name="lifecycle_defect_once_in"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.place or 'the whole letter'}"


def defect_rows(told: Sequence[ToldDefect], **side: Any) -> list[models.Model]:
    """Return the rows, unsaved, of the defects of one case. `side`: authority_id, and outgoing or incoming."""
    return [
        Defect(number=number, place=one.place, text=one.text, article=one.article, **side)
        for number, one in enumerate(told, 1)
    ]
