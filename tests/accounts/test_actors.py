"""Who acts under which hat, which role may do what, and that nobody learns what is hidden from him."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from mla.accounts import capabilities
from mla.accounts.access import AccessDenied, access
from mla.accounts.actors import Actor, NoSuchHat
from mla.accounts.capabilities import CapabilityTableWrong, capability_table, holds
from mla.accounts.models import Membership, Role, User
from mla.core import clock
from mla.core.canonical import canonical_bytes
from mla.reference.models import Authority, Jurisdiction

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def authority() -> Authority:
    jurisdiction = Jurisdiction.objects.create(code="XA", kind=Jurisdiction.Kind.STATE, names={"en": "Examplia"})
    return Authority.objects.create(
        code="xa-test", jurisdiction=jurisdiction, kind=Authority.Kind.CENTRAL, name="Central authority of Examplia"
    )


@pytest.fixture
def user() -> User:
    return User.objects.create(username="officer", first_name="Officer", last_name="One")


def member(user: User, authority: Authority, role: Role, *, ends: dt.datetime | None = None) -> Membership:
    return Membership.objects.create(user=user, authority=authority, role=role, starts_at=NOW - DAY, ends_at=ends)


@pytest.mark.django_db
class TestHat:
    def test_person_acts_under_a_hat_held_now(self, user: User, authority: Authority) -> None:
        member(user, authority, Role.SUPERVISOR)
        with clock.frozen(NOW):
            actor = Actor.user(user, authority=authority, role=Role.SUPERVISOR)
        assert (actor.kind, actor.role, actor.authority_id, actor.user_id) == (
            "user", "supervisor", authority.pk, user.pk,
        )  # fmt: skip
        assert actor.who().label == "Officer One"

    def test_hat_of_another_role_time_or_authority_is_refused(self, user: User, authority: Authority) -> None:
        other = Authority.objects.create(
            code="xa-other", jurisdiction=authority.jurisdiction, kind=Authority.Kind.CENTRAL, name="Other"
        )
        member(user, authority, Role.SUPERVISOR, ends=NOW)
        with clock.frozen(NOW - dt.timedelta(seconds=1)):
            Actor.user(user, authority=authority, role=Role.SUPERVISOR)
            with pytest.raises(NoSuchHat):
                Actor.user(user, authority=authority, role=Role.REGISTRY)
            with pytest.raises(NoSuchHat):
                Actor.user(user, authority=other, role=Role.SUPERVISOR)
        for at in (NOW, NOW + DAY, NOW - 2 * DAY):
            with clock.frozen(at), pytest.raises(NoSuchHat):
                Actor.user(user, authority=authority, role=Role.SUPERVISOR)

    def test_name_stands_in_the_record_in_one_form(self, user: User, authority: Authority) -> None:
        Membership.objects.create(user=user, authority=authority, role=Role.REGISTRY, starts_at=clock.now())
        user.first_name, user.last_name = "Jose\u0301\u202e", "Perez\r\n"
        actor = Actor.user(user, authority=authority, role=Role.REGISTRY)
        assert actor.label == "José Perez"
        assert canonical_bytes(actor.label)

    def test_person_who_left_acts_no_more(self, user: User, authority: Authority) -> None:
        member(user, authority, Role.SUPERVISOR)
        user.is_active = False
        user.save()
        with clock.frozen(NOW), pytest.raises(NoSuchHat):
            Actor.user(user, authority=authority, role=Role.SUPERVISOR)

    def test_one_hat_is_open_once_and_ends_after_it_began(self, user: User, authority: Authority) -> None:
        first = member(user, authority, Role.LEGAL)
        with pytest.raises(IntegrityError, match="accounts_one_open_membership"), transaction.atomic():
            member(user, authority, Role.LEGAL)
        with pytest.raises(IntegrityError, match="accounts_membership_ends_later"), transaction.atomic():
            member(user, authority, Role.REGISTRY, ends=NOW - 2 * DAY)
        first.ends_at = NOW
        first.save()
        member(user, authority, Role.LEGAL)


@pytest.mark.django_db
class TestAccess:
    def test_hidden_and_absent_object_give_one_answer(self, user: User, authority: Authority) -> None:
        actor = Actor.system("test", authority_id=authority.pk)
        assert access(Authority.objects.all(), actor=actor, kind="authority", pk=authority.pk) == authority
        answers = []
        for visible, code in ((Authority.objects.none(), "xa-test"), (Authority.objects.all(), "xa-none")):
            with pytest.raises(AccessDenied) as denied:
                access(visible, actor=actor, kind="authority", code=code)
            answers.append(str(denied.value).replace(code, "…"))
        assert answers[0] == answers[1]


class TestCapabilities:
    def test_act_that_is_not_in_the_table_is_closed_to_everyone(self) -> None:
        for role in Role:
            kind = {Role.FOREIGN_OFFICER: "peer", Role.TIMER: "system"}.get(role, "user")
            actor = Actor(kind, "1", "one", str(role), 1)  # type: ignore[arg-type]
            assert not holds(actor, "outgoing.no_such_act")

    def test_role_of_the_table_may_and_another_may_not(self) -> None:
        supervisor, auditor = (Actor("user", "1", "one", str(role), 1) for role in (Role.SUPERVISOR, Role.AUDITOR))
        assert holds(supervisor, "outgoing.approve")
        assert not holds(auditor, "outgoing.approve")

    def test_auditor_changes_nothing_of_a_case(self) -> None:
        acts = [act for act, roles in capability_table().items() if Role.AUDITOR in roles]
        assert acts == ["break_glass.review"]

    def test_roles_of_the_other_state_and_of_the_system_are_no_persons_hats(self) -> None:
        for role, kind in ((Role.FOREIGN_OFFICER, "peer"), (Role.TIMER, "system")):
            acts = [act for act, roles in capability_table().items() if role in roles]
            assert acts
            assert all(holds(Actor(kind, "1", "one", str(role), 1), act) for act in acts)  # type: ignore[arg-type]
            assert not any(holds(Actor("user", "1", "one", str(role), 1), act) for act in acts)

    @pytest.mark.parametrize(
        ("spoil", "told"),
        [
            (lambda text: text.replace("supervisor", "boss", 1), "do not fit the roles"),
            (lambda text: text.replace(",yes", ",maybe", 1), "neither yes nor no"),
            (lambda text: text.replace(",no", ",", 1), "neither yes nor no"),
            (lambda text: text + text.splitlines()[1] + "\n", "stands twice"),
        ],
        ids=["unknown role", "a word", "an empty cell", "an act twice"],
    )
    def test_table_that_is_not_understood_is_refused(
        self, spoil: object, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert callable(spoil)
        table = tmp_path / "capabilities.csv"
        table.write_text(spoil(capabilities.TABLE.read_text()))
        monkeypatch.setattr(capabilities, "TABLE", table)
        with pytest.raises(CapabilityTableWrong, match=told):
            capability_table.__wrapped__()
