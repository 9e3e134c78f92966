"""Two people at one link, each on a connection of its own; and our side that ends the link or the case meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mla.core.ids import uuid7
from tests.engine.racing import at_once, committed, overlapping
from tests.exchange.test_by_link import OFFICER, Abroad
from tests.factories import drain
from tests.invariants import assert_invariants
from workflows.engine.errors import ActRefused
from workflows.exchange.by_link import link_say
from workflows.exchange.models import Message
from workflows.lifecycle.link_secrets import link_code, link_token
from workflows.lifecycle.models.officer_links import MOST_MISSES
from workflows.lifecycle.selectors_links import link_by_token
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.officer_links import officer_link_enter, officer_link_revoke

__all__ = ["committed"]


@pytest.fixture(autouse=True)
def whole(committed: None) -> Iterator[None]:
    yield
    drain()
    assert_invariants()


def saying(abroad: Abroad, said: str, body: dict[str, Any], message_id: Any = None) -> Callable[[], Message]:
    # Each reads the link anew, as a page does.
    return lambda: link_say(
        link=link_by_token(link_token(abroad.link)),
        officer=OFFICER,
        said=said,
        body=body,
        message_id=message_id or uuid7(),
    )


def asking(abroad: Abroad, question: str) -> Callable[[], Message]:
    return saying(abroad, "information_asked", {"point": str(uuid7()), "question": question, "due": None})


def heard(abroad: Abroad) -> Any:
    return Message.objects.filter(conversation_id=abroad.case.conversation_id, direction="in")


def test_two_who_speak_at_once_are_both_heard_one_after_the_other() -> None:
    abroad = Abroad()
    said = at_once(asking(abroad, "Which port?"), asking(abroad, "Which day?"))
    assert all(isinstance(one, Message) for one in said), said
    log = heard(abroad).order_by("seq")
    assert [one.seq for one in log] == [1, 2] and log[1].prev_hash == log[0].hash
    assert abroad.case.openpoint_set.count() == 2


def test_one_page_sent_twice_at_once_is_said_once() -> None:
    abroad = Abroad()
    twice = saying(abroad, "acknowledgement", {"reference": "IS-117", "contact": ""}, uuid7())
    first, second = at_once(twice, twice)
    assert isinstance(first, Message) and first == second
    assert heard(abroad).count() == 1


def test_what_is_said_while_the_link_is_revoked_is_whole_or_not_there() -> None:
    abroad = Abroad()
    revoked, refused = overlapping(
        lambda: officer_link_revoke(link=abroad.link, by=abroad.line.registry), asking(abroad, "Which port?")
    )
    assert revoked.status == "revoked" and isinstance(refused, ActRefused)
    assert not abroad.case.openpoint_set.exists()


def test_answer_to_a_request_that_was_ended_meanwhile_is_told_why() -> None:
    abroad = Abroad()
    refusal = {"ground": "political_offence", "article": "1", "reason": "See there.", "consulted": False}
    ended, late = overlapping(
        lambda: course.outgoing_note_refusal(
            outgoing=abroad.case, by=abroad.line.registry, ground="political_offence", article="1", reason="by post",
            proof=course.Proof(name="letter.pdf", media_type="application/pdf", content=b"refused", note="by post"),
        ),
        saying(abroad, "refusal", refusal),
    )  # fmt: skip
    assert ended.outcome == "refused" and isinstance(late, ActRefused) and late.reasons[0].message
    assert not heard(abroad).exists()


def test_codes_tried_at_once_are_all_counted() -> None:
    abroad = Abroad()

    def trying() -> Any:
        return officer_link_enter(link=link_by_token(link_token(abroad.link)), officer=OFFICER, code="1")

    at_once(*[trying] * (MOST_MISSES + 3))
    link = link_by_token(link_token(abroad.link))
    assert (link.status, link.misses) == ("locked", MOST_MISSES)
    right = at_once(lambda: officer_link_enter(link=link, officer=OFFICER, code=link_code(link)))
    assert isinstance(right[0], Exception)
