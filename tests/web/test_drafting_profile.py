"""A new letter takes from the profiles of the two States what they say, and the form to be signed can be changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from mla.accounts.actors import Actor
from mla.reference.models import ProfileEntry
from tests.drafting.test_profile_findings import known
from tests.factories import Line, example_letter
from tests.web.test_drafting import content_of, new_letter, opened
from workflows.lifecycle.models import OutgoingRequest

pytestmark = pytest.mark.django_db
AtDesk = Callable[[Actor], Client]


@pytest.fixture
def client(at_desk: AtDesk) -> Client:
    return at_desk(Line(example_letter(2)).prosecutor)


def begun(client: Client, **said: Any) -> tuple[str, dict[str, Any]]:
    answer = client.post("/out/new", new_letter(client, **said))
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return answer["Location"], content_of(OutgoingRequest.objects.latest("id"))


def test_new_letter_asks_for_the_form_that_our_courts_need_and_only_where_the_measure_has_it(client: Client) -> None:
    known("GB", "evidence_needed", "records_certificate")
    known("GB", "evidence_needed", "none", measure="stored-content")
    known("US", "evidence_needed", "oath")
    measures = ["stored-content", "subscriber-information", "preservation"]
    _address, content = begun(client, measures=measures)
    asked = {item["measure"]: item.get("certificate_form", "") for item in content["items"]}
    assert asked == {"stored-content": "", "subscriber-information": "records_certificate", "preservation": ""}


def test_addressee_and_language_follow_the_profile_and_the_stage(client: Client) -> None:
    _address, content = begun(client, requested="lv", nature="investigation")
    assert content["requested"]["authority"] == "lv-central"
    _address, content = begun(client, requested="lv", nature="trial")
    assert content["requested"]["authority"] == "lv-moj-uncac"
    ProfileEntry.objects.filter(jurisdiction__code="LV").delete()
    known("LV", "language", "en")
    _address, content = begun(client, requested="lv", nature="trial")
    assert (content["requested"]["authority"], content["language"]) == ("lv-central", "en")


def test_form_to_be_signed_is_chosen_on_the_page_of_its_measure(client: Client) -> None:
    address, _content = begun(client, measures=["bank-records", "preservation", "testimony"])
    page = f"{address}items/M1/"
    fields = opened(client, page)
    assert "certificate_form" in fields
    assert client.post(page, fields | {"certificate_form": "oath"}).status_code in (200, 302)
    outgoing = OutgoingRequest.objects.latest("id")
    assert content_of(outgoing)["items"][0]["certificate_form"] == "oath"
    assert client.post(page, opened(client, page) | {"certificate_form": "seal"}).status_code in (200, 302, 422)
    assert content_of(outgoing)["items"][0]["certificate_form"] == "oath"
    assert "certificate_form" not in opened(client, f"{address}items/M2/")
    offered = client.get(f"{address}items/M3/").content.decode()
    assert 'value="oath"' in offered and 'value="records_certificate"' not in offered
    assert "at the end of this letter" in client.get(f"{address}preview").content.decode()
