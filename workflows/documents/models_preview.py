"""Pages of a version as they would be printed now: made for who reads it, kept for some minutes, thrown away."""

from __future__ import annotations

from django.db import models

from workflows.drafting.models import LetterVersion
from workflows.drafting.models_translation import Translation


class Preview(models.Model):
    """The PDF of one content with the mark of a draft. In a table that is in no log of the database and no copy of it.

    `key` is the hash of all that it is made from: the same content is made once. `places`: the page on which each
    paragraph begins, by the paragraph's number. `failure` says why there is none, in English.
    """

    key = models.CharField(max_length=64, unique=True)
    version = models.ForeignKey(LetterVersion, on_delete=models.CASCADE, related_name="+")
    #: Beside which the letter is printed; None for the letter alone.
    translation = models.ForeignKey(Translation, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    pages = models.PositiveIntegerField(default=0)
    places = models.JSONField(default=dict, blank=True)
    pdf = models.BinaryField(null=True, blank=True)
    failure = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["asked_at"], name="documents_preview_asked")]

    def __str__(self) -> str:
        return f"preview {self.key[:8]}: {self.pages} pages"

    @property
    def is_made(self) -> bool:
        return self.made_at is not None and not self.failure
