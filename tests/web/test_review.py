"""The review: four eyes, the hash of what was read, comments on paragraphs, the queue and its order."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from tests.factories import Line, example_letter, officer
from tests.web.test_lists import copies
from workflows.drafting.models import Comment
from workflows.drafting.selectors import version_findings
from workflows.drafting.services import comment_add, finding_waive, letter_save
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.tracking.queues import intake_queue, review_queue

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]


def body(answer: Any) -> str:
    return str(answer.content.decode())


def do(client: Client, outgoing: OutgoingRequest, act: str, **data: Any) -> Any:
    return client.post(f"/out/{outgoing.public_id}/do/{act}", data)


def approve_address(page: str) -> str:
    found = re.search(r'href="([^"]*/do/approve\?[^"]*)"', page)
    assert found, "no button to approve"
    return found[1].replace("&amp;", "&")


def hidden(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    assert found, name
    return found[1]


def test_supervisor_reads_and_approves_the_version_on_the_page(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.in_review()
    client = at_desk(line.supervisor)
    page = body(client.get(f"/out/{outgoing.public_id}/review/"))
    assert 'id="l-p1"' in page
    assert "Approve version 1" in page
    assert "Rights screen" in page
    asked = client.get(approve_address(page))
    assert line.hash_of(outgoing) in body(asked)
    shown = {"content_hash": hidden(body(asked), "content_hash"), "expected_version": outgoing.version}
    refused = do(client, outgoing, "approve", **shown)
    assert refused.status_code == 422
    assert "confirm the rights screen" in body(refused)
    done = do(client, outgoing, "approve", rights_screened="on", **shown)
    assert done.status_code == 302
    outgoing.refresh_from_db()
    assert outgoing.status == "approved"
    assert outgoing.approved_hash == line.hash_of(outgoing)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", "The fixed wording of letters in French has not been confirmed by a lawyer."),
        ("lv", "There is no fixed wording of letters in Latvian: headings and fixed sentences will be in English."),
    ],
)
def test_approver_is_told_of_fixed_wording_that_is_not_confirmed_or_english(
    at_desk: AtDesk, language: str, words: str
) -> None:
    line = Line(example_letter(2).model_copy(update={"language": language}))
    outgoing = line.in_review()
    page = body(at_desk(line.supervisor).get(f"/out/{outgoing.public_id}/review/"))
    assert words in page


def test_approver_reads_of_each_warning_set_aside_what_it_says_and_why(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.drafted()
    findings = version_findings(outgoing.letter.versions.get())
    warning = next(one for one in findings if one.severity == "warning")
    said = {"code": warning.code, "question": warning.question, "reason": "Agreed by telephone with their desk."}
    finding_waive(letter=outgoing.letter, by=line.prosecutor, **said)
    chain.outgoing_take_in(outgoing=chain.outgoing_lodge(outgoing=outgoing, by=line.prosecutor), by=line.desk)
    outgoing.refresh_from_db()
    chain.outgoing_submit(outgoing=outgoing, by=line.desk)

    page = body(at_desk(line.supervisor).get(f"/out/{outgoing.public_id}/review/"))
    told = re.search(r'<div class="waiver">.*?</div>', page, re.S)
    assert told, "no warning is told as set aside"
    assert escape(str(warning.message)) in told[0], "in words, not by its code"
    assert "Agreed by telephone with their desk." in told[0]
    assert "no longer found" not in told[0]


def test_who_wrote_on_the_letter_is_told_in_the_queue_and_cannot_approve(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.taken_in()
    chain.outgoing_submit(outgoing=outgoing, by=line.desk)
    # The person who submitted it is now a supervisor too.
    from mla.accounts.models import Membership, User
    from mla.core import clock
    from mla.reference.models import Authority

    user = User.objects.get(pk=line.desk.user_id)
    authority = Authority.objects.get(pk=line.desk.authority_id)
    Membership.objects.create(user=user, authority=authority, role=Role.SUPERVISOR, starts_at=clock.now())
    own = Actor.user(user, authority=authority, role=Role.SUPERVISOR)
    client = at_desk(own)
    assert "another supervisor approves it" in body(client.get("/review/"))
    page = body(client.get(f"/out/{outgoing.public_id}/review/"))
    assert "another person approves it" in page
    assert not re.search(r'href="[^"]*/do/approve', page)
    answer = do(client, outgoing, "approve", content_hash=line.hash_of(outgoing), rights_screened="on")
    assert answer.status_code == 422
    assert OutgoingRequest.objects.get(pk=outgoing.pk).status == "in_review"
    assert "another supervisor approves it" not in body(at_desk(line.supervisor).get("/review/"))


def test_old_page_approves_nothing_and_is_told(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.in_review()
    client = at_desk(line.supervisor)
    old = approve_address(body(client.get(f"/out/{outgoing.public_id}/review/")))
    old_hash = line.hash_of(outgoing)
    chain.outgoing_return_for_changes(
        outgoing=outgoing,
        by=officer(Role.SUPERVISOR, line.letter.requesting.authority or "", 2),
        comments=[("", "shorter")],
    )
    outgoing.refresh_from_db()
    letter = outgoing.letter
    changed = line.letter.model_copy(update={"title": "Another title of the same matter"})
    from workflows.drafting.letterfile import letter_from
    from workflows.drafting.selectors import current_version

    content = {**current_version(letter).content, "title": changed.title}
    letter_save(letter=letter, content=letter_from(content), by=line.desk)
    chain.outgoing_submit(outgoing=outgoing, by=line.desk)
    outgoing.refresh_from_db()
    assert line.hash_of(outgoing) != old_hash
    assert "The version changed" in body(client.get(old))
    # Also where the number of the case's row is the present one, the hash is not.
    for number in ("", outgoing.version, 1):
        answer = do(client, outgoing, "approve", content_hash=old_hash, rights_screened="on", expected_version=number)
        assert answer.status_code == 422
        assert "The version changed" in body(answer)
        assert "confirm" not in body(answer).lower() or "checked" in body(answer)
    outgoing.refresh_from_db()
    assert outgoing.status == "in_review"


def test_return_for_changes_needs_words_and_keeps_them(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.in_review()
    client = at_desk(line.supervisor)
    refused = do(client, outgoing, "return_for_changes", general="  ", expected_version=outgoing.version)
    assert refused.status_code == 422
    late = do(client, outgoing, "return_for_changes", general="Say it shorter", expected_version=99)
    assert late.status_code == 422
    assert "Say it shorter" in body(late)
    done = do(client, outgoing, "return_for_changes", general="Say it shorter", expected_version=outgoing.version)
    assert done.status_code == 302
    outgoing.refresh_from_db()
    assert outgoing.status == "drafting"
    assert Comment.objects.get().text == "Say it shorter"
    # On the next version the reader sees what was said of the one before.
    assert "Say it shorter" in body(at_desk(line.desk).get(f"/out/{outgoing.public_id}/review/"))


def test_comment_on_a_paragraph_stands_beside_it_and_hostile_text_is_escaped(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.in_review()
    client = at_desk(line.supervisor)
    asked = body(client.get(f"/out/{outgoing.public_id}/review/?on=facts[0].text"))
    assert 'id="comment-here"' in asked
    address = f"/out/{outgoing.public_id}/letter/comment"
    said = {"number": 1, "question": "facts[0].text", "back": "review"}
    empty = client.post(address, said | {"text": "  "})
    assert empty.status_code == 422
    assert not Comment.objects.exists()
    assert client.post(address, said | {"text": "<script>alert(1)</script> which bank?"}).status_code == 302
    page = body(client.get(f"/out/{outgoing.public_id}/review/"))
    paper = page.split('class="letter-sheet')[1].split("<aside")[0]
    beside = paper.split('data-question="facts[0].text"')[1].split('<p class="para"')[0]
    assert "which bank?" in beside
    assert "<script>alert" not in page
    stranger = officer(Role.SUPERVISOR, line.letter.requested.authority or "")
    assert at_desk(stranger).post(address, said | {"text": "seen"}).status_code == 404
    assert Comment.objects.count() == 1


def test_case_of_another_authority_is_not_there(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.in_review()
    stranger = officer(Role.SUPERVISOR, line.letter.requested.authority or "")
    assert at_desk(stranger).get(f"/out/{outgoing.public_id}/review/").status_code == 404
    assert str(outgoing.public_id) not in body(at_desk(stranger).get("/review/"))
    # The originating authority has its own pages, not those of the central one.
    assert at_desk(line.prosecutor).get(f"/out/{outgoing.public_id}/review/").status_code == 404
    assert at_desk(line.supervisor).get(f"/out/{outgoing.public_id}/review/?version=7").status_code == 404
    assert at_desk(line.supervisor).get(f"/out/{outgoing.public_id}/review/?version=x").status_code == 404


def test_changes_since_the_version_before_are_marked(at_desk: AtDesk) -> None:
    from workflows.drafting.letterfile import letter_from
    from workflows.drafting.selectors import current_version

    line = Line()
    outgoing = line.in_review()
    outgoing = chain.outgoing_return_for_changes(outgoing=outgoing, by=line.supervisor, comments=[("", "more")])
    content = current_version(outgoing.letter).content
    content["facts"][0]["text"] = "Entirely " + content["facts"][0]["text"]
    letter_save(letter=outgoing.letter, content=letter_from(content), by=line.desk)
    chain.outgoing_submit(outgoing=outgoing, by=line.desk)
    page = body(at_desk(line.supervisor).get(f"/out/{outgoing.public_id}/review/"))
    assert "Changes since version 1" in page
    beside = page.split('data-question="facts[0].text"')[1].split('<p class="para"')[0]
    assert re.search(r"<ins>.*Entirely.*</ins>", beside)
    assert "[put in:]" in beside


def queue_rows(page: str) -> list[str]:
    return re.findall(r"<tr data-row>.*?</tr>", page, re.DOTALL)


def spread(number: int) -> list[OutgoingRequest]:
    """Return so many letters in review; every third is urgent."""
    found = []
    letter = example_letter()
    for index in range(number):
        level = "urgent" if index % 3 == 0 else "routine"
        urgency = letter.urgency.model_copy(update={"level": level, "reason": "A hearing.", "date": letter.date})
        line = Line(letter=letter.model_copy(update={"title": f"Matter {index}", "urgency": urgency}))
        found.append(line.in_review())
    return found


def test_queue_is_urgent_first_then_oldest_and_pages_lose_no_row(at_desk: AtDesk) -> None:
    line = Line()
    cases = spread(7)
    ordered = [case.pk for case in cases if case.urgency == "urgent"] + [
        case.pk for case in cases if case.urgency != "urgent"
    ]
    found: list[int] = []
    after = None
    for _page in range(4):
        part = review_queue(line.supervisor, after, size=2)
        found += [case.pk for case in part.rows]
        after = part.after
    assert after is None
    assert found == ordered
    rows = queue_rows(body(at_desk(line.supervisor).get("/review/")))
    assert "urgent" in rows[0]
    assert "urgent" not in rows[-1]


@pytest.mark.parametrize("address", ["/review/", "/intake/"])
def test_queue_makes_the_same_queries_for_3_and_for_60_rows(at_desk: AtDesk, address: str) -> None:
    line = Line()
    client = at_desk(line.supervisor)
    case = line.in_review() if address == "/review/" else line.lodged()
    counts = []
    for number, rows in ((2, 3), (57, 50)):
        copies(case, number)
        client.get(address)
        cache.clear()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.get(address)
        assert len(queue_rows(body(answer))) == rows
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_review_page_makes_the_same_queries_however_much_was_said(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.in_review()
    client = at_desk(line.supervisor)
    counts = []
    for number in (1, 30):
        for index in range(number):
            comment_add(letter=outgoing.letter, by=line.supervisor, text=f"Remark {index}", question="facts[0].text")
        client.get(f"/out/{outgoing.public_id}/review/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/out/{outgoing.public_id}/review/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_next_in_the_queue_leads_to_one_that_the_reader_may_decide(at_desk: AtDesk) -> None:
    first, second = spread(2)
    line = Line()
    page = body(at_desk(line.supervisor).get(f"/out/{first.public_id}/review/"))
    assert re.search(rf'href="/out/{second.public_id}/review/" data-next', page)


def test_intake_shows_what_was_lodged_until_it_is_before_the_supervisor(at_desk: AtDesk) -> None:
    line = Line()
    client = at_desk(line.desk)
    drafted = line.drafted()
    assert not queue_rows(body(client.get("/intake/")))
    lodged = chain.outgoing_lodge(outgoing=drafted, by=line.prosecutor)
    assert "to be taken in" in queue_rows(body(client.get("/intake/")))[0]
    assert do(client, lodged, "take_in", expected_version=lodged.version).status_code == 302
    assert "being vetted" in queue_rows(body(client.get("/intake/")))[0]
    # Twice is told.
    assert do(client, lodged, "take_in", expected_version=lodged.version).status_code == 422
    asked = do(client, lodged, "query_originator", question="Which bank?")
    assert asked.status_code == 302
    assert "a question to the drafter is open" in body(client.get("/intake/"))
    stranger = officer(Role.DESK_OFFICER, line.letter.requested.authority or "")
    assert not queue_rows(body(at_desk(stranger).get("/intake/")))
    assert at_desk(line.prosecutor).get("/intake/").status_code == 404
    assert intake_queue(line.desk).rows[0].pk == lodged.pk


def test_query_is_answered_by_the_drafter_and_only_once(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = chain.outgoing_query_originator(
        outgoing=line.taken_in(), by=line.desk, question="Which bank?", due=dt.date(2030, 1, 1)
    )
    client = at_desk(line.prosecutor)
    page = body(client.get(f"/out/{outgoing.public_id}/do/answer_query"))
    assert "Which bank?" in page
    point = hidden(page.replace('type="radio"', 'type="radio" '), "point")
    said = {"point": point, "answer": "The first one.", "expected_version": outgoing.version}
    assert do(client, outgoing, "answer_query", **(said | {"point": "0"})).status_code == 404
    assert do(client, outgoing, "answer_query", **said).status_code == 302
    again = do(client, outgoing, "answer_query", **(said | {"expected_version": ""}))
    assert again.status_code == 422
    assert do(at_desk(line.supervisor), outgoing, "answer_query", **said).status_code in (403, 422)


def test_chain_from_lodging_to_another_approval(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.drafted()
    drafter, desk, supervisor = at_desk(line.prosecutor), at_desk(line.desk), at_desk(line.supervisor)

    def version() -> int:
        outgoing.refresh_from_db()
        return int(outgoing.version)

    assert "Lodge with" in body(drafter.get(f"/out/{outgoing.public_id}/do/lodge"))
    assert do(desk, outgoing, "lodge", expected_version=version()).status_code in (403, 404)
    assert do(drafter, outgoing, "lodge", expected_version=version()).status_code == 302
    returned = do(desk, outgoing, "return_to_originator", reason="The period is missing", expected_version=version())
    assert returned.status_code == 302
    assert do(drafter, outgoing, "lodge", expected_version=version()).status_code == 302
    assert do(desk, outgoing, "take_in", expected_version=version()).status_code == 302
    assert do(desk, outgoing, "submit", expected_version=version()).status_code == 302
    read = line.hash_of(outgoing)
    approved = do(supervisor, outgoing, "approve", content_hash=read, rights_screened="on", expected_version=version())
    assert approved.status_code == 302
    assert do(desk, outgoing, "revise", reason="", expected_version=version()).status_code == 422
    assert do(desk, outgoing, "revise", reason="New facts", expected_version=version()).status_code == 302
    assert OutgoingRequest.objects.get(pk=outgoing.pk).status == "drafting"
    assert do(desk, outgoing, "submit", expected_version=version()).status_code == 302
    assert do(desk, outgoing, "reject", reason="Not worth it", expected_version=version()).status_code == 403
    assert do(supervisor, outgoing, "reject", reason="Not worth it", expected_version=version()).status_code == 302
    assert OutgoingRequest.objects.get(pk=outgoing.pk).outcome == "not_pursued"


def test_request_is_given_up_by_the_signatory_with_a_reason(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.drafted()
    signatory = officer(Role.ORIGINATOR_SIGNATORY, line.letter.requesting.originating or "")
    assert do(at_desk(signatory), outgoing, "give_up", reason=" ").status_code == 422
    assert do(at_desk(line.prosecutor), outgoing, "give_up", reason="Plea").status_code == 403
    assert do(at_desk(signatory), outgoing, "give_up", reason="Plea").status_code == 302
