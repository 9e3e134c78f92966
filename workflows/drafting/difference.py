"""What a letter that adds to an earlier one, or corrects it, says otherwise than the version that was sent: pure.

It is part of what is frozen, so it is approved, hashed, printed and read by the other State's machine. Only what left
the house is compared with what will leave it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.drafting.changes import letter_changes

#: Of each letter its own, and never a difference to be told.
_OF_EACH_LETTER = frozenset({"format", "date", "channel", "rights"})
#: What the later letter is to the earlier one, by the kind of the link.
RELATION = {
    "supplement": "supplements",
    "amendment": "amends",
    "resubmission": "resubmits",
    "redirection": "redirected",
    "reopening": "reopens",
}


@dataclass(frozen=True, slots=True)
class Cited:
    """The earlier letter as the later one cites it. `kind`: of the link; a supplement or amendment prints a difference."""

    kind: str
    reference: str
    dated: dt.date | None
    content_hash: str


def related_entry(cited: Cited, *, authority: str = "") -> dict[str, Any]:
    """Return the entry among the related requests by which the other State finds its own file of the earlier letter."""
    entry: dict[str, Any] = {"kind": RELATION[cited.kind], "reference": cited.reference, "sha256": cited.content_hash}
    if cited.dated:
        entry["date"] = cited.dated.isoformat()
    if authority:
        entry["authority"] = authority
    return entry


def with_citation(letter: Mapping[str, Any], cited: Cited) -> dict[str, Any]:
    """Return a letter that names the earlier one among its related requests, also where a drafter took it out."""
    related = list(letter.get("related", ()))
    if any(_cites(entry, cited) for entry in related):
        return dict(letter)
    return dict(letter) | {"related": [related_entry(cited), *related]}


def letter_difference(before: Mapping[str, Any], after: Mapping[str, Any], cited: Cited) -> dict[str, Any]:
    """Return the difference between two letters as they leave the house, as plain JSON.

    Keys: `kind`, `reference`, `date` and `content_hash` of what is cited; `changes`, each with its `path` (for what was
    taken out that of the earlier letter), its `kind` (added, changed, removed), and the values `before` and `after`.
    """
    changes = letter_changes(_compared(before, cited), _compared(after, cited))
    return {
        "kind": cited.kind,
        "reference": cited.reference,
        "date": cited.dated.isoformat() if cited.dated else None,
        "content_hash": cited.content_hash,
        "changes": [{"path": one.path, "kind": one.kind, "before": one.was, "after": one.now} for one in changes],
    }


def _compared(letter: Mapping[str, Any], cited: Cited) -> dict[str, Any]:
    found = {name: value for name, value in letter.items() if name not in _OF_EACH_LETTER}
    related = [entry for entry in letter.get("related", ()) if not _cites(entry, cited)]
    found.pop("related", None)
    return found | ({"related": related} if related else {})


def _cites(entry: Mapping[str, Any], cited: Cited) -> bool:
    return entry.get("kind") == RELATION[cited.kind] and entry.get("sha256") == cited.content_hash
