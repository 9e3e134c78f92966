"""The forms that a letter brings to be signed over there: printed where asked for, and the letter unchanged where not."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from html import escape
from pathlib import Path

import pytest

from tests.documents import factory
from tests.documents.markup import harmless, markup_of
from tests.documents.test_hostile_text import hostile, hostile_cover, hostile_letter, hostile_names
from tests.documents.test_letter_pages import paragraphs
from tests.documents.test_measure_texts import letter_with
from workflows.documents.letters import letter_html, letter_pdf
from workflows.documents.values import MeasureName, Names
from workflows.drafting.letterfile import LetterFile
from workflows.drafting.measures import CERTIFICATE_FORMS, MeasureFolderWrong, measure_catalogue, measures_read

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "certificates"
TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "documents" / "letter" / "certificates"
ALL = [(slug, form) for slug, measure in measure_catalogue().items() for form in measure.certificates]
#: One of each template and form is read by a person; the others differ by the name of the measure.
READ = [("bank-records", "records_certificate"), ("bank-records", "oath"), ("testimony", "oath")]


def asking(slug: str, form: str) -> LetterFile:
    content = letter_with(measure_catalogue()[slug]).content()
    if form:
        content["items"][0]["certificate_form"] = form
    return factory.letter(items=content["items"])


def names(slug: str) -> Names:
    measure = measure_catalogue()[slug]
    named = MeasureName(name=measure.name, template=measure.letter_template, certificates=measure.certificates)
    return replace(factory.names(), measures=dict(factory.names().measures) | {slug: named})


def page(slug: str, form: str) -> str:
    return letter_html(asking(slug, form), factory.cover(), names(slug))


def form_of(html: str) -> list[str]:
    _before, found, rest = html.partition('<div class="certificate" id="certificate-M1">')
    return paragraphs("<main>" + rest) if found else []


@pytest.mark.parametrize(("slug", "form"), READ)
def test_a_form_reads_as_its_golden_copy(slug: str, form: str) -> None:
    """After a wanted change: MLA_GOLDEN=write pytest tests/documents/test_certificates.py, and read the difference."""
    text = "\n".join(form_of(page(slug, form))) + "\n"
    copy = GOLDEN / f"{slug}.{form}.txt"
    if os.environ.get("MLA_GOLDEN") == "write":
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(text, encoding="utf-8")
    assert copy.exists() and text == copy.read_text(encoding="utf-8")


@pytest.mark.parametrize(("slug", "form"), ALL)
def test_every_form_of_every_measure_is_printed_once_and_said_in_its_measure(slug: str, form: str) -> None:
    html = page(slug, form)
    assert html.count('class="certificate"') == 1 and "at the end of this letter" in html
    assert ("oath or affirmation</h2>" in html) == (form == "oath")


@pytest.mark.parametrize("slug", sorted(measure_catalogue()))
@pytest.mark.parametrize("form", ["", "none"])
def test_a_letter_that_asks_for_none_is_as_it_was(slug: str, form: str) -> None:
    html = page(slug, form)
    assert 'class="certificate"' not in html and "at the end of this letter" not in html
    assert "certificate_form" not in asking(slug, "").content()["items"][0]


def test_a_measure_without_the_form_prints_nothing() -> None:
    assert form_of(page("preservation", "oath")) == []


def test_only_the_sworn_form_has_a_place_for_whoever_takes_the_oath() -> None:
    for form, places in (("records_certificate", 2), ("oath", 3)):
        assert page("bank-records", form).count("Signature and seal") == places


def test_the_forms_name_templates_that_are_there_and_none_is_left_over() -> None:
    there = {path.stem for path in TEMPLATES.glob("[a-z]*.html")}
    assert there == {name for measure in measure_catalogue().values() for name in measure.certificates.values()}
    assert {form for _slug, form in ALL} == set(CERTIFICATE_FORMS)


@pytest.mark.parametrize(
    "table", ['certificates = "x"', '[certificates]\nseal = "records"', '[certificates]\noath = "../x"']
)
def test_a_wrong_table_of_forms_is_refused_with_file_and_key(tmp_path: Path, table: str) -> None:
    folder = tmp_path / "x"
    folder.mkdir()
    about = 'slug = "x"\nname = "X"\nposition = 1\ngroup = "other"\nsummary = "S"\ncoercive = false\n'
    (folder / "questions.toml").write_text("")
    (folder / "measure.toml").write_text(about + table)
    with pytest.raises(MeasureFolderWrong, match=r"measure\.toml, line [78]: certificates"):
        measures_read(tmp_path)


def test_what_was_typed_is_escaped_in_a_form() -> None:
    content = asking("bank-records", "oath").content()
    content["items"][0]["answers"]["certificate"] = "<script>alert(1)</script> & more"
    html = letter_html(factory.letter(items=content["items"]), factory.cover(), names("bank-records"))
    assert "<script>" not in html and "&lt;script&gt;" in html.partition('class="certificate"')[2]


@pytest.mark.parametrize(("slug", "form"), READ)
def test_whatever_stands_in_the_letter_is_printed_as_text_in_a_form(slug: str, form: str) -> None:
    [asked] = asking(slug, form).content()["items"][:1]
    asked["answers"]["certificate"] = hostile(700, 9)
    content = hostile_letter(9)[0].content()
    content["items"] = [asked | {"provider": "V1", "persons": ["P1"], "identifiers": ["I1"]}]
    letter, cover, told = LetterFile.model_validate(content), hostile_cover(9), hostile_names(9)
    told = replace(told, measures={slug: replace(names(slug).measures[slug], name=hostile(701, 9))}, difference={})
    html = letter_html(letter, cover, told)
    assert markup_of(html) == markup_of(letter_html(harmless(letter), harmless(cover), harmless(told)))
    assert escape(hostile(700, 9)) in html.partition('class="certificate"')[2]


def test_a_form_begins_a_page_of_its_own_at_the_end_of_the_pdf() -> None:
    pages = []
    for form in ("", "records_certificate"):
        made = letter_pdf(
            asking("bank-records", form), factory.cover(), names("bank-records"), canonical_json=b"{}",
            identifier="urn:uuid:00000000-0000-4000-8000-000000000000",
        )  # fmt: skip
        pages.append(made.pages)
    assert pages[1] in (pages[0] + 1, pages[0] + 2)


def test_no_golden_text_is_of_a_form_that_is_gone() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == {f"{slug}.{form}" for slug, form in READ}
    assert all(re.search(r"\w", path.read_text(encoding="utf-8")) for path in GOLDEN.glob("*.txt"))
