"""What the requesting State wishes while its request is with the other: rows of both sides, the same identifiers.

Only the requested State writes how the request stands; the other asks, and sees the answer or that there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mla.core.ids import uuid7
from workflows.lifecycle.models.rows import ONE_SIDE, OfOneSide

if TYPE_CHECKING:
    from workflows.engine.machine import Doing

#: `desired` of a case whose request is needed no longer as a whole: other than a withdrawal, what is ready is still sent.
NOT_NEEDED = "not_needed"


class Wish(OfOneSide):
    """One wish. `answer`, `choice` and the day of the next news are the requested State's; it is answered once.

    `rung`: of a reminder, which one of its ladder; `silent_since`: since when nothing was heard, as the sender counts it.
    """

    class Kind(models.TextChoices):
        STATUS = "status", _("how does it stand?")
        EXPEDITE = "expedite", _("please expedite it")
        NOT_NEEDED = "not_needed", _("no longer needed")
        REMINDER = "reminder", _("reminder")

    #: Answered by how it stands; the rest by a yes or a no.
    ASKS_STATUS = (Kind.STATUS, Kind.REMINDER)

    class Choice(models.TextChoices):
        TOLD = "told", _("told")
        EXPEDITED = "expedited", _("it is expedited")
        NOT_EXPEDITED = "not_expedited", _("it cannot be expedited")
        STOPPED = "stopped", _("stopped")
        NOT_STOPPED = "not_stopped", _("it cannot be stopped any more")

    CHOICES_OF = {
        Kind.STATUS: (Choice.TOLD,),
        Kind.REMINDER: (Choice.TOLD,),
        Kind.EXPEDITE: (Choice.EXPEDITED, Choice.NOT_EXPEDITED),
        Kind.NOT_NEEDED: (Choice.STOPPED, Choice.NOT_STOPPED),
    }

    wish_id = models.UUIDField(default=uuid7, help_text="the same on both sides")
    kind = models.CharField(max_length=20, choices=Kind)
    words = models.TextField(max_length=20_000, blank=True)
    needed_by = models.DateField(null=True, blank=True)
    items: models.JSONField[list[str], list[str]] = models.JSONField(
        default=list, blank=True, help_text="keys of items; none: the whole request"
    )
    rung = models.PositiveSmallIntegerField(default=0)
    rungs = models.PositiveSmallIntegerField(default=0, help_text="how many reminders the ladder has")
    silent_since = models.DateTimeField(null=True, blank=True)
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    choice = models.CharField(max_length=20, choices=Choice, blank=True)
    answer = models.TextField(max_length=20_000, blank=True)
    next_on = models.DateField(null=True, blank=True, help_text="when the next news is expected")
    status_told = models.CharField(max_length=20, blank=True, help_text="of the request over there, as the answer says")
    answered_by = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "wishes"
        constraints = [
            models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_wish_one_side"),
            models.CheckConstraint(
                condition=Q(kind__in=["status", "expedite", "not_needed", "reminder"]), name="lifecycle_wish_kind"
            ),
            models.CheckConstraint(
                condition=Q(kind="reminder", rung__gte=1) | ~Q(kind="reminder") & Q(rung=0), name="lifecycle_wish_rung"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, choice="") | Q(answered_at__isnull=False) & ~Q(choice=""),
                name="lifecycle_wish_answered",
            ),
            models.UniqueConstraint(fields=["authority", "wish_id"], name="lifecycle_wish_once"),
            # Each rung once in one silence, whoever pressed.
            models.UniqueConstraint(
                fields=["outgoing", "silent_since", "rung"], condition=Q(rung__gt=0), name="lifecycle_wish_one_rung"
            ),
        ]
        indexes = [
            models.Index(fields=["outgoing"], condition=Q(answered_at=None), name="lifecycle_wish_open_out"),
            models.Index(fields=["incoming"], condition=Q(answered_at=None), name="lifecycle_wish_open_in"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.asked_at:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        return self.answered_at is None

    def answered(self, doing: Doing, *, choice: str, answer: str, next_on: Any = None, status_told: str = "") -> Wish:
        """Return the row with its answer, unsaved."""
        self.choice, self.answer, self.next_on, self.status_told = choice, answer, next_on, status_told
        self.answered_by, self.answered_at = doing.by.label, doing.at
        return self


class WithWishes(models.Model):
    """What both kinds of case file keep of their wishes, so that a list needs not read them. The acts alone set it."""

    wished_at = models.DateTimeField(
        null=True, blank=True, help_text="when the oldest wish that is not answered was asked"
    )

    if TYPE_CHECKING:
        authority_id: int
        wish_set: Any

    class Meta:
        abstract = True

    def _wish(self, doing: Doing, kind: str, *, wish_id: Any = None, **told: Any) -> Wish:
        """Return a wish asked now, unsaved."""
        self.wished_at = self.wished_at or doing.at
        return Wish(
            authority_id=self.authority_id,
            kind=kind,
            asked_by=doing.by.label,
            asked_at=doing.at,
            **{self.KIND: self},  # type: ignore[attr-defined]
            **({"wish_id": wish_id} if wish_id else {}),
            **told,
        )

    def _answered(self, wishes: Sequence[Wish]) -> None:
        left = self.wish_set.filter(answered_at=None).exclude(pk__in=[one.pk for one in wishes])
        self.wished_at = left.order_by("asked_at").values_list("asked_at", flat=True).first()
