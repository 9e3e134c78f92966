"""The ledger of evidence: where an exhibit comes from, to whom it went on, what other use was asked, what use was made.

Beside each file of evidence and its chain of custody. What both States know has the same identifier on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mla.core.ids import uuid7
from workflows.lifecycle.models.rows import ONE_SIDE, Evidence, OfOneSide

if TYPE_CHECKING:
    from datetime import date

    from workflows.engine.machine import Doing


@dataclass(frozen=True, slots=True)
class Origin:
    """Where evidence comes from, as far as it is known. `form`: a code of `ExhibitOrigin.Form`; `acquired_at` is aware."""

    obtained_from: str = ""
    obtained_by: str = ""
    how: str = ""
    form: str = "not_known"
    tool: str = ""
    acquired_at: datetime | None = None


class ExhibitOrigin(models.Model):
    """What is known of where an exhibit comes from. Append-only: the latest row of a file counts, a correction is a new one."""

    class Form(models.TextChoices):
        ORIGINAL = "original", _("original")
        COPY = "copy", _("copy")
        EXTRACT = "extract", _("extract")
        NOT_KNOWN = "not_known", _("not known")

    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="origins")
    obtained_from = models.CharField(max_length=300, blank=True, help_text="who held it: a provider, a bank, a person")
    obtained_by = models.CharField(max_length=300, blank=True, help_text="the authority that obtained it")
    how = models.CharField(max_length=1000, blank=True, help_text="by which measure or order, in words")
    form = models.CharField(max_length=20, choices=Form, default=Form.NOT_KNOWN)
    tool = models.CharField(max_length=300, blank=True, help_text="of the acquisition, with its version")
    acquired_at = models.DateTimeField(null=True, blank=True, help_text="when it was acquired, where that is known")
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.form} of {self.evidence_id}"

    def said(self) -> Origin:
        """Return what is told of it to the other State."""
        return Origin(self.obtained_from, self.obtained_by, self.how, self.form, self.tool, self.acquired_at)


class OtherUse(OfOneSide):
    """Another use of evidence than the stated one, or its transfer: asked by the requesting State, answered by the requested.

    UNTOC article 18(19), UNCAC article 46(19). A notice before the disclosure of what is exculpatory waits for no answer.
    """

    class Kind(models.TextChoices):
        USE = "use", _("use for another purpose")
        TRANSFER = "transfer", _("transfer to another")
        EXCULPATORY = "exculpatory", _("disclosure of what is exculpatory")

    class Choice(models.TextChoices):
        CONSENT = "consent", _("consent is given")
        CONDITIONS = "conditions", _("consent is given on conditions")
        DECLINED = "declined", _("consent is not given")

    use_id = models.UUIDField(default=uuid7, help_text="the same on both sides")
    kind = models.CharField(max_length=20, choices=Kind)
    purpose = models.TextField(max_length=20_000, help_text="what for, and in which proceedings")
    recipient = models.CharField(max_length=300, blank=True, help_text="of a transfer")
    reason = models.TextField(max_length=20_000, blank=True)
    due = models.DateField(null=True, blank=True, help_text="by when an answer is wished")
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    choice = models.CharField(max_length=20, choices=Choice, blank=True)
    answer = models.TextField(max_length=20_000, blank=True, help_text="reasons, or the conditions of a consent")
    article = models.CharField(max_length=120, blank=True)
    until = models.DateField(null=True, blank=True, help_text="the last day of the consent")
    answered_by = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    files = models.ManyToManyField(
        Evidence, through="lifecycle.OtherUseFile", related_name="other_uses", help_text="none: all that was furnished"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_use_one_side"),
            models.CheckConstraint(
                condition=Q(answered_at=None, choice="") | Q(answered_at__isnull=False) & ~Q(choice=""),
                name="lifecycle_use_answer",
            ),
            models.CheckConstraint(
                condition=~Q(kind="exculpatory") | Q(answered_at=None), name="lifecycle_use_notice_waits_for_none"
            ),
            models.UniqueConstraint(fields=["authority", "use_id"], name="lifecycle_use_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.purpose[:60]}"

    @property
    def is_open(self) -> bool:
        """Tell whether it waits for its answer."""
        return self.kind != self.Kind.EXCULPATORY and self.answered_at is None

    def allows(self, day: date) -> bool:
        """Tell whether the consent was given and has not ended on that day."""
        given = self.choice in (self.Choice.CONSENT, self.Choice.CONDITIONS)
        return given and (self.until is None or day <= self.until)

    def covers(self, file: Evidence) -> bool:
        """Tell whether it speaks of that file: of those it names, or of everything."""
        named = [one.pk for one in self.files.all()]
        return not named or file.pk in named


class OtherUseFile(models.Model):
    use = models.ForeignKey(OtherUse, on_delete=models.PROTECT, related_name="named_files")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["use", "evidence"], name="lifecycle_use_file_once")]

    def __str__(self) -> str:
        return f"{self.evidence_id} in {self.use_id}"


class Transfer(OfOneSide):
    """That evidence went on to another authority or person: to whom, why, under which consent. Append-only."""

    transfer_id = models.UUIDField(default=uuid7, unique=True)
    recipient = models.CharField(max_length=300)
    purpose = models.TextField(max_length=20_000)
    other_purpose = models.BooleanField(help_text="for something else than the proceedings stated in the request")
    on = models.DateField()
    consent = models.ForeignKey(OtherUse, null=True, blank=True, on_delete=models.PROTECT, related_name="transfers")
    note = models.TextField(max_length=2000, blank=True)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()
    files = models.ManyToManyField(Evidence, through="lifecycle.TransferFile", related_name="transfers")

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_transfer_one_side")]

    def __str__(self) -> str:
        return f"to {self.recipient} on {self.on}"


class TransferFile(models.Model):
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="named_files")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["transfer", "evidence"], name="lifecycle_transfer_file_once")]

    def __str__(self) -> str:
        return f"{self.evidence_id} with {self.transfer_id}"


class UseAccount(OfOneSide):
    """What use was made of evidence: asked by the requested State (Budapest article 28(4)), or given unasked.

    An answer belongs to the question that it answers: `asked_at` is empty where nobody asked.
    """

    account_id = models.UUIDField(default=uuid7, help_text="the same on both sides")
    question = models.TextField(max_length=20_000, blank=True)
    due = models.DateField(null=True, blank=True)
    asked_by = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    used_for = models.TextField(max_length=20_000, blank=True, help_text="what for")
    proceedings = models.CharField(max_length=300, blank=True, help_text="court and number, or what they are called")
    used_on = models.DateField(null=True, blank=True, help_text="when, or when last")
    other_purpose = models.BooleanField(default=False)
    given_by = models.CharField(max_length=200, blank=True)
    given_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_account_one_side"),
            models.CheckConstraint(
                condition=Q(asked_at__isnull=False) | Q(given_at__isnull=False), name="lifecycle_account_says"
            ),
            models.CheckConstraint(
                condition=Q(given_at=None, used_for="") | Q(given_at__isnull=False) & ~Q(used_for=""),
                name="lifecycle_account_given",
            ),
            models.UniqueConstraint(fields=["authority", "account_id"], name="lifecycle_account_once"),
        ]

    def __str__(self) -> str:
        return self.used_for[:60] or self.question[:60]

    def given(self, doing: Doing, *, used_for: str, proceedings: str, used_on: Any, other_purpose: bool) -> UseAccount:
        self.used_for, self.proceedings, self.used_on = used_for, proceedings, used_on
        self.other_purpose = other_purpose
        self.given_by, self.given_at = doing.by.label, doing.at
        return self


def origin_of(file: Evidence) -> ExhibitOrigin | None:
    """Return what is known last of where a file comes from. No query where `origins` was read with it."""
    return max(file.origins.all(), key=lambda row: row.pk, default=None)


def use_rows(case: Any, doing: Doing, *, files: Iterable[Evidence], **told: Any) -> list[models.Model]:
    """Return the rows of another use that is asked, unsaved: itself, and the files that it names."""
    row = OtherUse(
        authority_id=case.authority_id, asked_by=doing.by.label, asked_at=doing.at, **{case.KIND: case}, **told
    )
    return [row, *(OtherUseFile(use=row, evidence=file) for file in files)]


def use_answered(
    use: OtherUse, doing: Doing, *, choice: str, answer: str, article: str = "", until: Any = None
) -> OtherUse:
    """Write the answer to another use into its row; it binds from then on."""
    use.choice, use.answer, use.article, use.until = choice, answer, article, until
    use.answered_by, use.answered_at = doing.by.label, doing.at
    return use
