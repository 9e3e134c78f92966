"""Side effects as rows: a job exists in the transaction that changed the state, or not at all."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMModelMixin

from mla.accounts.actors import Actor
from mla.core.ids import uuid7


class CaseRow(FSMModelMixin, models.Model):
    """A row with a life: it changes through `engine.perform` alone, its version grows by one each time."""

    #: Name of the object in acts, audit and capabilities: "outgoing" in "outgoing.approve".
    KIND: ClassVar[str]
    #: Under which names its acts stand in the capability table, where that is not KIND alone.
    CAPABILITY_KINDS: ClassVar[tuple[str, ...]] = ()

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    authority = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    changed_at = models.DateTimeField(editable=False)

    class Meta:
        abstract = True

    def may_be_created_by(self, actor: Actor) -> bool:
        """Tell whose officers may bring this row into being, besides what their role may do."""
        return actor.authority_id == self.authority_id

    def lock_first(self) -> list[CaseRow]:
        """Return the rows to lock before this one (theirs are locked before them): the case of an item."""
        return []


class OutboxJob(models.Model):
    """One side effect to be had exactly once: one row per (act, event, handler, object).

    Identifiers only, no text of a case. Ordered by its bigint identity. Claimed by `run_job` alone.
    """

    class Status(models.TextChoices):
        DUE = "due", _("due")
        LEASED = "leased", _("at work")
        DONE = "done", _("done")
        PARKED = "parked", _("parked")
        SKIPPED = "skipped", _("skipped")

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    authority = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="+")
    act_id = models.UUIDField()
    event = models.CharField(max_length=80)
    handler = models.CharField(max_length=80)
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    payload: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    queue = models.CharField(max_length=40, default="default")
    ordering_key = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.DUE)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    hinted_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, help_text="kind of error and place, never text of a case")
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["act_id", "event", "handler", "object_type", "object_id"], name="engine_one_job_per_effect"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["due", "leased", "done", "parked", "skipped"]), name="engine_job_status"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status__in=["due", "leased"]), name="engine_job_open"),
            models.Index(
                fields=["ordering_key", "id"],
                condition=~Q(ordering_key="") & Q(status__in=["due", "leased", "parked"]),
                name="engine_job_order",
            ),
            models.Index(fields=["object_type", "object_id"], name="engine_job_object"),
            models.Index(
                fields=["authority", "status", "id"],
                condition=Q(status__in=["due", "leased", "parked"]),
                name="engine_job_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} > {self.handler} ({self.object_type} {self.object_id}): {self.status}"


class SweepRun(models.Model):
    """One due run of a periodic sweep, claimed by whoever comes first: beat, relay, or either after a gap."""

    name = models.CharField(max_length=60)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    place = models.CharField(
        max_length=40, blank=True, default="", db_default="", help_text="how far it is, where it goes in steps"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "due_at"], name="engine_one_sweep_run")]

    def __str__(self) -> str:
        return f"{self.name} {self.due_at:%Y-%m-%d %H:%M}"
