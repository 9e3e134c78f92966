"""A letter of the largest allowed size renders within the limits; a larger one is refused before it costs anything."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from mla.core.canonical import canonical_bytes
from tests.documents import factory
from tests.documents.pages import body_of
from workflows.documents import limits
from workflows.documents.forking import Bounds, Carried, in_fork
from workflows.documents.letters import letter_html, letter_pdf
from workflows.documents.limits import (
    LETTER_CHARACTERS,
    LETTER_ENTRIES,
    LETTER_LINES,
    MEMORY_BYTES,
    PDF_PAGES,
    RenderFailed,
    check_size,
    texts_of,
)
from workflows.documents.rendering import RenderedPdf, _in_fork, render_pdf
from workflows.drafting.letterfile import LARGEST_LETTER, LetterFile, LetterFileWrong, letter_from

PROSE = (
    "On the day named the clerk of the court read nineteen pages of the record, compared them with the log of the "
    "server (annex A2), and wrote to the ministry what the witness had said. "
)


def prose(length: int) -> str:
    return (PROSE * (length // len(PROSE) + 1))[:length].strip()


def largest(characters: int) -> Any:
    """Return a letter with as many entries as its lists may hold, filled up with prose to `characters`."""
    content = factory.letter().content()
    content |= {
        "persons": [{"id": f"P{n}", "role": "witness", "name": f"Witness {n}"} for n in range(1, 201)],
        "providers": [{"id": f"V{n}", "name": f"Example Provider {n} Ltd"} for n in range(1, 51)],
        "identifiers": [
            {"id": f"I{n}", "type": "ip", "value": "192.0.2.1", "port": n, "at": "2026-03-01T02:14:09+01:00"}
            for n in range(1, 501)
        ],
        "items": [
            content["items"][1]
            | {"id": f"M{n}", "provider": f"V{n}", "identifiers": [f"I{k}" for k in range(n * 10 - 9, n * 10 + 1)]}
            for n in range(1, 51)
        ],
        "annexes": [{"id": f"A{n}", "title": f"Annex {n}"} for n in range(1, 101)],
        "related": [{"kind": "other", "reference": f"Reference {n}"} for n in range(1, 51)],
        "key_dates": [{"kind": "hearing", "date": "2026-04-15"} for _ in range(50)],
        "facts": [{"text": "."} for _ in range(500)],
    }
    used = sum(len(text) for _path, text in texts_of(content))
    each, rest = divmod(characters - used + 500, 500)
    assert each <= 20_000
    for index, fact in enumerate(content["facts"]):
        fact["text"] = "x".join([prose(each)[: each - 1], ""]).ljust(each, "x")
        if index == 0:
            fact["text"] += "y" * rest
    return factory.letter(**{key: value for key, value in content.items() if key != "format"})


@pytest.mark.kill
def test_the_largest_letter_renders_within_the_limits() -> None:
    letter = largest(LETTER_CHARACTERS)
    content = letter.content()
    assert sum(len(text) for _path, text in texts_of(content)) == LETTER_CHARACTERS
    letter_from(content)
    made = letter_pdf(
        letter, factory.cover(), factory.names(), canonical_json=canonical_bytes(content), identifier="urn:x"
    )
    assert 80 < made.pages <= PDF_PAGES
    body = body_of(made.pdf)
    assert body.count("nineteenpages") == sum(text.count("nineteen pages") for _path, text in texts_of(content))
    assert "MeasureM50:" in body


@pytest.mark.kill
@pytest.mark.parametrize("line", ["", "one more line"])
def test_the_most_lines_render_within_the_limits(line: str) -> None:
    per_text = LETTER_LINES // 10
    text = "\n".join(["a"] * (per_text + 1)) if line else "\n\n".join(["a"] * (per_text // 2 + 1))
    letter = factory.letter(facts=[{"text": text} for _ in range(9)])
    made = letter_pdf(letter, factory.cover(), factory.names(), canonical_json=b"{}", identifier="urn:x")
    assert made.pages <= PDF_PAGES


def test_the_reader_and_the_renderer_have_one_bound() -> None:
    assert LETTER_CHARACTERS == LARGEST_LETTER
    content = largest(LETTER_CHARACTERS).content()
    check_size(content)
    content["facts"][0]["text"] += "z"
    with pytest.raises(RenderFailed, match=str(LETTER_CHARACTERS + 1)) as failure:
        check_size(content)
    assert (failure.value.kind, failure.value.final) == ("too_large", True)
    assert "facts[0].text" in str(failure.value), "the person is told which text to move into an annex"
    with pytest.raises(LetterFileWrong):
        letter_from(content)


def test_too_many_lines_and_entries_are_refused_before_rendering() -> None:
    content = factory.letter().content()
    content["facts"] = []
    left = LETTER_LINES - sum(text.count("\n") for _path, text in texts_of(content))
    content["facts"] = [{"text": "a" + "\n" * left + "b"}]
    check_size(content)
    content["facts"] = [{"text": "a" + "\n" * (left + 1) + "b"}]
    started = time.monotonic()
    with pytest.raises(RenderFailed, match="line ends") as failure:
        letter_pdf(
            factory.letter(facts=content["facts"]), factory.cover(), factory.names(), canonical_json=b"", identifier=""
        )
    assert failure.value.kind == "too_large"
    assert time.monotonic() - started < 10
    with pytest.raises(RenderFailed, match="entries"):
        check_size({"facts": [{"text": "a"}] * LETTER_ENTRIES})


def test_every_full_list_of_the_letter_file_is_within_the_bound_of_entries() -> None:
    content = largest(LETTER_CHARACTERS - 100_000).content()
    period = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"}
    one = factory.letter().content()
    content["identifiers"] = [identifier | {"period": period} for identifier in content["identifiers"]]
    content["items"] = [item | {"period": period} for item in content["items"]]
    content["offences"] = [one["offences"][0] | {"id": f"O{n}", "law_text": "x", "conduct": "x"} for n in range(1, 51)]
    content["contacts"] = one["contacts"] * 10
    content["assurances"] = one["assurances"][:1] * 30
    content["bases"] = [one["bases"][0] | {"id": f"B{n}"} for n in range(1, 21)]
    bounds = {
        name: rule.max_length
        for name, field in LetterFile.model_fields.items()
        for rule in field.metadata
        if hasattr(rule, "max_length") and isinstance(content.get(name), list)
    }
    assert len(bounds) == 12
    assert {name: len(content[name]) for name in bounds} == bounds
    letter_from(content)
    check_size(content)


def test_too_many_pages_are_no_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    from workflows.documents import rendering

    monkeypatch.setattr(rendering, "PDF_PAGES", 3)
    letter = factory.letter()
    with pytest.raises(RenderFailed, match="pages, at most 3") as failure:
        letter_pdf(letter, factory.cover(), factory.names(), canonical_json=b"{}", identifier="x")
    assert failure.value.kind == "too_large"


def test_too_many_bytes_are_no_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    from workflows.documents import rendering

    monkeypatch.setattr(rendering, "PDF_BYTES", 1000)
    with pytest.raises(RenderFailed, match="bytes, at most 1000"):
        letter_pdf(factory.letter(), factory.cover(), factory.names(), canonical_json=b"{}", identifier="x")


def test_the_fork_is_bounded_below_the_lease_of_its_job() -> None:
    from django.conf import settings

    assert limits.WALL_SECONDS < settings.OUTBOX_LEASE_SECONDS
    assert limits.WALL_SECONDS < settings.CELERY_TASK_SOFT_TIME_LIMIT
    assert limits.CPU_SECONDS <= limits.WALL_SECONDS


def test_a_failure_names_its_place_once() -> None:
    failure = RenderFailed("glyph_missing", "it cannot be printed", place="title")
    assert str(failure) == "title: it cannot be printed"

    def fail() -> RenderedPdf:
        raise failure

    with pytest.raises(RenderFailed) as told:
        _in_fork(fail, wall_seconds=30, cpu_seconds=10, memory_bytes=2**29)
    assert str(told.value) == "title: it cannot be printed"
    assert told.value.kind == "glyph_missing"


@pytest.mark.kill
def test_three_hundred_pages_are_laid_out_in_the_memory_of_a_worker() -> None:
    """No letter of the product is so long (its characters are counted before); what is has room all the same."""
    pages = "\n\n".join([prose(600)] * 8)
    letter = factory.letter(facts=[{"text": pages} for _ in range(205)])
    with pytest.raises(RenderFailed, match="characters, at most") as refused:
        letter_pdf(letter, factory.cover(), factory.names(), canonical_json=b"{}", identifier="urn:x")
    assert (refused.value.kind, refused.value.final) == ("too_large", True)
    page = letter_html(letter, factory.cover(), factory.names())

    def work() -> Carried:
        before = _in_memory("VmRSS")
        made = render_pdf(page, canonical_json=b"{}", title="t", language="en", identifier="urn:x", dated=letter.date)
        return {"pages": made.pages, "grown": _in_memory("VmHWM") - before}, b""

    # A machine that has other work takes longer than a worker gives: time is not what is measured here.
    told, _nothing = in_fork(work, Bounds(wall_seconds=400, cpu_seconds=300, memory_bytes=MEMORY_BYTES))
    assert 300 <= told["pages"] <= PDF_PAGES
    assert told["grown"] < 450 * 2**20


def _in_memory(what: str) -> int:
    return int(Path("/proc/self/status").read_text().split(f"{what}:")[1].split()[0]) * 1024
