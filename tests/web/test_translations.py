"""Translating in the browser without a script: from the assignment at the case to the certified translation's PDF."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.files import file_read
from tests.drafting.test_translation import Desk, person
from tests.factories import drain
from workflows.drafting import selectors_translation
from workflows.drafting.models_translation import GlossaryTerm, Translation
from workflows.drafting.services import annex_add
from workflows.drafting.services_translation import annex_decide, term_add, translation_assign, translation_cancel
from workflows.drafting.translation_need import translation_need
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.tracking.selectors import waiting_and_late
from workflows.web.choices import language_choices
from workflows.web.views.translations import AssignForm

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]


def test_letter_is_translated_from_the_assignment_to_the_certified_translation_and_its_pdf(at_desk: AtDesk) -> None:
    desk = Desk()
    officer, translator, reader = at_desk(desk.line.desk), at_desk(desk.translator), at_desk(desk.reader)
    of_case = f"/out/{desk.outgoing.public_id}/translations/"
    assert of_case in officer.get(f"/out/{desk.outgoing.public_id}/").content.decode()
    assert "What the requested State takes" in officer.get(of_case).content.decode()
    people = {"translator": str(person(desk.translator).public_id), "second_reader": str(person(desk.reader).public_id)}
    same = officer.post(of_case, {"language": "en", "note": "By Friday", **people})
    assert same.status_code == 422 and "By Friday" in same.content.decode()
    assigned = officer.post(of_case, {"language": "ar", **people})
    assert assigned.status_code == 302
    row = Translation.objects.get()
    home = f"/translations/{row.public_id}/"
    assert assigned["Location"] == home
    assert home in translator.get("/translations/").content.decode()
    page = translator.get(home).content.decode()
    assert 'dir="rtl"' in page and 'lang="ar"' in page and "Take the source as it stands" in page

    # Every text, by the forms of the pages alone.
    texts = f"{home}texts/"
    wrong = translator.post(f"{texts}1", {"target": "eins\nzwei", "seen": "0", "done": "1"})
    assert (
        wrong.status_code == 422
        and "give one line" in wrong.content.decode()
        and "eins\nzwei" in wrong.content.decode()
    )
    draft = translator.post(f"{texts}1", {"target": "مسودة", "seen": "0"})
    assert draft["Location"] == f"{home}?at=1#u1"
    late = translator.post(f"{texts}1", {"target": "نص آخر", "seen": "0", "done": "1"})
    body = late.content.decode()
    assert late.status_code == 422 and "نص آخر" in body and "مسودة" in body
    seen = re.search(r'name="seen" value="(\d+)"', body)
    assert seen is not None and seen[1] == "1"
    for unit in row.units.order_by("position"):
        said = {"target": f"ع {unit.source}"[: unit.longest], "seen": str(unit.number), "done": "1"}
        saved = translator.post(f"{texts}{unit.position}", said)
        assert saved["Location"] == f"{home}?at={unit.position + 1}#u{unit.position + 1}"
    act = f"/translation/{row.public_id}/do/"
    version = lambda: {"expected_version": str(Translation.objects.get().version)}  # noqa: E731
    assert translator.post(f"{act}finish", version()).status_code == 422, "the annexes are not decided"
    for annex in (desk.version.frozen_content or {})["annexes"]:
        address = f"{home}annexes/{annex['id']}"
        assert translator.post(address, {"how": "summary"}).status_code == 422
        full = {"how": "full", "file": SimpleUploadedFile("annex.txt", "ملحق".encode()), **version()}
        assert translator.post(address, full).status_code == 302
        assert b"".join(officer.get(f"{address}/file")).decode() == "ملحق"
    assert translator.post(f"{act}finish", version()).status_code == 302
    assert translator.post(f"{texts}1", {"target": "متأخر", "seen": "2", "done": "1"}).status_code == 422
    assert translator.get(f"{act}certify").status_code == 200
    assert translator.post(f"{act}certify", version()).status_code == 422, "not read yet"
    assert translator.get(f"{act}read").status_code == 403
    assert reader.post(f"{act}read", version()).status_code == 302
    assert translator.get(f"{home}certificate").status_code == 404
    assert translator.post(f"{act}certify", version()).status_code == 302
    told = translator.get(f"{home}certificate").content.decode()
    row = Translation.objects.get()
    assert row.content_hash[:8] in told and desk.version.content_hash[:8] in told
    drain()
    row = Translation.objects.get()
    pdf = b"".join(officer.get(f"{home}letter.pdf"))
    assert pdf.startswith(b"%PDF") and pdf == file_read(row.document_sha256)
    assert f"{home}letter.pdf" in officer.get(of_case).content.decode()


def test_translator_finds_nothing_else_of_the_case_and_a_stranger_not_even_the_translation(at_desk: AtDesk) -> None:
    desk = Desk()
    row = desk.assigned()
    translator, stranger = at_desk(desk.translator), at_desk(desk.stranger)
    case, letter = desk.outgoing.public_id, desk.outgoing.letter.public_id
    for address in (
        f"/out/{case}/", f"/out/{case}/letter/", f"/out/{case}/letter/preview", f"/out/{case}/translations/",
        f"/advice/{letter}/", "/out/", "/in/", "/countries/", "/offences/", "/templates/",
    ):  # fmt: skip
        assert translator.get(address).status_code == 404, address
    assert translator.get(f"/search?q={desk.version.content['title'][:12]}").status_code == 200
    title, own = desk.version.content["title"], translator.get("/").content.decode()
    assert title in own and f"/out/{case}" not in own and title not in stranger.get("/").content.decode()
    home = f"/translations/{row.public_id}/"
    for client in (stranger, at_desk(desk.line.their_desk)):
        for address in (home, f"{home}texts.xlf", f"{home}texts.tmx", f"{home}letter.pdf", f"{home}annexes/A1/source"):
            assert client.get(address).status_code == 404, address
    assert at_desk(desk.line.desk).post(f"{home}texts/1", {"target": "x", "seen": "0"}).status_code == 404
    assert stranger.post(f"{home}texts/1", {"target": "x", "seen": "0", "done": "1"}).status_code == 404
    assert not row.units.exclude(target="").exists()


def test_person_that_the_form_never_offered_is_not_there(at_desk: AtDesk) -> None:
    desk = Desk()
    officer = at_desk(desk.line.desk)
    said = {"language": "fr", "translator": str(person(desk.line.their_desk).public_id)}
    assert officer.post(f"/out/{desk.outgoing.public_id}/translations/", said).status_code == 404
    assert not Translation.objects.exists()


def test_list_has_pages_filters_and_a_fixed_number_of_queries(at_desk: AtDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    monkeypatch.setattr(selectors_translation, "PAGE", 3)
    client = at_desk(desk.translator)

    def price(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    desk.assigned("fr")
    few, work = price("/translations/"), price(f"/translations/{Translation.objects.get().public_id}/")
    for language in ("ar", "de", "es", "pt", "ru", "zh-Hans"):
        desk.assigned(language)
    assert price("/translations/") == few
    term_add(source_language="en", target_language="fr", term="the", translation="le", by=desk.translator)
    first = Translation.objects.get(language="fr")
    assert price(f"/translations/{first.public_id}/") == work
    found: list[str] = []
    address = "/translations/"
    while address:
        page = client.get(address).content.decode()
        found += re.findall(r'href="/translations/([0-9a-f-]{36})/"', page)
        following = re.search(r'href="(/translations/\?[^"]*after=\d+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert len(found) == len(set(found)) == 7
    assert "No translation is here" in client.get("/translations/?show=certified").content.decode()
    assert "No translation is here" in at_desk(desk.reader).get("/translations/?show=mine").content.decode()


def test_texts_are_shown_with_what_the_target_lacks_and_the_terms_of_the_glossary(at_desk: AtDesk) -> None:
    desk = Desk()
    row = desk.assigned()
    client = at_desk(desk.translator)
    unit = next(one for one in row.units.order_by("position") if re.search(r"\d{4}", one.source))
    word = re.findall(r"[A-Za-z]{6,}", unit.source)[0]
    term_add(source_language="en", target_language="fr", term=word, translation="motjuste", by=desk.translator)
    client.post(f"/translations/{row.public_id}/texts/{unit.position}", {"target": "Rien.", "seen": "0", "done": "1"})
    page = client.get(f"/translations/{row.public_id}/?at={unit.position}").content.decode()
    assert "The source has, and this text has not:" in page and "motjuste" in page
    assert Translation.objects.get().units.get(pk=unit.pk).status == "done", "it warns and does not refuse"


def test_file_of_an_agency_comes_in_whole_or_its_faults_are_named(at_desk: AtDesk) -> None:
    desk = Desk()
    row = desk.assigned()
    client = at_desk(desk.translator)
    home = f"/translations/{row.public_id}/"
    out = client.get(f"{home}texts.xlf").content
    back = re.sub(rb"(<source[^>]*>)(.*?)(</source>)", rb"\1\2\3<target>\2</target>", out, flags=re.DOTALL)

    def send(content: bytes, **more: Any) -> Any:
        return client.post(f"{home}bring-in", {"file": SimpleUploadedFile("back.xlf", content), **more})

    refused = send(back.replace(b'name="title"', b'name="titel"'))
    assert refused.status_code == 422 and "titel" in refused.content.decode()
    assert send(b"%PDF").status_code == 422 and client.post(f"{home}bring-in").status_code == 422
    assert not row.units.exclude(status="new").exists()
    assert send(back, done="on").status_code == 302
    assert set(row.units.values_list("status", flat=True)) == {"done"}
    assert b"<tuv" in client.get(f"{home}texts.tmx").content


def test_glossary_in_the_browser(at_desk: AtDesk) -> None:
    desk = Desk()
    client, officer = at_desk(desk.translator), at_desk(desk.line.desk)
    said = {"source_language": "en", "target_language": "fr", "term": "seizure", "translation": "saisie", "note": ""}
    assert client.post("/glossary/add", said | {"target_language": "en"}).status_code == 422
    assert client.post("/glossary/add", said).status_code == 302
    assert client.post("/glossary/add", said).status_code == 422
    term = GlossaryTerm.objects.get()
    assert "saisie" in officer.get("/glossary/?source=en&target=fr").content.decode()
    assert "saisie" not in officer.get("/glossary/?target=ru").content.decode()
    assert officer.get(f"/glossary/{term.public_id}/").status_code == 404
    change = {"term": "seizure", "translation": "la saisie", "note": "", "expected_version": "1"}
    assert client.post(f"/glossary/{term.public_id}/", change).status_code == 302
    assert client.post(f"/glossary/{term.public_id}/", change | {"note": "x"}).status_code == 422, "changed meanwhile"
    assert client.post(f"/glossary/{term.public_id}/", {"withdraw": "1", "expected_version": "2"}).status_code == 302
    assert "saisie" not in officer.get("/glossary/").content.decode()
    assert at_desk(desk.line.their_desk).get("/glossary/").status_code == 200


def test_next_version_is_assigned_with_what_was_translated(at_desk: AtDesk) -> None:
    desk = Desk()
    row = desk.assigned()
    desk.fill(row)
    client = at_desk(desk.line.desk)
    reason = {"reason": "The language changed.", "expected_version": str(Translation.objects.get().version)}
    assert client.post(f"/translation/{row.public_id}/do/cancel", reason).status_code == 302
    again = translation_assign(version=desk.version, language="fr", translator=person(desk.reader), by=desk.line.desk)
    page = at_desk(desk.reader).get(f"/translations/{again.public_id}/").content.decode()
    assert f"{again.units.count()} of {again.units.count()} texts done" in page


def test_worklist_says_what_waits_for_whom_and_takes_as_many_queries_for_many(at_desk: AtDesk) -> None:
    desk = Desk()
    translator, reader = at_desk(desk.translator), at_desk(desk.reader)

    def shown(client: Client) -> str:
        cache.clear()
        return client.get("/").content.decode()

    def queries(client: Client) -> int:
        shown(client)
        with CaptureQueriesContext(connection) as seen:
            shown(client)
        return len(seen)

    nothing = "Nothing waits for you"
    assert nothing in shown(translator) and nothing in shown(reader)
    row = desk.assigned("fr", second_reader=person(desk.reader))
    home = f"/translations/{row.public_id}/"
    assert home in shown(translator) and "Translate into French" in shown(translator)
    assert waiting_and_late(desk.translator, 10) == (1, 0)
    for other in (reader, at_desk(desk.stranger), at_desk(desk.line.desk)):
        assert home not in shown(other), "it waits for its translator alone"
    one = queries(translator)
    Translation.objects.filter(pk=row.pk).update(status="translated")
    assert nothing in shown(translator) and "Compare the translation into French" in shown(reader)
    assert (waiting_and_late(desk.translator, 10), waiting_and_late(desk.reader, 10)) == ((0, 0), (1, 0))
    Translation.objects.filter(pk=row.pk).update(status="read", read_at=clock.now())
    assert nothing in shown(reader) and "Certify the translation into French" in shown(translator)
    for language in ("ar", "es", "pt", "ru", "zh-Hans"):
        desk.assigned(language)
    assert waiting_and_late(desk.translator, 10) == (6, 0) and queries(translator) == one


def test_section_of_annexes_says_of_each_how_it_is_translated(at_desk: AtDesk) -> None:
    desk = Desk()
    page = f"/out/{desk.outgoing.public_id}/letter/annexes/"
    officer = at_desk(desk.line.desk)
    annexes = (desk.version.frozen_content or {})["annexes"]
    assert len(annexes) >= 2

    def shown() -> str:
        return officer.get(page).content.decode()

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            shown()
        return len(seen)

    assert "annex-translated" not in shown()
    row = desk.assigned("fr")
    home = f"/translations/{row.public_id}/"
    assert shown().count("not said yet") == len(annexes) and home in shown()
    one = queries()
    decide: Any = partial(annex_decide, translation=row, by=desk.translator)
    decide(key=annexes[0]["id"], how="full", name="annexe.txt", content="Le relevé de compte.".encode())
    decide(key=annexes[1]["id"], how="none", reason="Its pictures have no <b>words</b>.")
    told = shown()
    assert f"{home}annexes/{annexes[0]['id']}/file" in told and "annexe.txt" in told and "in full" in told
    assert "not translated" in told and "Its pictures have no &lt;b&gt;words&lt;/b&gt;." in told
    assert "replaced since" not in told and told.count("not said yet") == len(annexes) - 2
    arabic = desk.assigned("ar")
    decide(translation=arabic, key=annexes[0]["id"], how="summary", summary="ملخص", reason="Forty pages.")
    assert "in a summary" in shown() and "Forty pages." in shown() and queries() == one

    # A file that takes the place of another is not what was translated.
    outgoing = chain.outgoing_return_for_changes(
        outgoing=desk.outgoing, by=desk.line.supervisor, comments=[("title", "Which one?")]
    )
    annex_add(
        letter=outgoing.letter,
        by=desk.line.desk,
        title="Order",
        name="order.txt",
        content=b"whole",
        key=annexes[0]["id"],
    )
    assert shown().count("of a file that was replaced since") == 2
    translation_cancel(translation=arabic, by=desk.line.desk, reason="Not needed.")
    assert shown().count("of a file that was replaced since") == 1 and "Forty pages." not in shown()


def test_language_is_chosen_by_name_what_is_needed_first_and_a_code_that_is_none_is_refused_with_all_that_was_typed(
    at_desk: AtDesk,
) -> None:
    desk = Desk()
    officer, address = at_desk(desk.line.desk), f"/out/{desk.outgoing.public_id}/translations/"
    need = translation_need(desk.line.letter)
    page = officer.get(address, headers={"accept-language": "en"}).content.decode()
    chosen = page.split('id="id_language"')[1].split("</select>")[0]
    groups = re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', chosen, re.DOTALL)
    codes = [re.findall(r'value="([^"]+)"', inner) for _label, inner in groups]
    assert [label for label, _inner in groups][-2:] == ["Languages that letters are written in", "Other languages"]
    assert {"en", "fr", "ar", "zh-Hans"} <= {*codes[-2], *need.offered} and {"sw", "pt-BR", "ckb"} <= set(codes[-1])
    assert len({one for group in codes for one in group}) == sum(map(len, codes))
    assert "Simplified Chinese (zh-Hans)" in chosen and "Swahili (sw)" in chosen
    assert list(need.offered) == (codes[0] if len(groups) == 3 else [])
    said = {"language": "klingon", "translator": str(person(desk.translator).public_id), "note": "By Friday"}
    refused = officer.post(address, said)
    assert refused.status_code == 422 and "By Friday" in refused.content.decode()
    assert not Translation.objects.exists()
    assert officer.post(address, said | {"language": "sw"}).status_code == 302
    assert Translation.objects.get().language == "sw"


def test_language_that_the_profile_needs_stands_first_and_is_chosen_also_where_cldr_has_no_name_for_it() -> None:
    groups = dict(language_choices(["is", "tlh-x-1"]))
    assert groups["Needed by what is known"] == [("is", "Icelandic (is)"), ("tlh-x-1", "tlh-x-1")]
    form = AssignForm({"language": "tlh-x-1"}, authority_id=0, needed=["tlh-x-1"], initial={"language": "tlh-x-1"})
    assert "language" not in form.errors and "selected" in str(form["language"])
    with translation.override("fr"):
        others = language_choices()[-1][1]
        assert ("is", "islandais (is)") in others
