"""Files that are still on their way to a letter, piece by piece. Nothing here is part of it, or offered to anybody."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from mla.accounts.models import User
from mla.core.ids import uuid7


class AnnexUpload(models.Model):
    """A file of which the server has the first `received` bytes; the pieces lie in the storage by their offsets.

    It is its sender's alone, and goes when it is discarded or nothing came for a day. Once it is an annex, `key` is that
    annex's and no piece is left: whoever did not hear of it asks again and is told the same.
    """

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    letter = models.ForeignKey("drafting.LetterOfRequest", on_delete=models.PROTECT, related_name="uploads")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=40, blank=True, help_text="of the annex that it replaces; empty: a new one")
    title = models.CharField(max_length=300)
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField(help_text="bytes of the whole file")
    sha256 = models.CharField(max_length=64, help_text="of the whole file, as its sender reckoned it")
    received = models.PositiveBigIntegerField(default=0, help_text="bytes, from the beginning and without a hole")
    offsets = models.JSONField(default=list, help_text="where each piece that was received begins")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField(db_index=True)
    taken_at = models.DateTimeField(null=True, blank=True, help_text="when it became an annex; its pieces go next")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "by", "key", "name", "sha256"],
                condition=Q(taken_at=None),
                name="drafting_one_upload",
            ),
            models.CheckConstraint(condition=Q(received__lte=F("size")), name="drafting_upload_not_beyond"),
        ]

    def __str__(self) -> str:
        return f"{self.received} of {self.size} bytes"

    @property
    def folder(self) -> str:
        return f"parts/{self.public_id}"

    def place(self, offset: int) -> str:
        """Return where the piece that begins at `offset` lies in the storage."""
        return f"{self.folder}/{offset:012d}"
