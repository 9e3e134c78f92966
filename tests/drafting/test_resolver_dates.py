"""What one row says of one State on one day: the table of statuses and dates."""

from __future__ import annotations

from datetime import date

import pytest

from mla.reference.rules import EntryIntoForce, rules_of
from workflows.drafting.resolver_dates import standing
from workflows.drafting.resolver_types import Law, Row

_RULES = rules_of(
    {
        "scope": [{"offences": ["*"], "answer": "in_scope", "confidence": "verified"}],
        "measures": {"other": {"answer": "not", "confidence": "verified"}},
    }
)


def law(in_force: str | None = "2003-09-29", open_to: tuple[str, ...] = (), **entry: object) -> Law:
    rules = _RULES.model_copy(update={"entry_into_force": EntryIntoForce.model_validate(entry), "open_to": open_to})
    return Law("L", "treaty", "Law", rules, in_force=date.fromisoformat(in_force) if in_force else None)


def row(status: str, as_of: str = "2014-03-19", **dates: str) -> Row:
    return Row(status, as_of=as_of, **{name: date.fromisoformat(day) for name, day in dates.items()})  # type: ignore[arg-type]


DAYS = {"rule": "days", "count": 30, "confidence": "verified"}


@pytest.mark.parametrize(
    ("held", "instrument", "on", "bound"),
    [
        (None, law(), "2020-01-01", "unknown"),
        (None, law(), "2003-09-28", "no"),
        (None, law(open_to=("FR", "DE")), "2020-01-01", "no"),
        (None, law(open_to=("US", "DE")), "2020-01-01", "unknown"),
        (row("unknown", as_of=""), law(), "2020-01-01", "unknown"),
        (row("not_party"), law(), "2020-01-01", "no"),
        (row("ratified_not_in_force"), law(), "2020-01-01", "no"),
        (row("signatory"), law(), "2014-03-19", "no"),
        (row("signatory"), law(), "2014-03-20", "unknown"),
        (row("signatory", as_of="undated"), law(), "2014-03-20", "unknown"),
        (row("withdrawn"), law(), "2014-03-18", "unknown"),
        (row("withdrawn"), law(), "2014-03-19", "no"),
        (row("withdrawn", in_force_date="2005-01-01", ended="2014-03-19"), law(), "2014-03-18", "yes"),
        (row("withdrawn", in_force_date="2005-01-01", ended="2014-03-19"), law(), "2014-03-19", "no"),
        (row("party", in_force_date="2005-01-01"), law(), "2004-12-31", "no"),
        (row("party", in_force_date="2005-01-01"), law(), "2005-01-01", "yes"),
        (row("party", in_force_date="2005-01-01", ended="2010-01-01"), law(), "2010-01-01", "no"),
        (row("bound", in_force_date="2005-01-01"), law(), "2005-01-01", "yes"),
        (row("participates", as_of="2014"), law(), "2014-12-30", "unknown"),
        (row("participates", as_of="2014"), law(), "2014-12-31", "yes"),
        (row("party", as_of="undated"), law(), "2020-01-01", "unknown"),
        (row("party", consent_date="2005-01-10"), law(**DAYS), "2005-01-09", "no"),
        (row("party", consent_date="2005-01-10"), law(**DAYS), "2005-02-08", "no"),
        (row("party", consent_date="2005-01-10"), law(**DAYS), "2005-02-09", "yes"),
        (row("party", consent_date="2001-01-10"), law(**DAYS), "2003-09-29", "yes"),
        (row("party", consent_date="2001-01-10"), law(**DAYS), "2003-09-28", "no"),
        # Without a rule a consent alone gives no day: not before it, and known only when the source speaks.
        (row("party", consent_date="2005-01-10"), law(), "2005-01-09", "no"),
        (row("party", consent_date="2005-01-10"), law(), "2005-01-10", "unknown"),
        (row("party", consent_date="2005-01-10"), law(), "2014-03-19", "yes"),
        (row("party", in_force_date="2005-01-01"), law(in_force=None, state="not_in_force"), "2030-01-01", "no"),
        # An instrument of which only the year is known.
        (row("party", consent_date="2004-01-01"), law(None, earliest="2004-06-01", latest="2004-12-31", **DAYS), "2004-05-31", "no"),
        (row("party", consent_date="2004-01-01"), law(None, earliest="2004-06-01", latest="2004-12-31", **DAYS), "2004-06-01", "unknown"),
        (row("party", consent_date="2004-01-01"), law(None, earliest="2004-06-01", latest="2004-12-31", **DAYS), "2004-12-31", "yes"),
    ],
)  # fmt: skip
def test_a_row_is_read_as_of_the_day_of_the_request(held: Row | None, instrument: Law, on: str, bound: str) -> None:
    side = standing("US", held, instrument, date.fromisoformat(on))
    assert side.bound == bound, side.why
    assert bool(side.since) <= (bound == "yes")


def test_a_computed_day_is_said_to_be_computed_and_as_certain_as_its_rule() -> None:
    held = Row("party", consent_date=date(2005, 1, 10), as_of="2014-03-19", to_be_confirmed=False, confidence="high")
    sure = standing("US", held, law(**DAYS), date(2020, 1, 1))
    assert (sure.since, sure.computed, sure.to_be_confirmed) == (date(2005, 2, 9), True, False)
    unsure = standing("US", held, law(**(DAYS | {"confidence": "to_be_confirmed"})), date(2020, 1, 1))
    assert (unsure.computed, unsure.to_be_confirmed) == (True, True)
    given = standing(
        "US", Row("party", in_force_date=date(2005, 2, 9), as_of="2014-03-19"), law(**DAYS), date(2020, 1, 1)
    )
    assert (given.since, given.computed) == (date(2005, 2, 9), False)
