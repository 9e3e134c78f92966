"""Every page, every role, an object of one's own and another's: what is answered stands in matrix.csv.

A line of the table is a page with its method and object; the cell of a role says in a word (matrix.WORDS) what is
answered to a person of that role on the side where the object lies, who did none of its acts. The column “another's
or none” says what everybody else gets: the same role on the other side of the case, to see it also in a third State,
and for an object that does not exist. These must not be told apart, and each refusal is recorded once. POSTs are
empty forms: who may do an act gets them back. Identities within forms and query strings are forged in forged.py. Pages
are made without their frame. To write the table anew: `MATRIX=write pytest tests/web/test_matrix.py`; then read every
line that changed.
"""

from __future__ import annotations

import datetime as dt
import os
from typing import ClassVar

import pytest
from django.test import Client, TestCase
from django.urls import reverse

from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.core import clock
from tests.web.forged import READ, Forgeries, fields_that_look_up, fields_that_name_objects, read_by_name, same_for_all
from tests.web.matrix import (
    OPEN,
    OTHERS,
    ROLES,
    WORDS,
    World,
    of_the_desk,
    of_the_door,
    quickly,
    read_table,
    routes,
    undone,
    write_table,
)
from tests.web.matrix_restricted import ALL_WORDS, difference, looks, restricted_pair, told_of
from workflows.tracking.selectors import waiting_and_late

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
#: What was typed is looked for in one's own session alone: there is no other's to be refused.
UNRECORDED = {"web:kept"}
#: Pages that ask for the purpose of reading before they look for what is asked: without one all is answered alike.
PURPOSE_BEFORE_ALL = {"web:audit_entry"}


@pytest.mark.usefixtures("django_db_setup")
class TestMatrix(TestCase):
    world: ClassVar[World]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.world = World()
        cls.enterClassContext(quickly())
        if os.environ.get("MATRIX") == "write":
            write_table(cls.world)

    def test_table_has_a_line_for_every_page_method_and_object_and_no_other(self) -> None:
        table = read_table()
        assert {row.key for row in self.world.rows} == set(table)
        assert {route for route, _method, _object in table} == set(of_the_desk())
        assert {line[str(role)] for line in table.values() for role in ROLES} <= set(WORDS)

    def test_every_role_is_answered_as_the_table_says(self) -> None:
        table = read_table()
        wrong = []
        for row in self.world.rows:
            for role in ROLES:
                expected, answer = table[row.key][str(role)], self.world.ask_own(row, role)
                if answer.word != expected:
                    wrong.append(f"{row.key} {role}: the table says “{expected}”, the page “{answer.word}”")
                if answer.word in ("not there", "not yours") and answer.recorded != 1 and row.route not in UNRECORDED:
                    wrong.append(f"{row.key} {role}: the refusal is recorded {answer.recorded} times, not once")
        assert not wrong, "\n".join(wrong)

    def test_object_of_another_is_answered_as_one_that_does_not_exist_and_the_refusal_is_recorded(self) -> None:
        table = read_table()
        wrong = []
        for row in self.world.rows:
            if not row.thing.name:
                assert table[row.key][OTHERS] == ""
                continue
            first = row.route in PURPOSE_BEFORE_ALL
            assert table[row.key][OTHERS] == ("purpose first" if first else "not there"), row.key
            for role in ROLES:
                answers = self.world.elsewhere(row, role)
                alike = (302, "") if first else (404, answers[0].main or "a page") if answers else ()
                if answers and {(one.status, one.main) for one in answers} != {alike}:
                    wrong.append(f"{row.key} {role}: {[one.status for one in answers]}, or the pages differ")
                if not first and row.route not in UNRECORDED and any(one.recorded != 1 for one in answers):
                    wrong.append(f"{row.key} {role}: refusals recorded {[one.recorded for one in answers]} times")
        assert not wrong, "\n".join(wrong)

    def test_identity_of_another_in_a_form_or_query_is_answered_as_none_changes_nothing_and_is_recorded(self) -> None:
        wrong = []
        with undone():
            purpose = {"purpose": "yearly inspection of refused acts"}
            self.world.clients[Role.AUDITOR, "asked"].post(reverse("web:audit_purpose"), purpose)
            for one in Forgeries(self.world).found:
                pages = []
                for value in (one.anothers, one.none):
                    said = one.data | {one.named: value}
                    answer, done = self.world.send(one.role, one.side, one.method, one.address, said)
                    pages.append(same_for_all(answer.main, value))
                    if (answer.status, answer.recorded, done) != (one.told, int(one.told == 404), False):
                        wrong.append(f"{one.name}={value}: {answer.status}, recorded {answer.recorded}, done: {done}")
                if pages[0] != pages[1]:
                    wrong.append(f"{one.name}: the pages differ for another's and for none")
        assert not wrong, "\n".join(wrong)

    def test_every_field_by_which_an_object_is_looked_up_is_forged(self) -> None:
        with undone():
            found = Forgeries(self.world).found
        assert read_by_name() == set(READ)
        assert {name for name, names_one in READ.items() if names_one} <= {one.named for one in found}
        assert fields_that_look_up() <= fields_that_name_objects()
        assert fields_that_name_objects() == {one.name for one in found if "Form." in one.name}

    def test_restricted_case_of_either_side_changes_no_page_of_who_is_not_named(self) -> None:
        """Each page is the same with it and without: no hit, no count, no dot, no reminder, and no word of it anywhere."""
        world, case = self.world, {"purpose": "yearly inspection of restricted cases"}
        with undone():
            for side, way, one in (("asking", "out", world.sent), ("asked", "in", world.incoming)):
                world.clients[Role.AUDITOR, side].post(reverse("web:purpose", args=[way, one.public_id]), case)
            # One moment for both walks, so that no time passes between them on a page.
            later = clock.now() + dt.timedelta(minutes=3)
            with clock.frozen(later):
                before = {look: look.page(world) for look in looks(world)}
            counts = {key: waiting_and_late(world.person(*key), 100) for key in world.clients}
            for restricted in restricted_pair(world.line, world.operations[0]):
                told_of(restricted)
            wrong = []
            for look, then in before.items():
                with clock.frozen(later):
                    now = look.page(world)
                words = [word for word in ALL_WORDS if word in now and not look.says(word)]
                if words or now != then:
                    wrong.append(f"{look}: {words or difference(then, now)}")
            assert {key: waiting_and_late(world.person(*key), 100) for key in world.clients} == counts
        assert not wrong, "\n".join(wrong)
        assert len(before) > 250

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

    def test_auditor_with_a_purpose_is_told_of_no_entry_of_another_record(self) -> None:
        [row] = [row for row in self.world.rows if row.route in PURPOSE_BEFORE_ALL]
        with undone():
            for side in self.world.states:
                said = {"purpose": "yearly inspection of refused acts"}
                asked = self.world.clients[Role.AUDITOR, side].post(reverse("web:audit_purpose"), said)
                assert asked.status_code == 302
            own = self.world.ask(row, Role.AUDITOR)
            others = [self.world.ask(row, Role.AUDITOR, side) for side in ("asked", "third")]
            others.append(self.world.ask(row, Role.AUDITOR, address=row.missing()))
        assert (own.word, own.recorded) == ("shown", 0)
        assert {(one.word, one.recorded, one.main) for one in others} == {("not there", 1, others[0].main)}
        assert "no such page" in others[0].main

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
