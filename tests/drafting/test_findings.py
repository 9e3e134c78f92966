"""Each rule speaks where its cause is there, and is silent in the complete letter."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mla.core.reasons import Finding
from mla.reference.models import Authority
from tests.drafting.letters import letter, values
from workflows.drafting.findings import letter_findings
from workflows.drafting.findings.law import Law
from workflows.drafting.law import PracticeWrong, law_for, practice_read
from workflows.drafting.letterfile import LetterFile, letter_from
from workflows.drafting.parsing import LetterFileWrong

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 6, 15)
RULE = "stored-traffic-data"


def findings(content: LetterFile | None = None, *, today: dt.date = TODAY, **changes: Any) -> list[Finding]:
    content = content or letter(**changes)
    return letter_findings(content, law=law_for(content), today=today)


def told(found: list[Finding]) -> set[tuple[str, str, str]]:
    return {(finding.severity, finding.code, finding.question) for finding in found}


def preservation(**answers: Any) -> dict[str, Any]:
    """The item of the complete letter, as a request for preservation."""
    item = {
        key: value for key, value in values()["items"][0].items() if key not in {"answers", "measure", "period_reason"}
    }
    given = {
        "status": "new",
        "data_to_preserve": "All log-in records of the customer.",
        "data_kinds": ["traffic"],
        "custodian_location": "Tirana",
        "snapshot": "on_receipt",
        "retention": "Thirty days.",
        "until": "2026-09-12",
        "mla_will_follow": True,
        "follow_up": ["disclosure"],
        "mla_promised_by": "2026-07-12",
        "tip_off_risk": "None is known.",
        "go_on_if_risk": "ask_first",
        "partial_disclosure": True,
    }
    return item | {"measure": "preservation", "answers": given | answers}


@pytest.mark.parametrize("measure", ["real-time-traffic", "interception"])
def test_data_to_come_may_be_asked_for_by_a_measure_of_its_own(measure: str) -> None:
    """Its period lies after the letter, and so after the offence: neither is told as a mistake."""
    period = {"from": "2026-07-01T00:00:00Z", "to": "2026-08-01T00:00:00Z"}
    item = values()["items"][0] | {"measure": measure, "period": period, "answers": {"delivery": "at_end"}}
    codes = {finding.code for finding in findings(items=[item])}
    assert not codes & {"real_time", "period_apart"}
    item |= {"measure": RULE, "answers": {"stored_only": True}}
    assert "real_time" in {finding.code for finding in findings(items=[item])}


def test_complete_letter_has_no_gap() -> None:
    found = findings()
    assert told(found) == {
        ("warning", "bilateral_not_recorded", "bases"),
        ("warning", "language_undeclared", "language"),
    }


COMMON: list[tuple[dict[str, Any], str, str, str]] = [
    ({"requested__authority": None}, "gap", "addressee_missing", "requested.authority"),
    ({"requesting": {"jurisdiction": "DE"}}, "gap", "requesting_authority_missing", "requesting.authority"),
    ({"date": "2026-06-16"}, "warning", "date_to_come", "date"),
    ({"proceedings__subject": ""}, "gap", "subject_missing", "proceedings.subject"),
    ({"proceedings__reference": ""}, "warning", "case_number_missing", "proceedings.reference"),
    ({"offences__0__provision": ""}, "gap", "provision_missing", "offences[0].provision"),
    ({"offences__0__law_text": ""}, "gap", "law_text_missing", "offences[0].law_text"),
    ({"offences__0__maximum_penalty": ""}, "gap", "penalty_missing", "offences[0].maximum_penalty"),
    ({"offences__0__conduct": ""}, "gap", "conduct_missing", "offences[0].conduct"),
    ({"offences__0__committed_to": "2026-02-01"}, "gap", "dates_reversed", "offences[0].committed_to"),
    (
        {"offences__0__committed_from": None, "offences__0__committed_to": None},
        "warning",
        "offence_undated",
        "offences[0].committed_from",
    ),
    (
        {"offences__0__committed_from": "2026-07-01", "offences__0__committed_to": None},
        "gap",
        "offence_to_come",
        "offences[0].committed_from",
    ),
    (
        {"offences__0__provision": "Cybercrime Act 2027, section 1"},
        "warning",
        "law_not_yet_in_force",
        "offences[0].provision",
    ),
    ({"persons__0__name": ""}, "gap", "person_unidentified", "persons[0].name"),
    ({"persons__0__born": "2026-12-01"}, "gap", "born_to_come", "persons[0].born"),
    ({"facts": []}, "gap", "facts_missing", "facts"),
    ({"facts__0__text": ""}, "gap", "fact_empty", "facts[0].text"),
    ({"facts__0__source": ""}, "warning", "fact_unsourced", "facts[0].source"),
    ({"facts__0__date": None}, "warning", "facts_undated", "facts"),
    ({"urgency": {"level": "urgent", "date": "2026-07-01"}}, "gap", "urgency_unexplained", "urgency.reason"),
    ({"urgency": {"level": "urgent", "reason": "Trial."}}, "gap", "urgency_undated", "urgency.date"),
    ({"urgency": {"level": "emergency", "reason": "Life."}}, "warning", "urgency_undated", "urgency.date"),
    ({"urgency": {"level": "emergency", "reason": "Life."}}, "gap", "duty_contact_missing", "contacts"),
    (
        {"urgency": {"level": "urgent", "reason": "Trial.", "date": "2026-06-01"}},
        "gap",
        "urgency_past",
        "urgency.date",
    ),
    ({"key_dates": [{"kind": "trial", "date": "2026-07-01"}]}, "warning", "key_date_near", "key_dates[0].date"),
    ({"key_dates": [{"kind": "trial", "date": "2026-06-01"}]}, "warning", "key_date_past", "key_dates[0].date"),
    ({"contacts": []}, "warning", "contact_missing", "contacts"),
    ({"contacts__0__email": ""}, "warning", "contact_unreachable", "contacts[0].email"),
    ({"contacts__0__time_zone": ""}, "warning", "contact_hours_missing", "contacts[0].hours"),
    ({"statements__purpose": ""}, "gap", "purpose_missing", "statements.purpose"),
    ({"statements__speciality": ""}, "warning", "speciality_missing", "statements.speciality"),
    ({"confidentiality": {"marking": "SECRET"}}, "warning", "marking_without_level", "confidentiality.level"),
    ({"statements__data_protection": ""}, "warning", "data_protection_missing", "statements.data_protection"),
    ({"confidentiality": {"level": "confidential"}}, "warning", "confidentiality_unexplained", "confidentiality.reason"),
    ({"bases__1": {"id": "B2", "instrument": "CETS-030"}}, "warning", "unused", "bases[1]"),
    ({"identifiers__1": {"id": "I2", "type": "phone", "value": "+355 4 000000"}}, "warning", "unused", "identifiers[1]"),
    ({"providers__1": {"id": "V2", "name": "Another"}}, "warning", "unused", "providers[1]"),
]  # fmt: skip

ITEMS: list[tuple[dict[str, Any], str, str, str]] = [
    ({"items": []}, "gap", "item_missing", "items"),
    ({"items__0__nexus": ""}, "gap", "nexus_missing", "items[0].nexus"),
    ({"items__0__necessity": ""}, "gap", "necessity_missing", "items[0].necessity"),
    ({"items__0__provider": None}, "gap", "provider_missing", "items[0].provider"),
    ({"items__0__identifiers": []}, "gap", "identifiers_missing", "items[0].identifiers"),
    ({"items__0__period_reason": ""}, "gap", "period_reason_missing", "items[0].period_reason"),
    ({"items__0__answers__log_types": None}, "gap", "answer_missing", "items[0].answers.log_types"),
    ({"items__0__answers__log_fields": None}, "warning", "answer_missing", "items[0].answers.log_fields"),
    ({"items__0__answers__stored_only": False}, "gap", "real_time", "items[0].answers.stored_only"),
    ({"items__0__period__to": "2026-06-13T00:00:00Z"}, "gap", "real_time", "items[0].period.to"),
    ({"items__0__period__from": "2025-03-01T00:00:00Z"}, "warning", "period_broad", "items[0].period"),
    (
        {"items__0__period": {"from": "2026-04-01T00:00:00Z", "to": "2026-04-02T00:00:00Z"}},
        "warning",
        "period_apart",
        "items[0].period",
    ),
    ({"items__0__time_limit": "2026-08-01"}, "warning", "time_limit_unexplained", "items[0].time_limit_reason"),
    ({"items__0__time_limit": "2026-06-01"}, "gap", "time_limit_past", "items[0].time_limit"),
    ({"identifiers__0__at": "2026-06-14T00:00:00Z"}, "gap", "identifier_to_come", "identifiers[0].at"),
    ({"identifiers__0__value": ""}, "gap", "identifier_empty", "identifiers[0].value"),
    ({"identifiers__0__port": None}, "warning", "ip_without_port", "identifiers[0].port"),
    ({"identifiers__0__at": None}, "warning", "ip_without_time", "identifiers[0].at"),
    ({"identifiers__0__at": None, "items__0__period": None}, "gap", "ip_without_time", "identifiers[0].at"),
    ({"identifiers__0__at": None, "items__0__period": None}, "gap", "period_missing", "items[0].period"),
    (
        {"identifiers__0": {"id": "I1", "type": "iban", "value": "AL00 2121 1009 0000 0002 3569 8741"}},
        "warning",
        "iban_wrong",
        "identifiers[0].value",
    ),
    ({"contacts__0__phone": "030 0000 0003"}, "warning", "contact_phone", "contacts[0].phone"),
    ({"providers__0__name": ""}, "gap", "provider_name_missing", "providers[0].name"),
    ({"providers__0__address": ""}, "warning", "provider_address_missing", "providers[0].address"),
    ({"providers__0__holds_because": ""}, "warning", "provider_unexplained", "providers[0].holds_because"),
    ({"providers__0__jurisdiction": "US"}, "warning", "provider_elsewhere", "providers[0].jurisdiction"),
    (
        {
            "offences__1": values()["offences"][0] | {"id": "O2"},
            "items__0__offences": [],
        },
        "warning",
        "item_without_offence",
        "items[0].offences",
    ),
]

BASES: list[tuple[dict[str, Any], str, str, str]] = [
    ({"bases": [], "items__0__bases": []}, "gap", "basis_missing", "bases"),
    ({"items__0__bases": []}, "gap", "item_without_basis", "items[0].bases"),
    ({"bases__0__articles": []}, "warning", "articles_missing", "bases[0].articles"),
    ({"bases__0__articles": ["29"]}, "warning", "articles_differ", "bases[0].articles"),
    ({"bases__0__instrument": "ATLANTIS-1900"}, "gap", "basis_unknown_instrument", "bases[0]"),
    ({"bases__0__instrument": "MEDELLIN-2019"}, "gap", "channel_as_basis", "bases[0]"),
    ({"bases__0__instrument": "HARARE-1986"}, "gap", "scheme_as_basis", "bases[0]"),
    ({"bases__0__instrument": "GB-US-1994"}, "gap", "basis_of_others", "bases[0]"),
    ({"bases__0__instrument": "UNCC-2024"}, "gap", "basis_not_in_force", "bases[0]"),
    ({"bases__0__instrument": "CETS-224"}, "gap", "basis_not_in_force", "bases[0]"),
    ({"bases__0__instrument": "CETS-182"}, "warning", "basis_unknown", "bases[0]"),
    ({"bases__0__instrument": "UNCAC-2003"}, "gap", "out_of_scope", "items[0].bases"),
    ({"bases__0__instrument": "UNCAC-2003"}, "gap", "offence_without_basis", "offences[0]"),
    ({"bases__0__instrument": "UNTOC-2000"}, "warning", "scope_cannot_tell", "offences[0]"),
    ({"bases__0__instrument": "UNTOC-2000"}, "warning", "subsidiary_first", "bases[0].role"),
    ({"bases__0__role": "subsidiary"}, "warning", "no_primary_basis", "items[0].bases"),
    (
        {"bases__0__instrument": "ICSFT-1999", "offences__0__category": "terrorism_financing"},
        "warning",
        "second_basis",
        "items[0].bases",
    ),
    ({"bases__0__instrument": "RECIPROCITY"}, "gap", "reciprocity_unstated", "statements.reciprocity"),
    (
        {"bases__0": {"id": "B1", "instrument": "RECIPROCITY"}},
        "warning",
        "domestic_statute_missing",
        "bases[0].note",
    ),
    ({"bases__0__instrument": "RECIPROCITY"}, "warning", "treaty_unused", "bases[0]"),
    (
        {"requested": {"jurisdiction": "FR", "authority": "fr-central"}},
        "gap",
        "wrong_instrument",
        "items[0]",
    ),
]

RIGHTS: list[tuple[dict[str, Any], str, str, str]] = [
    ({"persons__0__description": "a notary of Tirana"}, "warning", "privilege", "persons[0]"),
    ({"persons__0__description": "a journalist"}, "warning", "press", "persons[0]"),
    ({"offences__0__category": "incitement"}, "warning", "speech", "offences[0]"),
    ({"offences__0__category": "terrorism"}, "warning", "speech", "offences[0]"),
    ({"offences__0__category": "terrorism"}, "warning", "persecution", "rights.persecution"),
    ({"offences__0__maximum_penalty": "death"}, "gap", "death_penalty", "offences[0].maximum_penalty"),
    ({"persons__0__born": "2010-01-01"}, "warning", "minors", "persons[0]"),
    ({"offences__0__category": "child_sexual_exploitation"}, "warning", "minors", "offences[0]"),
    (
        {"items__0__nexus": "The server stands in the embassy."},
        "warning",
        "immunity",
        "rights.immunity",
    ),
    ({"rights": {"immunity": "The premises are inviolable."}}, "warning", "immunity", "rights.immunity"),
]


@pytest.mark.parametrize(
    ("changes", "severity", "code", "question"),
    [*COMMON, *ITEMS, *BASES, *RIGHTS],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_cause_is_found_at_its_place(changes: dict[str, Any], severity: str, code: str, question: str) -> None:
    assert (severity, code, question) in told(findings(**changes))
    assert code not in {finding.code for finding in findings()}


def test_findings_stand_gaps_first_then_in_the_order_of_the_letter() -> None:
    found = findings(
        proceedings__reference="",
        items__0__nexus="",
        offences=[values()["offences"][0] | {"id": f"O{n}", "provision": ""} for n in range(1, 12)],
        items__0__offences=[],
    )
    severities = [finding.severity for finding in found]
    assert severities == sorted(severities)
    gaps = [finding.question for finding in found if finding.code == "provision_missing"]
    assert gaps == [f"offences[{n}].provision" for n in range(11)]


class TestBasis:
    def test_facts_of_the_offence_settle_the_scope(self) -> None:
        untoc = {"bases__0__instrument": "UNTOC-2000", "bases__0__articles": ["18"]}
        facts = {"offences__0__organized_group": True, "offences__0__benefit_sought": True}
        codes = {finding.code for finding in findings(**untoc, **facts)}
        assert not codes & {"scope_cannot_tell", "out_of_scope"}
        assert "out_of_scope" in {f.code for f in findings(**untoc, **facts, offences__0__maximum_years=3)}
        open_ones = findings(**untoc, offences__0__organized_group=True)
        question = next(finding for finding in open_ones if finding.code == "scope_cannot_tell")
        assert "organized criminal group" in question.message and question.instrument == "UNTOC-2000"

    def test_second_basis_ends_the_warning_of_a_convention_that_names_no_contents(self) -> None:
        alone = {"bases__0__instrument": "ICSFT-1999", "offences__0__category": "terrorism_financing"}
        second = {
            "bases__1": {"id": "B2", "instrument": "CETS-185", "articles": ["31"]},
            "items__0__bases": ["B1", "B2"],
        }
        assert "second_basis" in {finding.code for finding in findings(**alone)}
        assert "second_basis" not in {finding.code for finding in findings(**alone, **second)}

    def test_basis_that_reaches_one_of_two_offences_is_enough_with_another_for_the_rest(self) -> None:
        two = {
            "offences__1": values()["offences"][0] | {"id": "O2", "category": "corruption"},
            "items__0__offences": ["O1", "O2"],
            "items__0__bases": ["B1", "B2"],
            "bases__1": {"id": "B2", "instrument": "UNCAC-2003", "articles": ["46"], "role": "subsidiary"},
        }
        assert not [finding for finding in findings(**two) if finding.severity == "gap"]

    def test_date_of_the_letter_decides_not_that_of_the_offence(self) -> None:
        early = {
            "date": "2006-06-12",
            "items__0__period": {"from": "2006-03-01T00:00:00Z", "to": "2006-03-07T00:00:00Z"},
            "offences__0__committed_from": "2006-03-01",
            "offences__0__committed_to": "2006-03-07",
        }
        assert ("gap", "basis_not_in_force", "bases[0]") in told(findings(**early))
        later = early | {"date": "2010-06-12"}
        assert "basis_not_in_force" not in {finding.code for finding in findings(**later)}

    def test_unknown_participation_is_a_warning_never_a_gap(self) -> None:
        pair = {"requesting": {"jurisdiction": "AU"}, "requested": {"jurisdiction": "FJ"}}
        found = findings(**pair, bases__0__instrument="UNTOC-2000")
        assert ("warning", "basis_unknown", "bases[0]") in told(found)
        assert "basis_not_in_force" not in {finding.code for finding in found}

    def test_bilateral_treaty_goes_first(self) -> None:
        pair = {
            "requesting": {"jurisdiction": "ES", "authority": "es-central"},
            "requested": {"jurisdiction": "UY", "authority": "uy-central"},
            "offences__0__category": "corruption",
            "bases__0": {"id": "B1", "instrument": "UNCAC-2003", "articles": ["46"]},
        }
        assert ("warning", "primary_basis_unused", "items[0].bases") in told(findings(**pair))
        named = pair | {
            "bases__1": {"id": "B2", "instrument": "ES-UY-1991", "articles": ["1"], "role": "subsidiary"},
            "items__0__bases": ["B1", "B2"],
        }
        codes = {finding.code for finding in findings(**named)}
        assert "bilateral_first" in codes and "primary_basis_unused" not in codes

    def test_declaration_on_a_named_article_is_told(self) -> None:
        pair = {"requested": {"jurisdiction": "AT"}, "requesting": {"jurisdiction": "US"}}
        found = findings(**pair, items__0=preservation(), bases__0__articles=["29"])
        declared = next(finding for finding in found if finding.code == "declaration")
        assert (declared.instrument, declared.article) == ("CETS-185", "29(4)")
        assert "declaration" not in {f.code for f in findings(**pair, bases__0__articles=["31"])}


class TestContents:
    @pytest.mark.parametrize(
        ("changes", "code", "question", "article"),
        [
            ({"proceedings__functions": ""}, "content_conducting_authority", "proceedings.functions", "18(15)(b)"),
            ({"statements__purpose": ""}, "content_purpose", "statements.purpose", "18(15)(f)"),
            ({"facts": []}, "content_facts", "facts", "18(15)(c)"),
        ],
    )
    def test_what_the_convention_asks_for_is_a_gap_with_its_article(
        self, changes: dict[str, Any], code: str, question: str, article: str
    ) -> None:
        untoc = {
            "requesting": {"jurisdiction": "IN", "authority": "in-central"},
            "requested": {"jurisdiction": "LV", "authority": "lv-central"},
            "bases__0": {"id": "B1", "instrument": "UNTOC-2000", "articles": ["18"], "other_treaty": False},
            "offences__0__organized_group": True,
            "offences__0__benefit_sought": True,
        }
        found = next(finding for finding in findings(**untoc, **changes) if finding.code == code)
        assert (found.severity, found.question, found.instrument, found.article) == (
            "gap",
            question,
            "UNTOC-2000",
            article,
        )
        assert code not in {finding.code for finding in findings(**untoc)}

    def test_person_where_possible_is_a_warning(self) -> None:
        found = findings(
            requesting={"jurisdiction": "IN", "authority": "in-central"},
            requested={"jurisdiction": "LV", "authority": "lv-central"},
            bases__0={"id": "B1", "instrument": "UNTOC-2000", "articles": ["18"]},
            offences__0__organized_group=True,
            offences__0__benefit_sought=True,
            persons=[],
        )
        assert ("warning", "content_person", "persons") in told(found)

    def test_preservation_states_that_a_request_will_follow(self) -> None:
        complete = {"items__0": preservation(), "bases__0__articles": ["29"]}
        assert not [finding for finding in findings(**complete) if finding.severity == "gap"]
        denied = findings(**(complete | {"items__0": preservation(mla_will_follow=False)}))
        finding = next(finding for finding in denied if finding.code == "content_mla_will_follow")
        assert (finding.severity, finding.article) == ("gap", "29(2)(f)")
        unsaid = preservation()
        del unsaid["answers"]["mla_will_follow"]
        silent = findings(**(complete | {"items__0": unsaid}))
        assert ("gap", "answer_missing", "items[0].answers.mla_will_follow") in told(silent)


class TestOffices:
    LATVIA = {
        "requesting": {"jurisdiction": "IN", "authority": "in-central"},
        "requested": {"jurisdiction": "LV", "authority": "lv-central"},
        "offences__0__organized_group": True,
        "offences__0__benefit_sought": True,
    }

    @pytest.mark.parametrize(
        ("instrument", "language", "translated"),
        [
            ("UNTOC-2000", "en", False),
            ("UNTOC-2000", "lv", False),
            ("UNTOC-2000", "fr", True),
            ("UNCAC-2003", "en", True),
            ("UNCAC-2003", "lv", False),
        ],
    )
    def test_language_is_that_of_the_declaration(self, instrument: str, language: str, translated: bool) -> None:
        basis = {"id": "B1", "instrument": instrument, "articles": ["18", "46"]}
        found = findings(**self.LATVIA, bases__0=basis, language=language, offences__0__category="corruption")
        told_so = [finding for finding in found if finding.code == "language"]
        assert bool(told_so) == translated
        if translated:
            assert "Latvian" in told_so[0].message and told_so[0].instrument == instrument

    @pytest.mark.parametrize(
        ("nature", "organ"), [("investigation", "Prosecutor General"), ("trial", "Ministry of Justice")]
    )
    def test_addressee_changes_with_the_stage(self, nature: str, organ: str) -> None:
        basis = {"id": "B1", "instrument": "UNTOC-2000", "articles": ["18"]}
        found = findings(**self.LATVIA, bases__0=basis, proceedings__nature=nature)
        finding = next(finding for finding in found if finding.code == "addressee_by_stage")
        assert organ in finding.message.rpartition("it is:")[2] and finding.article == "18(13)"

    def test_designated_office_of_the_stage_is_no_finding(self) -> None:
        office = Authority.objects.get(code="lv-central")
        office.name = "Prosecutor General's Office, International Co-operation"
        office.save()
        basis = {"id": "B1", "instrument": "UNTOC-2000", "articles": ["18"]}
        assert "addressee_by_stage" not in {f.code for f in findings(**self.LATVIA, bases__0=basis)}
        at_trial = findings(**self.LATVIA, bases__0=basis, proceedings__nature="trial")
        assert "addressee_by_stage" in {finding.code for finding in at_trial}

    def test_old_address_is_told_and_a_fresh_one_not(self) -> None:
        real = Authority.objects.filter(jurisdiction__code="AL", fictional=False, scope__contains="27(2)").first()
        assert real is not None
        old = findings(requested={"jurisdiction": "AL", "authority": real.code})
        assert ("warning", "authority_stale", "requested.authority") in told(old)
        fresh = findings(requested={"jurisdiction": "AL", "authority": real.code}, today=dt.date(2019, 11, 26))
        assert "authority_stale" not in {finding.code for finding in fresh}
        Authority.objects.filter(pk=real.pk).update(as_of="undated")
        undated = findings(requested={"jurisdiction": "AL", "authority": real.code})
        assert ("warning", "authority_undated", "requested.authority") in told(undated)

    def test_contact_point_of_2006_is_stale_and_takes_no_routine_measure(self) -> None:
        to_point = {"requested": {"jurisdiction": "AL", "authority": "al-247"}}
        codes = {finding.code for finding in findings(**to_point)}
        assert {"authority_stale", "contact_point_addressed"} <= codes
        kept = {finding.code for finding in findings(**to_point, items__0=preservation())}
        assert "authority_stale" in kept and "contact_point_addressed" not in kept

    @pytest.mark.parametrize(
        ("code", "finding"),
        [
            ("nobody", "addressee_unknown"),
            ("us-central", "addressee_elsewhere"),
            ("al-executing", "addressee_executes"),
        ],
    )
    def test_wrong_addressee_is_told(self, code: str, finding: str) -> None:
        assert finding in {f.code for f in findings(requested={"jurisdiction": "AL", "authority": code})}

    def test_direct_channel_brings_what_was_declared_on_it(self) -> None:
        convention = {"bases__0": {"id": "B1", "instrument": "CETS-030", "articles": ["15"]}}
        direct = findings(requested={"jurisdiction": "AL", "authority": "al-prosecutor"}, **convention)
        declared = next(finding for finding in direct if finding.code == "channel_declared")
        assert (declared.instrument, declared.article) == ("CETS-030", "15(6)")
        assert "channel_declared" not in {finding.code for finding in findings(**convention)}


class TestDates:
    @pytest.mark.parametrize(
        ("first", "last", "severity"),
        [("2024-05-01", "2024-06-30", "gap"), ("2024-06-01", "2024-08-01", "warning"), ("2024-07-01", None, "")],
    )
    def test_offence_before_its_law_is_told(self, first: str, last: str | None, severity: str) -> None:
        found = findings(
            requesting={"jurisdiction": "IN", "authority": "in-central"},
            offences__0__provision="BNS s. 318",
            offences__0__committed_from=first,
            offences__0__committed_to=last,
        )
        assert {f.severity for f in found if f.code == "law_not_yet_in_force"} == ({severity} if severity else set())

    def test_year_of_the_law_in_its_name_is_read(self) -> None:
        for provision, late in (("Terrorism Act 2000, s. 59", False), ("Terrorism Act 2027, s. 1", True)):
            found = {finding.code for finding in findings(offences__0__provision=provision)}
            assert ("law_not_yet_in_force" in found) == late


class TestPractice:
    @pytest.mark.parametrize(
        "text",
        ["", "[[statute]]\njurisdiction = 'IN'", "not toml", "[[statute]]\nin_force = 2024"],
    )
    def test_data_on_practice_that_are_not_understood_are_told(
        self, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "practice.toml").write_text(text)
        monkeypatch.setattr("workflows.drafting.law.PRACTICE", tmp_path / "practice.toml")
        practice_read.cache_clear()
        with pytest.raises(PracticeWrong, match=r"practice\.toml"):
            practice_read()
        monkeypatch.undo()
        assert practice_read()


def test_standard_of_the_courts_of_a_state_is_told_as_general_knowledge() -> None:
    found = findings(requested={"jurisdiction": "US", "authority": "us-central"})
    finding = next(f for f in found if f.code == "specific_and_articulable_facts")
    assert (finding.severity, finding.question) == ("warning", "items[0].nexus")
    assert "to be confirmed" in finding.message


drop = st.sampled_from(
    [
        "persons", "offences", "facts", "providers", "contacts", "statements__purpose", "items__0__nexus",
        "items__0__answers", "items__0__period", "items__0__bases", "proceedings__subject", "identifiers__0__at",
        "requested__authority", "offences__0__law_text", "bases__0__articles", "urgency", "rights",
    ]
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(drop, max_size=6), st.sampled_from(["RECIPROCITY", "UNTOC-2000", "CETS-185", "CETS-182", "NONE-1"]))
def test_any_incomplete_letter_has_whole_findings_in_one_order(missing: set[str], instrument: str) -> None:
    try:
        less = letter_from(values(bases__0__instrument=instrument, **dict.fromkeys(sorted(missing))))
    except (LetterFileWrong, IndexError, KeyError):
        # What was taken out is named elsewhere, or must be there.
        return
    law = law_for(less)
    found = letter_findings(less, law=law, today=TODAY)
    assert found == letter_findings(letter_from(less.content()), law=law, today=TODAY)
    assert len({(finding.code, finding.question) for finding in found}) == len(found)
    for finding in found:
        assert finding.message and finding.question and finding.severity in {"gap", "warning"}
        assert "%(" not in finding.message


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(drop, max_size=5), drop)
def test_taking_more_out_of_a_letter_never_makes_it_complete(missing: set[str], more: str) -> None:
    def gaps(names: set[str]) -> int | None:
        try:
            less = letter_from(values(**dict.fromkeys(sorted(names))))
        except (LetterFileWrong, IndexError, KeyError):
            return None
        return sum(finding.severity == "gap" for finding in letter_findings(less, law=law_for(less), today=TODAY))

    before, after = gaps(missing), gaps(missing | {more})
    assert before is None or after is None or not (before > 0 and after == 0)


@pytest.mark.parametrize(
    ("days", "reason", "said"),
    [
        (90, "", None),
        (91, "", "The period covers 91 days; requests beyond 90 days are often asked to be narrowed"),
        (91, "The days of the attack.", "The period covers 91 days, more than 90; why it is that long is said."),
    ],
)
def test_period_beyond_the_measures_own_number_of_days_is_warned_of(days: int, reason: str, said: str | None) -> None:
    end = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    period = {"from": (end - dt.timedelta(days=days)).isoformat(), "to": end.isoformat()}
    changed = letter(items__0__period=period, items__0__period_reason=reason)
    told = [f for f in letter_findings(changed, law=Law(), today=dt.date(2026, 6, 12)) if f.code == "period_broad"]
    assert [f.severity for f in told] == (["warning"] if said else [])
    assert all(f.message.startswith(said or "") for f in told)


def of_measure(measure: str, **answers: Any) -> dict[str, Finding]:
    changed = letter(items__0__measure=measure, items__0__answers=answers)
    return {f.code: f for f in letter_findings(changed, law=Law(), today=dt.date(2026, 6, 12))}


def test_information_without_any_condition_is_told_once_and_with_one_is_not() -> None:
    told = of_measure("spontaneous-information", conditions=["none"])["choice_warned"]
    assert (told.severity, told.question) == ("warning", "items[0].answers.conditions")
    assert "No condition is set" in told.message
    assert "choice_warned" not in of_measure("spontaneous-information", conditions=["confidential"])
    assert of_measure("spontaneous-information")["answer_missing"]


def test_other_assistance_that_has_a_measure_of_its_own_is_told_to_move() -> None:
    told = of_measure("other", kind_of_assistance="bank_records")["measure_of_its_own"]
    assert (told.severity, told.question) == ("warning", "items[0].answers.kind_of_assistance")
    assert "Bank and financial records" in told.message
    assert "measure_of_its_own" not in of_measure("other", kind_of_assistance="company_records")
