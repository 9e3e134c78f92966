"""The command that shows the legal basis, for a person and for a machine."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from mla.core import clock

pytestmark = pytest.mark.django_db


def test_the_answer_as_json_has_the_agreed_form(capsys: pytest.CaptureFixture[str]) -> None:
    call_command(
        "legal_basis", "US", "IS", "--on", "2013-06-12", "--measure", "stored-content",
        "--offence", "drug_trafficking", "--json",
    )  # fmt: skip
    value = json.loads(capsys.readouterr().out)
    assert {"in_force", "not_in_force", "unknown", "findings", "declarations"} <= set(value)
    first = value["in_force"][0]
    assert {"instrument", "articles", "scope", "scope_question", "role", "requesting", "requested"} <= set(first)
    assert {"since", "computed", "confidence", "source", "to_be_confirmed"} <= set(first["requesting"])
    assert first["instrument"] == "CETS-185"
    assert {row["role"] for row in value["in_force"]} <= {"primary", "subsidiary", "channel", "scheme"}
    assert {row["scope"] for row in value["in_force"]} == {"in_scope", "cannot_tell", "not"}
    for row in (*value["not_in_force"], *value["unknown"]):
        assert row["instrument"]
        assert row["why"]
    assert all(row["message"] and row["severity"] in {"gap", "warning"} for row in value["findings"])


def test_the_page_marks_what_is_computed_and_what_is_to_be_confirmed(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("legal_basis", "us", "is", on="2013-06-12", measure="stored-content", offence="drug_trafficking")
    page = capsys.readouterr().out
    assert "US since 2007-01-01 (?); IS since 2007-05-01" in page
    assert "US since 1990-11-11 computed" in page
    assert "no advice" in page
    assert "CETS-224       US, IS: The instrument is not yet in force" in page
    call_command("legal_basis", "AU", "FJ", on="2026-03-10", measure="other")
    page = capsys.readouterr().out
    assert page.index("Not known") < page.index("UNTOC-2000     FJ:")
    assert "HARARE-1986    scheme" in page


def test_without_a_day_it_is_today(capsys: pytest.CaptureFixture[str]) -> None:
    with clock.frozen(datetime(2030, 5, 6, 12, tzinfo=UTC)):
        call_command("legal_basis", "US", "IS", measure="preservation")
    assert "on 2030-05-06: preservation, offence not given" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["US", "QQ", "--measure", "other"], "QQ"),
        (["US", "IS", "--measure", "other", "--on", "12.6.2013"], r"12\.6\.2013"),
        (["US", "IS", "--measure", "other", "--on", "2013-02-30"], "2013-02-30"),
        (["US", "IS", "--measure", "telepathy"], "telepathy.*preservation.*stored-content"),
        (["US", "IS", "--measure", "other", "--offence", "rudeness"], "rudeness.*fraud"),
        (["US", "US", "--measure", "other"], "US"),
        (["US", "IS"], "--measure"),
    ],
)
def test_a_wrong_question_is_refused_by_its_name(words: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("legal_basis", *words)
