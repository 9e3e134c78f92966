"""An approval binds one person, who wrote nothing of it, to one content; what is sent is exactly that."""

from __future__ import annotations

from typing import Any

import pytest

from mla.accounts.actors import Actor
from mla.accounts.models import Membership, Role, User
from mla.core import clock
from mla.reference.models import Authority
from tests.factories import Line, officer
from tests.lifecycle.acting import codes_of, fresh, nothing_changed, state_of
from tests.lifecycle.conftest import World
from workflows.drafting.letterfile import letter_from
from workflows.drafting.services import letter_freeze, letter_open_next, letter_save
from workflows.engine.errors import ActNotPossible, ConditionsNotMet, VersionChanged
from workflows.engine.perform import available_acts
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course


def with_hat(person: Actor, role: Role, authority: Authority) -> Actor:
    """Return the same person under another hat: re-assigned, or with two at once."""
    user = User.objects.get(pk=person.user_id)
    Membership.objects.get_or_create(user=user, authority=authority, role=role, starts_at=clock.now())
    return Actor.user(user, authority=authority, role=role)


def changed(case: OutgoingRequest, by: Actor, title: str) -> None:
    version = case.letter.versions.order_by("-number")[0]
    letter_save(letter=case.letter, content=letter_from(version.content | {"title": title}), by=by)


def approve(case: OutgoingRequest, by: Actor, **data: Any) -> OutgoingRequest:
    given = {"content_hash": Line.hash_of(case), "rights_screened": True} | data
    return chain.outgoing_approve(outgoing=case, by=by, **given)


class TestApprover:
    def test_originator_who_wrote_the_letter_never_approves_it_after_re_assignment(self, world: World) -> None:
        case = world.outgoing("in_review")
        moved = with_hat(world.line.prosecutor, Role.SUPERVISOR, case.central)
        before = state_of(case)
        with pytest.raises(ConditionsNotMet) as refused:
            approve(case, moved)
        assert codes_of(refused) == ["own_letter"]
        assert nothing_changed(case, before)
        acts = {act.name: act.reasons for act in available_acts(case, moved)}
        assert [reason.code for reason in acts["approve"]] == ["own_letter"]
        assert "approve" not in {act.name for act in available_acts(case, world.line.desk)}
        assert approve(case, world.line.supervisor).approved_by_id == world.line.supervisor.user_id

    def test_writer_of_an_earlier_version_does_not_approve_a_later_one(self, world: World) -> None:
        line = world.line
        case = chain.outgoing_return_for_changes(
            outgoing=world.outgoing("in_review"), by=line.supervisor, comments=[("title", "say which account")]
        )
        writer = officer(Role.DESK_OFFICER, line.letter.requesting.authority or "", 7)
        changed(case, writer, "Subscriber information of one account")
        chain.outgoing_submit(outgoing=case, by=line.desk)
        chain.outgoing_return_for_changes(outgoing=case, by=line.supervisor, comments=[("title", "once more")])
        changed(case, line.desk, "Subscriber information")
        case = chain.outgoing_submit(outgoing=case, by=line.desk)
        assert case.letter.versions.count() == 3
        for author in (writer, line.desk, line.prosecutor):
            with pytest.raises(ConditionsNotMet) as refused:
                approve(case, with_hat(author, Role.SUPERVISOR, case.central))
            assert codes_of(refused) == ["own_letter"]
        assert approve(case, line.supervisor).status == "approved"

    def test_who_submitted_a_letter_does_not_approve_it(self, world: World) -> None:
        clerk = officer(Role.DESK_OFFICER, world.line.letter.requesting.authority or "", 8)
        case = chain.outgoing_submit(outgoing=world.outgoing("taken_in"), by=clerk)
        with pytest.raises(ConditionsNotMet) as refused:
            approve(case, with_hat(clerk, Role.SUPERVISOR, case.central))
        assert codes_of(refused) == ["own_letter"]


class TestBinding:
    def test_page_that_is_no_longer_true_approves_nothing(self, world: World) -> None:
        line = world.line
        seen = world.outgoing("in_review")
        old_hash = line.hash_of(seen)
        case = chain.outgoing_return_for_changes(outgoing=seen, by=line.supervisor, comments=[("title", "shorter")])
        changed(case, line.desk, "Another title")
        case = chain.outgoing_submit(outgoing=case, by=line.desk)
        before = state_of(case)
        with pytest.raises(VersionChanged, match=f"you saw version {seen.version}, now it is {case.version}"):
            approve(seen, line.supervisor, content_hash=old_hash, expected_version=seen.version)
        with pytest.raises(ConditionsNotMet) as refused:
            approve(seen, line.supervisor, content_hash=old_hash)
        assert codes_of(refused) == ["content_changed"]
        assert nothing_changed(case, before)

    def test_letter_edited_after_its_approval_is_not_sent_before_another_one(self, world: World) -> None:
        line, case = world.line, world.outgoing("ready")
        chain.outgoing_revise(outgoing=case, by=line.desk, reason="a date")
        changed(case, line.desk, "Another title")
        with pytest.raises(ActNotPossible):
            course.outgoing_send(outgoing=case, by=line.registry, channel="local")
        case = chain.outgoing_submit(outgoing=case, by=line.desk)
        with pytest.raises(ActNotPossible):
            course.outgoing_send(outgoing=case, by=line.registry, channel="local")
        again = approve(case, line.supervisor)
        with pytest.raises(ConditionsNotMet) as refused:
            course.outgoing_send(outgoing=again, by=line.registry, channel="local")
        assert codes_of(refused) == ["no_document"]
        with pytest.raises(ConditionsNotMet) as refused:
            course.outgoing_attach_document(outgoing=again, sha256="a" * 64, content_hash=case.approved_hash)
        assert codes_of(refused) == ["other_content"]
        course.outgoing_attach_document(outgoing=again, sha256="a" * 64, content_hash=again.approved_hash)
        sent = course.outgoing_send(outgoing=again, by=line.registry, channel="local")
        assert (sent.status, sent.approved_hash) == ("sent", line.hash_of(sent))

    @pytest.mark.parametrize("frozen", [False, True], ids=["open", "frozen"])
    def test_version_opened_behind_the_approval_voids_it(self, world: World, frozen: bool) -> None:
        line, case = world.line, world.outgoing("ready")
        letter_open_next(letter=case.letter, by=line.desk)
        changed(case, line.desk, "Another title")
        if frozen:
            letter_freeze(letter=case.letter, by=line.desk)
        before = state_of(case)
        with pytest.raises(ConditionsNotMet) as refused:
            course.outgoing_send(outgoing=case, by=line.registry, channel="local")
        assert codes_of(refused) == ["approval_void"]
        with pytest.raises(ConditionsNotMet) as refused:
            course.outgoing_attach_document(outgoing=case, sha256="a" * 64, content_hash=case.approved_hash)
        assert codes_of(refused) == ["approval_void"]
        assert nothing_changed(case, before)

    def test_next_version_with_the_same_words_is_still_another_version(self, world: World) -> None:
        line, case = world.line, world.outgoing("ready")
        letter_open_next(letter=case.letter, by=line.desk)
        letter_freeze(letter=case.letter, by=line.desk)
        assert line.hash_of(case) == case.approved_hash
        with pytest.raises(ConditionsNotMet) as refused:
            course.outgoing_send(outgoing=case, by=line.registry, channel="local")
        assert codes_of(refused) == ["approval_void"]


def test_gaps_of_the_letter_stop_it_with_question_and_article(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from mla.core.reasons import Finding

    gap = Finding("gap", "penalty_missing", "offences[0].maximum_penalty", "CETS-185", "27", "state the penalty")
    warning = Finding("warning", "narrow_it", "items[0].period", "", "", "a long period")
    monkeypatch.setattr("workflows.drafting.selectors.version_findings", lambda version: [gap, warning])
    for state, act in (
        ("drafted", lambda case: chain.outgoing_lodge(outgoing=case, by=world.line.prosecutor)),
        ("in_review", lambda case: approve(case, world.line.supervisor)),
    ):
        case = world.made(state)
        with pytest.raises(ConditionsNotMet) as refused:
            act(case)
        assert [(reason.code, reason.field, reason.article) for reason in refused.value.reasons] == [
            ("penalty_missing", "offences[0].maximum_penalty", "CETS-185 27")
        ]
        assert fresh(case).version == case.version


def test_items_are_those_of_the_letter_that_was_sent(world: World) -> None:
    line, case = world.line, world.outgoing("ready")
    assert not case.items.exists()
    keys = [item["id"] for item in case.approved_version.content["items"]]  # type: ignore[union-attr]
    sent = course.outgoing_send(outgoing=case, by=line.registry, channel="paper")
    assert [(item.key, item.status) for item in sent.items.order_by("id")] == [(key, "requested") for key in keys]
