"""The message log of each authority and the transmission of what it sends.

The two sides share no row: a message stands once in the sender's log and once in the receiver's.
It keeps the exact bytes of its envelope for ever; order and gaps are told by seq and the hash of
the message before, per conversation and direction.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.actors import Actor
from workflows.engine.machine import Doing, Effects, act, permitted
from workflows.engine.models import CaseRow


class Message(CaseRow):
    """One message in one authority's log."""

    KIND = "message"

    class Status(models.TextChoices):
        WRITTEN = "written", _("written")
        RECEIVED = "received", _("received")
        HELD = "held", _("held: an earlier one is missing")
        APPLIED = "applied", _("applied")
        REFUSED = "refused", _("refused")

    class Direction(models.TextChoices):
        OUT = "out", _("out")
        IN = "in", _("in")

    status = FSMField(choices=Status, protected=True)
    direction = models.CharField(max_length=3, choices=Direction)
    peer = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="+")
    message_id = models.UUIDField()
    conversation_id = models.UUIDField()
    type = models.CharField(max_length=40)
    seq = models.PositiveIntegerField(help_text="from 1, per conversation and direction")
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, help_text="SHA-256 of the envelope")
    ref_to = models.UUIDField(null=True, blank=True)
    written_at = models.DateTimeField(help_text="as the sender says, UTC")
    envelope = models.BinaryField(help_text="exactly as sent")
    refusal = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["written", "received", "held", "applied", "refused"]),
                name="exchange_message_status",
            ),
            models.CheckConstraint(
                condition=Q(direction="out", status="written") | Q(direction="in") & ~Q(status="written"),
                name="exchange_message_direction",
            ),
            models.UniqueConstraint(fields=["authority", "message_id"], name="exchange_message_once"),
            models.UniqueConstraint(
                fields=["authority", "conversation_id", "seq"],
                condition=Q(direction="out"),
                name="exchange_message_order_out",
            ),
        ]
        indexes = [models.Index(fields=["authority", "conversation_id", "direction", "seq"], name="exchange_log")]

    def __str__(self) -> str:
        return f"{self.direction} {self.type} {self.seq}"

    def may_apply(self, actor: Actor) -> bool:
        return permitted(self, actor, "apply")

    @act(
        label=_("Apply to the file"),
        source=[Status.RECEIVED, Status.HELD],
        target=Status.APPLIED,
        permission=may_apply,
    )
    def apply(self, doing: Doing) -> Effects:
        return Effects(
            detail={"message": str(self.message_id), "hash": self.hash},
            events=[("message.applied", {"message": str(self.message_id)})],
        )

    def may_hold(self, actor: Actor) -> bool:
        return permitted(self, actor, "hold")

    @act(
        label=_("Hold: an earlier message is missing"),
        source=[Status.RECEIVED],
        target=Status.HELD,
        permission=may_hold,
    )
    def hold(self, doing: Doing) -> Effects:
        return Effects(detail={"message": str(self.message_id), "seq": self.seq})

    def may_refuse(self, actor: Actor) -> bool:
        return permitted(self, actor, "refuse")

    @act(
        label=_("Refuse the message"),
        source=[Status.RECEIVED, Status.HELD],
        target=Status.REFUSED,
        permission=may_refuse,
    )
    def refuse(self, doing: Doing, *, refusal: str) -> Effects:
        self.refusal = refusal[:500]
        return Effects(
            reason_code="message_refused",
            detail={"message": str(self.message_id)},
            events=[("message.refused", {"message": str(self.message_id)})],
        )


class Transmission(CaseRow):
    """The way of one message to its addressee. "Delivered" is never "accepted": that is the receiver's word."""

    KIND = "transmission"

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        SUBMITTED = "submitted", _("submitted")
        DELIVERED = "delivered", _("delivered")
        RETRIEVED = "retrieved", _("retrieved")
        REJECTED = "rejected", _("rejected")
        FAILED = "failed", _("failed")
        PARKED = "parked", _("parked")

    status = FSMField(choices=Status, default=Status.QUEUED, protected=True)
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="transmission")
    channel = models.CharField(max_length=20)
    failure = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status__in=["queued", "submitted", "delivered", "retrieved", "rejected", "failed", "parked"]
                ),
                name="exchange_transmission_status",
            )
        ]
        indexes = [
            # The two lists of a registry; what arrived needs none.
            models.Index(
                fields=["authority", "id"],
                condition=Q(status__in=["failed", "parked", "rejected"]),
                name="exchange_way_stuck",
            ),
            models.Index(
                fields=["authority", "id"], condition=Q(status__in=["queued", "submitted"]), name="exchange_way_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} by {self.channel}: {self.status}"

    def may_submit(self, actor: Actor) -> bool:
        return permitted(self, actor, "submit")

    @act(
        label=_("Submitted to the channel"),
        source=[Status.QUEUED, Status.FAILED, Status.PARKED],
        target=Status.SUBMITTED,
        permission=may_submit,
    )
    def submit(self, doing: Doing, *, receipt: dict[str, Any]) -> Effects:
        self.failure = ""
        return self._receipt(doing, "submitted", receipt)

    def may_deliver(self, actor: Actor) -> bool:
        return permitted(self, actor, "deliver")

    @act(
        label=_("Delivered to the addressee"),
        source=[Status.SUBMITTED],
        target=Status.DELIVERED,
        permission=may_deliver,
    )
    def deliver(self, doing: Doing, *, receipt: dict[str, Any]) -> Effects:
        return self._receipt(doing, "delivered", receipt)

    def may_retrieve(self, actor: Actor) -> bool:
        return permitted(self, actor, "retrieve")

    @act(
        label=_("Retrieved by the addressee"),
        source=[Status.DELIVERED],
        target=Status.RETRIEVED,
        permission=may_retrieve,
    )
    def retrieve(self, doing: Doing, *, receipt: dict[str, Any]) -> Effects:
        return self._receipt(doing, "retrieved", receipt)

    def may_reject(self, actor: Actor) -> bool:
        return permitted(self, actor, "reject")

    @act(
        label=_("Rejected by the addressee"),
        source=[Status.SUBMITTED, Status.DELIVERED],
        target=Status.REJECTED,
        permission=may_reject,
    )
    def reject(self, doing: Doing, *, receipt: dict[str, Any]) -> Effects:
        self.failure = str(receipt.get("why", receipt.get("note", "")))[:500]
        return self._receipt(doing, "rejected", receipt)

    def may_fail(self, actor: Actor) -> bool:
        return permitted(self, actor, "fail")

    @act(
        label=_("Not delivered"),
        source=[Status.SUBMITTED, Status.DELIVERED],
        target=Status.FAILED,
        permission=may_fail,
    )
    def fail(self, doing: Doing, *, receipt: dict[str, Any]) -> Effects:
        self.failure = str(receipt.get("why", receipt.get("note", "")))[:500]
        return self._receipt(doing, "failed", receipt)

    def may_park(self, actor: Actor) -> bool:
        return permitted(self, actor, "park")

    @act(
        label=_("Parked: it could not be sent"),
        source=[Status.QUEUED, Status.SUBMITTED],
        target=Status.PARKED,
        permission=may_park,
    )
    def park(self, doing: Doing, *, failure: str) -> Effects:
        self.failure = failure[:500]
        return Effects(reason_code="transmission_parked")

    def _receipt(self, doing: Doing, kind: str, receipt: dict[str, Any]) -> Effects:
        row = Receipt(transmission=self, kind=kind, at=doing.at, content=receipt)
        return Effects(rows=[row], detail={"message": str(self.message.message_id)})


class Receipt(models.Model):
    """Proof of one step of the transport, as the channel gave it. Never changed."""

    transmission = models.ForeignKey(Transmission, on_delete=models.PROTECT, related_name="receipts")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    content = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


class MessageFile(models.Model):
    """A file that a message of this log carries; its bytes are in the storage under the hash."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    role = models.CharField(max_length=20, help_text="letter, annex, evidence or sealed")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
