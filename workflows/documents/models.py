"""A document made from a case: its own life, apart from the case's."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.actors import Actor
from workflows.engine.machine import Doing, Effects, act, permitted
from workflows.engine.models import CaseRow


class Document(CaseRow):
    """The PDF of one approved version in one language. Its bytes are named by their SHA-256."""

    KIND = "document"

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        RENDERING = "rendering", _("being made")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    class Kind(models.TextChoices):
        LETTER = "letter", _("letter of request")
        CONFIRMATION = "confirmation", _("confirmation in writing")
        SEALED = "sealed", _("sealed annex")

    status = FSMField(choices=Status, default=Status.QUEUED, protected=True)
    kind = models.CharField(max_length=20, choices=Kind)
    outgoing = models.ForeignKey("lifecycle.OutgoingRequest", on_delete=models.PROTECT, related_name="documents")
    letter_version = models.ForeignKey("drafting.LetterVersion", on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=20)
    content_hash = models.CharField(max_length=64, help_text="of the version it is made from")
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(null=True, blank=True, help_text="bytes")
    pages = models.PositiveIntegerField(null=True, blank=True)
    failure = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "rendering", "ready", "failed"]), name="documents_status"
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

    def may_start(self, actor: Actor) -> bool:
        return permitted(self, actor, "start")

    @act(
        label=_("Make the document"),
        source=[Status.QUEUED, Status.FAILED],
        target=Status.RENDERING,
        permission=may_start,
    )
    def start(self, doing: Doing) -> Effects:
        self.failure = ""
        return Effects()

    def may_finish(self, actor: Actor) -> bool:
        return permitted(self, actor, "finish")

    @act(label=_("The document is ready"), source=[Status.RENDERING], target=Status.READY, permission=may_finish)
    def finish(self, doing: Doing, *, sha256: str, size: int, pages: int) -> Effects:
        self.sha256, self.size, self.pages = sha256, size, pages
        return Effects(detail={"sha256": sha256, "content_hash": self.content_hash, "pages": pages})

    def may_fail(self, actor: Actor) -> bool:
        return permitted(self, actor, "fail")

    @act(
        label=_("The document could not be made"),
        source=[Status.QUEUED, Status.RENDERING],
        target=Status.FAILED,
        permission=may_fail,
    )
    def fail(self, doing: Doing, *, failure: str) -> Effects:
        self.failure = failure[:500]
        return Effects(reason_code="rendering_failed")
