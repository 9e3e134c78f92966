"""What every PDF made from a case has: the hash of its bytes, how it is signed, and the states of its making."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.actors import Actor
from workflows.engine.machine import Doing, Effects, act, permitted
from workflows.engine.models import CaseRow
from workflows.lifecycle.outcomes import AwaitsSignature


@dataclass(frozen=True, slots=True)
class Signing:
    """A signed file in the storage: its hash and size, how it is signed, by which certificate or office, when (UTC)."""

    sha256: str
    size: int
    signature: str
    by: str
    at: dt.datetime


class Made(CaseRow):
    """One PDF that a job makes. Its bytes are named by their SHA-256."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        RENDERING = "rendering", _("being made")
        WAITING = "waiting", _("waits for its signature")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    class Signed(models.TextChoices):
        B_B = "B-B", _("electronic signature")
        B_T = "B-T", _("electronic signature with timestamp")
        B_LT = "B-LT", _("electronic signature with timestamp and revocation data")
        INK = "ink", _("ink and seal, scanned")

    status = FSMField(choices=Status, default=Status.QUEUED, protected=True)
    language = models.CharField(max_length=20)
    content_hash = models.CharField(max_length=64, help_text="of what it is made from")
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(null=True, blank=True, help_text="bytes")
    pages = models.PositiveIntegerField(null=True, blank=True)
    unsigned_sha256 = models.CharField(max_length=64, blank=True, help_text="of the PDF as it was rendered")
    awaits = models.CharField(max_length=20, blank=True, choices=AwaitsSignature)
    signature = models.CharField(max_length=10, blank=True, choices=Signed, help_text="how it is signed; PAdES level")
    signed_by = models.CharField(max_length=300, blank=True, help_text="the subject of the certificate")
    signed_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=500, blank=True)

    class Meta:
        abstract = True

    @property
    def readable_sha256(self) -> str:
        """Return the hash of the whole file that may be read: the document, or the print that is to be signed in ink.

        Empty while there is none: what waits for a certificate or a timestamp is not whole.
        """
        if self.status == self.Status.READY:
            return self.sha256
        return self.unsigned_sha256 if self.awaits == AwaitsSignature.SCAN else ""

    @property
    def can_be_read(self) -> bool:
        return bool(self.readable_sha256)

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

    def may_await_signature(self, actor: Actor) -> bool:
        return permitted(self, actor, "await_signature")

    @act(
        label=_("The document waits for its signature"),
        source=[Status.RENDERING, Status.WAITING],
        target=Status.WAITING,
        permission=may_await_signature,
    )
    def await_signature(
        self, doing: Doing, *, awaits: str, unsigned_sha256: str, pages: int, signed: Signing | None = None
    ) -> Effects:
        self.awaits, self.unsigned_sha256, self.pages = AwaitsSignature(awaits), unsigned_sha256, pages
        if signed is not None:
            self._signed(signed)
        return Effects(detail={"unsigned_sha256": unsigned_sha256, "awaits": awaits, "sha256": self.sha256})

    def may_finish(self, actor: Actor) -> bool:
        return permitted(self, actor, "finish")

    @act(
        label=_("The document is ready"),
        source=[Status.RENDERING, Status.WAITING],
        target=Status.READY,
        permission=may_finish,
    )
    def finish(
        self,
        doing: Doing,
        *,
        sha256: str,
        size: int,
        pages: int,
        unsigned_sha256: str = "",
        signed: Signing | None = None,
    ) -> Effects:
        self.sha256, self.size, self.pages, self.awaits = sha256, size, pages, ""
        self.unsigned_sha256 = unsigned_sha256
        if signed is not None:
            self._signed(signed)
        detail = {"sha256": sha256, "content_hash": self.content_hash, "pages": pages, "signature": self.signature}
        return Effects(detail=detail)

    def _signed(self, signed: Signing) -> None:
        self.sha256, self.size = signed.sha256, signed.size
        self.signature, self.signed_by, self.signed_at = signed.signature, signed.by[:300], signed.at

    def may_fail(self, actor: Actor) -> bool:
        return permitted(self, actor, "fail")

    @act(
        label=_("The document could not be made"),
        source=[Status.QUEUED, Status.RENDERING, Status.WAITING],
        target=Status.FAILED,
        permission=may_fail,
    )
    def fail(self, doing: Doing, *, failure: str) -> Effects:
        self.failure = failure[:500]
        return Effects(reason_code="rendering_failed")
