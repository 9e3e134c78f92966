"""Every kind of document beside the letter is whole: module, folder, typed context, golden text, translations."""

from __future__ import annotations

import datetime as dt
import io
import os
import shutil
from dataclasses import is_dataclass, replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from mla.accounts.capabilities import capability_table
from mla.core.canonical import content_hash
from mla.core.letter_languages import letter_languages
from tests.documents import pictures
from tests.documents.factory import letter as complete_letter
from tests.documents.factory import names as all_names
from tests.documents.kind_examples import OPEN, context_type, example, frame
from tests.documents.test_letter_languages import as_kept
from tests.documents.test_letter_pages import paragraphs
from workflows.documents import kinds as package
from workflows.documents.case_documents import Frame, document_content, document_html, document_pdf
from workflows.documents.kinds import Kind, kinds
from workflows.documents.kinds.redacted_copy import redacted
from workflows.drafting.freezing import outward
from workflows.drafting.letterfile import LetterFile

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "documents"
KINDS = list(kinds().values())
HOSTILE = '<script>x</script><img src="file:///etc/passwd"> {{ 7|add:7 }} {% now "Y" %} & "quoted"'


def every(kind: Kind) -> str:
    return kind.slug


def framed(long: bool, language: str = "en") -> Frame:
    """Return the frame of an example: the short one is of a case that is not confidential, and says where it is checked."""
    return frame(language) if long else frame(language, **OPEN)


def text_of(kind: Kind, *, long: bool, language: str = "en") -> str:
    page = document_html(kind, framed(long, language), example(kind, long=long, language=language))
    return "\n".join(paragraphs(page)) + "\n"


def test_folders_modules_and_golden_texts_are_those_of_the_kinds() -> None:
    modules = {path.stem.replace("_", "-") for path in Path(package.__path__[0]).glob("[a-z]*.py")}
    folders = {path.parent.name for path in (ROOT / "templates" / "documents").glob("*/document.html")} - {"letter"}
    golden = {path.stem for path in GOLDEN.glob("*.txt")}
    assert modules == folders == set(kinds())
    assert golden == {f"{slug}-{length}" for slug in kinds() for length in ("short", "long")}


@pytest.mark.parametrize("kind", KINDS, ids=every)
def test_kind_has_a_typed_context_and_a_right(kind: Kind) -> None:
    made = context_type(kind)
    assert is_dataclass(made) and made.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert kind.right in capability_table()
    assert len({field.key for field in kind.fields}) == len(kind.fields)


@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
@pytest.mark.parametrize("kind", KINDS, ids=every)
def test_kind_reads_as_its_golden_copy(kind: Kind, long: bool) -> None:
    """After a wanted change: MLA_GOLDEN=write pytest tests/documents/test_kinds.py, and read the difference."""
    copy = GOLDEN / f"{kind.slug}-{'long' if long else 'short'}.txt"
    text = text_of(kind, long=long)
    if os.environ.get("MLA_GOLDEN") == "write":
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(text, encoding="utf-8")
    assert copy.exists(), f"the kind has no golden text: {copy}"
    assert text == copy.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", [code for code in letter_languages() if code != "en"])
@pytest.mark.parametrize("kind", KINDS, ids=every)
def test_title_of_a_kind_is_said_in_every_language_of_letters(kind: Kind, language: str) -> None:
    lines = [line for line in text_of(kind, long=False, language=language).split("\n") if line.startswith("# ")]
    assert len(lines) == 1
    english = next(line for line in text_of(kind, long=False).split("\n") if line.startswith("# "))
    assert lines != [english] or kind.slug == "note-verbale", f"{kind.slug} has no title in {language}"


@pytest.mark.parametrize("kind", KINDS, ids=every)
def test_whatever_is_typed_stays_text(kind: Kind) -> None:
    page = document_html(kind, frame(peer_reference=HOSTILE), example(kind, long=True, text=HOSTILE))
    assert "<script" not in page and "<img" not in page
    assert page.count("{{ 7|add:7 }}") >= 1


@pytest.mark.parametrize("kind", KINDS, ids=every)
def test_same_words_on_another_day_are_the_same_content(kind: Kind) -> None:
    one, said = frame(), example(kind, long=True)
    later = replace(one, dated=dt.date(2027, 1, 1))
    assert document_content(kind, one, said) == document_content(kind, later, said)
    other = replace(one, language="fr")
    assert document_content(kind, other, said) != document_content(kind, one, said)


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler makes the pictures")
@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
@pytest.mark.parametrize("kind", KINDS, ids=every)
def test_document_is_an_archivable_tagged_pdf_and_looks_as_its_picture(kind: Kind, long: bool, tmp_path: Path) -> None:
    made = document_pdf(kind, framed(long), example(kind, long=long), identifier="urn:uuid:x")
    shown = pictures.pictures_of(made.pdf, tmp_path)
    kept = as_kept(f"documents/pages/{kind.slug}-{'long' if long else 'short'}.txt", pictures.written(shown))
    assert pictures.far_apart(shown, pictures.read(kept)) == []
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        assert list(pdf.attachments) == (["document.json"] if kind.between_states else [])
        assert ("/AF" in pdf.Root) == kind.between_states
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang) == "en"
        assert str(pdf.docinfo["/Title"]) == str(kind.name)
        metadata = pdf.Root.Metadata.read_bytes().decode()
    assert 'pdfaid:part="3" pdfaid:conformance="A" pdfuaid:part="1"' in metadata
    assert ("urn:sha256:" in metadata) == kind.between_states


@pytest.mark.parametrize("kind", KINDS, ids=every)
def test_code_leads_to_the_check_and_none_stands_where_a_copy_should_lead_to_nothing(kind: Kind) -> None:
    said = example(kind, long=False)
    page = document_html(kind, frame(**OPEN), said)
    assert ('class="check-code"' in page and "<bdi>https://mla.example.net/check</bdi>" in page) == kind.between_states
    assert "check-code" not in document_html(kind, frame(**OPEN | {"marking": "CONFIDENTIAL"}), said)
    assert "check-code" not in document_html(kind, frame(marking=""), said), (
        "it is not said where this house is reached"
    )
    made = document_content(kind, frame(**OPEN), said)
    assert made == document_content(kind, frame(marking=""), said), "where it is checked is no part of what it says"


def test_returned_request_is_said_to_be_returned_and_not_refused() -> None:
    kind = kinds()["decision"]
    said = replace(example(kind, long=False), returned=True, reason="The time zone is missing.")
    page = document_html(kind, frame(), said)
    assert "The request is returned" in page and "The time zone is missing." in page
    assert "has been examined" not in page and "refused" not in page


# --- the redacted copy ---

SECRET = {
    "facts": "At 02:14:09 UTC+01:00 a session",
    "conduct": "Encryption of the patient records",
    "persons": "north.lantern",
    "nexus": "Both sessions that led to the encryption",
    "necessity": "No other trace of the user is known",
    "proceedings": "Computer sabotage against a hospital and extortion",
    "stage": "Preliminary investigation against persons unknown",
    "related": "24/7 ticket AL-2026-0117",
    "reason of the secrecy": "The investigation is covert",
    "purpose": "To identify the user of the address",
    "speciality": "The data are used in these proceedings only",
    "tipping off": "Nothing suggests that the company is involved",
    "annex": "Order of the investigating judge",
    "time limit": "The oldest records are deleted",
    "operation": "Lantern",
    "title": "Attack with ransomware",
    "why it holds": "The regional registry lists the block",
    "urgency": "The provider deletes session records",
    "assurance": "Data that prove nothing are deleted",
    "key date": "Sixty days after preservation",
    "free answer that nobody let out": "It is printed all the same",
}
NEEDED = ["198.51.100.23", "49152", "Example Hosting Tirana sh.p.k.", "All session records of the customer",
          "Section 303b(4)", "Please see that the customer is not told", "articles 29 and 31"]  # fmt: skip


def test_redacted_copy_leaves_out_what_supports_the_request_and_keeps_what_is_asked() -> None:
    kind = kinds()["redacted-copy"]
    made = redacted(complete_letter(), all_names())
    page = document_html(kind, replace(frame(), title=""), made)
    told = str(document_content(kind, replace(frame(), title=""), made))
    for name, words in SECRET.items():
        assert words not in page, name
        assert words not in told, name
    for words in NEEDED:
        assert words in page, words
    assert "It leaves out: the summary of the facts" in page


def test_redacted_copy_says_only_what_it_really_leaves_out() -> None:
    bare = complete_letter(facts=[], related=[], annexes=[], statements={}, assurances=[])
    assert redacted(bare, all_names()).left_out == ("conduct", "persons", "reasons", "proceedings")


def test_redacted_copy_has_a_hash_of_its_own() -> None:
    kind, letter = kinds()["redacted-copy"], complete_letter()
    own = content_hash(document_content(kind, frame(), redacted(letter, all_names())))
    assert own != content_hash(letter.content())


# --- the content attached to a letter is what is sent, and nothing else ---

#: Fields of a letter that stay in the house. All others are printed or said in what is sent.
INTERNAL = {"rights", "before", "preserved"}


def _everything() -> dict[str, Any]:
    """Return a letter with every field in use, those of the house as well."""
    content = complete_letter().content()
    offence = content["offences"][0] | {
        "elements": [{"element": "Interference", "fact": "Encryption", "theirs": "KEPT-THEIRS"}]
    }
    return content | {
        "annexes_bound": True,
        "offences": [offence],
        "rights": {"speech": {"answer": "no", "note": "KEPT-RIGHTS"}},
        "before": {"open_data": {"done": "used", "note": "KEPT-BEFORE"}},
        "preserved": [{"id": "D1", "what": "KEPT-PRESERVED"}],
    }


def test_content_attached_to_a_letter_has_every_field_that_is_sent_and_no_other() -> None:
    content = _everything()
    sent, _internal = outward(content)
    assert set(content) - set(sent) == INTERNAL
    assert "KEPT-" not in str(sent)
    # A field that the letter file gets one day is looked at here before it is sent.
    known = set(LetterFile.model_fields)
    assert known == set(content) | {"channel"}, "say of a new field whether it is sent"
    for key in set(content) - INTERNAL - {"persons", "offences"}:
        assert sent[key] == content[key], key


def test_of_a_protected_person_only_what_the_letter_prints_is_sent() -> None:
    sent, _internal = outward(_everything())
    protected = next(one for one in sent["persons"] if one["id"] == "P2")
    assert set(protected) <= {"id", "kind", "role", "name", "pseudonym", "protected"}
    assert "1984" not in str(sent) and "Kept by the prosecutor" not in str(sent)


def test_day_of_an_instant_is_that_of_the_authority_which_writes() -> None:
    from types import SimpleNamespace

    from workflows.documents.kinds._case import day_here

    moment = dt.datetime(2026, 3, 31, 22, 30, tzinfo=dt.UTC)
    for zone, day in (("Europe/Berlin", 1), ("UTC", 31), ("America/New_York", 31)):
        assert day_here(SimpleNamespace(authority=SimpleNamespace(time_zone=zone)), moment).day == day
