"""The legal basis of a letter: the resolver's answers for its measures and offences, and what is cited of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from mla.accounts.actors import Actor
from mla.core.languages import house_words
from mla.core.reasons import Reason
from workflows.drafting.findings.law import RECIPROCITY
from workflows.drafting.law import law_for
from workflows.drafting.letterfile import letter_from
from workflows.drafting.resolver_scope import scope
from workflows.drafting.resolver_types import BasisEntry, Excluded, Resolution
from workflows.drafting.selectors import version_now
from workflows.drafting.services import letter_save
from workflows.engine.errors import DataWrong
from workflows.web.drafting.draft import Draft, keeping_law
from workflows.web.drafting.merging import free_key, trying_again
from workflows.web.drafting.sections import RESIDUAL_FIELDS, Field
from workflows.web.states import states_named

ANSWER_WORDS = {
    "in_scope": lazy("reaches it"),
    "not": lazy("does not reach it"),
    "cannot_tell": lazy("cannot be told"),
}
ROLE_WORDS = {
    "primary": lazy("can be the primary basis"),
    "subsidiary": lazy("steps back behind another treaty"),
    "scheme": lazy("an arrangement, no treaty"),
    "channel": lazy("a channel, never a basis"),
}


def resolutions_of(draft: Draft) -> list[tuple[str, str | None, Resolution]]:
    """Return the resolver's answers by measure and offence, in the order of the letter."""
    with keeping_law():
        found = law_for(draft.file).resolutions
    return [(measure, offence, resolution) for (measure, offence), resolution in found.items()]


def basis_context(draft: Draft) -> dict[str, Any]:
    """Return what the page of the legal basis shows: bound, not bound, not known; each with sources and reasons."""
    found = resolutions_of(draft)
    cited = {basis.instrument: basis.id for basis in draft.file.bases}
    bound: dict[str, dict[str, Any]] = {}
    no: dict[str, Excluded] = {}
    unknown: dict[str, Excluded] = {}
    titles = {offence.id: offence.title for offence in draft.file.offences}
    names = {item.measure: _measure_name(item.measure) for item in draft.file.items}
    for measure, offence, resolution in found:
        for entry in resolution.in_force:
            row = bound.setdefault(entry.instrument, _row(entry, cited))
            told: dict[str, Any] = {
                "measure": names.get(measure, measure), "answer": entry.scope.answer,
                "words": ANSWER_WORDS[entry.scope.answer], "why": entry.scope.why or entry.scope.question,
                "confirm": entry.scope.to_be_confirmed, "articles": ", ".join(entry.articles),
            }  # fmt: skip
            # What holds alike for several offences is told once.
            alike = next((one for one in row["scopes"] if told.items() <= one.items()), None)
            if alike is None:
                row["scopes"].append(alike := told | {"offences": []})
            if offence:
                alike["offences"].append(f"{offence}, {titles.get(offence, '')}")
            row["usable"] = row["usable"] or entry.is_basis
        no |= {row.instrument: row for row in resolution.not_in_force if row.recorded}
        unknown |= {
            row.instrument: row
            for row in resolution.unknown
            if row.recorded and scope(row.law.rules, measure, resolution.offence).answer != "not"
        }
    states = dict(states_named()) if no or unknown else {}
    return {
        "resolved": bool(found),
        "bound": [row for row in bound.values() if not _outside(row)],
        "outside": [row for row in bound.values() if _outside(row)],
        "excluded": [(row, why_told(row, "no", states)) for row in no.values()],
        "unknown": [(row, why_told(row, "unknown", states)) for row in unknown.values()],
        "usable": any(row["usable"] for row in bound.values()),
        "any_cited": bool(cited),
        "reciprocity": cited.get(RECIPROCITY, ""),
        "reciprocity_code": RECIPROCITY,
    }


def why_told(row: Excluded, bound: str, names: Mapping[str, str]) -> str:
    """Return why an instrument is not known to bind, or does not bind, the two States, by their names."""
    by_why: dict[str, list[str]] = {}
    for side in (row.requesting, row.requested):
        if side.bound == bound:
            by_why.setdefault(side.why, []).append(names.get(side.jurisdiction, side.jurisdiction))
    return " ".join(f"{', '.join(states)}: {why}" for why, states in by_why.items())


def _outside(row: Mapping[str, Any]) -> bool:
    """Tell whether an instrument reaches nothing of what the letter asks and is not cited: it stands folded."""
    return not row["cited"] and all(scope["answer"] == "not" for scope in row["scopes"])


def _measure_name(slug: str) -> str:
    from workflows.drafting.measures import measure_catalogue

    measure = measure_catalogue().get(slug)
    return house_words(measure.name) if measure else slug


def _row(entry: BasisEntry, cited: Mapping[str, str]) -> dict[str, Any]:
    return {
        "code": entry.instrument,
        "name": entry.law.short_name,
        "role": ROLE_WORDS[entry.role],
        "role_reason": entry.role_reason,
        "residual": ", ".join(entry.residual) if entry.scope.answer != "not" else "",
        "residual_applies": entry.residual_applies,
        "sides": [
            (side, side.source.split(" | ") if side.source else []) for side in (entry.requesting, entry.requested)
        ],
        "confirm": entry.requesting.to_be_confirmed or entry.requested.to_be_confirmed,
        "cited": cited.get(entry.instrument, ""),
        "scopes": [],
        "usable": False,
    }


def basis_add(draft: Draft, by: Actor, instrument: str) -> str:
    """Cite an instrument of the resolver's answer, or offer reciprocity, for the measures it reaches; return its key.

    One that is cited already stays as it is.

    Raises:
        DataWrong: no such instrument is in force for both States.
        ActForbidden: see letter_save.
        VersionChanged: others saved over and over meanwhile.
    """
    return trying_again(lambda: _added(draft, by, instrument))


def _added(draft: Draft, by: Actor, instrument: str) -> str:
    version = version_now(draft.letter.pk, by)
    now, content = version.letter, deepcopy(dict(version.content))
    there = next((basis["id"] for basis in content.get("bases", ()) if basis["instrument"] == instrument), None)
    if there is not None:
        return str(there)
    entries: dict[str, BasisEntry] = {}
    reached: set[str] = set()
    for measure, _offence, resolution in resolutions_of(draft):
        entry = resolution.entry(instrument)
        if entry is not None and entry.role in ("primary", "subsidiary"):
            entries.setdefault(measure, entry)
            if entry.is_basis:
                entries[measure] = entry
                reached.add(measure)
    if not entries and instrument != RECIPROCITY:
        raise DataWrong("edit", [Reason("no_such_basis", _("no such instrument binds both States"), field="bases")])
    key = free_key(content, "bases", "B")
    row: dict[str, Any] = {"id": key, "instrument": instrument}
    articles = list(dict.fromkeys(article for entry in entries.values() for article in entry.articles))
    if articles:
        row["articles"] = articles
    primary = any(basis.get("role", "primary") == "primary" for basis in content.get("bases", ()))
    if primary or any(entry.role == "subsidiary" for entry in entries.values()):
        row["role"] = "subsidiary"
    content.setdefault("bases", []).append(row)
    wanted = [i["id"] for i in content.get("items", ()) if instrument == RECIPROCITY or i["measure"] in reached]
    cite(content, key, wanted)
    letter_save(letter=now, content=letter_from(content), by=by, expected_version=now.version, read_now=version)
    return key


def cite(content: dict[str, Any], key: str, items: Iterable[str]) -> None:
    """Let exactly these measures rest on a basis, in place."""
    wanted = set(items)
    for item in content.get("items", ()):
        bases = [basis for basis in item.get("bases", ()) if basis != key]
        if item["id"] in wanted:
            bases.append(key)
            order = [basis["id"] for basis in content.get("bases", ())]
            bases.sort(key=lambda one: order.index(one) if one in order else len(order))
        if bases:
            item["bases"] = bases
        else:
            item.pop("bases", None)


def item_bases(content: Mapping[str, Any], key: str) -> list[str]:
    """Return the measures that rest on a basis."""
    return [item["id"] for item in content.get("items", ()) if key in item.get("bases", ())]


def fields_of_basis(fields: Iterable[Field], draft: Draft, key: str) -> list[Field]:
    """Return the fields of a basis, with the measures that rest on it in place of its instrument.

    What is asked on other treaties is asked where the instrument gives way to them, and not what is recorded or
    has been said.
    """
    part = next((basis for basis in draft.file.bases if basis.id == key), None)
    found = [r.entry(part.instrument) for _measure, _offence, r in resolutions_of(draft)] if part else []
    entry = next((one for one in found if one is not None and one.residual), None)
    left_out = {"instrument"}
    if entry is None:
        left_out |= RESIDUAL_FIELDS
    elif part is not None and entry.gives_way_to and part.other_treaty is None:
        left_out.add("other_treaty")
    rest = [
        replace(field, help=lazy("one on each line")) if field.kind == "lines" else field
        for field in fields
        if field.name not in left_out
    ]
    return [Field("items", "refs", lazy("Measures that rest on it"), to="items"), *rest]
