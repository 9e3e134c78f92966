"""Key dates: what they are, the lead before them, the day that follows, and what is said when it cannot be kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from mla.reference.errors import ReferenceDataWrong
from tests.factories import example_letter
from workflows.drafting import key_dates
from workflows.drafting.key_dates import MOST_PRESSING, kinds_of_date, needed_by, needs_of, pressing, with_leads
from workflows.drafting.letterfile import letter_from
from workflows.drafting.parsing import LetterFileWrong

DAY = dt.date.fromisoformat


def content(*dates: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"date": "2026-03-01", "key_dates": list(dates), **more}


def test_every_kind_has_its_words_lead_and_mark_and_none_is_called_verified_unread() -> None:
    known = kinds_of_date()
    assert {"limitation", "detention_end", "trial", "hearing", "covert_phase_end", "other"} <= set(known)
    for one in known.values():
        assert one.name and one.confidence == "to_be_confirmed", one.kind
        assert one.kind == "other" or (one.lead_days and one.article and one.why), one.kind


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ('kind = "fair"\nname = "Fair"\nlead_days = -1\nconfidence = "to_be_confirmed"', "lead_days is a whole number"),
        ('kind = "fair"\nname = "Fair"\nlead_days = 1\nconfidence = "sure"', "confidence is verified or"),
        ('kind = "fair"\nlead_days = 1\nconfidence = "verified"', "name is missing"),
    ],
)
def test_wrong_row_of_the_data_is_told_with_its_line(
    row: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "key_dates.toml").write_text(f"\n[[key_date]]\n{row}\n")
    monkeypatch.setattr(key_dates, "ROOT", tmp_path)
    kinds_of_date.cache_clear()
    try:
        with pytest.raises(ReferenceDataWrong, match=says) as error:
            kinds_of_date()
        assert "key_dates.toml, line" in str(error.value)
    finally:
        kinds_of_date.cache_clear()


def test_the_lead_is_taken_off_and_the_earliest_counts_also_against_the_day_of_the_urgency() -> None:
    hearing = {"kind": "hearing", "date": "2026-06-30"}
    assert needed_by(content(hearing)) == DAY("2026-06-16"), "the usual lead"
    assert needed_by(content(hearing | {"lead_days": 0})) == DAY("2026-06-30")
    assert needed_by(content(hearing, {"kind": "trial", "date": "2026-07-01", "lead_days": 60})) == DAY("2026-05-02")
    assert needed_by(content(hearing, urgency={"date": "2026-06-01"})) == DAY("2026-06-01")
    assert needed_by(content(hearing, urgency={"date": "2026-06-20"})) == DAY("2026-06-16")
    assert needed_by(content()) is None
    past = {"kind": "hearing", "date": "2026-02-01"}
    assert needed_by(content(past)) is None, "what lies before the letter asks for nothing"
    assert [need.index for need in needs_of(content(past, hearing))] == [1]


def test_what_another_state_sends_is_not_trusted_to_be_well_formed() -> None:
    strange: list[Any] = [None, "x", {"kind": 5, "date": "2026-05-01"}, {"kind": "trial", "date": "soon"}, {"date": []}]
    assert needed_by({"key_dates": strange, "urgency": "now", "date": 7}) == DAY("2026-05-01")
    assert needed_by({"key_dates": [{"kind": "trial", "date": "0001-01-02", "lead_days": 900}]}) == dt.date.min
    assert needed_by({"key_dates": [{"kind": "new_kind", "date": "2026-05-01", "lead_days": True}]}) == DAY(
        "2026-05-01"
    )
    assert needed_by({"key_dates": 3}) is None


def test_urgency_weighs_more_than_any_day_and_the_earlier_day_more_than_the_later() -> None:
    early, late = DAY("2026-01-01"), DAY("2026-12-31")
    order = [("emergency", early), ("emergency", None), ("urgent", early), ("urgent", late), ("routine", early)]
    order += [("routine", late), ("routine", None)]
    weights = [pressing(level, by) for level, by in order]
    assert weights == sorted(weights, reverse=True) and len(set(weights)) == len(weights)
    assert pressing("routine", None) == 0 and pressing("emergency", dt.date.min) <= MOST_PRESSING
    assert pressing("strange", None) == 0


def test_old_letters_read_as_before_and_leads_are_said_only_where_the_letter_leaves() -> None:
    before = example_letter(1).content() | {"key_dates": [{"kind": "trial", "date": "2026-09-01"}]}
    assert letter_from(before).content()["key_dates"] == before["key_dates"]
    assert with_leads(before) == [{"kind": "trial", "date": "2026-09-01", "lead_days": 30}]
    assert with_leads({"key_dates": [{"kind": "trial", "date": "2026-09-01", "lead_days": 0}]})[0]["lead_days"] == 0


@pytest.mark.parametrize(
    ("entry", "where"),
    [
        ({"kind": "birthday", "date": "2026-09-01"}, "key_dates[0].kind: must be one of: limitation"),
        (
            {"kind": "hearing", "date": "2026-09-01", "at": "2026-09-02T10:00:00Z"},
            "key_dates[0]: the time lies on another",
        ),
        (
            {"kind": "hearing", "date": "2026-09-01", "at": "2026-09-01T10:00:00"},
            "key_dates[0].at: the time needs its UTC",
        ),
        ({"kind": "hearing", "date": "2026-09-01", "lead_days": -1}, "key_dates[0].lead_days: must be at least 0"),
    ],
)
def test_wrong_key_date_is_told_at_its_place(entry: dict[str, Any], where: str) -> None:
    with pytest.raises(LetterFileWrong) as error:
        letter_from(example_letter(1).content() | {"key_dates": [entry]})
    assert where in str(error.value)
