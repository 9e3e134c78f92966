"""What ties a letter to earlier ones: the letter that it adds to or corrects, what was copied into it, the templates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.accounts.models import User
from workflows.engine.machine import Doing, Effects, act
from workflows.engine.models import CaseRow


class ReuseActs(models.Model):
    """The acts of a letter on what was copied into it."""

    class Meta:
        abstract = True

    def may_check_copied(self, actor: Actor) -> bool:
        found: bool = self._writer(actor, "check_copied")  # type: ignore[attr-defined]
        return found

    @act(label=_("Mark as looked at what was copied"), source=["open"], target=None, permission=may_check_copied)
    def check_copied(self, doing: Doing, *, rows: list[CopiedPart]) -> Effects:
        """`rows`: the parts that somebody has looked at again."""
        for row in rows:
            row.checked_at, row.checked_by_id = doing.at, doing.by.user_id
        return Effects(changed=[*rows], detail={"parts": sorted(row.part for row in rows)})


class LetterLink(models.Model):
    """A letter that follows an earlier one of ours: two cases, linked and never merged. Written once with the letter.

    `earlier_version` is the version that was sent; `reference`, `dated` and `content_hash` are what the later letter
    says of it, so that they stay as they were cited.
    """

    class Kind(models.TextChoices):
        SUPPLEMENT = "supplement", _("supplements")
        AMENDMENT = "amendment", _("corrects")
        FOLLOW_UP = "follow_up", _("follows the preservation of")
        RESUBMISSION = "resubmission", _("is sent again in the place of")
        REDIRECTION = "redirection", _("goes to the competent authority after")
        REOPENING = "reopening", _("takes up again")
        PROVIDER = "provider", _("asks the other provider that came to light in")

    #: Kinds of letters that print what they say otherwise than the earlier one.
    PRINTED: ClassVar[tuple[str, ...]] = (Kind.SUPPLEMENT, Kind.AMENDMENT)

    letter = models.ForeignKey("drafting.LetterOfRequest", on_delete=models.PROTECT, related_name="links")
    kind = models.CharField(max_length=20, choices=Kind)
    earlier = models.ForeignKey("drafting.LetterOfRequest", on_delete=models.PROTECT, related_name="followed_by")
    earlier_version = models.ForeignKey(
        "drafting.LetterVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reference = models.CharField(max_length=300, blank=True)
    dated = models.DateField(null=True, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    reason = models.TextField(max_length=5000, blank=True, help_text="of a reopening: why the case is taken up again")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["letter", "earlier", "kind"], name="drafting_one_link"),
            models.CheckConstraint(condition=~Q(letter=models.F("earlier")), name="drafting_link_two_letters"),
        ]

    def __str__(self) -> str:
        return f"{self.letter_id} {self.kind} {self.earlier_id}"

    def facts(self) -> dict[str, Any]:
        """Return what the record says of the link."""
        return {"kind": self.kind, "earlier": str(self.earlier.public_id), "content_hash": self.content_hash}


class CopiedPart(models.Model):
    """A part of a letter that was copied from elsewhere: to be looked at again until somebody saves it."""

    letter = models.ForeignKey("drafting.LetterOfRequest", on_delete=models.PROTECT, related_name="copied_parts")
    part = models.CharField(max_length=30, help_text="name of the part in the letter file")
    source = models.CharField(max_length=300, help_text="what it was copied from, in words")
    at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["letter", "part"], name="drafting_copied_once")]

    def __str__(self) -> str:
        return f"{self.part} of {self.letter_id}, copied"


class LetterTemplate(CaseRow):
    """Forms of words of one authority that its letters begin with: parts of a letter, nothing of a person or a case.

    Saved again under its name, it has a next `number`; what it was stays in its history, also when it is withdrawn.
    """

    KIND = "template"

    class Status(models.TextChoices):
        IN_USE = "in_use", _("in use")
        WITHDRAWN = "withdrawn", _("withdrawn")

    status = FSMField(choices=Status, default=Status.IN_USE, protected=True)
    name = models.CharField(max_length=200)
    number = models.PositiveIntegerField(default=1)
    parts = models.JSONField(help_text="names of the parts that it holds, in the order of the letter")
    content = models.JSONField(help_text="as templating.template_content makes it")
    letter = models.ForeignKey("drafting.LetterOfRequest", on_delete=models.PROTECT, related_name="+")
    saved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=["in_use", "withdrawn"]), name="drafting_template_status"),
            models.UniqueConstraint(fields=["authority", "name"], name="drafting_one_template"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.number}"

    def _ours(self, actor: Actor, act_name: str) -> bool:
        return holds(actor, f"template.{act_name}") and actor.authority_id == self.authority_id

    def may_save_again(self, actor: Actor) -> bool:
        return self._ours(actor, "save_again")

    @act(
        label=_("Save again"),
        source=[Status.IN_USE, Status.WITHDRAWN],
        target=Status.IN_USE,
        permission=may_save_again,
    )
    def save_again(self, doing: Doing, *, letter: Any, parts: Sequence[str], content: dict[str, Any]) -> Effects:
        """`parts`, `content`: as templating.template_content returns them for a version of `letter`."""
        self.number += 1
        self.letter, self.parts, self.content = letter, list(parts), content
        self.saved_by_id, self.saved_at = doing.by.user_id or 0, doing.at
        self.withdrawn_by_id, self.withdrawn_at = None, None
        return Effects(rows=[self.kept()], detail=self.facts())

    def may_withdraw(self, actor: Actor) -> bool:
        return self._ours(actor, "withdraw")

    @act(label=_("Withdraw the template"), source=[Status.IN_USE], target=Status.WITHDRAWN, permission=may_withdraw)
    def withdraw(self, doing: Doing) -> Effects:
        self.withdrawn_by_id, self.withdrawn_at = doing.by.user_id, doing.at
        return Effects(detail={"number": self.number})

    def kept(self) -> LetterTemplateVersion:
        """Return the row, unsaved, that keeps what the template is now."""
        return LetterTemplateVersion(
            template=self, number=self.number, parts=self.parts, content=self.content, letter_id=self.letter_id,
            by_id=self.saved_by_id, at=self.saved_at,
        )  # fmt: skip

    def facts(self) -> dict[str, Any]:
        """Return what the record says of a saving."""
        return {"number": self.number, "parts": sorted(self.parts), "letter": str(self.letter.public_id)}


class LetterTemplateVersion(models.Model):
    """What a template was from a day on; never changed. The latest is what it is now."""

    template = models.ForeignKey(LetterTemplate, on_delete=models.PROTECT, related_name="history")
    number = models.PositiveIntegerField()
    parts = models.JSONField()
    content = models.JSONField()
    letter = models.ForeignKey("drafting.LetterOfRequest", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="drafting_one_template_version")]

    def __str__(self) -> str:
        return f"{self.template_id} version {self.number}"


def about_reuse() -> dict[str, Exists]:
    """Return the annotations of a version.

    `copied`, a part waits to be looked at; `follows`, it prints a difference; `resubmits`, an earlier one came back.
    """
    copied = CopiedPart.objects.filter(letter=OuterRef("letter_id"), checked_at=None)
    follows = LetterLink.objects.filter(letter=OuterRef("letter_id"), kind__in=LetterLink.PRINTED)
    again = LetterLink.objects.filter(letter=OuterRef("letter_id"), kind=LetterLink.Kind.RESUBMISSION)
    return {"copied": Exists(copied), "follows": Exists(follows), "resubmits": Exists(again)}
