"""What stands between a request that is carried out and its result: orders of courts, remedies, notices, filters.

Rows of the requested side alone. What of them the requesting State learns it is told by an act of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mla.core.ids import uuid7
from mla.core.languages import house_words
from mla.reference.courts import court_codes, withheld_names
from workflows.lifecycle.models.rows import Evidence

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from workflows.engine.machine import Doing


class OfARequestIn(models.Model):
    """A row of a request that came in. `by` and `at`: who wrote it, and when."""

    authority = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="+")
    incoming = models.ForeignKey("lifecycle.IncomingRequest", on_delete=models.PROTECT)
    public_id = models.UUIDField(default=uuid7, unique=True)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        abstract = True


class CourtOrder(OfARequestIn):
    """An order of a court that the execution needs: applied for, granted or denied, and set aside by a remedy."""

    class State(models.TextChoices):
        APPLIED = "applied", _("applied for")
        GRANTED = "granted", _("granted")
        DENIED = "denied", _("denied")
        SET_ASIDE = "set_aside", _("set aside")

    state = models.CharField(max_length=20, choices=State, default=State.APPLIED)
    kind = models.CharField(max_length=60, help_text="coded: mla/reference/data/courts.toml")
    court = models.CharField(max_length=300)
    items = models.JSONField(default=list, blank=True, help_text="keys of the items it concerns; empty: the request")
    applied_on = models.DateField()
    reference = models.CharField(max_length=120, blank=True, help_text="the court's")
    decided_on = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    reason = models.TextField(max_length=20_000, blank=True, help_text="why it was denied, or what it says")
    decided_by = models.CharField(max_length=200, blank=True, help_text="who recorded the decision")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="applied", decided_on=None, decided_at=None)
                | ~Q(state="applied") & Q(decided_on__isnull=False, decided_at__isnull=False),
                name="lifecycle_order_decided",
            ),
        ]
        indexes = [
            models.Index(fields=["valid_until"], condition=Q(state="granted"), name="lifecycle_order_valid"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.court}: {self.state}"

    @property
    def kind_words(self) -> str:
        return _words("order", self.kind)

    def concerns(self, key: str) -> bool:
        """Tell whether the order is for this item: it names it, or it names none."""
        return not self.items or key in self.items

    def decided(self, doing: Doing, state: str, **more: Any) -> CourtOrder:
        self.state, self.decided_by, self.decided_at = state, doing.by.label, doing.at
        for name, value in more.items():
            setattr(self, name, value)
        return self


class Remedy(OfARequestIn):
    """A remedy against an order, or (without one) against the surrender of what was gathered."""

    class Party(models.TextChoices):
        AFFECTED_PERSON = "affected_person", _("the affected person")
        PROVIDER = "provider", _("the provider")
        THIRD_PARTY = "third_party", _("a third party")
        PROSECUTION = "prosecution", _("the prosecution")
        OTHER = "other", _("another party")

    class Result(models.TextChoices):
        DISMISSED = "dismissed", _("dismissed")
        UPHELD_IN_PART = "upheld_in_part", _("upheld in part")
        UPHELD = "upheld", _("upheld")

    order = models.ForeignKey(CourtOrder, null=True, blank=True, on_delete=models.PROTECT, related_name="remedies")
    party = models.CharField(max_length=20, choices=Party)
    court = models.CharField(max_length=300)
    lodged_on = models.DateField()
    hearing_on = models.DateField(null=True, blank=True)
    words = models.TextField(max_length=20_000, blank=True)
    result = models.CharField(max_length=20, choices=Result, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    decision = models.TextField(max_length=20_000, blank=True, help_text="what was decided, in words")
    decided_by = models.CharField(max_length=200, blank=True, help_text="who recorded the decision")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(result="", decided_on=None, decided_at=None)
                | ~Q(result="") & Q(decided_on__isnull=False, decided_at__isnull=False),
                name="lifecycle_remedy_decided",
            ),
        ]
        indexes = [models.Index(fields=["hearing_on"], condition=Q(result=""), name="lifecycle_remedy_open")]

    def __str__(self) -> str:
        return f"{self.party}, {self.court}: {self.result or 'pending'}"

    @property
    def pending(self) -> bool:
        return not self.result


class Notice(OfARequestIn):
    """Notice to an affected person: given, or put off on a ground until a day or an event."""

    class Kind(models.TextChoices):
        GIVEN = "given", _("notice given")
        DEFERRED = "deferred", _("notice deferred")

    kind = models.CharField(max_length=10, choices=Kind)
    whom = models.CharField(max_length=200, blank=True, help_text="in words, such as the account holder")
    given_on = models.DateField(null=True, blank=True)
    how = models.CharField(max_length=300, blank=True)
    ground = models.CharField(max_length=60, blank=True, help_text="coded: mla/reference/data/courts.toml")
    article = models.CharField(max_length=120, blank=True)
    until = models.DateField(null=True, blank=True)
    until_event = models.CharField(max_length=300, blank=True)
    words = models.TextField(max_length=20_000, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="of a deferral: notice was given, or put off anew")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="given", given_on__isnull=False, ground="", ended_at=None)
                | Q(kind="deferred", given_on=None) & ~Q(ground="") & (Q(until__isnull=False) | ~Q(until_event="")),
                name="lifecycle_notice_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["until"], condition=Q(kind="deferred", ended_at=None), name="lifecycle_notice_open"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.given_on or self.until or self.until_event}"

    @property
    def open(self) -> bool:
        return self.kind == self.Kind.DEFERRED and self.ended_at is None

    @property
    def ground_words(self) -> str:
        return _words("deferral", self.ground)


class PrivilegeFilter(OfARequestIn):
    """Files are looked through for privileged content by somebody who does not investigate; meanwhile nothing leaves."""

    kind = models.CharField(max_length=60, help_text="coded: mla/reference/data/courts.toml")
    filtered_by = models.CharField(max_length=200, help_text="the person or office that filters")
    everything = models.BooleanField(help_text="all evidence that has not left, also what is added meanwhile")
    words = models.TextField(max_length=20_000, blank=True)
    closing_words = models.TextField(max_length=20_000, blank=True)
    closed_by = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    if TYPE_CHECKING:
        files: QuerySet[FilteredFile]

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} by {self.filtered_by}"

    @property
    def open(self) -> bool:
        return self.closed_at is None

    @property
    def kind_words(self) -> str:
        return _words("privilege", self.kind)


class FilteredFile(models.Model):
    """One file that a filter looks through, and what came of it; of a filter of everything written at its end."""

    filter = models.ForeignKey(PrivilegeFilter, on_delete=models.PROTECT, related_name="files")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="filtered")
    released = models.BooleanField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["filter", "evidence"], name="lifecycle_filtered_once")]

    def __str__(self) -> str:
        return f"{self.evidence_id} in {self.filter_id}"


class Withheld(models.Model):
    """A file that never leaves: a filter found it privileged, or the order under which it was gathered was set aside."""

    evidence = models.OneToOneField(Evidence, on_delete=models.PROTECT, related_name="withheld")
    filter = models.ForeignKey(
        PrivilegeFilter, null=True, blank=True, on_delete=models.PROTECT, related_name="withheld"
    )
    remedy = models.ForeignKey(Remedy, null=True, blank=True, on_delete=models.PROTECT, related_name="withheld")
    ground = models.CharField(max_length=60, help_text="coded: mla/reference/data/courts.toml")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(filter__isnull=False, remedy=None) | Q(filter=None, remedy__isnull=False),
                name="lifecycle_withheld_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evidence_id}: {self.ground}"

    @property
    def ground_words(self) -> str:
        return withheld_words(self.ground)


def withheld_words(code: str) -> str:
    """Return why files were withheld, in the language of the page; a code that the data file does not have, as it is."""
    known = withheld_names().get(code)
    return house_words(known) if known else code


def withheld_of(file: Evidence) -> Withheld | None:
    """Return why a file does not leave, or None. No query where `withheld` was read with it."""
    found: Withheld | None = getattr(file, "withheld", None)
    return found


def withheld_counts(case: Any) -> list[dict[str, Any]]:
    """Return how many files of a request in are withheld on each ground, as it is told: never which they are."""
    rows = Withheld.objects.filter(evidence__incoming=case).order_by("ground").values_list("ground")
    return [{"ground": ground, "count": count} for ground, count in rows.annotate(count=models.Count("id"))]


def _words(table: str, code: str) -> str:
    known = court_codes(table).get(code)
    return house_words(known.name) if known else code
