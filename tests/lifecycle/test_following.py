"""A supplement and an amendment of a letter that was sent: linked, cited, with the difference printed on both sides."""

from __future__ import annotations

from uuid import uuid4

import pytest

from mla.accounts.access import AccessDenied
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from tests.factories import Line, officer
from workflows.documents.preview import letter_page
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models_reuse import CopiedPart, LetterLink
from workflows.drafting.services import letter_save
from workflows.engine.errors import ActForbidden, ConditionsNotMet
from workflows.lifecycle.models import IncomingLink, OutgoingRequest
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.outgoing_reuse import outgoing_follow

pytestmark = pytest.mark.django_db


class FollowingLine(Line):
    """A line whose next letter follows one that was sent."""

    def followed(self, kind: str, earlier: OutgoingRequest) -> OutgoingRequest:
        later = outgoing_follow(earlier=earlier, kind=kind, by=self.prosecutor)
        content = dict(later.letter.present().content)
        # Time limits that lie before the letter are gaps, told to the drafter; here the day is that of the first letter.
        content["date"] = earlier.letter.present().content["date"]
        content["title"] = f"{content['title']}, once more"
        content["facts"] = [
            *content["facts"],
            {"date": "2026-06-20", "text": "A second host was found.", "source": "Report"},
        ]
        letter_save(letter=later.letter, content=letter_from(content), by=self.prosecutor)
        return later

    def follow_sent(self, later: OutgoingRequest) -> OutgoingRequest:
        from mla.core.files import file_store

        lodged = chain.outgoing_lodge(outgoing=later, by=self.prosecutor)
        taken = chain.outgoing_take_in(outgoing=lodged, by=self.desk)
        submitted = chain.outgoing_submit(outgoing=taken, by=self.desk)
        approved = chain.outgoing_approve(
            outgoing=submitted, by=self.supervisor, content_hash=self.hash_of(submitted), rights_screened=True
        )
        stored = file_store(b"%PDF-1.7 " + approved.approved_hash.encode())
        ready = course.outgoing_attach_document(
            outgoing=approved, sha256=stored.sha256, content_hash=approved.approved_hash
        )
        return course.outgoing_send(outgoing=ready, by=self.registry, channel="local")


@pytest.mark.parametrize(("kind", "relation"), [("supplement", "supplements"), ("amendment", "amends")])
def test_letter_follows_the_one_that_was_sent_to_the_other_side(kind: str, relation: str) -> None:
    line = FollowingLine()
    earlier = line.sent()
    theirs = line.arrived(earlier)
    later = line.followed(kind, earlier)

    link = LetterLink.objects.get(letter=later.letter)
    sent = earlier.approved_version
    assert sent is not None
    assert (link.kind, link.earlier, link.earlier_version, link.content_hash) == (
        kind, earlier.letter, sent, earlier.approved_hash,
    )  # fmt: skip
    assert link.reference == earlier.reference
    entry = AuditEntry.objects.get(act="letter.create", object_id=str(later.letter.public_id))
    assert entry.detail["earlier"] == str(earlier.public_id)
    content = later.letter.present().content
    assert content["related"][0] | {"authority": ""} == {
        "kind": relation, "reference": earlier.reference, "date": sent.content["date"], "authority": "",
        "sha256": earlier.approved_hash,
    }  # fmt: skip
    assert later.letter.present().annexes.count() == sent.annexes.count()
    assert later.letter.present().waivers.count() == 0
    assert CopiedPart.objects.filter(letter=later.letter, part="offences", checked_at=None).exists()

    page = letter_page(later, later.letter.present())
    assert earlier.reference in page
    assert "A second host was found." in page
    assert ("instead of" in page) == (kind == "amendment")

    arrived = line.arrived(line.follow_sent(later))
    assert IncomingLink.objects.get(incoming=arrived).earlier == theirs
    assert IncomingLink.objects.get(incoming=arrived).kind == relation
    received = arrived.content
    assert received["related"][0]["sha256"] == theirs.content_hash
    frozen = OutgoingRequest.objects.get(pk=later.pk).letter.present().frozen_content
    assert frozen is not None
    assert [change["path"] for change in frozen["difference"]["changes"]] == [
        "title",
        f"facts[{len(content['facts']) - 1}]",
    ]


def test_citation_stays_where_a_drafter_takes_it_out() -> None:
    line = FollowingLine()
    earlier = line.sent()
    later = line.followed("supplement", earlier)
    content = {k: v for k, v in later.letter.present().content.items() if k != "related"}
    letter_save(letter=later.letter, content=letter_from(content), by=line.prosecutor)
    assert earlier.approved_hash[:8] in letter_page(later, later.letter.present()).replace(" ", "")


def test_what_is_not_sent_not_read_or_not_to_be_drafted_is_not_followed() -> None:
    line = Line()
    draft, sent = line.drafted(), line.sent()
    with pytest.raises(ConditionsNotMet) as unmet:
        outgoing_follow(earlier=draft, kind="supplement", by=line.prosecutor)
    assert [reason.code for reason in unmet.value.reasons] == ["not_sent"]
    with pytest.raises(ConditionsNotMet) as unmet:
        outgoing_follow(earlier=sent, kind="follow_up", by=line.prosecutor)
    assert [reason.code for reason in unmet.value.reasons] == ["no_such_kind"]
    with pytest.raises(ActForbidden):
        outgoing_follow(earlier=sent, kind="supplement", by=line.registry)
    with pytest.raises(AccessDenied):
        outgoing_follow(earlier=sent, kind="supplement", by=line.their_desk)
    assert LetterLink.objects.count() == 0


def test_restricted_letter_makes_a_restricted_one_for_its_named_officers_alone() -> None:
    line = Line()
    sent = line.sent()
    type(sent.letter).objects.filter(pk=sent.letter_id).update(confidentiality="restricted")
    sent.refresh_from_db()
    with pytest.raises(AccessDenied):
        outgoing_follow(earlier=sent, kind="supplement", by=officer(Role.DESK_OFFICER, sent.central.code, 2))


def test_the_same_form_makes_one_letter() -> None:
    from django.db import IntegrityError, transaction

    line = Line()
    sent, key = line.sent(), uuid4()
    outgoing_follow(earlier=sent, kind="supplement", by=line.prosecutor, letter_id=key)
    with pytest.raises(IntegrityError), transaction.atomic():
        outgoing_follow(earlier=sent, kind="supplement", by=line.prosecutor, letter_id=key)
    assert LetterLink.objects.count() == 1


def test_particulars_under_seal_do_not_come_along() -> None:
    witness = {
        "id": "P9",
        "role": "witness",
        "name": "Ingrid Testperson",
        "address": "Example Street 9",
        "protected": True,
    }
    content = Line().letter.content()
    line = Line(letter=letter_from(content | {"persons": [*content["persons"], witness]}))
    sent = line.sent()
    later = outgoing_follow(earlier=sent, kind="supplement", by=line.prosecutor)
    followed = later.letter.present().content
    assert followed["persons"][-1]["id"] == "P9" and followed["persons"][-1]["protected"]
    assert "Example Street 9" not in letter_page(later, later.letter.present())
    assert "Ingrid Testperson" not in str(followed)
