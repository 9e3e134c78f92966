"""How people are told of what waits for them, outside the pages. A mail holds references and a link, never text of a case."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.actors import Actor
from mla.core.ids import uuid7
from workflows.engine.machine import Doing, Effects, act, permitted
from workflows.engine.models import CaseRow


class MailChoice(models.Model):
    """What one person wants by e-mail. Where there is none, nothing is sent."""

    class When(models.TextChoices):
        NEVER = "never", _("no e-mail: I look at the pages")
        DIGEST = "digest", _("one e-mail a day, if there is something")
        AT_ONCE = "at_once", _("an e-mail within minutes of each reminder and each message of another State")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mail_choice")
    when = models.CharField(max_length=10, choices=When, default=When.NEVER)
    hour = models.PositiveSmallIntegerField(default=7, help_text="of the digest, in the person's own time zone")
    weekends = models.BooleanField(default=False, help_text="the digest also on Saturdays and Sundays")
    chosen_at = models.DateTimeField()
    #: What was told already: the digest's day in the person's zone; of single mails, the last instant looked at.
    digested_on = models.DateField(null=True, blank=True)
    told_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hour__lte=23), name="notifying_hour"),
            models.CheckConstraint(condition=Q(when__in=["never", "digest", "at_once"]), name="notifying_when"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.when}"


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


class CalendarFeed(models.Model):
    """An address from which a calendar reads the deadlines of one hat. Its secret is kept as a digest alone."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    membership = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret in the address")
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True, help_text="last read by a calendar, to the hour")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["membership"], condition=Q(ended_at=None), name="notifying_one_feed"),
        ]

    def __str__(self) -> str:
        return f"calendar of {self.membership_id}"
