"""The letter of request and its versions: what is asked. How far it is, is lifecycle's."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.models import User
from mla.core.ids import uuid7
from workflows.engine.models import CaseRow


class Confidentiality(models.TextChoices):
    """Who of an authority sees a case. Restricted: the named persons alone, for others no hit and no count."""

    NORMAL = "normal", _("normal")
    CONFIDENTIAL = "confidential", _("confidential")
    RESTRICTED = "restricted", _("restricted")


class LetterOfRequest(CaseRow):
    """A letter, owned by the authority that drafts it. Its text lives in versions."""

    KIND = "letter"

    class Status(models.TextChoices):
        OPEN = "open", _("being drafted")
        FROZEN = "frozen", _("frozen")

    status = FSMField(choices=Status, default=Status.OPEN, protected=True)
    requesting = models.ForeignKey("reference.Jurisdiction", on_delete=models.PROTECT, related_name="+")
    requested = models.ForeignKey("reference.Jurisdiction", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=300)
    confidentiality = models.CharField(
        max_length=20, choices=Confidentiality, default=Confidentiality.NORMAL
    )
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    current = models.PositiveIntegerField(default=1, help_text="number of the current version")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(status__in=["open", "frozen"]), name="drafting_letter_status")]
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title


class LetterVersion(models.Model):
    """One version of a letter's content. Frozen, it never changes; its hash is what an approval binds to."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    authority = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="+")
    letter = models.ForeignKey(LetterOfRequest, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField(help_text="the letter file (docs/letter-format.md), as plain JSON")
    content_hash = models.CharField(max_length=64, blank=True, help_text="set when frozen")
    frozen_content = models.JSONField(null=True, blank=True, help_text="exactly what the hash covers")
    frozen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    editors = models.ManyToManyField(User, through="LetterEditor", related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["letter", "number"], name="drafting_one_version_number"),
            models.CheckConstraint(
                condition=Q(frozen_at=None, content_hash="") | Q(frozen_at__isnull=False) & ~Q(content_hash=""),
                name="drafting_frozen_has_hash",
            ),
        ]
        ordering = ["letter", "number"]

    def __str__(self) -> str:
        return f"{self.letter_id} version {self.number}"


class LetterEditor(models.Model):
    """Who wrote on a version: none of them may approve it."""

    version = models.ForeignKey(LetterVersion, on_delete=models.PROTECT)
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "user"], name="drafting_one_editor_row")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.version_id}"


class LetterShare(models.Model):
    """Sight of a letter given to another authority of the chain: of the draft, for advice, or of what was lodged."""

    class Kind(models.TextChoices):
        ADVICE = "advice", _("shared for advice")
        LODGED = "lodged", _("lodged")

    letter = models.ForeignKey(LetterOfRequest, on_delete=models.PROTECT, related_name="shares")
    authority = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    version_number = models.PositiveIntegerField(null=True, blank=True, help_text="which was lodged; empty: the draft")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["authority", "letter"], name="drafting_share")]

    def __str__(self) -> str:
        return f"{self.letter_id} {self.kind} to {self.authority_id}"


class NamedOfficer(models.Model):
    """A person who may see a restricted letter."""

    letter = models.ForeignKey(LetterOfRequest, on_delete=models.PROTECT, related_name="named_officers")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["letter", "user"], name="drafting_named_once")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.letter_id}"


class Annex(models.Model):
    """A file that goes with one version of a letter; kept in the content-addressed storage."""

    version = models.ForeignKey(LetterVersion, on_delete=models.PROTECT, related_name="annexes")
    key = models.CharField(max_length=40, help_text="its identifier in the letter, such as A1")
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="drafting_one_annex_key")]

    def __str__(self) -> str:
        return f"{self.key} {self.name}"


class Comment(models.Model):
    """A remark on one answer of a version. Read before the version is returned or approved."""

    version = models.ForeignKey(LetterVersion, on_delete=models.PROTECT, related_name="comments")
    question = models.CharField(max_length=200, blank=True, help_text="path of the answer; empty: the whole letter")
    text = models.TextField(max_length=5000)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.author_id} on {self.question or 'the letter'}"


class Waiver(models.Model):
    """A warning that a drafter set aside, with the reason that the approver sees."""

    version = models.ForeignKey(LetterVersion, on_delete=models.PROTECT, related_name="waivers")
    code = models.CharField(max_length=80)
    question = models.CharField(max_length=200, blank=True)
    reason = models.TextField(max_length=2000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "code", "question"], name="drafting_one_waiver")]

    def __str__(self) -> str:
        return f"{self.code} waived"
