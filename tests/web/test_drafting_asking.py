"""The page of a measure asks what follows from the answers: new questions are told, left answers kept and taken out by hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from mla.accounts.actors import Actor
from tests.factories import Line, example_letter
from tests.web.test_drafting import HTMX, address, content_of, fields_of, opened
from workflows.drafting.asking import OWN, Condition
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models import LetterOfRequest
from workflows.drafting.services import letter_save
from workflows.web.drafting.asking import told

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]
ITEM = "items/M2/"
LINK = "Both rooms have the same equipment; the test call is on 1 December."


@pytest.fixture
def line() -> Line:
    """Return the letter of a hearing on the spot, by its second measure."""
    return Line(example_letter(7))


def answers_of(outgoing: Any) -> dict[str, Any]:
    return dict(content_of(outgoing)["items"][1].get("answers", {}))


def test_choice_asks_for_more_and_the_page_comes_back_with_the_new_questions(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    where = address(outgoing, ITEM)
    before = client.get(where).content.decode()
    assert "answers__link" not in before
    fields = fields_of(before) | {"answers__mode": "video"}
    answer = client.post(where, fields)
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{where}?new=")
    assert "answers__link" in answer["Location"]
    page = client.get(answer["Location"]).content.decode()
    assert "answers__link" in fields_of(page)
    block = page.split('id="q-answers__link"')[1].split('id="q-')[0]
    assert re.search(r"New</strong>\s*Asked because you chose way of hearing: by video link [^;:]*State\.", block)
    assert "telephone conference" not in block.split("</span>")[0]
    # Saved again without another choice: on to the list, as ever.
    again = client.post(where, fields_of(page))
    assert again["Location"] == address(outgoing, "items/")
    assert answers_of(outgoing)["mode"] == "video"


def test_quiet_save_tells_the_new_questions_and_takes_nothing_from_who_still_types(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    where = address(outgoing, ITEM)
    fields = opened(client, where) | {"answers__mode": "video"}
    answer = client.post(where, fields, **HTMX)
    assert answer.status_code == 200
    assert "HX-Redirect" not in answer
    told = answer.content.decode()
    assert "asks for" in told
    assert "For a link: which equipment" in told
    # The page still has its own questions: what is typed there counts, and its button shows the new ones.
    seen = re.search(r'id="seen" value="([^"]*)"', told)
    assert seen is not None
    from html import unescape

    fields |= {"seen": unescape(seen[1]), "answers__records_form": "A record on paper."}
    shown = client.post(where, fields)
    assert "answers__link" in shown["Location"]
    assert answers_of(outgoing)["records_form"] == "A record on paper."


def left(at_desk: AtDesk, line: Line) -> tuple[Any, Client, str]:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    where = address(outgoing, ITEM)
    client.post(where, opened(client, where) | {"answers__mode": "video"})
    client.post(where, opened(client, where) | {"answers__link": LINK})
    assert answers_of(outgoing)["link"] == LINK
    client.post(where, opened(client, where) | {"answers__mode": "written"})
    return outgoing, client, where


def test_answer_that_is_no_longer_asked_is_kept_told_and_taken_out_by_hand(at_desk: AtDesk, line: Line) -> None:
    outgoing, client, where = left(at_desk, line)
    assert answers_of(outgoing)["link"] == LINK
    page = client.get(where).content.decode()
    fields = fields_of(page)
    assert "answers__link" not in fields
    block = page.split("left-over")[1]
    assert LINK in block
    assert re.search(r"way of hearing: by video link .* or by telephone conference", block)
    assert "This answer is not printed" in page
    sheet = client.get(reverse("web:letter_preview", args=[outgoing.public_id]))
    assert sheet.status_code == 200
    assert LINK not in sheet.content.decode()
    # A save of what is shown changes nothing of it; a quiet one takes nothing out.
    assert client.post(where, fields).status_code == 302
    assert client.post(where, fields | {"remove-answers__link": "on"}, **HTMX).status_code == 200
    assert answers_of(outgoing)["link"] == LINK
    # Chosen again, it counts again.
    client.post(where, opened(client, where) | {"answers__mode": "video"})
    assert opened(client, where)["answers__link"] == LINK
    client.post(where, opened(client, where) | {"answers__mode": "written"})
    assert client.post(where, opened(client, where) | {"remove-answers__link": "on"}).status_code == 302
    assert "link" not in answers_of(outgoing)
    assert "remove-answers__link" not in client.get(where).content.decode()


def test_what_is_asked_is_not_taken_out_by_a_forged_box(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    where = address(outgoing, ITEM)
    client.post(where, opened(client, where) | {"remove-answers__mode": "on", "remove-answers__nothing": "on"})
    assert answers_of(outgoing)["mode"] == "local"


def test_left_answer_that_another_changed_meanwhile_is_not_taken_out(at_desk: AtDesk, line: Line) -> None:
    outgoing, client, where = left(at_desk, line)
    old = opened(client, where)
    client.post(where, opened(client, where) | {"answers__mode": "video"})
    client.post(where, opened(client, where) | {"answers__link": "Another link."})
    client.post(where, opened(client, where) | {"answers__mode": "written"})
    answer = client.post(where, old | {"remove-answers__link": "on"})
    assert answer.status_code == 409
    assert "Another link." in answer.content.decode()
    assert answers_of(outgoing)["link"] == "Another link."


def test_answer_typed_on_an_old_page_is_kept_though_its_question_is_no_longer_asked(
    at_desk: AtDesk, line: Line
) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    where = address(outgoing, ITEM)
    client.post(where, opened(client, where) | {"answers__mode": "video"})
    old = opened(client, where)
    client.post(where, opened(client, where) | {"answers__mode": "written"})
    answer = client.post(where, old | {"answers__link": LINK}, **HTMX)
    assert answer.status_code == 200
    assert answers_of(outgoing)["link"] == LINK
    assert answers_of(outgoing)["mode"] == "written"


def test_date_of_an_urgent_letter_that_becomes_routine(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    where = address(outgoing, "urgency/")
    assert "urgency__date" not in opened(client, where)
    answer = client.post(where, opened(client, where) | {"urgency__level": "urgent"})
    assert "urgency__date" in answer["Location"]
    client.post(where, opened(client, where) | {"urgency__date": "2030-01-02", "urgency__reason": "They are deleted."})
    client.post(where, opened(client, where) | {"urgency__level": "routine"})
    assert content_of(outgoing)["urgency"] == {"date": "2030-01-02", "reason": "They are deleted."}
    page = client.get(where).content.decode()
    assert "left-over" in page
    assert "2 January 2030" in page
    assert "urgency__date" not in fields_of(page)
    removed = opened(client, where) | {"remove-urgency__date": "on", "remove-urgency__reason": "on"}
    client.post(where, removed)
    assert "urgency" not in content_of(outgoing)
    letter_from(content_of(outgoing))


def test_port_is_asked_of_an_address_of_the_internet_alone(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    where = address(outgoing, "items/new-identifiers/")
    fields = opened(client, where)
    assert "port" in fields
    client.post(where, fields | {"type": "email", "value": "a@example.net"})
    key = content_of(outgoing)["identifiers"][-1]["id"]
    assert "port" not in opened(client, address(outgoing, f"items/{key}/"))


def test_long_or_foreign_list_of_new_questions_in_the_address_does_nothing(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    page = client.get(address(outgoing, ITEM) + "?new=" + "answers__none+" * 50 + "<script>").content.decode()
    assert 'class="fresh"' not in page
    assert "<script>answers" not in page


# --- the choice of a measure ---


def test_question_on_which_another_hangs_is_named_in_quotation_marks_and_its_answer_in_short() -> None:
    asked = told([Condition(OWN, ("yes",), "state")], "preserved", None)
    assert asked == "“Are they preserved?”: yes"
    assert told([Condition("urgency", ("urgent",))], "", None) == "urgency: urgent"


def test_measures_are_chosen_under_headings_with_the_sentence_of_each(at_desk: AtDesk, line: Line) -> None:
    from workflows.drafting.measures import measure_catalogue, measure_groups

    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    for where, kind in (("/out/new", "checkbox"), (address(outgoing, "items/new-items/"), "radio")):
        page = client.get(where).content.decode()
        headings = re.findall(r'<p class="measure-group-name" id="([^"]+)">([^<]+)</p>', page)
        assert [name for _id, name in headings] == list(measure_groups().values())
        assert all(f'role="group" aria-labelledby="{html}"' in page for html, _name in headings)
        for measure in measure_catalogue().values():
            box = re.search(
                rf'<input type="{kind}"[^>]*value="{measure.slug}" id="([^"]+)" aria-describedby="([^"]+)"', page
            )
            assert box is not None, (where, measure.slug)
            assert f'for="{box[1]}"' in page
            assert f'id="{box[2]}">' in page
    fields = opened(client, address(outgoing, "items/new-items/"))
    assert client.post(address(outgoing, "items/new-items/"), fields).status_code == 422
    answer = client.post(address(outgoing, "items/new-items/"), fields | {"measure": "freezing"})
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    assert '<optgroup label="Money and property">' in page
    assert fields_of(page)["measure"] == "freezing"


def test_page_of_a_new_letter_that_names_no_measure_leads_to_the_choice(at_desk: AtDesk, line: Line) -> None:
    client = at_desk(line.prosecutor)
    answer = client.post("/out/new", opened(client, "/out/new") | {"requested": "us"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'href="#f-measures"' in page
    assert 'id="f-measures"' in page


def test_kind_that_has_a_measure_of_its_own_is_kept_where_it_was_chosen_and_offered_to_nobody(
    at_desk: AtDesk, line: Line
) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    new = address(outgoing, "items/new-items/")
    where = client.post(new, opened(client, new) | {"measure": "other"})["Location"]
    assert 'value="bank_records"' not in client.get(where).content.decode()
    letter = LetterOfRequest.objects.get(pk=outgoing.letter_id)
    content = content_of(outgoing)
    content["items"][-1]["answers"] = {"kind_of_assistance": "bank_records"}
    letter_save(letter=letter, content=letter_from(content), by=line.prosecutor)
    page = client.get(where).content.decode()
    assert fields_of(page)["answers__kind_of_assistance"] == "bank_records"
    assert "has a measure of its own by now" in page
    assert 'value="freezing"' not in page.split('name="answers__kind_of_assistance"')[1].split("</select>")[0]


def test_examples_of_days_and_times_are_read_as_a_letter_prints_them() -> None:
    from workflows.drafting.measures import measure_catalogue
    from workflows.web.drafting.forms import question_field

    found = {}
    for measure in measure_catalogue().values():
        for question in measure.questions:
            example = str(question_field(question).example)
            assert not re.search(r"[0-9]T[0-9]|[0-9]{4}-[0-9]{2}-[0-9]{2}", example) or question.kind == "text"
            found[question.kind] = example
    assert re.fullmatch(r"[0-9]+ \w+ [0-9]{4}", found["date"])
    assert re.fullmatch(r"from .* UTC.* to .* UTC.*", found["period"])
    assert " UTC" in found["instant"]


# --- identifiers by their type ---


@pytest.mark.parametrize(
    ("kind", "given", "kept", "told"),
    [
        ("phone", "+1 202 555 0143", "+12025550143", "numbering plan US"),
        ("phone", "0143 555", "0143 555", "This is no telephone number"),
        ("iban", "gb33 bukb 2020 1555 5555 55", "GB33BUKB20201555555555", "The check digits hold."),
        ("iban", "GB34 BUKB 2020 1555 5555 55", "GB34 BUKB 2020 1555 5555 55", "do not hold"),
        ("imei", "4901542032XXXXX", "4901542032XXXXX", "Masked:"),
        ("wallet", "an address of a service", "an address of a service", "Not checked:"),
    ],
)
def test_identifier_is_kept_in_its_usual_form_and_the_page_tells_what_was_found(
    at_desk: AtDesk, line: Line, kind: str, given: str, kept: str, told: str
) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    new = address(outgoing, "items/new-identifiers/")
    answer = client.post(new, opened(client, new) | {"type": kind, "value": given})
    assert answer.status_code == 302
    entry = content_of(outgoing)["identifiers"][-1]
    assert (entry["type"], entry["value"]) == (kind, kept)
    page = client.get(address(outgoing, f"items/{entry['id']}/")).content.decode()
    assert told in page
    # Typed again as before, it is the same answer: nobody is told of a change.
    where = address(outgoing, f"items/{entry['id']}/")
    assert client.post(where, opened(client, where) | {"value": given}).status_code == 302
    assert content_of(outgoing)["identifiers"][-1]["value"] == kept
