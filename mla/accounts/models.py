"""People, the hats they wear (a membership is one role at one authority, for a time), and how they are told."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mla.core.ids import uuid7


class Role(models.TextChoices):
    ORIGINATOR_DRAFTER = "originator_drafter", _("drafter of the originating authority")
    ORIGINATOR_SIGNATORY = "originator_signatory", _("signatory of the originating authority")
    DESK_OFFICER = "desk_officer", _("desk officer of the central authority")
    SUPERVISOR = "supervisor", _("supervisor")
    LEGAL = "legal", _("legal officer")
    TRANSLATOR = "translator", _("translator")
    REGISTRY = "registry", _("registry")
    DUTY_OFFICER = "duty_officer", _("24/7 duty officer")
    FOREIGN_OFFICER = "foreign_officer", _("officer of the other State")
    EXECUTING_OFFICER = "executing_officer", _("officer of the executing authority")
    AUDITOR = "auditor", _("auditor")
    LOCAL_ADMINISTRATOR = "local_administrator", _("administrator of the authority")
    TIMER = "timer", _("the system")


class User(AbstractUser):
    """A person who signs in."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    time_zone = models.CharField(max_length=60, default="UTC", help_text="IANA name")
    language = models.CharField(max_length=20, default="en")

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class MembershipQuerySet(models.QuerySet["Membership"]):
    def valid(self, at: datetime) -> MembershipQuerySet:
        """Memberships in effect at `at` (aware)."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=at), starts_at__lte=at)


class Membership(models.Model):
    """One hat. Ended, never deleted."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    authority = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=40, choices=Role)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "authority", "role"], condition=Q(ends_at=None), name="accounts_one_open_membership"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=models.F("starts_at")), name="accounts_membership_ends_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} at {self.authority_id}"


class MailChoice(models.Model):
    """What one person wants by e-mail. Where there is none, nothing is sent."""

    class When(models.TextChoices):
        NEVER = "never", _("no e-mail: I look at the pages")
        DIGEST = "digest", _("one e-mail a day, if there is something")
        AT_ONCE = "at_once", _("an e-mail within minutes of each reminder and each message of another State")

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="mail_choice")
    when = models.CharField(max_length=10, choices=When, default=When.NEVER)
    hour = models.PositiveSmallIntegerField(default=7, help_text="of the digest, in the person's own time zone")
    weekends = models.BooleanField(default=False, help_text="the digest also on Saturdays and Sundays")
    chosen_at = models.DateTimeField()
    #: What was told already: the digest's day in the person's zone; of single mails, the last instant looked at.
    digested_on = models.DateField(null=True, blank=True)
    told_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hour__lte=23), name="accounts_mail_hour"),
            models.CheckConstraint(condition=Q(when__in=["never", "digest", "at_once"]), name="accounts_mail_when"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.when}"


class CalendarFeed(models.Model):
    """An address from which a calendar reads the deadlines of one hat. Its secret is kept as a digest alone."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret in the address")
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True, help_text="last read by a calendar, to the hour")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["membership"], condition=Q(ended_at=None), name="accounts_one_calendar"),
        ]

    def __str__(self) -> str:
        return f"calendar of {self.membership_id}"
