"""The same request once more: sent again after it came back, sent to the competent authority, taken up again."""

from __future__ import annotations

from typing import Any

import pytest

from mla.accounts.access import AccessDenied
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from tests.factories import drain, officer
from tests.invariants import assert_invariants
from tests.lifecycle.acting import fresh, state_of
from tests.lifecycle.conftest import World
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models import LetterEditor
from workflows.drafting.models_reuse import CopiedPart, LetterLink
from workflows.drafting.services import letter_save
from workflows.engine.errors import ActForbidden, ConditionsNotMet
from workflows.lifecycle.links import linked_cases
from workflows.lifecycle.models import IncomingLink, OutgoingRequest
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.again import outgoing_reopen, outgoing_resubmit, outgoing_send_on


def row_of(case: OutgoingRequest) -> dict[str, Any]:
    return OutgoingRequest.objects.filter(pk=case.pk).values().get()


def refused(code: str, act: Any, **data: Any) -> None:
    with pytest.raises(ConditionsNotMet) as unmet:
        act(**data)
    assert code in [reason.code for reason in unmet.value.reasons]


def sent_on_to_the_other_side(world: World, case: OutgoingRequest) -> OutgoingRequest:
    """Approve and send a letter that lies with the central authority's desk."""
    from mla.core.files import file_store

    line = world.line
    submitted = chain.outgoing_submit(outgoing=case, by=line.desk)
    version = submitted.letter.present()
    approved = chain.outgoing_approve(
        outgoing=submitted, by=line.supervisor, content_hash=version.content_hash, rights_screened=True
    )
    stored = file_store(b"%PDF-1.7 " + approved.approved_hash.encode())
    ready = course.outgoing_attach_document(
        outgoing=approved, sha256=stored.sha256, content_hash=approved.approved_hash
    )
    done = course.outgoing_send(outgoing=ready, by=line.registry, channel="local")
    drain()
    return done


def test_request_that_came_back_is_sent_again_in_its_place(world: World, arrived: None) -> None:
    line, sent = world.line, world.outgoing("sent")
    refused("other_outcome", outgoing_resubmit, earlier=sent, by=line.prosecutor)
    earlier = world.outgoing("returned")
    assert list(earlier.defect_set.values_list("number", "place", "text", "article")) == [
        (1, "offences[0]", "From when to when?", "Art. 27"),
        (2, "", "No copy of the law", ""),
    ]
    before = row_of(earlier)
    for by in (line.registry, line.their_desk):
        with pytest.raises((ActForbidden, AccessDenied)):
            outgoing_resubmit(earlier=earlier, by=by)
    refused("other_outcome", outgoing_send_on, earlier=earlier, by=line.prosecutor)

    later = outgoing_resubmit(earlier=earlier, by=line.prosecutor)
    assert outgoing_resubmit(earlier=earlier, by=line.prosecutor).pk == later.pk
    assert row_of(earlier) == before
    link = LetterLink.objects.get(letter=later.letter)
    assert (link.kind, link.earlier, link.reference) == ("resubmission", earlier.letter, earlier.reference)
    content = later.letter.present().content
    assert (content["related"][0]["kind"], content["related"][0]["sha256"]) == ("resubmits", earlier.approved_hash)
    assert "rights" not in content
    assert CopiedPart.objects.filter(letter=later.letter, part="offences", checked_at=None).exists()
    assert [str(one.words) for one in linked_cases(earlier, line.prosecutor)] == ["came back and is sent again as"]
    # The sender of the first letter is asked for the day of the first: time limits are seen from there.
    letter_save(
        letter=later.letter,
        content=letter_from(content | {"date": earlier.letter.present().content["date"]}),
        by=line.prosecutor,
    )
    lodged = chain.outgoing_lodge(outgoing=later, by=line.prosecutor)
    again = sent_on_to_the_other_side(world, chain.outgoing_take_in(outgoing=lodged, by=line.desk))
    found = IncomingLink.objects.get(incoming__conversation_id=again.conversation_id)
    assert (found.kind, found.earlier.conversation_id) == ("resubmits", earlier.conversation_id)
    assert_invariants()


def test_request_that_went_on_is_sent_to_the_competent_authority(world: World) -> None:
    line = world.line
    refused("other_outcome", outgoing_send_on, earlier=world.outgoing("sent"), by=line.prosecutor)
    earlier = world.outgoing("redirected")
    later = outgoing_send_on(earlier=earlier, by=line.desk)
    content = later.letter.present().content
    assert content["requested"]["authority"] == line.executing_authority.code
    assert content["related"][0]["kind"] == "redirected"
    assert LetterLink.objects.get(letter=later.letter).kind == "redirection"

    OutgoingRequest.objects.filter(pk=earlier.pk).update(redirected_to=None)
    unknown = outgoing_send_on(earlier=fresh(earlier), by=line.prosecutor)
    assert unknown.pk != later.pk
    assert "authority" not in unknown.letter.present().content["requested"]


def test_closed_case_is_taken_up_again_as_a_new_one(world: World, arrived: None) -> None:
    line, sent = world.line, world.outgoing("sent")
    refused("not_closed", outgoing_reopen, earlier=sent, by=line.supervisor, reason="new facts")
    earlier = world.outgoing("closed")
    before, at = row_of(earlier), state_of(earlier)
    refused("reason_missing", outgoing_reopen, earlier=earlier, by=line.supervisor, reason=" ")
    for by in (
        line.desk,
        line.prosecutor,
        line.their_supervisor,
        officer(Role.SUPERVISOR, line.executing_authority.code),
    ):
        with pytest.raises(ActForbidden):
            outgoing_reopen(earlier=earlier, by=by, reason="new facts")
    assert state_of(earlier) == at

    later = outgoing_reopen(earlier=earlier, by=line.supervisor, reason="A second account was found.")
    assert outgoing_reopen(earlier=earlier, by=line.supervisor, reason="Again.").pk == later.pk
    assert row_of(earlier) == before
    assert (later.status, later.authority, later.originating) == ("drafting", earlier.central, earlier.originating)
    assert later.reference
    assert later.reference != earlier.reference
    link = LetterLink.objects.get(letter=later.letter)
    assert (link.kind, link.reason) == ("reopening", "A second account was found.")
    entry = AuditEntry.objects.get(act="outgoing.reopen", object_id=str(later.public_id))
    assert (entry.reason, entry.detail["earlier"]) == ("A second account was found.", str(earlier.public_id))
    version = later.letter.present()
    assert not LetterEditor.objects.filter(version=version).exists()
    assert version.content["related"][0]["kind"] == "reopens"

    # It is drafted and approved as any other; who took it up again wrote nothing of it.
    dated = version.content | {"date": earlier.letter.present().content["date"]}
    letter_save(letter=later.letter, content=letter_from(dated), by=line.desk)
    again = sent_on_to_the_other_side(world, later)
    found = IncomingLink.objects.get(incoming__conversation_id=again.conversation_id)
    assert (found.kind, found.earlier.conversation_id) == ("reopens", earlier.conversation_id)
    assert_invariants()


def test_case_that_was_never_sent_is_taken_up_again_without_being_named_abroad(world: World) -> None:
    line = world.line
    given_up = chain.outgoing_give_up(outgoing=world.outgoing("taken_in"), by=line.supervisor, reason="no need")
    later = outgoing_reopen(earlier=given_up, by=line.supervisor, reason="needed after all")
    assert not [one for one in later.letter.present().content.get("related", []) if one["kind"] == "reopens"]
    returned = chain.outgoing_return_to_originator(outgoing=later, by=line.desk, reason="Is it as it was?")
    assert returned.authority == later.originating
