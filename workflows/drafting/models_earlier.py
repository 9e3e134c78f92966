"""How an open version stood before: what its writers go back to. Part of models.py, which it is written in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.db import models

from mla.accounts.models import User
from mla.core.ids import uuid7
from workflows.drafting.models_sealed import sealed_rows
from workflows.drafting.sealing import as_protected, taken_apart
from workflows.drafting.sittings import begins_sitting, place_of
from workflows.engine.machine import Doing


class Written(models.Model):
    """A version as its writers save it, answer by answer."""

    content: models.JSONField[Any, Any]
    changed_at: models.DateTimeField[Any, Any]
    written_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(null=True, blank=True, help_text="the last save of an answer")
    written_place = models.CharField(max_length=80, blank=True, help_text="the part that the last save changed")

    class Meta:
        abstract = True

    def take(self, content: Mapping[str, Any], doing: Doing, *, always: bool = False) -> list[models.Model]:
        """Take the content of a save, protected identities apart; return the rows of these, and the state before it.

        That state is kept where it is one to go back to, or `always`.
        """
        apart = taken_apart(content)
        content = apart.content
        place = place_of(self.content, content)[:80]
        begins = always or self.written_at is None or begins_sitting(
            before=self.content, after=content, by=doing.by.user_id, at=doing.at, place=place,
            last_by=self.written_by_id, last_at=self.written_at, last_place=self.written_place,
        )  # fmt: skip
        rows = sealed_rows(self, apart.sealed, doing.by.user_id, doing.at)
        if begins:
            before = EarlierText(
                version=cast(Any, self),
                content=as_protected(self.content, content),
                place=place,
                by_id=doing.by.user_id,
                at=doing.at,
            )
            rows.append(before)
        self.content, self.changed_at = dict(content), doing.at
        self.written_by_id, self.written_at, self.written_place = doing.by.user_id, doing.at, place
        return rows


class EarlierText(models.Model):
    """The content of an open version as it stood before somebody began to change a part of it; never changed."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    version = models.ForeignKey("drafting.LetterVersion", on_delete=models.PROTECT, related_name="earlier_texts")
    content = models.JSONField(help_text="the letter file as it stood, as plain JSON")
    place = models.CharField(max_length=80, blank=True, help_text="the part that was changed then; empty: several")
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", help_text="who changed it")
    at = models.DateTimeField(help_text="until then the letter stood so")

    class Meta:
        indexes = [models.Index(fields=["version", "-id"], name="drafting_earlier_text")]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.version_id} before {self.at}"
