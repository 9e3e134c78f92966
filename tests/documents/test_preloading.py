"""What a worker has ready before it forks: the fonts of every language of letters, templates, keys."""

from __future__ import annotations

import datetime as dt
import hashlib
import subprocess
import sys
from typing import Any

import pytest

from mla.core.letter_languages import letter_languages
from tests.documents import factory
from tests.documents.translations import SENTENCES, translated
from workflows.documents import rendering, signing
from workflows.documents.letters import letter_html
from workflows.documents.preloading import preload_worker, samples
from workflows.documents.signing_keys import SigningConfig

Face = tuple[str, str, float, int, str]


def faces(html: str) -> set[Face]:
    """Return the faces that the texts of a page ask for: language, first family, size, weight, slant.

    Pango does not tell zh-Hans from zh-hans.
    """
    document = rendering._laid_out(html, rendering.asset_fetcher())
    found = set()
    for page in document.pages:
        for box in page._page_box.descendants():
            if hasattr(box, "text"):
                style = box.style
                size, weight = round(float(style["font_size"]), 2), int(style["font_weight"])
                found.add((style["lang"].lower(), style["font_family"][0], size, weight, style["font_style"]))
    return found


@pytest.mark.parametrize("language", sorted(SENTENCES))
def test_sample_of_a_language_has_every_face_of_its_letters(language: str) -> None:
    by_language = dict(zip(letter_languages(), samples(), strict=True))
    letter = letter_html(translated(factory.letter(), language), factory.cover(), factory.names())
    assert faces(letter) - faces(by_language[language.lower()]) == set()


def test_letter_is_the_same_bytes_whether_its_fonts_were_known_before_or_not() -> None:
    html = letter_html(translated(factory.letter(), "ar"), factory.cover(), factory.names())

    def made() -> str:
        values: dict[str, Any] = {"title": "t", "language": "ar", "identifier": "urn:x", "dated": dt.date(2026, 3, 12)}
        pdf = rendering.render_in_fork(html, canonical_json=b"{}", **values).pdf
        return hashlib.sha256(pdf).hexdigest()

    rendering._kept_fonts.cache_clear()
    rendering._sheet.cache_clear()
    before = made()
    rendering.preload(samples())
    assert made() == before == made()


def test_only_a_link_to_a_shipped_sheet_is_taken_out_of_a_page() -> None:
    link = '<link rel="stylesheet" href="mla-asset:{}">'
    for name, taken in {"letter.css": True, "no-such.css": False, "../letter.css": False}.items():
        page, sheets = rendering._without_sheets(f"<head>{link.format(name)}</head>")
        assert (len(sheets), "stylesheet" in page) == ((1, False) if taken else (0, True)), name


def test_worker_starts_although_its_keys_cannot_be_opened_and_holds_them_where_they_can(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, settings: Any, tmp_path: Any
) -> None:
    held: list[SigningConfig] = []
    monkeypatch.setattr(signing, "hold_keys", held.append)
    monkeypatch.setattr("workflows.documents.preloading.preload", lambda pages: None)
    preload_worker()
    assert len(held) == 1
    settings.SIGNING_CONFIG = str(tmp_path / "none.toml")
    preload_worker()
    assert len(held) == 1
    assert "no key is held beforehand" in caplog.text


def test_no_thread_of_the_preparation_runs_when_it_is_done() -> None:
    """A fork of a process whose threads hold a lock waits for it for ever."""
    program = (
        "import os, threading, django; django.setup();"
        "from workflows.documents.preloading import preload_worker; preload_worker();"
        "print(len(os.listdir('/proc/self/task')) - threading.active_count())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip().splitlines()[-1] == "0"
