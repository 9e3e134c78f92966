"""The example letters are complete, hold no datum of a real person, and prove the cases they were written for."""

from __future__ import annotations

import copy
import datetime as dt
import ipaddress
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mla.core.reasons import Finding
from workflows.demo.courses import COURSES
from workflows.demo.translating import texts_of
from workflows.drafting.findings import letter_findings
from workflows.drafting.identifiers import identifier_checked
from workflows.drafting.law import law_for
from workflows.drafting.letterfile import LetterFile, letter_from, read_letter
from workflows.drafting.measures import Question, measure_catalogue
from workflows.drafting.translation_units import units_of
from workflows.drafting.values import date_value, instant_value

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples" / "letters"
LETTERS = sorted(FOLDER.glob("*.toml"))
ANNEXES = sorted((FOLDER / "annexes").iterdir())
TRANSLATIONS = sorted((FOLDER / "translations").glob("*.toml"))
NAMES = [path.stem for path in LETTERS]

#: The warnings of each letter, each one meant: what a supervisor sees and waives with a reason.
WARNINGS = {
    "01-us-is-server-image": {
        ("rights_privilege", "rights.answers.privilege"),
        ("rights_not_known", "rights"),
        ("period_broad", "items[2].period"),
        ("basis_to_be_confirmed", "bases[0]"),
    },
    "02-gb-us-web-hosting": {
        ("rights_privilege", "rights.answers.privilege"),
        ("rights_speech", "rights.answers.speech"),
        ("rights_minors", "rights.answers.minors"),
        ("profile_stale", "requested.jurisdiction"),
        ("basis_to_be_confirmed", "bases[0]"),
        ("specific_and_articulable_facts", "items[2].nexus"),
        ("probable_cause", "items[3].answers.grounds"),
        ("speech", "offences[0]"),
        ("period_broad", "items[2].period"),
    },
    "03-fr-ch-researcher": {
        ("rights_privilege", "rights.answers.privilege"),
        ("rights_speech", "rights.answers.speech"),
        ("basis_to_be_confirmed", "bases[0]"),
        ("basis_to_be_confirmed", "bases[1]"),
        ("period_broad", "items[0].period"),
        ("period_broad", "items[1].period"),
        ("language_undeclared", "language"),
        ("immunity", "rights.immunity"),
    },
    "04-de-al-preservation": {
        ("rights_privilege", "rights.answers.privilege"),
        ("rights_minors", "rights.answers.minors"),
        ("profile_stale", "requested.jurisdiction"),
        ("bilateral_not_recorded", "bases"),
        ("authority_stale", "requested.authority"),
    },
    "05-de-al-subscriber": {
        ("preservation_no_day", "preserved[0].until"),
        ("profile_stale", "requested.jurisdiction"),
        ("bilateral_not_recorded", "bases"),
    },
    "06-in-lv-call-centre": {
        ("rights_not_known", "rights"),
        ("profile_stale", "requested.jurisdiction"),
        ("treaty_relation_declared", "bases"),
        ("period_broad", "items[0].period"),
        ("period_broad", "items[2].period"),
        ("addressee_by_stage", "requested.authority"),
    },
    "07-es-uy-bank-records": {
        ("rights_privilege", "rights.answers.privilege"),
        ("basis_to_be_confirmed", "bases[0]"),
        ("period_broad", "items[0].period"),
        ("language_undeclared", "language"),
        ("privilege", "persons[3]"),
    },
    "08-jp-tv-reciprocity": {
        ("rights_not_known", "rights"),
        ("rights_speech", "rights.answers.speech"),
        ("bilateral_not_recorded", "bases"),
    },
    "09-ma-ae-mail-fraud": {
        ("bilateral_not_recorded", "bases"),
        ("other_treaty_open", "bases[0].other_treaty"),
        ("preservation_open", "preserved"),
        ("wording_unconfirmed", "language"),
    },
}


def the_letter(name: str) -> LetterFile:
    path = FOLDER / f"{name}.toml"
    return read_letter(path.read_bytes(), name=path.name)


def found_in(letter: LetterFile) -> list[Finding]:
    return letter_findings(letter, law=law_for(letter), today=letter.date)


def changed(name: str, change: Callable[[dict[str, Any]], object]) -> LetterFile:
    """Return the letter after one change, a letter file still."""
    content = copy.deepcopy(the_letter(name).content())
    change(content)
    return letter_from(content)


def test_every_example_is_known_here() -> None:
    assert sorted(WARNINGS) == NAMES


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_example_has_no_gap_and_only_the_warnings_that_are_meant(name: str) -> None:
    findings = found_in(the_letter(name))
    assert [str(f) for f in findings if f.severity == "gap"] == []
    assert {(f.code, f.question) for f in findings} == WARNINGS[name]


@pytest.mark.parametrize("name", NAMES)
def test_example_survives_its_own_plain_form(name: str) -> None:
    letter = the_letter(name)
    assert letter_from(letter.content()) == letter


@pytest.mark.parametrize("name", NAMES)
def test_example_names_authorities_and_a_working_office(name: str) -> None:
    """An authority abroad can act and ask: who asks, on which power, whom to call and when."""
    letter = the_letter(name)
    assert letter.requesting.authority and letter.requesting.originating and letter.requested.authority
    assert letter.proceedings.powers and letter.proceedings.conducting_authority
    roles = {contact.role for contact in letter.contacts}
    assert {"return", "queries"} <= roles
    assert all(c.email and c.hours and c.time_zone and c.languages for c in letter.contacts)
    assert all(fact.date and fact.source for fact in letter.facts)
    dates = [fact.date for fact in letter.facts if fact.date]
    assert max(dates) <= letter.date
    assert all(offence.maximum_years is not None for offence in letter.offences)


@pytest.mark.parametrize("name", NAMES)
def test_example_asks_only_for_what_was_stored_when_it_was_dated(name: str) -> None:
    letter = the_letter(name)
    ends = [item.period.end.astimezone(dt.UTC).date() for item in letter.items if item.period]
    assert ends
    assert max(ends) <= letter.date


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.name)
def test_translation_has_every_text_of_its_letter_and_no_other(path: Path) -> None:
    content = the_letter(path.name.split(".")[0]).content()
    annexes = content.pop("annexes", [])
    frozen = {"letter": {key: value for key, value in content.items() if key not in ("rights", "before")}}
    texts = texts_of(path)
    assert set(texts.texts) == {unit.path for unit in units_of({**frozen, "annexes": annexes})}
    assert set(texts.annexes) == {annex["id"] for annex in annexes}
    assert set(texts.changed) <= set(texts.texts)
    assert any(plan.translation == path.name for plan in COURSES)


def test_every_annex_is_a_short_text_that_one_letter_names() -> None:
    named = [entry.file for name in NAMES for entry in the_letter(name).annexes]
    assert sorted(named) == sorted(f"annexes/{path.name}" for path in ANNEXES)
    for path in ANNEXES:
        text = path.read_text(encoding="utf-8")
        assert 200 < len(text) < 20_000
        assert "example" in text.lower() or "مثال" in text, f"{path.name} does not say that it is one"
        assert max(len(line) for line in text.splitlines()) <= 80


# --- No datum of a real person -------------------------------------------------------------------------

DOCUMENTATION = [
    ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
#: Numbers that the regulators keep for drama and examples: US 555-01xx, GB 020 7946 0xxx, FR 01 99 00, DE 030 23125.
DRAMA = re.compile(r"\+1 (202|212) 555 01\d\d|\+44 20 7946 0\d\d\d|\+33 1 99 00 \d\d \d\d|\+49 30 23125 \d\d\d")
#: The examples of the IBAN registry for Latvia and the United Arab Emirates.
REGISTRY_IBANS = ("LV80BANK0000435195001", "AE070331234567890123456")


def every_text() -> list[tuple[str, str]]:
    return [(path.name, path.read_text(encoding="utf-8")) for path in [*LETTERS, *ANNEXES, *TRANSLATIONS]]


@pytest.mark.parametrize(("file", "text"), every_text(), ids=lambda value: value if len(value) < 60 else "")
def test_no_address_name_or_number_outside_the_ranges_for_examples(file: str, text: str) -> None:
    for value in re.findall(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])", text):
        assert any(ipaddress.ip_address(value) in net for net in DOCUMENTATION), f"{file}: {value}"
    for domain in re.findall(r"@([A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]{2,})", text):
        assert domain == "example.net" or domain.endswith(".example.net"), f"{file}: {domain}"
    # Anything that looks like a host name: two labels and a top-level domain in lower case.
    for host in re.findall(
        r"\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|info|tv|is|al|ch|fr|de|in|lv|es|uy|jp|onion)\b", text
    ):
        assert host == "example.net" or host.endswith(".example.net"), f"{file}: {host}"
    for number in re.findall(r"\+\d[\d ]{6,}\d", text):
        assert DRAMA.fullmatch(number), f"{file}: {number}"
    for iban in re.findall(r"\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b", text):
        assert iban in REGISTRY_IBANS and identifier_checked("iban", iban).state == "holds", f"{file}: {iban}"
    # A card number in full, or a wallet address, has no place in an example.
    assert not re.search(r"\b(?:\d[ -]?){13,19}\b", text), file
    assert not re.search(r"\b(?:bc1[a-z0-9]{20,}|[13][A-HJ-NP-Za-km-z1-9]{25,34})\b", text), file


@pytest.mark.parametrize("name", NAMES)
def test_natural_persons_have_no_name(name: str) -> None:
    for person in the_letter(name).persons:
        if person.kind != "legal":
            assert re.fullmatch(r"(Subject [A-Z]|(Witness|Notary) W\d|المشتبه فيه \(.\))", person.name)
            assert not person.born and not person.document


# --- What the cases prove ------------------------------------------------------------------------------


def _drop(path: str) -> Callable[[dict[str, Any]], object]:
    """Return a change that removes the field at `path`, such as ``offences.0.maximum_penalty``."""

    def change(content: dict[str, Any]) -> None:
        *steps, last = path.split(".")
        part: Any = content
        for step in steps:
            part = part[int(step)] if step.isdigit() else part[step]
        del part[last]

    return change


def _dateless(content: dict[str, Any]) -> None:
    """Neither the urgency nor a key date says by when."""
    del content["urgency"]["date"], content["key_dates"]


def _set(path: str, value: Any) -> Callable[[dict[str, Any]], object]:
    def change(content: dict[str, Any]) -> None:
        *steps, last = path.split(".")
        part: Any = content
        for step in steps:
            part = part[int(step)] if step.isdigit() else part[step]
        part[int(last) if last.isdigit() else last] = value

    return change


def _basis(code: str, article: str) -> Callable[[dict[str, Any]], object]:
    return _set("bases.0", {"id": "B1", "instrument": code, "articles": [article]})


def _before_the_law(content: dict[str, Any]) -> None:
    for offence in content["offences"]:
        offence |= {"committed_from": "2023-08-05", "committed_to": "2024-06-30"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "change", "severity", "code"),
    [
        # The commonest reasons for which a request comes back.
        ("01-us-is-server-image", _set("offences.0.maximum_penalty", ""), "gap", "penalty_missing"),
        ("01-us-is-server-image", _set("offences.0.conduct", ""), "gap", "conduct_missing"),
        ("05-de-al-subscriber", _dateless, "gap", "urgency_undated"),
        ("08-jp-tv-reciprocity", _drop("statements.reciprocity"), "gap", "reciprocity_unstated"),
        # Case 2: the financing convention does not reach incitement; Budapest was not yet in force for one side.
        ("02-gb-us-web-hosting", _basis("ICSFT-1999", "12"), "gap", "out_of_scope"),
        ("02-gb-us-web-hosting", _basis("CETS-185", "31"), "gap", "basis_not_in_force"),
        # Case 3: Budapest was in force for Switzerland only from 2012.
        ("03-fr-ch-researcher", _basis("CETS-185", "31"), "gap", "basis_not_in_force"),
        # Case 6: the corruption convention does not reach fraud, and were it chosen, asks for Latvian.
        ("06-in-lv-call-centre", _basis("UNCAC-2003", "46"), "gap", "offence_without_basis"),
        # Case 6: the offence must lie after the law under which it is charged.
        ("06-in-lv-call-centre", _before_the_law, "gap", "law_not_yet_in_force"),
        # Case 7: the channel treaty is never a basis; the bilateral treaty goes first.
        ("07-es-uy-bank-records", _basis("MEDELLIN-2019", "1"), "gap", "channel_as_basis"),
        ("07-es-uy-bank-records", _set("bases.0.role", "subsidiary"), "warning", "bilateral_first"),
    ],
)
def test_spoiled_example_is_found_out(
    name: str, change: Callable[[dict[str, Any]], object], severity: str, code: str
) -> None:
    before, after = found_in(the_letter(name)), found_in(changed(name, change))
    assert (severity, code) not in {(f.severity, f.code) for f in before}
    assert (severity, code) in {(f.severity, f.code) for f in after}


@pytest.mark.django_db
def test_latvia_takes_english_under_one_convention_and_asks_for_latvian_under_the_other() -> None:
    as_sent = {f.code for f in found_in(the_letter("06-in-lv-call-centre"))}
    under_uncac = [
        f for f in found_in(changed("06-in-lv-call-centre", _basis("UNCAC-2003", "46"))) if f.question == "language"
    ]
    assert not any(code.startswith("language") for code in as_sent)
    assert [(f.instrument, "lv" in f.message or "Latvian" in f.message) for f in under_uncac] == [("UNCAC-2003", True)]


@pytest.mark.django_db
def test_preservation_without_the_promise_of_a_request_is_incomplete() -> None:
    letter = changed("04-de-al-preservation", _set("items.0.answers.mla_will_follow", False))
    assert [f.article for f in found_in(letter) if f.severity == "gap"] == ["29(2)(f)"]


# --- The questions of the measures ---------------------------------------------------------------------

QUESTIONS = [
    pytest.param(question, id=f"{slug}.{question.key}")
    for slug, measure in measure_catalogue().items()
    for question in measure.questions
]


def test_examples_use_measures_that_are_there() -> None:
    """A measure needs no letter of its own here: tests/documents/test_measure_texts.py writes each out in full."""
    used = {item.measure for name in NAMES for item in the_letter(name).items}
    assert used <= set(measure_catalogue())


@pytest.mark.parametrize("question", QUESTIONS)
def test_example_of_a_question_would_be_a_valid_answer(question: Question) -> None:
    values = {choice.value for choice in question.choices}
    match question.kind:
        case "choice":
            assert question.example in values
        case "choices":
            assert set(question.example.split(", ")) <= values
        case "yes_no":
            assert question.example in {"yes", "no"}
        case "date":
            assert date_value(question.example)
        case "instant":
            assert instant_value(question.example)
        case _:
            assert question.example
    assert question.why.endswith("."), "tells why it is asked, in a whole sentence"


@pytest.mark.parametrize("question", QUESTIONS)
def test_rule_of_a_question_names_a_treaty_of_the_data_and_an_article(question: Question) -> None:
    code, article = question.rule
    if code:
        assert tomllib.loads((ROOT / "mla/reference/data/treaties" / f"{code}.toml").read_text())["code"] == code
        assert re.fullmatch(r"\d+(\(\w+\))*", article)
