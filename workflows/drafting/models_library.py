"""The library of offences of a State: what its law says, once, for every letter that names the offence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.accounts.models import User
from mla.reference.models import Authority
from workflows.drafting.vocabulary import OffenceCategory
from workflows.engine.machine import Doing, Effects, act
from workflows.engine.models import CaseRow

#: What an entry says, in the order in which it is shown.
SAID: Final = (
    "title", "category", "provision", "law_text", "maximum_penalty", "maximum_years", "limitation", "source",
    "last_verified", "to_be_confirmed",
)  # fmt: skip


class OffenceEntry(CaseRow):
    """One offence as the law of the authority's State has it. Open to every authority of that State; kept when withdrawn."""

    KIND = "offence"

    class Status(models.TextChoices):
        IN_USE = "in_use", _("in use")
        WITHDRAWN = "withdrawn", _("withdrawn")

    status = FSMField(choices=Status, default=Status.IN_USE, protected=True)
    title = models.CharField(max_length=300)
    category = models.CharField(max_length=60)
    provision = models.CharField(max_length=300)
    law_text = models.TextField(max_length=20_000)
    maximum_penalty = models.CharField(max_length=300)
    maximum_years = models.PositiveSmallIntegerField(null=True, blank=True, help_text="100 for life")
    limitation = models.TextField(max_length=2000, blank=True)
    source = models.CharField(max_length=300, blank=True)
    last_verified = models.DateField(null=True, blank=True)
    to_be_confirmed = models.BooleanField(default=True)

    class Meta:
        ordering = ["title", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=["in_use", "withdrawn"]), name="drafting_offence_status"),
            models.CheckConstraint(
                condition=Q(category__in=get_args(OffenceCategory)), name="drafting_offence_category"
            ),
            models.UniqueConstraint(
                fields=["authority", "provision", "title"],
                condition=Q(status="in_use"),
                name="drafting_one_offence",
            ),
        ]
        indexes = [models.Index(fields=["authority", "title", "id"], name="drafting_offence_list")]

    def __str__(self) -> str:
        return f"{self.title}, {self.provision}"

    def said(self) -> dict[str, Any]:
        """Return what the entry says, as plain values."""
        values = {name: getattr(self, name) for name in SAID}
        return values | {"last_verified": self.last_verified.isoformat() if self.last_verified else None}

    def _of_its_state(self, actor: Actor, act_name: str) -> bool:
        if not holds(actor, f"offence.{act_name}"):
            return False
        return Authority.objects.filter(
            pk=actor.authority_id or 0, jurisdiction__authorities__pk=self.authority_id
        ).exists()

    def may_change(self, actor: Actor) -> bool:
        return self._of_its_state(actor, "change")

    @act(label=_("Change the entry"), source=[Status.IN_USE], target=None, permission=may_change)
    def change(self, doing: Doing, *, values: Mapping[str, Any]) -> Effects:
        """`values`: by the names of SAID, checked by the form."""
        before = self.said()
        for name in SAID:
            setattr(self, name, values[name])
        changed = sorted(name for name, value in self.said().items() if value != before[name])
        return Effects(rows=[self.kept(doing.by, doing.at, self.version + 1)], detail={"changed": changed})

    def may_withdraw(self, actor: Actor) -> bool:
        return self._of_its_state(actor, "withdraw")

    @act(label=_("Withdraw the entry"), source=[Status.IN_USE], target=Status.WITHDRAWN, permission=may_withdraw)
    def withdraw(self, doing: Doing) -> Effects:
        return Effects()

    def kept(self, by: Actor, at: Any, number: int) -> OffenceEntryVersion:
        """Return the row, unsaved, that keeps what the entry says now."""
        return OffenceEntryVersion(entry=self, number=number, values=self.said(), by_id=by.user_id or 0, at=at)


class OffenceEntryVersion(models.Model):
    """What an entry said from a day on; never changed. The latest is what it says now."""

    entry = models.ForeignKey(OffenceEntry, on_delete=models.PROTECT, related_name="history")
    number = models.PositiveIntegerField()
    values = models.JSONField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["entry", "number"], name="drafting_one_offence_version")]

    def __str__(self) -> str:
        return f"{self.entry_id} version {self.number}"
