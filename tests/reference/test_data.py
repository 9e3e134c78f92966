"""What the shipped data must hold: whole instruments, names in six languages, example offices that are no real ones."""

from __future__ import annotations

import re
import tomllib
from typing import get_args
from zoneinfo import available_timezones

import pytest

from mla.core.letter_languages import SOURCE, letter_languages
from mla.reference.files import ROOT
from mla.reference.models import Authority, Declaration, Instrument, Jurisdiction, Participation, RefusalGround
from mla.reference.rules import InstrumentRules, OffenceCategory, RulesWrong, rules_of
from workflows.drafting.letterfile import Offence

pytestmark = pytest.mark.django_db
FILES = sorted((ROOT / "data/treaties").glob("*.toml"))
INSTRUMENTS = {
    "UNTOC-2000", "UNCAC-2003", "VIENNA-1988", "ICSFT-1999", "BOMBINGS-1997", "UNCC-2024", "CETS-185", "CETS-224",
    "CETS-030", "CETS-099", "CETS-182", "HARARE-1986", "OAS-A55", "OAS-A59", "ASEAN-2004", "ECOWAS-1992", "SADC-2002",
    "RIYADH-1983", "MINSK-1993", "CHISINAU-2002", "EU-2000", "EIO-2014", "MEDELLIN-2019", "EU-2023-1543",
    "EU-2018-1805", "CETS-090", "CETS-141", "CETS-190", "CETS-196", "CETS-198", "SCHENGEN-1990", "EU-US-2003",
    "EU-JP-2009", "EU-GB-2020", "HAGUE-1970", "MONTREAL-1971", "DIPLOMATS-1973", "HOSTAGES-1979", "CPPNM-1980",
    "CPPNM-A-2005", "AIRPORTS-1988", "SUA-1988", "SUA-2005", "PLATFORMS-1988", "NUCLEAR-2005", "BEIJING-2010",
    "BEIJING-P-2010", "ARAB-1998", "ARAB-2010", "OIC-1999", "OAU-1999",
}  # fmt: skip
BILATERAL = {
    "AR-US-1990": ("1990-12-04", "1993-02-09"), "AU-US-1997": ("1997-04-30", "1999-09-30"),
    "BR-US-1997": ("1997-10-14", "2001-02-21"), "CA-CH-1993": ("1993-10-07", "1995-11-17"),
    "CA-US-1985": ("1985-03-18", "1990-01-24"), "CH-DE-1969": ("1969-11-13", "1977-01-01"),
    "CH-IT-1998": ("1998-09-10", "2003-06-01"), "CH-US-1973": ("1973-05-25", "1977-01-23"),
    "DE-US-2003": ("2003-10-14", "2009-10-18"), "EG-US-1998": ("1998-05-03", "2001-11-29"),
    "ES-UY-1991": ("1991-11-19", "2000-02-07"), "FR-CH-1996": ("1996-10-28", "2000-05-01"),
    "FR-IN-1998": ("1998-01-25", ""), "FR-US-1998": ("1998-12-10", "2001-12-01"),
    "GB-IN-1992": ("1992-09-22", ""), "GB-US-1994": ("1994-01-06", "1996-12-02"),
    "IL-US-1998": ("1998-01-26", "1999-05-25"), "IN-US-2001": ("2001-10-17", "2005-10-03"),
    "IT-US-1982": ("1982-11-09", "1985-11-13"), "JP-US-2003": ("2003-08-05", "2006-07-21"),
    "KR-US-1993": ("1993-11-23", "1997-05-23"), "MX-US-1987": ("1987-12-09", "1991-05-03"),
    "NL-US-1981": ("1981-06-12", "1983-09-15"), "PH-US-1994": ("1994-11-13", "1996-11-22"),
    "US-ZA-1999": ("1999-09-16", "2001-06-25"),
}  # fmt: skip
#: Of the conventions of the United Nations, those that requests are based on most.
UNITED_NATIONS = {
    "UNTOC-2000", "UNCAC-2003", "VIENNA-1988", "ICSFT-1999", "BOMBINGS-1997", "UNCC-2024", "HAGUE-1970",
    "MONTREAL-1971", "DIPLOMATS-1973", "HOSTAGES-1979", "AIRPORTS-1988", "NUCLEAR-2005",
}  # fmt: skip
DEMONSTRATION = "US IS GB FR CH DE AL IN LV ES UY AU FJ AE BR JP".split()


def test_every_instrument_is_there() -> None:
    assert {path.stem for path in FILES} == INSTRUMENTS | set(BILATERAL)
    assert set(Instrument.objects.values_list("code", flat=True)) == INSTRUMENTS | set(BILATERAL)


def test_at_least_twenty_bilateral_treaties_are_there_each_to_be_confirmed_with_its_two_dates() -> None:
    rows = {row.code: row for row in Instrument.objects.filter(kind="bilateral")}
    assert len(rows) >= 20
    assert {code: (str(row.adopted), str(row.in_force or "")) for code, row in rows.items()} == BILATERAL
    for code, row in rows.items():
        assert row.to_be_confirmed
        rules = rules_of(row.rules)
        assert set(rules.parties) == set(code.split("-")[:2])
        stated = (
            *rules.scope,
            *rules.measures.values(),
            *rules.refusal,
            *rules.contents,
            *rules.time_limits,
            *rules.languages,
        )
        assert {part.confidence for part in stated} == {"to_be_confirmed"}, code
        assert rules.contents or "contents" in rules.unread, f"{code}: has it no contents, or has nobody read them?"
        for held in Participation.objects.filter(instrument=row):
            assert (held.signed, held.in_force_date) == (row.adopted, row.in_force)
            assert held.to_be_confirmed
        if row.in_force is None:
            assert row.in_force_text == "not known"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_instrument_states_its_source_and_its_scope_for_measures(path) -> None:  # type: ignore[no-untyped-def]
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    assert document["source"].strip()
    assert document["confidence"] in {"high", "medium", "low"}
    assert document["as_of"].strip()
    assert document["articles"].strip()
    row = Instrument.objects.get(code=path.stem)
    rules = rules_of(row.rules)
    assert "other" in rules.measures, f"{path.name} does not say what holds for a measure that it does not name"
    assert {"preservation", "subscriber-information", "stored-traffic-data", "stored-content"} <= set(rules.measures)
    for slug, measure in rules.measures.items():
        assert measure.answer == "not" or measure.articles, f"{path.name}: {slug} names no article"
    known = set(Instrument.objects.values_list("code", flat=True))
    assert {rules.supplements} - {None} <= known
    assert set(rules.replaces) <= known
    slugs = set(rules.measures)
    assert slugs <= {path.parent.name for path in (ROOT / "measures").glob("*/measure.toml")}
    for part in (*rules.refusal, *rules.contents, *rules.scope, *rules.time_limits):
        assert set(part.measures) <= slugs, f"{path.name}: {part} names a measure the file does not"
    if row.kind == "bilateral":
        assert len(set(rules.parties)) == 2
        held = Participation.objects.filter(instrument=row).values_list("jurisdiction__code", flat=True)
        assert set(held) == set(rules.parties)
        assert row.to_be_confirmed


def test_conventions_of_the_united_nations_and_of_the_council_of_europe_have_a_name_in_every_language_of_letters() -> (
    None
):
    languages = set(letter_languages()) - {SOURCE}
    many = [
        code
        for code in Instrument.objects.values_list("code", flat=True)
        if code in UNITED_NATIONS or code.startswith("CETS")
    ]
    assert len(many) >= 20
    for code in many:
        titles = rules_of(Instrument.objects.get(code=code).rules).titles
        assert set(titles) == languages, code
        # Nobody has read them against the official texts yet.
        assert {one.confidence for one in titles.values()} == {"to_be_confirmed"}
    assert len({row.title(code)[0] for row in Instrument.objects.filter(code__in=many) for code in languages}) == len(
        many
    ) * len(languages), "two conventions, or two languages, with one name"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"titles": {"fr": {"short": "", "full": "x", "confidence": "verified"}}}, "titles.fr.short"),
        ({"titles": {"fr": {"short": "x", "confidence": "verified"}}}, "titles.fr.full"),
        ({"scope": []}, "scope"),
        ({"scope": [{"offences": ["fraud"], "answer": "in_scope", "confidence": "verified"}]}, "every other offence"),
        ({"scope": [{"offences": ["*"], "answer": "cannot_tell", "confidence": "verified"}]}, "question"),
        ({"measures": {"other": {"answer": "in_scope", "confidence": "verified"}}}, "articles"),
        ({"measures": {"other": {"answer": "cannot_tell", "confidence": "verified"}}}, "question"),
        ({"entry_into_force": {"rule": "days"}}, "count"),
        ({"entry_into_force": {"earliest": "2001-01-01"}}, "go together"),
        ({"time_limits": [{"says": "an answer", "article": "4", "count": 3, "confidence": "verified"}]}, "go together"),
        (
            {"languages": [{"says": "x", "article": "4", "languages": ["English"], "confidence": "verified"}]},
            "languages",
        ),
        ({"unread": ["refusal"], "refusal": [{"ground": "x", "article": "2", "confidence": "verified"}]}, "unread"),
        ({"unread": ["scope"]}, "unread"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_rules_that_are_not_whole_are_refused_by_the_key(change: dict, says: str) -> None:  # type: ignore[type-arg]
    whole = {
        "scope": [{"offences": ["*"], "answer": "in_scope", "confidence": "verified"}],
        "measures": {"other": {"answer": "not", "confidence": "verified"}},
    }
    assert isinstance(rules_of(whole), InstrumentRules)
    with pytest.raises(RulesWrong, match=says):
        rules_of(whole | change)


def test_instruments_and_letters_know_the_same_offences() -> None:
    assert set(get_args(OffenceCategory)) == set(get_args(Offence.model_fields["category"].annotation))


def test_every_jurisdiction_has_a_name_in_six_languages() -> None:
    rows = list(Jurisdiction.objects.all())
    assert len(rows) == 251
    assert {"EU", "XK", "VA", "PS", "CK", "NU", "HK", "MO"} <= {row.code for row in rows}
    for row in rows:
        assert set(row.names) == {"ar", "en", "es", "fr", "ru", "zh"}, row.code
        assert all(row.names.values()), row.code
        assert re.search(r"[\u0600-\u06ff]", row.names["ar"]), row.code
        assert re.search(r"[\u0400-\u04ff]", row.names["ru"]), row.code
        assert re.search(r"[\u4e00-\u9fff]", row.names["zh"]), row.code
        assert row.source
    swiss = Jurisdiction.objects.get(code="CH")
    assert (swiss.name("fr"), swiss.name("ru"), swiss.name("de")) == ("Suisse", "Швейцария", "Switzerland")
    assert swiss.languages == ["de", "fr", "it", "rm"]


@pytest.mark.parametrize("code", DEMONSTRATION)
def test_a_state_of_the_demonstration_has_its_chain_of_example_offices(code: str) -> None:
    rows = Authority.objects.filter(jurisdiction__code=code, fictional=True)
    by_kind = {kind: [row for row in rows if row.kind == kind] for kind in ("central", "originating", "executing")}
    assert [len(found) for found in by_kind.values()] == [1, 1, 1]
    central = by_kind["central"][0]
    assert central.code == f"{code.lower()}-central"
    assert by_kind["originating"][0].code in {f"{code.lower()}-{suffix}" for suffix in ("prosecutor", "judge", "court")}
    assert by_kind["executing"][0].code == f"{code.lower()}-executing"
    assert {row.central for row in rows if row.kind != "central"} == {central}


def test_example_offices_are_invented_and_designated_ones_are_not_hosted_here() -> None:
    examples = Authority.objects.filter(fictional=True)
    assert examples.filter(code="al-247", kind="contact_point").exists()
    assert {row.code for row in examples.filter(kind="originating") if not row.code.endswith("-prosecutor")} == {
        "fr-judge", "in-court", "ma-judge",
    }  # fmt: skip
    for row in examples:
        assert row.hosted_here
        assert row.to_be_confirmed
        assert row.email.endswith("@example.net")
        assert not row.phone
        assert row.time_zone in available_timezones()
        assert row.languages
        assert re.search(r"\((example|exemple|Beispiel|piemērs|ejemplo|exemplo|مثال)\)|（例）", row.name), row.name
    assert {row.signing_method for row in examples} == {"certificate", "wet_ink"}
    assert {row.signs for row in examples} == {"central", "originator", "minister"}
    real = Authority.objects.filter(fictional=False)
    assert real.exists()
    assert not real.filter(hosted_here=True).exists()
    for row in real:
        assert row.as_of
        assert row.source
        assert row.time_zone in available_timezones()
        assert not (row.email or row.phone), "no real address leaves the data"


def test_a_refusal_ground_names_its_article_by_instrument() -> None:
    grounds = {row.code: row for row in RefusalGround.objects.all()}
    assert {
        "dual_criminality", "political_offence", "fiscal_offence", "essential_interests", "not_in_conformity",
        "own_law_bar", "contrary_to_legal_system", "persecution", "ne_bis_in_idem", "own_proceedings", "de_minimis",
        "military_offence", "bank_secrecy", "coercion_beyond_own_law", "death_penalty",
    } <= set(grounds)  # fmt: skip
    assert grounds["dual_criminality"].articles["UNTOC-2000"] == "18(9)"
    assert grounds["political_offence"].articles["CETS-185"] == "27(4)(a); 29(5)(a)"
    assert grounds["persecution"].articles["ICSFT-1999"] == "15"
    assert not grounds["bank_secrecy"].articles, "every instrument here only switches it off"
    assert not grounds["own_law_bar"].articles.keys() & {"CETS-185"}


def test_bars_are_read_from_the_instruments() -> None:
    bars = {bar.ground: bar.article for bar in rules_of(Instrument.objects.get(code="ICSFT-1999").rules).bar}
    assert bars == {"bank_secrecy": "12(2)", "fiscal_offence": "13", "political_offence": "14"}


def test_contents_follow_the_articles() -> None:
    def items(code: str) -> dict[str, str]:
        contents = rules_of(Instrument.objects.get(code=code).rules).contents
        return {item.item: item.article for item in contents if not item.measures}

    assert items("UNTOC-2000")["facts"] == "18(15)(c)"
    assert items("CETS-030")["facts"] == "14(2)"
    preservation = rules_of(Instrument.objects.get(code="CETS-185").rules).contents
    assert {item.item for item in preservation} == {
        "authority", "subject_nature", "offence", "facts", "data_and_link", "custodian", "necessity", "mla_will_follow",
    }  # fmt: skip
    assert {item.measures for item in preservation} == {("preservation",)}
    assert not items("ICSFT-1999")
    assert not items("BOMBINGS-1997")


def test_declarations_are_dated_and_sourced() -> None:
    for row in Declaration.objects.all():
        assert row.source
        assert row.as_of
        assert row.content
