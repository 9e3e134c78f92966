"""E-mails put on a case, with their files by hash: they came or went beside the channel and are told to nobody.

Table: docs/adr/0002-state-machines.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.core.ids import uuid7
from mla.core.reasons import Reason
from workflows.engine.machine import Doing, Effects, act
from workflows.lifecycle.models.rows import ONE_SIDE, OfOneSide
from workflows.lifecycle.models.together import ContactEntry
from workflows.lifecycle.outcomes import IncomingStatus, OutgoingStatus


class CaseMail(OfOneSide):
    """One e-mail as it was stored. What it says of sender and date is the mail's own word."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    direction = models.CharField(max_length=10, choices=ContactEntry.Direction)
    sender = models.CharField(max_length=500)
    recipients = models.CharField(max_length=2000, blank=True)
    subject = models.CharField(max_length=500, blank=True)
    message_id = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    filed_by = models.CharField(max_length=200)
    filed_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_mail_one_side"),
            models.CheckConstraint(condition=Q(direction__in=["ours", "theirs"]), name="lifecycle_mail_direction"),
            models.UniqueConstraint(fields=["outgoing", "sha256"], name="lifecycle_mail_once_out"),
            models.UniqueConstraint(fields=["incoming", "sha256"], name="lifecycle_mail_once_in"),
        ]

    def __str__(self) -> str:
        return self.subject or self.name


class CaseMailFile(models.Model):
    """One file that was attached to an e-mail."""

    mail = models.ForeignKey(CaseMail, on_delete=models.PROTECT, related_name="files")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["mail", "number"], name="lifecycle_mail_file_once")]

    def __str__(self) -> str:
        return self.name


def is_not_filed_yet(case: Any, doing: Doing) -> list[Reason]:
    """The same bytes stand on a case once."""
    if doing.asking or not CaseMail.objects.filter(sha256=doing.data["mail"].sha256, **{case.KIND: case}).exists():
        return []
    return [Reason("mail_filed", _now("this very mail stands on the case already"), field="mail")]


def _filed(case: Any, doing: Doing, mail: CaseMail, files: Sequence[CaseMailFile]) -> Effects:
    setattr(mail, case.KIND, case)
    mail.authority_id, mail.filed_by, mail.filed_at = case.authority_id, doing.by.label, doing.at
    told = {"mail": str(mail.public_id), "sha256": mail.sha256, "files": len(files)}
    return Effects(rows=[mail, *files], reason_code=mail.direction, detail=told)


class MailsOut(models.Model):
    """The act in the requesting side's file."""

    if TYPE_CHECKING:

        def _central(self, actor: Actor, act_name: str) -> bool: ...
        def _originator(self, actor: Actor, act_name: str) -> bool: ...

    class Meta:
        abstract = True

    def may_file_mail(self, actor: Actor) -> bool:
        return self._central(actor, "file_mail") or self._originator(actor, "file_mail")

    @act(
        label=_("Put an e-mail on the case"),
        source=[status for status in OutgoingStatus if status != OutgoingStatus.CLOSED],
        target=None,
        permission=may_file_mail,
        conditions=[is_not_filed_yet],
    )
    def file_mail(self, doing: Doing, *, mail: CaseMail, files: Sequence[CaseMailFile]) -> Effects:
        """`mail`, `files`: unsaved, of stored bytes."""
        return _filed(self, doing, mail, files)


class MailsIn(models.Model):
    """The act in the requested side's file."""

    if TYPE_CHECKING:

        def at_work(self, actor: Actor) -> bool: ...

    class Meta:
        abstract = True

    def may_file_mail(self, actor: Actor) -> bool:
        return holds(actor, "incoming.file_mail") and self.at_work(actor)

    @act(
        label=_("Put an e-mail on the case"),
        source=[status for status in IncomingStatus if status != IncomingStatus.CLOSED],
        target=None,
        permission=may_file_mail,
        conditions=[is_not_filed_yet],
    )
    def file_mail(self, doing: Doing, *, mail: CaseMail, files: Sequence[CaseMailFile]) -> Effects:
        """As on the requesting side."""
        return _filed(self, doing, mail, files)
