"""The office: its own administrator alone changes facts, people and roles; nothing of another authority is there."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mla.accounts.actors import Actor
from mla.accounts.models import Membership, Role, User
from mla.audit.models import AuditEntry
from mla.reference.models import Authority
from tests.factories import officer
from tests.web.test_jobs import administrator, hosted

pytestmark = pytest.mark.django_db
AtDesk = Callable[[Actor], Client]


def facts(**other: Any) -> dict[str, Any]:
    own = hosted()
    names = "name organ address city email phone office_hours time_zone signs signing_method four_eyes".split()
    names += ["acknowledgement_days", "acknowledgement_days_urgent"]
    found = {name: getattr(own, name) for name in names}
    found |= {"languages": "en, fr", "seen": own.edited_at.isoformat() if own.edited_at else ""}
    return found | other


def a_person(**other: Any) -> dict[str, Any]:
    return {"first_name": "New", "last_name": "Officer", "username": "new.officer", "role": "desk_officer"} | other


def test_members_are_shown_with_roles_sign_in_and_second_factor(at_desk: AtDesk) -> None:
    officer(Role.SUPERVISOR, hosted().code)
    foreign = officer(Role.SUPERVISOR, hosted(2).code, 7)
    text = at_desk(administrator()).get("/office/").content.decode()
    assert "supervisor" in text and "never" in text
    assert str(User.objects.get(pk=foreign.user_id).public_id) not in text


def test_facts_are_changed_recorded_and_sourced(at_desk: AtDesk) -> None:
    client = at_desk(administrator())
    assert client.post("/office/facts", facts(four_eyes="duty_officer_at_night", city="Sampleton")).status_code == 302
    own = hosted()
    assert (own.four_eyes, own.city, own.languages) == ("duty_officer_at_night", "Sampleton", ["en", "fr"])
    assert (own.source, own.to_be_confirmed) == ("the authority itself", False)
    entry = AuditEntry.objects.get(act="office.edit")
    assert entry.detail["before"]["four_eyes"] == "always"
    assert entry.detail["after"]["four_eyes"] == "duty_officer_at_night"


@pytest.mark.parametrize(
    "wrong",
    [{"time_zone": "Mars/Base"}, {"languages": "english"}, {"acknowledgement_days": "0"}, {"name": ""}, {"signs": "x"},
     {"email": "no"}, {"name": "A\u202eB"}],
)  # fmt: skip
def test_unfit_fact_is_told_and_nothing_is_saved(at_desk: AtDesk, wrong: dict[str, str]) -> None:
    answer = at_desk(administrator()).post("/office/facts", facts(city="Sampleton", **wrong))
    assert answer.status_code == 422 and "error-summary" in answer.content.decode()
    assert hosted().city != "Sampleton" and not AuditEntry.objects.filter(act="office.edit").exists()


def test_of_two_administrators_the_later_one_is_told(at_desk: AtDesk) -> None:
    client = at_desk(administrator())
    old = facts(city="First")
    assert client.post("/office/facts", old).status_code == 302
    answer = client.post("/office/facts", old | {"city": "Second"})
    assert answer.status_code == 422 and "changed meanwhile" in answer.content.decode()
    assert hosted().city == "First"
    assert client.post("/office/facts", old | {"city": "Second", "seen": "yesterday"}).status_code == 422
    assert hosted().city == "First"
    [again] = re.findall(r'name="seen" value="([^"]+)"', answer.content.decode())
    assert client.post("/office/facts", old | {"city": "Second", "seen": again}).status_code == 302
    assert hosted().city == "Second"


def test_person_is_added_and_sets_a_password_by_a_link_shown_once(at_desk: AtDesk) -> None:
    client = at_desk(administrator())
    answer = client.post("/office/member/add", a_person())
    assert answer.status_code == 201 and "no-store" in answer["Cache-Control"]
    person = User.objects.get(username="new.officer")
    assert not person.has_usable_password()
    assert [hat.role for hat in person.memberships.all()] == ["desk_officer"]
    link = re.search(r"http://testserver(/account/password/reset/key/[^<]+)", answer.content.decode())
    assert link is not None
    stranger = Client()
    form = stranger.get(link.group(1), follow=True)
    assert form.status_code == 200
    stranger.post(form.request["PATH_INFO"], {"password1": "long enough 4711 x", "password2": "long enough 4711 x"})
    person.refresh_from_db()
    assert person.check_password("long enough 4711 x")
    used = Client().get(link.group(1), follow=True)
    assert 'name="password1"' not in used.content.decode()
    page = client.get(f"/office/member/{person.public_id}/").content.decode()
    assert "/account/password/reset/key/" not in page and "Show a new link once" not in page


def test_administrator_gets_no_link_for_who_has_a_password(at_desk: AtDesk) -> None:
    actor = officer(Role.SUPERVISOR, hosted().code)
    person = User.objects.get(pk=actor.user_id)
    person.set_password("long enough 4711 x")
    person.save()
    answer = at_desk(administrator()).post(f"/office/member/{person.public_id}/", {"do": "link"})
    assert answer.status_code == 422 and "/account/password/reset/key/" not in answer.content.decode()


def test_taken_name_is_told(at_desk: AtDesk) -> None:
    client = at_desk(administrator())
    client.post("/office/member/add", a_person())
    answer = client.post("/office/member/add", a_person())
    assert answer.status_code == 422 and "There already is a person" in answer.content.decode()


def test_role_is_given_ended_and_the_account_closed(at_desk: AtDesk) -> None:
    actor = officer(Role.SUPERVISOR, hosted().code)
    person = User.objects.get(pk=actor.user_id)
    client, address = at_desk(administrator()), f"/office/member/{person.public_id}/"
    assert client.post(address, {"do": "add", "role": "desk_officer"}).status_code == 302
    assert "Four eyes still hold" in client.get(address).content.decode()
    assert client.post(address, {"do": "add", "role": "desk_officer"}).status_code == 422
    assert client.post(address, {"do": "add", "role": "timer"}).status_code == 422
    hat = Membership.objects.get(user=person, role="desk_officer", ends_at=None)
    assert client.post(address, {"do": "end", "membership": hat.pk}).status_code == 302
    assert client.post(address, {"do": "end", "membership": hat.pk}).status_code == 422
    assert client.post(address, {"do": "deactivate"}).status_code == 302
    person.refresh_from_db()
    assert not person.is_active
    acts = list(AuditEntry.objects.filter(object_id=str(person.public_id)).values_list("act", flat=True))
    assert acts == ["member.add", "member.end", "member.end", "officer.deactivate"]


def test_last_administrator_keeps_the_role_and_nobody_gives_himself_one(at_desk: AtDesk) -> None:
    actor = administrator()
    own = User.objects.get(pk=actor.user_id)
    client, address = at_desk(actor), f"/office/member/{own.public_id}/"
    hat = Membership.objects.get(user=own)
    answer = client.post(address, {"do": "end", "membership": hat.pk})
    assert answer.status_code == 422 and "last administrator" in answer.content.decode()
    assert client.post(address, {"do": "add", "role": "supervisor"}).status_code == 422
    assert client.post(address, {"do": "deactivate"}).status_code == 422
    officer(Role.LOCAL_ADMINISTRATOR, hosted().code, 2)
    assert client.post(address, {"do": "end", "membership": hat.pk}).status_code == 302


def test_member_and_membership_of_another_authority_are_not_there(at_desk: AtDesk) -> None:
    foreign = officer(Role.SUPERVISOR, hosted(2).code)
    person = User.objects.get(pk=foreign.user_id)
    client = at_desk(administrator())
    assert client.get(f"/office/member/{person.public_id}/").status_code == 404
    assert client.post(f"/office/member/{person.public_id}/", {"do": "deactivate"}).status_code == 404
    hat = Membership.objects.get(user=person)
    own = User.objects.get(pk=officer(Role.SUPERVISOR, hosted().code).user_id)
    assert client.post(f"/office/member/{own.public_id}/", {"do": "end", "membership": hat.pk}).status_code == 404
    hat.refresh_from_db()
    person.refresh_from_db()
    assert hat.ends_at is None and person.is_active


def test_extra_fields_change_nothing(at_desk: AtDesk) -> None:
    client = at_desk(administrator())
    before = Authority.objects.values().get(pk=hosted().pk)
    forged = {
        "code": "xx",
        "kind": "executing",
        "hosted_here": "",
        "central": str(hosted(2).pk),
        "fictional": "",
        "id": "1",
    }
    client.post("/office/facts", facts(city="Sampleton", source="forged", **forged))
    after = Authority.objects.values().get(pk=hosted().pk)
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"city", "edited_at", "languages", "source", "to_be_confirmed"} and after["source"] != "forged"
    powers = {"is_superuser": "on", "is_staff": "on", "password": "x", "authority": str(hosted(2).pk), "public_id": "1"}
    client.post("/office/member/add", a_person(**powers))
    person = User.objects.get(username="new.officer")
    assert not (person.is_superuser or person.is_staff or person.has_usable_password())
    assert [hat.authority_id for hat in person.memberships.all()] == [hosted().pk]


def test_change_needs_a_recent_sign_in(at_desk: AtDesk) -> None:
    client = at_desk(administrator())
    session = client.session
    long_ago = session["began"] - 3600
    session["account_authentication_methods"] = [
        method | {"at": long_ago} for method in session["account_authentication_methods"]
    ]
    session.save()
    for address, posted in (("/office/facts", facts(city="Sampleton")), ("/office/member/add", a_person())):
        answer = client.post(address, posted)
        assert answer.status_code == 302 and "reauthenticate" in answer["Location"]
    assert hosted().city != "Sampleton" and not User.objects.filter(username="new.officer").exists()


def test_queries_do_not_grow_with_the_members(at_desk: AtDesk) -> None:
    client = at_desk(administrator())
    counted = []
    for upto in (3, 60):
        for number in range(1, upto + 1):
            officer(Role.DESK_OFFICER, hosted().code, number)
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/office/").status_code == 200
        counted.append(len(queries))
    assert counted[1] <= counted[0] <= 12


def test_wrong_method_is_refused(at_desk: AtDesk) -> None:
    client = at_desk(administrator())
    person = User.objects.get(pk=administrator().user_id)
    assert client.post("/office/").status_code == 405
    assert client.post("/help/").status_code == 405
    for address in ("/office/facts", "/office/member/add", f"/office/member/{person.public_id}/"):
        assert client.put(address).status_code == 405


def test_help_names_every_state_and_the_own_role(at_desk: AtDesk) -> None:
    text = at_desk(administrator()).get("/help/").content.decode()
    assert "(you)" in text and "in execution" in text and 'role="img"' in text
