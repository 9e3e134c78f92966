"""Questions follow from what is chosen: the language of the conditions, what it refuses, and that no answer is lost."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drafting.letters import letter, values
from tests.drafting.test_measures import MEASURE, folder
from workflows.drafting.asking import (
    NONE_YET,
    TREATIES,
    AskedWhen,
    Condition,
    Situation,
    instrument_codes,
    predicates,
)
from workflows.drafting.asking_letter import (
    AskingWrong,
    fields_asked_when,
    fields_read,
    left_over,
    letter_as_asked,
    not_asked,
    not_asked_of_item,
    situation,
)
from workflows.drafting.findings import Law, letter_findings
from workflows.drafting.freezing import outward
from workflows.drafting.letterfile import LetterFile, letter_from
from workflows.drafting.measures import MEASURES, Measure, MeasureFolderWrong, measure_catalogue, measures_read
from workflows.drafting.vocabulary import CHANNELS, OffenceCategory
from workflows.lifecycle.models import OutgoingRequest

CATALOGUE = measure_catalogue()
QUESTIONS = """
[[questions]]
key = "mode"
short = "mode"
kind = "choice"
label = "How?"
why = "It must be arranged."
article = ""
example = "video"
required = "gap"
choices = [{ value = "video", label = "by video link" }, { value = "court", label = "in court" }]

[[questions]]
key = "words"
short = "words"
kind = "text"
label = "In words?"
why = ""
article = ""
example = "x"
required = "no"

[[questions]]
key = "link"
short = "link"
kind = "text"
label = "Which link?"
why = "It must be tried."
article = ""
example = "x"
required = "gap"
asked_when = { answers = { mode = ["video"] } }
"""
WHEN = 'asked_when = { answers = { mode = ["video"] } }'


# --- the language ---


@pytest.mark.parametrize(
    ("when", "key", "said"),
    [
        (
            "asked_when = { weather = ['fine'] }",
            "questions[2].asked_when.weather",
            "the predicates are answers, channel",
        ),
        ("asked_when = { own = { mode = ['video'] } }", "questions[2].asked_when.own", "is no predicate"),
        ("asked_when = { urgency = ['soon'] }", "questions[2].asked_when.urgency", "'soon' is no value"),
        ("asked_when = { urgency = 'urgent' }", "questions[2].asked_when.urgency", "is no list of values"),
        ("asked_when = { urgency = [] }", "questions[2].asked_when.urgency", "is no list of values"),
        ("asked_when = { stage = ['appeal'] }", "questions[2].asked_when.stage", "investigation"),
        ("asked_when = { channel = ['pigeon'] }", "questions[2].asked_when.channel", "24_7"),
        ("asked_when = { confidentiality = ['secret'] }", "questions[2].asked_when.confidentiality", "restricted"),
        ("asked_when = { identifier_types = ['name'] }", "questions[2].asked_when.identifier_types", "iban"),
        ("asked_when = { person_roles = ['judge'] }", "questions[2].asked_when.person_roles", "witness"),
        ("asked_when = { offence_categories = ['theft'] }", "questions[2].asked_when.offence_categories", "fraud"),
        ("asked_when = { instruments = ['CETS-999'] }", "questions[2].asked_when.instruments", "CETS-185"),
        (
            "asked_when = { answers = { mode = ['radio'] } }",
            "questions[2].asked_when.answers.mode",
            "court, none_yet, video",
        ),
        ("asked_when = { answers = { words = ['x'] } }", "questions[2].asked_when.answers.words", "free words"),
        ("asked_when = { answers = { link = ['x'] } }", "questions[2].asked_when.answers.link", "earlier one"),
        (
            "asked_when = { answers = { moed = ['x'] } }",
            "questions[2].asked_when.answers.moed",
            "those are mode, words",
        ),
        ("asked_when = { answers = ['mode'] }", "questions[2].asked_when.answers", "is a table"),
        ("asked_when = {}", "questions[2].asked_when", "is no table"),
        ("asked_when = ['urgent']", "questions[2].asked_when", "is no table"),
    ],
)
def test_wrong_condition_is_told_by_file_key_and_what_is_known(tmp_path: Path, when: str, key: str, said: str) -> None:
    home = folder(tmp_path, MEASURE, QUESTIONS.replace(WHEN, when))
    with pytest.raises(MeasureFolderWrong) as wrong:
        measures_read(home)
    assert wrong.value.key == key
    text = (home / "hearing/questions.toml").read_text(encoding="utf-8")
    line = 1 + text[: text.index(when)].count("\n")
    assert str(wrong.value).startswith(f"hearing/questions.toml, line {line}: {key}: ")
    assert said in str(wrong.value)


def test_a_condition_on_what_there_is_not_stops_the_program_at_its_start_and_names_file_and_place(
    tmp_path: Path,
) -> None:
    """The program as it is started, once with the files as shipped and once with one predicate changed."""
    home = tmp_path / "measures"
    shutil.copytree(MEASURES, home)
    start = (
        "import sys, pathlib, workflows.drafting.measures as measures\n"
        "measures.MEASURES = pathlib.Path(sys.argv[1])\n"
        "import django\n"
        "django.setup()\n"
    )
    said = {}
    for change in ("answers", "weather"):
        file = home / "testimony/questions.toml"
        text = file.read_text(encoding="utf-8")
        place = text.index("asked_when = { answers = ", text.index("[[questions]]"))
        file.write_text(text[:place] + text[place:].replace("{ answers", f"{{ {change}", 1), encoding="utf-8")
        said[change] = subprocess.run(
            [sys.executable, "-c", start, str(home)], capture_output=True, text=True, timeout=120, check=False
        )
    assert (said["answers"].returncode, said["answers"].stderr.count("Wrong")) == (0, 0)
    assert said["weather"].returncode != 0
    line = text[:place].count("\n") + 1
    assert f"testimony/questions.toml, line {line}: questions[" in said["weather"].stderr
    assert "asked_when.weather: is no predicate; the predicates are answers, channel" in said["weather"].stderr


def test_condition_on_a_later_question_is_refused(tmp_path: Path) -> None:
    first, second, third = QUESTIONS.split("\n[[questions]]")[1:]
    turned = "".join(f"\n[[questions]]{one}" for one in (third, first, second))
    with pytest.raises(MeasureFolderWrong, match=r"questions\[0\]\.asked_when\.answers\.mode: stands after"):
        measures_read(folder(tmp_path, MEASURE, turned))


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("period = { answers = { mode = ['radio'] } }", "common_asked_when.period.answers.mode"),
        ("people = { urgency = ['urgent'] }", "common_asked_when.people"),
        ("period = { weather = ['fine'] }", "common_asked_when.period.weather"),
    ],
)
def test_wrong_condition_of_a_common_field_is_told(tmp_path: Path, table: str, key: str) -> None:
    with pytest.raises(MeasureFolderWrong) as wrong:
        measures_read(folder(tmp_path, MEASURE, f"[common_asked_when]\n{table}\n{QUESTIONS}"))
    assert wrong.value.key == key


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('path = "urgency.day"\nasked_when = { urgency = ["urgent"] }', r"field\[0\]\.path: there is no such field"),
        ('path = "weather"\nasked_when = { urgency = ["urgent"] }', r"field\[0\]\.path: there is no such field"),
        ('path = "urgency.date"\nasked_when = { urgency = ["soon"] }', r"field\[0\]\.asked_when\.urgency: 'soon'"),
        ('path = "urgency.date"\nasked_when = { answers = { a = ["b"] } }', r"asked_when\.answers: is no predicate"),
        (
            'path = "identifiers.port"\nasked_when = { own = { type = ["x"] } }',
            r"asked_when\.own\.type: 'x' is no value",
        ),
        ('path = "identifiers.port"\nasked_when = { own = { note = ["x"] } }', r"asked_when\.own\.note: .*free words"),
        ('path = "urgency.date"\nasked_when = { urgency = ["urgent"] }\nwhy = "x"', r"field\[0\]: has the keys"),
        ("= nothing", r"asking\.toml: "),
    ],
)
def test_wrong_file_of_the_letters_own_fields_is_told(tmp_path: Path, row: str, said: str) -> None:
    file = tmp_path / "asking.toml"
    file.write_text(f"[[field]]\n{row}\n")
    with pytest.raises(AskingWrong, match=said):
        fields_read(file)


def test_start_reads_the_files_and_stops_at_a_wrong_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from django.apps import apps

    from workflows.drafting import measures

    config = apps.get_app_config("drafting")
    config.read_files()
    monkeypatch.setattr(measures, "MEASURES", folder(tmp_path, MEASURE, QUESTIONS.replace(WHEN, "asked_when = 1")))
    measures._shipped.cache_clear()
    try:
        with pytest.raises(MeasureFolderWrong, match=r"hearing/questions\.toml, line \d+: questions\[2\]\.asked_when"):
            config.read_files()
    finally:
        monkeypatch.undo()
        measures._shipped.cache_clear()


def test_vocabularies_are_those_of_the_data() -> None:
    codes = {tomllib.loads(path.read_text())["code"] for path in TREATIES.glob("*.toml")}
    assert instrument_codes() == codes | {"RECIPROCITY"}
    assert set(CHANNELS) == set(OutgoingRequest.CHANNELS)
    assert predicates()["offence_categories"] == set(get_args(OffenceCategory))
    for channel in CHANNELS:
        assert letter(channel=channel).channel == channel


_VALUES = st.frozensets(st.sampled_from("abc"))


@given(_VALUES, _VALUES, st.lists(st.sampled_from(["a", "b", "c", NONE_YET]), min_size=1))
def test_all_conditions_must_hold_and_one_value_of_each_is_enough(
    here: frozenset[str], there: frozenset[str], wanted: list[str]
) -> None:
    now = Situation({"stage": here}, {"mode": there})
    one, two = Condition("stage", tuple(wanted)), Condition("answers", tuple(wanted), "mode")
    assert one.holds(now) == (bool(here & set(wanted)) if here else NONE_YET in wanted)
    assert AskedWhen((one, two)).holds(now) == (one.holds(now) and two.holds(now))
    assert set(AskedWhen((one, two)).unmet(now)) == {c for c in (one, two) if not c.holds(now)}
    assert AskedWhen().holds(now)


# --- what is shipped ---


def conditions() -> list[tuple[str, str, AskedWhen]]:
    of_measures = [(m.slug, q.key, q.asked_when) for m in CATALOGUE.values() for q in m.questions]
    of_measures += [(m.slug, key, when) for m in CATALOGUE.values() for key, when in m.common_when.items()]
    return [row for row in of_measures if row[2].conditions] + [
        ("letter", path, when) for path, when in fields_asked_when().items()
    ]


@pytest.mark.parametrize(
    ("where", "key", "when"), conditions(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_each_shipped_condition_both_shows_and_hides(where: str, key: str, when: AskedWhen) -> None:
    for condition in when.conditions:
        values_of = {value for value in condition.values if value != NONE_YET}
        assert values_of, "a condition that names nothing but none_yet"
        every: set[str] = set(predicates().get(condition.predicate, ()))
        if condition.predicate == "answers":
            question = CATALOGUE[where].question(condition.of)
            assert question is not None
            every = set(question.values)
        if condition.predicate == "own":
            every = values_of | {"another"}
        assert values_of < every, f"{where}.{key}: it holds whatever is chosen"
    shown = {c: frozenset([next(v for v in c.values if v != NONE_YET)]) for c in when.conditions}
    assert when.holds(_such(shown))
    for condition in when.conditions:
        assert not when.holds(_such(shown | {condition: frozenset({"another"})}))


def _such(given: dict[Condition, frozenset[str]]) -> Situation:
    facts: dict[str, dict[str, frozenset[str]]] = {"answers": {}, "own": {}, "": {}}
    for condition, found in given.items():
        kind = condition.predicate if condition.of else ""
        facts[kind][condition.of or condition.predicate] = found
    return Situation(facts[""], facts["answers"], facts["own"])


@pytest.mark.parametrize(
    ("predicate", "of_letter", "value"),
    [
        ("instruments", {}, "CETS-185"),
        ("identifier_types", {}, "ip"),
        ("person_roles", {}, "suspect"),
        ("offence_categories", {}, "cybercrime"),
        ("stage", {}, "investigation"),
        ("urgency", {}, "routine"),
        ("urgency", {"urgency": {"level": "emergency"}}, "emergency"),
        ("confidentiality", {}, "normal"),
        ("confidentiality", {"confidentiality": {"level": "restricted"}}, "restricted"),
        ("channel", {}, "local"),
        ("channel", {"channel": "paper"}, "paper"),
    ],
)
def test_situation_holds_what_the_letter_chose(predicate: str, of_letter: dict[str, Any], value: str) -> None:
    content = letter(**of_letter).content()
    for item in (content["items"][0], None):
        assert situation(content, item).facts[predicate] == {value}


def test_item_is_seen_by_what_it_names_itself() -> None:
    content = values()
    content["identifiers"].append({"id": "I2", "type": "email", "value": "a@example.net"})
    content["bases"].append({"id": "B2", "instrument": "UNTOC-2000"})
    content["persons"].append({"id": "P2", "role": "witness", "name": "Witness W"})
    item = {"id": "M9", "measure": "other", "identifiers": ["I2"], "persons": ["P2"]}
    here = situation(content, item).facts
    assert here["identifier_types"] == {"email"}
    assert here["instruments"] == set()
    assert here["person_roles"] == {"witness"}
    assert situation(content, item | {"persons": []}).facts["person_roles"] == {"suspect", "witness"}


def hearing(**answers: Any) -> LetterFile:
    content = values()
    content["items"] = [{"id": "M1", "measure": "testimony", "persons": ["P1"], "answers": answers}]
    return letter_from(content)


# --- nothing is lost, nothing printed silently ---


def test_answer_that_is_no_longer_asked_is_kept_told_and_not_printed() -> None:
    said = {"capacity": "witness", "mode": "video", "link": "Both rooms have the same equipment.", "oath": "no_oath"}
    asked = hearing(**said)
    assert letter_as_asked(asked, CATALOGUE) is asked
    now = hearing(**(said | {"mode": "written"}))
    content = now.content()
    assert content["items"][0]["answers"]["link"] == said["link"]
    assert left_over(content, not_asked(content, CATALOGUE)) == ["items[0].answers.link"]
    assert letter_as_asked(now, CATALOGUE).items[0].answers == {
        "capacity": "witness",
        "mode": "written",
        "oath": "no_oath",
    }
    found = letter_findings(now, law=Law(), today=dt.date(2026, 6, 12))
    told = [finding for finding in found if finding.code == "answer_not_asked"]
    assert [(one.severity, one.question) for one in told] == [("warning", "items[0].answers.link")]
    assert "by video link" in told[0].message
    assert outward(letter_as_asked(now, CATALOGUE).content())[0]["items"][0]["answers"].get("link") is None
    # Chosen again, it is there again.
    assert "link" in letter_as_asked(hearing(**said), CATALOGUE).items[0].answers


def test_answer_left_over_in_a_list_is_named_in_words_with_the_choice_that_asks_for_it() -> None:
    content = values()
    content["preserved"] = [{"id": "D1", "what": "Log-ins", "state": "not_known", "by": "A point of contact"}]
    found = letter_findings(letter_from(content), law=Law(), today=dt.date(2026, 6, 12))
    (told,) = [one for one in found if one.code == "answer_not_asked"]
    assert told.question == "preserved[0].by"
    assert "(who preserves)" in told.message
    assert "whether preserved: yes" in told.message


def test_required_question_makes_a_gap_only_where_it_is_asked() -> None:
    def gaps(monitoring: bool | None) -> set[str]:
        content = values()
        answers = {} if monitoring is None else {"monitoring": monitoring}
        content["items"] = [{"id": "M1", "measure": "bank-records", "answers": answers}]
        found = letter_findings(letter_from(content), law=Law(), today=dt.date(2026, 6, 12))
        return {finding.question for finding in found if finding.severity == "gap"}

    period = "items[0].answers.monitoring_period"
    assert period in gaps(True)
    assert period not in gaps(False) | gaps(None)


def test_common_field_that_is_not_asked_is_not_missed_and_not_printed() -> None:
    def findings(scope: str) -> set[tuple[str, str]]:
        content = values(items__0__measure="bank-records", items__0__answers={"account_scope": scope})
        content["items"][0].pop("identifiers")
        found = letter_findings(letter_from(content), law=Law(), today=dt.date(2026, 6, 12))
        return {(finding.code, finding.question) for finding in found}

    assert ("identifiers_missing", "items[0].identifiers") in findings("named")
    searched = findings("search_register")
    assert ("identifiers_missing", "items[0].identifiers") not in searched
    assert ("answer_not_asked", "items[0].provider") in searched


def test_answer_to_a_question_that_is_not_asked_opens_no_other(tmp_path: Path) -> None:
    third = (
        QUESTIONS.split("\n[[questions]]")[3]
        .replace('"link"', '"test"')
        .replace('mode = ["video"]', 'second = ["yes"]')
    )
    second = (
        QUESTIONS.split("\n[[questions]]")[3].replace('"link"', '"second"').replace('kind = "text"', 'kind = "yes_no"')
    )
    measure = measures_read(folder(tmp_path, MEASURE, f"{QUESTIONS}\n[[questions]]{second}\n[[questions]]{third}"))[
        "hearing"
    ]

    def unasked(**answers: Any) -> set[str]:
        return set(not_asked_of_item({}, {"answers": answers}, measure))

    assert unasked(mode="video", second=True) == set()
    assert unasked(mode="video") == {"answers.test"}
    assert unasked(mode="court", second=True) == {"answers.link", "answers.second", "answers.test"}


def test_field_of_the_letter_follows_its_level() -> None:
    urgent = letter(urgency={"level": "urgent", "date": "2026-06-20", "reason": "The data are deleted then."})
    assert letter_as_asked(urgent, CATALOGUE).urgency == urgent.urgency
    routine = letter(urgency={"date": "2026-06-20", "reason": "The data are deleted then."})
    content = routine.content()
    assert left_over(content, not_asked(content, CATALOGUE)) == ["urgency.date", "urgency.reason"]
    assert letter_as_asked(routine, CATALOGUE).urgency.reason == ""
    assert routine.urgency.reason == "The data are deleted then."


def test_fact_of_an_offence_is_asked_for_where_it_counts_and_kept_where_it_was_given() -> None:
    def path_asked(**changes: Any) -> bool:
        return "offences[0].organized_group" not in not_asked(letter(**changes).content(), CATALOGUE)

    assert not path_asked()
    assert path_asked(bases=None, items__0__bases=None)
    assert path_asked(bases__1={"id": "B2", "instrument": "UNTOC-2000"})
    assert path_asked(offences__0__organized_group=False)


def test_every_measure_answered_by_its_examples_stays_a_letter_without_what_is_not_asked() -> None:
    from tests.documents.test_measure_texts import example_answer

    def whole(measure: Measure) -> LetterFile:
        answers = {question.key: example_answer(question) for question in measure.questions}
        return letter_from(values(items__0__measure=measure.slug, items__0__answers=answers))

    for measure in CATALOGUE.values():
        content = letter_as_asked(whole(measure), CATALOGUE).content()
        assert left_over(content, not_asked(content, CATALOGUE)) == [], measure.slug
