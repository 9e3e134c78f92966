"""The command that migrates asks no model of an old migration for its machine, and leaves the machines of the house alone."""

from __future__ import annotations

from unittest import mock

import django_fsm
import pytest
from django.core.management import call_command, get_commands
from django.core.management.commands import migrate
from django.db.models.signals import class_prepared


def test_models_of_old_migrations_leave_no_receiver_behind() -> None:
    assert get_commands()["migrate"] == "workflows.engine"
    seen = []

    def handle(*_args: object, **_options: object) -> None:
        seen.append(django_fsm.class_prepared)
        raise RuntimeError("in the middle")

    with mock.patch.object(migrate.Command, "handle", handle), pytest.raises(RuntimeError):
        call_command("migrate", skip_checks=True)
    assert seen[0] is not class_prepared
    assert django_fsm.class_prepared is class_prepared
