"""A letter as short as the law allows: what is measured here is the way of a letter, not its length."""

from __future__ import annotations

from typing import Any

from tests.factories import example_letter
from workflows.drafting.letterfile import LetterFile, letter_from

#: In every letter and nowhere else: must not be found in Redis, a job or a log.
SECRET = "Secret-7f3a: the account of a supplier"
#: In the one letter that is never sent: must not be found with the other State either.
DRAFT_SECRET = "Secret-91c0: the account of an administrator"
_LONGEST = 40
#: Parts that the letter does without; the rest of it stops no act.
_LEFT_OUT = ("key_dates", "related", "operation", "annexes", "confidentiality", "urgency", "rights")
_KEPT: dict[str, tuple[str, ...]] = {
    "proceedings": ("subject", "nature", "conducting_authority"),
    "persons": ("id", "role", "name"),
    "offences": ("id", "title", "category", "provision", "law_text", "maximum_penalty", "conduct"),
    "providers": ("id", "name"),
    "identifiers": ("id", "type", "value"),
    "items": (
        "id", "measure", "bases", "offences", "persons", "identifiers", "provider", "period", "nexus", "necessity",
        "answers",
    ),
    "statements": ("purpose",),
}  # fmt: skip
_ANSWERS = ("data_to_preserve", "until", "mla_will_follow", "mla_promised_by")


def short_letter(title: str, *, secret: str = SECRET) -> LetterFile:
    """Return a letter from the German example authorities to the Albanian ones: what must be there, in few words."""
    content: dict[str, Any] = _shortened(example_letter(4).content())
    for part in _LEFT_OUT:
        content.pop(part, None)
    for part, fields in _KEPT.items():
        content[part] = _only(content[part], fields)
    content["title"] = title
    content["facts"] = [{"date": "2026-03-08", "text": f"{secret} was misused."}]
    content["offences"] = [offence for offence in content["offences"] if offence["id"] == "O1"]
    content["identifiers"] = content["identifiers"][:1]
    content["contacts"] = [contact for contact in content["contacts"] if contact["role"] == "queries"]
    item = content["items"][0] | {"offences": ["O1"], "identifiers": ["I1"]}
    content["items"] = [item | {"answers": _only(item["answers"], _ANSWERS)}]
    return letter_from(content)


def _only(value: Any, fields: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        return [_only(inner, fields) for inner in value]
    return {key: inner for key, inner in value.items() if key in fields}


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shortened(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shortened(inner) for inner in value]
    if isinstance(value, str) and len(value) > _LONGEST:
        return value[:_LONGEST].rsplit(" ", 1)[0]
    return value
