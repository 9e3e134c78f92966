"""Dates as sources give them."""

from __future__ import annotations

from datetime import date

import pytest

from mla.reference.dates import is_whole_day, last_day


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2014-03-19", date(2014, 3, 19)),
        ("2026-02", date(2026, 2, 28)),
        ("2024-02", date(2024, 2, 29)),
        ("2024+", date(2024, 12, 31)),
        ("2025-11-19+", date(2025, 11, 19)),
        ("c. 2010", date(2010, 12, 31)),
        ("declaration of 2006", date(2006, 12, 31)),
        ("2011-09-22 declaration", date(2011, 9, 22)),
        ("2024-12 (copy of 17 Dec 2024: preferred)", date(2024, 12, 31)),
        ("undated", None),
        ("", None),
        ("2014-02-31", None),
        ("page 12014", None),
    ],
)
def test_a_vague_date_is_read_as_its_last_day_and_no_date_as_not_known(text: str, expected: date | None) -> None:
    assert last_day(text) == expected


def test_a_month_is_no_whole_day() -> None:
    assert is_whole_day("2014-03-19")
    assert not is_whole_day("2014-03")
    assert not is_whole_day("20140319")
    assert not is_whole_day("2014-02-30")
