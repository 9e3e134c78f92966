"""A full disk, missing fonts, a silent token: the letter waits, its case says why, nothing half made is offered, it goes on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from mla.core import clock
from mla.core.files import file_read
from mla.settings.env import BASE_DIR
from tests.documents import signatures
from tests.documents.test_signing_job import OWN, approved, render_job, state
from tests.web.conftest import signed_in
from workflows.documents import glyphs, signing
from workflows.documents.models import Document
from workflows.documents.verifying import document_check
from workflows.engine.errors import ActRefused
from workflows.engine.models import OutboxJob
from workflows.engine.outbox import run_job
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.services import outgoing_course as course
from workflows.web.views.act import case_address


def job() -> OutboxJob:
    return OutboxJob.objects.get(pk=render_job())


def again() -> str:
    """Run the job of the letter as its next attempt will."""
    OutboxJob.objects.filter(pk=render_job()).update(status="due", due_at=clock.now())
    return run_job(render_job())


def shown(line: Any, outgoing: OutgoingRequest) -> str:
    """Return the documents of the case as its office sees them."""
    page = signed_in(line.registry).get(case_address(_now(outgoing))).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index('id="documents-title"') :]))


def nothing_is_offered(line: Any, outgoing: OutgoingRequest) -> None:
    """See that no file of the letter can be had or sent."""
    document = Document.objects.get(outgoing=outgoing, kind="letter")
    assert not document.can_be_read
    assert signed_in(line.registry).get(reverse("web:document", args=[document.public_id])).status_code == 404
    with pytest.raises(ActRefused):
        course.outgoing_send(outgoing=OutgoingRequest.objects.get(pk=outgoing.pk), by=line.registry, channel="local")


# --- a full disk ---


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[int], None]]:
    """The storage is a file system of its own, of as many kilobytes as the test says."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only an administrator can mount a file system")
    before: str = default_storage.location
    _store_in(str(place))

    def of_size(kilobytes: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={kilobytes}k", place], check=True)

    yield of_size
    _store_in(before)
    subprocess.run(["umount", "--lazy", place], check=True)


def _store_in(place: str) -> None:
    default_storage._location = place  # type: ignore[attr-defined]
    for name in ("base_location", "location"):
        default_storage._wrapped.__dict__.pop(name, None)  # type: ignore[attr-defined]


def left() -> list[Path]:
    return [path for path in Path(default_storage.location).rglob("*") if path.is_file()]


@pytest.mark.django_db(transaction=True)
def test_full_disk_is_told_at_the_case_leaves_no_half_file_and_the_letter_is_made_when_there_is_room(
    disk: Callable[[int], None],
) -> None:
    line, outgoing = approved("certificate")
    before = left()
    there = sum(path.stat().st_size // 1024 + 12 for path in before)
    # First there is no room for the letter, then for the letter and not for the signed one.
    for kilobytes, files in ((there, 0), (there + _size_of_the_letter(outgoing) // 1024 + 24, 1)):
        disk(kilobytes)
        assert again() == "retry"
        document = Document.objects.get(outgoing=outgoing)
        assert (document.status, document.sha256) == ("failed", "")
        assert "No space left on device" in document.failure
        assert job().last_error.endswith("try again later (No space left on device)")
        assert "No space left on device" in shown(line, outgoing)
        nothing_is_offered(line, outgoing)
        assert len(left()) == len(before) + files
        assert all(file_read(path.name) == path.read_bytes() for path in left()), "what is there is whole"
    disk(64 * 1024)
    assert again() == "done"
    ready = Document.objects.get(outgoing=outgoing)
    assert (ready.status, ready.failure) == ("ready", "")
    assert document_check(file_read(ready.sha256), signatures.config().trust).sound
    assert course.outgoing_send(outgoing=_now(outgoing), by=line.registry, channel="local").status == "sent"


def _now(outgoing: OutgoingRequest) -> OutgoingRequest:
    return OutgoingRequest.objects.get(pk=outgoing.pk)


def _size_of_the_letter(outgoing: OutgoingRequest) -> int:
    """Return how many bytes the unsigned letter has; made as the job makes it, and not kept."""
    from workflows.documents.letters import letter_pdf
    from workflows.documents.services import cover_of, letter_of, names_of

    version = _now(outgoing).approved_version
    assert version is not None and version.frozen_content is not None
    frozen = version.frozen_content
    made = letter_pdf(
        letter_of(frozen), cover_of(_now(outgoing), version), names_of(frozen), canonical_json=b"{}", identifier="x"
    )
    return len(made.pdf)


@pytest.mark.django_db(transaction=True)
def test_job_that_gave_up_on_a_full_disk_is_begun_anew_by_hand(disk: Callable[[int], None], settings: Any) -> None:
    settings.OUTBOX_MAX_ATTEMPTS = 1
    line, outgoing = approved("certificate")
    assert run_job(render_job()) == "parked"
    assert "No space left on device" in Document.objects.get(outgoing=outgoing).failure
    nothing_is_offered(line, outgoing)
    disk(64 * 1024)
    OutboxJob.objects.filter(pk=render_job()).update(attempts=0)
    assert again() == "done"
    assert state(outgoing)[0] == "ready"


# --- fonts ---

BARE = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>{folders}</fontconfig>"""


def fontconfig(folder: Path, *families: str) -> Path:
    """Write a configuration that knows these families and no others."""
    fonts = folder / "fonts"
    fonts.mkdir(exist_ok=True)
    for family in families:
        path, _index = glyphs.installed_fonts()[family]
        (fonts / Path(path).name).symlink_to(path)
    path = folder / "fonts.conf"
    path.write_text(BARE.format(folders=f"<dir>{fonts}</dir><cachedir>{folder}/cache</cachedir>"))
    return path


@pytest.mark.django_db(transaction=True)
def test_machine_without_fonts_makes_no_letter_and_its_case_names_the_font(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, outgoing = approved("certificate")
    with monkeypatch.context() as bare:
        bare.setenv("FONTCONFIG_FILE", str(fontconfig(tmp_path)))
        glyphs.installed_fonts.cache_clear()
        try:
            assert run_job(render_job()) == "retry"
        finally:
            glyphs.installed_fonts.cache_clear()
    document = Document.objects.get(outgoing=outgoing)
    assert document.status == "failed"
    for said in (document.failure, job().last_error, shown(line, outgoing)):
        assert "the font Noto Serif, Noto Sans Mono is not installed (Debian: fonts-noto-core" in said
    nothing_is_offered(line, outgoing)
    assert again() == "done"
    assert state(outgoing)[0] == "ready"


SCRIPT = """
import django; django.setup()
from tests.documents import factory
from tests.documents.translations import translated
from workflows.documents.letters import letter_pdf
from workflows.documents.limits import RenderFailed
from workflows.documents.rendering import preload
import io, pikepdf
try:
    preload()
except RenderFailed as failure:
    print("no start:", failure)
    raise SystemExit
for language in ("en", "ar", "zh-Hans", "ru"):
    letter = translated(factory.letter(), language)
    try:
        made = letter_pdf(letter, factory.cover(), factory.names(), canonical_json=b"{}", identifier="x")
        print(language, "made", made.pages)
    except RenderFailed as failure:
        print(language, failure.kind, failure)
"""


def told_by_a_machine_with(configuration: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, cwd=BASE_DIR, timeout=300,
        env=os.environ | {"FONTCONFIG_FILE": str(configuration), "PYTHONPATH": str(BASE_DIR)},
    )  # fmt: skip
    return done.stdout.splitlines()


def test_worker_does_not_start_without_fonts(tmp_path: Path) -> None:
    assert told_by_a_machine_with(fontconfig(tmp_path)) == [
        "no start: the font Noto Serif, Noto Sans Mono is not installed (Debian: fonts-noto-core, fonts-noto-mono, fonts-noto-cjk)"
    ]


def test_language_whose_font_is_missing_is_refused_and_no_empty_box_is_drawn(tmp_path: Path) -> None:
    """In a process of its own: a machine that has the Latin and Cyrillic fonts only."""
    told = told_by_a_machine_with(fontconfig(tmp_path, "Noto Serif", "Noto Sans Mono"))
    assert [line.split()[:2] for line in told] == [
        ["en", "made"],
        ["ar", "glyph_missing"],
        ["zh-Hans", "glyph_missing"],
        ["ru", "made"],
    ]


# --- a token ---


@pytest.mark.django_db(transaction=True)
def test_token_that_does_not_answer_costs_its_time_is_told_and_the_letter_is_signed_when_it_does(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, outgoing = approved("certificate")
    module = _sleeping_module(tmp_path)
    token = f'authorities = ["*"]\npkcs11 = "{module}"\ntoken = "letters"\nkey = "letters"\nsecret_env = "TOKEN_PIN"'
    monkeypatch.setenv("TOKEN_PIN", "1234")
    monkeypatch.setattr(signing, "TOKEN_SECONDS", 1.0)
    settings.SIGNING_CONFIG = str(signatures.write_config(tmp_path, token))
    assert run_job(render_job()) == "retry"
    assert state(outgoing) == ("waiting", "certificate", "certificate", "")
    assert "the token letters did not answer (1 seconds)" in job().last_error
    assert "awaited: a certificate to sign with" in shown(line, outgoing)
    nothing_is_offered(line, outgoing)
    # A second attempt changes nothing; then there is a token that answers.
    assert again() == "retry"
    settings.SIGNING_CONFIG = str(signatures.write_config(tmp_path, OWN))
    assert again() == "done"
    status, awaits, case_awaits, sha256 = state(outgoing)
    assert (status, awaits, case_awaits) == ("ready", "", "")
    assert document_check(file_read(sha256), signatures.config().trust).sound


def _sleeping_module(folder: Path) -> Path:
    """Return a PKCS#11 module whose first call never returns; where nothing compiles, one that never finishes loading."""
    module = folder / "sleeping.so"
    source = folder / "sleeping.c"
    source.write_text(
        "#include <unistd.h>\nunsigned long C_GetFunctionList(void **list) { for (;;) sleep(3600); return 5; }\n"
    )
    try:
        subprocess.run(["cc", "-shared", "-fPIC", "-o", module, source], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        os.mkfifo(module)
    return module
