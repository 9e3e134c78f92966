"""What a page proposes: of a measure without an answer what others of its group say, and a wrong default of nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from mla.accounts.actors import Actor
from tests.factories import Line, example_letter
from tests.web.test_drafting import address, content_of, fields_of, opened
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models import LetterOfRequest
from workflows.drafting.services import letter_save
from workflows.lifecycle.models import OutgoingRequest

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]

SAID = {
    "provider": "V1", "identifiers": ["I1"], "offences": ["O1"], "persons": ["P1"], "nexus": "The forum was there.",
    "necessity": "Nobody else knows.", "certificate_form": "records_certificate",
    "period": {"from": "2005-06-01T00:00:00+01:00", "to": "2005-10-31T23:59:59Z"},
    "answers": {"notify_user": "not_yet", "records_form": "Electronic.", "certificate": "A certificate."},
}  # fmt: skip


def drafted(line: Line, *items: dict[str, Any]) -> OutgoingRequest:
    outgoing = line.drafted()
    letter = LetterOfRequest.objects.get(pk=outgoing.letter_id)
    content = content_of(outgoing)
    content["items"] = [{"id": f"M{number}"} | item for number, item in enumerate(items, 1)]
    for basis in content["bases"]:
        basis.pop("items", None)
    letter_save(letter=letter, content=letter_from(content), by=line.prosecutor)
    return outgoing


@pytest.fixture
def line() -> Line:
    return Line(example_letter(2))


def test_measure_without_an_answer_is_proposed_what_the_one_before_it_says(at_desk: AtDesk, line: Line) -> None:
    outgoing = drafted(line, {"measure": "subscriber-information"} | SAID, {"measure": "stored-traffic-data"})
    client = at_desk(line.prosecutor)
    page = client.get(address(outgoing, "items/M2/")).content.decode()
    assert "is proposed as in M1" in page
    fields = fields_of(page)
    assert (fields["provider"], fields["identifiers"], fields["offences"], fields["persons"]) == (
        "V1", ["I1"], ["O1"], ["P1"],
    )  # fmt: skip
    assert (fields["period_from_date"], fields["period_from_offset"]) == ("2005-06-01", "+01:00")
    assert fields["answers__records_form"] == "Electronic."
    assert fields["answers__notify_user"] == "not_yet"
    assert not fields["nexus"] and not fields["necessity"], "reasons are each measure's own"
    assert set(content_of(outgoing)["items"][1]) <= {"id", "measure"}, "nothing counts that nobody saved"
    assert client.post(address(outgoing, "items/M2/"), fields).status_code == 302
    item = content_of(outgoing)["items"][1]
    assert {name: item.get(name) for name in ("provider", "identifiers", "offences", "persons", "period")} == {
        name: content_of(outgoing)["items"][0][name]
        for name in ("provider", "identifiers", "offences", "persons", "period")
    }
    # What is answered is proposed to no longer: an answer that was left out stays out.
    assert (
        client.post(
            address(outgoing, "items/M2/"), opened(client, address(outgoing, "items/M2/")) | {"offences": []}
        ).status_code
        == 302
    )
    again = client.get(address(outgoing, "items/M2/")).content.decode()
    assert "is proposed as in" not in again
    assert not fields_of(again).get("offences")


def test_measure_of_another_group_proposes_nothing(at_desk: AtDesk, line: Line) -> None:
    outgoing = drafted(line, {"measure": "subscriber-information"} | SAID, {"measure": "testimony"})
    page = at_desk(line.prosecutor).get(address(outgoing, "items/M2/")).content.decode()
    assert "is proposed as in" not in page
    assert not fields_of(page).get("persons")


def test_several_persons_and_offences_of_a_letter_are_not_folded_away(at_desk: AtDesk, line: Line) -> None:
    outgoing = drafted(line, {"measure": "subscriber-information"})
    page = at_desk(line.prosecutor).get(address(outgoing, "items/M1/")).content.decode()
    content = content_of(outgoing)
    front = page.split('class="folded"')[0]
    for group in ("persons", "offences"):
        assert (f'id="q-{group}"' in front) == (len(content[group]) > 1)


def test_provider_is_proposed_in_the_state_that_is_asked_and_a_key_date_as_nothing(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    provider = opened(client, address(outgoing, "items/new-providers/"))
    assert provider["jurisdiction"] == "United States of America"
    assert opened(client, address(outgoing, "urgency/new-key_dates/"))["kind"] == ""
    assert opened(client, address(outgoing, "statements/new-assurances/"))["kind"] == ""
    assert opened(client, address(outgoing, "persons/new-persons/"))["kind"] == "natural"


def test_several_entries_are_added_one_after_the_other(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    new, before = address(outgoing, "persons/new-persons/"), len(content_of(outgoing)["persons"])
    assert "Save and add another" in client.get(new).content.decode()
    said = {"name": "Subject E", "role": "witness", "another": "1"}
    assert client.post(new, opened(client, new) | said)["Location"] == new
    assert len(content_of(outgoing)["persons"]) == before + 1
    assert opened(client, new)["name"] == ""
    refused = client.post(new, opened(client, new) | said | {"name": ""})
    assert refused.status_code == 422 and len(content_of(outgoing)["persons"]) == before + 1
    first = address(outgoing, "persons/P1/")
    assert "Save and add another" not in client.get(first).content.decode()


def test_findings_stand_under_their_places_those_with_a_gap_first(at_desk: AtDesk, line: Line) -> None:
    outgoing = drafted(line, {"measure": "subscriber-information"}, {"measure": "stored-traffic-data"} | SAID)
    page = at_desk(line.prosecutor).get(address(outgoing)).content.decode()
    pane = page.split('id="findings"')[1]
    headings = [part.split("</bdi>")[0] for part in pane.split('<h3 class="findings-of"><bdi>')[1:]]
    assert headings[0] == "M1 · Subscriber information"
    assert len(headings) == len(set(headings)) > 2
    assert pane.index("finding-gap") < pane.index("finding-warning")
    next_step = page.split('id="next-step"')[1].split("</div>")[0]
    assert "What you ask for" in next_step


def test_letter_that_was_read_leads_its_writer_back_to_what_comes_next(at_desk: AtDesk, line: Line) -> None:
    outgoing = line.drafted()
    read, back = f"/out/{outgoing.public_id}/letter/preview", f'href="{address(outgoing)}">Back to the task list'
    assert back in at_desk(line.prosecutor).get(read).content.decode()
    line.in_review()
    assert back not in at_desk(line.supervisor).get(read).content.decode(), "nothing is written in review"
