"""The page as HTML: complete, in the language of the letter, numbered so that both sides can cite it."""

from __future__ import annotations

import datetime as dt
import html
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.template import TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils import translation

from mla.core import letter_languages
from tests.documents import factory
from tests.documents.pages import example, examples, squeezed, text_of_html
from workflows.documents import formats, wording
from workflows.documents.contexts import default_marking, letter_context
from workflows.documents.letters import letter_html
from workflows.documents.limits import texts_of
from workflows.documents.templatetags import letter as letter_tags
from workflows.drafting import letterfile
from workflows.drafting.measures import measure_catalogue

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "letter.txt"
#: Codes and values with another printed form, and what is not for the other State's eyes.
NOT_AS_WRITTEN = re.compile(
    r"(^|\.)(format|language|date|jurisdiction|authority|originating|channel|level|nature|kind|role|category|type|at"
    r"|from|to|measure|instrument|born|committed_from|committed_to|time_limit|time_zone|sha256|file)$"
    r"|\.(nationality|languages)\[\d+\]$|^rights\.|^before\.|^preserved\[|^bases\[\d+\]\.id$|^items\[\d+\]\.bases\[\d+\]$"
)


def page(**changes: Any) -> str:
    return letter_html(factory.letter(**changes), factory.cover(), factory.names())


def paragraphs(text: str) -> list[str]:
    """Return the headings, paragraphs and table rows of a page as lines of plain text."""
    body = text[text.index("<main>") :]
    found = re.findall(r"<(h1|h2|h3|p|tr|caption)\b[^>]*>(.*?)</\1>", body, re.DOTALL)
    result = []
    for tag, inner in found:
        if tag == "tr":
            cells = re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", inner, re.DOTALL)
            result.append(" | ".join(_plain(cell) for cell in cells))
        elif not re.match(r"\s*$", inner):
            result.append(f"{'#' * int(tag[1])} {_plain(inner)}" if tag[0] == "h" else _plain(inner))
    return [line for line in result if line]


def _plain(inner: str) -> str:
    inner = re.sub(r"<br>|</p>|</div>", " ", inner)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", inner))).strip()


def test_the_letter_reads_as_its_golden_copy() -> None:
    """After a wanted change: MLA_GOLDEN=write pytest tests/documents/test_letter_pages.py, and read the difference."""
    lines = "\n".join(paragraphs(page())) + "\n"
    if os.environ.get("MLA_GOLDEN") == "write":
        GOLDEN.write_text(lines, encoding="utf-8")
    assert lines == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", examples(), ids=lambda path: path.stem)
def test_every_text_of_an_example_letter_is_printed(path: Path) -> None:
    letter, cover, names = example(path)
    made = letter_html(letter, cover, names)
    text = text_of_html(made)
    content = letter.content()
    choices = {
        f"items[{index}].answers.{question.key}"
        for index, item in enumerate(letter.items)
        for question in measure_catalogue()[item.measure].questions
        if question.kind not in ("text", "line")
    }
    missing = [
        f"{where}: {value}"
        for where, value in texts_of(content)
        if not NOT_AS_WRITTEN.search(where)
        and re.sub(r"\[\d+\]$", "", where) not in choices
        and where not in choices
        # Each paragraph of a text has its own number in front.
        and not all(squeezed(part) in text for part in re.split(r"\n\s*\n", value))
        and not (where.startswith("persons[") and letter.persons[int(where[8 : where.index("]")])].protected)
    ]
    assert missing == []
    for where in choices:
        index, key = re.fullmatch(r"items\[(\d+)\]\.answers\.(\w+)", where).groups()  # type: ignore[union-attr]
        if key in letter.items[int(index)].answers and key not in (
            "mla_promised_by",
            "follow_up",
            "kind_of_assistance",
        ):
            assert f'data-question="{where}"' in made, where
    assert "{{" not in text and "{%" not in text


def test_every_field_of_a_letter_file_has_a_place_in_the_factory_s_letter() -> None:
    """A field that is added to the letter file is added here, and so must be printed or named as not printed."""
    full = factory.letter(
        rights=dict.fromkeys(letterfile.RightsScreen.model_fields.keys() - {"answers"}, "x"),
        statements=dict.fromkeys(letterfile.Statements.model_fields, "x"),
    )
    context = letter_context(full, factory.cover(), factory.names())
    assert set(context["statements"]) == set(letterfile.Statements.model_fields)
    template = "".join(
        path.read_text(encoding="utf-8")
        for path in (Path(__file__).resolve().parents[2] / "templates/documents/letter").rglob("*.html")
    )
    for name in letterfile.Statements.model_fields:
        assert f"statements.{name}" in template, name


def test_each_measure_has_wording_for_each_of_its_questions() -> None:
    """A new question is printed in any case, with its label; the five first measures state their answers."""
    folder = Path(__file__).resolve().parents[2] / "templates/documents/letter"
    for slug, measure in measure_catalogue().items():
        file = folder / measure.letter_template
        assert file.is_file(), slug
        named = file.read_text(encoding="utf-8")
        said = set(re.search(r'other_answers item\.answers "([^"]*)"', named).group(1).split())  # type: ignore[union-attr]
        for key in said:
            assert measure.question(key) is not None, f"{slug} has no question {key}"
            assert re.search(rf"\ba(nswers)?\.{key}\b", named) or key == "kind_of_assistance", f"{slug}: {key}"


def test_paragraphs_are_numbered_through_the_letter_and_name_their_answer() -> None:
    made = page()
    numbers = [int(number) for number in re.findall(r'<p class="para" id="p(\d+)"', made)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 40
    assert [int(number) for number in re.findall(r'<span class="num">(\d+)\. \t</span>', made)] == numbers
    assert re.search(r'<p class="para" id="p\d+" data-question="facts\[1\]\.text">', made)
    assert re.search(r'data-question="items\[0\]\.answers\.data_to_preserve"', made)
    letters = re.findall(r'<span class="letter">([A-Z]+) </span>', made)
    assert letters == [chr(65 + index) for index in range(len(letters))]
    assert page() == made, "a second rendering counts from one again"


def test_paragraphs_cannot_be_printed_without_their_counter() -> None:
    with translation.override("en"):
        context = letter_context(factory.letter(), factory.cover(), factory.names())
        with pytest.raises(TemplateSyntaxError, match="letter_html"):
            render_to_string("documents/letter/letter.html", context)


def test_each_paragraph_of_a_text_has_a_number_and_line_ends_are_kept() -> None:
    made = page(facts=[{"text": "First.\n\nSecond,\nin two lines.\n\n\n\nThird.", "date": "2026-03-01"}])
    found = [line for line in paragraphs(made) if line.endswith(("First.", "lines.", "Third."))]
    assert [re.sub(r"^\d+\. ?", "", line) for line in found] == [
        "1 March 2026. First.",
        "Second, in two lines.",
        "Third.",
    ]
    assert "Second,<br>in two lines." in made


def test_tables_say_what_their_header_cells_head() -> None:
    made = page()
    cells = re.findall(r"<th\b([^>]*)>", made)
    assert len(cells) > 30
    assert {cell.strip() for cell in cells} == {'scope="col"', 'scope="row"'}


def test_a_protected_person_is_named_by_role_alone() -> None:
    made = page()
    assert "The identity of this person is protected" in made
    for hidden in ("1984", "Kept by the prosecutor", "Administrator of the hospital"):
        assert hidden not in made
    open_person = page(persons=[{"id": "P2", "role": "witness", "name": "Witness A", "born": "1984-02-29"}])
    assert "29 February 1984" in open_person


def test_the_rights_screen_is_for_the_approver_and_not_printed() -> None:
    assert "seen by the approver" not in page(rights={"speech": "seen by the approver"})


def test_times_carry_their_utc_offset_as_given() -> None:
    text = text_of_html(page())
    for time in (
        "1 March 2026, 02:14:09 UTC+01:00",
        "from 7 March 2026, 00:10:00 UTC to 7 March 2026, 00:52:30 UTC",
        "from 1 March 2026, 00:00:00 UTC+01:00 to 8 March 2026, 00:00:00 UTC+01:00",
        "7 March 2026, 23:59:59 UTC",
        "(Europe/Berlin, UTC+01:00)",
    ):
        assert squeezed(time) in text, time
    assert not re.search(r"\d\d:\d\d:\d\d(?!(\.\d+)?UTC)", text.replace("02:14:09UTC+01:00asession", ""))


def test_identifiers_are_listed_once_and_referred_to_afterwards() -> None:
    made = page()
    assert made.count("49152") == 1
    assert "by I1, listed under measure M1" in made
    content = factory.letter().content()
    swapped = page(items=[content["items"][1], content["items"][0]])
    assert swapped.count("49152") == swapped.count("51877") == 1
    assert "It is also to be found by I1, listed under measure M2" in swapped


def test_measures_name_their_bases_and_bases_their_measures() -> None:
    lines = paragraphs(page())
    assert any(
        "articles 29 and 31 of the Convention on Cybercrime (ETS No. 185), hereinafter “Budapest" in x for x in lines
    )
    assert any("(ETS No. 030), hereinafter “ECMA 1959”, for measure M2." in line for line in lines)
    assert "Legal basis: Budapest Convention, articles 29 and 31 Offences: O1 · Persons: P1" in lines
    both = page(bases=[{"id": "B1", "instrument": "CETS-185", "articles": ["31"]}, {"id": "B2", "instrument": "RECIPROCITY",
                        "articles": ["section 59 of the Act on Assistance"]}])  # fmt: skip
    assert "article 31 of the" in both
    assert "on the basis of reciprocity and under section 59 of the Act on Assistance." in " ".join(paragraphs(both))


def test_an_agreement_to_apply_a_treaty_instead_is_said_and_its_lack_is_not() -> None:
    for agreed, said in ((True, True), (False, False), (None, False)):
        basis = {"id": "B1", "instrument": "CETS-185", "articles": ["25"]}
        text = _plain(page(bases=[basis | ({} if agreed is None else {"agreed_instead": agreed})]))
        assert ("have agreed to apply its provisions on mutual legal assistance instead" in text) == said


def test_urgency_and_provisional_transmission_stand_on_top() -> None:
    # The hearing of the 15th, less its twenty days, comes before the day of the urgency.
    both = paragraphs(page())
    assert "Urgent: action is needed by 26 March 2026" in both
    assert (
        "Hearing: 15 April 2026, 10:00 UTC+02:00. What is asked for is needed 20 days before it, by 26 March 2026."
        in both
    )
    assert "Urgent by 28 March 2026:" in both
    assert "Urgent: action is needed by 28 March 2026" in paragraphs(page(key_dates=[]))
    assert "Urgent by" not in paragraphs(page(key_dates=[])), "the day is not said twice"
    calm = page(urgency={"level": "routine"}, key_dates=[])
    assert 'class="urgent"' not in calm
    assert "Time: action is needed by 26 March 2026" in paragraphs(page(urgency={"level": "routine"}))
    night = letter_html(
        factory.letter(urgency={"level": "emergency", "reason": "A life is at risk.", "date": "2026-03-13"}),
        factory.cover(provisional=True, provisional_reason="Sent by the duty officer."),
        factory.names(),
    )
    lines = paragraphs(night)
    assert lines.index("Emergency: action is needed by 13 March 2026") < lines.index("# " + factory.letter().title) + 9
    assert any(line.startswith("This request is transmitted provisionally.") for line in lines)
    assert "Sent by the duty officer." in lines


def test_a_draft_says_so_on_every_page_and_has_no_hash() -> None:
    draft = letter_html(factory.letter(), factory.cover(content_hash=""), factory.names())
    assert "Draft: this version is not frozen and has not been approved" in draft
    assert "Content SHA-256" not in draft
    assert 'class="integrity"' not in draft
    assert "Content SHA-256" in page()


def test_marking_comes_from_the_cover_or_the_level_of_the_letter() -> None:
    with translation.override("en"):
        assert default_marking(factory.letter()) == "CONFIDENTIAL"
        assert default_marking(factory.letter(confidentiality={"level": "normal"})) == ""
        assert "RESTRICTED" in default_marking(factory.letter(confidentiality={"level": "restricted"}))
    cover = factory.cover(marking="")
    restricted = letter_html(factory.letter(confidentiality={"level": "restricted"}), cover, factory.names())
    assert 'class="marking">RESTRICTED' in restricted
    assert 'class="marking"' not in letter_html(
        factory.letter(confidentiality={"level": "normal"}), cover, factory.names()
    )
    alone = [dict(one, other_treaty=False) for one in factory.letter().content()["bases"]]
    assert "(Budapest Convention, article 27(8))" in page(bases=alone)
    assert "27(8)" not in page(), "it gives way to a treaty, and nobody said that there is none"
    theirs = {"level": "confidential", "marking": "CONFIDENTIAL: COURTS ONLY"}
    assert 'class="marking">CONFIDENTIAL: COURTS ONLY<' in letter_html(
        factory.letter(confidentiality=theirs), cover, factory.names()
    )
    own = letter_html(factory.letter(), factory.cover(marking="EYES ONLY"), factory.names())
    assert 'class="marking">EYES ONLY<' in own


@pytest.fixture
def french(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A French catalogue with two sentences, in use only while the test runs."""
    catalogue = Catalog(locale="fr", domain="django")
    catalogue.add("Legal basis", "Base juridique")
    catalogue.add("Page %(page)s of %(pages)s", "Page %(page)s sur %(pages)s")
    catalogue.add("en", "fr", context="BCP 47 code of the language of this catalogue")
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as target:
        write_mo(target, catalogue)
    named = [f'[{code}]\nname = "{code}"\nconfirmed = ""\n' for code in ("en", "fr")]
    (tmp_path / "languages.toml").write_text("\n".join(named))
    monkeypatch.setattr(letter_languages, "_home", lambda: tmp_path)
    kept = (letter_languages.letter_languages, letter_languages.catalogue_for, letter_languages._wording)
    for one in kept:
        one.cache_clear()
    yield
    for one in kept:
        one.cache_clear()


@pytest.mark.usefixtures("french")
def test_the_document_has_its_own_language_whoever_looks_at_it() -> None:
    with translation.override("en"):
        made = page(language="fr")
        assert translation.get_language() == "en"
    assert '<html lang="fr" dir="ltr"' in made
    assert "Base juridique" in made
    assert re.search(r'Page <span class="page-number"></span> sur <span class="page-count"></span>', made)
    assert "12 mars 2026" in made
    assert "articles 29 et 31" in made
    with translation.override("fr"):
        other = page()
        assert translation.get_language() == "fr"
    assert "Base juridique" not in other
    assert "12 March 2026" in other


@pytest.mark.usefixtures("french")
def test_a_language_without_catalogue_has_english_sentences_and_says_so() -> None:
    for language, words in (("fr", "fr"), ("en", "en"), ("lv", "en"), ("zz", "en")):
        letter = factory.letter(language=language)
        with wording.document_language(language):
            assert letter_context(letter, factory.cover(), factory.names())["wording_language"] == words


def test_a_right_to_left_letter_is_the_mirror_image() -> None:
    made = page(language="ar", facts=[{"text": "في الساعة 02:14:09"}, {"text": "An English paragraph, 1."}])
    assert '<html lang="ar" dir="rtl"' in made
    assert "12 مارس 2026" in made
    assert '<span dir="ltr">An English paragraph, 1.</span>' in made
    assert "<span dir" not in re.search(r'data-question="facts\[0\]\.text">(.*?)</p>', made).group(1)  # type: ignore[union-attr]
    assert '<span dir="rtl">في الساعة' in page(facts=[{"text": "في الساعة 02:14:09"}])


def test_han_characters_take_the_form_of_the_state_that_writes_them() -> None:
    assert 'class="han-zh"' in page()
    assert 'class="han-ja"' in page(requesting={"jurisdiction": "JP"})
    assert 'class="han-ko"' in page(requested={"jurisdiction": "KR"})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-01T02:14:09+01:00", "1 March 2026, 02:14:09 UTC+01:00"),
        ("2026-03-01T02:14:09+00:00", "1 March 2026, 02:14:09 UTC"),
        ("2026-03-01T02:14:09.500000-03:30", "1 March 2026, 02:14:09.5 UTC-03:30"),
        ("2026-03-01T23:59:59+12:45", "1 March 2026, 23:59:59 UTC+12:45"),
    ],
)
def test_an_instant_is_printed_with_the_offset_it_was_given(value: str, expected: str) -> None:
    assert formats.instant(dt.datetime.fromisoformat(value), "en") == expected


def test_dates_lists_and_numbers_follow_the_language() -> None:
    day = dt.date(2026, 3, 1)
    assert [formats.day(day, code) for code in ("en", "fr", "es", "ru", "zh", "en-US", "xx")] == [
        "1 March 2026", "1er mars 2026", "1 de marzo de 2026", "1 марта 2026\u00a0года", "2026年3月1日", "March 1, 2026", "1 March 2026",
    ]  # fmt: skip
    assert formats.day(None, "en") == ""
    assert formats.day(dt.date(2026, 3, 21), "fr") == "21 mars 2026"
    assert formats.listed(["1", "", "2", "3"], "en") == "1, 2 and 3"
    assert formats.listed(["1", "2", "3"], "fr") == "1, 2 et 3"
    assert formats.listed([], "en") == ""
    assert formats.listed(["I1", "I2", "I3"], "es") == "I1, I2 e I3"
    assert formats.listed(["inglés", "español"], "es") == "inglés y español"
    assert formats.listed(["I", "II"], "es-UY") == "I y II"
    assert formats.number(48213, "en") == "48,213"
    assert formats.number("not a number", "en") == "not a number"
    assert formats.language_name("fr", "en") == "French"
    assert formats.language_name("anything they speak", "en") == "anything they speak"
    assert formats.grouped("a1b2c3d4", 4) == "a1b2 c3d4"


def test_every_value_of_the_letter_file_has_its_word() -> None:
    from typing import get_args

    def values(part: Any, name: str) -> set[str]:
        return set(get_args(part.model_fields[name].annotation))

    for words, part, name in (
        (wording.NATURE, letterfile.Proceedings, "nature"),
        (wording.PERSON_ROLE, letterfile.Person, "role"),
        (wording.PERSON_KIND, letterfile.Person, "kind"),
        (wording.CONTACT_ROLE, letterfile.Contact, "role"),
        (wording.CATEGORY, letterfile.Offence, "category"),
        (wording.IDENTIFIER, letterfile.Identifier, "type"),
        (wording.RELATED, letterfile.Related, "kind"),
        (wording.LEVEL, letterfile.Confidentiality, "level"),
        (wording.MARKING, letterfile.Confidentiality, "level"),
    ):
        assert set(words) == values(part, name), name


def test_a_context_is_a_pure_function_of_letter_cover_and_names() -> None:
    with translation.override("en"):
        first = letter_context(factory.letter(), factory.cover(), factory.names())
        second = letter_context(factory.letter(), replace(factory.cover()), factory.names())
    assert first == second


def test_a_letter_sets_the_marks_of_the_language_of_its_fixed_wording() -> None:
    names = factory.names()
    assert "</b> V1: <b>Example Hosting Tirana sh.p.k.</b>, Rruga" in letter_html(
        factory.letter(), factory.cover(), names
    )
    assert formats.marks("zh-Hans") == formats.marks("zh") != formats.marks("en") == formats.marks("xx")
    chinese = html.unescape(
        re.sub(r"<[^>]+>", "", letter_html(factory.letter(language="zh-Hans"), factory.cover(), names))
    )
    assert "V1 Example Hosting Tirana sh.p.k.，Rruga e Shembullit 3, 1001 Tirana（Albania）。" in chinese
    assert "A question that the wording does not know yet：It is printed" in chinese
    # Between Han characters and what stands beside them there is no Latin mark, and no space after a sentence.
    assert not re.findall(r"[\u4e00-\u9fff][,;:.()] ?|[。：；，] (?=[\u4e00-\u9fff])", chinese)


def test_a_question_leads_its_answer_without_a_colon() -> None:
    assert [letter_tags.asked(label, ":") for label in ("Who?", "誰？", "Costs", "Costs:")] == [
        "Who?",
        "誰？",
        "Costs:",
        "Costs:",
    ]


def test_code_leads_to_the_check_and_none_stands_on_a_confidential_letter() -> None:
    open_letter = factory.letter(confidentiality={"level": "normal"})
    cover = factory.cover(marking="", check_url="https://mla.example.net/check")
    made = letter_html(open_letter, cover, factory.names())
    assert 'class="check-code"' in made and "<bdi>https://mla.example.net/check</bdi>" in made
    for letter, other in (
        (factory.letter(), cover),
        (open_letter, factory.cover(check_url="https://mla.example.net/check")),
        (open_letter, factory.cover(marking="")),
        (open_letter, factory.cover(marking="", check_url="https://mla.example.net/check", content_hash="")),
    ):
        assert "check-code" not in letter_html(letter, other, factory.names())
