"""Who carries out what, news on the way, and originals that are due back: dated rows beside the two machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mla.core.ids import uuid7
from workflows.lifecycle.models.rows import ONE_SIDE, OfOneSide

if TYPE_CHECKING:
    from workflows.engine.machine import Doing


class Assignment(models.Model):
    """That an authority carries out a request in, or one of its items, from when to when, and by which officer of it.

    An item without an open row of its own is carried out by `IncomingRequest.executing`. Ended, never changed otherwise.
    """

    incoming = models.ForeignKey("lifecycle.IncomingRequest", on_delete=models.PROTECT)
    item = models.ForeignKey(
        "lifecycle.RequestedItem", null=True, blank=True, on_delete=models.PROTECT, help_text="empty: the whole request"
    )
    executing = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="+")
    officer = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    expected_by = models.DateField(null=True, blank=True, help_text="own estimate")
    instruction = models.TextField(max_length=20_000, blank=True)
    reason = models.TextField(max_length=5000, blank=True, help_text="why it was taken from another")
    by = models.CharField(max_length=200)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incoming"], condition=Q(item=None, ended_at=None), name="lifecycle_assignment_whole"
            ),
            models.UniqueConstraint(
                fields=["item"], condition=Q(item__isnull=False, ended_at=None), name="lifecycle_assignment_item"
            ),
        ]
        indexes = [
            models.Index(fields=["executing", "incoming"], condition=Q(ended_at=None), name="lifecycle_assigned_to"),
            models.Index(
                fields=["officer", "incoming"],
                condition=Q(ended_at=None, officer__isnull=False),
                name="lifecycle_assigned_officer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id or 'all'} of {self.incoming_id} to {self.executing_id}"


class Progress(OfOneSide):
    """News of an execution: what happened, and when the next news is expected.

    On the requested side some of it stays inside (`told_at` empty). The requesting side has what it was told.
    """

    progress_id = models.UUIDField(default=uuid7, help_text="the same on both sides")
    event = models.CharField(max_length=40, blank=True, help_text="code of progress_events.toml, or as it came")
    text = models.TextField(max_length=20_000, blank=True)
    next_on = models.DateField(null=True, blank=True, help_text="when the next news is expected")
    by = models.CharField(max_length=200)
    at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True, help_text="when the requesting State was told, if it was")

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "progress"
        constraints = [
            models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_progress_one_side"),
            models.CheckConstraint(
                condition=~Q(event="") | ~Q(text="") | Q(next_on__isnull=False),
                name="lifecycle_progress_says_something",
            ),
            models.UniqueConstraint(fields=["authority", "progress_id"], name="lifecycle_progress_once"),
        ]

    def __str__(self) -> str:
        return f"{self.event} of {self.at:%Y-%m-%d}"


class Original(OfOneSide):
    """An original that goes with a result: papers, a device. To be given back, unless that is not asked or waived.

    ETS 030 article 6(2): returned as soon as possible, unless the requested State waives it.
    """

    class Return(models.TextChoices):
        SOON = "soon", _("as soon as possible")
        BY_DAY = "by_day", _("by a day")
        ON_CONCLUSION = "on_conclusion", _("when the proceedings are concluded")
        NOT_ASKED = "not_asked", _("need not be returned")

    original_id = models.UUIDField(default=uuid7, help_text="the same on both sides")
    description = models.CharField(max_length=500)
    quantity = models.PositiveIntegerField(default=1)
    item = models.ForeignKey("lifecycle.RequestedItem", null=True, blank=True, on_delete=models.PROTECT)
    give_back = models.CharField(max_length=20, choices=Return)
    due = models.DateField(null=True, blank=True, help_text="the day by which it is back")
    listed_by = models.CharField(max_length=200)
    listed_at = models.DateTimeField()
    waived_at = models.DateTimeField(null=True, blank=True)
    waiver = models.TextField(max_length=5000, blank=True, help_text="what was said with it")
    returned_on = models.DateField(null=True, blank=True, help_text="the day on which it was sent or handed back")
    returned_how = models.CharField(max_length=300, blank=True)
    tracking = models.CharField(max_length=120, blank=True, help_text="number of the parcel or of the note")
    returned_by = models.CharField(max_length=200, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_original_one_side"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="lifecycle_original_quantity"),
            models.CheckConstraint(
                condition=Q(give_back="by_day", due__isnull=False) | ~Q(give_back="by_day") & Q(due=None),
                name="lifecycle_original_due",
            ),
            models.CheckConstraint(
                condition=Q(returned_at=None, returned_on=None)
                | Q(returned_at__isnull=False, returned_on__isnull=False),
                name="lifecycle_original_returned",
            ),
            models.UniqueConstraint(fields=["authority", "original_id"], name="lifecycle_original_once"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.description}"

    @property
    def is_out(self) -> bool:
        """Tell whether it is still to be given back."""
        return self.give_back != self.Return.NOT_ASKED and self.returned_at is None and self.waived_at is None

    def returned(self, doing: Doing, *, on: Any, how: str, tracking: str) -> Original:
        self.returned_on, self.returned_how, self.tracking = on, how, tracking
        self.returned_by, self.returned_at = doing.by.label, doing.at
        return self

    def waived(self, doing: Doing, words: str) -> Original:
        self.waived_at, self.waiver = doing.at, words
        return self


class FollowedExecution(models.Model):
    """Dates of a case file that its rows of progress and its originals have, so that a list needs not read them."""

    next_news_on = models.DateField(null=True, blank=True, help_text="when the next news is expected")
    next_news_at = models.DateTimeField(null=True, blank=True, help_text="when that day was told")
    originals_due = models.DateField(null=True, blank=True, help_text="the first day by which an original is back")
    originals_at = models.DateTimeField(null=True, blank=True, help_text="when that day was told")

    if TYPE_CHECKING:
        original_set: Any

    class Meta:
        abstract = True

    def _originals_changed(self, changed: list[Original]) -> None:
        """Set the first day on which an original is due back, as it is once `changed` are saved."""
        after = {one.pk: one for one in self.original_set.all()} | {one.pk: one for one in changed if one.pk}
        new = [one for one in changed if one.pk is None]
        out = [one for one in (*after.values(), *new) if one.due is not None and one.is_out]
        first = min(out, key=lambda one: (one.due, one.listed_at), default=None)
        self.originals_due = first.due if first is not None else None
        self.originals_at = first.listed_at if first is not None else None

    def _news_expected(self, doing: Doing, day: Any) -> None:
        self.next_news_on, self.next_news_at = day, doing.at if day else None


def open_assignments(incoming: Any) -> list[Assignment]:
    """Return who carries out which item of its own now. Read by the case page beforehand; none without a query where no item was given apart."""
    if not incoming.divided:
        return []
    cached = getattr(incoming, "_prefetched_objects_cache", {}).get("assignment_set")
    rows = incoming.assignment_set.filter(ended_at=None) if cached is None else cached
    return [row for row in rows if row.ended_at is None and row.item_id is not None]


def executing_of(incoming: Any, item: Any) -> int | None:
    """Return the identity of the authority that carries out an item."""
    apart = {row.item_id: row.executing_id for row in open_assignments(incoming)}
    whole: int | None = incoming.executing_id
    return apart.get(item.pk, whole)
