"""What must hold of every answer on the whole data: what is offered, when paragraphs apply, and in which order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflows.drafting.resolver import PairFacts, decide, resolve_in
from workflows.drafting.resolver_grounds import grounds_in_play
from workflows.drafting.resolver_types import UNASKED, BasisEntry, Offence, Relation, Resolution
from workflows.drafting.resolver_world import World, all_pairs, read_world

pytestmark = pytest.mark.django_db

SETTINGS = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MEASURES = ("stored-content", "bank-records", "preservation", "testimony", "freezing", "joint-investigation")
OFFENCES = (
    Offence(), Offence("fraud", 10), Offence("corruption", 8, organized_group=True, benefit_sought=True),
    Offence("terrorism_financing", 15), Offence("drug_trafficking", 3, organized_group=False),
    Offence("terrorism", 20), Offence("kidnapping", 15, organized_group=True), Offence("money_laundering", 10),
)  # fmt: skip
DAYS = st.dates(date(1960, 1, 1), date(2035, 12, 31))
BOUND = {"party", "bound", "participates"}


@cache
def _read() -> World:
    return read_world()


@pytest.fixture
def world(db: None) -> World:
    """The shipped data: the same for every test of this module, so read once."""
    return _read()


@pytest.fixture
def every(world: World) -> list[Resolution]:
    """Answers to pairs drawn from all, with those of which much is recorded among them."""
    drawn = random.Random(20261124)
    pairs = drawn.sample(all_pairs(world.states), 600)
    pairs += all_pairs(
        ["AL", "AT", "CH", "DE", "DK", "EG", "ES", "FR", "GB", "HR", "IE", "IN", "JP", "LV", "NO", "RU", "US", "ZA"]
    )
    return [
        resolve_in(
            world.pair(one, other), on=date(drawn.randint(1985, 2027), drawn.randint(1, 12), 15),
            measure=drawn.choice(MEASURES), offence=drawn.choice(OFFENCES),
        )
        for one, other in pairs
    ]  # fmt: skip


def residuals(found: list[Resolution]) -> Iterator[tuple[Resolution, BasisEntry]]:
    return ((one, entry) for one in found for entry in one.in_force if entry.law.rules.residual)


def test_nothing_is_offered_that_the_data_say_is_not_in_force_for_one_of_them(
    world: World, every: list[Resolution]
) -> None:
    offered = 0
    for found in every:
        for entry in found.in_force:
            offered += 1
            assert entry.law.rules.entry_into_force.state == "in_force"
            assert entry.law.in_force is None or found.on >= entry.law.in_force
            for side in (entry.requesting, entry.requested):
                row = world.rows[side.jurisdiction][entry.instrument, side.jurisdiction]
                assert row.status in BOUND or (row.ended is not None and found.on < row.ended)
                assert row.in_force_date is None or row.in_force_date <= found.on
                assert row.ended is None or found.on < row.ended
    assert offered > 500


def test_not_known_stays_not_known(every: list[Resolution]) -> None:
    open_ones = 0
    for found in every:
        for row in found.unknown:
            open_ones += 1
            sides = {row.requesting.bound, row.requested.bound}
            assert "unknown" in sides
            assert "no" not in sides
            assert found.entry(row.instrument) is None
            assert row.why
        for row in found.not_in_force:
            assert "no" in {row.requesting.bound, row.requested.bound}
        for entry in found.in_force:
            if found.offence.category is None and entry.scope.answer == "cannot_tell":
                assert entry.scope.question
    assert open_ones > 500


def test_paragraphs_never_apply_while_nobody_has_said_that_no_treaty_binds(every: list[Resolution]) -> None:
    seen = set()
    for found, entry in residuals(every):
        seen.add(entry.residual_applies)
        assert entry.residual_applies != "yes", "nothing was asked"
        assert (entry.residual_applies == "no") == bool(entry.gives_way_to)
        assert not set(entry.residual) & set(entry.articles)
        assert entry.residual_why
        if entry.residual_applies == "no":
            assert not any(content.residual for content in entry.contents)
        for ground in grounds_in_play(found):
            if ground.instrument == entry.instrument and ground.only_if_none:
                assert entry.residual_applies == "cannot_tell"
    assert seen == {"no", "cannot_tell"}


def test_each_answer_of_the_drafter_settles_what_was_open_and_nothing_else(
    world: World, every: list[Resolution]
) -> None:
    for found in every[:200]:
        facts = world.pair(found.requesting, found.requested)
        for said in (True, False):
            settled = resolve_in(
                facts, on=found.on, measure=found.measure, offence=found.offence, relation=Relation(said)
            )
            assert {e.instrument for e in settled.in_force} == {e.instrument for e in found.in_force}
            for _same, entry in residuals([settled]):
                before = found.entry(entry.instrument)
                assert before is not None
                if before.residual_applies == "no":
                    assert entry.residual_applies == "no", "a recorded treaty weighs more than the word"
                else:
                    assert entry.residual_applies == ("no" if said else "yes")


def test_reciprocity_is_spoken_of_exactly_where_no_treaty_carries_the_request(every: list[Resolution]) -> None:
    both = set()
    for found in every:
        told = any(finding.code == "no_common_treaty" for finding in found.findings)
        assert told == (not found.bases)
        both.add(told)
    assert both == {True, False}


def test_schemes_and_channels_are_never_a_basis(every: list[Resolution]) -> None:
    kinds = {"scheme": 0, "channel": 0}
    for found in every:
        for entry in found.in_force:
            if entry.law.kind in kinds:
                kinds[entry.law.kind] += 1
                assert (entry.role, entry.is_basis) == (entry.law.kind, False)
                assert entry.role_reason
    assert kinds["scheme"]


def test_instruments_of_the_union_stand_only_between_states_that_they_bind(
    world: World, every: list[Resolution]
) -> None:
    eu = [law for law in world.general if law.kind == "eu"]
    assert eu
    standing = 0
    for found in every:
        for law in eu:
            if found.entry(law.code) is None:
                assert not any(f.code == "wrong_instrument" and f.instrument == law.code for f in found.findings)
                continue
            standing += 1
            for state in (found.requesting, found.requested):
                assert world.rows[state][law.code, state].status in BOUND
                assert not law.rules.open_to or state in law.rules.open_to
    assert standing


def test_what_stands_between_two_sides_stands_across_them_only(world: World, every: list[Resolution]) -> None:
    agreements = {law.code: law.rules.sides for law in world.general if law.rules.sides}
    assert len(agreements) >= 3
    across = 0
    for found in every:
        for code, (one, other) in agreements.items():
            there = (found.requesting in one and found.requested in other) or (
                found.requesting in other and found.requested in one
            )
            assert (found.answer(code) is not None) == there
            across += there
    assert across > 20


def test_every_shipped_instrument_is_met_and_what_is_not_known_of_it_stays_so(
    world: World, every: list[Resolution]
) -> None:
    """No instrument is left out by the draw, and no scope that cannot be told was answered with a yes or a no."""
    met = {row.instrument for found in every for row in (*found.in_force, *found.not_in_force, *found.unknown)}
    assert {law.code for law in world.general} <= met
    asked = 0
    for found in every:
        for entry in found.in_force:
            rule = entry.law.rules.measures.get(found.measure)
            if rule is None or rule.answer == "cannot_tell":
                assert entry.scope.answer != "in_scope", entry.instrument
                asked += 1
            if entry.scope.answer == "cannot_tell":
                assert entry.scope.question
            for side in (entry.requesting, entry.requested):
                assert world.rows[side.jurisdiction][entry.instrument, side.jurisdiction].status != "unknown"
    assert asked > 100


@SETTINGS
@given(
    number=st.integers(0, 10**6), on=DAYS, offence=st.sampled_from(OFFENCES), order=st.randoms(use_true_random=False)
)
def test_the_order_of_the_rows_does_not_count(
    world: World, number: int, on: date, offence: Offence, order: random.Random
) -> None:
    pairs = all_pairs(world.states)
    facts = world.pair(*pairs[number % len(pairs)])

    def ask(turned: bool) -> dict[str, object]:
        laws, rows, declared = list(facts.laws), list(facts.rows.items()), list(facts.declarations)
        if turned:
            order.shuffle(laws)
            order.shuffle(rows)
        return _decide(facts, on, offence, laws=laws, rows=dict(rows), declarations=declared).as_dict()

    assert ask(turned=True) == ask(turned=False)


def _decide(facts: PairFacts, on: date, offence: Offence, **data: object) -> Resolution:
    return decide(
        requesting=facts.requesting, requested=facts.requested, on=on, measure="bank-records", offence=offence,
        relation=UNASKED, **data,  # type: ignore[arg-type]
    )  # fmt: skip


@SETTINGS
@given(number=st.integers(0, 10**6), on=DAYS, offence=st.sampled_from(OFFENCES))
def test_ranks_are_in_order_and_a_treaty_between_the_two_is_before_a_convention(
    world: World, number: int, on: date, offence: Offence
) -> None:
    pairs = [tuple(sorted(pair)) for pair in world.bilateral]
    one, other = pairs[number % len(pairs)]
    found = resolve_in(world.pair(one, other), on=on, measure="stored-content", offence=offence)
    ranks = [("primary", "subsidiary", "scheme", "channel").index(entry.role) for entry in found.in_force]
    assert ranks == sorted(ranks)
    first = [entry for entry in found.in_force if entry.role == "primary" and entry.scope.answer == "in_scope"]
    kinds = [entry.law.kind in ("bilateral", "eu") for entry in first]
    assert kinds == sorted(kinds, reverse=True)
    both_ways = resolve_in(world.pair(other, one), on=on, measure="stored-content", offence=offence)
    assert [entry.instrument for entry in both_ways.in_force] == [entry.instrument for entry in found.in_force]
