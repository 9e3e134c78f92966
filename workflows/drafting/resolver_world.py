"""What is recorded on every State at once, for whoever asks about many pairs: read with four queries, then in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import get_language

from mla.reference.models import Declaration, Instrument, Jurisdiction, Participation
from mla.reference.selectors import reference_data_version
from workflows.drafting.resolver import PairFacts, declared_of, law_of, measures_of, require_known, row_of
from workflows.drafting.resolver_memo import Memo
from workflows.drafting.resolver_types import Declared, Law, Row


@dataclass(frozen=True, slots=True)
class World:
    """The index: rows and declarations by State, bilateral treaties by their pair. Values, read once.

    `states` are codes of States alone; `codes` those of every jurisdiction, with the languages of each.
    """

    general: tuple[Law, ...]
    bilateral: Mapping[frozenset[str], tuple[Law, ...]]
    rows: Mapping[str, Mapping[tuple[str, str], Row]]
    declarations: Mapping[str, tuple[Declared, ...]]
    codes: Mapping[str, tuple[str, ...]]
    states: tuple[str, ...]
    measures: frozenset[str]
    data_version: str
    memos: dict[str | None, Memo] = field(default_factory=dict, compare=False)

    def pair(self, requesting: str, requested: str) -> PairFacts:
        """Return what `read_pair` would read for these two codes, to be asked in the language that is active now.

        Raises:
            UnknownJurisdiction: naming it.
        """
        for code in (requesting, requested):
            require_known(code, self.codes)
        declared = (*self.declarations.get(requesting, ()), *self.declarations.get(requested, ()))
        return PairFacts(
            requesting=requesting,
            requested=requested,
            laws=self.general + self.bilateral.get(frozenset((requesting, requested)), ()),
            rows={**self.rows.get(requesting, {}), **self.rows.get(requested, {})},
            declarations=tuple(sorted(declared, key=_place)),
            measures=self.measures,
            data_version=self.data_version,
            languages=self.codes[requested],
            asked=self.memos.setdefault(get_language(), Memo()),
        )


def _place(one: Declared) -> tuple[str, str, str, str]:
    return one.instrument, one.jurisdiction, one.article, one.kind


def read_world() -> World:
    """Return the index over all reference data, in four queries whatever the number of States.

    Raises:
        RulesWrong: an instrument's rules, edited here, cannot be read; names the instrument.
    """
    instruments = {row.pk: law_of(row) for row in Instrument.objects.order_by("code")}
    states = list(Jurisdiction.objects.order_by("code"))
    code_of = {state.pk: state.code for state in states}
    rows: dict[str, dict[tuple[str, str], Row]] = {}
    for found in Participation.objects.all().iterator():
        state = code_of[found.jurisdiction_id]
        rows.setdefault(state, {})[instruments[found.instrument_id].code, state] = row_of(found)
    declarations: dict[str, list[Declared]] = {}
    for one in Declaration.objects.select_related("jurisdiction").iterator():
        value = declared_of(one, instruments[one.instrument_id].code)
        declarations.setdefault(value.jurisdiction, []).append(value)
    laws = list(instruments.values())
    bilateral: dict[frozenset[str], list[Law]] = {}
    for law in laws:
        if _between_two(law):
            bilateral.setdefault(frozenset(law.rules.parties), []).append(law)
    return World(
        general=tuple(law for law in laws if not _between_two(law)),
        bilateral={pair: tuple(found) for pair, found in bilateral.items()},
        rows=rows,
        declarations={state: tuple(found) for state, found in declarations.items()},
        codes={state.code: tuple(state.languages) for state in states},
        states=tuple(state.code for state in states if state.kind == Jurisdiction.Kind.STATE),
        measures=frozenset(measures_of(laws)),
        data_version=reference_data_version(),
    )


def _between_two(law: Law) -> bool:
    return law.kind == "bilateral" and bool(law.rules.parties)


def all_pairs(states: Sequence[str]) -> list[tuple[str, str]]:
    """Return every ordered pair of different States."""
    return [(one, other) for one in states for other in states if one != other]
