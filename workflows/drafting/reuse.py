"""What a new letter begins from: an earlier letter that it follows, and parts copied from elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from workflows.drafting.models_reuse import CopiedPart, LetterLink


@dataclass(frozen=True, slots=True)
class Follows:
    """The earlier letter that a new one adds to, corrects or comes after, as it is cited.

    `version`: the one that was sent, or the last one where none was.
    """

    kind: str
    version: Any
    reference: str
    #: Why a closed case is taken up again.
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a new letter comes from. `copied`: the words for the source of each part that was copied."""

    follows: Follows | None = None
    copied: Mapping[str, str] = field(default_factory=dict)
    #: What the record says of the source: a letter or template, with its version.
    source: Mapping[str, Any] = field(default_factory=dict)

    def rows(self, letter: Any, by_id: int, at: dt.datetime) -> list[models.Model]:
        """Return the rows that are written with the letter."""
        found: list[models.Model] = [
            CopiedPart(letter=letter, part=part, source=source[:300], at=at) for part, source in self.copied.items()
        ]
        if self.follows is not None:
            found.append(self._link(self.follows, letter, by_id, at))
        return found

    def detail(self) -> dict[str, Any]:
        """Return what the record says."""
        told: dict[str, Any] = dict(self.source)
        if self.copied:
            told["copied"] = sorted(self.copied)
        return told

    @staticmethod
    def _link(follows: Follows, letter: Any, by_id: int, at: dt.datetime) -> LetterLink:
        version = follows.version
        return LetterLink(
            letter=letter,
            kind=follows.kind,
            earlier=version.letter,
            earlier_version=version,
            reference=follows.reference,
            dated=dt.date.fromisoformat(version.content["date"]),
            content_hash=version.content_hash,
            reason=follows.reason,
            by_id=by_id,
            at=at,
        )
