"""The door: password and second factor, the lock, the ends of a session, recent sign-ins, and what the audit says."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from axes.models import AccessAttempt
from django.conf import settings as live_settings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from mla.accounts.actors import Actor
from mla.accounts.models import User
from mla.audit.models import AuditEntry
from mla.core import clock
from tests.factories import Line
from tests.web.conftest import signed_in
from workflows.web import acts

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"
LOGIN, CODE = "/account/login/", "/account/2fa/authenticate/"


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    yield
    cache.clear()


def with_password(actor: Actor, **fields: Any) -> User:
    user = User.objects.get(pk=actor.user_id)
    user.set_password(PASSWORD)
    for name, value in fields.items():
        setattr(user, name, value)
    user.save()
    return user


def with_app(user: User) -> str:
    """Give the person an app; return its secret. The client's request that encrypts is not needed."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def code(secret: str, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def give_password(client: Client, name: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post(LOGIN, {"login": name, "password": password, **more})


def entries(act: str, outcome: str = "done") -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(act=act, outcome=outcome).order_by("id"))


def main_of(answer: Any) -> str:
    return answer.content.decode().split("<main")[1].split("</main>")[0]


# --- coming in ---


@pytest.mark.parametrize("name", ["clerk", "CLERK", "clerk@example.net", "Clerk@Example.net"])
def test_name_or_address_and_second_factor_open_the_desk(name: str) -> None:
    user = with_password(Line().desk, username="clerk", email="clerk@example.net")
    secret = with_app(user)
    client = Client()
    answer = give_password(client, name)
    assert answer["Location"] == CODE
    assert client.get("/").status_code == 302  # the password alone opens nothing
    answer = client.post(CODE, {"code": code(secret)})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    (entry,) = entries("sign_in")
    assert entry.object_id == entry.actor_id == str(user.public_id)
    assert entry.detail == {"methods": ["password", "mfa:totp"]}
    assert entry.authority_id == Line().desk.authority_id


def test_address_of_two_people_lets_neither_in() -> None:
    line = Line()
    with_password(line.desk, email="shared@example.net")
    with_password(line.supervisor, email="shared@example.net")
    assert give_password(Client(), "shared@example.net").status_code == 200


def test_failure_says_the_same_for_a_wrong_password_an_unknown_name_and_an_inactive_person() -> None:
    line = Line()
    known = with_password(line.desk)
    inactive = with_password(line.supervisor, is_active=False)
    pages = []
    for name, password in ((known.username, "wrong"), ("nobody-here", "wrong"), (inactive.username, PASSWORD)):
        page = main_of(give_password(Client(), name, password))
        pages.append(re.sub(r'value="[^"]*"', "", page))
    assert pages[0] == pages[1] == pages[2]
    assert "The name or the password is not right." in pages[0]


def test_unknown_name_costs_as_much_hashing_as_a_known_one(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.contrib.auth.hashers import MD5PasswordHasher

    user = with_password(Line().desk)
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda self, *a: (hashed.append(a[0]), encode(self, *a))[1])
    counts = []
    for name in (user.username, "nobody-here"):
        hashed.clear()
        give_password(Client(), name, "wrong")
        counts.append(len(hashed))
    assert counts[0] == counts[1] == 1


def test_what_was_typed_as_a_name_is_written_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    typed = "my-secret-Passw0rd"
    user = with_password(Line().desk, username="clerk.of.the.office")
    with caplog.at_level(logging.DEBUG):
        give_password(Client(), typed, "x")
        give_password(Client(), user.username, "x")
    attempt = AccessAttempt.objects.exclude(username=user.username).get()
    assert typed not in f"{attempt.username}{attempt.post_data}{attempt.get_data}"
    assert typed not in caplog.text
    assert user.username not in "".join(r.getMessage() for r in caplog.records if r.name.startswith("axes"))
    unknown, known = entries("sign_in", "refused")
    assert (unknown.object_id, unknown.authority_id, unknown.reason_code) == ("", 0, "wrong_password")
    assert known.object_id == str(user.public_id)
    assert typed not in str(AuditEntry.objects.values_list("detail", "reason", "actor_label"))


def test_session_gets_another_key_at_the_sign_in_and_ends_at_the_sign_out() -> None:
    user = with_password(Line().desk)
    secret = with_app(user)
    client = Client()
    planted_session = client.session  # a session of nobody, as one that somebody planted would be
    planted_session.save()
    planted = client.cookies["sessionid"].value
    give_password(client, user.username)
    client.post(CODE, {"code": code(secret)})
    taken = client.cookies["sessionid"].value
    assert planted != taken
    other = Client()
    other.cookies["sessionid"] = planted
    assert other.get("/").status_code == 302
    client.post("/account/logout/")
    other.cookies["sessionid"] = taken
    assert other.get("/").status_code == 302
    assert len(entries("sign_out")) == 1


def test_sign_out_needs_the_form_of_the_page() -> None:
    actor = Line().desk
    client = signed_in(actor, enforce_csrf_checks=True)
    assert client.post("/account/logout/").status_code == 403
    assert "Sign out?" in client.get("/account/logout/").content.decode()
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)"])
def test_next_leads_to_no_other_house(target: str) -> None:
    user = with_password(Line().desk)
    secret = with_app(user)
    client = Client()
    give_password(client, user.username, next=target)
    assert client.post(CODE, {"code": code(secret)})["Location"] == "/"


@pytest.mark.parametrize(
    "path", ["signup/", "email/", "confirm-email/", "login/code/", "password/set/", "2fa/webauthn/login/", ""]
)
def test_pages_that_nobody_needs_are_not_there(path: str) -> None:
    assert Client().get(f"/account/{path}").status_code == 404


# --- the second factor ---


def test_person_without_second_factor_gets_only_the_page_to_set_one_up() -> None:
    user = with_password(Line().desk)
    client = Client()
    assert give_password(client, user.username)["Location"] == "/"
    for path in ("/", "/account/password/change/", "/account/2fa/recovery-codes/", "/account/2fa/webauthn/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, "/account/2fa/"), path
    page = client.get("/account/2fa/").content.decode()
    assert "One more step: a second factor" in page
    assert "desk officer of the central authority" not in page
    assert client.get("/", headers={"HX-Request": "true"}).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_setting_up_the_app_opens_the_desk_and_shows_the_codes_once() -> None:
    user = with_password(Line().desk)
    client = Client()
    give_password(client, user.username)
    client.get("/")
    page = client.get("/account/2fa/totp/activate/").content.decode()
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page)
    assert secret is not None
    assert "data:image/svg+xml;base64," in page
    assert "<script>" not in page
    wrong = client.post("/account/2fa/totp/activate/", {"code": "000000"})
    assert wrong.status_code == 200
    answer = client.post("/account/2fa/totp/activate/", {"code": code(secret[1])})
    assert answer["Location"] == "/account/2fa/recovery-codes/"
    codes = re.findall(r"<li><code>(\d{8})</code>", client.get("/account/2fa/recovery-codes/").content.decode())
    assert len(codes) == 10
    assert codes[0] not in client.get("/account/2fa/recovery-codes/").content.decode()
    assert client.get("/").status_code == 200
    assert {entry.detail["kind"] for entry in entries("second_factor_add")} == {"totp", "recovery_codes"}
    stored = Authenticator.objects.get(user=user, type="totp").data["secret"]
    assert secret[1] not in stored


def test_code_of_the_app_is_taken_once_even_in_another_process() -> None:
    user = with_password(Line().desk)
    secret = with_app(user)
    now = code(secret)
    first, second = Client(), Client()
    for client in (first, second):
        give_password(client, user.username)
    assert first.post(CODE, {"code": now})["Location"] == "/"
    cache.clear()  # another process has a cache of its own
    refused = second.post(CODE, {"code": now})
    assert refused.status_code == 200
    assert "was used before" in refused.content.decode()
    assert second.post(CODE, {"code": code(secret, -1)}).status_code == 200  # an earlier one neither
    assert second.post(CODE, {"code": code(secret, 1)})["Location"] == "/"
    assert [entry.reason_code for entry in entries("sign_in", "refused")] == ["wrong_code", "wrong_code"]


def test_recovery_code_stands_in_once() -> None:
    user = with_password(Line().desk)
    with_app(user)
    recovery = RecoveryCodes.activate(user).get_unused_codes()[0]
    for expected in (302, 200):
        client = Client()
        give_password(client, user.username)
        assert client.post(CODE, {"code": recovery}).status_code == expected


def test_session_from_before_the_second_factor_must_give_it_and_cannot_take_it_off() -> None:
    user = with_password(Line().desk)
    client = Client()
    give_password(client, user.username)
    secret = with_app(user)  # set up meanwhile in another session
    for path in ("/", "/account/2fa/", "/account/2fa/totp/deactivate/", "/account/password/change/",
                 "/account/reauthenticate/", "/account/2fa/webauthn/add/"):  # fmt: skip
        assert client.get(path)["Location"].startswith("/account/2fa/reauthenticate/?next="), path
    answer = client.post("/account/2fa/reauthenticate/?next=%2F", {"code": code(secret), "next": "/"})
    assert answer["Location"] == "/"
    assert client.get("/").status_code == 200


def test_last_second_factor_cannot_be_taken_off() -> None:
    actor = Line().desk
    user = User.objects.get(pk=actor.user_id)
    with_app(user)
    client = signed_in(actor)
    assert "Add another one first" in client.get("/account/2fa/totp/deactivate/").content.decode()
    client.post("/account/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(user=user, type="totp").exists()
    key = Authenticator.objects.create(user=user, type="webauthn", data={"name": "key"})
    client.post("/account/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=user, type="totp").exists()
    assert [entry.detail["kind"] for entry in entries("second_factor_remove")] == ["totp"]
    client.post(f"/account/2fa/webauthn/keys/{key.pk}/remove/")
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_demonstration_asks_no_second_factor_and_names_no_password(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED, settings.DEMO = False, True
    user = with_password(Line().desk)
    client = Client()
    page = client.get(LOGIN).content.decode()
    assert "printed a name and a password" in page
    give_password(client, user.username)
    assert client.get("/").status_code == 200


# --- the lock ---


def test_five_failures_lock_a_name_for_fifteen_minutes_whatever_the_address() -> None:
    user = with_password(Line().desk, email="clerk@example.net")
    secret = with_app(user)
    names = [user.username, user.username.upper(), "clerk@example.net", user.username]
    for number, name in enumerate(names):
        answer = Client(REMOTE_ADDR=f"192.0.2.{number}").post(LOGIN, {"login": name, "password": "wrong"})
        assert answer.status_code == 200
    answer = give_password(Client(), user.username, "wrong")
    assert answer.status_code == 429
    assert "locked for 15 more minutes" in answer.content.decode()
    client = Client(REMOTE_ADDR="198.51.100.9")
    assert give_password(client, user.username).status_code == 429  # the right password is not taken either
    assert len(entries("sign_in_lock")) == 1
    assert [entry.reason_code for entry in entries("sign_in", "refused")] == ["wrong_password"] * 5 + ["locked"]
    AccessAttempt.objects.update(attempt_time=clock.now() - timedelta(minutes=15, seconds=1))
    assert give_password(client, user.username)["Location"] == CODE
    assert client.post(CODE, {"code": code(secret)})["Location"] == "/"
    assert not AccessAttempt.objects.filter(username=user.username).exists()


def test_attempts_during_the_lock_do_not_lengthen_it() -> None:
    user = with_password(Line().desk)
    for _attempt in range(5):
        give_password(Client(), user.username, "wrong")
    AccessAttempt.objects.update(attempt_time=clock.now() - timedelta(minutes=10))
    page = give_password(Client(), user.username, "wrong").content.decode()
    assert "locked for 5 more minutes" in page


def test_unknown_name_is_locked_alike() -> None:
    answers = [give_password(Client(), "nobody-here", "wrong").status_code for _attempt in range(6)]
    assert answers == [200] * 4 + [429, 429]


def test_wrong_codes_count_as_wrong_passwords_do() -> None:
    user = with_password(Line().desk)
    secret = with_app(user)
    give_password(Client(), user.username, "wrong")
    client = Client()
    give_password(client, user.username)
    answers = [client.post(CODE, {"code": "12345"}).status_code for _attempt in range(4)]
    assert answers == [200, 200, 200, 429]
    assert client.post(CODE, {"code": code(secret)}).status_code == 429
    assert give_password(Client(), user.username).status_code == 429


def test_address_is_the_one_the_trusted_proxy_saw(settings: Any) -> None:
    from django.test import RequestFactory

    from mla.accounts.sign_in import client_address

    request = RequestFactory().get(
        "/", headers={"X-Forwarded-For": "203.0.113.66, 198.51.100.7"}, REMOTE_ADDR="192.0.2.1"
    )
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    assert client_address(request) == "192.0.2.1"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert client_address(request) == "198.51.100.7"


# --- the ends of a session ---


def test_session_ends_after_half_an_hour_of_nothing_and_after_ten_hours_in_any_case() -> None:
    actor, start = Line().desk, clock.now()
    client = signed_in(actor)
    with clock.frozen(start + timedelta(minutes=29)):
        assert client.get("/").status_code == 200
    with clock.frozen(start + timedelta(minutes=58)):
        assert client.get("/").status_code == 200
    with clock.frozen(start + timedelta(minutes=90)):
        assert client.get("/").status_code == 302
    busy = signed_in(actor)
    for step in range(1, 31):
        with clock.frozen(start + timedelta(minutes=20 * step)):
            assert busy.get("/").status_code == 200
    with clock.frozen(start + timedelta(hours=10, minutes=1)):
        assert busy.get("/").status_code == 302
    assert [entry.detail["limit"] for entry in entries("session_end")] == ["idle", "longest"]


def test_reading_writes_the_session_at_most_once_a_minute(django_assert_num_queries: Any) -> None:
    client = signed_in(Line().desk)
    before = client.session["seen"]
    client.get("/")
    assert client.session["seen"] == before


def kept_after_idle(actor: Actor) -> tuple[Client, str]:
    client = signed_in(actor)
    with clock.frozen(clock.now() + timedelta(hours=1)):
        answer = client.post("/hat", {"hat": "7", "text": "a long answer"})
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{LOGIN}?next=/kept/")
    return client, answer["Location"].split("next=")[1]


def test_what_was_typed_comes_back_after_password_and_second_factor_and_can_be_sent_again() -> None:
    line = Line()
    user = with_password(line.desk)
    secret = with_app(user)
    client, back = kept_after_idle(line.desk)
    page = client.get(f"{LOGIN}?next={back}").content.decode()
    assert f'name="next" value="{back}"' in page
    assert give_password(client, user.username, next=back)["Location"].split("?")[0] == CODE
    answer = client.post(CODE, {"code": code(secret)})
    assert answer["Location"] == back
    page = client.get(back).content.decode()
    assert "a long answer" in page
    assert "Send it again" in page
    action = re.search(r'<form method="post" action="([^"]+)"', main_of(client.get(back)))
    assert action is not None
    own = user.memberships.get().pk
    assert client.post(action[1], {"hat": own, "text": "a long answer"}).status_code == 302


def test_what_one_person_typed_is_not_given_to_the_next_one_in_that_browser() -> None:
    line = Line()
    other = with_password(line.supervisor)
    secret = with_app(other)
    client, back = kept_after_idle(line.desk)
    give_password(client, other.username, next=back)
    assert client.post(CODE, {"code": code(secret)})["Location"] == back
    assert client.get(back).status_code == 404
    assert "kept" not in client.session


def test_password_change_ends_the_other_sessions() -> None:
    actor = Line().desk
    user = with_password(actor)
    here, elsewhere = signed_in(actor), signed_in(actor)
    new = "another long pass phrase 7"
    answer = here.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert answer.status_code == 302
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    assert entries("password_change")[0].object_id == str(user.public_id)


# --- a recent sign-in before what is grave ---


@pytest.fixture
def grave_act() -> Iterator[list[str]]:
    """An act of a letter in the house that needs a recent sign-in."""
    done: list[str] = []

    class Form(acts.ActForm):
        from django import forms as _forms

        note = _forms.CharField()

    before = acts._screens.get(("outgoing", "lodge"))
    acts._screens["outgoing", "lodge"] = acts.ActScreen(
        button="Lodge it", run=lambda case, actor, form: done.append(form.said("note")), form=Form, recent=True
    )
    yield done
    if before is None:
        del acts._screens["outgoing", "lodge"]
    else:
        acts._screens["outgoing", "lodge"] = before


@pytest.mark.parametrize("by", ["password", "code"])
def test_act_that_needs_a_recent_sign_in_asks_again_and_loses_nothing(grave_act: list[str], by: str) -> None:
    line = Line()
    outgoing = line.drafted()
    user = with_password(line.prosecutor)
    secret = with_app(user)
    client = signed_in(line.prosecutor)
    page = f"/out/{outgoing.public_id}/do/lodge"
    assert client.get(page).status_code == 200
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= live_settings.ACCOUNT_REAUTHENTICATION_TIMEOUT + 1
    session.save()
    answer = client.get(page)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/account/reauthenticate/")
    answer = client.post(page, {"note": "typed with care", "expected_version": outgoing.version})
    assert grave_act == []
    address = answer["Location"]
    if by == "code":
        address = re.search(r'href="(/account/2fa/reauthenticate/[^"]+)"', client.get(address).content.decode())[1]  # type: ignore[index]
        address = address.replace("&amp;", "&")
    given = {"password": PASSWORD} if by == "password" else {"code": code(secret)}
    refused = client.post(address, {"password": "wrong"} if by == "password" else {"code": "1"})
    assert refused.status_code == 200
    back = client.post(address, given)["Location"]
    assert back.startswith("/kept/")
    kept = client.get(back).content.decode()
    assert "typed with care" in kept
    client.post(page, {"note": "typed with care", "expected_version": outgoing.version})
    assert grave_act == ["typed with care"]
    assert [entry.reason_code for entry in entries("reauthenticate", "refused")] == [f"wrong_{by}"]
    assert entries("reauthenticate")[0].detail["methods"] == ["password" if by == "password" else "mfa:totp"]


# --- pages ---


def test_every_page_of_the_sign_in_renders_in_the_language_of_the_person(settings: Any) -> None:
    actor = Line().desk
    user = with_password(actor, language="ar")
    with_app(user)
    key = Authenticator.objects.create(user=user, type="webauthn", data={"name": "key"})
    client = signed_in(actor)
    for name, args in (
        ("mfa_index", []), ("mfa_view_recovery_codes", []), ("mfa_generate_recovery_codes", []),
        ("mfa_list_webauthn", []), ("mfa_edit_webauthn", [key.pk]), ("mfa_remove_webauthn", [key.pk]),
        ("mfa_deactivate_totp", []), ("account_change_password", []), ("account_reauthenticate", []),
        ("mfa_reauthenticate", []), ("account_logout", []),
    ):  # fmt: skip
        if name == "mfa_view_recovery_codes":
            RecoveryCodes.activate(user)
        answer = client.get(reverse(name, args=args))
        assert answer.status_code == 200, name
        assert '<html lang="en" dir="rtl">' in answer.content.decode(), name
        assert "no-store" in answer["Cache-Control"], name


def test_page_of_the_sign_in_is_in_the_language_of_the_browser() -> None:
    for language, side in (("fr", "ltr"), ("ar", "rtl")):
        page = Client().get(LOGIN, headers={"Accept-Language": language}).content.decode()
        assert f'<html lang="en" dir="{side}">' in page
        assert f'<span translate="no">{language.upper()}</span>' in page


def test_pages_of_security_keys_load_their_script_from_here_with_the_nonce() -> None:
    actor = Line().desk
    client = signed_in(actor)
    answer = client.get("/account/2fa/webauthn/add/")
    page = answer.content.decode()
    nonce = re.search(r"'nonce-([^']+)'", answer["Content-Security-Policy"])
    assert nonce is not None
    scripts = re.findall(r"<script([^>]*)>", page)
    assert any("mfa/js/webauthn-json.js" in one for one in scripts)
    for one in scripts:
        assert 'type="application/json"' in one or (f'nonce="{nonce[1]}"' in one and 'src="/static/' in one)


def test_forgotten_password_goes_by_mail_only_where_there_is_mail(settings: Any) -> None:
    user = with_password(Line().desk, email="clerk@example.net")
    page = "/account/password/reset/"
    assert "Ask the administrator" in Client().post(page, {"email": user.email}).content.decode()
    assert mail.outbox == []
    assert Client().get("/account/password/reset/done/").status_code == 404
    settings.PASSWORD_RESET_BY_MAIL = True
    known, unknown = (Client().post(page, {"email": one}) for one in (user.email, "nobody@example.net"))
    assert known["Location"] == unknown["Location"] == "/account/password/reset/done/"
    assert [message.to for message in mail.outbox] == [["clerk@example.net"], ["nobody@example.net"]]
    link = re.search(r"http://testserver(\S+)", mail.outbox[0].body)
    assert link is not None
    client = Client()
    form = client.get(link[1])["Location"]
    new = "another long pass phrase 7"
    assert client.post(form, {"password1": new, "password2": new}).status_code == 302
    assert client.get("/").status_code == 302  # a reset signs nobody in
    assert give_password(Client(), user.username, new).status_code == 302
    assert "used up" in Client().get(link[1]).content.decode()
    assert len(entries("password_reset")) == 1


def test_limits_of_the_sign_in_are_read_from_the_environment() -> None:
    from mla.core.errors import SettingsIncomplete
    from mla.settings.env import Env

    assert Env.read({"MLA_MODE": "test", "SESSION_IDLE_MINUTES": "12"}).session_idle_minutes == 12
    assert Env.read({"MLA_MODE": "test"}).trusted_proxies == 0
    with pytest.raises(SettingsIncomplete, match="SESSION_IDLE_MINUTES"):
        Env.read({"MLA_MODE": "test", "SESSION_IDLE_MINUTES": "0"})


def test_sign_in_is_asked_of_a_person_whose_second_factor_is_wanted_and_what_was_posted_is_kept() -> None:
    user = with_password(Line().desk)
    client = Client()
    give_password(client, user.username)
    secret = with_app(user)
    answer = client.post("/hat", {"hat": "7", "text": "typed early"})
    assert answer["Location"].startswith("/account/2fa/reauthenticate/?next=%2Fkept%2F")
    back = client.post(answer["Location"], {"code": code(secret)})["Location"]
    assert "typed early" in client.get(back).content.decode()
