"""Who sees which letter and which version; what is hidden is not there, not even as a count."""

from __future__ import annotations

from typing import Any

import pytest

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.models import Membership, Role
from mla.core import clock
from mla.core.ids import uuid7
from mla.reference.models import Authority
from tests.drafting.letters import letter as content
from tests.factories import officer
from workflows.drafting import services
from workflows.drafting.law import law_for
from workflows.drafting.models import LetterOfRequest, LetterShare
from workflows.drafting.selectors import (
    access_letter_by_id,
    access_version_by_number,
    current_version,
    version_findings,
    visible_letters,
    visible_versions,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def drafter() -> Actor:
    return officer(Role.ORIGINATOR_DRAFTER, "de-prosecutor")


@pytest.fixture
def desk() -> Actor:
    return officer(Role.DESK_OFFICER, "de-central")


def new(by: Actor, **changes: Any) -> LetterOfRequest:
    return services.letter_create(
        content=content(**changes), authority=Authority.objects.get(pk=by.authority_id), by=by
    )


def lodge(letter: LetterOfRequest) -> None:
    central = Authority.objects.get(code="de-central")
    LetterShare.objects.create(
        letter=letter, authority=central, kind="lodged", version_number=letter.current, at=clock.now()
    )


def numbers(letter: LetterOfRequest, actor: Actor) -> list[int]:
    return list(visible_versions(letter, actor).values_list("number", flat=True))


class TestLetters:
    def test_draft_is_seen_by_its_authority_alone(self, drafter: Actor, desk: Actor) -> None:
        letter = new(drafter)
        colleague = officer(Role.LEGAL, "de-prosecutor")
        auditor = officer(Role.AUDITOR, "de-prosecutor")
        for actor in (drafter, colleague, auditor):
            assert access_letter_by_id(actor, letter.public_id) == letter
        for actor in (desk, officer(Role.DESK_OFFICER, "al-central"), officer(Role.ORIGINATOR_DRAFTER, "fr-judge")):
            assert not visible_letters(actor).exists()
            with pytest.raises(AccessDenied):
                access_letter_by_id(actor, letter.public_id)

    def test_hidden_and_absent_are_told_alike(self, drafter: Actor, desk: Actor) -> None:
        hidden = new(drafter).public_id
        absent = uuid7()
        told = []
        for public_id in (hidden, absent):
            with pytest.raises(AccessDenied) as denied:
                access_letter_by_id(desk, public_id)
            told.append(str(denied.value).replace(str(public_id), ""))
        assert told[0] == told[1]

    @pytest.mark.parametrize("role", [Role.FOREIGN_OFFICER, Role.EXECUTING_OFFICER, Role.LOCAL_ADMINISTRATOR])
    def test_roles_without_part_in_letters_see_none(self, drafter: Actor, role: Role) -> None:
        new(drafter)
        assert not visible_letters(officer(role, "de-prosecutor")).exists()

    def test_peer_sees_none_and_the_system_those_of_its_authority(self, drafter: Actor) -> None:
        letter = new(drafter)
        assert not visible_letters(Actor.peer(letter.authority)).exists()
        assert visible_letters(Actor.system("sweep", authority_id=letter.authority_id)).get() == letter
        assert not visible_letters(Actor.system("sweep", authority_id=None)).exists()

    def test_restricted_letter_exists_for_its_named_officers_alone(self, drafter: Actor, desk: Actor) -> None:
        letter = new(drafter, confidentiality={"level": "restricted", "reason": "x"})
        colleague = officer(Role.ORIGINATOR_DRAFTER, "de-prosecutor", 2)
        lodge(letter)
        assert [visible_letters(actor).count() for actor in (drafter, colleague, desk)] == [1, 0, 0]
        for actor in (colleague, desk):
            user = Membership.objects.get(user_id=actor.user_id).user
            services.letter_name_officer(letter=letter, by=drafter, user=user)
        assert [visible_letters(actor).count() for actor in (drafter, colleague, desk)] == [1, 1, 1]
        stranger = officer(Role.DESK_OFFICER, "al-central")
        services.letter_name_officer(
            letter=letter, by=drafter, user=Membership.objects.get(user_id=stranger.user_id).user
        )
        assert visible_letters(stranger).count() == 0

    def test_letter_stands_once_however_it_is_shared(self, drafter: Actor, desk: Actor) -> None:
        letter = services.letter_freeze(letter=new(drafter), by=drafter)
        lodge(letter)
        lodge(letter)
        services.letter_share_for_advice(letter=letter, by=drafter, authority=Authority.objects.get(code="de-central"))
        assert list(visible_letters(desk)) == [letter]


class TestVersions:
    def test_lodging_shows_the_frozen_version_and_no_later_draft(self, drafter: Actor, desk: Actor) -> None:
        letter = services.letter_freeze(letter=new(drafter), by=drafter)
        assert numbers(letter, desk) == []
        lodge(letter)
        assert numbers(letter, desk) == [1]
        letter = services.letter_open_next(letter=letter, by=drafter)
        assert (numbers(letter, desk), numbers(letter, drafter)) == ([1], [1, 2])
        assert access_version_by_number(desk, letter).number == 1
        with pytest.raises(AccessDenied):
            access_version_by_number(desk, letter, 2)

    def test_owner_sees_the_version_of_the_central_authority_once_it_is_frozen(
        self, drafter: Actor, desk: Actor
    ) -> None:
        letter = services.letter_freeze(letter=new(drafter), by=drafter)
        lodge(letter)
        letter = services.letter_open_next(letter=letter, by=desk)
        assert (numbers(letter, desk), numbers(letter, drafter)) == ([1, 2], [1])
        letter = services.letter_freeze(letter=letter, by=desk)
        assert numbers(letter, drafter) == [1, 2]

    def test_advice_shows_the_draft_until_it_ends(self, drafter: Actor, desk: Actor) -> None:
        letter = new(drafter)
        central = Authority.objects.get(code="de-central")
        services.letter_share_for_advice(letter=letter, by=drafter, authority=central)
        assert numbers(letter, desk) == [1]
        services.letter_end_share(letter=letter, by=drafter, authority=central)
        assert numbers(letter, desk) == []

    def test_handing_back_ends_the_sight_of_what_follows(self, drafter: Actor, desk: Actor) -> None:
        letter = services.letter_freeze(letter=new(drafter), by=drafter)
        lodge(letter)
        letter = services.letter_hand_back(letter=letter, by=desk)
        assert numbers(letter, desk) == [] and not visible_letters(desk).exists()


class TestQueries:
    def test_list_of_letters_costs_one_query_however_long(self, drafter: Actor, django_assert_num_queries: Any) -> None:
        for number in (3, 6):
            for _ in range(number):
                new(drafter)
            with django_assert_num_queries(1):
                for letter in visible_letters(drafter):
                    assert letter.requested.name("en") and letter.authority.name

    def test_access_costs_one_query_and_a_version_two(self, drafter: Actor, django_assert_num_queries: Any) -> None:
        letter = new(drafter)
        with django_assert_num_queries(1):
            access_letter_by_id(drafter, letter.public_id)
        with django_assert_num_queries(2):
            access_version_by_number(drafter, letter)

    def test_findings_cost_the_same_for_one_measure_and_for_five(self, django_assert_num_queries: Any) -> None:
        one = content()
        item = one.content()["items"][0]
        five = content(items=[item | {"id": f"M{number}"} for number in range(1, 6)])
        for letter in (one, five):
            with django_assert_num_queries(6):
                law_for(letter)

    def test_findings_of_a_version_are_those_of_its_content(self, drafter: Actor) -> None:
        letter = new(drafter, urgency={"level": "urgent"})
        codes = [finding.code for finding in version_findings(current_version(letter))]
        assert codes[:2] == ["urgency_undated", "urgency_unexplained"]
