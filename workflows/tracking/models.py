"""What tracking keeps: reminders that fell due, alarms about effects that are missing, a person's saved lists.

No text of a case.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mla.core.ids import uuid7
from workflows.tracking.deadlines import DeadlineKind


class Notification(models.Model):
    """One reminder of one deadline, for an authority. Made once, however many look and however late.

    An escalation says to the supervisor that a deadline was missed; one for each deadline, whatever its step.
    """

    class CaseKind(models.TextChoices):
        OUTGOING = "outgoing", _("request out")
        INCOMING = "incoming", _("request in")

    class Level(models.TextChoices):
        REMINDER = "reminder", _("reminder")
        ESCALATION = "escalation", _("missed, told to the supervisor")

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    authority = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=20, choices=Level, default=Level.REMINDER)
    case_kind = models.CharField(max_length=10, choices=CaseKind)
    case_id = models.BigIntegerField()
    kind = models.CharField(max_length=30, choices=DeadlineKind)
    due = models.DateField()
    step = models.SmallIntegerField(help_text="days before the date; negative: after it")
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True, help_text="when a reader first marked it as seen")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "case_kind", "case_id", "kind", "due", "step"],
                condition=Q(level="reminder"),
                name="tracking_one_reminder",
            ),
            models.UniqueConstraint(
                fields=["authority", "case_kind", "case_id", "kind", "due"],
                condition=Q(level="escalation"),
                name="tracking_one_escalation",
            ),
            models.CheckConstraint(condition=Q(level__in=["reminder", "escalation"]), name="tracking_reminder_level"),
            models.CheckConstraint(condition=Q(case_kind__in=["outgoing", "incoming"]), name="tracking_reminder_case"),
        ]
        indexes = [
            models.Index(fields=["authority", "-id"], name="tracking_reminders"),
            models.Index(fields=["case_id", "case_kind"], name="tracking_reminders_of_case"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.due} of {self.case_kind} {self.case_id}"


class NotificationSeen(models.Model):
    """That one reader has seen a reminder and wants it shown no more. For the others it stays."""

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="seen_by")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["notification", "user"], name="tracking_seen_once")]

    def __str__(self) -> str:
        return f"{self.notification_id} by {self.user_id}"


class Alarm(models.Model):
    """An effect that an act should have had and that is not there, until it is. Raised and closed by the system."""

    class Kind(models.TextChoices):
        NO_DOCUMENT = "no_document", _("approved, and there is no document")
        NOT_WRITTEN = "not_written", _("sent, and there is no message")
        NOT_DELIVERED = "not_delivered", _("sent, and the message did not arrive")
        NOT_RECORDED = "not_recorded", _("sent by hand, and nobody recorded the transport")
        MISSING_THERE = "missing_there", _("a message of ours is not in the other side's log")
        MISSING_HERE = "missing_here", _("a message received is not in its sender's log")
        DIFFERS = "differs", _("a message has other bytes on the other side")
        HELD = "held", _("a message waits for an earlier one")
        NOT_APPLIED = "not_applied", _("a message was received and not applied")
        PARKED = "parked", _("a job gave up")
        REPAIR_FAILED = "repair_failed", _("a repair failed")

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    authority = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    detail: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, help_text="identifiers, never text of a case"
    )
    raised_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "object_type", "object_id"], condition=Q(closed_at=None), name="tracking_one_open_alarm"
            )
        ]
        indexes = [models.Index(fields=["authority", "-id"], condition=Q(closed_at=None), name="tracking_open_alarms")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.object_type} {self.object_id}"


class SavedList(models.Model):
    """Filters of a list of cases that a person kept under a name, at one authority. A preference: nobody else sees it.

    `query` is written by `workflows.tracking.lists.query_of` and by nothing else: it begins with no question mark.
    """

    class Kind(models.TextChoices):
        OUTGOING = "outgoing", _("requests out")
        INCOMING = "incoming", _("requests in")

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    authority = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "authority", "kind", "name"], name="tracking_one_saved_list"),
            models.CheckConstraint(condition=Q(kind__in=["outgoing", "incoming"]), name="tracking_saved_list_kind"),
            models.CheckConstraint(condition=~Q(name=""), name="tracking_saved_list_named"),
        ]

    def __str__(self) -> str:
        return self.name
