"""Rows of what States give each other beyond a request: information that was given, what was done with it, what followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from mla.core.ids import uuid7
from mla.core.languages import house_words
from mla.reference.offering import uses

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from workflows.lifecycle.models.rows import Evidence


class OfAnItem(models.Model):
    """A row of one item of either side's file. `by` and `at`: who wrote it, and when."""

    authority = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey("lifecycle.RequestedItem", on_delete=models.PROTECT, related_name="+")
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        abstract = True


class GivenInformation(OfAnItem):
    """One giving of information: its words, and the files that hang on it (`files`)."""

    information_id = models.UUIDField(default=uuid7, help_text="the same on both sides")
    words = models.TextField(max_length=20_000, blank=True)

    if TYPE_CHECKING:
        files: QuerySet[Evidence]

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "information_id"], name="lifecycle_information_once")
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.at:%Y-%m-%d}"


class InformationUse(OfAnItem):
    """What was done with information that was given, and when; the giver is told. `kind`: no closed list here."""

    use_id = models.UUIDField(default=uuid7, help_text="the same on both sides")
    kind = models.CharField(max_length=40, help_text="coded: mla/reference/data/spontaneous.toml")
    on = models.DateField(help_text="may lie ahead where it speaks for an accused person: told before it is disclosed")
    words = models.TextField(max_length=20_000, blank=True)
    exculpatory = models.BooleanField(default=False, help_text="disclosed because it speaks for an accused person")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["authority", "use_id"], name="lifecycle_information_use_once")]

    def __str__(self) -> str:
        return f"{self.kind} on {self.on}"

    @property
    def kind_words(self) -> str:
        known = uses().get(self.kind)
        return house_words(known.name) if known else self.kind

    @property
    def told_before(self) -> bool:
        """Tell whether the giver was told before the day of the disclosure (UNTOC 18(5))."""
        return self.on > self.at.date()


class InformationFollowed(OfAnItem):
    """A request that follows information: begun here by the receiver, or that came here to the giver."""

    reference = models.CharField(max_length=120, blank=True, help_text="of a request that came, as its sender has it")
    outgoing = models.ForeignKey(
        "lifecycle.OutgoingRequest", null=True, blank=True, on_delete=models.PROTECT, related_name="follows_information"
    )
    incoming = models.ForeignKey(
        "lifecycle.IncomingRequest", null=True, blank=True, on_delete=models.PROTECT, related_name="follows_information"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outgoing__isnull=False, incoming=None) | Q(outgoing=None) & ~Q(reference=""),
                name="lifecycle_followed_by_one",
            ),
            models.UniqueConstraint(fields=["item", "outgoing"], name="lifecycle_followed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.reference or self.outgoing_id}"
