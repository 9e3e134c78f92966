"""The first steps of a real installation, as the operator takes them at the command line."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from mla.accounts.actors import Actor
from mla.accounts.models import Membership, Role, User
from mla.audit.models import AuditEntry
from mla.reference.models import Authority

pytestmark = pytest.mark.django_db

PASSWORD = "seven-quiet-harbours-44"


def run(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def authority(code: str = "pt-central", *more: str) -> str:
    return run(
        "createauthority", code, "PT", "central", "Central authority (test)", "--time-zone", "Europe/Lisbon", *more
    )


def test_authority_and_its_first_administrator_are_made_and_recorded() -> None:
    assert "pt-central" in authority()
    run("createauthority", "pt-prosecutor", "pt", "originating", "Prosecutor (test)", "--central", "pt-central")
    told = run(
        "createofficer", "a.silva", "pt-central", "local_administrator", "--last-name", "Silva",
        "--site", "https://mla.example.net/",
    )  # fmt: skip
    assert "https://mla.example.net/account/" in told
    office = Authority.objects.get(code="pt-prosecutor")
    assert (office.central, office.hosted_here) == (Authority.objects.get(code="pt-central"), True)
    user = User.objects.get(username="a.silva")
    assert Actor.user(user, authority=Authority.objects.get(code="pt-central"), role=Role.LOCAL_ADMINISTRATOR)
    assert set(AuditEntry.objects.filter(actor_id="operator").values_list("act", flat=True)) == {
        "authority.add", "member.add",
    }  # fmt: skip


def test_link_sets_the_password_once(client: Client) -> None:
    authority()
    told = run("createofficer", "a.silva", "pt-central", "local_administrator", "--last-name", "Silva")
    path = re.search(r"https://[^/]+(/account/\S+)", told)
    assert path is not None
    page = client.get(path.group(1), follow=True)
    assert page.status_code == 200
    form = page.redirect_chain[-1][0]
    client.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    assert User.objects.get(username="a.silva").check_password(PASSWORD)
    again = Client()
    page = again.get(path.group(1), follow=True)
    again.post(
        page.redirect_chain[-1][0] if page.redirect_chain else path.group(1),
        {"password1": "x" * 20, "password2": "x" * 20},
    )
    assert User.objects.get(username="a.silva").check_password(PASSWORD)


def test_second_role_of_the_same_person_makes_no_second_account(monkeypatch: pytest.MonkeyPatch) -> None:
    authority()
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
    told = run("createofficer", "a.silva", "pt-central", "registry", "--last-name", "Silva", "--password")
    assert "https://" not in told
    run("createofficer", "a.silva", "pt-central", "legal")
    user = User.objects.get(username="a.silva")
    assert user.check_password(PASSWORD)
    assert set(Membership.objects.filter(user=user).values_list("role", flat=True)) == {"registry", "legal"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("createauthority", "pt-central", "PT", "central", "Again"), "already"),
        (("createauthority", "xx-central", "XX", "central", "Nowhere"), "no jurisdiction"),
        (("createauthority", "pt-court", "PT", "originating", "Court", "--central", "pt-none"), "no authority"),
        (("createauthority", "pt-court", "PT", "originating", "Court", "--central", "de-central"), "not a central"),
        (("createofficer", "b.costa", "pt-none", "registry", "--last-name", "Costa"), "createauthority"),
        (("createofficer", "b.costa", "pt-central", "registry"), "name"),
        (("createofficer", "b.costa", "pt-central", "timer", "--last-name", "Costa"), "invalid choice"),
        (("createofficer", "b.costa", "pt-elsewhere", "registry", "--last-name", "Costa"), "do not work"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_made(arguments: tuple[str, ...], said: str) -> None:
    authority()
    authority("pt-elsewhere", "--elsewhere")
    with pytest.raises(CommandError, match=said):
        run(*arguments)
    assert not User.objects.exists()
    assert Authority.objects.filter(code__startswith="pt-").count() == 2
