"""The letter as it will be sent, on the screen; sharing it for advice."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.reference.models import Authority
from tests.factories import Line, example_letter, officer
from workflows.documents.preview import letter_page, letter_parts, paragraph_of
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models import Comment, LetterShare
from workflows.drafting.selectors import current_version

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]


def paper(answer: Any) -> str:
    return str(answer.content.decode().split('class="letter-sheet')[1].split("<aside")[0])


def with_content(line: Line, **changes: Any) -> Line:
    content = {**line.letter.content(), **changes}
    return Line(letter=letter_from(content))


def test_preview_is_the_letter_paragraph_by_paragraph(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.drafted()
    page = letter_page(outgoing, current_version(outgoing.letter))
    shown = paper(at_desk(line.prosecutor).get(f"/out/{outgoing.public_id}/letter/preview"))
    texts = re.findall(r'<p class="para".*?</p>', page, re.DOTALL)
    assert len(texts) > 10
    for text in texts:
        assert text.replace(' id="', ' id="l-') in shown
    assert "not frozen and has not been approved" in shown


def test_frozen_letter_is_shown_as_it_was_frozen_whatever_the_names_are_now(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.lodged()
    originating = Authority.objects.get(pk=outgoing.originating_id)
    before = originating.name
    Authority.objects.filter(pk=originating.pk).update(name="Renamed office")
    shown = paper(at_desk(line.prosecutor).get(f"/out/{outgoing.public_id}/letter/preview"))
    assert f"on behalf of the {before}" in shown
    assert "Renamed office" not in shown


def test_rights_screen_and_particulars_of_protected_persons_are_not_in_the_letter(at_desk: AtDesk) -> None:
    line = Line()
    content = line.letter.content()
    persons = [dict(person) for person in content["persons"]]
    persons[0] |= {"protected": True, "address": "Hidden Lane 7", "description": "Told in confidence"}
    line = with_content(line, persons=persons, rights={"persecution": "Looked at in the house only"})
    outgoing = line.drafted()
    shown = paper(at_desk(line.prosecutor).get(f"/out/{outgoing.public_id}/letter/preview"))
    for secret in ("Hidden Lane 7", "Told in confidence", "Looked at in the house only"):
        assert secret not in shown
    assert "identity of this person is protected" in shown


def test_hostile_text_is_shown_as_text(at_desk: AtDesk) -> None:
    line = Line()
    facts = [{"text": '</p></main></body><script>alert(1)</script> " onclick="x" <p class="para" id="p9">'}]
    line = with_content(line, facts=facts, title="<img src=x onerror=alert(1)> title")
    outgoing = line.drafted()
    answer = at_desk(line.prosecutor).get(f"/out/{outgoing.public_id}/letter/preview")
    page = answer.content.decode()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in paper(answer)
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    # Nothing in the page needs more than the policy allows.
    assert not re.search(r"<[^>]+\sstyle=", page)


def test_right_to_left_letter_is_set_right_to_left(at_desk: AtDesk) -> None:
    line = with_content(Line(), language="ar")
    outgoing = line.drafted()
    page = at_desk(line.prosecutor).get(f"/out/{outgoing.public_id}/letter/preview").content.decode()
    assert re.search(r'class="letter-sheet[^"]*" lang="ar" dir="rtl"', page)


def test_preview_of_a_foreign_case_or_hidden_version_is_not_there(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.lodged()
    address = f"/out/{outgoing.public_id}/letter/preview"
    stranger = officer(Role.DESK_OFFICER, line.letter.requested.authority or "")
    assert at_desk(stranger).get(address).status_code == 404
    assert at_desk(line.desk).get(address).status_code == 200
    from workflows.lifecycle.services.outgoing_chain import outgoing_return_to_originator

    outgoing_return_to_originator(outgoing=outgoing, by=line.desk, reason="Period")
    assert at_desk(line.prosecutor).get(address + "?version=2").status_code == 200
    assert at_desk(line.desk).get(address + "?version=2").status_code == 404


def test_letter_is_shared_for_advice_read_commented_and_taken_back(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.drafted()
    letter = outgoing.letter
    adviser = Authority.objects.get(code=line.letter.requesting.authority)
    abroad = Authority.objects.get(code=line.letter.requested.authority)
    drafter = at_desk(line.prosecutor)
    reader = at_desk(officer(Role.LEGAL, adviser.code))
    assert reader.get(f"/advice/{letter.public_id}/").status_code == 404
    address = f"/letter/{letter.public_id}/do/share_for_advice"
    assert drafter.get(address).status_code == 200
    assert drafter.post(address, {"authority": abroad.pk}).status_code == 404
    assert drafter.post(address, {"authority": adviser.pk}).status_code == 302
    assert letter.title in reader.get("/advice/").content.decode()
    page = reader.get(f"/advice/{letter.public_id}/")
    assert 'id="l-p1"' in paper(page)
    said = {"number": 1, "question": "facts[0].text", "text": "Name the bank."}
    assert reader.post(f"/advice/{letter.public_id}/comment", said).status_code == 302
    assert "Name the bank." in drafter.get(f"/out/{outgoing.public_id}/letter/preview").content.decode()
    # An adviser reads and comments, nothing more.
    assert reader.post(address, {"authority": adviser.pk}).status_code == 403
    ended = drafter.post(f"/letter/{letter.public_id}/do/end_share", {"authority": adviser.pk})
    assert ended.status_code == 302
    assert reader.get(f"/advice/{letter.public_id}/").status_code == 404
    assert LetterShare.objects.get().ended_at is not None
    assert Comment.objects.count() == 1


def test_named_officer_sees_a_restricted_letter_and_no_other_does(at_desk: AtDesk) -> None:
    line = with_content(Line(), confidentiality={"level": "restricted", "reason": "An informant."})
    outgoing = line.drafted()
    letter = outgoing.letter
    signatory = officer(Role.ORIGINATOR_SIGNATORY, line.letter.requesting.originating or "")
    preview = f"/out/{outgoing.public_id}/letter/preview"
    assert at_desk(signatory).get(preview).status_code == 404
    drafter = at_desk(line.prosecutor)
    named = drafter.post(f"/letter/{letter.public_id}/do/name_officer", {"user": signatory.user_id})
    assert named.status_code == 302
    assert at_desk(signatory).get(preview).status_code == 200
    own = drafter.post(f"/letter/{letter.public_id}/do/unname_officer", {"user": line.prosecutor.user_id})
    assert own.status_code == 422
    ended = drafter.post(f"/letter/{letter.public_id}/do/unname_officer", {"user": signatory.user_id})
    assert ended.status_code == 302
    assert at_desk(signatory).get(preview).status_code == 404


def test_remark_stands_at_its_own_entry_or_nowhere() -> None:
    page = (
        '<html lang="en" dir="ltr" class="han-zh"><title>t</title><body><main>'
        '<p class="para" id="p1" data-question="facts[0].text">one</p>\n'
        '<p class="para" id="p2" data-question="offences[1].conduct">two</p>\n'
        '<h2 id="x">h</h2></main></body></html>'
    )
    paragraphs = letter_parts(page).paragraphs
    assert paragraph_of("facts[0].text", paragraphs).number == 1  # type: ignore[union-attr]
    assert paragraph_of("facts[0].source", paragraphs).number == 1  # type: ignore[union-attr]
    assert paragraph_of("offences[1].law_text", paragraphs).number == 2  # type: ignore[union-attr]
    assert paragraph_of("facts[1].text", paragraphs) is None
    assert paragraph_of("title", paragraphs) is None
    assert '<h3 id="l-x">' in letter_parts(page).parts[-1].html


def test_every_example_letter_has_a_preview(at_desk: AtDesk) -> None:
    for number in range(1, 9):
        line = Line(letter=example_letter(number))
        if line.letter.requesting.originating is None:
            continue
        outgoing = line.drafted()
        answer = at_desk(line.prosecutor).get(f"/out/{outgoing.public_id}/letter/preview")
        assert answer.status_code == 200
        assert outgoing.letter.title.split()[0] in paper(answer)
