"""Whoever writes or approves a letter knows in which language its fixed sentences are, and whether a lawyer read them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mla.core import letter_languages as languages
from tests.drafting.letters import letter
from tests.drafting.test_findings import findings
from workflows.drafting.findings.wording import wording_doubt
from workflows.web.drafting.languages import LANGUAGES, language_choices

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "code", "words"),
    [
        ("ar", "wording_unconfirmed", "The fixed wording of letters in Arabic has not been confirmed by a lawyer."),
        ("pt-BR", "wording_unconfirmed", "The fixed wording of letters in Portuguese (Brazil) has not been"),
        ("zh", "wording_unconfirmed", "The fixed wording of letters in Chinese has not been confirmed by a lawyer."),
        (
            "lv",
            "wording_english",
            "There is no fixed wording of letters in Latvian: headings and fixed sentences will be",
        ),
        ("zh-Hant", "wording_english", "There is no fixed wording of letters in Chinese (Traditional)"),
    ],
)
def test_wording_that_is_english_or_not_confirmed_is_told_at_the_language(language: str, code: str, words: str) -> None:
    (found,) = [one for one in findings(letter(language=language)) if one.code.startswith("wording_")]
    assert (found.severity, found.code, found.question) == ("warning", code, "language")
    assert found.message.startswith(words)


def test_nothing_is_told_of_english_or_of_what_a_lawyer_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    for language in ("en", "en-GB"):
        assert not [one for one in findings(letter(language=language)) if one.code.startswith("wording_")]
    assert wording_doubt("fr")
    known = languages.letter_languages()
    read = known | {"fr": replace(known["fr"], confirmed="A lawyer of the example ministry, 2026-05-04")}
    monkeypatch.setattr(languages, "letter_languages", lambda: read)
    assert wording_doubt("fr") is None and wording_doubt("de")
    assert "fr" in dict(dict(language_choices())["With fixed wording"])


def test_choice_of_the_language_tells_which_have_the_fixed_wording() -> None:
    groups = {label: dict(members) for label, members in language_choices()}
    assert groups["With fixed wording"] == {"en": "English"}
    assert set(groups["With fixed wording that no lawyer has confirmed"]) == {
        "ar", "de", "es", "fr", "pt", "ru", "zh", "zh-Hans",
    }  # fmt: skip
    assert "lv" in groups["Fixed wording in English"]
    assert sorted(code for members in groups.values() for code in members) == sorted(code for code, _name in LANGUAGES)
