"""A document made from a case: its own life, apart from the case's."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from workflows.documents.models_kinds import CaseDocument as CaseDocument
from workflows.documents.models_made import Made
from workflows.documents.models_made import Signing as Signing
from workflows.documents.models_preview import Preview as Preview
from workflows.engine.models import CaseRow


class Document(Made):
    """The PDF of one approved version in one language. Its bytes are named by their SHA-256."""

    KIND = "document"

    class Kind(models.TextChoices):
        LETTER = "letter", _("letter of request")
        CONFIRMATION = "confirmation", _("confirmation in writing")
        SEALED = "sealed", _("sealed annex")
        BOUND = "bound", _("annexes bound for reading")

    kind = models.CharField(max_length=20, choices=Kind)
    outgoing = models.ForeignKey("lifecycle.OutgoingRequest", on_delete=models.PROTECT, related_name="documents")
    letter_version = models.ForeignKey("drafting.LetterVersion", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "rendering", "waiting", "ready", "failed"]), name="documents_status"
            ),
            models.UniqueConstraint(
                fields=["outgoing", "letter_version", "kind", "language"], name="documents_one_per_version"
            ),
            models.CheckConstraint(condition=~Q(status="ready") | ~Q(sha256=""), name="documents_ready_has_bytes"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.outgoing_id} in {self.language}: {self.status}"

    def lock_first(self) -> list[CaseRow]:
        return [self.outgoing]
