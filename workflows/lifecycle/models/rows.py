"""Dated rows beside the machines: what is open, what was proven, what was handed over."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mla.core.ids import uuid7

ONE_SIDE = Q(outgoing__isnull=False, incoming=None) | Q(outgoing=None, incoming__isnull=False)


class OfOneSide(models.Model):
    """A row of one case file: of ours that went out, or of one that came in, never of both."""

    authority = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="+")
    outgoing = models.ForeignKey("lifecycle.OutgoingRequest", null=True, blank=True, on_delete=models.PROTECT)
    incoming = models.ForeignKey("lifecycle.IncomingRequest", null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        abstract = True


class RegisterCounter(models.Model):
    """The last number of a register; numbers have no gaps, since a refused act gives its number back."""

    class Stream(models.TextChoices):
        OUTGOING = "out", _("requests out")
        INCOMING = "in", _("requests in")

    authority = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    stream = models.CharField(max_length=10, choices=Stream)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "year", "stream"], name="lifecycle_one_register"),
        ]

    def __str__(self) -> str:
        return f"{self.authority_id} {self.stream} {self.year}: {self.last}"


class OpenPoint(OfOneSide):
    """A question that waits for its answer. Overdue is computed from `due`, never stored."""

    class Kind(models.TextChoices):
        INFORMATION = "information", _("information asked")
        ORIGINATOR_QUERY = "originator_query", _("query to the originating authority")
        REFUSAL = "refusal", _("consultation before a refusal")
        POSTPONEMENT = "postponement", _("consultation before a postponement")
        COSTS = "costs", _("consultation on costs")
        CONFIDENTIALITY = "confidentiality", _("confidentiality that cannot be kept")
        CONDITIONS = "conditions", _("conditions offered")
        COMPLEMENT = "complement", _("complement of a result asked")
        OFFER = "offer", _("conditions of information that is offered")

    #: What the requested State consults on (UNTOC 18(26) and (28), UNCAC 46(26), Budapest 27(6) and (8)).
    CONSULTATIONS = (Kind.REFUSAL, Kind.POSTPONEMENT, Kind.COSTS, Kind.CONFIDENTIALITY)
    #: What both States know of; the rest is between our own authorities.
    SHARED = tuple(kind for kind in Kind if kind != "originator_query")

    #: What the requesting State asks, and the requested one answers.
    OURS_TO_ASK = (Kind.COMPLEMENT, Kind.OFFER)

    class Choice(models.TextChoices):
        GO_ON = "go_on", _("go on")
        WITHDRAW = "withdraw", _("withdraw")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        SUPPLIED = "supplied", _("supplied")

    point_id = models.UUIDField(default=uuid7, help_text="the same on both sides")
    kind = models.CharField(max_length=20, choices=Kind)
    question = models.TextField(max_length=20_000)
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    due = models.DateField(null=True, blank=True)
    ground = models.CharField(max_length=60, blank=True, help_text="coded: of a refusal, a postponement, a defect")
    article = models.CharField(max_length=120, blank=True)
    amount = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, blank=True, help_text="of costs, as estimated"
    )
    currency = models.CharField(max_length=3, blank=True, help_text="ISO 4217")
    answer = models.TextField(max_length=20_000, blank=True)
    choice = models.CharField(
        max_length=20, choices=Choice, blank=True, help_text="what the answer decides, if it does"
    )
    answered_by = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_point_one_side"),
            models.UniqueConstraint(fields=["authority", "point_id"], name="lifecycle_point_once"),
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="", choice="")
                | Q(answered_at__isnull=False) & ~Q(answer="", choice=""),
                name="lifecycle_point_answer",
            ),
            models.CheckConstraint(
                condition=Q(amount=None, currency="") | Q(amount__gte=0) & ~Q(currency=""),
                name="lifecycle_point_amount",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.asked_at:%Y-%m-%d}"


class RecordedProof(models.Model):
    """What stands behind an act of the other State that our registry recorded by hand."""

    outgoing = models.ForeignKey("lifecycle.OutgoingRequest", on_delete=models.PROTECT, related_name="proofs")
    act = models.CharField(max_length=60)
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    note = models.TextField(max_length=2000, blank=True)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} for {self.act}"


class Evidence(OfOneSide):
    """One file of evidence. Its bytes are named by their hash; neither row nor file ever changes."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    item = models.ForeignKey("lifecycle.RequestedItem", null=True, blank=True, on_delete=models.PROTECT)
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    description = models.TextField(max_length=5000, blank=True)
    use_limits = models.TextField(max_length=5000, blank=True, help_text="speciality and other conditions of use")
    complement = models.ForeignKey(
        OpenPoint, null=True, blank=True, on_delete=models.PROTECT, related_name="files", help_text="that it answers"
    )
    given = models.ForeignKey(
        "lifecycle.GivenInformation", null=True, blank=True, on_delete=models.PROTECT, related_name="files",
        help_text="without a request: it is no result of this one",
    )  # fmt: skip
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_evidence_one_side")]

    def __str__(self) -> str:
        return f"{self.name} ({self.sha256[:12]})"


class CustodyEntry(models.Model):
    """One step in the chain of custody of a file of evidence; append-only."""

    class Step(models.TextChoices):
        ADDED = "added", _("added")
        SENT = "sent", _("sent")
        RECEIVED = "received", _("received")
        VERIFIED = "verified", _("verified: the hash matches")
        DISCREPANT = "discrepant", _("the hash does not match")
        HANDED_OVER = "handed_over", _("handed over")
        MOVED = "moved", _("moved")
        EXAMINED = "examined", _("examined")
        COPIED = "copied", _("copied")
        HANDED_ON = "handed_on", _("handed on")
        GIVEN_BACK = "given_back", _("given back")
        DESTROYED = "destroyed", _("destroyed")

    #: What people write into the chain by hand; the rest is written by the act that it is of.
    BY_HAND = (Step.MOVED, Step.EXAMINED, Step.COPIED, Step.GIVEN_BACK, Step.DESTROYED)

    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="custody")
    step = models.CharField(max_length=20, choices=Step)
    by = models.CharField(max_length=200)
    at = models.DateTimeField(help_text="when it was written")
    happened_at = models.DateTimeField(null=True, blank=True, help_text="when it happened; empty: as it was written")
    from_whom = models.CharField(max_length=300, blank=True, help_text="who had it")
    to_whom = models.CharField(max_length=300, blank=True, help_text="who has it from then on")
    sha256 = models.CharField(max_length=64)
    note = models.TextField(max_length=2000, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.evidence_id} {self.step}"

    @property
    def when(self) -> datetime:
        """When it happened, in UTC."""
        return self.happened_at or self.at


class Preservation(OfOneSide):
    """Data kept at the source until a day that only the requested State sets."""

    item = models.ForeignKey("lifecycle.RequestedItem", on_delete=models.PROTECT, related_name="preservations")
    preserved_from = models.DateField()
    until = models.DateField()
    rule = models.CharField(max_length=60, blank=True, help_text="the article that sets the least time")
    peer_reference = models.CharField(max_length=120, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_preservation_one_side"),
            models.CheckConstraint(condition=Q(until__gte=F("preserved_from")), name="lifecycle_preservation_order"),
        ]

    def __str__(self) -> str:
        return f"until {self.until}"


class IncomingLink(models.Model):
    """A request that came in and says what it is to an earlier one that stands in our register: adds to it, corrects it …

    Two cases, linked and never merged. Written when the later one is registered.
    """

    class Kind(models.TextChoices):
        SUPPLEMENT = "supplements", _("supplements")
        AMENDMENT = "amends", _("corrects")
        RESUBMISSION = "resubmits", _("is sent again in the place of")
        REOPENING = "reopens", _("takes up again")
        #: Of a request for data that an earlier one had preserved (Budapest 29(7)).
        FOLLOW_UP = "preservation", _("follows the preservation of")

    incoming = models.ForeignKey("lifecycle.IncomingRequest", on_delete=models.PROTECT, related_name="links")
    kind = models.CharField(max_length=20, choices=Kind)
    earlier = models.ForeignKey("lifecycle.IncomingRequest", on_delete=models.PROTECT, related_name="followed_by")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["incoming", "earlier"], name="lifecycle_incoming_one_link")]

    def __str__(self) -> str:
        return f"{self.incoming_id} {self.kind} {self.earlier_id}"
