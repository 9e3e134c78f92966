"""Many rows in every list: one real case, brought on its way by its acts, copied by SQL as the owner of the tables."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from django.db import connection

from workflows.lifecycle.models import OutgoingRequest

#: Each has as many copies as there are rows; a request in has half of these groups.
OUT = ("drafting", "in_review", "approved", "sent")
IN = ("received", "acknowledged")
#: Parts of a letter that the copies do without: what is measured is how many there are, not how long.
_LEFT_OUT = ("annexes", "statements", "rights", "costs", "key_dates", "related", "execution", "confidentiality")


class Filling:
    """Copies of rows by SQL: `insert … select … generate_series`.

    `server`: a connection on which nothing else is made afterwards; None: one of the tables' owner.
    """

    def __init__(self, rows: int, server: Any = None) -> None:
        self.rows, self.goes_on = rows, server is None
        database = str(connection.settings_dict["NAME"])
        self.server = server or psycopg.connect(
            urlunsplit(urlsplit(settings.DATABASE_OWNER_URL)._replace(path="/" + database)), autocommit=True
        )

    def do(self, sql: str, *values: Any) -> Any:
        return self.server.execute(sql, values or None)

    def copy(self, table: str, where: str, *, times: int = 1, **changed: str) -> int:
        """Copy the first row `where` times × rows, with these expressions of `n`; return what `n` is added to for the id."""
        columns = [c for (c,) in self.do(
            "select column_name from information_schema.columns where table_name = %s and table_schema = 'public'"
            " and is_generated = 'NEVER'", table
        )]  # fmt: skip
        first = int(self.do(f"select coalesce(max(id), 0) from {table}").fetchone()[0])
        changed = {"id": f"{first} + n", "public_id": "gen_random_uuid()"} | changed
        values = ", ".join(changed.get(column, f"one.{column}") for column in columns)
        self.do(
            f"insert into {table} ({', '.join(columns)}) select {values}"
            f" from (select * from {table} where {where} order by id limit 1) one,"
            f" generate_series(1, {self.rows * times}) n"
        )
        if self.goes_on:
            self.do(f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))")
        return first

    def group(self, names: tuple[str, ...]) -> str:
        listed = ", ".join(f"'{name}'" for name in names)
        return f"(array[{listed}])[1 + (n - 1) / {self.rows}]"


def fill(sent: OutgoingRequest, rows: int) -> None:
    """Fill every list beside a case that was sent and arrived: `rows` in each status of OUT and IN, and on each way.

    Of every 2,500 letters one holds the word `needle`, all hold `common`. The copied entries of the record chain
    nothing: they are there to be listed.
    """
    hand, letter = Filling(rows), f"letter_id = {sent.letter_id}"
    groups, ways = len(OUT), len(IN)
    back = "one.changed_at - n * interval '7 minutes'"
    shorter = "one.content" + "".join(f" - '{part}'" for part in _LEFT_OUT)
    words = (
        f"jsonb_set({shorter}, '{{facts}}', jsonb_build_array(jsonb_build_object('date', '2026-03-08', 'text',"
        " 'common account ' || n || case when n % 2500 = 7 then ' needle' else '' end)))"
    )
    title = "'Account number ' || n"
    letters = hand.copy(
        "drafting_letterofrequest", f"id = {sent.letter_id}", times=groups, title=title, changed_at=back
    )
    of_letter = f"{letters} + n"
    versions = hand.copy("drafting_letterversion", letter, times=groups, letter_id=of_letter, content=words)
    hand.copy("drafting_lettershare", letter, times=groups, letter_id=of_letter)
    hand.copy(
        "drafting_lettereditor", f"version_id in (select id from drafting_letterversion where {letter})",
        times=groups, version_id=f"{versions} + n",
    )  # fmt: skip
    urgency = "case when n % 10 = 0 then 'emergency' when n % 10 < 3 then 'urgent' else 'routine' end"
    outgoing = hand.copy(
        "lifecycle_outgoingrequest", f"id = {sent.pk}", times=groups, letter_id=of_letter,
        approved_version_id=f"{versions} + n", conversation_id="gen_random_uuid()", reference="'B-' || n",
        urgency=urgency, changed_at=back, status=hand.group(OUT),
        lodged_at="one.lodged_at - (n * 7919 % 10007) * interval '1 minute'",
        submitted_at="one.submitted_at - (n * 7919 % 10007) * interval '1 minute'",
        taken_in_at="case when n % 2 = 0 then null else one.taken_in_at end",
    )  # fmt: skip
    hand.copy("lifecycle_requesteditem", f"outgoing_id = {sent.pk}", times=groups, outgoing_id=f"{outgoing} + n")
    incoming = hand.copy(
        "lifecycle_incomingrequest", f"conversation_id = '{sent.conversation_id}'", times=ways,
        conversation_id="gen_random_uuid()", reference="'I-' || n", changed_at=back, title=title, content=words,
        urgency=urgency, status=hand.group(IN),
    )  # fmt: skip
    hand.copy("lifecycle_requesteditem", "incoming_id is not null", times=ways, incoming_id=f"{incoming} + n")
    message = hand.copy(
        "exchange_message", f"authority_id = {sent.central_id} and direction = 'out' and type = 'request'", times=2,
        message_id="gen_random_uuid()",
        conversation_id=f"(select conversation_id from lifecycle_outgoingrequest where id = {outgoing} + n)",
    )  # fmt: skip
    hand.copy(
        "exchange_transmission", f"authority_id = {sent.central_id}", times=2, message_id=f"{message} + n",
        status=hand.group(("parked", "queued")), channel=hand.group(("local", "paper")),
    )  # fmt: skip
    hand.copy("engine_outboxjob", f"authority_id = {sent.central_id} and status = 'done'", act_id="gen_random_uuid()")
    hand.copy(
        "audit_auditentry", f"authority_id = {sent.central_id}", act="'bench.act_' || n % 20", object_id="gen_random_uuid()::text",
        seq="n + (select seq from audit_audithead head where head.authority_id = one.authority_id)",
    )  # fmt: skip
    hand.do("vacuum analyze")
