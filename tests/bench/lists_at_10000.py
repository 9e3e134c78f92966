"""Every list of the desk with 10,000 rows, beside a bare list of 50 rows in the same run.

    pytest tests/bench/lists_at_10000.py -q -s

Fills a test database with copies of one real case, prints a table (docs/performance.md) and, where a page costs
more than twice the bare list and 5 ms, its queries with their plans into var/bench. It judges no time.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.settings.env import BASE_DIR
from tests.database import owner_connection
from tests.factories import Line, officer
from tests.kill.letters import short_letter
from workflows.engine.models import OutboxJob
from workflows.engine.selectors import jobs_state, visible_jobs
from workflows.exchange.models import Transmission
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.tracking import queues, registry
from workflows.tracking.lists import Filters, _key, list_incoming, list_outgoing
from workflows.tracking.pages import keyset_page
from workflows.tracking.search import search_incoming, search_outgoing
from workflows.tracking.selectors import worklist_incoming, worklist_outgoing
from workflows.web.record import acts_known, record_found

pytestmark = pytest.mark.django_db(transaction=True)

ROWS, ROUNDS = 10_000, 20
MEASURE = "preservation"
Page = Callable[[Any], Any]
Deep = Callable[[], Any]


class Filling:
    """Copies of rows by SQL, as the owner: `insert … select … generate_series`."""

    def __init__(self) -> None:
        self.server = owner_connection(str(connection.settings_dict["NAME"]))

    def do(self, sql: str, *values: Any) -> Any:
        return self.server.execute(sql, values or None)

    def copy(self, table: str, where: str, **changed: str) -> int:
        """Copy the first row `where` ROWS times, with these expressions of `n`; return what `n` is added to for the id."""
        columns = [c for (c,) in self.do(
            "select column_name from information_schema.columns where table_name = %s and table_schema = 'public'", table
        )]  # fmt: skip
        first = self.do(f"select coalesce(max(id), 0) from {table}").fetchone()[0]
        changed = {"id": f"{first} + n", "public_id": "gen_random_uuid()"} | changed
        values = ", ".join(changed.get(column, f"one.{column}") for column in columns)
        self.do(
            f"insert into {table} ({', '.join(columns)}) select {values}"
            f" from (select * from {table} where {where} order by id limit 1) one, generate_series(1, {ROWS}) n"
        )
        self.do(f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))")
        return int(first)


def filled(line: Line) -> Filling:
    """Bring one request over both sides by its acts, copy it ROWS times, and return the hand that did it."""
    sent = line.sent()
    line.arrived(sent)
    fill, letter, out = Filling(), f"letter_id = {sent.letter_id}", f"outgoing_id = {sent.pk}"
    back = "one.changed_at - n * interval '7 minutes'"
    words = (
        "jsonb_set(one.content, '{facts,0,text}', to_jsonb('common account ' || n ||"
        " case when n %% 2500 = 7 then ' needle' else '' end))"
    ).replace("%%", "%")
    letters = fill.copy(
        "drafting_letterofrequest", f"id = {sent.letter_id}", title="'Account number ' || n", changed_at=back
    )
    of_letter = f"{letters} + n"
    versions = fill.copy("drafting_letterversion", letter, letter_id=of_letter, content=words)
    fill.copy("drafting_lettershare", letter, letter_id=of_letter)
    fill.copy(
        "drafting_lettereditor", f"version_id in (select id from drafting_letterversion where {letter})",
        version_id=f"{versions} + n",
    )  # fmt: skip
    urgency = "case when n % 10 = 0 then 'emergency' when n % 10 < 3 then 'urgent' else 'routine' end"
    outgoing = fill.copy(
        "lifecycle_outgoingrequest", f"id = {sent.pk}", letter_id=of_letter, approved_version_id=f"{versions} + n",
        conversation_id="gen_random_uuid()", reference="'B-' || n", urgency=urgency, changed_at=back,
        lodged_at="one.lodged_at - (n * 7919 % 10007) * interval '1 minute'",
        submitted_at="one.submitted_at - (n * 7919 % 10007) * interval '1 minute'",
    )  # fmt: skip
    fill.copy("lifecycle_requesteditem", out, outgoing_id=f"{outgoing} + n")
    incoming = fill.copy(
        "lifecycle_incomingrequest", "true", conversation_id="gen_random_uuid()", reference="'I-' || n",
        changed_at=back, title="'Account number ' || n", content=words, urgency=urgency,
    )  # fmt: skip
    fill.copy("lifecycle_requesteditem", "incoming_id is not null", incoming_id=f"{incoming} + n")
    message = fill.copy(
        "exchange_message", f"authority_id = {sent.central_id} and direction = 'out' and type = 'request'",
        message_id="gen_random_uuid()",
        conversation_id=f"(select conversation_id from lifecycle_outgoingrequest where id = {outgoing} + n)",
    )  # fmt: skip
    fill.copy("exchange_transmission", f"authority_id = {sent.central_id}", message_id=f"{message} + n")
    fill.copy("engine_outboxjob", f"authority_id = {sent.central_id} and status = 'done'", act_id="gen_random_uuid()")
    # Their hashes chain nothing: the record is listed here, not verified.
    fill.copy(
        "audit_auditentry", f"authority_id = {sent.central_id}", act="'bench.act_' || n % 20",
        seq="n + (select seq from audit_audithead head where head.authority_id = one.authority_id)",
    )  # fmt: skip
    fill.do("vacuum analyze")
    return fill


SPREAD = (
    "update lifecycle_outgoingrequest set status = (array['drafting','in_review','approved','sent'])[1 + id % 4],"
    " taken_in_at = case when id % 8 = 0 then null else taken_in_at end",
    "update lifecycle_incomingrequest set status = (array['received','acknowledged','under_review'])[1 + id % 3]",
)
ARRIVED = ("update lifecycle_incomingrequest set status = 'received'",)
STUCK = ("update exchange_transmission set status = 'parked'",)
BY_HAND = ("update exchange_transmission set status = 'queued', channel = 'paper'",)


def all_are(status: str) -> tuple[str, ...]:
    return (f"update lifecycle_outgoingrequest set status = '{status}'",)


def lists_of(line: Line) -> list[tuple[str, tuple[str, ...], Page, Deep | None]]:
    """Return each list: its name, what is changed before it, a page of it, and the key of a page far back."""
    ours = line.letter.requesting.authority or ""
    auditor, clerk = officer(Role.AUDITOR, ours), officer(Role.LOCAL_ADMINISTRATOR, ours)
    desk, boss, reg, there = line.desk, line.supervisor, line.registry, line.their_desk
    out, came, jobs = OutgoingRequest.objects, IncomingRequest.objects, OutboxJob.objects

    def old(rows: Any) -> Deep:
        return lambda: int(rows.order_by("id").values_list("pk", flat=True)[400])

    def changed(rows: Any, sign: str = "") -> Deep:
        return lambda: _key(rows.order_by(f"{sign}changed_at", f"{sign}pk")[400])

    def waiting(since: str) -> Deep:
        def key() -> str:
            row = out.filter(urgency="routine").order_by(f"-{since}")[400]
            return f"2.{int(getattr(row, since).timestamp() * 1_000_000)}.{row.pk}"

        return key

    def sent_in(text: str) -> Page:
        return lambda a: search_incoming(there, text, a)

    def sent_out(text: str) -> Page:
        return lambda a: search_outgoing(desk, text, a)

    mine, oldest = Filters(waiting=True), Filters(oldest_first=True)
    return [
        ("requests out", SPREAD, lambda a: list_outgoing(desk, Filters(), a), changed(out)),
        ("requests out, oldest first", SPREAD, lambda a: list_outgoing(desk, oldest, a), changed(out, "-")),
        ("requests out, a measure", SPREAD, lambda a: list_outgoing(desk, Filters(measure=MEASURE), a), changed(out)),
        ("requests out, waiting for me", SPREAD, lambda a: list_outgoing(desk, mine, a), changed(out)),
        ("requests in", SPREAD, lambda a: list_incoming(there, Filters(), a), changed(came)),
        ("requests in, waiting for me", SPREAD, lambda a: list_incoming(there, mine, a), changed(came)),
        ("worklist, out", SPREAD, lambda a: worklist_outgoing(desk, a), old(out)),
        ("worklist, in", SPREAD, lambda a: worklist_incoming(there, a), old(came)),
        ("search, a word of 4 out", SPREAD, sent_out("needle"), None),
        ("search, a word of all out", SPREAD, sent_out("common"), old(out)),
        ("search, a word of 4 in", SPREAD, sent_in("needle"), None),
        ("search, a word of all in", SPREAD, sent_in("common"), old(came)),
        ("registry, its numbers", SPREAD, lambda _a: registry.registry_counts(reg), None),
        ("intake, 2,500", SPREAD, lambda a: queues.intake_queue(desk, a), waiting("lodged_at")),
        ("intake, all", all_are("drafting"), lambda a: queues.intake_queue(desk, a), waiting("lodged_at")),
        ("review, 2,500", SPREAD, lambda a: queues.review_queue(boss, a), waiting("submitted_at")),
        ("review, all", all_are("in_review"), lambda a: queues.review_queue(boss, a), waiting("submitted_at")),
        ("registry, to send", all_are("approved"), lambda a: registry.registry_ready(reg, a), old(out)),
        ("registry, not acknowledged", all_are("sent"), lambda a: registry.registry_waiting(reg, a), old(out)),
        ("registry, stuck", STUCK, lambda a: registry.registry_stuck(reg, a), old(Transmission.objects)),
        ("registry, by hand", BY_HAND, lambda a: registry.registry_receipts(reg, a), old(Transmission.objects)),
        ("registry, arrived", ARRIVED, lambda a: registry.registry_arrived(line.their_registry, a), old(came)),
        ("effects, done", (), lambda a: keyset_page(visible_jobs(clerk).filter(status="done"), a), old(jobs)),
        ("effects, their numbers", (), lambda _a: jobs_state(clerk), None),
        ("record", (), lambda a: keyset_page(record_found(auditor, {}), a), old(AuditEntry.objects)),
        ("record, acts of its filter", (), lambda _a: acts_known(auditor), None),
    ]


def test_lists_at_10000() -> None:
    line = Line(short_letter("Account of a supplier"))
    fill = filled(line)
    folder = BASE_DIR / "var" / "bench" / "plans"
    folder.mkdir(parents=True, exist_ok=True)
    say("\n| List | Bare list | First page | Deep page | Ratio |\n|---|---|---|---|---|")
    stands: tuple[str, ...] = ()
    for name, changes, page, deep in lists_of(line):
        for sql in changes if changes != stands else ():
            fill.do(sql)
        fill.do("vacuum analyze")
        stands = changes
        measure(name, page, deep() if deep else None, folder)
    assert OutgoingRequest.objects.count() > ROWS


def measure(name: str, page: Page, deep: Any, folder: Path) -> None:
    def bare() -> Any:
        return list(OutgoingRequest.objects.order_by("-id")[:50])

    calls: dict[str, Callable[[], Any]] = {"bare": bare, "first": lambda: page(None), "deep": lambda: page(deep)}
    took: dict[str, list[float]] = {which: [] for which in calls}
    began_at = time.perf_counter()
    for _round in range(ROUNDS):
        if len(took["bare"]) >= 5 and time.perf_counter() - began_at > 15:
            # A list of seconds needs no twenty of them.
            break
        for which, call in calls.items():
            began = time.perf_counter()
            call()
            took[which].append((time.perf_counter() - began) * 1000)
    middle = {which: statistics.median(times) for which, times in took.items()}
    worst = max(middle["first"], middle["deep"])
    far = f"{middle['deep']:.1f} ms" if deep is not None else ""
    ratio = worst / middle["bare"]
    say(f"| {name} | {middle['bare']:.1f} ms | {middle['first']:.1f} ms | {far} | {ratio:.1f} |")
    if worst > 2 * middle["bare"] + 5:
        explain(folder / f"{name.replace(',', '').replace(' ', '-')}.txt", calls["first"])


def explain(path: Path, call: Callable[[], Any]) -> None:
    with CaptureQueriesContext(connection) as seen:
        call()
    with path.open("w") as out, connection.cursor() as cursor:
        for one in seen:
            if one["sql"].lower().startswith("select"):
                cursor.execute("explain (analyze, buffers) " + one["sql"].replace("%", "%%"), [])
                plan = "\n".join(row[0] for row in cursor.fetchall())
                out.write(f"{one['sql']}\n{plan}\n\n")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
