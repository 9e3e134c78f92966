"""Who the protected persons of a letter are: kept apart from its text. Part of models.py, which it is written in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models

from mla.accounts.models import User


def _nonce() -> str:
    return secrets.token_hex(32)


class SealedIdentity(models.Model):
    """The particulars of one protected person in one version; of several rows of a person the last counts.

    Rows are added, never changed. `nonce` goes into the hash that the letter names: names are few, and without it a
    reader of the letter could find the right one by trying.
    """

    version = models.ForeignKey("drafting.LetterVersion", on_delete=models.PROTECT, related_name="sealed_identities")
    key = models.CharField(max_length=8, help_text="the person's identifier in the letter, such as P1")
    particulars = models.JSONField(help_text="name and whatever else is not in the letter")
    nonce = models.CharField(max_length=64, default=_nonce, editable=False)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["version", "key", "-id"], name="drafting_sealed_identity")]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.key} of {self.version_id}, under seal"

    def copy_to(self, version: Any) -> SealedIdentity:
        """Return the same particulars for another version, unsaved: the same hash, as long as nothing changes."""
        return SealedIdentity(
            version=version, key=self.key, particulars=self.particulars, nonce=self.nonce, by_id=self.by_id, at=self.at
        )


def sealed_now(version: Any) -> dict[str, SealedIdentity]:
    """Return the particulars that count in a version, by the person's key. Access is checked by the caller."""
    if version.pk is None:
        return {}
    return {row.key: row for row in SealedIdentity.objects.filter(version=version).order_by("id")}


def sealed_rows(
    version: Any, given: Mapping[str, Mapping[str, Any]], by: int | None, at: datetime
) -> list[models.Model]:
    """Return the rows for what was given anew: beside what is known of a person, and in its place where it differs."""
    known = sealed_now(version) if given else {}
    found: list[models.Model] = []
    for key, particulars in given.items():
        before = known[key].particulars if key in known else {}
        after = {**before, **particulars}
        if after != before:
            found.append(SealedIdentity(version=version, key=key, particulars=after, by_id=by, at=at))
    return found
