"""The measures: one folder each in mla/reference/measures, questions as data, no code in data.

A measure states which common fields of an item it needs and which questions of its own it asks. Adding a
measure is adding a folder and one letter template; nothing here names a measure.
"""

# ruff: noqa: TRY004 -- what a person typed is a wrong value, whatever its type
from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from django.utils.translation import gettext as _

import mla.reference
from mla.core.errors import MlaError
from mla.core.text import TextRefused, clean
from mla.reference.places import line_of
from workflows.drafting.asking import ALWAYS, AskedWhen, AskedWhenWrong, asked_when_read
from workflows.drafting.parsing import Problem
from workflows.drafting.values import date_value, instant_value

MEASURES = Path(mla.reference.__file__).with_name("measures")

Kind = Literal["line", "text", "choice", "choices", "yes_no", "date", "instant", "period", "number"]
Need = Literal["gap", "warning", "no"]

#: Fields of an item that a measure may need.
COMMON_FIELDS = (
    "provider", "identifiers", "period", "period_reason", "nexus", "necessity", "persons", "procedure",
)  # fmt: skip

#: Forms of evidence for which a letter can bring the form to be signed (mla.reference.profiles.EvidenceForm).
CERTIFICATE_FORMS = ("records_certificate", "oath")
_TEMPLATE = re.compile(r"[a-z]+(-[a-z]+)*")

_DEFAULT_LENGTH = {"line": 300, "text": 20_000}
_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,10})?")
_MEASURE_KEYS = {"slug": str, "name": str, "position": int, "group": str, "summary": str, "coercive": bool}
_QUESTION_KEYS = dict.fromkeys(("key", "short", "kind", "label", "why", "article", "example", "required"), str)


class MeasureFolderWrong(MlaError):
    """A measure's folder is not understood; the message names the file, the line and the key."""

    def __init__(self, file: Path, key: str, message: str) -> None:
        self.file, self.key = file, key
        super().__init__(f"{file.parent.name}/{file.name}{_line(file, key)}: {key}: {message}")


def _line(file: Path, key: str) -> str:
    """Return the line of a key such as ``questions[2].asked_when`` in words; nothing where the file is no TOML."""
    try:
        text = file.read_text(encoding="utf-8")
        tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return ""
    steps = re.findall(r"[^.\[\]]+", key)
    return f", line {line_of(text, [int(step) if step.isdigit() else step for step in steps])}"


@dataclass(frozen=True, slots=True)
class Choice:
    """`warn`: what a drafter is told who chooses it. `moved_to`: the measure that asks for it by now; no longer offered."""

    value: str
    label: str
    warn: str = ""
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a measure. `article` is its rule as "CODE article", empty where it is our own.

    `short`: two or three words that name it in a place of the letter: “Measure M1, risk of a warning”.
    """

    key: str
    short: str
    kind: Kind
    label: str
    why: str
    article: str
    example: str
    required: Need
    choices: tuple[Choice, ...] = ()
    max_length: int = 0
    asked_when: AskedWhen = ALWAYS

    @property
    def values(self) -> tuple[str, ...]:
        """Return the values that a condition may look at; none where the answer is free."""
        return ("yes", "no") if self.kind == "yes_no" else tuple(choice.value for choice in self.choices)

    @property
    def rule(self) -> tuple[str, str]:
        """Return the instrument's code and the article, both empty for our own rule."""
        instrument, _space, article = self.article.partition(" ")
        return instrument, article

    def choice_label(self, value: str) -> str:
        """Return the label of a choice, or the value where there is no such choice."""
        return next((choice.label for choice in self.choices if choice.value == value), value)


@dataclass(frozen=True, slots=True)
class Measure:
    slug: str
    name: str
    position: int
    summary: str
    coercive: bool
    letter_template: str
    common: Mapping[str, Need]
    questions: tuple[Question, ...]
    #: Template of the form that is signed over there (documents/letter/certificates), by the form of evidence asked for.
    certificates: Mapping[str, str] = field(default_factory=dict)
    #: Common fields that are asked for only where their conditions hold.
    common_when: Mapping[str, AskedWhen] = field(default_factory=dict)
    #: The group under which it is chosen (groups.toml).
    group: str = ""
    #: Days beyond which a period is warned of; 0 where the measure has no such number.
    broad_after_days: int = 0

    def question(self, key: str) -> Question | None:
        return next((question for question in self.questions if question.key == key), None)


def measure_catalogue() -> Mapping[str, Measure]:
    """Return the shipped measures by slug, in their order of position. Read once.

    Raises:
        MeasureFolderWrong: naming file and key.
    """
    return _shipped()


@cache
def measure_groups() -> Mapping[str, str]:
    """Return the groups under which measures are chosen: names by slug, in their order. Read once.

    Raises:
        MeasureFolderWrong: naming groups.toml and the key.
    """
    file = MEASURES / "groups.toml"
    rows = _table(file).get("groups", [])
    for index, row in enumerate(rows):
        if not (
            isinstance(row, dict)
            and set(row) == {"slug", "name"}
            and all(isinstance(v, str) and v for v in row.values())
        ):
            raise MeasureFolderWrong(file, f"groups[{index}]", "needs slug and name, nothing else")
    return MappingProxyType({row["slug"]: row["name"] for row in rows})


def measures_grouped(measures: Mapping[str, Measure]) -> list[tuple[str, list[Measure]]]:
    """Return measures under the names of their groups, in the order of both; a group without any is left out."""
    found = [(name, [m for m in measures.values() if m.group == slug]) for slug, name in measure_groups().items()]
    return [(name, mine) for name, mine in found if mine]


@cache
def _shipped() -> Mapping[str, Measure]:
    return measures_read(MEASURES)


def measures_read(folder: Path) -> Mapping[str, Measure]:
    """Return the measures whose folders stand in `folder`, by slug, in their order of position.

    Raises:
        MeasureFolderWrong: naming file and key.
    """
    found = [
        _measure(path) for path in sorted(folder.iterdir()) if path.is_dir() and not path.name.startswith((".", "_"))
    ]
    measures = {measure.slug: measure for measure in sorted(found, key=lambda m: (m.position, m.slug))}
    for measure in found:
        for index, question in enumerate(measure.questions):
            for number, choice in enumerate(question.choices):
                if choice.moved_to and choice.moved_to not in measures:
                    where = f"questions[{index}].choices[{number}].moved_to"
                    message = f"is no measure; they are {', '.join(measures)}"
                    raise MeasureFolderWrong(folder / measure.slug / "questions.toml", where, message)
    return MappingProxyType(measures)


def _measure(folder: Path) -> Measure:
    file = folder / "measure.toml"
    about = _table(file)
    for key, kind in _MEASURE_KEYS.items():
        if type(about.get(key)) is not kind or about[key] == "":
            raise MeasureFolderWrong(file, key, f"is missing or no {kind.__name__}")
    if unknown := set(about) - set(_MEASURE_KEYS) - {"letter_template", "broad_after_days", "certificates"}:
        raise MeasureFolderWrong(file, min(unknown), "is not a known key")
    if about["slug"] != folder.name:
        raise MeasureFolderWrong(file, "slug", f"must be the folder's name, {folder.name}")
    template = about.get("letter_template", f"measures/{folder.name}.html")
    if not isinstance(template, str):
        raise MeasureFolderWrong(file, "letter_template", "is no text")
    groups = measure_groups()
    if about["group"] not in groups:
        raise MeasureFolderWrong(file, "group", f"must be one of {', '.join(groups)} (groups.toml)")
    broad = about.get("broad_after_days", 0)
    if type(broad) is not int or not 0 <= broad <= 36_500:
        raise MeasureFolderWrong(file, "broad_after_days", "is no number of days")
    common, common_when, questions = _questions(folder / "questions.toml")
    return Measure(
        slug=about["slug"], name=about["name"], position=about["position"], summary=about["summary"],
        coercive=about["coercive"], letter_template=template, common=common, questions=questions,
        common_when=common_when, group=about["group"], broad_after_days=broad,
        certificates=_certificates(file, about.get("certificates", {})),
    )  # fmt: skip


def _certificates(file: Path, table: Any) -> Mapping[str, str]:
    for form, template in table.items() if isinstance(table, dict) else [("", table)]:
        if form not in CERTIFICATE_FORMS or not isinstance(template, str) or not _TEMPLATE.fullmatch(template):
            message = f"is none of {', '.join(CERTIFICATE_FORMS)} with the name of a template"
            raise MeasureFolderWrong(file, f"certificates.{form}".rstrip("."), message)
    return MappingProxyType(dict(table))


def _table(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MeasureFolderWrong(file, "file", str(error)) from error


def _questions(file: Path) -> tuple[Mapping[str, Need], Mapping[str, AskedWhen], tuple[Question, ...]]:
    table = _table(file)
    if unknown := set(table) - {"common", "common_asked_when", "questions"}:
        raise MeasureFolderWrong(file, min(unknown), "is not a known key")
    common: dict[str, Need] = dict.fromkeys(COMMON_FIELDS, "no")
    for key, need in table.get("common", {}).items():
        if key not in common:
            raise MeasureFolderWrong(file, f"common.{key}", f"is no common field; they are {', '.join(COMMON_FIELDS)}")
        if need not in get_args(Need):
            raise MeasureFolderWrong(file, f"common.{key}", f"must be one of {', '.join(get_args(Need))}")
        common[key] = need
    raws = table.get("questions", [])
    later = [raw.get("key", "") for raw in raws if isinstance(raw, dict)]
    earlier: dict[str, tuple[str, ...]] = {}
    questions = []
    for index, raw in enumerate(raws):
        where = f"questions[{index}]"
        question = _question(file, where, raw)
        if question.key in earlier:
            raise MeasureFolderWrong(file, question.key, "is asked twice")
        if "asked_when" in raw:
            when = _asked_when(file, f"{where}.asked_when", raw["asked_when"], earlier, later)
            question = replace(question, asked_when=when)
        earlier[question.key] = question.values
        questions.append(question)
    return MappingProxyType(common), _common_when(file, table.get("common_asked_when", {}), earlier), tuple(questions)


def _common_when(file: Path, table: Any, known: Mapping[str, tuple[str, ...]]) -> Mapping[str, AskedWhen]:
    """Return the conditions of the common fields, which may look at every question of the measure."""
    found = {}
    for key, raw in (table if isinstance(table, dict) else {"": table}).items():
        if key not in COMMON_FIELDS:
            message = f"is no common field; they are {', '.join(COMMON_FIELDS)}"
            raise MeasureFolderWrong(file, f"common_asked_when.{key}", message)
        found[key] = _asked_when(file, f"common_asked_when.{key}", raw, known, ())
    return MappingProxyType(found)


def _asked_when(
    file: Path, where: str, raw: Any, earlier: Mapping[str, tuple[str, ...]], later: Sequence[str]
) -> AskedWhen:
    try:
        return asked_when_read(raw, earlier=earlier, later=later)
    except AskedWhenWrong as wrong:
        raise MeasureFolderWrong(file, ".".join(filter(None, (where, wrong.key))), str(wrong)) from wrong


def _question(file: Path, where: str, raw: Any) -> Question:
    if not isinstance(raw, dict):
        raise MeasureFolderWrong(file, where, "is no table")
    for key, kind in _QUESTION_KEYS.items():
        if not isinstance(raw.get(key), kind):
            raise MeasureFolderWrong(file, f"{where}.{key}", f"is missing or no {kind.__name__}")
    if unknown := set(raw) - set(_QUESTION_KEYS) - {"choices", "max_length", "asked_when"}:
        raise MeasureFolderWrong(file, f"{where}.{min(unknown)}", "is not a known key")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", raw["key"]):
        raise MeasureFolderWrong(file, f"{where}.key", "is not written in snake_case")
    for key, allowed in (("kind", get_args(Kind)), ("required", get_args(Need))):
        if raw[key] not in allowed:
            raise MeasureFolderWrong(file, f"{where}.{key}", f"must be one of {', '.join(allowed)}")
    for key in ("label", "short"):
        if not raw[key].strip():
            raise MeasureFolderWrong(file, f"{where}.{key}", "is empty")
    if raw["article"] and not re.fullmatch(r"[A-Z0-9-]+ \S.*", raw["article"]):
        raise MeasureFolderWrong(file, f"{where}.article", "is written as INSTRUMENT-CODE article")
    max_length = raw.get("max_length", _DEFAULT_LENGTH.get(raw["kind"], 0))
    if type(max_length) is not int or not 0 <= max_length <= 20_000:
        raise MeasureFolderWrong(file, f"{where}.max_length", "is no number up to 20000")
    return Question(
        key=raw["key"], short=raw["short"], kind=raw["kind"], label=raw["label"], why=raw["why"], article=raw["article"],
        example=raw["example"], required=raw["required"], choices=_choices(file, where, raw), max_length=max_length,
    )  # fmt: skip


def _choices(file: Path, where: str, raw: Mapping[str, Any]) -> tuple[Choice, ...]:
    given = raw.get("choices", [])
    if bool(given) != (raw["kind"] in {"choice", "choices"}):
        raise MeasureFolderWrong(file, f"{where}.choices", "stands with the kinds choice and choices, and only there")
    found = []
    for index, choice in enumerate(given):
        if not (
            isinstance(choice, dict) and {"value", "label"} <= set(choice) <= {"value", "label", "warn", "moved_to"}
        ):
            message = "needs value and label, and may have warn or moved_to"
            raise MeasureFolderWrong(file, f"{where}.choices[{index}]", message)
        if not all(isinstance(text, str) and text.strip() for text in choice.values()):
            raise MeasureFolderWrong(file, f"{where}.choices[{index}]", "has an empty value, label, warn or moved_to")
        found.append(Choice(**choice))
    if len({choice.value for choice in found}) != len(found):
        raise MeasureFolderWrong(file, f"{where}.choices", "has a value twice")
    return tuple(found)


def answers_checked(
    answers: Mapping[str, Any], measure: Measure, *, path: str = "answers"
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the answers in their canonical form (unanswered ones left out) and what is wrong with them.

    Canonical forms: line, text, choice, date, instant: text; yes_no: boolean; choices: list of values in
    the order of the question; period: {from, to}; number: whole number, or text where it has a fraction.
    """
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for key in answers:
        if measure.question(key) is None:
            known = ", ".join(question.key for question in measure.questions)
            message = _("the measure %(measure)s asks no such question; it asks: %(known)s")
            problems.append(Problem(f"{path}.{key}", message % {"measure": measure.slug, "known": known}))
    for question in measure.questions:
        given = answers.get(question.key)
        if given is None or given in ("", []):
            continue
        try:
            answer = _answer(given, question)
        except ValueError as error:
            problems.append(Problem(f"{path}.{question.key}", str(error)))
        else:
            if answer not in ("", []):
                found[question.key] = answer
    return found, problems


def _answer(given: Any, question: Question) -> Any:
    match question.kind:
        case "line" | "text":
            return _text(given, question)
        case "choice":
            return _one_of(given, question)
        case "choices":
            if not isinstance(given, Sequence) or isinstance(given, str):
                raise ValueError(_("give a list"))
            chosen = {_one_of(value, question) for value in given}
            return [choice.value for choice in question.choices if choice.value in chosen]
        case "yes_no":
            if not isinstance(given, bool):
                raise ValueError(_("answer with true or false"))
            return given
        case "date":
            return date_value(given).isoformat()
        case "instant":
            return _instant_text(given)
        case "period":
            return _period(given)
        case "number":
            return _number(given)


def _text(given: Any, question: Question) -> str:
    if not isinstance(given, str):
        raise ValueError(_("give text"))
    try:
        text = clean(given).strip()
    except TextRefused as error:
        raise ValueError(str(error)) from error
    if question.kind == "line" and "\n" in text:
        raise ValueError(_("give one line"))
    if question.max_length and len(text) > question.max_length:
        message = _("is longer than %(most)s characters (%(length)s)")
        raise ValueError(message % {"most": question.max_length, "length": len(text)})
    return text


def _one_of(given: Any, question: Question) -> str:
    for choice in question.choices:
        if given == choice.value:
            return choice.value
    known = ", ".join(choice.value for choice in question.choices)
    raise ValueError(_("must be one of: %(known)s") % {"known": known})


def _instant_text(given: Any) -> str:
    return instant_value(given).isoformat().replace("+00:00", "Z")


def _period(given: Any) -> dict[str, str]:
    if not isinstance(given, Mapping) or set(given) != {"from", "to"}:
        raise ValueError(_("a period has “from” and “to”, and nothing else"))
    start, end = instant_value(given["from"]), instant_value(given["to"])
    if end < start:
        raise ValueError(_("the period ends before it begins"))
    return {"from": _instant_text(start), "to": _instant_text(end)}


def _number(given: Any) -> int | str:
    text = str(given).strip() if isinstance(given, int | str) and not isinstance(given, bool) else ""
    if not _NUMBER.fullmatch(text):
        raise ValueError(_('give a number; one with a fraction as text, such as "1250.50"'))
    if "." not in text and abs(int(text)) <= 2**31:
        return int(text)
    return text
