"""The treaties: every officer reads them, a legal officer enters them; nothing typed and nothing known is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.accounts.services_treaties import participation_record, treaty_add
from mla.audit.models import AuditEntry
from mla.reference.models import Instrument, InstrumentChange, Jurisdiction, Participation
from mla.reference.services import reference_load
from mla.reference.services_treaties import treaty_values
from mla.reference.treaties import TreatyWrong
from tests.factories import officer
from tests.web.test_drafting import fields_of as _fields_of
from tests.web.test_lists import queries
from workflows.drafting.resolver import resolve
from workflows.web.forms.treaties import TreatyForms

pytestmark = pytest.mark.django_db
AtDesk = Callable[[Actor], Client]

BETWEEN = "/treaties/between"


@pytest.fixture
def lawyer(at_desk: AtDesk) -> Client:
    return at_desk(officer(Role.LEGAL, "de-central"))


@pytest.fixture
def reader(at_desk: AtDesk) -> Client:
    return at_desk(officer(Role.REGISTRY, "de-central"))


def text_of(client: Client, path: str, status: int = 200, **query: str) -> str:
    answer = client.get(path, query)
    assert answer.status_code == status
    return answer.content.decode()


def fields_of(html: str) -> dict[str, Any]:
    """Return what a browser would send of the form of the page, as it stands."""
    body = html.replace('<form method="post" class="form"', '<form id="letter-form" method="post"')
    return {name: value for name, value in _fields_of(body).items() if name != "csrfmiddlewaretoken"}


def said(**other: str) -> dict[str, str]:
    rows = {
        f"{kind}-{name}": "0" for kind in ("titles", "contents", "limits") for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    return rows | {
        "measures-TOTAL_FORMS": "2", "measures-INITIAL_FORMS": "0", "first": "LV", "second": "IN",
        "short_name": "Latvia-India treaty", "full_title": "Treaty between Latvia and India (made up)",
        "signed": "2015-03-02", "in_force": "2016-05-01", "ended": "", "supplements": "", "reach": "any",
        "reach_article": "1", "measures-0-measure": "bank-records", "measures-0-answer": "in_scope",
        "measures-0-articles": "4(1), 12", "measures-1-measure": "", "measures-1-answer": "in_scope",
        "source": "official gazette, read by a person", "as_of": "2026-11-20", "confidence": "medium", "note": "",
    } | other  # fmt: skip


def latest() -> InstrumentChange:
    return InstrumentChange.objects.order_by("-pk")[0]


def test_list_filters_by_words_kind_state_and_doubt_and_is_a_file_too(reader: Client) -> None:
    first = text_of(reader, "/treaties/")
    assert "/treaties/CETS-030/" in first
    assert "Enter a treaty" not in first
    found = text_of(reader, "/treaties/", q="transnational crime")
    assert "/treaties/UNTOC-2000/" in found and "/treaties/CETS-030/" not in found
    eu = text_of(reader, "/treaties/", kind="eu", state="FR")
    assert "/treaties/EIO-2014/" in eu and "/treaties/UNTOC-2000/" not in eu
    assert "/treaties/EIO-2014/" not in text_of(reader, "/treaties/", kind="eu", state="IE", q="EIO")
    assert "/treaties/FR-CH-1996/" in text_of(reader, "/treaties/", show="confirm", state="CH", q="FR-CH")
    assert "No instrument that is recorded here fits" in text_of(reader, "/treaties/", q="atlantis")
    table = b"".join(reader.get("/treaties/export.csv", {"q": "CETS-030"}).streaming_content)  # type: ignore[attr-defined]
    assert b"CETS-030" in table and b"UNTOC" not in table


def test_pages_of_the_list_hold_every_instrument_once(reader: Client) -> None:
    for number in range(60):
        Instrument.objects.create(code=f"ZZ-{number:03}", kind="treaty", short_name="x", full_title="x", rules={})
    path, found = "/treaties/", list[str]()
    while path:
        html = text_of(reader, path)
        found += re.findall(r'<td class="main-cell"><a href="/treaties/([A-Z0-9-]+)/"', html)
        [path] = re.findall(r'href="([^"]+)" rel="next"', html) or [""]
    assert found == list(Instrument.objects.order_by("code").values_list("code", flat=True))


@pytest.mark.parametrize(
    "path", ["/treaties/", "/treaties/export.csv", "/treaties/CETS-185/", f"{BETWEEN}?requesting=US&requested=IS"
             "&on=2013-06-12&measure=stored-content"]
)  # fmt: skip
def test_queries_do_not_grow_with_the_rows(lawyer: Client, path: str) -> None:
    few = queries(lawyer, path)
    there = Instrument.objects.get(code="CETS-185")
    states = Jurisdiction.objects.exclude(participations__instrument=there)[:20]
    for n, state in enumerate(states):
        Participation.objects.create(instrument=there, jurisdiction=state, status="party", source="s")
        Instrument.objects.create(
            code=f"ZZ-{n}", kind="treaty", short_name="x", full_title="x", rules=there.rules, in_force=date(2001, 1, 1)
        )
        InstrumentChange.objects.create(
            instrument=there, act="standing", before=None, after={"state": "XX"}, by_label="x", at="2026-01-01T00:00Z"
        )
    cache.clear()
    with CaptureQueriesContext(connection) as many:
        assert lawyer.get(path).status_code == 200
    assert len(many) == few <= 14


def test_every_instrument_has_a_page_with_what_is_recorded_of_it(reader: Client) -> None:
    for code in Instrument.objects.values_list("code", flat=True):
        text_of(reader, f"/treaties/{code}/")
    html = text_of(reader, "/treaties/UNTOC-2000/")
    for words in (
        "18(3)(f)", "18(9)-(29) apply only where no treaty", "18(7)", "gives way to another treaty", "no offence under the law of the requested State",
        "Grounds that it switches off", "worked out from the consent", "never: as it was shipped", "Declarations",
        "to be confirmed", "XVIII-12",
    ):  # fmt: skip
        assert words in html, words
    assert "it says how a request travels" in text_of(reader, "/treaties/MEDELLIN-2019/")
    agreement = text_of(reader, "/treaties/EU-US-2003/")
    assert "adds to the treaty between the two States" in agreement
    assert re.search(r"Stands between</dt><dd>United States.*and on the other</span> Austria, Belgium", agreement)
    assert "Stands between" not in html
    assert "cited with the domestic statute" in text_of(reader, "/treaties/HARARE-1986/")
    assert "Not known: nobody has read it here." in text_of(reader, "/treaties/GB-US-1994/")
    text_of(reader, "/treaties/QQ-1/", 404)


def test_the_answer_for_a_pair_is_ranked_with_reasons_and_lives_at_its_address(reader: Client) -> None:
    html = text_of(
        reader, BETWEEN, requesting="US", requested="IS", on="2013-06-12", measure="stored-content",
        offence="drug_trafficking", maximum_years="20",
    )  # fmt: skip
    order = re.findall(r"<h3>\d+\. <a href=\"/treaties/([A-Z0-9-]+)/", html)
    assert order == ["CETS-185", "VIENNA-1988", "UNTOC-2000"]
    folded = re.search(
        r"<summary>\d+ instruments bind both and do not reach what is asked</summary>(.*?)</details>", html
    )
    assert folded
    assert "/treaties/ICSFT-1999/" in folded[1]
    for words in (
        "in force since 1 May 2007",
        "apply only if no other treaty",
        "organized criminal group",
        "Not known",
    ):
        assert words in html, words
    told = text_of(
        reader, BETWEEN, requesting="US", requested="IS", on="2013-06-12", measure="stored-content", other_treaty="no"
    )
    assert "Its paragraphs 27(2)-(9), 28 apply." in told
    alone = text_of(reader, BETWEEN, requesting="JP", requested="TV", on="2026-06-01", measure="stored-content")
    assert "reciprocity" in alone.lower()
    assert "can be the basis" in alone


def test_what_cannot_be_asked_of_a_pair_is_told_and_the_rest_stays(reader: Client) -> None:
    first = text_of(reader, BETWEEN)
    assert "There is a problem" not in first
    assert '<option value="DE" selected>' in first
    html = text_of(reader, BETWEEN, 422, requesting="US", requested="US", on="2013-13-01", measure="stored-content")
    for words in (
        "A State does not ask itself",
        "Enter a valid date",
        'value="2013-13-01"',
        '<option value="US" selected>',
    ):
        assert words in html, words
    assert 'id="answer"' not in html
    text_of(reader, BETWEEN, 422, requesting="US", requested="QQ", on="2013-06-12", measure="stored-content")


def test_a_treaty_that_is_entered_counts_from_the_next_answer_on(lawyer: Client, reader: Client) -> None:
    before = resolve(requesting="IN", requested="LV", on=date(2026, 11, 24), measure="bank-records")
    assert before.bases[0].instrument in {"UNCAC-2003", "UNTOC-2000"}
    assert "Enter the treaty" in text_of(lawyer, "/treaties/add")
    answer = lawyer.post("/treaties/add", said())
    assert answer["Location"] == "/treaties/IN-LV-2015/"
    found = resolve(requesting="IN", requested="LV", on=date(2026, 11, 24), measure="bank-records")
    first = found.bases[0]
    assert (first.instrument, first.role, first.articles) == ("IN-LV-2015", "primary", ("4(1)", "12"))
    assert first.requesting.to_be_confirmed
    untoc = found.entry("UNTOC-2000")
    assert untoc is not None
    assert (untoc.residual_applies, untoc.role) == ("no", "subsidiary")
    html = text_of(reader, "/treaties/IN-LV-2015/")
    for words in (
        "4(1), 12",
        "goes before conventions",
        "official gazette, read by a person",
        "added",
        "to be confirmed",
    ):
        assert words in html, words
    assert lawyer.post("/treaties/add", said())["Location"] == "/treaties/IN-LV-2015-2/"
    reference_load()
    assert Participation.objects.filter(instrument__code="IN-LV-2015", status="party").count() == 2
    entry = AuditEntry.objects.filter(act="instrument.add").order_by("pk")[0]
    assert (entry.object_type, entry.object_id) == ("instrument", "IN-LV-2015")
    assert entry.detail["before"] == dict.fromkeys(entry.detail["before"])
    assert entry.detail["after"]["short_name"] == "Latvia-India treaty"


def test_names_in_other_languages_are_entered_with_the_treaty_and_stay_when_it_is_changed(
    lawyer: Client, reader: Client
) -> None:
    named = {"titles-TOTAL_FORMS": "1", "titles-0-language": "fr", "titles-0-short_name": "Traité letton-indien",
             "titles-0-full_title": "Traité entre la Lettonie et l’Inde"}  # fmt: skip
    assert lawyer.post("/treaties/add", said(**named)).status_code == 302
    there = Instrument.objects.get(code="IN-LV-2015")
    assert there.title("fr-CA") == ("Traité letton-indien", "Traité entre la Lettonie et l’Inde")
    assert there.title("es") == ("Latvia-India treaty", "Treaty between Latvia and India (made up)")
    assert '<bdi lang="fr">Traité letton-indien</bdi>' in text_of(reader, "/treaties/IN-LV-2015/")
    sent = fields_of(text_of(lawyer, "/treaties/IN-LV-2015/change")) | {"titles-0-short_name": "Traité de 2015"}
    assert lawyer.post("/treaties/IN-LV-2015/change", sent).status_code == 302
    there.refresh_from_db()
    assert there.title("fr") == ("Traité de 2015", "Traité entre la Lettonie et l’Inde")


def test_without_a_day_in_force_it_is_not_known_and_after_its_end_it_does_not_bind(lawyer: Client) -> None:
    lawyer.post("/treaties/add", said(in_force=""))
    found = resolve(requesting="IN", requested="LV", on=date(2026, 11, 24), measure="bank-records")
    assert found.answer("IN-LV-2015") == "unknown"
    lawyer.post("/treaties/add", said(ended="2020-01-01"))
    for on, told in ((date(2019, 6, 1), "in_force"), (date(2020, 1, 1), "not_in_force")):
        assert resolve(requesting="IN", requested="LV", on=on, measure="bank-records").answer("IN-LV-2015-2") == told


@pytest.mark.parametrize(
    ("wrong", "place", "words"),
    [
        ({"second": "LV"}, "second", "two parties"),
        ({"second": "QQ"}, "second", "valid choice"),
        ({"short_name": " "}, "short_name", "required"),
        ({"source": ""}, "source", "required"),
        ({"as_of": ""}, "as_of", "required"),
        ({"signed": "", "in_force": ""}, "signed", "named by it"),
        ({"in_force": "2014-01-01"}, "in_force", "before it was signed"),
        ({"ended": "2016-05-01"}, "ended", "before it began"),
        ({"signed": "2.3.2015"}, "signed", "valid date"),
        ({"supplements": "CETS-185"}, "supplements", "valid choice"),
        ({"reach_article": ""}, "reach_article", "article"),
        ({"measures-0-articles": ""}, "measures-0-articles", "provide for it"),
        ({"measures-1-articles": "9"}, "measures-1-measure", "Choose the measure"),
        ({"measures-1-measure": "bank-records", "measures-1-articles": "9"}, "measures-1-measure", "above already"),
        ({"measures-1-measure": "magic"}, "measures-1-measure", "valid choice"),
        ({"language_codes": "english", "language_says": "x", "language_article": "5"}, "language_codes", "code of a language"),
        ({"language_codes": "en"}, "language_says", "your own words"),
        ({"titles-TOTAL_FORMS": "1", "titles-0-full_title": "Accord"}, "titles-0-language", "Choose the language"),
        ({"titles-TOTAL_FORMS": "1", "titles-0-language": "fr", "titles-0-full_title": "Accord"}, "titles-0-short_name",
         "in short from then on"),
        ({"titles-TOTAL_FORMS": "2"}
         | {f"titles-{n}-{name}": value for n in "01" for name, value in (("language", "fr"), ("short_name", "A"), ("full_title", "B"))},
         "titles-1-language", "above already"),
        ({"contents-TOTAL_FORMS": "1", "contents-0-item": "facts"}, "contents-0-article", "Name the article"),
        ({"limits-TOTAL_FORMS": "1", "limits-0-says": "soon", "limits-0-article": "8", "limits-0-count": "3"}, "limits-0-unit",
         "go together"),
        ({"short_name": "bad\u202ename"}, "short_name", "U+202E"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_beside_its_field_and_nothing_typed_is_lost(
    lawyer: Client, wrong: dict[str, str], place: str, words: str
) -> None:
    sent = said(**({"note": "typed with care"} | wrong))
    answer = lawyer.post("/treaties/add", sent)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert f'<a href="#id_{place}">' in html, re.findall(r'<a href="#[^<]*', html)
    assert words in html
    assert "typed with care" in html and ("4(1), 12" in html or place == "measures-0-articles")
    assert not Instrument.objects.filter(code__startswith="IN-LV").exists()
    assert not InstrumentChange.objects.exists()


def test_more_rows_keep_what_was_typed_and_complain_of_nothing(lawyer: Client) -> None:
    answer = lawyer.post("/treaties/add", said(do="more", source=""))
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "There is a problem" not in html
    assert 'name="measures-6-measure"' in html and 'name="contents-4-item"' in html
    assert "4(1), 12" in html
    assert fields_of(html)["measures-0-measure"] == "bank-records"


def test_a_change_keeps_what_it_was_and_what_the_form_does_not_ask(lawyer: Client, reader: Client) -> None:
    before = Instrument.objects.get(code="GB-US-1994")
    sent = fields_of(text_of(lawyer, "/treaties/GB-US-1994/change")) | {"as_of": "2026-11-29"}
    assert lawyer.post("/treaties/GB-US-1994/change", sent).status_code == 302
    after = Instrument.objects.get(code="GB-US-1994")
    assert after.rules == before.rules
    assert (after.as_of, after.edited_at is not None) == ("2026-11-29", True)
    assert (latest().before["as_of"], latest().after["as_of"]) == (before.as_of, "2026-11-29")
    entry = AuditEntry.objects.get(act="instrument.edit")
    assert (entry.detail["before"], entry.detail["after"]) == ({"as_of": before.as_of}, {"as_of": "2026-11-29"})
    reference_load()
    after.refresh_from_db()
    assert after.as_of == "2026-11-29", "what somebody changed here is never overwritten"
    html = text_of(reader, "/treaties/GB-US-1994/")
    assert "changed" in html and "2026-11-29" in html and before.as_of in html
    count = InstrumentChange.objects.count()
    same = fields_of(text_of(lawyer, "/treaties/GB-US-1994/change"))
    assert lawyer.post("/treaties/GB-US-1994/change", same).status_code == 302
    assert InstrumentChange.objects.count() == count, "nothing was changed"


def test_every_shipped_treaty_between_two_states_goes_through_the_form_unchanged(db: None) -> None:
    for there in Instrument.objects.filter(kind="bilateral"):
        values = treaty_values(there)
        shown = TreatyForms(values=values)
        data = {name: shown.main[name].value() for name in shown.main.fields}
        for name, rows in shown.rows.items():
            data |= {f"{name}-TOTAL_FORMS": rows.total_form_count(), f"{name}-INITIAL_FORMS": rows.initial_form_count()}
            for form in rows:
                data |= {f"{form.prefix}-{one}": form[one].value() for one in form.fields}
        sent = {name: "" if value is None else str(value) for name, value in data.items()}
        again = TreatyForms(sent, values=values)
        assert again.is_valid(), (there.code, again.errors)
        assert again.values() == values, there.code


def test_two_editors_cannot_overwrite_each_other(at_desk: AtDesk, lawyer: Client) -> None:
    path = "/treaties/GB-US-1994/change"
    mine = fields_of(text_of(lawyer, path)) | {"note": "mine, typed with care"}
    theirs = fields_of(text_of(lawyer, path)) | {"note": "theirs"}
    other = at_desk(officer(Role.LEGAL, "al-central"))
    assert other.post(path, theirs).status_code == 302
    answer = lawyer.post(path, mine)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "It was changed meanwhile" in html
    assert "mine, typed with care" in html and "theirs" in html, "what was typed, and what the other did"
    assert Instrument.objects.get(code="GB-US-1994").note == "theirs"
    # An error alone is no knowledge of a change: the second press is refused as the first was.
    assert lawyer.post(path, mine | {"source": ""}).status_code == 422
    assert lawyer.post(path, mine).status_code == 422
    assert lawyer.post(path, fields_of(html)).status_code == 302
    assert Instrument.objects.get(code="GB-US-1994").note == "mine, typed with care"


def standing_said(**other: str) -> dict[str, str]:
    return {
        "status": "party", "signed": "", "consent_date": "2026-01-10", "in_force_date": "2026-05-01", "ended": "",
        "source": "the depositary", "as_of": "2026-11-20", "confidence": "high", "note": "", "seen": "-",
    } | other  # fmt: skip


def test_how_a_state_stands_is_recorded_corrected_and_kept(lawyer: Client, reader: Client) -> None:
    path = "/treaties/CETS-185/standing/ZA"
    page = text_of(lawyer, path)
    row = Participation.objects.filter(instrument__code="CETS-185", jurisdiction__code="ZA").first()
    was = row.status if row else None
    assert "South Africa" in page
    sent = standing_said(seen=fields_of(page)["seen"])
    for wrong, words in (
        ({"source": ""}, "required"), ({"ended": "2026-05-01"}, "before it began"), ({"signed": "2027-01-01"}, "before it signed"),
        ({"status": "perhaps"}, "valid choice"),
    ):  # fmt: skip
        answer = lawyer.post(path, sent | wrong)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert not InstrumentChange.objects.exists()
    assert lawyer.post(path, sent)["Location"] == "/treaties/CETS-185/"
    found = resolve(requesting="US", requested="ZA", on=date(2026, 11, 24), measure="stored-content")
    entry = found.entry("CETS-185")
    assert entry is not None
    assert (entry.requested.since, entry.requested.to_be_confirmed) == (date(2026, 5, 1), False)
    assert (latest().act, (latest().before or {}).get("status"), latest().after["state"]) == ("standing", was, "ZA")
    recorded = AuditEntry.objects.get(act="participation.record")
    assert recorded.object_id == "CETS-185/ZA"
    assert recorded.detail["after"]["in_force_date"] == "2026-05-01"
    assert "standing of a State recorded" in text_of(reader, "/treaties/CETS-185/")
    late = lawyer.post(path, sent | {"note": "from an old page"})
    assert late.status_code == 422
    assert "It was changed meanwhile" in late.content.decode()
    reference_load()
    assert Participation.objects.get(instrument__code="CETS-185", jurisdiction__code="ZA").source == "the depositary"
    text_of(lawyer, "/treaties/CETS-185/standing/QQ", 404)
    text_of(lawyer, "/treaties/GB-US-1994/standing/GB", 404)
    assert lawyer.get("/treaties/CETS-185/standing", {"state": "ZA"})["Location"] == path
    assert lawyer.get("/treaties/CETS-185/standing")["Location"] == "/treaties/CETS-185/"
    text_of(lawyer, "/treaties/CETS-185/standing", 404, state="QQ")


def test_only_a_legal_officer_edits_and_a_multilateral_text_is_not_changed_here(
    at_desk: AtDesk, lawyer: Client
) -> None:
    foreign = at_desk(officer(Role.FOREIGN_OFFICER, "al-central"))
    for path in ("/treaties/", BETWEEN, "/treaties/CETS-185/", "/treaties/export.csv"):
        assert foreign.get(path).status_code == 404
    assert lawyer.get("/treaties/CETS-185/change").status_code == 404
    there = Instrument.objects.get(code="CETS-185")
    state = Jurisdiction.objects.get(code="ZA")
    for role in (Role.DESK_OFFICER, Role.SUPERVISOR, Role.AUDITOR, Role.LOCAL_ADMINISTRATOR):
        actor = officer(role, "de-central")
        client = at_desk(actor)
        for path in ("/treaties/add", "/treaties/GB-US-1994/change", "/treaties/CETS-185/standing/ZA"):
            assert client.get(path).status_code == 404
            assert client.post(path, said()).status_code == 404
        with pytest.raises(AccessDenied):
            treaty_add(values=treaty_values(Instrument.objects.get(code="GB-US-1994")), by=actor)
        with pytest.raises(AccessDenied):
            participation_record(instrument=there, jurisdiction=state, values={}, expected="-", by=actor)
    assert not InstrumentChange.objects.exists()


def test_the_service_refuses_what_no_form_sent(db: None) -> None:
    from dataclasses import replace

    by = officer(Role.LEGAL, "de-central")
    values = treaty_values(Instrument.objects.get(code="GB-US-1994"))
    for wrong, place in (
        ({"parties": ("GB", "GB")}, "second"), ({"parties": ("GB", "QQ")}, "second"), ({"supplements": "CETS-185"}, "supplements"),
        ({"source": " "}, "source"),
    ):  # fmt: skip
        with pytest.raises(TreatyWrong) as refused:
            treaty_add(values=replace(values, **wrong), by=by)  # type: ignore[arg-type]
        assert place in [name for name, _message in refused.value.problems]


def test_pair_page_calls_the_states_by_their_names_and_the_treaty_page_folds_what_is_long(reader: Client) -> None:
    html = text_of(reader, BETWEEN, requesting="DE", requested="AL", on="2026-11-29", measure="preservation")
    assert "Albania: Nothing is recorded on this State" in html and " AL: " not in html
    treaty = re.sub(r"\s+", " ", text_of(reader, "/treaties/CETS-185/"))
    assert re.search(r"<summary>for \d+ measures", treaty) and "In force since 2017-03-01" not in treaty
