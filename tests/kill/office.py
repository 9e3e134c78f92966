"""The officers' side as a process of its own: `python -m tests.kill.office`, killed and started again like the rest.

Every step looks at the case as it stands, so that an office that died goes on where it was. An act
whose commit is unknown (the database went away meanwhile) is looked up by the version of its row.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.kill.settings")
django.setup()

from django.db import InterfaceError, OperationalError, connection  # noqa: E402

from tests.factories import Line  # noqa: E402
from tests.kill.letters import DRAFT_SECRET, short_letter  # noqa: E402
from workflows.drafting.models import LetterOfRequest  # noqa: E402
from workflows.engine.errors import ActNotPossible, ConditionsNotMet, VersionChanged  # noqa: E402
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest  # noqa: E402
from workflows.lifecycle.services import incoming as inward  # noqa: E402
from workflows.lifecycle.services import outgoing_chain as chain  # noqa: E402
from workflows.lifecycle.services import outgoing_course as course  # noqa: E402

DRAFT = "A draft that is never sent"
#: Not a lost connection but a fault of ours: locks taken in two orders.
DEADLOCK = "40P01"


def tell(**values: object) -> None:
    """Write one line of JSON, for the test that reads it."""
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


class Office:
    """Brings `letters` cases to the status `until`, from wherever they stand.

    `pause`: seconds to wait after each case, so that a test finds it at work.
    """

    def __init__(self, *, prefix: str, letters: int, until: str, pause: float) -> None:
        self.prefix, self.letters, self.until, self.pause = prefix, letters, until, pause
        self.line = Line(short_letter(DRAFT, secret=DRAFT_SECRET))

    def run(self) -> None:
        # Everybody is there before the first act, so that two offices do not make the same person.
        line = self.line
        _ = (line.prosecutor, line.desk, line.supervisor, line.registry, line.their_registry)
        if self.patiently(self.find_draft) is None:
            self.act(LetterOfRequest, self.find_draft, self.line.drafted)
        for number in range(1, self.letters + 1):
            self.approve(self.title(number))
            self.go_on()
            time.sleep(self.pause)
        while not self.finished():
            self.go_on()
            time.sleep(0.1)
        tell(finished=self.letters)

    def title(self, number: int) -> str:
        return f"{self.prefix} {number:04d}"

    def approve(self, title: str) -> None:
        """Draft, lodge, take in, submit and approve one letter: five acts, each by its officer."""
        line = Line(short_letter(title))

        def find() -> OutgoingRequest | None:
            return OutgoingRequest.objects.select_related("letter").filter(letter__title=title).first()

        while True:
            case = self.patiently(find)
            if case is None:
                self.act(OutgoingRequest, find, lambda: chain.outgoing_create(content=line.letter, by=line.prosecutor))
            elif case.status == "in_review":
                self.act(OutgoingRequest, find, self._approve(case, line))
            elif case.status != "drafting" or self.until == "drafting":
                return
            elif case.lodged_at is None:
                self.act(OutgoingRequest, find, self._lodge(case, line))
            elif case.taken_in_at is None:
                self.act(OutgoingRequest, find, self._take_in(case, line))
            else:
                self.act(OutgoingRequest, find, self._submit(case, line))

    @staticmethod
    def _lodge(case: OutgoingRequest, line: Line) -> Callable[[], object]:
        return lambda: chain.outgoing_lodge(outgoing=case, by=line.prosecutor, expected_version=case.version)

    @staticmethod
    def _take_in(case: OutgoingRequest, line: Line) -> Callable[[], object]:
        return lambda: chain.outgoing_take_in(outgoing=case, by=line.desk)

    @staticmethod
    def _submit(case: OutgoingRequest, line: Line) -> Callable[[], object]:
        return lambda: chain.outgoing_submit(outgoing=case, by=line.desk, expected_version=case.version)

    @staticmethod
    def _approve(case: OutgoingRequest, line: Line) -> Callable[[], object]:
        return lambda: chain.outgoing_approve(
            outgoing=case,
            by=line.supervisor,
            content_hash=line.hash_of(case),
            rights_screened=True,
            expected_version=case.version,
        )

    def go_on(self) -> None:
        """Send what has its PDF; with `until` acknowledged, the other side acknowledges what arrived."""
        if self.until in {"drafting", "approved"}:
            return
        mine = OutgoingRequest.objects.filter(letter__title__startswith=self.prefix)
        for pk, version in self.patiently(
            lambda: list(mine.filter(status="approved").exclude(document_sha256="").values_list("pk", "version"))
        ):
            case = self.patiently(lambda pk=pk: OutgoingRequest.objects.get(pk=pk))
            self.act(
                OutgoingRequest,
                lambda pk=pk: OutgoingRequest.objects.filter(pk=pk).first(),
                lambda case=case, version=version: course.outgoing_send(
                    outgoing=case, by=self.line.registry, channel="local", expected_version=version
                ),
            )
        if self.until != "acknowledged":
            return
        theirs = IncomingRequest.objects.filter(title__startswith=self.prefix, status="received")
        for case in self.patiently(lambda: list(theirs)):
            self.act(
                IncomingRequest,
                lambda pk=case.pk: IncomingRequest.objects.filter(pk=pk).first(),
                lambda case=case: inward.incoming_acknowledge(
                    incoming=case, by=self.line.their_registry, contact="Registry"
                ),
            )

    def finished(self) -> bool:
        there = OutgoingRequest.objects.filter(letter__title__startswith=self.prefix, status=self.until)
        return self.patiently(there.count) >= self.letters

    def find_draft(self) -> LetterOfRequest | None:
        return LetterOfRequest.objects.filter(title=DRAFT).first()

    # --- a database that goes away ---

    def patiently(self, read: Callable[[], object]) -> object:
        """Return what `read` returns; a database that is away is waited for."""
        for _attempt in self._attempts():
            try:
                return read()
            except (OperationalError, InterfaceError):
                connection.close()
        raise AssertionError("unreachable")

    def act(self, model: type, find: Callable[[], object], do: Callable[[], object]) -> None:
        """Do an act once: after a lost connection the row's version says whether it was done.

        The row may also have gone on by a job meanwhile; then the act no longer fits, and the caller looks again.
        """
        before = self.patiently(find)
        try:
            do()
        except (OperationalError, InterfaceError) as error:
            if getattr(error.__cause__, "sqlstate", None) == DEADLOCK:
                raise
            connection.close()
            after = self.patiently(find)
            seen = getattr(before, "version", 0)
            tell(unknown="committed" if after is not None and after.version > seen else "lost")  # type: ignore[attr-defined]
        except (ActNotPossible, ConditionsNotMet, VersionChanged) as error:
            tell(looked_again=type(error).__name__)

    @staticmethod
    def _attempts() -> Iterator[int]:
        until = time.monotonic() + 120
        attempt = 0
        while True:
            yield attempt
            attempt += 1
            if time.monotonic() > until:
                raise TimeoutError("the database stayed away for two minutes")
            time.sleep(0.2)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--prefix", default="Case")
    parser.add_argument("--letters", type=int, required=True)
    parser.add_argument("--until", choices=["drafting", "approved", "sent", "acknowledged"], default="sent")
    parser.add_argument("--pause", type=float, default=0.0)
    Office(**vars(parser.parse_args())).run()


if __name__ == "__main__":
    main()
