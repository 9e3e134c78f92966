"""A new letter's content from an earlier one, by the parts that a person ticks: pure.

What belongs to one letter alone never comes along: what data are found by, references, dates of periods and time limits,
urgency, annexes, the rights screen, set-aside warnings, approvals. The legal basis is resolved anew for the new letter's
day; the treaties that were cited come along only between the same two States, to be looked at again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, get_args

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows.drafting.measures import measure_catalogue
from workflows.drafting.vocabulary import ConfidentialityLevel

#: The parts that can be ticked, in the order of the letter, with their words.
PARTS: Final[dict[str, Promise]] = {
    "requested": _("Authority that is asked, in the same State"),
    "proceedings": _("Proceedings, without your number of them"),
    "offences": _("Offences"),
    "persons": _("Persons"),
    "facts": _("Facts"),
    "providers": _("Providers and custodians"),
    "items": _("Measures, without dates and without what the data are found by"),
    "bases": _("Treaties cited, between the same two States"),
    "contacts": _("Contacts"),
    "statements": _("Statements and undertakings"),
}
#: What a template of an authority can hold: nothing of a person or of one case.
OF_A_TEMPLATE: Final = tuple(part for part in PARTS if part not in ("persons", "facts"))
NEVER: Final[tuple[Promise, ...]] = (
    _("identifiers: addresses, accounts and numbers"),
    _("references and related requests"),
    _("periods, time limits, urgency and key dates"),
    _("annexes"),
    _("the rights screen, warnings that were set aside, approvals"),
)

#: Fields of a measure that belong to one letter, or point to what does not come along.
_OF_ONE_ITEM: Final = frozenset({
    "period", "period_reason", "time_limit", "time_limit_reason", "identifiers", "bases", "offences", "persons", "provider",
})  # fmt: skip
_OF_PROCEEDINGS: Final = ("subject", "nature", "stage", "conducting_authority", "functions", "powers")


def copied_content(
    source: Mapping[str, Any], parts: Collection[str], *, state: str, kinds: Mapping[tuple[str, str], str]
) -> tuple[dict[str, Any], list[str]]:
    """Return the parts of an earlier letter for a new one to `state`, and the names of those that brought something.

    Args:
        source: the earlier letter's content.
        kinds: the kind of each measure's question, by measure and key: answers that are dates are left out.
    """
    same = source["requested"]["jurisdiction"] == state
    wanted = {part for part in parts if part in PARTS and (same or part not in ("requested", "bases"))}
    found: dict[str, Any] = {}
    for part in PARTS:
        if part not in wanted or not source.get(part):
            continue
        if part == "items":
            found[part] = [_item(item, source, wanted, kinds) for item in source[part]]
        elif part == "proceedings":
            found[part] = {name: source[part][name] for name in _OF_PROCEEDINGS if name in source[part]}
        elif part == "requested":
            if code := source[part].get("authority"):
                found[part] = {"authority": code}
        else:
            found[part] = source[part]
    return found, list(found)


def _item(
    item: Mapping[str, Any], source: Mapping[str, Any], wanted: Collection[str], kinds: Mapping[tuple[str, str], str]
) -> dict[str, Any]:
    kept = {name: value for name, value in item.items() if name not in _OF_ONE_ITEM}
    for part in ("bases", "offences", "persons"):
        if part in wanted and item.get(part):
            kept[part] = item[part]
    if "providers" in wanted and item.get("provider"):
        kept["provider"] = item["provider"]
    answers = {
        key: value
        for key, value in item.get("answers", {}).items()
        if kinds.get((item["measure"], key)) not in ("date", "instant", "period") and "reference" not in key
    }
    kept.pop("answers", None)
    return kept | ({"answers": answers} if answers else {})


def merged(base: dict[str, Any], found: dict[str, Any], confidentiality: dict[str, Any]) -> dict[str, Any]:
    """Return a new letter's own content with the parts that came along; the more confidential level counts. Pure."""
    for part in ("requested", "proceedings"):
        if part in found:
            found = found | {part: base.get(part, {}) | found[part]}
    whole = base | found
    levels = get_args(ConfidentialityLevel)
    stated = base.get("confidentiality", {}).get("level", "normal")
    if levels.index(confidentiality.get("level", "normal")) > levels.index(stated):
        whole["confidentiality"] = confidentiality
    return whole


def question_kinds() -> dict[tuple[str, str], str]:
    """Return the kind of each measure's question, by measure and key."""
    return {(slug, one.key): one.kind for slug, measure in measure_catalogue().items() for one in measure.questions}
