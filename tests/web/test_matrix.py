"""Every page, method and object of the house stands in matrix.csv; a page that the table does not know fails.

A line of the table is a page with its method and object; the cell of a role says in a word (matrix.WORDS) what is
answered to a person of that role on the side where the object lies, who did none of its acts. The column “another's
or none” says what everybody else gets. Held here: that the table has the lines of the routes and no other, what an
auditor reads with a purpose, that nobody is led to the sign-in, and the account pages. The walk that asks every page
as every role is not held yet. To write the table anew: `MATRIX=write pytest tests/web/test_matrix.py`; then read
every line that changed.
"""

from __future__ import annotations

import os
from typing import ClassVar

import pytest
from django.test import Client, TestCase
from django.urls import reverse

from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from tests.web.matrix import (
    OPEN,
    ROLES,
    WORDS,
    World,
    of_the_desk,
    of_the_door,
    read_table,
    routes,
    undone,
    write_table,
)

#: The account pages; django-allauth's own tests and tests/web/test_sign_in.py look behind them.
DOOR = {
    "account_login", "account_logout", "account_reauthenticate", "account_change_password", "account_reset_password",
    "account_reset_password_done", "account_reset_password_from_key", "account_reset_password_from_key_done",
    "mfa_index", "mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_list_webauthn", "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn",
}  # fmt: skip
#: Of these, the ones that have a page for nobody.
DOOR_OF_NOBODY = {
    "account_login", "account_reset_password", "account_reset_password_from_key", "account_reset_password_done",
    "account_reset_password_from_key_done",
}  # fmt: skip


@pytest.mark.usefixtures("django_db_setup")
class TestMatrix(TestCase):
    world: ClassVar[World]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.world = World()
        if os.environ.get("MATRIX") == "write":
            write_table(cls.world)

    def test_table_has_a_line_for_every_page_method_and_object_and_no_other(self) -> None:
        table = read_table()
        assert {row.key for row in self.world.rows} == set(table)
        assert {route for route, _method, _object in table} == set(of_the_desk())
        assert {line[str(role)] for line in table.values() for role in ROLES} <= set(WORDS)

    def test_auditor_with_a_purpose_reads_the_case_and_still_does_nothing(self) -> None:
        table = read_table()
        read = 0
        for side, way, case in (("asking", "out", self.world.sent), ("asked", "in", self.world.incoming)):
            client = self.world.clients[Role.AUDITOR, side]
            with undone():
                said = {"purpose": "yearly inspection of urgent requests"}
                asked = client.post(reverse("web:purpose", args=[way, case.public_id]), said)
                assert asked.status_code == 302
                for row in self.world.rows:
                    expected = table[row.key][str(Role.AUDITOR)]
                    if row.thing.side != side or not row.thing.name or row.route in ("web:purpose", "web:purpose_end"):
                        continue
                    answer = self.world.ask(row, Role.AUDITOR)
                    if expected == "purpose first" and answer.word != expected:
                        there = "not there" if row.thing.name.endswith("that the case does not have") else "shown"
                        assert (row.method, answer.word) == ("GET", there), row.key
                        read += 1
                    else:
                        assert answer.word == expected, row.key
        assert read >= 6

    def test_nobody_is_led_to_the_sign_in_from_every_page(self) -> None:
        before = AuditEntry.objects.count()
        for row in self.world.rows:
            with undone():
                answer = Client().generic(row.method, row.address())
            assert answer.status_code == 302, row.key
            assert answer["Location"].startswith("/account/login/?next="), row.key
        assert AuditEntry.objects.count() == before
        assert Client().get("/healthz").status_code == 200
        assert {name for name, _pattern in routes() if name.startswith("web:")} == set(of_the_desk()) | OPEN

    def test_account_pages_lead_nobody_past_the_door(self) -> None:
        assert of_the_door() == DOOR
        for name, pattern in routes():
            if name.startswith("web:"):
                continue
            parts = {part: {"pk": 1}.get(part, "1-1") for part in getattr(pattern.pattern, "converters", {})}
            if name == "account_reset_password_from_key":
                parts = {"uidb36": "1", "key": "1-1"}
            answer = Client().get(reverse(name, kwargs=parts))
            allowed = (200, 302, 404) if name in DOOR_OF_NOBODY else (302, 405)
            assert answer.status_code in allowed, f"{name}: {answer.status_code}"
