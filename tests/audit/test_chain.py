"""The audit chain: append-only, and any change to it is found and named."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction

from mla.audit.models import AuditEntry
from mla.audit.selectors import verify_chains
from mla.audit.services import Entry, What, Who, record
from tests.database import owner_connection


def write(authority_id: int, count: int) -> None:
    with transaction.atomic():
        for number in range(count):
            record(
                Entry(
                    authority_id=authority_id,
                    act="case.opened",
                    by=Who("system", "test", "test"),
                    on=What("case", str(number)),
                    detail={"number": number},
                )
            )


def as_owner(*statements: str) -> None:
    """What an intruder with the owner's rights would do, triggers put aside."""
    name = connection.settings_dict["NAME"]
    with owner_connection(name) as server:
        server.execute("alter table audit_auditentry disable trigger audit_entry_append_only")
        for statement in statements:
            server.execute(statement)
        server.execute("alter table audit_auditentry enable trigger audit_entry_append_only")


@pytest.mark.django_db(transaction=True)
class TestVerification:
    def test_chains_of_two_authorities_are_whole(self) -> None:
        write(1, 5)
        write(2, 3)
        result = verify_chains()
        assert (result.entries, result.chains, result.broken) == (8, 2, None)

    @pytest.mark.parametrize(
        ("damage", "position"),
        [
            (["update audit_auditentry set actor_label = 'another' where seq = 7"], 7),
            (["delete from audit_auditentry where seq between 11 and 20"], 11),
            (["delete from audit_auditentry where seq > 20"], 21),
            (
                [
                    "update audit_auditentry set seq = -1 where seq = 4",
                    "update audit_auditentry set seq = 4 where seq = 9",
                    "update audit_auditentry set seq = 9 where seq = -1",
                ],
                4,
            ),
        ],
        ids=["one changed", "ten deleted", "ten deleted at the end", "two swapped"],
    )
    def test_first_broken_entry_is_named(
        self, damage: list[str], position: int, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(1, 30)
        as_owner(*damage)
        broken = verify_chains().broken
        assert broken is not None
        assert (broken.authority_id, broken.seq) == (1, position)
        with pytest.raises(SystemExit) as ended:
            call_command("verify_audit", "--json")
        assert ended.value.code == 1
        assert json.loads(capsys.readouterr().out)["broken"]["seq"] == position


@pytest.mark.django_db
class TestAppendOnly:
    def test_empty_chain_is_neither_whole_nor_broken(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            call_command("verify_audit")
        assert ended.value.code == 2

    @pytest.mark.parametrize(
        "change",
        [
            lambda: AuditEntry.objects.update(actor_label="another"),
            lambda: AuditEntry.objects.all().delete(),
        ],
        ids=["update", "delete"],
    )
    def test_application_can_neither_change_nor_delete(self, change: Callable[[], object]) -> None:
        write(1, 1)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            change()
        assert verify_chains().entries == 1
