"""A measure is a folder: what is wrong in it is told by file and key, what is wrong in an answer by its path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workflows.drafting.measures import (
    MEASURES,
    MeasureFolderWrong,
    answers_checked,
    measure_catalogue,
    measures_read,
)

MEASURE = """
slug = "hearing"
name = "Hearing"
position = 1
group = "other"
summary = "A witness is heard."
coercive = false
"""
QUESTIONS = """
[common]
persons = "gap"

[[questions]]
key = "oath"
short = "oath"
kind = "yes_no"
label = "On oath?"
why = "Our courts ask for it."
article = "CETS-030 3(2)"
example = "true"
required = "warning"

[[questions]]
key = "mode"
short = "mode"
kind = "choices"
label = "How?"
why = "It must be arranged."
article = ""
example = "video"
required = "gap"
choices = [{ value = "video", label = "by video link" }, { value = "court", label = "in court" }]
"""


def folder(tmp_path: Path, measure: str = MEASURE, questions: str = QUESTIONS, name: str = "hearing") -> Path:
    home = tmp_path / name
    home.mkdir()
    (home / "measure.toml").write_text(measure)
    (home / "questions.toml").write_text(questions)
    return tmp_path


class TestFolders:
    def test_shipped_measures_are_read_in_order(self) -> None:
        found = measure_catalogue()
        assert set(found) == {path.name for path in MEASURES.iterdir() if path.is_dir()}
        assert [m.position for m in found.values()] == sorted(m.position for m in found.values())
        assert found["preservation"].question("mla_will_follow").rule == ("CETS-185", "29(2)(f)")  # type: ignore[union-attr]

    def test_added_folder_is_a_measure(self, tmp_path: Path) -> None:
        measure = measures_read(folder(tmp_path))["hearing"]
        assert [question.key for question in measure.questions] == ["oath", "mode"]
        assert (measure.common["persons"], measure.common["period"]) == ("gap", "no")
        assert measure.letter_template == "measures/hearing.html"

    @pytest.mark.parametrize(
        ("file", "old", "new", "key"),
        [
            ("measure", 'slug = "hearing"', 'slug = "other"', "slug"),
            ("measure", "position = 1", 'position = "1"', "position"),
            ("measure", 'name = "Hearing"', "", "name"),
            ("measure", 'group = "other"', "", "group"),
            ("measure", 'group = "other"', 'group = "some"', "group"),
            ("measure", "coercive = false", "coercive = false\nbroad_after_days = -1", "broad_after_days"),
            ("measure", "coercive = false", 'coercive = false\nbroad_after_days = "90"', "broad_after_days"),
            ("measure", "coercive = false", "coercive = false\ncolour = 1", "colour"),
            ("measure", "coercive = false", "coercive =", "file"),
            ("questions", 'persons = "gap"', 'people = "gap"', "common.people"),
            ("questions", 'persons = "gap"', 'persons = "must"', "common.persons"),
            ("questions", 'kind = "yes_no"', 'kind = "maybe"', "questions[0].kind"),
            ("questions", 'label = "On oath?"', 'label = " "', "questions[0].label"),
            ("questions", 'required = "warning"', "", "questions[0].required"),
            ("questions", 'article = "CETS-030 3(2)"', 'article = "3(2)"', "questions[0].article"),
            ("questions", 'key = "oath"', 'key = "On Oath"', "questions[0].key"),
            ("questions", 'key = "oath"', 'key = "mode"', "mode"),
            ("questions", 'kind = "choices"', 'kind = "text"', "questions[1].choices"),
            ("questions", 'value = "court"', 'value = "video"', "questions[1].choices"),
            ("questions", 'label = "in court"', "text = 1", "questions[1].choices[1]"),
            ("questions", 'label = "in court"', 'label = "in court", warn = ""', "questions[1].choices[1]"),
            (
                "questions",
                'label = "in court"',
                'label = "in court", moved_to = "x"',
                "questions[1].choices[1].moved_to",
            ),
            ("questions", 'example = "video"', 'example = "video"\nmax_length = 99999', "questions[1].max_length"),
        ],
    )
    def test_wrong_folder_is_told_by_file_and_key(
        self, tmp_path: Path, file: str, old: str, new: str, key: str
    ) -> None:
        texts = {"measure": MEASURE, "questions": QUESTIONS}
        assert old in texts[file]
        texts[file] = texts[file].replace(old, new)
        with pytest.raises(MeasureFolderWrong) as wrong:
            measures_read(folder(tmp_path, **texts))
        assert (wrong.value.file.name, wrong.value.key) == (f"{file}.toml", key)
        assert f"hearing/{file}.toml" in str(wrong.value)

    def test_example_of_a_question_is_no_choice_that_is_no_longer_offered(self) -> None:
        for measure in measure_catalogue().values():
            for question in measure.questions:
                retired = {choice.value for choice in question.choices if choice.moved_to}
                assert not retired & {value.strip() for value in question.example.split(",")}, question.key

    def test_folder_without_questions_is_told(self, tmp_path: Path) -> None:
        (folder(tmp_path) / "hearing" / "questions.toml").unlink()
        with pytest.raises(MeasureFolderWrong, match=r"hearing/questions\.toml: file"):
            measures_read(tmp_path)


ANSWERS = """
[[questions]]
key = "a"
short = "a"
kind = "KIND"
label = "A"
why = ""
article = ""
example = ""
required = "no"
"""
CHOICES = 'choices = [{ value = "x", label = "X" }, { value = "y", label = "Y" }]\n'


class TestAnswers:
    @pytest.mark.parametrize(
        ("kind", "given", "kept"),
        [
            ("line", "  one ", "one"),
            ("text", "one\r\ntwo", "one\ntwo"),
            ("choice", "y", "y"),
            ("choices", ["y", "x", "y"], ["x", "y"]),
            ("yes_no", False, False),
            ("date", "2026-03-01", "2026-03-01"),
            ("instant", "2026-03-01T08:00:00+00:00", "2026-03-01T08:00:00Z"),
            ("instant", "2026-03-01T08:00:00+01:00", "2026-03-01T08:00:00+01:00"),
            (
                "period",
                {"from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"},
                {"from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"},
            ),
            ("number", 12, 12),
            ("number", "12", 12),
            ("number", "1250.50", "1250.50"),
            ("number", "99999999999", "99999999999"),
        ],
    )
    def test_answer_is_kept_in_one_form(self, tmp_path: Path, kind: str, given: Any, kept: Any) -> None:
        found, problems = self._check(tmp_path, kind, given)
        assert (found, problems) == ({"a": kept}, [])
        assert answers_checked(found, self.measure)[0] == found

    @pytest.mark.parametrize(
        ("kind", "given"),
        [
            ("line", "one\ntwo"),
            ("line", "x" * 301),
            ("line", 5),
            ("text", "x" * 20_001),
            ("text", "hidden \u202e"),
            ("choice", "z"),
            ("choice", ["x"]),
            ("choices", "x"),
            ("choices", ["x", ["y"]]),
            ("yes_no", "yes"),
            ("yes_no", 1),
            ("date", "2026-02-30"),
            ("date", 20260301),
            ("instant", "2026-03-01T08:00:00"),
            ("instant", "2026-03-01"),
            ("period", {"from": "2026-03-01T00:00:00Z"}),
            ("period", {"from": "2026-03-02T00:00:00Z", "to": "2026-03-01T00:00:00Z"}),
            ("period", "2026"),
            ("number", True),
            ("number", "12,5"),
            ("number", {}),
        ],
    )
    def test_answer_that_does_not_fit_is_told_by_its_path(self, tmp_path: Path, kind: str, given: Any) -> None:
        found, problems = self._check(tmp_path, kind, given)
        assert (found, [problem.where for problem in problems]) == ({}, ["items[0].answers.a"])

    @pytest.mark.parametrize("given", [None, "", [], "   "])
    def test_empty_answer_is_none(self, tmp_path: Path, given: Any) -> None:
        kind = "choices" if given == [] else "text"
        assert self._check(tmp_path, kind, given) == ({}, [])

    def _check(self, tmp_path: Path, kind: str, given: Any) -> tuple[dict[str, Any], list[Any]]:
        questions = ANSWERS.replace("KIND", kind) + (CHOICES if kind.startswith("choice") else "")
        self.measure = measures_read(folder(tmp_path, questions=questions))["hearing"]
        return answers_checked({"a": given}, self.measure, path="items[0].answers")
