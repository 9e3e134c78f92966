"""How people are told of what waits for them, outside the pages. A mail holds references and a link, never text of a case."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.actors import Actor
from mla.accounts.models import MailChoice
from workflows.engine.machine import Doing, Effects, act, permitted
from workflows.engine.models import CaseRow


class Mail(CaseRow):
    """One e-mail to one person. What it says is put together when it leaves; here stands only from when on it tells."""

    KIND = "mail"

    class Status(models.TextChoices):
        QUEUED = "queued", _("to be sent")
        SENT = "sent", _("sent")
        EMPTY = "empty", _("nothing was left to tell")
        FAILED = "failed", _("not sent")

    status = FSMField(choices=Status, default=Status.QUEUED, protected=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    when = models.CharField(max_length=10, choices=MailChoice.When)
    since = models.DateTimeField(help_text="what happened after it is told")
    until = models.DateTimeField(help_text="and what happened up to it")
    lines = models.PositiveSmallIntegerField(default=0, help_text="how many things it told")

    class Meta:
        verbose_name = _("e-mail to a person")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "sent", "empty", "failed"]), name="notifying_mail"
            ),
            models.UniqueConstraint(fields=["user", "since"], name="notifying_mail_once"),
        ]

    def __str__(self) -> str:
        return f"{self.when} to {self.user_id}: {self.status}"

    def may_note_sent(self, actor: Actor) -> bool:
        return permitted(self, actor, "note_sent")

    @act(label=_("Send the e-mail"), source=[Status.QUEUED], target=Status.SENT, permission=may_note_sent)
    def note_sent(self, doing: Doing, *, lines: int) -> Effects:
        self.lines = lines
        return Effects(detail={"lines": lines})

    def may_note_empty(self, actor: Actor) -> bool:
        return permitted(self, actor, "note_empty")

    @act(label=_("Send nothing"), source=[Status.QUEUED], target=Status.EMPTY, permission=may_note_empty)
    def note_empty(self, doing: Doing) -> Effects:
        """What it was to tell was seen meanwhile, or the person may not see it any more."""
        return Effects()

    def may_fail(self, actor: Actor) -> bool:
        return permitted(self, actor, "fail")

    @act(label=_("Give the e-mail up"), source=[Status.QUEUED], target=Status.FAILED, permission=may_fail)
    def fail(self, doing: Doing) -> Effects:
        return Effects()
