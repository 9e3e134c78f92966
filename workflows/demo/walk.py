"""The letters on their way, side by side: what `demo` shows, and what `run` finds when it starts."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from mla.settings.env import BASE_DIR, Env
from workflows.demo.case import DemoCase, Wait
from workflows.demo.courses import COURSES
from workflows.demo.report import FOLDER
from workflows.drafting.letterfile import LetterFile, read_letter
from workflows.engine.models import OutboxJob
from workflows.engine.relay import relay_backlog

LETTERS = BASE_DIR / "examples" / "letters"
#: Who speaks (a case, a step), and what there is to say.
Say = Callable[[str, str], None]


class WalkFailed(Exception):
    """The cases did not reach their end; the message says what was waited for."""


def make_anew(env: Env) -> None:
    """Drop everything of the demonstration and make its database anew."""
    from django.db import connections

    from mla.prepare import recreate_database

    connections.close_all()
    recreate_database(env)
    shutil.rmtree(env.storage_dir, ignore_errors=True)
    shutil.rmtree(FOLDER, ignore_errors=True)


def example(name: str) -> LetterFile:
    """Return one of the example letters by the name of its file, without suffix."""
    path: Path = next(path for path in sorted(LETTERS.glob(f"{name}.*")) if path.suffix in {".toml", ".json"})
    return read_letter(path.read_bytes(), name=path.name)


def cases_of_the_courses(say: Say) -> list[DemoCase]:
    cases = []
    for number, plan in enumerate(COURSES, start=1):
        letter = example(plan.letter)
        pair = f"{number} {letter.requesting.jurisdiction}→{letter.requested.jurisdiction}"
        cases.append(
            DemoCase(
                number=number,
                plan=plan,
                letter=letter,
                folder=LETTERS,
                say=lambda text, pair=pair: say(pair, text),  # type: ignore[misc]
            )
        )
    return cases


def walk(walks: Iterable[tuple[DemoCase, Iterator[Wait]]], *, patience: float, look: Callable[[], None]) -> None:
    """Let every case go on until it waits, then look again, all side by side.

    `look` is called at every round, and may raise. `patience`: seconds without any progress.

    Raises:
        WalkFailed: no progress for so long.
    """
    left = list(walks)
    waits: dict[int, Wait] = {}
    moved = time.monotonic()
    while left:
        for case, steps in list(left):
            _what, there = waits.get(case.number, ("", lambda: True))
            if not there():
                continue
            moved = time.monotonic()
            try:
                waits[case.number] = next(steps)
            except StopIteration:
                left.remove((case, steps))
            look()
        look()
        if time.monotonic() - moved > patience:
            waiting = "; ".join(f"case {case.number} for {waits[case.number][0]}" for case, _steps in left)
            raise WalkFailed(f"no progress for {patience:.0f} s: {waiting}")
        time.sleep(0.05)


def settle(*, patience: float, look: Callable[[], None] = lambda: None) -> None:
    """Wait until no job is due. Raises WalkFailed when some are left or parked."""
    until = time.monotonic() + patience
    while relay_backlog():
        look()
        if time.monotonic() > until:
            raise WalkFailed(f"{relay_backlog()} jobs are left")
        time.sleep(0.1)
    parked = OutboxJob.objects.filter(status=OutboxJob.Status.PARKED)
    if parked.exists():
        raise WalkFailed("parked: " + "; ".join(f"{job}: {job.last_error}" for job in parked))
