"""A document beside the letter, made from what a case holds: kept by the hash of its file, never changed."""

from __future__ import annotations

from django.db import models

from mla.core.ids import uuid7
from workflows.documents.kinds import kinds
from workflows.lifecycle.models.rows import ONE_SIDE, OfOneSide


class CaseDocument(OfOneSide):
    """One PDF. `content_hash` covers what it says and not the day it was made: the same words are made once."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    kind = models.CharField(max_length=40, help_text="as in workflows.documents.kinds")
    about = models.CharField(
        max_length=40, help_text="the part of the case it is about: a question, a measure, or case"
    )
    language = models.CharField(max_length=20)
    content_hash = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64, help_text="of the PDF")
    size = models.PositiveBigIntegerField(help_text="bytes")
    pages = models.PositiveIntegerField()
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=ONE_SIDE, name="documents_kind_one_side"),
            models.UniqueConstraint(fields=["outgoing", "content_hash"], name="documents_kind_once_out"),
            models.UniqueConstraint(fields=["incoming", "content_hash"], name="documents_kind_once_in"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.outgoing_id or self.incoming_id} in {self.language}"

    @property
    def name(self) -> str:
        """Return what it is, in the active language."""
        return str(kinds()[self.kind].name) if self.kind in kinds() else self.kind
