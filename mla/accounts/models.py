"""People and the hats they wear: a membership is one role at one authority, for a time."""

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
