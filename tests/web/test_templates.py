"""Templates of an authority: saved from a letter without anything of its case, next versions, withdrawn, a letter from one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from tests.factories import Line, officer
from tests.web.test_reuse import key_in
from workflows.drafting import selectors_templates
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models import LetterOfRequest
from workflows.drafting.models_reuse import CopiedPart, LetterTemplate, LetterTemplateVersion
from workflows.drafting.services_templates import template_save, template_withdraw
from workflows.engine.errors import ActForbidden, ActNotPossible, ConditionsNotMet
from workflows.lifecycle.services.outgoing_reuse import letter_create_from_template

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]
PARTS = ["proceedings", "offences", "providers", "items", "bases", "contacts", "statements"]


def legal(line: Line) -> Actor:
    return officer(Role.LEGAL, line.letter.requesting.authority or "")


def saved(line: Line, name: str = "Bank records", parts: list[str] | None = None) -> LetterTemplate:
    source = line.taken_in().letter.present()
    return template_save(source=source, name=name, parts=parts or ["offences", "items"], by=line.supervisor)[0]


def test_template_is_saved_once_again_as_the_next_version_and_withdrawn(at_desk: AtDesk) -> None:
    line = Line()
    case = line.taken_in()
    client = at_desk(line.supervisor)
    address = f"/out/{case.public_id}/template"
    for page in (f"/out/{case.public_id}/", f"/out/{case.public_id}/letter/"):
        assert address in client.get(page).content.decode()
        assert address not in at_desk(line.desk).get(page).content.decode()
    assert "persons, and anything under seal" in client.get(address).content.decode()
    empty = client.post(address, {"name": "Bank records"})
    assert empty.status_code == 422 and "Bank records" in empty.content.decode()
    assert client.post(address, {"name": "Bank records", "parts": ["persons"]}).status_code == 422
    assert not LetterTemplate.objects.exists()
    said = {"name": "Bank records", "parts": ["offences", "items"]}
    first, again = client.post(address, said), client.post(address, said)
    assert first.status_code == 302 and first["Location"] == again["Location"]
    template = LetterTemplate.objects.get()
    assert (template.number, template.parts, template.authority) == (1, ["offences", "items"], case.central)
    later = at_desk(legal(line)).post(address, said | {"parts": ["offences"]})
    assert later["Location"] == first["Location"]
    template.refresh_from_db()
    assert (template.number, template.parts, template.letter) == (2, ["offences"], case.letter)
    assert [row.parts for row in LetterTemplateVersion.objects.all()] == [["offences"], ["offences", "items"]]
    page = client.get(first["Location"]).content.decode()
    assert line.letter.offences[0].title in page and "version 1" in page and f"/out/{case.public_id}/" in page

    gone = f"{first['Location']}withdraw"
    assert at_desk(line.desk).post(gone).status_code == 404
    assert [client.post(gone).status_code for _press in range(2)] == [302, 302]
    template.refresh_from_db()
    assert template.status == "withdrawn" and template.withdrawn_by_id == line.supervisor.user_id
    assert "Bank records" not in client.get("/templates/").content.decode()
    assert "Bank records" in client.get("/templates/?show=withdrawn").content.decode()
    client.post(address, said)
    template.refresh_from_db()
    assert (template.status, template.number, template.withdrawn_at) == ("in_use", 3, None)
    record = AuditEntry.objects.filter(object_type="template", outcome="done").order_by("id")
    assert [row.act for row in record] == [
        "template.create", "template.save_again", "template.withdraw", "template.save_again",
    ]  # fmt: skip
    assert record[0].detail == {"number": 1, "parts": ["items", "offences"], "letter": str(case.letter.public_id)}


def test_page_of_a_template_names_what_each_text_is_in_the_order_of_the_letter(at_desk: AtDesk) -> None:
    line = Line()
    case, client = line.taken_in(), at_desk(line.supervisor)
    whole = template_save(source=case.letter.present(), name="All words", parts=PARTS, by=line.supervisor)[0]
    words = client.get(f"/templates/{whole.public_id}/").content.decode()
    assert "Nature: criminal investigation" in words
    assert words.index("Reciprocity: ") < words.index("Limits on use: ") < words.index("Costs: ")


def test_nothing_of_the_case_is_kept() -> None:
    line = Line()
    source = line.taken_in().letter.present()
    template, new = template_save(source=source, name="All", parts=[*PARTS, "persons", "facts"], by=line.supervisor)
    content = template.content
    assert new and not {"persons", "facts", "identifiers", "related", "annexes", "rights"} & set(content)
    assert {one["conduct"] for one in content["offences"]} == {""}
    assert set(content["offences"][0]) <= {
        "id", "title", "category", "provision", "law_text", "maximum_penalty", "maximum_years", "conduct",
    }  # fmt: skip
    kept = {"id", "measure", "bases", "offences", "provider", "procedure", "certificate_form", "answers"}
    assert all(set(one) <= kept for one in content["items"])
    assert "purpose" in source.content["statements"] and "purpose" not in content["statements"]
    assert "subject" not in content["proceedings"] and "reference" not in content["proceedings"]
    whole = json.dumps(content)
    for person in line.letter.persons:
        assert person.name not in whole
    for one in line.letter.identifiers:
        assert one.value not in whole


@pytest.mark.parametrize("where", ["a person", "a person under seal", "an identifier", "the name"])
def test_text_that_names_somebody_of_the_case_is_refused_at_its_part(where: str) -> None:
    value = Line().letter.content()
    witness = {"id": "P9", "role": "witness", "name": "Ingrid Testperson", "protected": where == "a person under seal"}
    persons, identifier = [*value["persons"], witness], value["identifiers"][0]["value"]
    text = (
        f"Account {identifier}, confidential." if where == "an identifier" else "Spare Testperson, Ingrid the journey."
    )
    statements = value.get("statements", {}) | ({"tipping_off": text} if where != "the name" else {})
    letter = letter_from(value | {"persons": persons, "statements": statements})
    line = Line(letter=letter)
    source = line.drafted().letter.present()
    name = "Like that of Ingrid Testperson" if where == "the name" else "Bank records"
    with pytest.raises(ConditionsNotMet) as refused:
        template_save(source=source, name=name, parts=["offences", "statements"], by=line.supervisor)
    assert [reason.field for reason in refused.value.reasons] == ["name" if where == "the name" else "parts"]
    assert "Testperson" not in str(refused.value)
    assert template_save(source=source, name="Bank records", parts=["offences"], by=line.supervisor)[1]


def test_restricted_letter_and_other_roles_make_no_template() -> None:
    line = Line()
    source = line.taken_in().letter.present()
    for actor in (line.desk, line.prosecutor, line.registry):
        with pytest.raises(ActForbidden):
            template_save(source=source, name="Bank records", parts=["offences"], by=actor)
    source.letter.confidentiality = "restricted"
    with pytest.raises(ConditionsNotMet):
        template_save(source=source, name="Bank records", parts=["offences"], by=line.supervisor)
    assert not LetterTemplate.objects.exists()


def test_letter_is_begun_once_from_a_template_with_marks_and_its_own_basis(at_desk: AtDesk) -> None:
    line = Line()
    template = saved(line, parts=PARTS)
    client = at_desk(line.desk)
    address = f"/templates/{template.public_id}/new"
    assert address in client.get("/out/new").content.decode()
    said = {
        "letter_key": key_in(client.get(address).content.decode()), "requested": line.letter.requested.jurisdiction,
        "title": "Records of an account", "date": "2026-07-01", "parts": ["offences", "items"],
    }  # fmt: skip
    bad = client.post(address, said | {"date": "2026-13-40"})
    assert bad.status_code == 422 and "Records of an account" in bad.content.decode()
    first, again = client.post(address, said), client.post(address, said)
    assert first.status_code == 302 and first["Location"] == again["Location"]
    letter = LetterOfRequest.objects.get(title="Records of an account")
    content = letter.present().content
    assert content["offences"][0]["title"] == line.letter.offences[0].title
    assert [one["measure"] for one in content["items"]] == [one.measure for one in line.letter.items]
    assert not {"persons", "facts", "identifiers", "bases", "statements"} & set(content)
    assert {row.part: row.source for row in CopiedPart.objects.filter(letter=letter)} == dict.fromkeys(
        ["offences", "items"], "template “Bank records”, version 1"
    )
    entry = AuditEntry.objects.get(act="letter.create", object_id=str(letter.public_id))
    assert entry.detail["template"] == str(template.public_id) and entry.detail["template_version"] == 1
    assert "Copied, to check" in client.get(f"{first['Location']}offences/").content.decode()

    template_withdraw(template=template, by=line.supervisor)
    assert address not in client.get("/out/new").content.decode()
    late = client.post(address, said | {"letter_key": key_in(client.get("/out/new").content.decode())})
    assert late.status_code == 422 and "was withdrawn" in late.content.decode()


def test_another_authoritys_template_is_not_there(at_desk: AtDesk) -> None:
    line = Line()
    template = saved(line)
    # The prosecutors of the same State are another authority.
    for actor in (line.prosecutor, line.their_desk):
        client = at_desk(actor)
        for path in ("", "new"):
            assert client.get(f"/templates/{template.public_id}/{path}").status_code == 404
        assert "Bank records" not in client.get("/templates/").content.decode()
        assert "Bank records" not in client.get("/out/new").content.decode()
        with pytest.raises(AccessDenied):
            letter_create_from_template(template=template, parts=["offences"], content=line.letter, by=actor)
    theirs = officer(Role.SUPERVISOR, line.letter.requested.authority or "")
    assert at_desk(theirs).post(f"/templates/{template.public_id}/withdraw").status_code == 404
    with pytest.raises(ActForbidden):
        template_withdraw(template=template, by=theirs)
    with pytest.raises(ActForbidden):
        letter_create_from_template(template=template, parts=["offences"], content=line.letter, by=line.supervisor)
    template_withdraw(template=template, by=line.supervisor)
    with pytest.raises(ActNotPossible):
        letter_create_from_template(template=template, parts=["offences"], content=line.letter, by=line.desk)


def test_list_has_pages_and_a_fixed_number_of_queries(at_desk: AtDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line()
    monkeypatch.setattr(selectors_templates, "PAGE", 3)
    source = line.taken_in().letter.present()
    client = at_desk(line.desk)

    def price(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    template_save(source=source, name="Template 0", parts=["offences"], by=line.supervisor)
    few, new = price("/templates/"), price("/out/new")
    for number in range(1, 7):
        template_save(source=source, name=f"Template {number}", parts=["offences"], by=line.supervisor)
    assert price("/templates/") == few and price("/out/new") == new
    found: list[str] = []
    address = "/templates/"
    while address:
        page = client.get(address).content.decode()
        found += re.findall(r'<td class="main-cell"><a href="/templates/[0-9a-f-]{36}/"><bdi>([^<]+)', page)
        following = re.search(r'href="(/templates/\?[^"]*after=\d+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert found == [f"Template {number}" for number in range(7)]
