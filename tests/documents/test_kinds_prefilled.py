"""What the house holds is not asked again: a certificate of a translation made here, an offer of spontaneous information."""

from __future__ import annotations

import pytest

from mla.core.files import file_read
from tests.documents import signatures
from tests.documents.test_kinds_service import page_of
from tests.factories import Line, drain, example_letter
from tests.web.matrix_translations import certified
from workflows.documents.kinds import WHOLE
from workflows.documents.models import CaseDocument
from workflows.documents.services_kinds import DocumentRefused, document_make, kinds_open
from workflows.documents.verifying import document_check
from workflows.drafting.letterfile import LetterFile
from workflows.exchange.services import case_document_send
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.services import outgoing_course as course

pytestmark = pytest.mark.django_db(transaction=True)
SLUG = "translation-certificate"


def test_certificate_says_what_the_translation_workflow_holds_and_nobody_says_otherwise() -> None:
    line = Line()
    case = line.ready()
    assert case.approved_version is not None
    row = certified(line, case.approved_version, "fr")
    [about] = [about for kind, about in kinds_open(case=case, by=line.desk) if kind.slug == SLUG]
    assert [one.key for one in about] == [str(row.public_id), WHOLE]
    assert "French" in about[0].words and str(row.translator) in about[0].words
    said = {"qualification": "sworn in", "translator": "Somebody Else", "sha256": "f" * 64, "language": "ru"}
    made = document_make(kind=SLUG, case=case, by=line.desk, language="en", about=about[0].key, said=said)
    says = made.content["says"]
    assert row.certified_at is not None
    assert says == {
        "translator": str(row.translator),
        "qualification": "sworn in",
        "source_language": "en",
        "source_sha256": case.approved_hash,
        "translation_language": "fr",
        "translation_sha256": row.content_hash,
        "translated_on": says["translated_on"],
    }
    assert str(says["translated_on"])[:4] == str(row.certified_at.year)
    page = page_of(SLUG, case, about[0].key, **made.said)
    assert "Date of the translation:" in page and row.content_hash[:8] in page
    # One from outside is said by whoever certifies it, as before.
    with pytest.raises(DocumentRefused):
        document_make(kind=SLUG, case=case, by=line.desk, language="en", said={"qualification": "sworn in"})
    assert CaseDocument.objects.count() == 1


def offering() -> LetterFile:
    """Return a letter that offers information and asks for nothing else."""
    letter = example_letter(1)
    answers = {
        "shared_now": "given", "information": "A server in your State answers to the address 198.51.100.23.",
        "origin": "Seized in our proceedings.", "reliability": "record", "conditions": ["confidential"],
        "conditions_text": "It is not disclosed to the suspect.",
    }  # fmt: skip
    item = letter.items[0].model_copy(
        update={"measure": "spontaneous-information", "answers": answers, "persons": (), "provider": None}
    )
    return letter.model_copy(update={"items": (item,)})


def test_offer_of_information_is_made_of_a_letter_of_the_desk_and_sent() -> None:
    line = Line(letter=offering())
    line.approved()
    drain()
    case = OutgoingRequest.objects.get()
    [about] = [about for kind, about in kinds_open(case=case, by=line.desk) if kind.slug == "spontaneous-offer"]
    assert [one.key for one in about] == [line.letter.items[0].id]
    made = document_make(kind="spontaneous-offer", case=case, by=line.desk, language="en", about=about[0].key)
    letter = made.content["says"]["letter"]
    assert letter["items"][0]["answers"]["information"].startswith("A server in your State")
    assert not {"rights", "before", "preserved"} & set(letter), "what stays in the house is in no attached content"
    drain()
    made.refresh_from_db()
    checked = document_check(file_read(made.sha256), signatures.config().trust)
    assert checked.sound and checked.content_matches == "yes"
    page = page_of("spontaneous-offer", case, about[0].key)
    assert "A server in your State" in page and "It is not disclosed to the suspect." in page
    sent = course.outgoing_send(outgoing=case, by=line.registry, channel="local")
    made.refresh_from_db()
    case_document_send(document=made, by=line.desk)
    theirs = line.arrived(sent)
    there = CaseDocument.objects.get(incoming=theirs)
    assert (there.sha256, there.name) == (made.sha256, made.name)
