"""An operation groups parallel requests, out and in, of one authority. Its cases stay cases of their own.

Table: docs/adr/0002-state-machines.md.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.actors import Actor
from workflows.engine.machine import Doing, Effects, act, permitted
from workflows.engine.models import CaseRow
from workflows.lifecycle import guards
from workflows.lifecycle import guards_together as together
from workflows.lifecycle.models.rows import ONE_SIDE


class Operation(CaseRow):
    """Requests that belong to one inquiry or action day. Restricted: for the named persons alone."""

    KIND = "operation"

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    status = FSMField(choices=Status, default=Status.OPEN, protected=True)
    name = models.CharField(max_length=200)
    description = models.TextField(max_length=5000, blank=True)
    restricted = models.BooleanField(default=False)
    opened_by = models.CharField(max_length=200)
    closed_at = models.DateTimeField(null=True, blank=True)
    closing_words = models.TextField(max_length=5000, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=["open", "closed"]), name="lifecycle_operation_status"),
            models.UniqueConstraint(fields=["authority", "name"], name="lifecycle_operation_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def has(self, case: Any) -> bool:
        """Tell whether a case belongs to it now."""
        return self.members.filter(removed_at=None, **{case.KIND: case}).exists()

    def may_add(self, actor: Actor) -> bool:
        return permitted(self, actor, "add")

    @act(
        label=_("Put a case into the operation"),
        source=[Status.OPEN],
        target=None,
        permission=may_add,
        conditions=[together.case_is_of_its_authority, together.case_is_not_in_it],
    )
    def add(self, doing: Doing, *, member: Any) -> Effects:
        row = OperationMember(operation=self, added_by=doing.by.label, added_at=doing.at, **{member.KIND: member})
        return Effects(rows=[row], detail={"case": str(member.public_id)})

    def may_remove(self, actor: Actor) -> bool:
        return permitted(self, actor, "remove")

    @act(
        label=_("Take a case out of the operation"),
        source=[Status.OPEN],
        target=None,
        permission=may_remove,
        conditions=[together.case_is_in_it, guards.needs("reason")],
    )
    def remove(self, doing: Doing, *, member: Any, reason: str) -> Effects:
        row = self.members.get(removed_at=None, **{member.KIND: member})
        row.removed_by, row.removed_at = doing.by.label, doing.at
        return Effects(changed=[row], reason=reason, detail={"case": str(member.public_id)})

    def may_name_officer(self, actor: Actor) -> bool:
        return permitted(self, actor, "name_officer")

    @act(
        label=_("Name an officer"),
        source=[Status.OPEN],
        target=None,
        permission=may_name_officer,
        conditions=[together.is_restricted, guards.needs("user"), together.officer_is_of_its_authority],
    )
    def name_officer(self, doing: Doing, *, user: Any) -> Effects:
        rows: list[models.Model] = []
        if not self.officers.filter(user=user).exists():
            rows.append(OperationOfficer(operation=self, user=user, at=doing.at))
        return Effects(rows=rows, detail={"officer": str(user.public_id)})

    def may_close(self, actor: Actor) -> bool:
        return permitted(self, actor, "close")

    @act(
        label=_("Close the operation"),
        source=[Status.OPEN],
        target=Status.CLOSED,
        permission=may_close,
        conditions=[guards.needs("reason")],
    )
    def close(self, doing: Doing, *, reason: str) -> Effects:
        """Its cases go on: none of them is closed with it."""
        self.closed_at, self.closing_words = doing.at, reason
        return Effects(reason=reason)


class OperationMember(models.Model):
    """That a case belongs to an operation, from when until when. A case that comes back has a new row."""

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="members")
    outgoing = models.ForeignKey("lifecycle.OutgoingRequest", null=True, blank=True, on_delete=models.PROTECT)
    incoming = models.ForeignKey("lifecycle.IncomingRequest", null=True, blank=True, on_delete=models.PROTECT)
    added_by = models.CharField(max_length=200)
    added_at = models.DateTimeField()
    removed_by = models.CharField(max_length=200, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_member_one_side"),
            models.UniqueConstraint(
                fields=["operation", "outgoing"], condition=Q(removed_at=None), name="lifecycle_member_once_out"
            ),
            models.UniqueConstraint(
                fields=["operation", "incoming"], condition=Q(removed_at=None), name="lifecycle_member_once_in"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operation_id}: {self.outgoing_id or self.incoming_id}"


class OperationOfficer(models.Model):
    """A person who may see a restricted operation."""

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="officers")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["operation", "user"], name="lifecycle_operation_named_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.operation_id}"
