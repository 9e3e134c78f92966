"""What the matrix is made of: every route, one object for each that takes one, a person of each role there and elsewhere.

As a script it writes tests/web/matrix.csv from what the pages answer: to be read row by row before it is kept.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.signals import request_finished
from django.db import close_old_connections, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from mla.accounts.actors import Actor
from mla.accounts.models import Role, User
from mla.audit.models import AuditEntry
from mla.reference.models import Authority
from tests.factories import Line, drain, officer
from tests.web.conftest import signed_in
from workflows.engine.models import OutboxJob
from workflows.exchange.models import Transmission

TABLE = Path(__file__).with_name("matrix.csv")
ROLES = [role for role in Role if role != Role.TIMER]
COLUMNS = ["route", "method", "object", *map(str, ROLES)]
#: Routes of nobody: they answer without a sign-in.
OPEN = {"web:healthz", "web:language"}


def routes(resolver: Any = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Walk the URLconf: (name with its space, pattern)."""
    for found in (resolver or get_resolver()).url_patterns:
        if isinstance(found, URLResolver):
            yield from routes(found, space + (f"{found.namespace}:" if found.namespace else ""))
        else:
            yield space + str(found.name), found


def of_the_desk() -> set[str]:
    return {name for name, _pattern in routes() if name.startswith("web:")}


def of_the_door() -> set[str]:
    return {name for name, _pattern in routes() if not name.startswith("web:")}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a route, how it is asked, which object, and on which side that lies."""

    route: str
    method: str
    object: str
    side: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.route, self.method, self.object


class World:
    """One request sent and executed, one draft, a job, a record: what the objects of the table are taken from."""

    def __init__(self) -> None:
        self.line = Line()
        self.sent = self.line.sent()
        self.incoming = self.line.executed(self.line.in_execution(self.line.arrived(self.sent)))
        drain()
        self.draft = self.line.drafted()
        self.asking = Authority.objects.get(code=self.line.letter.requesting.authority)
        self.asked = Authority.objects.get(code=self.line.letter.requested.authority)
        used = {self.asking.jurisdiction_id, self.asked.jurisdiction_id}
        away = Authority.objects.filter(hosted_here=True, kind="central").exclude(jurisdiction__in=used)
        self.elsewhere = away.order_by("code")[0]
        self.clients: dict[tuple[str, str], tuple[Actor, Client]] = {}

    def at(self, role: Role, side: str) -> tuple[Actor, Client]:
        """Return the person of a role on a side: asking, asked, or elsewhere (another State altogether)."""
        if (role, side) not in self.clients:
            authority = {"asking": self.asking, "asked": self.asked, "elsewhere": self.elsewhere}[side]
            code = authority.code
            if side == "asking" and role in (Role.ORIGINATOR_DRAFTER, Role.ORIGINATOR_SIGNATORY):
                code = self.line.letter.requesting.originating or code
            if side == "asked" and role == Role.EXECUTING_OFFICER:
                code = self.line.executing_authority.code
            # The case's own people did its acts; these have the same role and did none.
            actor = officer(role, code, 9)
            self.clients[role, side] = (actor, signed_in(actor, raise_request_exception=False))
        return self.clients[role, side]

    @cached_property
    def job(self) -> OutboxJob:
        return OutboxJob.objects.filter(authority=self.asking).latest("id")

    @cached_property
    def entry(self) -> AuditEntry:
        return AuditEntry.objects.filter(authority_id=self.asking.pk).latest("id")

    @cached_property
    def member(self) -> User:
        return User.objects.get(pk=self.line.supervisor.user_id)

    @cached_property
    def objects(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Return by route and object: on which side it lies, and the parts of its address."""
        from workflows.drafting.models import Annex
        from workflows.exchange.models import Message
        from workflows.lifecycle.models import Evidence, RequestedItem

        out, came, draft = self.sent.public_id, self.incoming.public_id, self.draft.public_id
        annex = Annex.objects.filter(version__letter=self.sent.letter).order_by("pk")[0]
        item_in = RequestedItem.objects.filter(incoming=self.incoming).order_by("pk")[0]
        way = Transmission.objects.filter(authority=self.asking).order_by("pk")[0]
        document = _document(self.sent)
        sha256 = "0" * 64
        found: dict[str, tuple[str, dict[str, Any]]] = {
            "web:act request out, withdraw": ("asking", {"way": "out", "public_id": out, "name": "withdraw"}),
            "web:act request in, transmit_result": (
                "asked",
                {"way": "in", "public_id": came, "name": "transmit_result"},
            ),
            "web:act item, refuse": ("asked", {"way": "item", "public_id": item_in.public_id, "name": "refuse"}),
            "web:transmission_step transmission": ("asking", {"public_id": way.public_id}),
            "web:incoming_letter request in": ("asked", {"public_id": came}),
            "web:examine request in": ("asked", {"public_id": came}),
            "web:execution request in": ("asked", {"public_id": came}),
            "web:evidence evidence": (
                "asked",
                {"public_id": Evidence.objects.filter(incoming=self.incoming)[0].public_id},
            ),
            "web:annex annex of the letter": (
                "asking",
                {"public_id": self.sent.letter.public_id, "number": annex.version.number, "key": annex.key},
            ),
            "web:received_file request in, no such file": ("asked", {"public_id": came, "sha256": sha256}),
            "web:proof request out, no such proof": ("asking", {"public_id": out, "sha256": sha256}),
            "web:shared request sent to us": ("asked", {"public_id": out}),
            "web:outgoing request out": ("asking", {"public_id": out}),
            "web:incoming request in": ("asked", {"public_id": came}),
            "web:purpose request out": ("asking", {"way": "out", "case_way": "out", "public_id": out}),
            "web:purpose_end request out": ("asking", {"way": "out", "public_id": out}),
            "web:advice_letter letter": ("asking", {"public_id": self.draft.letter.public_id}),
            "web:advice_comment letter": ("asking", {"public_id": self.draft.letter.public_id}),
            "web:letter_preview request out": ("asking", {"public_id": draft}),
            "web:letter_comment request out": ("asking", {"public_id": draft}),
            "web:review_case request out": ("asking", {"public_id": out}),
            "web:letter draft": ("asking", {"public_id": draft}),
            "web:letter_waive draft": ("asking", {"public_id": draft}),
            "web:letter_section draft, facts": ("asking", {"public_id": draft, "slug": "facts"}),
            "web:letter_entry draft, person P1": ("asking", {"public_id": draft, "slug": "persons", "key": "P1"}),
            "web:letter_remove draft, person P1": ("asking", {"public_id": draft, "slug": "persons", "key": "P1"}),
            "web:job effect": ("asking", {"public_id": self.job.public_id}),
            "web:audit_entry entry of the record": ("asking", {"public_id": self.entry.public_id}),
            "web:member member": ("asking", {"public_id": self.member.public_id}),
            "web:kept nothing kept": ("asking", {"key": uuid4()}),
        }
        found["web:document document"] = ("asking", {"public_id": document})
        assert Message.objects.exists()
        return found

    def rows(self) -> list[Row]:
        """Return every row that the table must have: each route, safe and unsafe, each of its objects."""
        found = []
        named = {key.split(" ", 1)[0] for key in self.objects}
        for name, pattern in routes():
            if not name.startswith("web:") or name in OPEN:
                continue
            things = [
                (key.split(" ", 1)[1], side) for key, (side, _p) in self.objects.items() if key.split(" ")[0] == name
            ]
            if pattern.pattern.converters and name not in named:
                raise AssertionError(f"{name} takes an object that the matrix does not know: add it to World.objects")
            for thing, side in things or [("", "asking")]:
                found += [Row(name, method, thing, side) for method in ("GET", "POST")]
        return found

    def ask(self, row: Row, role: Role, whose: str) -> tuple[Answer, bool]:
        """Ask as a person of `role`: for the own, a foreign or a missing object. Nothing stays; tells if it was recorded."""
        _side, parts = self.objects.get(f"{row.route} {row.object}", ("", {}))
        _actor, client = self.at(role, "elsewhere" if whose == "foreign" else row.side)
        if whose == "missing":
            parts = {
                name: uuid4() if name in ("public_id", "key") and _is_uuid(value) else value
                for name, value in parts.items()
            }
        address = reverse(row.route, kwargs=_fitting(row.route, parts))
        with transaction.atomic():
            before = AuditEntry.objects.filter(outcome="refused").count()
            given = client.get(address) if row.method == "GET" else client.post(address)
            body = b"" if given.streaming else given.content
            answer = Answer(given.status_code, _main(body))
            recorded = AuditEntry.objects.filter(outcome="refused").count() > before
            # As the test client does: the end of an answer would close the connection of the test.
            request_finished.disconnect(close_old_connections)
            given.close()
            request_finished.connect(close_old_connections)
            transaction.set_rollback(True)
        return answer, recorded


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    main: str


def _main(body: bytes) -> str:
    text = body.decode(errors="replace")
    return text.partition("<main")[2].partition("</main>")[0]


def _is_uuid(value: Any) -> bool:
    return len(str(value)) == 36


def _fitting(route: str, parts: dict[str, Any]) -> dict[str, Any]:
    wanted = next(pattern for name, pattern in routes() if name == route).pattern.converters
    return {name: parts[name] for name in wanted}


def _document(outgoing: Any) -> Any:
    from workflows.documents.models import Document

    found = Document.objects.filter(authority=outgoing.central).order_by("-pk").first()
    return found.public_id if found else uuid4()


def read_table() -> dict[tuple[str, str, str], dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {(row["route"], row["method"], row["object"]): row for row in csv.DictReader(file)}


def cell(world: World, row: Row, role: Role) -> str:
    """Return “own foreign missing”, or the one answer of a page without an object."""
    whose = ("own", "foreign", "missing") if row.object else ("own",)
    return " ".join(str(world.ask(row, role, one)[0].status) for one in whose)


def write_table(world: World) -> None:
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        for row in world.rows():
            head = {"route": row.route, "method": row.method, "object": row.object}
            table.writerow(head | {str(role): cell(world, row, role) for role in ROLES})
