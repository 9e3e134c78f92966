"""The file of an earlier register, read and checked line by line, without a database."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import replace
from typing import Any

import pytest

from workflows.lifecycle.importing import COLUMNS, REQUIRED, RegisterUnreadable, folded, read_register
from workflows.lifecycle.importing_lines import Checked, Known, Office, Person, checked, numbers

OWN = Office(1, "is-central", "Ministry of Justice", "IS", "central")
KNOWN = Known(
    own=OWN,
    today=dt.date(2026, 6, 15),
    states=frozenset({"IS", "FR", "US"}),
    offices=[
        OWN,
        Office(2, "is-prosecutor", "District Prosecutor", "IS", "originating", 1),
        Office(3, "is-executing", "Police", "IS", "executing", 1),
        Office(4, "fr-central", "Bureau", "FR", "central"),
        Office(5, "us-central", "Office", "US", "central"),
        Office(6, "us-states", "Office", "US", "central"),
    ],
    measures={folded(word): slug for slug in ("bank-records", "testimony") for word in (slug, slug.replace("-", " "))},
    grounds={"essential interests": "essential_interests"},
    people={
        "jona": Person(9, "jona", frozenset({(1, "desk_officer")})),
        "ari": Person(8, "ari", frozenset({(3, "executing_officer")})),
    },
    references={("outgoing", "OLD-1"): 0, ("incoming", "OLD-2"): 4},
)
RIGHT = {
    "direction": "out",
    "our_reference": "77/2025",
    "state": "FR",
    "subject": "Bank records, fraud",
    "measures": "bank-records",
    "date": "2025-11-03",
    "status": "sent",
}


def file_of(*lines: dict[str, str], delimiter: str = ";", columns: list[str] | None = None) -> bytes:
    written = io.StringIO()
    writer = csv.DictWriter(written, columns or list(COLUMNS), delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(lines)
    return written.getvalue().encode()


def of(*lines: dict[str, str], known: Known = KNOWN, **how: Any) -> list[Checked]:
    return checked(read_register(file_of(*lines, **how), name="register.csv"), known)


def wrong(**changes: str) -> list[tuple[str, str]]:
    """Return (column, message) of what is wrong in the right line with some cells changed."""
    (one,) = of(RIGHT | changes)
    assert bool(one.problems) == (one.entry is None)
    return [(problem.column, problem.message) for problem in one.problems]


class TestFile:
    @pytest.mark.parametrize("delimiter", [";", ",", "\t"])
    @pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
    def test_separators_and_the_mark_of_excel_are_read_alike(self, delimiter: str, mark: bytes) -> None:
        data = mark + file_of(RIGHT | {"note": 'says; "a", and\r\nb'}, delimiter=delimiter)
        (line,) = read_register(data, name="r.csv").lines
        assert line.said["note"] == 'says; "a", and\nb' and line.said["subject"] == "Bank records, fraud"
        assert line.number == 2 and '"says; ""a"", and\r\nb"' in line.text

    def test_line_numbers_are_those_of_an_editor_and_empty_lines_count(self) -> None:
        head, first = file_of(RIGHT | {"note": "a\nb"}).split(b"\r\n", 1)
        data = b"sep=;\r\n" + head + b"\r\n" + first + b";;\r\n\r\n" + file_of(RIGHT).split(b"\r\n", 1)[1]
        assert [line.number for line in read_register(data, name="r").lines] == [3, 7]

    def test_header_is_understood_as_people_write_it(self) -> None:
        data = file_of(RIGHT).replace(b"our_reference", b" Our  Reference ").replace(b"direction", b"DIRECTION")
        register = read_register(data, name="r")
        assert register.columns["our_reference"] == "Our Reference" and len(register.lines) == 1

    def test_unknown_columns_are_kept_and_named(self) -> None:
        data = file_of(RIGHT | {"Shelf": "B 12"}, columns=[*RIGHT, "Shelf"])
        register = read_register(data, name="r")
        assert register.unread == ("Shelf",) and ("Shelf", "B 12") in register.lines[0].cells

    @pytest.mark.parametrize(
        ("data", "told"),
        [
            (b"", "empty"),
            (b" \r\n\r\n", "empty"),
            (b"PK\x03\x04rest", "CSV UTF-8"),
            (b"\xd0\xcf\x11\xe0rest", "CSV UTF-8"),
            ("a;b".encode("utf-16"), "UTF-16"),
            (b"%PDF-1.7", "PDF"),
            (b"direction;\r\nM\xfcller", "Line 2"),
            (b"a\x00b", "no text"),
            (b"direction;date\r\nout;2026-01-01", "our_reference, state, subject, status"),
            (file_of(), "no case"),
            (file_of(RIGHT).replace(b"note", b"date"), "twice"),
            (file_of(RIGHT) + b'out;"open', "line 3"),
            (file_of(RIGHT) + b'out;"a"b;c\r\n', "line 3"),
        ],
    )
    def test_what_is_no_register_is_refused_with_what_to_do(self, data: bytes, told: str) -> None:
        with pytest.raises(RegisterUnreadable, match=told):
            read_register(data, name="r")

    def test_separator_in_a_text_without_quotes_is_told_in_its_line(self) -> None:
        data = file_of(RIGHT).rstrip(b"\r\n") + b";more;cells\r\n"
        (one,) = checked(read_register(data, name="r"), KNOWN)
        assert one.entry is None and "must stand in quotes" in one.problems[0].message

    def test_what_misleads_the_eye_is_refused_in_its_cell(self) -> None:
        assert [column for column, _message in wrong(subject="a\u202eb")] == ["subject"]

    def test_formula_comes_in_as_the_text_that_it_is(self) -> None:
        (one,) = of(RIGHT | {"subject": "'=cmd|' /C calc'!A0"})
        assert one.entry is not None and one.entry.subject == "=cmd|' /C calc'!A0"


class TestLine:
    def test_right_line_becomes_a_case(self) -> None:
        (one,) = of(RIGHT | {"their_reference": "T 9", "last_act": "4.12.2025", "needed_by": "2026-07-01"})
        entry = one.entry
        assert entry is not None and not one.problems
        assert (entry.direction, entry.status, entry.other.code) == ("outgoing", "sent", "fr-central")
        assert (entry.day, entry.last_act) == (dt.date(2025, 11, 3), dt.date(2025, 12, 4))
        assert entry.measures == ("bank-records",) and entry.channel == "paper" and not entry.restricted

    @pytest.mark.parametrize("column", REQUIRED)
    def test_what_is_required_is_missed(self, column: str) -> None:
        assert [one for one, _message in wrong(**{column: ""})] == [column]

    @pytest.mark.parametrize(
        ("changes", "column", "told"),
        [
            ({"direction": "sideways"}, "direction", "out, in"),
            ({"state": "XX"}, "state", "two letters"),
            ({"state": "IS"}, "state", "our own State"),
            ({"state": "US"}, "authority", "us-central, us-states"),
            ({"state": "US", "authority": "Office"}, "authority", "Several authorities"),
            ({"authority": "us-central"}, "authority", "fr-central"),
            ({"date": "31.02.2025"}, "date", "2026-03-31"),
            ({"date": "03/04/2025"}, "date", "for sure"),
            ({"date": "2026-06-16"}, "date", "future"),
            ({"date": "1025-01-01"}, "date", "year"),
            ({"last_act": "2025-11-02"}, "last_act", "before the day"),
            ({"status": "postponed"}, "status", "beside the status"),
            ({"status": "draft"}, "status", "draft it here"),
            ({"status": "under review"}, "status", "sent, acknowledged, in_execution"),
            ({"outcome": "executed"}, "outcome", "still open"),
            ({"status": "closed", "last_act": "2026-01-01"}, "outcome", "missing"),
            ({"status": "closed", "outcome": "executed"}, "last_act", "missing"),
            ({"status": "concluded", "outcome": "unanswered", "last_act": "2026-01-01"}, "status", "is closed"),
            ({"status": "closed", "outcome": "refused", "last_act": "2026-01-01"}, "ground", "essential_interests"),
            ({"ground": "essential_interests"}, "ground", "Only a refusal"),
            ({"measures": "bank-records, dowsing"}, "measures", "dowsing"),
            ({"measures": ""}, "measures", "other"),
            ({"officer": "nobody"}, "officer", "signs in"),
            ({"restricted": "maybe"}, "restricted", "yes, no"),
            ({"channel": "local"}, "channel", "paper"),
            ({"executing_authority": "is-executing"}, "executing_authority", "Only a request in"),
            ({"for_authority": "fr-central"}, "for_authority", "is-prosecutor"),
            ({"direction": "in", "status": "in execution"}, "executing_authority", "carries it out"),
            ({"direction": "in", "status": "received", "executing_authority": "is-executing"}, "executing_authority", "until then"),
            ({"direction": "in", "status": "received", "for_authority": "is-prosecutor"}, "for_authority", "leave it empty"),
            ({"our_reference": "OLD-1"}, "our_reference", "in the register already"),
            ({"our_reference": "IS-CENTRAL/in/2026/00001"}, "our_reference", "other register"),
            ({"our_reference": "is-central/out/2026/7"}, "our_reference", "IS-CENTRAL/out/2026/00007"),
            ({"our_reference": "IS-CENTRAL/out/2027/00001"}, "our_reference", "no such year"),
            ({"subject": "x" * 301}, "subject", "301"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_told_in_its_column(self, changes: dict[str, str], column: str, told: str) -> None:
        found = wrong(**changes)
        assert [one for one, _message in found] == [column] and told in found[0][1]

    def test_every_error_of_a_line_is_told_at_once(self) -> None:
        assert {one for one, _message in wrong(state="XX", date="soon", status="lost", subject="")} == {
            "state", "date", "status", "subject",
        }  # fmt: skip

    def test_reference_stands_once_in_a_file_and_in_each_register(self) -> None:
        first, second, third = of(RIGHT, RIGHT, RIGHT | {"direction": "in", "status": "received"})
        assert first.entry and third.entry
        assert [problem.message for problem in second.problems] == [
            "“77/2025” stands in line 2 already: a reference is given once."
        ]

    def test_line_that_was_taken_over_is_known(self) -> None:
        (one,) = of(RIGHT | {"direction": "in", "our_reference": "OLD-2", "status": "received"})
        assert one.problems[0].known and "line 4" in one.problems[0].message

    def test_case_in_execution_has_its_office_and_officer(self) -> None:
        line = RIGHT | {"direction": "in", "status": "in execution", "executing_authority": "is-executing"}
        (one,), (stranger,) = of(line | {"officer": "ari"}), of(line | {"officer": "jona"})
        assert one.entry and one.entry.executing and one.entry.officer and one.entry.officer.pk == 8
        assert stranger.problems[0].column == "officer"

    def test_highest_numbers_of_our_own_form_are_found(self) -> None:
        entries = [
            one.entry
            for one in of(
                *(
                    RIGHT | {"our_reference": f"IS-CENTRAL/out/{year}/{number:05d}"}
                    for year, number in ((2026, 4), (2026, 812), (2025, 9))
                ),
                RIGHT,
            )
            if one.entry
        ]
        assert len(entries) == 4 and list(numbers(entries)) == [("out", 2025, 9), ("out", 2026, 812)]

    def test_ten_thousand_lines_are_read_and_none_is_lost(self) -> None:
        lines = (RIGHT | {"our_reference": f"{n}/2025", "status": "sent" if n % 10 else "lost"} for n in range(10_000))
        found = of(*lines)
        assert len(found) == 10_000 and sum(one.entry is None for one in found) == 1_000

    def test_too_many_lines_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("workflows.lifecycle.importing.MOST_LINES", 3)
        of(*(RIGHT for _n in range(3)))
        with pytest.raises(RegisterUnreadable, match="more than 3 lines"):
            of(*(RIGHT for _n in range(4)))

    def test_words_are_understood_in_the_readers_language_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from workflows.lifecycle import importing

        monkeypatch.setattr(importing, "COLUMNS", {**COLUMNS, "state": "autre État"})
        data = file_of(RIGHT).replace(b"state;", "Autre état;".encode(), 1)
        (one,) = checked(read_register(data, name="r"), replace(KNOWN))
        assert one.entry is not None
