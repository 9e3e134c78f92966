"""Which instruments carry a request between two States on the day of the request, and in which role.

The core (`decide`) is pure: rows in, answer out. `resolve` only reads them from the tables. Three
answers for a pair (in force for both, not, not known), three for offence and measure (in scope, not,
cannot tell). The day of the request decides, whenever the offence was committed. Roles follow the
residual clauses (UNTOC 18(7), UNCAC 46(7), 1988 Convention 7(7), Budapest 27(1)).
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import get_args

from django.utils.translation import gettext as _

from mla.core.errors import MlaError
from mla.reference.models import Declaration, Instrument, Jurisdiction, Participation
from mla.reference.rules import InstrumentRules, OffenceCategory, RulesWrong, rules_of
from mla.reference.selectors import reference_data_version
from workflows.drafting.measures import measure_catalogue
from workflows.drafting.resolver_findings import findings_of
from workflows.drafting.resolver_memo import Asked, Plain
from workflows.drafting.resolver_residual import Way, way_of
from workflows.drafting.resolver_types import (
    UNASKED,
    BasisEntry,
    Bound,
    Declared,
    Excluded,
    Law,
    Offence,
    Relation,
    Resolution,
    Role,
    Row,
    Standing,
)

OFFENCE_CATEGORIES: tuple[str, ...] = get_args(OffenceCategory)

_ROLE_ORDER: dict[Role, int] = {"primary": 0, "subsidiary": 1, "scheme": 2, "channel": 3}
_PLAIN = Plain()
_SCOPE_ORDER = {"in_scope": 0, "cannot_tell": 1, "not": 2}


@dataclass(frozen=True, slots=True)
class PairFacts:
    """What is recorded on two States: every instrument, their standing towards each, their declarations.

    `languages`: those that the requested State takes letters in. `asked`: where answers are kept for many pairs.
    """

    requesting: str
    requested: str
    laws: tuple[Law, ...]
    rows: Mapping[tuple[str, str], Row]
    declarations: tuple[Declared, ...]
    measures: frozenset[str]
    data_version: str
    languages: tuple[str, ...] = ()
    asked: Asked = _PLAIN


class ResolverRefused(MlaError):
    """A question that has no answer: names what is wrong with it."""


class UnknownJurisdiction(ResolverRefused):
    """No State, territory or organisation has this code."""


class UnknownMeasure(ResolverRefused):
    """Neither a folder nor any instrument's file knows the measure."""


class UnknownOffence(ResolverRefused):
    """The offence category is not one of those the letter file knows."""


def resolve(
    *,
    requesting: str | Jurisdiction,
    requested: str | Jurisdiction,
    on: date,
    measure: str,
    offence_category: str | None = None,
    offence: Offence | None = None,
    relation: Relation = UNASKED,
) -> Resolution:
    """Return the legal bases between two States for one measure on the day `on` of the request.

    States as ISO 3166-1 alpha-2 codes or rows; `measure` is a slug; `offence` says more about the
    offence than its category (penalty, group, benefit) and then decides more scopes; `relation` says what
    the drafter knows of other treaties of the pair. The reference data is open to every officer: any caller
    may ask.

    Raises:
        UnknownJurisdiction, UnknownMeasure, UnknownOffence: naming it.
        ResolverRefused: both States are the same.
        RulesWrong: an instrument's rules, edited here, cannot be read; names the instrument.
    """
    facts = read_pair(requesting=requesting, requested=requested)
    return resolve_in(facts, on=on, measure=measure, offence=_offence(offence_category, offence), relation=relation)


def require_known(code: str, among: Container[str]) -> None:
    """Raise UnknownJurisdiction, naming the code, where it is not `among` those known."""
    if code not in among:
        raise UnknownJurisdiction(_("%(code)s is no State, territory or organisation known here.") % {"code": code})


def read_pair(*, requesting: str | Jurisdiction, requested: str | Jurisdiction) -> PairFacts:
    """Return everything recorded on two States, read once for any number of measures, offences and days.

    Raises:
        UnknownJurisdiction: naming it.
        RulesWrong: see resolve.
    """
    codes = [_code(state) for state in (requesting, requested)]
    states = {state.code: state for state in Jurisdiction.objects.filter(code__in=codes)}
    for code in codes:
        require_known(code, states)
    laws = {instrument.pk: law_of(instrument) for instrument in Instrument.objects.all()}
    rows: dict[tuple[str, str], Row] = {}
    for found in Participation.objects.filter(jurisdiction__code__in=codes).select_related("jurisdiction"):
        rows[laws[found.instrument_id].code, found.jurisdiction.code] = row_of(found)
    declared = [
        declared_of(found, laws[found.instrument_id].code)
        for found in Declaration.objects.filter(jurisdiction__code__in=codes)
        .select_related("jurisdiction")
        .order_by("instrument__code", "jurisdiction__code", "article", "kind")
    ]
    return PairFacts(
        requesting=codes[0],
        requested=codes[1],
        laws=tuple(laws.values()),
        rows=rows,
        declarations=tuple(declared),
        measures=frozenset(measures_of(laws.values())),
        data_version=reference_data_version(),
        languages=tuple(states[codes[1]].languages),
    )


def resolve_in(
    facts: PairFacts, *, on: date, measure: str, offence: Offence, relation: Relation = UNASKED
) -> Resolution:
    """Return the resolution from what `read_pair` has read. Raises as `resolve`."""
    if measure not in facts.measures:
        raise UnknownMeasure(
            _("%(measure)s is no measure; known are %(known)s.")
            % {"measure": measure, "known": ", ".join(sorted(facts.measures))}
        )
    resolution = decide(
        requesting=facts.requesting,
        requested=facts.requested,
        on=on,
        measure=measure,
        offence=offence,
        laws=facts.laws,
        rows=facts.rows,
        declarations=facts.declarations,
        relation=relation,
        asked=facts.asked,
    )
    return replace(resolution, data_version=facts.data_version)


def known_measures() -> list[str]:
    """Return every slug that has a folder or stands in an instrument's file, sorted."""
    return sorted(measures_of(law_of(instrument) for instrument in Instrument.objects.all()))


def decide(
    *,
    requesting: str,
    requested: str,
    on: date,
    measure: str,
    offence: Offence,
    laws: Sequence[Law],
    rows: Mapping[tuple[str, str], Row],
    declarations: Sequence[Declared] = (),
    relation: Relation = UNASKED,
    asked: Asked = _PLAIN,
) -> Resolution:
    """Return the resolution from plain values: `rows` by (instrument code, jurisdiction code). Pure.

    An instrument is in exactly one of the three answers; one that stands between other States is in none.

    Raises:
        ResolverRefused: both States are the same.
    """
    if requesting == requested:
        raise ResolverRefused(_("A State does not ask itself for legal assistance: %(code)s.") % {"code": requesting})
    bound: list[BasisEntry] = []
    no: list[Excluded] = []
    unknown: list[Excluded] = []
    for law in sorted(laws, key=lambda law: law.code):
        if not law.rules.stands_between(requesting, requested):
            continue
        sides = [asked.standing(code, rows.get((law.code, code)), law, on) for code in (requesting, requested)]
        if all(side.bound == "yes" for side in sides):
            reach = asked.scope(law, measure, offence)
            bound.append(BasisEntry(law, sides[0], sides[1], reach, reach.articles, "primary", ""))
        elif any(side.bound == "no" for side in sides):
            no.append(Excluded(law, _why(sides, "no"), sides[0], sides[1]))
        else:
            unknown.append(Excluded(law, _why(sides, "unknown"), sides[0], sides[1]))
    entries = tuple(sorted((_placed(entry, bound, unknown, measure, relation) for entry in bound), key=_order))
    codes = {entry.instrument for entry in entries} | {excluded.instrument for excluded in (*no, *unknown)}
    resolution = Resolution(
        requesting=requesting,
        requested=requested,
        on=on,
        measure=measure,
        offence=offence,
        relation=relation,
        in_force=entries,
        not_in_force=tuple(no),
        unknown=tuple(unknown),
        declarations=tuple(item for item in declarations if item.instrument in codes),
    )
    return replace(resolution, findings=findings_of(resolution, laws, asked))


def _why(sides: Iterable[Standing], bound: Bound) -> str:
    """Say it once where it is the same for both."""
    by_why: dict[str, list[str]] = {}
    for side in sides:
        if side.bound == bound:
            by_why.setdefault(side.why, []).append(side.jurisdiction)
    return " ".join(f"{', '.join(codes)}: {why}" for why, codes in by_why.items())


def _placed(
    entry: BasisEntry, bound: Sequence[BasisEntry], unknown: Sequence[Excluded], measure: str, relation: Relation
) -> BasisEntry:
    """Return the entry with its role, and with the articles and contents that apply beside the others."""
    rules = entry.law.rules
    way = way_of(entry, bound, unknown, relation)
    role, reason = _role(entry, bound, way)
    return replace(
        entry,
        role=role,
        role_reason=reason,
        articles=entry.articles + (way.paragraphs if way.applies == "yes" and entry.scope.answer != "not" else ()),
        residual=way.paragraphs,
        residual_applies=way.applies,
        residual_why=way.why,
        gives_way_to=way.treaties,
        contents=tuple(
            item for item in rules.contents if item.applies_to(measure) and not (item.residual and way.applies == "no")
        ),
    )


def _role(entry: BasisEntry, bound: Sequence[BasisEntry], way: Way) -> tuple[Role, str]:
    """Return the role and why. `way`: whether the instrument gives way to another treaty of the pair."""
    law, rules = entry.law, entry.law.rules
    if law.kind == "scheme":
        return "scheme", _("A scheme, not a treaty: it is carried out by national law, so cite the statute.")
    if law.kind == "channel":
        return "channel", rules.channel_note or _("It governs the channel and is never a legal basis.")
    if entry.scope.answer == "not":
        return "subsidiary", _("In force for both, but offence or measure are outside it.")
    over = [other.instrument for other in bound if law.code in other.law.rules.replaces and other.scope.answer != "not"]
    if over:
        return "subsidiary", _("Between these States %(codes)s takes its place.") % {"codes": ", ".join(over)}
    if rules.supplements:
        if rules.supplements not in {other.instrument for other in bound}:
            return "subsidiary", _("It supplements %(code)s, which is not known to be in force for both.") % {
                "code": rules.supplements
            }
        if not (rules.residual and rules.residual.steps_back and way.applies == "no"):
            return "primary", _("It supplements %(code)s.") % {"code": rules.supplements}
    if rules.supplements_bilateral:
        below = [other.instrument for other in bound if other.law.kind == "bilateral"]
        if below:
            return "primary", _("It supplements %(code)s.") % {"code": ", ".join(below)}
        return "subsidiary", _("It adds to the bilateral treaty of the two States, and none is known to be in force.")
    if rules.residual and rules.residual.steps_back:
        return ("subsidiary" if way.applies == "no" else "primary"), way.why
    if rules.residual:
        return "primary", way.why if way.applies != "yes" or way.agreed else ""
    return "primary", ""


def _order(entry: BasisEntry) -> tuple[int, int, int, str]:
    """Best first: by role, by scope, then bilateral before supplement before general treaty before convention."""
    rules = entry.law.rules
    if entry.law.kind in ("eu", "bilateral"):
        nearness = 0
    elif rules.second_basis:
        nearness = 4
    elif rules.supplements or rules.supplements_bilateral:
        nearness = 1
    elif rules.mla_treaty:
        nearness = 2
    else:
        nearness = 3
    return _ROLE_ORDER[entry.role], _SCOPE_ORDER[entry.scope.answer], nearness, entry.instrument


def _code(state: str | Jurisdiction) -> str:
    return state.code if isinstance(state, Jurisdiction) else state.strip().upper()


def _offence(category: str | None, offence: Offence | None) -> Offence:
    found = offence or Offence()
    if category is not None:
        found = replace(found, category=category)
    if found.category is not None and found.category not in OFFENCE_CATEGORIES:
        raise UnknownOffence(
            _("%(category)s is no offence category; known are %(known)s.")
            % {"category": found.category, "known": ", ".join(OFFENCE_CATEGORIES)}
        )
    return found


def measures_of(laws: Iterable[Law]) -> set[str]:
    """Return the measures that have a folder or stand in an instrument."""
    named = {slug for law in laws for slug in law.rules.measures}
    return named | set(measure_catalogue())


@lru_cache(maxsize=512)
def _rules(text: str) -> InstrumentRules:
    return rules_of(json.loads(text))


def law_of(row: Instrument) -> Law:
    """Return an instrument as the resolver knows it. Raises RulesWrong, naming it."""
    try:
        rules = _rules(json.dumps(row.rules, sort_keys=True))
    except RulesWrong as error:
        raise RulesWrong(f"{row.code}: {error}") from error
    return Law(
        code=row.code,
        kind=row.kind,
        short_name=row.short_name,
        rules=rules,
        in_force=row.in_force,
        as_of=row.as_of,
        confidence=row.confidence,
        source=row.source,
        to_be_confirmed=row.to_be_confirmed,
    )


def row_of(found: Participation) -> Row:
    """Return a row of participation as a value."""
    return Row(
        status=found.status,
        consent_date=found.consent_date,
        in_force_date=found.in_force_date,
        ended=found.ended,
        as_of=found.as_of,
        confidence=found.confidence,
        source=found.source,
        note=found.note,
        to_be_confirmed=found.to_be_confirmed,
    )


def declared_of(found: Declaration, code: str) -> Declared:
    """Return a declaration on the instrument `code` as a value."""
    return Declared(
        jurisdiction=found.jurisdiction.code,
        instrument=code,
        article=found.article,
        kind=found.kind,
        content=found.content,
        source=found.source,
        as_of=found.as_of,
        confidence=found.confidence,
        to_be_confirmed=found.to_be_confirmed,
    )
