"""An operator takes a lost second factor off: only with a checked identity, with all sessions, in the audit."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from mla.accounts.models import Role, User
from mla.accounts.sign_in import SecondFactorAdapter, SecretUnreadable, counted_name, person_named
from mla.accounts.sign_in_reset import IdentityNotChecked, second_factor_reset
from mla.audit.models import AuditEntry
from mla.core import clock
from tests.factories import officer

pytestmark = pytest.mark.django_db


def person() -> User:
    from tests.factories import example_letter

    return User.objects.get(pk=officer(Role.DESK_OFFICER, example_letter().requesting.authority or "").user_id)


def test_reset_takes_off_factors_sessions_and_lock_and_says_how_the_identity_was_checked(capsys: Any) -> None:
    user = person()
    for kind in ("totp", "recovery_codes"):
        Authenticator.objects.create(user=user, type=kind, data={})
    AccessAttempt.objects.create(username=user.username, attempt_time=clock.now(), failures_since_start=5)
    other = User.objects.create(username="somebody-else")
    clients = [Client(), Client()]
    clients[0].force_login(user)
    clients[1].force_login(other)
    call_command("second_factor_reset", user.username, by="Operator", checked="called back on the office number")
    assert "2 taken off" in capsys.readouterr().out
    assert not Authenticator.objects.filter(user=user).exists()
    assert not AccessAttempt.objects.filter(username=user.username).exists()
    assert clients[0].get("/")["Location"].startswith("/account/login/")
    assert clients[1].get("/")["Location"].startswith("/account/2fa/")
    entry = AuditEntry.objects.get(act="second_factor_reset")
    assert (entry.object_id, entry.actor_label, entry.reason) == (
        str(user.public_id), "Operator", "called back on the office number",
    )  # fmt: skip
    assert entry.detail == {"kinds": ["totp", "recovery_codes"], "sessions_ended": 1}
    assert entry.authority_id == user.memberships.get().authority_id


def test_reset_without_a_checked_identity_takes_nothing_off() -> None:
    user = person()
    Authenticator.objects.create(user=user, type="totp", data={})
    with pytest.raises(IdentityNotChecked):
        second_factor_reset(user=user, operator="Operator", checked=" ")
    with pytest.raises(CommandError):
        call_command("second_factor_reset", "nobody-here", by="Operator", checked="seen in person")
    assert Authenticator.objects.filter(user=user).count() == 1
    assert not AuditEntry.objects.filter(act="second_factor_reset").exists()


def test_name_finds_one_person_and_an_address_of_two_finds_nobody() -> None:
    one = User.objects.create(username="Clerk", email="clerk@example.net")
    assert person_named(" clerk ") == person_named("CLERK@example.net") == one
    namesake = User.objects.create(username="clerk", email="clerk@example.net")
    assert (person_named("clerk"), person_named("Clerk")) == (namesake, one)
    assert person_named("clerk@example.net") is None
    assert person_named("CLERK") is None
    assert person_named("") is person_named("\0") is None


def test_name_of_nobody_is_counted_by_a_digest() -> None:
    assert counted_name("My-Passw0rd") == counted_name(" my-passw0rd ")
    assert counted_name("My-Passw0rd") != counted_name("another")
    assert "passw0rd" not in counted_name("My-Passw0rd").lower()


def test_secret_is_stored_encrypted_and_read_with_an_old_key_while_that_is_kept() -> None:
    adapter = SecondFactorAdapter()
    with override_settings(SECRET_KEY="old " * 20):
        stored = adapter.encrypt("JBSWY3DP")
    assert "JBSWY3DP" not in stored
    with override_settings(SECRET_KEY="new " * 20, SECRET_KEY_FALLBACKS=["old " * 20]):
        assert adapter.decrypt(stored) == "JBSWY3DP"
    with override_settings(SECRET_KEY="new " * 20), pytest.raises(SecretUnreadable):
        adapter.decrypt(stored)
