"""The record of every act: append-only, chained by hash per authority, without foreign keys.

Values instead of keys, so that an entry says the same in five years, whatever became of the rows.
The application's role can neither change nor delete an entry (a trigger and its missing rights);
`AuditHead` is written by a trigger of the owner alone, so a cut-off end is found too.
"""

from __future__ import annotations

from django.db import models

from mla.core.ids import uuid7


class AuditEntry(models.Model):
    """One act, done or refused. Instants are UTC."""

    class Outcome(models.TextChoices):
        DONE = "done"
        REFUSED = "refused"

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    authority_id = models.BigIntegerField(help_text="whose chain; 0 is the installation itself")
    seq = models.BigIntegerField(help_text="position in that authority's chain, from 1, without gaps")
    at = models.DateTimeField()
    act_id = models.UUIDField(help_text="the same for all entries of one act and the acts nested in it")
    act = models.CharField(max_length=80)
    outcome = models.CharField(max_length=10, choices=Outcome)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=200)
    actor_role = models.CharField(max_length=40, blank=True)
    actor_authority_id = models.BigIntegerField(null=True)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=64)
    object_version = models.IntegerField(null=True)
    from_status = models.CharField(max_length=40, blank=True)
    to_status = models.CharField(max_length=40, blank=True)
    reason_code = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    article = models.CharField(max_length=120, blank=True)
    detail = models.JSONField(default=dict, help_text="identifiers and hashes, never text of a case")
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority_id", "seq"], name="audit_chain_position")]
        indexes = [
            models.Index(fields=["object_type", "object_id", "id"], name="audit_object"),
            models.Index(fields=["act_id"], name="audit_act"),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.authority_id}/{self.seq} {self.act} {self.object_type} {self.object_id}"


class AuditHead(models.Model):
    """The last link of each authority's chain; kept by a trigger, readable only."""

    authority_id = models.BigIntegerField(primary_key=True)
    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.authority_id} at {self.seq}"
