"""Break-glass: sight of one restricted case, for a person who is not named, for some hours and to read alone.

Table: docs/adr/0002-state-machines.md. It gives no right to any act on the case and puts it into no list.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.actors import Actor
from mla.core import clock
from workflows.engine.machine import Doing, Effects, act, permitted
from workflows.engine.models import CaseRow
from workflows.lifecycle import guards
from workflows.lifecycle import guards_break_glass as glass
from workflows.lifecycle.models.rows import ONE_SIDE


class BreakGlass(CaseRow):
    """That a person opened one restricted case, for which purpose and until when. Of the person's authority."""

    KIND: ClassVar[str] = "break_glass"

    class Status(models.TextChoices):
        OPENED = "opened", _("not looked at by the auditor yet")
        REVIEWED = "reviewed", _("looked at by the auditor")

    status = FSMField(choices=Status, default=Status.OPENED, protected=True)
    outgoing = models.ForeignKey("lifecycle.OutgoingRequest", null=True, blank=True, on_delete=models.PROTECT)
    incoming = models.ForeignKey("lifecycle.IncomingRequest", null=True, blank=True, on_delete=models.PROTECT)
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)
    purpose = models.CharField(max_length=40, help_text="a code of mla/reference/data/break_glass.toml")
    words = models.TextField(max_length=500)
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.CharField(max_length=200, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    review_words = models.TextField(max_length=5000, blank=True)

    class Meta:
        verbose_name = _("break-glass access")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["opened", "reviewed"]), name="lifecycle_break_glass_status"
            ),
            models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_break_glass_one_side"),
        ]
        indexes = [
            models.Index(
                fields=["authority", "-id"], condition=models.Q(status="opened"), name="lifecycle_glass_unreviewed"
            )
        ]

    def __str__(self) -> str:
        return str(self.case)

    @property
    def case(self) -> Any:
        return self.outgoing or self.incoming

    def holds_at(self, now: datetime) -> bool:
        """Tell whether it still gives sight of the case."""
        return self.ended_at is None and self.until > now

    @property
    def holds(self) -> bool:
        return self.holds_at(clock.now())

    def may_end(self, actor: Actor) -> bool:
        return permitted(self, actor, "end") and actor.user_id == self.user_id

    @act(
        label=_("Close the restricted case again"),
        source=[Status.OPENED, Status.REVIEWED],
        target=None,
        permission=may_end,
        conditions=[glass.still_holds],
    )
    def end(self, doing: Doing) -> Effects:
        """Sight ends before its time; the auditor looks at it all the same."""
        self.ended_at = doing.at
        return Effects(detail={"case": str(self.case.public_id)})

    def may_review(self, actor: Actor) -> bool:
        return permitted(self, actor, "review")

    @act(
        label=_("Record what came of it"),
        source=[Status.OPENED],
        target=Status.REVIEWED,
        permission=may_review,
        conditions=[glass.is_another_person, guards.needs("reason")],
    )
    def review(self, doing: Doing, *, reason: str) -> Effects:
        """Changes nothing of the case: the auditor's own word on whether the opening was justified."""
        self.reviewed_by, self.reviewed_at, self.review_words = doing.by.label, doing.at, reason
        return Effects(reason=reason, detail={"case": str(self.case.public_id)})


class BreakGlassAttempt(models.Model):
    """That a person asked for a restricted case by its reference, whatever came of it: counted, then forgotten."""

    authority = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "at"], name="lifecycle_glass_attempts")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.at:%Y-%m-%d %H:%M}"
