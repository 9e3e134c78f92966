"""What must hold for every pair, day and row: not known is never a yes or a no, and knowledge stays where it belongs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mla.reference.models import Instrument, Participation
from mla.reference.rules import EntryIntoForce
from workflows.drafting.resolver import decide, law_of, row_of
from workflows.drafting.resolver_dates import computed_date, standing
from workflows.drafting.resolver_types import Law, Offence, Resolution, Row

pytestmark = pytest.mark.django_db

SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
DAYS = st.dates(date(1960, 1, 1), date(2035, 12, 31))
STATUSES = [choice for choice, _label in Participation.Status.choices]
STATES = "AL AR AT AU BA CH CO CZ DE DK EG ES FJ FR GB HR IE IN IS JP KG KZ LV NO NZ PG PS RU SA SL TO UA US UY XK ZA".split()
AS_OF = st.sampled_from(["", "undated", "2024+", "c. 2010", "2014-03-19", "2026-02", "2009-12-09", "2030-01-01"])
ROWS = st.builds(
    Row,
    status=st.sampled_from(STATUSES),
    consent_date=st.none() | DAYS,
    in_force_date=st.none() | DAYS,
    ended=st.none() | DAYS,
    as_of=AS_OF,
    confidence=st.sampled_from(["high", "medium", "low", "none"]),
    to_be_confirmed=st.booleans(),
)
PAIRS = st.lists(st.sampled_from(STATES), min_size=2, max_size=2, unique=True)


@dataclass(frozen=True)
class Shipped:
    laws: tuple[Law, ...]
    rows: dict[tuple[str, str], Row]

    def ask(self, pair: list[str], on: date, rows: dict[tuple[str, str], Row] | None = None) -> Resolution:
        return decide(
            requesting=pair[0],
            requested=pair[1],
            on=on,
            measure="stored-content",
            offence=Offence("fraud"),
            laws=self.laws,
            rows=self.rows if rows is None else rows,
        )


@pytest.fixture
def shipped(db: None) -> Shipped:
    laws = tuple(law_of(row) for row in Instrument.objects.all())
    rows = {
        (row.instrument.code, row.jurisdiction.code): row_of(row)
        for row in Participation.objects.select_related("instrument", "jurisdiction")
    }
    return Shipped(laws, rows)


def _answers(shipped: Shipped, found: Resolution) -> dict[str, str | None]:
    return {law.code: found.answer(law.code) for law in shipped.laws}


@SETTINGS
@given(pair=PAIRS, on=DAYS)
def test_every_instrument_has_exactly_one_answer_and_the_same_both_ways(
    shipped: Shipped, pair: list[str], on: date
) -> None:
    found = shipped.ask(pair, on)
    named = [row.instrument for row in (*found.in_force, *found.not_in_force, *found.unknown)]
    concerned = {law.code for law in shipped.laws if law.rules.stands_between(*pair)}
    assert sorted(named) == sorted(concerned)
    assert _answers(shipped, found) == _answers(shipped, shipped.ask(pair[::-1], on))


@SETTINGS
@given(pair=PAIRS, on=DAYS)
def test_no_pair_is_bound_where_the_data_do_not_say_that_both_are(shipped: Shipped, pair: list[str], on: date) -> None:
    for entry in shipped.ask(pair, on).in_force:
        assert entry.law.rules.entry_into_force.state == "in_force"
        assert entry.law.in_force is None or on >= entry.law.in_force
        for code, side in zip(pair, (entry.requesting, entry.requested), strict=True):
            row = shipped.rows[entry.instrument, code]
            assert row.status in {"party", "bound", "participates"} or (row.ended is not None and on < row.ended)
            dated = row.in_force_date or row.consent_date
            assert dated is None or on >= dated
            assert side.since is None or on >= side.since
            assert side.computed == (row.in_force_date is None and side.since is not None)
            assert side.to_be_confirmed or not row.to_be_confirmed


def test_no_shipped_row_short_of_party_binds_on_any_day(shipped: Shipped) -> None:
    laws = {law.code: law for law in shipped.laws}
    for (code, state), row in shipped.rows.items():
        days = [date(1990, 1, 1) + timedelta(days=400 * step) for step in range(45)]
        answers = {standing(state, row, laws[code], on).bound for on in days}
        if row.status in {"not_party", "signatory", "ratified_not_in_force", "unknown"}:
            assert "yes" not in answers, (code, state)
        if row.status == "unknown" and laws[code].in_force is not None:
            after = {standing(state, row, laws[code], on).bound for on in days if on >= laws[code].in_force}
            assert after == {"unknown"}, (code, state)
        if row.status == "withdrawn":
            assert standing(state, row, laws[code], date(2026, 11, 24)).bound == "no", (code, state)


@SETTINGS
@given(pair=PAIRS, on=DAYS, data=st.data())
def test_taking_knowledge_away_never_makes_a_yes_or_a_no(
    shipped: Shipped, pair: list[str], on: date, data: st.DataObject
) -> None:
    found = shipped.ask(pair, on)
    here = [
        (law.code, state)
        for law in shipped.laws
        for state in pair
        if (law.code, state) in shipped.rows and found.answer(law.code) and not law.rules.open_to
    ]
    if not here:
        return
    code, state = data.draw(st.sampled_from(here))
    for less in (None, replace(shipped.rows[code, state], status="unknown")):
        rows = {key: row for key, row in shipped.rows.items() if key != (code, state)}
        if less is not None:
            rows[code, state] = less
        before, after = found.answer(code), shipped.ask(pair, on, rows).answer(code)
        assert after == "unknown" or before == after == "not_in_force"


@SETTINGS
@given(pair=PAIRS, on=DAYS, row=ROWS, data=st.data())
def test_a_new_row_moves_only_its_own_instrument(
    shipped: Shipped, pair: list[str], on: date, row: Row, data: st.DataObject
) -> None:
    code = data.draw(st.sampled_from([law.code for law in shipped.laws]))
    before = _answers(shipped, shipped.ask(pair, on))
    after = _answers(shipped, shipped.ask(pair, on, shipped.rows | {(code, pair[0]): row}))
    assert {key: value for key, value in before.items() if key != code} == {
        key: value for key, value in after.items() if key != code
    }


@SETTINGS
@given(row=ROWS, on=DAYS, data=st.data())
def test_a_row_binds_only_by_a_date_that_has_come(shipped: Shipped, row: Row, on: date, data: st.DataObject) -> None:
    law = data.draw(st.sampled_from(shipped.laws))
    side = standing("US", row, law, on)
    if side.bound == "yes":
        assert row.status in {"party", "bound", "participates", "withdrawn"}
        assert row.ended is None or on < row.ended
        assert row.in_force_date is None or on >= row.in_force_date
        assert row.in_force_date or row.consent_date or row.as_of not in {"", "undated"}
        assert law.in_force is None or on >= law.in_force
    if row.status == "unknown":
        assert side.bound != "yes"
        # A no can only come from the instrument's own day, never from the row.
        assert side.bound == "unknown" or standing("US", None, law, on).bound == "no"
    assert side.why.endswith(".")


@SETTINGS
@given(row=ROWS, on=DAYS, later=st.integers(0, 20_000), data=st.data())
def test_once_bound_a_state_stays_bound_until_the_day_it_ended(
    shipped: Shipped, row: Row, on: date, later: int, data: st.DataObject
) -> None:
    law = data.draw(st.sampled_from(shipped.laws))
    if row.status == "withdrawn":
        row = replace(row, status="party")
    if standing("US", row, law, on).bound == "yes":
        after = on + timedelta(days=later)
        assert standing("US", row, law, after).bound == ("yes" if row.ended is None or after < row.ended else "no")


@SETTINGS
@given(consent=DAYS)
def test_computed_days_follow_the_conventions_rules(consent: date) -> None:
    assert computed_date(EntryIntoForce(rule="days", count=30), consent) == consent + timedelta(days=30)
    assert computed_date(EntryIntoForce(rule="same_day"), consent) == consent
    assert computed_date(EntryIntoForce(), consent) is None
    by_month = computed_date(EntryIntoForce(rule="months", count=3), consent)
    assert by_month is not None
    assert by_month.day == 1
    months = (by_month.year - consent.year) * 12 + by_month.month - consent.month
    assert months == 4, "the first day of the month after three whole months"


def test_computed_days_agree_with_every_day_that_the_sources_give(shipped: Shipped) -> None:
    # Bulgaria joined by a decision of the Council; Korea's two dates are one day apart and to be confirmed.
    known = {("EU-2000", "BG"), ("CETS-030", "KR")}
    laws = {law.code: law for law in shipped.laws}
    compared, different = 0, set()
    for (code, state), row in shipped.rows.items():
        if row.in_force_date is None or row.consent_date is None:
            continue
        day = computed_date(laws[code].rules.entry_into_force, row.consent_date)
        if day is not None:
            compared += 1
            if max(day, laws[code].in_force or day) != row.in_force_date:
                different.add((code, state))
    assert different == known
    assert compared > 150
