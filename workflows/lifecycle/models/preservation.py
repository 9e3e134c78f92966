"""What both sides' preservations have in common, and the dated rows beside them (Budapest 16, 29 and 30).

Until when data are kept stands in one place: the last `Preservation` of the item. Only the requested State sets it, and
each extension is a row of its own.
"""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.core import clock
from mla.core.ids import uuid7
from workflows.lifecycle.keeping import Least
from workflows.lifecycle.models.rows import Preservation
from workflows.lifecycle.models.short import ShortMachine

if TYPE_CHECKING:
    from workflows.engine.machine import Doing


class PreservationPoint(models.Model):
    """A question between both sides on one preservation, with its answer; or another provider that came to light.

    `tipping_off`: it cannot be done without the person learning of it (Budapest 29(6)). `provider`: partial disclosure of
    traffic data shows one elsewhere (Budapest 30). Overdue is computed from `due`, never stored.
    """

    class Kind(models.TextChoices):
        TIPPING_OFF = "tipping_off", _("cannot be kept without the person learning of it")
        EXTENSION = "extension", _("extension")
        PROVIDER = "provider", _("another provider")

    class Choice(models.TextChoices):
        GO_ON = "go_on", _("go on")
        WITHDRAW = "withdraw", _("withdraw")
        GRANTED = "granted", _("granted")
        REFUSED = "refused", _("refused")
        BEGUN = "begun", _("a request was begun")

    authority = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey("lifecycle.RequestedItem", on_delete=models.PROTECT, related_name="preservation_points")
    point_id = models.UUIDField(default=uuid7, help_text="the same on both sides")
    kind = models.CharField(max_length=20, choices=Kind)
    words = models.TextField(max_length=20_000, blank=True)
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    due = models.DateField(null=True, blank=True)
    wanted_until = models.DateField(null=True, blank=True, help_text="of an extension: as asked")
    granted_until = models.DateField(null=True, blank=True, help_text="of an extension: as granted")
    provider = models.CharField(max_length=300, blank=True)
    jurisdiction = models.CharField(max_length=2, blank=True, help_text="of the provider, as told")
    contact = models.TextField(max_length=2000, blank=True)
    choice = models.CharField(max_length=20, choices=Choice, blank=True)
    answer = models.TextField(max_length=20_000, blank=True)
    answered_by = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "point_id"], name="lifecycle_keeping_point_once"),
            models.CheckConstraint(
                condition=Q(answered_at=None, choice="") | Q(answered_at__isnull=False) & ~Q(choice=""),
                name="lifecycle_keeping_point_answer",
            ),
            models.CheckConstraint(
                condition=~Q(choice="granted") | Q(kind="extension", granted_until__isnull=False),
                name="lifecycle_keeping_point_granted",
            ),
            models.CheckConstraint(condition=~Q(kind="provider") | ~Q(provider=""), name="lifecycle_keeping_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.asked_at:%Y-%m-%d}"

    def answered(self, doing: Doing, choice: str, answer: str = "") -> PreservationPoint:
        self.choice, self.answer, self.answered_by, self.answered_at = choice, answer, doing.by.label, doing.at
        return self


class Preserving(ShortMachine):
    """One preservation in one side's file. It may outlive its request: data are kept on when that is closed."""

    MEASURE = "preservation"

    class Extent(models.TextChoices):
        ALL = "all", _("all that was asked")
        PART = "part", _("a part of it")

    extent = models.CharField(max_length=10, choices=Extent, blank=True)
    words = models.TextField(max_length=20_000, blank=True, help_text="what is kept, and what not")
    ground = models.CharField(max_length=60, blank=True, help_text="coded: of a refusal")
    article = models.CharField(max_length=120, blank=True)
    reason = models.TextField(max_length=20_000, blank=True, help_text="of a refusal, of an end")
    held_at = models.DateTimeField(null=True, blank=True, help_text="since when kept until the request is decided")
    held_for = models.CharField(max_length=120, blank=True, help_text="reference of the request that follows")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def of_the_system(self, actor: Actor, act_name: str) -> bool:
        """Tell whether a job of our own authority may do the act."""
        mine = actor.kind == "system" and actor.authority_id == self.authority_id
        return mine and holds(actor, f"{self.KIND}.{act_name}")

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        # An act writes the rows beside it after its own: they are read anew.
        for read in ("kept_rows", "points"):
            self.__dict__.pop(read, None)

    @cached_property
    def kept_rows(self) -> list[Preservation]:
        """Return from when until when data are kept, each word of the requested State, the last one last."""
        return list(self.item.preservations.order_by("id"))

    @cached_property
    def points(self) -> list[PreservationPoint]:
        return list(self.item.preservation_points.order_by("id"))

    @property
    def kept(self) -> Preservation | None:
        return self.kept_rows[-1] if self.kept_rows else None

    @property
    def until(self) -> dt.date | None:
        """Return the last day to which data are kept, as it was last said."""
        return self.kept.until if self.kept else None

    @property
    def least(self) -> Least | None:
        """Return how long the law that the letter cites has data kept at least, where it is certain."""
        raise NotImplementedError

    @property
    def follow_ups(self) -> list[Any]:
        """Return the cases that ask for these data and are on their way, or here."""
        raise NotImplementedError

    @property
    def is_past(self) -> bool:
        """Tell whether the last day is over and nobody has recorded the lapse."""
        return self.status == "preserved" and self.until is not None and self.until < clock.now().date()  # type: ignore[attr-defined]

    def open_point(self, kind: str, point_id: UUID | None = None) -> PreservationPoint | None:
        """Return the oldest question of a kind that waits for its answer, or the one named, or None."""
        waiting = (one for one in self.points if one.kind == kind and one.answered_at is None)
        return next((one for one in waiting if point_id is None or one.point_id == point_id), None)

    def new_point(self, doing: Doing, kind: str, point_id: UUID | None = None, **more: Any) -> PreservationPoint:
        named = {"point_id": point_id} if point_id else {}
        return PreservationPoint(
            authority_id=self.authority_id, item=self.item, kind=kind, asked_by=doing.by.label, asked_at=doing.at,
            **named, **more,
        )  # fmt: skip

    def keep(
        self, doing: Doing, preserved_from: dt.date, until: dt.date, rule: str = "", reference: str = ""
    ) -> list[models.Model]:
        """Return the row, unsaved, that says from when until when; none where the last word says the same."""
        if self.kept is not None and (self.kept.preserved_from, self.kept.until) == (preserved_from, until):
            return []
        item = self.item
        row = Preservation(
            authority_id=self.authority_id, outgoing=item.outgoing, incoming=item.incoming, item=item,
            preserved_from=preserved_from, until=until, rule=rule, peer_reference=reference, recorded_at=doing.at,
        )  # fmt: skip
        return [row]

    def extended(
        self, doing: Doing, until: dt.date, words: str, asked: PreservationPoint | None, point_id: UUID | None = None
    ) -> tuple[list[models.Model], list[models.Model], UUID]:
        """Return the rows of an extension: the new day, and its question, made anew where nobody had asked.

        As (new rows, changed rows, identifier of the question).
        """
        begun = self.kept.preserved_from if self.kept else doing.at.date()
        rule, reference = (self.kept.rule, self.kept.peer_reference) if self.kept else ("", "")
        rows = self.keep(doing, begun, until, rule, reference)
        point = asked or self.new_point(doing, PreservationPoint.Kind.EXTENSION, point_id)
        point.granted_until = until
        point.answered(doing, PreservationPoint.Choice.GRANTED, words)
        return ([*rows, point], [], point.point_id) if asked is None else (rows, [point], point.point_id)
