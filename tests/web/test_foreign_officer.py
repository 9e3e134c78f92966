"""An officer of the other State: only what was sent to that State, and of it only what was sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.reference.models import Authority, Jurisdiction
from tests.factories import Line, drain, example_letter, officer
from workflows.drafting.models import LetterOfRequest
from workflows.drafting.services import comment_add
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.shared import shared_outgoing

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]


def foreign(line: Line) -> Actor:
    return officer(Role.FOREIGN_OFFICER, line.letter.requested.authority or "")


def test_request_appears_to_its_state_when_it_is_sent_and_not_before(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.ready()
    client = at_desk(foreign(line))
    assert client.get(f"/shared/{outgoing.public_id}/").status_code == 404
    assert "No request was sent to your State" in client.get("/shared/").content.decode()
    state = line.letter.requested
    for path in ("/", "/shared/"):
        page = client.get(path).content.decode()
        assert "You read for" in page and Authority.objects.get(code=state.authority).name in page, path
        assert f"any authority of {Jurisdiction.objects.get(code=state.jurisdiction)}" in page
    from workflows.lifecycle.services import outgoing_course as course

    outgoing = course.outgoing_send(outgoing=outgoing, by=line.registry, channel="local")
    assert outgoing.reference in client.get("/shared/").content.decode()
    page = client.get(f"/shared/{outgoing.public_id}/").content.decode()
    assert outgoing.document_sha256 in page and outgoing.letter.title in page


def test_other_state_sees_nothing_of_a_request_between_two_others(at_desk: AtDesk) -> None:
    outgoing = Line().sent()
    third = foreign(Line(letter=example_letter(2)))
    if (
        outgoing.addressee
        and outgoing.addressee.jurisdiction.code == Line(letter=example_letter(2)).letter.requested.jurisdiction
    ):
        third = foreign(Line(letter=example_letter(3)))
    client = at_desk(third)
    assert not shared_outgoing(third).exists()
    assert client.get(f"/shared/{outgoing.public_id}/").status_code == 404
    assert outgoing.reference not in client.get("/shared/").content.decode()


@pytest.mark.parametrize("role", sorted(set(Role.values) - {Role.FOREIGN_OFFICER, Role.TIMER}))
def test_nobody_else_has_the_shared_pages(at_desk: AtDesk, role: str) -> None:
    line = Line()
    outgoing = line.sent()
    person = officer(role, line.letter.requested.authority or "")
    assert not shared_outgoing(person).exists()
    assert at_desk(person).get(f"/shared/{outgoing.public_id}/").status_code == 404


def test_foreign_officer_has_no_other_page_of_the_case(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.sent()
    incoming = line.arrived(outgoing)
    client = at_desk(foreign(line))
    paths = [f"/out/{outgoing.public_id}/", f"/in/{incoming.public_id}/", "/out/", "/in/", "/out/export.csv"]
    assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 404)
    found = client.get("/search", {"q": outgoing.reference}).content.decode()
    assert "Nothing that you may see was found" in found


def test_drafts_comments_internal_questions_and_names_of_our_people_stay_ours(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.taken_in()
    comment_add(letter=outgoing.letter, by=line.desk, text="Comment of ours alone", question="")
    outgoing = chain.outgoing_query_originator(outgoing=outgoing, by=line.desk, question="Internal question of ours")
    outgoing = chain.outgoing_answer_query(outgoing=outgoing, by=line.prosecutor, answer="Internal answer of ours")
    outgoing = chain.outgoing_submit(outgoing=outgoing, by=line.desk)
    outgoing = chain.outgoing_approve(
        outgoing=outgoing, by=line.supervisor, content_hash=line.hash_of(outgoing), rights_screened=True
    )
    from mla.core.files import file_store
    from workflows.lifecycle.services import outgoing_course as course

    stored = file_store(b"%PDF-1.7 " + outgoing.approved_hash.encode())
    outgoing = course.outgoing_attach_document(
        outgoing=outgoing, sha256=stored.sha256, content_hash=outgoing.approved_hash
    )
    outgoing = course.outgoing_send(outgoing=outgoing, by=line.registry, channel="local")
    drain()
    # The title in our file is changed after the sending; what was sent keeps its own.
    LetterOfRequest.objects.filter(pk=outgoing.letter_id).update(title="Changed in our file since")
    page = at_desk(foreign(line)).get(f"/shared/{outgoing.public_id}/").content.decode().split("<main")[1]
    for kept in ("Comment of ours", "Internal question", "Internal answer", "Changed in our file", "supervisor 1"):
        assert kept not in page, kept
    assert "desk_officer" not in page and "originator_drafter" not in page


def test_restricted_request_is_not_shown_to_a_foreign_officer(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.sent()
    person = foreign(line)
    assert shared_outgoing(person).exists()
    LetterOfRequest.objects.filter(pk=outgoing.letter_id).update(confidentiality="restricted")
    assert not shared_outgoing(person).exists()
    assert at_desk(person).get(f"/shared/{outgoing.public_id}/").status_code == 404


def test_shared_page_takes_a_fixed_number_of_queries(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.sent()
    client = at_desk(foreign(line))
    for path in ("/shared/", f"/shared/{outgoing.public_id}/"):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        assert len(seen) <= 12, len(seen)
