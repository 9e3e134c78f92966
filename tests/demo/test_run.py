"""The launcher of a demonstration: what it refuses, what it ends, what it keeps running, and who can sign in."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from django.core.management import CommandError, call_command

from mla.accounts.models import Membership, Role, User
from tests.factories import Line
from workflows.demo import accounts, launch, supervisor
from workflows.demo.courses import COURSES
from workflows.demo.management.commands.run import SHOWN
from workflows.demo.open_cases import OPEN_CASES, STAGES, OpenCase, brought_to
from workflows.demo.shelves import TEMPLATES, fill_shelves
from workflows.demo.walk import example
from workflows.drafting.findings import letter_findings
from workflows.drafting.law import law_for
from workflows.drafting.models_library import OffenceEntry
from workflows.drafting.models_reuse import LetterTemplate

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(launch, "FOLDER", tmp_path)
    monkeypatch.setattr(accounts, "FOLDER", tmp_path)
    return tmp_path


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that no launcher has started."""
    with subprocess.Popen(SLEEP) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("port", ["0", "65536", "-1", "web", "８０００"])
def test_what_is_no_port_is_refused(port: str) -> None:
    with pytest.raises(CommandError, match="--port"):
        call_command("run", f"--port={port}")


def test_it_runs_on_the_database_of_the_demonstration_alone() -> None:
    with pytest.raises(CommandError, match="--demo run"):
        call_command("run")


def test_taken_port_is_named_with_what_takes_it_and_a_free_one_is_let_pass() -> None:
    with contextlib.closing(socket.socket()) as taken:
        # As a web server of several processes does: it would seem to leave room.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(launch.LaunchRefused, match=f"port {port} .* taken by process {os.getpid()} "):
            launch.require_free("127.0.0.1", port)
    launch.wait_until_free("127.0.0.1", port)


def test_second_launcher_is_refused_and_told_where_the_first_runs(folder: Path) -> None:
    assert launch.running_now() is None
    with launch.only_one():
        launch.Launch(address="http://127.0.0.1:8123").write()
        with pytest.raises(launch.LaunchRefused, match=r"127\.0\.0\.1:8123"), launch.only_one():
            pass
        assert "8123" in (launch.running_now() or "")
    assert launch.running_now() is None


def test_leftovers_are_ended_with_their_children_and_no_other_process(sleeper: subprocess.Popen[bytes]) -> None:
    state = launch.Launch(address="http://127.0.0.1:8123")
    marked = os.environ | {launch.MARK: state.token}
    nested = [sys.executable, "-c", f"import subprocess; subprocess.Popen({SLEEP!r}, env={{}}).wait()"]
    left = subprocess.Popen(nested, env=marked)
    until = time.monotonic() + 20
    while not (below := psutil.Process(left.pid).children()) and time.monotonic() < until:
        time.sleep(0.05)
    state.note_child("worker", left.pid)
    # Its number was used again, by a process that began later.
    state.children["relay"] = (sleeper.pid, psutil.Process(sleeper.pid).create_time() - 100)
    state.write()
    assert launch.end_leftovers(patience=5)
    assert left.poll() is not None
    assert below and not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in below)
    assert sleeper.poll() is None
    assert launch.end_leftovers() == []


def test_state_that_was_cut_short_hinders_no_start(folder: Path) -> None:
    (folder / "state.json").write_text('{"address": "http')
    assert launch.end_leftovers() == []


def test_what_ends_is_started_again_later_each_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.05)
    said: list[str] = []
    started: list[int] = []
    keeper = supervisor.Supervisor(folder / "logs", {}, said.append, lambda _name, pid: started.append(pid))
    keeper.start("worker", [sys.executable, "-c", "print('a line'); raise SystemExit(3)"])
    until = time.monotonic() + 20
    pauses = []
    while len(started) < 4 and time.monotonic() < until:
        keeper.look()
        program = keeper.programs["worker"]
        if program.due is not None and len(pauses) < program.failures:
            pauses.append(program.due - time.monotonic())
        time.sleep(0.005)
    keeper.stop()
    assert len(started) == 4
    assert pauses[0] < pauses[1] < pauses[2]
    assert "worker ended with 3; it starts again in" in said[0]
    assert (folder / "logs" / "worker.log").read_text().count("a line") >= 3


def test_what_runs_is_not_started_again_and_ends_with_the_supervisor(folder: Path) -> None:
    started: list[int] = []
    keeper = supervisor.Supervisor(folder / "logs", {}, started.append, lambda _name, pid: started.append(pid))
    keeper.start("worker", SLEEP)
    for _look in range(5):
        keeper.look()
    assert len(started) == 1 and psutil.pid_exists(started[0])
    keeper.stop()
    assert not psutil.pid_exists(started[0])


def test_password_is_generated_once_and_its_owner_alone_can_read_it(folder: Path) -> None:
    secret = accounts.password()
    assert accounts.password() == secret
    assert len(secret.replace("-", "")) == 15
    assert stat.S_IMODE((folder / "password").stat().st_mode) == 0o600
    (folder / "password").unlink()
    assert accounts.password() != secret


@pytest.mark.django_db
def test_every_officer_signs_in_with_it_and_a_password_of_ones_own_stays() -> None:
    assert not accounts.accounts_made()
    accounts.make_accounts()
    accounts.make_accounts()
    assert accounts.accounts_made()
    accounts.let_in("first-secret")
    own = User.objects.get(username="supervisor.us-central")
    own.set_password("my-own")
    own.save()
    accounts.let_in("first-secret")
    assert User.objects.get(pk=own.pk).check_password("my-own")
    assert User.objects.get(username="desk_officer.is-central").check_password("first-secret")
    # The file was lost: all get the new one.
    accounts.let_in("second-secret")
    assert User.objects.get(pk=own.pk).check_password("second-secret")
    roles = set(Membership.objects.filter(authority__code__in=SHOWN).values_list("role", flat=True))
    assert roles == set(Role.values) - {Role.TIMER}
    assert {row.authority for row in accounts.accounts(SHOWN)} == set(SHOWN)


def test_a_case_is_left_open_at_every_stage() -> None:
    assert {case.stage for case in OPEN_CASES} == set(STAGES)


@pytest.mark.django_db
@pytest.mark.parametrize("plan", OPEN_CASES, ids=lambda plan: f"{plan.course} {plan.stage}")
def test_open_case_is_of_today_and_can_be_lodged(plan: OpenCase) -> None:
    today = dt.date(2026, 11, 24)
    written = example(COURSES[plan.course - 1].letter)
    letter = brought_to(written, today)
    assert letter.date == today
    if written.urgency.date:
        assert letter.urgency.date - today == written.urgency.date - written.date
    promised = [item.answers["mla_promised_by"] for item in letter.items if "mla_promised_by" in item.answers]
    assert all(dt.date.fromisoformat(str(day)) >= today for day in promised), promised
    assert letter.facts == written.facts
    assert letter.offences == written.offences
    gaps = [f for f in letter_findings(letter, law=law_for(letter), today=today) if f.severity == "gap"]
    assert [f.code for f in gaps if f.code != "annex_missing"] == []


@pytest.mark.django_db
def test_shelves_hold_the_offences_of_the_examples_to_be_confirmed_and_templates_once() -> None:
    for course, _name, _parts in TEMPLATES:
        Line(letter=example(COURSES[course - 1].letter)).taken_in()
    offences, templates = fill_shelves()
    assert offences == OffenceEntry.objects.filter(to_be_confirmed=True).count() >= len(COURSES)
    assert templates == LetterTemplate.objects.count() == len(TEMPLATES)
    assert fill_shelves() == (0, 0)
