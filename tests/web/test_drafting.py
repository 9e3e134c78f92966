"""Drafting at the desk: the task list, saving answer by answer, two officers at once, what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, get_args
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.formats import date_format
from pydantic import BaseModel

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.core.ids import uuid7
from tests.factories import Line, example_letter, officer
from workflows.drafting.before import alternatives
from workflows.drafting.letterfile import LetterFile, letter_from
from workflows.drafting.letterplan import Considered
from workflows.drafting.models import LetterOfRequest, Waiver
from workflows.drafting.selectors import current_version
from workflows.lifecycle.models import OutgoingRequest
from workflows.web.drafting import draft, merging
from workflows.web.drafting.sections import NOT_ASKED, SECTIONS, placed

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]
HTMX = {"HTTP_HX_REQUEST": "true"}


#: Bytes that a page of the letter may take on a slow line, after the first has brought the style sheets and scripts.
MOST_OF_A_PAGE = 60_000


@pytest.fixture
def line() -> Line:
    return Line(example_letter(2))


def content_of(outgoing: OutgoingRequest) -> dict[str, Any]:
    letter = LetterOfRequest.objects.get(pk=outgoing.letter_id)
    return dict(current_version(letter).content)


def address(outgoing: OutgoingRequest, rest: str = "") -> str:
    return f"/out/{outgoing.public_id}/letter/{rest}"


def fields_of(page: str) -> dict[str, Any]:
    """Return what a browser would send of the letter's form, as it stands on the page."""
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.inside, self.found, self.area, self.select, self.first = False, {}, "", "", False

        def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
            attrs = {name: value or "" for name, value in pairs}
            if tag == "form":
                self.inside = attrs.get("id") in ("letter-form", "new-letter")
            if not self.inside or (not (name := attrs.get("name", "")) and tag != "option"):
                return
            if tag == "textarea":
                self.area = name
                self.found[name] = ""
            elif tag == "select":
                self.select = name
                self.first = True
            elif tag == "option":
                if self.select and ("selected" in attrs or self.first):
                    self.first = False
                    self.found[self.select] = attrs.get("value", "")
            elif attrs.get("type") in ("checkbox", "radio"):
                if "checked" in attrs:
                    self.found.setdefault(name, []).append(attrs.get("value", "on"))
            elif tag == "input":
                self.found[name] = attrs.get("value", "")

        def handle_data(self, data: str) -> None:
            if self.area:
                self.found[self.area] += data

        def handle_endtag(self, tag: str) -> None:
            if tag == "textarea":
                # A browser leaves out the line end that follows the tag.
                self.found[self.area] = self.found[self.area].removeprefix("\n")
                self.area = ""
            elif tag == "select":
                self.select = ""

    reader = Reader()
    reader.feed(page)
    return reader.found


def opened(client: Client, where: str) -> dict[str, Any]:
    answer = client.get(where)
    assert answer.status_code == 200, answer.content.decode()[:3000]
    return fields_of(answer.content.decode())


# --- the sections as data ---


def test_every_field_of_the_letter_has_a_place() -> None:
    def fields(part: type[BaseModel], path: str) -> Iterator[str]:
        for name, one in part.model_fields.items():
            inner = one.annotation
            if name == "before":
                yield from (f"before.{key}.{field}" for key in alternatives() for field in Considered.model_fields)
                continue
            listed = get_args(inner)[0] if getattr(inner, "__origin__", None) is tuple else inner
            if isinstance(listed, type) and issubclass(listed, BaseModel):
                yield from fields(listed, f"{path}{name}.")
            else:
                yield f"{path}{name}"

    asked = set(placed())
    missing = {path for path in fields(LetterFile, "") if path not in asked and path not in NOT_ASKED}
    assert missing == set()
    known = set(fields(LetterFile, ""))
    assert {path for path in asked | NOT_ASKED if path not in known} == {
        path for path in asked if path.split(".")[-1] in ("period", "provider", "person") and path not in known
    }


@pytest.mark.parametrize("number", [1, 2, 6])
def test_every_example_letter_opens_on_every_page_and_a_save_of_what_is_shown_changes_nothing(
    at_desk: AtDesk, number: int
) -> None:
    line = Line(example_letter(number))
    outgoing = line.drafted()
    before = content_of(outgoing)
    client = at_desk(line.prosecutor)
    for section in SECTIONS:
        where = [address(outgoing, f"{section.slug}/")]
        for entries in section.entries:
            for position, entry in enumerate(before.get(entries.group, ())):
                where.append(address(outgoing, f"{section.slug}/{entry.get('id') or position + 1}/"))
        for one in where:
            page = client.get(one, headers={"Accept-Encoding": "gzip"})
            assert page["Content-Encoding"] == "gzip", one
            assert len(page.content) < MOST_OF_A_PAGE, f"{one} is {len(page.content)} bytes on a slow line"
            fields = opened(client, one)
            if "seen" not in fields:
                continue
            answer = client.post(one, fields, **HTMX)
            assert answer.status_code == 200, (
                one,
                re.findall(r"id=.e-[^<]*<p>[^<]*|field-error.>[^<]+", answer.content.decode()),
            )
            assert content_of(outgoing) == before, one


# --- the task list ---


def test_task_list_shows_sections_states_findings_and_who_saved(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    page = at_desk(line.prosecutor).get(address(outgoing)).content.decode()
    for section in SECTIONS:
        assert str(section.title) in page
    assert "Draft 1" in page
    assert "complete" in page
    assert 'data-act="lodge"' in page


def test_letter_of_another_authority_is_no_page(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    stranger = officer(Role.DESK_OFFICER, line.letter.requested.authority or "")
    for rest in ("", "persons/", "persons/P1/", "basis/", "annexes/A1/"):
        assert at_desk(stranger).get(address(outgoing, rest)).status_code == 404
    assert at_desk(stranger).post(address(outgoing, "proceedings/"), {}).status_code == 404
    assert at_desk(line.prosecutor).get(f"/out/{uuid4()}/letter/").status_code == 404


def test_lodged_letter_is_read_only_and_says_so(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.lodged()
    client = at_desk(line.prosecutor)
    page = client.get(address(outgoing, "proceedings/")).content.decode()
    assert "frozen" in page
    # It is read as text, in words, and nothing of it looks as if it could be typed into.
    page = client.get(address(outgoing, "authorities/")).content.decode()
    assert 'id="letter-form"' not in page and "answers-read" in page
    assert date_format(letter_from(content_of(outgoing)).date, "j F Y") in page
    assert "Save and continue" not in page
    before = content_of(outgoing)
    answer = client.post(address(outgoing, "proceedings/"), {"proceedings__stage": "x", "seen": "{}"})
    assert answer.status_code == 409
    assert "can no longer be changed" in answer.content.decode()
    assert content_of(outgoing) == before


# --- saving ---


def test_answer_is_saved_quietly_and_by_the_button(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    where = address(outgoing, "proceedings/")
    fields = opened(client, where) | {"proceedings__stage": "Charges are being prepared."}
    answer = client.post(where, fields, **HTMX)
    assert answer.status_code == 200
    assert "saved" in answer.content.decode()
    assert content_of(outgoing)["proceedings"]["stage"] == "Charges are being prepared."
    seen = re.search(r'id="seen" value="([^"]*)"', answer.content.decode())
    assert seen is not None
    fields |= {"seen": seen[1].replace("&quot;", '"'), "proceedings__stage": "They were charged."}
    answer = client.post(where, fields)
    assert (answer.status_code, answer["Location"]) == (302, address(outgoing, "offences/"))
    assert content_of(outgoing)["proceedings"]["stage"] == "They were charged."


def test_what_a_section_reads_like_is_asked_for_once_its_save_is_done(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    where = address(outgoing, "facts/1/")
    before = str(content_of(outgoing)["facts"][0]["text"])
    page = client.get(where).content.decode()
    assert f'hx-get="{where}"' in page
    shown = page.partition('id="paragraphs"')[2]
    assert before[:40] in shown
    fields = fields_of(page) | {"text": "A payment of 40 pounds was made on 3 May."}
    answer = client.post(where, fields, **HTMX)
    assert answer["HX-Trigger"] == "letter-saved"
    assert "40 pounds" not in answer.content.decode(), "the save does not wait for it"
    part = client.get(where, {"paragraphs": "1", "entry": ""}, **HTMX).content.decode()
    assert "A payment of 40 pounds was made on 3 May." in part
    assert before[:40] not in part
    assert "<html" not in part
    # An entry that was begun on this page is named by what the save gave back.
    begun = address(outgoing, "facts/new-facts/")
    answer = client.post(begun, opened(client, begun) | {"text": "A second payment followed."}, **HTMX)
    named = re.search(r'id="entry" value="([^"]*)"', answer.content.decode())
    assert named is not None
    part = client.get(begun, {"paragraphs": "1", "entry": named[1]}, **HTMX).content.decode()
    assert "A second payment followed." in part
    assert client.get(begun, {"paragraphs": "1", "entry": "99"}, **HTMX).status_code == 404
    stranger = officer(Role.DESK_OFFICER, line.letter.requested.authority or "")
    assert at_desk(stranger).get(where, {"paragraphs": "1"}).status_code == 404


def test_wrong_answer_is_told_beside_it_and_the_others_are_saved_quietly(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    where = address(outgoing, "items/I5/")
    fields = opened(client, where) | {"value": "192.0.2.256", "note": "seen in the log"}
    answer = client.post(where, fields, **HTMX)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "is no IPv4 or IPv6 address" in page
    saved = next(one for one in content_of(outgoing)["identifiers"] if one["id"] == "I5")
    assert (saved["value"], saved["note"]) == ("192.0.2.81", "seen in the log")
    # By the button nothing is saved unless all fits, and what was typed is on the page.
    fields["seen"] = opened(client, where)["seen"]
    answer = client.post(where, fields | {"note": "another"})
    assert answer.status_code == 422
    assert "192.0.2.256" in answer.content.decode()
    saved = next(one for one in content_of(outgoing)["identifiers"] if one["id"] == "I5")
    assert saved["note"] == "seen in the log"


def test_time_without_offset_is_refused_and_never_assumed(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    where = address(outgoing, "items/I5/")
    fields = opened(client, where) | {"at_offset": ""}
    answer = client.post(where, fields, **HTMX)
    assert answer.status_code == 422
    assert "UTC offset" in answer.content.decode()
    assert content_of(outgoing)["identifiers"][4]["at"] == "2005-10-18T00:41:30Z"
    fields |= {"at_offset": "+01:00", "at_time": "1:41:30"}
    assert client.post(where, fields, **HTMX).status_code == 200
    assert content_of(outgoing)["identifiers"][4]["at"] == "2005-10-18T01:41:30+01:00"


def test_unknown_offence_fact_is_not_a_no(at_desk: AtDesk) -> None:
    # A letter that cites the instrument for which the fact counts.
    line = Line(example_letter(1))
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    where = address(outgoing, "offences/O1/")
    for said, kept in (("", None), ("no", False), ("yes", True)):
        fields = opened(client, where) | {"benefit_sought": said}
        assert client.post(where, fields, **HTMX).status_code == 200
        assert content_of(outgoing)["offences"][0].get("benefit_sought") is kept


# --- two at once ---


def test_two_officers_on_different_questions_do_not_meet(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    second = officer(Role.ORIGINATOR_DRAFTER, line.letter.requesting.originating or "", 2)
    first_page = opened(at_desk(line.prosecutor), address(outgoing, "proceedings/"))
    second_page = opened(at_desk(second), address(outgoing, "statements/"))
    at_desk(second).post(
        address(outgoing, "statements/"), second_page | {"statements__costs": "Each bears its own."}, **HTMX
    )
    answer = at_desk(line.prosecutor).post(
        address(outgoing, "proceedings/"), first_page | {"proceedings__stage": "Charged."}, **HTMX
    )
    assert answer.status_code == 200
    content = content_of(outgoing)
    assert (content["statements"]["costs"], content["proceedings"]["stage"]) == ("Each bears its own.", "Charged.")


@pytest.mark.parametrize("quiet", [True, False])
def test_second_officer_on_the_same_question_is_told_and_sees_the_difference(
    at_desk: AtDesk, line: Line, quiet: bool
) -> None:
    outgoing = line.drafted()
    second = officer(Role.ORIGINATOR_DRAFTER, line.letter.requesting.originating or "", 2)
    where = address(outgoing, "proceedings/")
    mine = opened(at_desk(line.prosecutor), where) | {"proceedings__stage": "Mine."}
    theirs = opened(at_desk(second), where) | {"proceedings__stage": "Theirs.", "proceedings__reference": "B 7"}
    at_desk(second).post(where, theirs, **HTMX)
    options = HTMX if quiet else {}
    answer = at_desk(line.prosecutor).post(where, mine, **options)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Mine." in page
    assert "Theirs." in page
    assert "originator drafter 2" in page
    assert content_of(outgoing)["proceedings"]["stage"] == "Theirs."
    # The decision is on what was shown; another change makes it void.
    choice = re.search(r'value="(mine:[0-9a-f]{16})"', page)
    assert choice is not None
    decided = mine | {"choose-proceedings.stage": choice[1]}
    theirs = opened(at_desk(second), where) | {"proceedings__stage": "Theirs again."}
    at_desk(second).post(where, theirs, **HTMX)
    assert at_desk(line.prosecutor).post(where, decided, **options).status_code == 409
    assert content_of(outgoing)["proceedings"]["stage"] == "Theirs again."
    page = at_desk(line.prosecutor).post(where, mine, **options).content.decode()
    choice = re.search(r'value="(mine:[0-9a-f]{16})"', page)
    assert choice is not None
    answer = at_desk(line.prosecutor).post(where, mine | {"choose-proceedings.stage": choice[1]}, **options)
    assert answer.status_code == (200 if quiet else 302)
    proceedings = content_of(outgoing)["proceedings"]
    assert (proceedings["stage"], proceedings["reference"]) == ("Mine.", "B 7")


def test_theirs_can_be_taken_over(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    second = officer(Role.ORIGINATOR_DRAFTER, line.letter.requesting.originating or "", 2)
    where = address(outgoing, "persons/P1/")
    mine = opened(at_desk(line.prosecutor), where) | {"location": "Here."}
    at_desk(second).post(where, opened(at_desk(second), where) | {"location": "There."}, **HTMX)
    page = at_desk(line.prosecutor).post(where, mine, **HTMX).content.decode()
    choice = re.search(r'value="(theirs:[0-9a-f]{16})"', page)
    assert choice is not None
    answer = at_desk(line.prosecutor).post(where, mine | {"choose-location": choice[1]}, **HTMX)
    assert answer["HX-Redirect"] == where
    assert content_of(outgoing)["persons"][0]["location"] == "There."


def test_forged_marks_of_what_was_seen_overwrite_nothing_silently(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    where = address(outgoing, "proceedings/")
    client = at_desk(line.prosecutor)
    before = content_of(outgoing)
    for seen in ("", "{", "[1]", json.dumps({"proceedings.stage": 7}), "[" * 5000):
        fields = opened(client, where) | {"proceedings__stage": "Forged.", "seen": seen}
        assert client.post(where, fields, **HTMX).status_code == 409
        assert content_of(outgoing) == before


# --- entries ---


def test_person_is_added_edited_and_taken_out_with_its_references(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    where = address(outgoing, "persons/new-persons/")
    fields = opened(client, where) | {"name": "Subject D", "kind": "natural"}
    answer = client.post(where, fields, **HTMX)
    assert answer.status_code == 422  # the role is needed
    assert len(content_of(outgoing)["persons"]) == 3
    answer = client.post(where, fields | {"role": "witness"}, **HTMX)
    assert answer.status_code == 200
    assert answer["HX-Replace-Url"] == address(outgoing, "persons/P4/")
    seen = re.search(r'id="seen" value="([^"]*)"', answer.content.decode())
    assert seen is not None
    again = fields | {"role": "witness", "entry": "P4", "seen": seen[1].replace("&quot;", '"'), "location": "Leeds"}
    assert client.post(where, again, **HTMX).status_code == 200
    persons = content_of(outgoing)["persons"]
    assert len(persons) == 4
    assert persons[3]["location"] == "Leeds"
    page = client.get(address(outgoing, "persons/P1/remove")).content.decode()
    assert "I3 · TG-20417" in page
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    assert seen is not None
    assert client.post(address(outgoing, "persons/P1/remove"), {"seen": "{}"}).status_code == 409
    answer = client.post(address(outgoing, "persons/P1/remove"), {"seen": seen[1].replace("&quot;", '"')})
    assert answer.status_code == 302
    content = content_of(outgoing)
    assert [one["id"] for one in content["persons"]] == ["P2", "P3", "P4"]
    assert "person" not in content["identifiers"][2]
    assert content["items"][0]["persons"] == ["P2", "P3"]


def test_entry_that_is_not_there_is_no_page(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    before = content_of(outgoing)
    for rest in ("persons/P9/", "persons/O1/", "facts/99/", "persons/new-offences/", "items/P1/", "persons/P9/remove"):
        assert client.get(address(outgoing, rest)).status_code == 404, rest
        assert client.post(address(outgoing, rest), {"name": "x", "seen": "{}"}).status_code == 404, rest
    fields = opened(client, address(outgoing, "persons/new-persons/"))
    forged = fields | {"entry": "P77", "name": "x", "role": "witness"}
    assert client.post(address(outgoing, "persons/new-persons/"), forged).status_code == 404
    assert content_of(outgoing) == before


def test_reference_to_what_is_not_in_the_letter_is_refused(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    where = address(outgoing, "items/M1/")
    before = content_of(outgoing)
    answer = client.post(where, opened(client, where) | {"persons": ["P1", "P9"]})
    assert answer.status_code == 422
    assert content_of(outgoing) == before


def test_another_measure_takes_the_answers_to_the_old_questions_with_it(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    where = address(outgoing, "items/M4/")
    answer = client.post(where, opened(client, where) | {"measure": "preservation"}, **HTMX)
    assert answer["HX-Redirect"] == where
    item = content_of(outgoing)["items"][3]
    assert item["measure"] == "preservation"
    letter_from(content_of(outgoing))
    assert "What limits the search" not in client.get(where).content.decode()


# --- the beginning ---


def new_letter(client: Client, **said: Any) -> dict[str, Any]:
    fields = opened(client, "/out/new")
    return fields | {
        "requested": "us", "measures": ["stored-content"], "title": "Content of a site",
        "subject": "Incitement of murder abroad", "nature": "prosecution", "date": "2005-11-24",
    } | said  # fmt: skip


def test_new_letter_names_both_sides_the_measure_and_what_binds_them(at_desk: AtDesk, line: Line) -> None:
    client = at_desk(line.prosecutor)
    fields = new_letter(client)
    told = client.get("/out/new", {k: v for k, v in fields.items() if k != "csrfmiddlewaretoken"}, **HTMX)
    assert "Binds both States" in told.content.decode()
    assert "1994" in told.content.decode() or "GB-US" in told.content.decode()
    answer = client.post("/out/new", fields)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    outgoing = OutgoingRequest.objects.latest("id")
    content = content_of(outgoing)
    assert content["requested"] == {"jurisdiction": "US", "authority": "us-central"}
    assert content["requesting"]["originating"] == "gb-prosecutor"
    assert content["items"] == [{"id": "M1", "measure": "stored-content"}]
    assert client.get(answer["Location"]).status_code == 200


def test_language_of_the_letter_tells_whose_fixed_wording_it_has(at_desk: AtDesk, line: Line) -> None:
    client = at_desk(line.prosecutor)
    unconfirmed, english = "With fixed wording that no lawyer has confirmed", "Fixed wording in English"
    fields = {k: v for k, v in new_letter(client).items() if k != "csrfmiddlewaretoken"}
    page = client.get("/out/new").content.decode()
    assert f'<optgroup label="{unconfirmed}">' in page and f'<optgroup label="{english}">' in page
    told = client.get("/out/new", fields | {"language": "ar"}, **HTMX).content.decode()
    assert "The fixed wording of letters in Arabic has not been confirmed by a lawyer." in told
    assert "There is no fixed wording of letters in Latvian" in client.get(
        "/out/new", fields | {"language": "lv"}, **HTMX
    ).content.decode()  # fmt: skip
    assert (
        "fixed wording of letters" not in client.get("/out/new", fields | {"language": "en"}, **HTMX).content.decode()
    )
    outgoing = line.drafted()
    section = client.get(address(outgoing, "authorities/")).content.decode()
    assert f'<optgroup label="{unconfirmed}">' in section
    saved = client.post(address(outgoing, "authorities/"), fields_of(section) | {"language": "ar"})
    assert saved.status_code == 302 and content_of(outgoing)["language"] == "ar"
    again = client.get(address(outgoing, "authorities/")).content.decode()
    assert "The fixed wording of letters in Arabic has not been confirmed by a lawyer." in again
    assert '<option value="ar" selected>' in again


def test_pressed_twice_makes_one_letter(at_desk: AtDesk, line: Line) -> None:
    client = at_desk(line.prosecutor)
    fields = new_letter(client)
    first, second = client.post("/out/new", fields), client.post("/out/new", fields)
    assert first["Location"] == second["Location"]
    assert LetterOfRequest.objects.count() == 1


def test_new_letter_takes_no_key_that_was_not_given_to_its_person(at_desk: AtDesk, line: Line) -> None:
    other = Line(example_letter(1)).drafted()
    client, desk = at_desk(line.prosecutor), at_desk(line.desk)
    of_the_desk = new_letter(desk)["letter_key"]
    for forged in (str(other.letter.public_id), str(uuid7()), of_the_desk):
        answer = client.post("/out/new", new_letter(client, letter_key=forged))
        assert answer.status_code == 404, forged
    assert LetterOfRequest.objects.count() == 1
    assert client.post("/out/new", new_letter(client)).status_code == 302


def test_new_letter_refuses_its_own_state_unknown_states_and_wrong_dates(at_desk: AtDesk, line: Line) -> None:
    client = at_desk(line.prosecutor)
    for said in (
        {"requested": "United Kingdom"},
        {"requested": "Atlantis"},
        {"date": "2005-02-30"},
        {"measures": ["x"]},
    ):
        answer = client.post("/out/new", new_letter(client) | said)
        assert answer.status_code == 422, said
        assert "Incitement of murder abroad" in answer.content.decode()
    assert LetterOfRequest.objects.count() == 0
    assert at_desk(line.registry).get("/out/new").status_code == 404


# --- warnings, lodging ---


def test_warning_is_set_aside_with_a_reason_and_a_gap_is_not(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    page = client.get(address(outgoing)).content.decode()
    link = re.search(r'href="([^"]*/letter/waive\?[^"]*)"', page)
    assert link is not None
    where = link[1].replace("&amp;", "&")
    form = client.get(where)
    assert form.status_code == 200
    query = dict(pair.split("=", 1) for pair in where.split("?")[1].split("&"))
    from urllib.parse import unquote

    said = {name: unquote(value) for name, value in query.items()}
    assert client.post(address(outgoing, "waive"), said | {"reason": ""}).status_code == 422
    assert not Waiver.objects.exists()
    assert client.post(address(outgoing, "waive"), said | {"reason": "Agreed by telephone."}).status_code == 302
    page = client.get(address(outgoing)).content.decode()
    assert "Agreed by telephone." in page
    answer = client.post(address(outgoing, "waive"), {"code": "purpose_missing", "question": "x", "reason": "y"})
    assert answer.status_code == 422
    assert Waiver.objects.count() == 1


def test_number_of_queries_of_a_page_and_of_a_save(at_desk: AtDesk, line: Line) -> None:
    """A full letter, one answer in each section; nothing counted lately, or else the law read for the first time.

    The quiet save is the first of its sitting: how the letter stood before is kept with it.
    """
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    client.get(address(outgoing))
    rests = ["", *(f"{section.slug}/" for section in SECTIONS), "persons/P1/", "items/M1/", "offences/O1/"]
    counts: dict[Any, int] = {}
    for rest in rests:
        for first, forget in (("nothing counted", cache.clear), ("no law", draft._LAWS.clear)):
            forget()
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address(outgoing, rest)).status_code == 200, rest
            counts[rest, first] = len(queries)
    where = address(outgoing, "proceedings/")
    for name, headers, status in (("quietly", HTMX, 200), ("by the button", {}, 302)):
        fields = opened(client, where) | {"proceedings__stage": f"Counted {name}."}
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            assert client.post(where, fields, **headers).status_code == status
        # The test's own transaction makes of the act's a savepoint, which is no query elsewhere.
        assert [sql["sql"].split()[0] for sql in queries].count("SAVEPOINT") == 1
        counts[f"saved {name}"] = len(queries) - len(("SAVEPOINT", "RELEASE"))
        assert content_of(outgoing)["proceedings"]["stage"] == f"Counted {name}."
    assert max(counts.values()) <= 12, counts


def test_merge_keeps_what_another_wrote_in_another_list() -> None:
    content = {"persons": [{"id": "P1", "name": "a"}], "facts": [{"text": "b"}]}
    result, conflicts, also = merging.merged(
        content, merging.Place("persons", "P1"), {"name": "c"}, {"name": merging.digest("a")}, {}
    )
    assert (result["persons"][0]["name"], result["facts"], conflicts, also) == ("c", [{"text": "b"}], [], [])
