"""What is kept of the transfer of a person in custody: statuses, the days and places of it, and later days of return."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.core.ids import uuid7
from mla.core.languages import house_words
from mla.reference.custody import custody_codes
from workflows.engine.machine import Doing
from workflows.lifecycle.models.short import ShortMachine


class Status(models.TextChoices):
    REQUESTED = "requested", _("requested")
    CONSENT_OBTAINED = "consent_obtained", _("consent obtained")
    CONSENT_REFUSED = "consent_refused", _("consent refused")
    DECLINED = "declined", _("declined")
    ARRANGEMENTS_AGREED = "arrangements_agreed", _("arrangements agreed")
    TRANSFERRED = "transferred", _("transferred, to be returned")
    RETURNED = "returned", _("returned")
    RELEASED = "released", _("released there, no return")


#: Before the person has left.
BEFORE = [Status.REQUESTED, Status.CONSENT_OBTAINED, Status.ARRANGEMENTS_AGREED]
ARRANGED = ("transfer_on", "transfer_place", "return_on", "return_place", "transit", "custody_terms", "time_credit",
            "safe_conduct")  # fmt: skip


class ReturnExtension(models.Model):
    """A later day of return: asked for by the State that has the person, said by the State from which the person comes."""

    class State(models.TextChoices):
        OPEN = "open", _("asked for")
        AGREED = "agreed", _("agreed")
        REFUSED = "refused", _("not agreed: the day stands")

    item = models.ForeignKey("lifecycle.RequestedItem", on_delete=models.PROTECT, related_name="+")
    extension_id = models.UUIDField(default=uuid7, help_text="the same on both sides")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    wished_on = models.DateField(null=True, blank=True)
    reason = models.TextField(max_length=20_000, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    was_on = models.DateField(null=True, blank=True, help_text="the day of return until then")
    agreed_on = models.DateField(null=True, blank=True)
    answer = models.TextField(max_length=20_000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["item", "extension_id"], name="lifecycle_extension_once"),
            models.CheckConstraint(
                condition=~Q(state="agreed") | Q(agreed_on__isnull=False), name="lifecycle_extension_agreed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.state}"

    def answered(self, doing: Doing, state: str, answer: str) -> ReturnExtension:
        self.state, self.answer, self.answered_at = state, answer, doing.at
        return self


class CustodyRow(ShortMachine):
    """What both sides have of it. Days are those that were said; instants are UTC."""

    MEASURE = "transfer-in-custody"

    # Declared once, on this class: acts that two machines share are found by it.
    status = FSMField(choices=Status, default=Status.REQUESTED, protected=True)
    consent_on = models.DateField(null=True, blank=True, help_text="when the person consented, or refused to")
    consent_taken_by = models.CharField(max_length=300, blank=True)
    consent_before = models.CharField(max_length=60, blank=True, help_text="code of custody.toml, or as it came")
    consent_words = models.TextField(max_length=20_000, blank=True)
    ground = models.CharField(max_length=60, blank=True, help_text="code of custody.toml, or as it came")
    article = models.CharField(max_length=120, blank=True)
    reason = models.TextField(max_length=20_000, blank=True, help_text="why it was declined")
    transfer_on = models.DateField(null=True, blank=True, help_text="as it is agreed")
    transfer_place = models.CharField(max_length=300, blank=True)
    return_on = models.DateField(null=True, blank=True, help_text="as it is agreed; the last good day")
    return_since = models.DateTimeField(null=True, blank=True, help_text="when that day was agreed")
    return_place = models.CharField(max_length=300, blank=True)
    transit = models.JSONField(default=list, blank=True, help_text="codes of the States on the way")
    custody_terms = models.TextField(max_length=20_000, blank=True)
    time_credit = models.TextField(max_length=5000, blank=True, help_text="how the time counts, UNTOC 18(11)(d)")
    safe_conduct = models.TextField(max_length=20_000, blank=True, help_text="UNTOC 18(12), ETS 030 article 12")
    transferred_on = models.DateField(null=True, blank=True)
    transferred_place = models.CharField(max_length=300, blank=True)
    transferred_by = models.CharField(max_length=300, blank=True, help_text="who handed the person over")
    transferred_to = models.CharField(max_length=300, blank=True)
    returned_on = models.DateField(null=True, blank=True)
    returned_place = models.CharField(max_length=300, blank=True)
    returned_by = models.CharField(max_length=300, blank=True)
    returned_to = models.CharField(max_length=300, blank=True)
    released_on = models.DateField(null=True, blank=True)
    release_why = models.CharField(max_length=60, blank=True, help_text="code of custody.toml, or as it came")
    release_words = models.TextField(max_length=20_000, blank=True)

    class Meta:
        abstract = True

    @property
    def is_over(self) -> bool:
        """Tell whether the person is in the other State and neither back nor released there."""
        return bool(self.status == Status.TRANSFERRED)

    @property
    def from_us(self) -> bool:
        """Tell whether the person comes from our State: the letter says which way; without it, to the one that asks."""
        outgoing, incoming = self.item.outgoing, self.item.incoming
        if outgoing is not None:
            version = outgoing.approved_version if outgoing.approved_version_id else None
            return _way(version.content if version else None, self.item.key) == "to_them"
        return incoming is not None and _way(incoming.content, self.item.key) != "to_them"

    @cached_property
    def extensions(self) -> list[ReturnExtension]:
        """Return the later days of return, the oldest first; read once a row, which is read anew for each act."""
        return list(ReturnExtension.objects.filter(item=self.item_id).order_by("id"))

    @property
    def open_extension(self) -> ReturnExtension | None:
        if self.status != Status.TRANSFERRED:
            return None
        return next((one for one in self.extensions if one.state == ReturnExtension.State.OPEN), None)

    @property
    def before_words(self) -> str:
        return _words("before", self.consent_before)

    @property
    def ground_words(self) -> str:
        return _words("decline", self.ground)

    @property
    def release_why_words(self) -> str:
        return _words("release", self.release_why)


def _way(content: Any, key: str) -> str:
    """Return which way the letter says; what came from outside may lack anything."""
    items = content.get("items") if isinstance(content, dict) else None
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and item.get("id") == key:
            answers = item.get("answers")
            return str(answers.get("transfer_way") or "") if isinstance(answers, dict) else ""
    return ""


def _words(table: str, code: str) -> str:
    known = custody_codes(table).get(code)
    return house_words(known.name) if known else code
