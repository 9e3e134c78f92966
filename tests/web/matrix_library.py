"""What an authority keeps beside its cases, for the matrix: an offence of the library, an operation with a case in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from tests.factories import Line
from workflows.drafting.models_library import OffenceEntry
from workflows.drafting.services_library import offence_add
from workflows.lifecycle.models import CaseMail, Operation, OutgoingRequest
from workflows.lifecycle.services.mails import mail_file
from workflows.lifecycle.services.operations import operation_add, operation_open
from workflows.tracking.models import Notification


def offence(by: Any) -> OffenceEntry:
    values = {
        "title": "Example offence", "category": "fraud", "provision": "Section 1", "law_text": "Whoever deceives.",
        "maximum_penalty": "two years", "maximum_years": 2, "limitation": "", "source": "", "last_verified": None,
        "to_be_confirmed": True,
    }  # fmt: skip
    return offence_add(values=values, by=by)


def operations(line: Line, case: OutgoingRequest) -> tuple[Operation, Operation]:
    """Return an operation with the case in it, and a restricted one, in which the line's desk officer alone is named."""
    shown = operation_add(operation=operation_open(by=line.desk, name="Harvest"), case=case, by=line.desk)
    return shown, operation_open(by=line.desk, name="Quiet harvest", restricted=True)


def operation_pages(
    at: Callable[..., Any], found: tuple[Operation, Operation], out: OutgoingRequest, inward: Any
) -> dict[str, list[Any]]:
    """Return by route what the pages of operations are asked for. `at` makes a thing of the table."""
    both = [at("asking", "operation", found[0]), at("asking", "restricted operation", found[1])]
    return {
        "web:operation": both,
        "web:operation_export": both,
        "web:case_operation": [
            at("asking", "request out, sent", out, way="out"),
            at("asked", "request in, given for execution", inward, way="in"),
        ],
        **_reminder_pages(at, out),
    }


def operation_acts(at: Callable[..., Any], found: tuple[Operation, Operation]) -> list[Any]:
    """Return the acts on operations that are asked for."""
    return [
        *(
            at("asking", f"{act} (operation)", found[0], way="operation", name=act)
            for act in ("add", "remove", "close")
        ),
        at("asking", "name officer (restricted operation)", found[1], way="operation", name="name_officer"),
    ]


def _reminder_pages(at: Callable[..., Any], case: OutgoingRequest) -> dict[str, list[Any]]:
    """Return by route the reminders that are marked as seen: one for everybody of the authority, one for who answers there."""
    day = dt.date(2026, 3, 16)
    made = {
        level: Notification.objects.get_or_create(
            authority_id=case.authority_id, level=level, case_kind="outgoing", case_id=case.pk, kind="answer", due=day,
            step=-1, defaults={"created_at": case.created_at},
        )[0]
        for level in Notification.Level.values
    }  # fmt: skip
    return {"web:reminder_seen": [at("asking", f"{level} of a request out", one) for level, one in made.items()]}


def mail_pages(at: Callable[..., Any], case: OutgoingRequest, by: Any) -> list[Any]:
    """Put an e-mail on the case; return what its page is asked for."""
    content = b"From: liaison@example.net\nDate: Sun, 29 Nov 2026 23:10:00 +0000\nSubject: Harvest\n\nText.\n"
    mail_file(case=case, by=by, name="harvest.eml", content=content, direction="theirs")
    sha256 = CaseMail.objects.get(outgoing=case).sha256
    return [
        at("asking", "e-mail on a request out", case, way="out", sha256=sha256),
        at("asking", "an e-mail that the case does not have", case, way="out", sha256="0" * 64),
    ]
