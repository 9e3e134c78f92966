"""The paragraphs beside a section name treaties and measures as the letter will: in its language, by the rules as stored."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from mla.accounts.actors import Actor
from mla.core.languages import house_words
from mla.core.letter_languages import letter_wording
from mla.reference.models import Instrument
from tests.factories import Line
from tests.web.test_drafting import address
from workflows.documents.preview import letter_sheet
from workflows.drafting.letterfile import letter_from
from workflows.drafting.measures import measure_catalogue

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]


def as_printed(client: Client, where: str) -> str:
    page = client.get(where).content.decode()
    return page.split('class="as-printed"')[1].split("</div>")[0]


def test_names_beside_a_section_are_those_of_the_letter_in_its_language(at_desk: AtDesk) -> None:
    content = Line().letter.content() | {"language": "fr"}
    line = Line(letter=letter_from(content))
    outgoing = line.drafted()
    instrument = Instrument.objects.get(code=content["bases"][0]["instrument"])
    titles = {
        **instrument.rules.get("titles", {}),
        "fr": {
            "short": "Convention d’essai",
            "full": "Convention d’essai sur les essais",
            "confidence": "to_be_confirmed",
        },
    }
    Instrument.objects.filter(pk=instrument.pk).update(rules=instrument.rules | {"titles": titles})
    client = at_desk(line.prosecutor)
    basis = as_printed(client, address(outgoing, "basis/"))
    assert "Convention d’essai sur les essais" in basis
    letter = "".join(part.html for part in letter_sheet(outgoing, outgoing.letter.present()).parts)
    assert "Convention d’essai sur les essais" in letter
    first = content["items"][0]
    slug = first["measure"]
    with letter_wording("fr"):
        name = house_words(measure_catalogue()[slug].name)
    assert name != measure_catalogue()[slug].name
    items = as_printed(client, address(outgoing, f"items/{first['id']}/"))
    assert measure_catalogue()[slug].name not in items
