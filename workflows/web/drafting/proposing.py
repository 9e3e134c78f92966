"""What a form proposes for an empty part: it stands in the form, to be looked at, and counts once it is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflows.drafting.measures import Measure
from workflows.web.drafting.merging import values_of
from workflows.web.drafting.sections import Field

#: What measures of one group have in common as a rule. Reasons are not among them: each measure is justified by itself.
ALIKE = (
    "provider", "identifiers", "period", "offences", "persons", "certificate_form",
    "answers.notify_user", "answers.records_form", "answers.certificate",
)  # fmt: skip

#: What an item has before anybody answered for it.
_BEGUN = frozenset({"id", "measure", "bases"})


def item_like(content: Mapping[str, Any], key: str, measures: Mapping[str, Measure]) -> Mapping[str, Any] | None:
    """Return the answered measure of the same group that stands nearest before an unanswered one, or after it.

    None where the measure `key` has an answer already, or none of its group has.
    """
    items: Sequence[Mapping[str, Any]] = content.get("items", ())
    at = next((number for number, item in enumerate(items) if item.get("id") == key), None)
    if at is None or _answered(items[at]):
        return None

    def group(item: Mapping[str, Any]) -> str:
        measure = measures.get(item.get("measure", ""))
        return measure.group if measure else ""

    mine = group(items[at])
    others = [*reversed(items[:at]), *items[at + 1 :]]
    return next((one for one in others if mine and group(one) == mine and _answered(one)), None)


def proposals(
    asked: Sequence[Field], content: Mapping[str, Any], values: Mapping[str, Any], like: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return what to propose for the questions without an answer, by their path. `like`: see item_like."""
    found: dict[str, Any] = {}
    there = values_of(like, ALIKE)
    for one in asked:
        if values.get(one.name) is not None:
            continue
        if one.name in there and _offered(one, there[one.name]):
            found[one.name] = there[one.name]
        elif one.kind == "ref" and one.to == "providers" and len(content.get("providers", ())) == 1:
            found[one.name] = content["providers"][0]["id"]
        elif one.propose_requested and not values:
            found[one.name] = content.get("requested", {}).get("jurisdiction")
    return found


def _answered(item: Mapping[str, Any]) -> bool:
    return any(value not in (None, "", [], {}) for name, value in item.items() if name not in _BEGUN)


def _offered(one: Field, value: Any) -> bool:
    return one.kind != "choice" or value in dict(one.choices)
