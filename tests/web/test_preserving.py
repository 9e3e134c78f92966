"""Asked before, and the planner, at the desk: what is written, shown to the approver, and begun with one press."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from mla.accounts.actors import Actor
from tests.factories import Line, example_letter
from tests.tracking.lives import preservation_line, sent_case
from workflows.documents.preview import letter_page
from workflows.drafting.models_reuse import LetterLink

AtDesk = Callable[[Actor], Client]

pytestmark = pytest.mark.django_db


def body(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def test_alternatives_are_answered_in_their_section_and_read_by_the_approver_alone(at_desk: AtDesk) -> None:
    line = Line(letter=example_letter(2))
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    address = reverse("web:letter_section", args=[outgoing.public_id, "before"])
    page = body(client.get(address))
    assert "open to the public" in page and "CETS-185 32(a)" in page and "to be confirmed" in page
    seen = page.split('id="seen" value="')[1].split('"')[0].replace("&quot;", '"')
    shown = page.split('name="shown" value="')[1].split('"')[0]
    given = {"seen": seen, "shown": shown}
    given |= {name: "not_considered" for name in shown.split() if name.endswith("__answer")}
    given |= {"before__police_24_7__answer": "used", "before__police_24_7__reason": "Asked on 3 March <b>in vain</b>."}
    assert client.post(address, given).status_code == 302
    said = outgoing.letter.versions.get().content["before"]
    assert said == {"police_24_7": {"answer": "used", "reason": "Asked on 3 March <b>in vain</b>."}}
    again = body(client.get(address))
    assert "Not answered: Is the evidence held already" in again
    assert "in vain" not in str(letter_page(outgoing, outgoing.letter.present()))


def test_planner_is_shown_with_what_is_not_known_and_begins_a_preservation_with_one_press(at_desk: AtDesk) -> None:
    line = Line(letter=example_letter(2))
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    page = body(client.get(reverse("web:letter_section", args=[outgoing.public_id, "preserved"])))
    address = reverse("web:letter_preserve", args=[outgoing.public_id, "D1"])
    assert address in page and "not known whether preserved" in page and "to translate: not known" in page
    first, second = client.post(address), client.post(address)
    assert first.status_code == second.status_code == 302 and first["Location"] == second["Location"]
    assert LetterLink.objects.count() == 1
    assert "Expedited preservation" in body(client.get(first["Location"] + "items/"))
    assert client.post(reverse("web:letter_preserve", args=[outgoing.public_id, "D9"])).status_code == 404
    assert client.get(address).status_code == 405


def test_new_data_set_that_is_preserved_is_asked_at_once_until_when(at_desk: AtDesk) -> None:
    line = Line(letter=example_letter(2))
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    address = reverse("web:letter_entry", args=[outgoing.public_id, "preserved", "new-preserved"])
    page = body(client.get(address))
    shown = page.split('name="shown" value="')[1].split('"')[0]
    assert "until" not in shown.split()
    given = {"seen": "{}", "shown": shown, "entry": "", "what": "Log-ins of the account"}
    kept = client.post(address, given | {"state": "yes"})
    assert "?new=" in kept["Location"] and "until" in kept["Location"]
    assert "Preserved until" in body(client.get(kept["Location"]))
    assert client.post(address, given | {"state": "no"})["Location"].endswith("/letter/preserved/")


def test_sent_preservation_is_followed_with_one_press_and_no_other_is(at_desk: AtDesk) -> None:
    line, outgoing, _incoming = sent_case(preservation_line())
    client = at_desk(line.prosecutor)
    page = body(client.get(reverse("web:outgoing", args=[outgoing.public_id])))
    address = reverse("web:letter_follow_up", args=[outgoing.public_id])
    assert address in page
    first, second = client.post(address), client.post(address)
    assert first.status_code == 302 and first["Location"] == second["Location"]
    draft = line.drafted()
    refused = client.post(reverse("web:letter_follow_up", args=[draft.public_id]), follow=True)
    assert LetterLink.objects.count() == 1 and "after it was sent" in body(refused)
    supervisor = at_desk(line.supervisor)
    assert address not in body(supervisor.get(reverse("web:outgoing", args=[outgoing.public_id])))
    assert supervisor.post(address).status_code == 404


def test_picture_is_drawn_without_a_style_and_the_table_says_the_same(at_desk: AtDesk) -> None:
    from tests.drafting.letters import letter

    row = {"id": "D1", "what": "logs", "state": "yes", "on": "2026-11-01", "until": "2027-03-01", "provider": "V1"}
    line = Line(letter=letter(preserved=[row, {"id": "D2", "what": "mail", "state": "no"}]))
    outgoing = line.drafted()
    page = body(at_desk(line.prosecutor).get(reverse("web:outgoing", args=[outgoing.public_id])))
    picture = page.split('class="planner-picture"')[1].split("</figure>")[0]
    assert picture.count("<svg") == 1 and "style=" not in picture and "<rect" in picture
    assert "1 Mar" in page and "2027" in page and "at least sixty days" in page.lower()
