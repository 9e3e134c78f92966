"""The index over all States answers as reading one pair does, in a number of queries that no State adds to."""

from __future__ import annotations

import random
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from workflows.demo.bench_law import MEASURES, measure_law, percentiles
from workflows.drafting.resolver import UnknownJurisdiction, read_pair, resolve_in
from workflows.drafting.resolver_types import Offence
from workflows.drafting.resolver_world import all_pairs, read_world

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 24)


def test_the_index_answers_as_one_pair_read_alone() -> None:
    world = read_world()
    pairs = [("US", "GB"), ("GB", "US"), ("ES", "UY"), ("DE", "AL"), ("FR", "IT"), ("JP", "TV")]
    pairs += random.Random(7).sample(all_pairs(world.states), 25)
    for one, other in pairs:
        alone, among = read_pair(requesting=one, requested=other), world.pair(one, other)
        assert (among.declarations, among.languages) == (alone.declarations, alone.languages)
        for measure in MEASURES:
            offence = Offence("fraud", 10)
            asked = [resolve_in(facts, on=ON, measure=measure, offence=offence) for facts in (alone, among, among)]
            assert asked[0].as_dict() == asked[1].as_dict() == asked[2].as_dict()


def test_it_is_read_in_four_queries_and_asks_none_after() -> None:
    with CaptureQueriesContext(
        connection,
    ) as read:
        world = read_world()
    assert len(read) == 4
    with CaptureQueriesContext(connection) as asked:
        resolve_in(world.pair("US", "IS"), on=ON, measure="stored-content", offence=Offence())
    assert len(asked) == 0
    assert len(world.states) >= 195
    with pytest.raises(UnknownJurisdiction, match="QQ"):
        world.pair("US", "QQ")


def test_reasons_are_kept_by_language() -> None:
    world = read_world()
    found = {}
    for language in ("en", "fr"):
        with translation.override(language):
            found[language] = world.pair("US", "IS")
    assert found["en"].asked is not found["fr"].asked
    with translation.override("en"):
        assert world.pair("US", "GB").asked is found["en"].asked


def test_measuring_prints_both_sides_and_refuses_what_cannot_be_asked(tmp_path: Path) -> None:
    said = StringIO()
    where = tmp_path / "law.json"
    call_command(
        "bench_law", "--pairs", "8", "--on", "2026-11-24", "--output", str(where), stdout=said, stderr=StringIO()
    )
    text = said.getvalue()
    for part in ("8, 32 in", "resolver + contents", "look-up of the rows", "p50", "p95", "p99", "max", "MB at most"):
        assert part in text
    assert '"answers": 32' in where.read_text()
    for wrong in (["--pairs", "0"], ["--states", "1"], ["--on", "tomorrow"]):
        with pytest.raises(CommandError, match=wrong[1]):
            call_command("bench_law", *wrong, "--output", str(where), stdout=StringIO())


def test_a_restriction_by_states_asks_all_their_pairs_and_tells_how_far_it_is() -> None:
    told: list[Any] = []
    found = measure_law(on=ON, pairs=None, states=4, progress=lambda done, of: told.append((done, of)))
    assert (found.pairs, len(found.answers.wall), told) == (12, 48, [(12, 12)])
    assert found.bases > 0
    assert percentiles([0.001] * 99 + [0.5])["p50"] == 1.0
    assert percentiles([0.001] * 99 + [0.5])["max"] == 500.0
