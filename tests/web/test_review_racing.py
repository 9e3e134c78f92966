"""Two supervisors press at one moment, each on a connection of its own: one wins, the other is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from tests.engine.racing import at_once
from tests.factories import Line, officer
from tests.web.conftest import signed_in
from workflows.lifecycle.models import OutgoingRequest

pytestmark = pytest.mark.django_db(transaction=True)


def two_at_once(
    first: tuple[str, dict[str, Any]], second: tuple[str, dict[str, Any]]
) -> tuple[OutgoingRequest, list[Any]]:
    """Let two supervisors do two acts on one letter in review; return the case afterwards and both answers."""
    line = Line()
    outgoing = line.in_review()
    others = officer(Role.SUPERVISOR, line.letter.requesting.authority or "", 2)
    seen = {"expected_version": outgoing.version, "content_hash": line.hash_of(outgoing)}

    def press(client: Any, act: str, data: dict[str, Any]) -> Callable[[], Any]:
        return lambda: client.post(f"/out/{outgoing.public_id}/do/{act}", seen | data)

    answers = at_once(press(signed_in(line.supervisor), *first), press(signed_in(others), *second))
    return OutgoingRequest.objects.get(pk=outgoing.pk), answers


def done_on(outgoing: OutgoingRequest, *acts: str) -> int:
    return AuditEntry.objects.filter(
        object_type="outgoing",
        object_id=str(outgoing.public_id),
        outcome="done",
        act__in=[f"outgoing.{a}" for a in acts],
    ).count()


def test_of_two_approvals_at_once_one_counts_and_the_other_is_told() -> None:
    approval = ("approve", {"rights_screened": "on"})
    outgoing, answers = two_at_once(approval, approval)
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    told = next(answer for answer in answers if answer.status_code == 422).content.decode()
    assert "changed meanwhile" in told
    assert outgoing.status == "approved"
    assert done_on(outgoing, "approve") == 1


def test_of_approval_and_return_at_once_one_counts_and_words_are_kept() -> None:
    outgoing, answers = two_at_once(
        ("approve", {"rights_screened": "on"}), ("return_for_changes", {"general": "The period is too long"})
    )
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    assert done_on(outgoing, "approve", "return_for_changes") == 1
    assert outgoing.status == ("approved" if answers[0].status_code == 302 else "drafting")
    if answers[1].status_code == 422:
        assert "The period is too long" in answers[1].content.decode()
