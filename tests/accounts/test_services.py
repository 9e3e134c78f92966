"""Who may give, end and close the hats of people, and that each of it stands in the record."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mla.accounts import services
from mla.accounts.actors import Actor, NoSuchHat
from mla.accounts.errors import MembersChangeForbidden, MembersChangeRefused
from mla.accounts.models import Membership, Role, User
from mla.accounts.services import OPERATOR
from mla.audit.models import AuditEntry
from mla.audit.services import Who
from mla.core import clock
from mla.core.text import TextRefused
from mla.reference.errors import ReferenceEditRefused
from mla.reference.models import Authority, Jurisdiction
from mla.reference.services import reference_load

pytestmark = pytest.mark.django_db

#: Long enough, and nobody's.
PASSWORD = "seven-quiet-harbours-44"


def office(code: str = "de-central") -> Authority:
    return Authority.objects.get(code=code)


def person(username: str = "k.muster", at: str = "de-central", role: Role = Role.REGISTRY, **more: Any) -> User:
    return services.officer_add(
        username=username, first_name="K.", last_name="Muster", authority=office(at), role=role,
        **({"by": OPERATOR} | more),
    )  # fmt: skip


def administrator(at: str = "de-central", username: str = "a.dmin") -> Actor:
    return Actor.user(
        person(f"{username}.{at}", at, Role.LOCAL_ADMINISTRATOR), authority=office(at), role=Role.LOCAL_ADMINISTRATOR
    )


def entries(act: str, at: str = "de-central") -> int:
    return AuditEntry.objects.filter(act=act, authority_id=office(at).pk).count()


def test_administrator_adds_a_person_at_his_own_authority_alone() -> None:
    admin = administrator()
    added = person(by=admin, email="K.Muster@EXAMPLE.NET", password=PASSWORD)
    assert Actor.user(added, authority=office(), role=Role.REGISTRY).role == "registry"
    assert added.check_password(PASSWORD)
    assert (added.time_zone, added.email) == (office().time_zone, "K.Muster@example.net")
    entry = AuditEntry.objects.filter(act="member.add", authority_id=office().pk).latest("id")
    assert (entry.actor_id, entry.object_id, entry.detail["role"]) == (admin.id, str(added.public_id), "registry")
    with pytest.raises(MembersChangeForbidden):
        person("elsewhere", "fr-central", by=admin)
    assert not User.objects.filter(username="elsewhere").exists()


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.LOCAL_ADMINISTRATOR, Role.TIMER)])
def test_no_other_role_changes_who_works_here(role: Role) -> None:
    actor = Actor.user(person("officer", role=role), authority=office(), role=role)
    other = Membership.objects.get(user=person("other"))
    with pytest.raises(MembersChangeForbidden):
        person("third", by=actor)
    with pytest.raises(MembersChangeForbidden):
        services.membership_end(membership=other, by=actor)
    with pytest.raises(MembersChangeForbidden):
        services.officer_deactivate(user=other.user, authority=office(), by=actor)
    with pytest.raises(MembersChangeForbidden):
        services.office_edit(authority=office(), by=actor, values={"phone": "1"})


def test_values_of_a_person_without_a_checked_hat_open_nothing() -> None:
    admin = administrator()
    with pytest.raises(MembersChangeForbidden):
        person(by=admin.who())
    with pytest.raises(ReferenceEditRefused):
        services.authority_add(
            code="xx-new", jurisdiction=Jurisdiction.objects.get(code="DE"), kind="central", name="New", by=admin
        )
    with pytest.raises(MembersChangeForbidden):
        services.officer_set_password(user=person(), password=PASSWORD, authority=office(), by=Who("user", "1", "A"))


def test_name_or_address_taken_role_of_the_system_and_weak_password_are_refused() -> None:
    person(email="k.muster@example.net")
    for wrong in (
        {"username": "K.MUSTER"},
        {"username": "second", "email": "K.Muster@example.net"},
        {"username": "with space"},
        {"username": "second", "role": Role.TIMER},
        {"username": "second", "password": "12345678"},
        {"username": "second", "email": "no address"},
    ):
        with pytest.raises(MembersChangeRefused):
            person(**wrong)
    with pytest.raises(TextRefused):
        services.officer_add(
            username="second", first_name="K\u202e", last_name="M", authority=office(), role=Role.LEGAL, by=OPERATOR
        )
    assert User.objects.count() == 1


def test_second_hat_is_worn_beside_the_first_and_the_same_twice_is_refused() -> None:
    user = person()
    services.membership_add(user=user, authority=office("fr-central"), role=Role.LEGAL, by=OPERATOR)
    assert Actor.user(user, authority=office("fr-central"), role=Role.LEGAL)
    assert entries("member.add", "fr-central") == 1
    with pytest.raises(MembersChangeRefused, match="already"):
        services.membership_add(user=user, authority=office(), role=Role.REGISTRY, by=OPERATOR)
    with pytest.raises(MembersChangeRefused, match="ahead"):
        services.membership_add(
            user=user, authority=office(), role=Role.LEGAL, by=OPERATOR, ends_at=clock.now() - dt.timedelta(1)
        )


def test_membership_for_a_time_ends_by_itself_and_can_be_given_again() -> None:
    user = person()
    soon = clock.now() + dt.timedelta(days=3)
    services.membership_add(user=user, authority=office(), role=Role.LEGAL, by=OPERATOR, ends_at=soon)
    with clock.frozen(soon), pytest.raises(NoSuchHat):
        Actor.user(user, authority=office(), role=Role.LEGAL)
    with clock.frozen(soon):
        services.membership_add(user=user, authority=office(), role=Role.LEGAL, by=OPERATOR)
        assert Actor.user(user, authority=office(), role=Role.LEGAL)


def test_nobody_gives_himself_a_role() -> None:
    admin = administrator()
    with pytest.raises(MembersChangeForbidden):
        services.membership_add(
            user=User.objects.get(pk=admin.user_id), authority=office(), role=Role.SUPERVISOR, by=admin
        )
    assert Membership.objects.count() == 1


def test_ended_hat_opens_nothing_and_ends_once() -> None:
    user = person()
    hat = Membership.objects.get(user=user)
    services.membership_end(membership=hat, by=administrator())
    with pytest.raises(NoSuchHat):
        Actor.user(user, authority=office(), role=Role.REGISTRY)
    with pytest.raises(MembersChangeRefused, match="ended"):
        services.membership_end(membership=hat, by=OPERATOR)
    assert entries("member.end") == 1


def test_hat_ends_in_the_instant_in_which_it_began() -> None:
    with clock.frozen(dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)):
        user = person()
        services.membership_end(membership=Membership.objects.get(user=user), by=OPERATOR)
    with pytest.raises(NoSuchHat):
        Actor.user(user, authority=office(), role=Role.REGISTRY)


def test_last_administrator_stays_until_another_is_there() -> None:
    admin = administrator()
    hat = Membership.objects.get(user_id=admin.user_id)
    with pytest.raises(MembersChangeRefused, match="last"):
        services.membership_end(membership=hat, by=admin)
    administrator(username="b.dmin")
    services.membership_end(membership=hat, by=admin)
    assert hat.user.is_active


def test_deactivated_person_has_no_hat_and_gets_none() -> None:
    admin, user = administrator(), person()
    services.membership_add(user=user, authority=office(), role=Role.LEGAL, by=OPERATOR)
    closed = services.officer_deactivate(user=user, authority=office(), by=admin)
    assert not closed.is_active
    assert not Membership.objects.valid(clock.now()).filter(user=user).exists()
    assert (entries("member.end"), entries("officer.deactivate")) == (2, 1)
    with pytest.raises(MembersChangeRefused):
        services.officer_deactivate(user=user, authority=office(), by=admin)
    with pytest.raises(MembersChangeRefused):
        services.membership_add(user=user, authority=office(), role=Role.LEGAL, by=admin)


def test_person_of_two_authorities_or_of_another_one_is_not_closed_by_one_administrator() -> None:
    admin, both, other = administrator(), person(), person("other", "fr-central")
    services.membership_add(user=both, authority=office("fr-central"), role=Role.LEGAL, by=OPERATOR)
    for user in (both, other):
        with pytest.raises(MembersChangeRefused):
            services.officer_deactivate(user=user, authority=office(), by=admin)
    with pytest.raises(MembersChangeForbidden):
        services.officer_deactivate(user=User.objects.get(pk=admin.user_id), authority=office(), by=admin)
    assert Membership.objects.valid(clock.now()).filter(user__in=[both, other]).count() == 3
    services.officer_deactivate(user=both, authority=office(), by=OPERATOR)
    assert not Membership.objects.valid(clock.now()).filter(user=both).exists()


def test_operator_sets_a_password_that_is_strong_enough() -> None:
    user = person()
    assert not user.has_usable_password()
    with pytest.raises(MembersChangeRefused):
        services.officer_set_password(user=user, password="password", authority=office(), by=OPERATOR)
    assert services.officer_set_password(user=user, password=PASSWORD, authority=office(), by=OPERATOR).check_password(
        PASSWORD
    )
    assert entries("officer.set_password") == 1


# --- offices ---


def add(**more: Any) -> Authority:
    given = {"code": "de-x", "jurisdiction": Jurisdiction.objects.get(code="DE"), "kind": "originating", "name": "X"}
    return services.authority_add(by=OPERATOR, **(given | more))


def test_added_authority_works_through_a_central_one_of_its_own_state_and_survives_a_load() -> None:
    added = add(central=office(), time_zone="Europe/Berlin")
    reference_load()
    added.refresh_from_db()
    assert (added.central, added.hosted_here, added.origin) == (office(), True, "added")
    assert AuditEntry.objects.get(act="authority.add").authority_id == added.pk
    for wrong in (
        {"code": "de-x"},
        {"code": "De X"},
        {"code": "de-y", "central": office("fr-central")},
        {"code": "de-y", "central": added},
        {"code": "de-y", "time_zone": "Berlin"},
        {"code": "de-y", "kind": "ministry"},
        {"code": "de-y", "values": {"hosted_here": False}},
    ):
        with pytest.raises(ReferenceEditRefused):
            add(**wrong)
    assert not Authority.objects.filter(code="de-y").exists()


def test_administrator_edits_what_his_office_says_of_itself_and_nothing_else() -> None:
    admin = administrator()
    services.office_edit(authority=office(), by=admin, values={"city": "Sampleton", "time_zone": "Europe/Berlin"})
    reference_load()
    assert office().city == "Sampleton"
    entry = AuditEntry.objects.get(act="office.edit")
    assert "city" in entry.detail["fields"]
    services.office_edit(authority=office(), by=admin, values={"city": "Sampleton"})
    for wrong in ({"code": "de-other"}, {"hosted_here": False}, {"time_zone": "Sampleton"}, {"signs": "anyone"}):
        with pytest.raises(ReferenceEditRefused):
            services.office_edit(authority=office(), by=admin, values=wrong)
    with pytest.raises(TextRefused):
        services.office_edit(authority=office(), by=admin, values={"name": "A\u202eB"})
    with pytest.raises(MembersChangeForbidden):
        services.office_edit(authority=office("fr-central"), by=admin, values={"city": "Sampleton"})
    assert AuditEntry.objects.filter(act="office.edit").count() == 1
