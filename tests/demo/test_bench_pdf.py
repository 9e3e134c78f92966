"""The measurement of a letter's PDF: that it runs and what it tells. Never how long anything took."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mla.settings.env import BASE_DIR
from workflows.demo import bench_pdf
from workflows.demo.management.commands.bench_pdf import SHOWN
from workflows.documents.limits import LETTER_CHARACTERS, RenderFailed


@pytest.mark.parametrize("language", sorted(bench_pdf.TEXTS))
def test_letters_are_of_the_size_that_was_asked_and_the_longest_is_one_that_the_product_takes(language: str) -> None:
    short, longest, past = (bench_pdf.sized(language, size) for size in (4, "longest", 200))
    assert short.accepted and longest.accepted
    assert LETTER_CHARACTERS - 2_000 < bench_pdf._characters(longest.letter.content()) <= LETTER_CHARACTERS
    assert len(short.html) < len(past.html) / 10
    assert len(past.letter.facts) <= 500
    assert not past.accepted


def test_a_row_tells_both_sides_of_one_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    (row,) = bench_pdf.measure([4], ["en"], 1, said.append)
    assert set(SHOWN) < set(row)
    assert 3 <= row["pages"] <= 6 and row["accepted"]
    assert all(row[name] > 0 for name in row if name.endswith(("_ms", "_cpu", "_raw", "_page", "_mb")))
    assert said == [f"en, {row['pages']} pages"]


def test_letter_past_the_bounds_is_measured_and_stays_refused_elsewhere() -> None:
    one = bench_pdf.sized("en", "longest")
    content = one.letter.content()
    longer = one.letter.model_validate(content | {"facts": [*content["facts"], {"text": "x" * 9_000}]})
    assert bench_pdf._characters(longer.content()) > LETTER_CHARACTERS
    with pytest.raises(RenderFailed) as refused:
        bench_pdf.letters.letter_pdf(
            longer, bench_pdf.COVER, bench_pdf.Names(), canonical_json=b"{}", identifier="urn:bench:1"
        )
    assert refused.value.kind == "too_large"


@pytest.mark.demo
def test_the_least_of_everything_runs_to_its_end_and_is_written(tmp_path: Path) -> None:
    output = tmp_path / "pdf.json"
    done = subprocess.run(
        [sys.executable, "manage.py", "bench_pdf", "--quick", "--output", str(output)],
        cwd=BASE_DIR, capture_output=True, text=True, timeout=550,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(output.read_text())
    assert set(report) == {"machine", "worker", "letters", "seconds"}
    assert {"load_before", "load_after", "packages"} < set(report["machine"])
    worker = report["worker"]
    assert worker["letters"] == 2 and worker["first_ms"] > 0 and worker["two_to_one"] > 0
    assert worker["hint"]["hints"] == 100 and worker["hint"]["celery_ms"] > 0
    assert [one["letters"] for one in worker["memory"]] == [0, 1, 2]
    assert [row["language"] for row in report["letters"]] == ["en"]
    for word in ("ours_to_raw", "first to next", "Celery adds", "two to one", "worker after 2 letters"):
        assert word in done.stdout
