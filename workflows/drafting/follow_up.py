"""What a request for preserved data takes over from the preservation, and a preservation from the planner. Pure.

Only these parts are copied: the proceedings, persons, offences, facts, providers, identifiers and contacts. The legal
basis and every statement are for whoever drafts to choose anew: another measure rests on another article.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from workflows.drafting.measures import measure_catalogue
from workflows.drafting.preserving import Rules
from workflows.drafting.preserving_data import KINDS, PRESERVATION, preserving_rules

COPIED = (
    "proceedings",
    "persons",
    "offences",
    "facts",
    "providers",
    "identifiers",
    "contacts",
    "confidentiality",
    "operation",
)
REFERENCE = "preservation_reference"


@dataclass(frozen=True, slots=True)
class KeptItem:
    """What is known of one item of a preservation request that was sent. No day: it was not confirmed until when."""

    key: str
    reference: str
    on: dt.date | None = None
    until: dt.date | None = None


def _begun(content: Mapping[str, Any], requesting: Mapping[str, Any], today: dt.date) -> dict[str, Any]:
    begun = {key: deepcopy(content[key]) for key in COPIED if key in content}
    return begun | {
        "format": content["format"], "language": content["language"], "date": today.isoformat(),
        "title": content["title"], "requesting": dict(requesting), "requested": dict(content["requested"]),
    }  # fmt: skip


def follow_up_content(
    content: Mapping[str, Any],
    *,
    kept: Sequence[KeptItem],
    requesting: Mapping[str, Any],
    authority: str,
    today: dt.date,
    rules: Rules | None = None,
) -> dict[str, Any]:
    """Return the letter that asks for what a preservation request had kept, with its reference and last day.

    `content`: of the version that was sent; `authority`: who keeps or ordered it, in words; `requesting`: our side.
    """
    rules = rules or preserving_rules()
    letter = _begun(content, requesting, today)
    known = {one.key: one for one in kept}
    asked = [item for item in content.get("items", ()) if item["measure"] == PRESERVATION and item["id"] in known]
    items: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for number, item in enumerate(asked, 1):
        one, answers = known[item["id"]], item.get("answers", {})
        row = {
            "id": f"D{number}", "what": answers.get("data_to_preserve") or content["title"], "state": "yes",
            "by": authority[:300], "reference": one.reference, "on": _day(one.on), "until": _day(one.until),
        } | {name: item[name] for name in ("provider", "identifiers", "period") if item.get(name)}  # fmt: skip
        rows.append({name: value for name, value in row.items() if value})
        measures = dict.fromkeys(rules.follow_up[kind] for kind in answers.get(KINDS, ()) if kind in rules.follow_up)
        for measure in measures:
            items.append(_item(f"M{len(items) + 1}", measure, item, one.reference))
    related = [
        {"kind": "preservation", "reference": reference, "date": content["date"]}
        for reference in dict.fromkeys(one.reference for one in kept if one.reference)
    ]
    last = min((one.until for one in kept if one.until), default=None)
    ends = [{"kind": "preservation_end", "date": last.isoformat()}] if last else []
    return letter | {"items": items, "preserved": rows, "related": related, "key_dates": ends}


def _item(key: str, measure: str, of: Mapping[str, Any], reference: str) -> dict[str, Any]:
    taken = ("offences", "persons", "identifiers", "provider", "period", "period_reason", "nexus")
    item = {name: deepcopy(of[name]) for name in taken if of.get(name)} | {"id": key, "measure": measure}
    if reference and measure_catalogue()[measure].question(REFERENCE):
        item["answers"] = {REFERENCE: reference}
    return item


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def elsewhere_content(
    content: Mapping[str, Any],
    key: str,
    *,
    provider: str,
    jurisdiction: str,
    contact: str,
    requesting: Mapping[str, Any],
    today: dt.date,
) -> dict[str, Any]:
    """Return the letter that asks another provider to keep what an item of a preservation request asked of the first.

    `jurisdiction`: code of that provider's State; empty or the same: the authority that was asked before is asked again.
    Which authority of another State is asked is for whoever drafts to choose (Budapest 30(1)).
    """
    letter = _begun(content, requesting, today)
    asked = next(item for item in content["items"] if item["id"] == key)
    item = {name: deepcopy(value) for name, value in asked.items() if name not in ("bases", "answers", "provider")}
    taken = {one["id"] for one in letter.get("providers", ())}
    new = next(f"V{number}" for number in range(1, 1000) if f"V{number}" not in taken)
    other = {"id": new, "name": provider[:300]} | ({"address": contact} if contact else {})
    if jurisdiction:
        other["jurisdiction"] = jurisdiction
        if jurisdiction != content["requested"]["jurisdiction"]:
            letter["requested"] = {"jurisdiction": jurisdiction}
    letter["providers"] = [*letter.get("providers", ()), other]
    told = asked.get("answers", {})
    answers = {name: deepcopy(told[name]) for name in ("data_to_preserve", KINDS) if told.get(name)}
    item |= {"id": "M1", "provider": new, "answers": answers | {"status": "new", "mla_will_follow": True}}
    return letter | {"items": [item]}


def preservation_content(
    content: Mapping[str, Any],
    row: Mapping[str, Any],
    *,
    requesting: Mapping[str, Any],
    today: dt.date,
    rules: Rules | None = None,
) -> dict[str, Any]:
    """Return the letter that asks for the preservation of one row of the planner, in plain values."""
    rules = rules or preserving_rules()
    letter = _begun(content, requesting, today)
    wanted = set(row.get("identifiers", ()))
    about = [
        item
        for item in content.get("items", ())
        if wanted & set(item.get("identifiers", ()))
        or (row.get("provider") and item.get("provider") == row["provider"])
    ]
    item: dict[str, Any] = {"id": "M1", "measure": PRESERVATION}
    item |= {name: deepcopy(row[name]) for name in ("provider", "identifiers", "period") if row.get(name)}
    if about and about[0].get("nexus"):
        item["nexus"] = about[0]["nexus"]
    answers: dict[str, Any] = {"status": "new", "data_to_preserve": row["what"], "mla_will_follow": True}
    kinds = rules.kinds_of([one["measure"] for one in about or content.get("items", ())])
    if kinds:
        answers[KINDS] = list(kinds)
    return letter | {"items": [item | {"answers": answers}]}


#: What a request that follows information takes over from the letter that gave it. Offences are of the giver's law.
OF_INFORMATION = ("persons", "facts", "providers", "identifiers", "operation")


def information_content(
    content: Mapping[str, Any],
    *,
    requesting: Mapping[str, Any],
    requested: Mapping[str, Any],
    reference: str,
    authority: str,
    today: dt.date,
) -> dict[str, Any]:
    """Return the letter that asks for more after information that was given without a request, and cites it.

    `content`: of the letter that gave it; `reference`, `authority`: the giver's. What is asked is for whoever drafts.
    """
    begun = {key: deepcopy(content[key]) for key in OF_INFORMATION if content.get(key)}
    given = {"kind": "follows", "reference": reference, "date": content.get("date"), "authority": authority[:300]}
    return begun | {
        "format": content["format"], "language": content["language"], "date": today.isoformat(),
        "title": content["title"], "requesting": dict(requesting), "requested": dict(requested), "items": [],
        "proceedings": {"subject": content["title"], "nature": "investigation"},
        "related": [{name: value for name, value in given.items() if value}],
    }  # fmt: skip
