"""The legal basis of the known cases, as of the day of the request."""

from __future__ import annotations

from datetime import date

import pytest

from mla.audit.services import Who
from mla.reference.models import Authority, Instrument, Jurisdiction, Participation
from mla.reference.rules import RulesWrong
from mla.reference.services import bilateral_add
from workflows.drafting.resolver import (
    ResolverRefused,
    UnknownJurisdiction,
    UnknownMeasure,
    UnknownOffence,
    known_measures,
    resolve,
)
from workflows.drafting.resolver_types import Offence, Resolution

pytestmark = pytest.mark.django_db


def ask(pair: str, on: str, measure: str, category: str | None = None, offence: Offence | None = None) -> Resolution:
    requesting, requested = pair.split()
    return resolve(
        requesting=requesting,
        requested=requested,
        on=date.fromisoformat(on),
        measure=measure,
        offence_category=category,
        offence=offence,
    )


def codes(resolution: Resolution) -> set[str]:
    return {finding.code for finding in resolution.findings}


def gaps(resolution: Resolution) -> dict[str, str]:
    return {finding.instrument: finding.code for finding in resolution.findings if finding.severity == "gap"}


def test_case_1_budapest_first_and_vienna_for_the_drug_offence() -> None:
    found = ask("US IS", "2013-06-12", "stored-content", "drug_trafficking")
    assert [entry.instrument for entry in found.bases] == ["CETS-185", "VIENNA-1988", "UNTOC-2000"]
    budapest, vienna, untoc = found.bases
    assert {"25", "31"} <= set(budapest.articles)
    assert (budapest.scope.answer, vienna.scope.answer, untoc.scope.answer) == ("in_scope", "in_scope", "cannot_tell")
    assert "organized criminal group" in untoc.scope.question
    assert budapest.requested.since == date(2007, 5, 1)
    assert not budapest.requested.computed
    assert (budapest.requesting.since, budapest.requesting.to_be_confirmed) == (date(2007, 1, 1), True)
    assert (untoc.requesting.since, untoc.requesting.computed) == (date(2005, 12, 3), True)
    assert vienna.requesting.since == date(1990, 11, 11), "the convention's own day, later than 90 days from deposit"
    assert "bilateral_not_recorded" in codes(found)


def test_case_1_seizing_assets_is_not_budapest_and_preservation_is_article_29() -> None:
    freezing = ask("US IS", "2013-06-12", "freezing", "drug_trafficking")
    assert freezing.entry("CETS-185").scope.answer == "not"  # type: ignore[union-attr]
    assert freezing.bases[0].instrument == "VIENNA-1988"
    assert freezing.bases[0].articles[:2] == ("5(2)", "5(4)")
    keep = ask("US IS", "2013-06-12", "preservation", "drug_trafficking").bases[0]
    assert (keep.instrument, "29" in keep.articles) == ("CETS-185", True)
    assert {content.item for content in keep.contents} >= {"custodian", "necessity", "mla_will_follow"}


def test_case_2_before_2011_budapest_does_not_bind_the_pair_and_the_bilateral_treaty_comes_first() -> None:
    found = ask("GB US", "2006-03-01", "stored-content", "incitement")
    assert found.answer("CETS-185") == "not_in_force"
    assert "2011-09-01" in found.excluded("CETS-185").why  # type: ignore[union-attr]
    assert found.bases[0].instrument == "GB-US-1994"
    assert found.bases[0].role == "primary"
    assert found.bases[0].requesting.to_be_confirmed
    financing = found.entry("ICSFT-1999")
    assert financing is not None
    assert financing.scope.answer == "not", "it reaches financing, not incitement"
    later = ask("GB US", "2011-09-01", "stored-content", "incitement")
    assert later.answer("CETS-185") == "in_force"
    assert ask("GB US", "2011-08-31", "stored-content").answer("CETS-185") == "not_in_force"


def test_case_2_the_day_of_the_request_decides_and_not_that_of_the_offence() -> None:
    assert ask("GB US", "2006-03-10", "stored-content").answer("UNTOC-2000") == "not_in_force"
    assert ask("GB US", "2006-03-11", "stored-content").answer("UNTOC-2000") == "in_force"


def test_case_3_the_supplementary_treaty_before_the_convention_and_no_budapest_for_switzerland_in_2009() -> None:
    found = ask("FR CH", "2009-10-20", "stored-traffic-data", "participation_in_terrorist_group")
    assert found.answer("CETS-185") == "not_in_force"
    assert [entry.instrument for entry in found.bases[:3]] == ["FR-CH-1996", "SCHENGEN-1990", "CETS-030"]
    assert ask("FR CH", "2008-12-11", "stored-traffic-data").answer("SCHENGEN-1990") == "not_in_force"
    assert "CETS-030" in found.bases[0].role_reason
    assert found.entry("UNTOC-2000").role == "subsidiary"  # type: ignore[union-attr]
    assert ask("FR CH", "2012-01-01", "stored-traffic-data").answer("CETS-185") == "in_force"


def test_case_4_budapest_29_beside_the_1959_convention_and_its_protocol_not_known() -> None:
    found = ask("DE AL", "2026-03-10", "preservation", "cybercrime")
    budapest, convention = found.bases[:2]
    assert (budapest.instrument, budapest.scope.answer) == ("CETS-185", "in_scope")
    assert {"29", "35"} <= set(budapest.articles)
    assert (budapest.residual, budapest.residual_applies) == (("27(2)-(9)", "28"), "no")
    assert not {"27(2)-(9)", "28"} & set(budapest.articles), "the 1959 convention governs the procedure"
    assert (convention.instrument, convention.scope.answer) == ("CETS-030", "cannot_tell")
    assert found.answer("CETS-182") == "unknown"
    assert "DE" in found.excluded("CETS-182").why  # type: ignore[union-attr]
    languages = [item for item in found.declarations if (item.instrument, item.kind) == ("CETS-030", "language")]
    assert [item.jurisdiction for item in languages] == ["AL"]


def test_case_6_untoc_by_reciprocity_and_uncac_out_of_scope_for_fraud() -> None:
    found = ask("IN LV", "2025-03-10", "other", "fraud")
    assert found.entry("UNCAC-2003").scope.answer == "not"  # type: ignore[union-attr]
    assert [entry.instrument for entry in found.bases] == ["UNTOC-2000"]
    assert found.bases[0].requesting.since == date(2011, 6, 4)
    assert found.bases[0].requested.since == date(2003, 9, 29)
    relation = [finding for finding in found.findings if finding.code == "treaty_relation_declared"]
    assert len(relation) == 1
    assert "bilateral agreements" in relation[0].message
    assert {(item.jurisdiction, item.instrument) for item in found.declarations if item.kind == "language"} == {
        ("IN", "UNTOC-2000"), ("LV", "UNTOC-2000"), ("LV", "UNCAC-2003"),
    }  # fmt: skip


def test_case_6_the_facts_of_the_offence_settle_what_its_category_cannot() -> None:
    whole = Offence("fraud", maximum_years=7, organized_group=True, benefit_sought=True)
    assert ask("IN LV", "2025-03-10", "other", offence=whole).entry("UNTOC-2000").scope.answer == "in_scope"  # type: ignore[union-attr]
    for short in (
        Offence("fraud", maximum_years=3, organized_group=True, benefit_sought=True),
        Offence("fraud", maximum_years=7, organized_group=True, benefit_sought=False),
        Offence("fraud", organized_group=False),
    ):
        assert ask("IN LV", "2025-03-10", "other", offence=short).entry("UNTOC-2000").scope.answer == "not"  # type: ignore[union-attr]


def test_case_7_the_channel_treaty_is_never_a_basis_and_uncac_comes_second() -> None:
    found = ask("ES UY", "2025-03-10", "bank-records", "corruption")
    assert [(entry.instrument, entry.role) for entry in found.bases[:2]] == [
        ("ES-UY-1991", "primary"), ("UNCAC-2003", "subsidiary"),
    ]  # fmt: skip
    assert "46(9)-(29)" not in found.bases[1].articles
    assert not found.bases[1].contents, "46(15) belongs to the paragraphs that give way"
    channel = found.entry("MEDELLIN-2019")
    assert channel is not None
    assert (channel.role, channel.is_basis) == ("channel", False)
    assert channel.requested.computed
    for day in ("2022-05-08", "2023-02-20"):
        assert ask("ES UY", day, "bank-records").answer("MEDELLIN-2019") == "not_in_force"
    before = ask("ES UY", "2000-02-06", "bank-records", "corruption")
    assert before.answer("ES-UY-1991") == "not_in_force"


def test_case_8_conventions_that_are_not_yet_in_force_are_never_a_basis() -> None:
    for pair in ("JP US", "JP RS", "HU JP", "GB FR"):
        found = ask(pair, "2026-11-24", "subscriber-information", "cybercrime")
        assert found.answer("CETS-224") == "not_in_force"
        assert found.answer("UNCC-2024") == "not_in_force"
        assert "not yet in force" in found.excluded("CETS-224").why  # type: ignore[union-attr]
    reserved = [item for item in ask("US JP", "2026-11-24", "other").declarations if item.instrument == "CETS-224"]
    assert [(item.jurisdiction, item.article) for item in reserved] == [("JP", "7")]


def test_case_8_a_withdrawal_ends_the_basis_and_before_it_nothing_is_certain() -> None:
    assert ask("UA RU", "2026-01-01", "other").answer("MINSK-1993") == "not_in_force"
    assert ask("UA RU", "2022-12-01", "other").answer("MINSK-1993") == "not_in_force"
    assert ask("UA RU", "2010-01-01", "other").answer("MINSK-1993") == "unknown"


def test_case_8_not_known_is_said_and_the_scheme_is_labelled() -> None:
    found = ask("AU FJ", "2026-03-10", "stored-content", "cybercrime")
    assert found.answer("UNTOC-2000") == "unknown"
    assert "participation_not_known" in codes(found)
    scheme = found.entry("HARARE-1986")
    assert scheme is not None
    assert (scheme.role, scheme.is_basis) == ("scheme", False)


def test_case_8_without_a_common_treaty_reciprocity_is_offered() -> None:
    found = ask("FJ PG", "2024-01-01", "stored-content", "fraud")
    assert not found.bases
    assert "no_common_treaty" in codes(found)
    assert "no_common_treaty" not in codes(ask("US IS", "2013-06-12", "stored-content", "drug_trafficking"))


def test_financing_of_terrorism_needs_a_second_basis_and_says_which_are_in_force() -> None:
    found = ask("FR AE", "2026-03-10", "bank-records", "terrorism_financing")
    assert found.bases[0].scope.answer == "in_scope"
    message = next(finding for finding in found.findings if finding.code == "second_basis_needed")
    assert message.instrument == "ICSFT-1999"
    assert "UNTOC-2000" in message.message
    assert "second_basis_needed" not in codes(ask("FR AE", "2026-03-10", "bank-records", "drug_trafficking"))


@pytest.mark.parametrize("measure", ["stored-content", "stored-traffic-data", "bank-records", "preservation"])
def test_between_states_bound_by_the_investigation_order_a_letter_is_the_wrong_instrument(measure: str) -> None:
    found = ask("FR DE", "2025-01-10", measure, "fraud")
    assert gaps(found) == {"EIO-2014": "wrong_instrument"}
    assert "Annex A" in found.findings[0].message
    assert found.entry("CETS-030").role == "subsidiary"  # type: ignore[union-attr]
    assert found.answer("EU-2023-1543") == "not_in_force"


def test_the_wrong_instrument_depends_on_who_is_bound_on_the_day_and_for_what() -> None:
    assert gaps(ask("FR DE", "2026-09-01", "subscriber-information", "fraud")) == {
        "EIO-2014": "wrong_instrument", "EU-2023-1543": "wrong_instrument",
    }  # fmt: skip
    # Ireland takes part in the e-evidence Regulation and not in the order, Denmark in neither.
    assert gaps(ask("FR IE", "2026-09-01", "subscriber-information", "fraud")) == {"EU-2023-1543": "wrong_instrument"}
    assert gaps(ask("FR IE", "2026-08-17", "subscriber-information", "fraud")) == {}
    assert gaps(ask("FR DK", "2026-09-01", "subscriber-information", "fraud")) == {}
    assert gaps(ask("FR DE", "2026-09-01", "freezing", "fraud")) == {"EU-2018-1805": "wrong_instrument"}
    assert gaps(ask("FR DE", "2025-01-10", "service-of-documents", "fraud")) == {}
    assert gaps(ask("FR GB", "2025-01-10", "stored-content", "fraud")) == {}
    assert gaps(ask("DE GB", "2019-01-10", "stored-content", "fraud")) == {"EIO-2014": "wrong_instrument"}
    assert gaps(ask("DE GB", "2020-12-31", "stored-content", "fraud")) == {"EIO-2014": "wrong_instrument"}
    assert gaps(ask("DE GB", "2021-01-01", "stored-content", "fraud")) == {}
    # A party without a date: bound on its source's day, not known before.
    early = ask("FR DE", "2018-01-10", "stored-content", "fraud")
    assert early.answer("EIO-2014") == "unknown"
    assert "perhaps_wrong_instrument" in codes(early)
    assert gaps(early) == {}


def test_content_under_the_regulation_depends_on_the_penalty() -> None:
    def of(offence: Offence) -> set[str]:
        return {f.code for f in ask("FR IE", "2026-09-01", "stored-content", offence=offence).findings}

    assert "wrong_instrument" in of(Offence("fraud", maximum_years=5))
    assert "wrong_instrument" in of(Offence("terrorism", maximum_years=1))
    assert not of(Offence("fraud", maximum_years=2)) & {"wrong_instrument", "perhaps_wrong_instrument"}
    assert "perhaps_wrong_instrument" in of(Offence("fraud"))


def test_a_bilateral_treaty_that_is_added_comes_first_and_only_for_its_pair() -> None:
    before = ask("DE AL", "2026-03-10", "stored-content", "cybercrime")
    assert "bilateral_not_recorded" in codes(before)
    by = Who("user", "1", "Officer A", "local_administrator", Authority.objects.get(code="de-central").pk)
    parties = (Jurisdiction.objects.get(code="DE"), Jurisdiction.objects.get(code="AL"))
    bilateral_add(
        code="AL-DE-TEST", short_name="Test", full_title="Test", parties=parties, in_force=date(2001, 1, 1),
        source="gazette, read by a person", as_of="2026-11-01", by=by,
        rules={
            "mla_treaty": True,
            "scope": [{"offences": ["*"], "answer": "in_scope", "confidence": "verified"}],
            "measures": {"stored-content": {"answer": "in_scope", "articles": ["4"], "confidence": "verified"}},
        },
    )  # fmt: skip
    after = ask("DE AL", "2026-03-10", "stored-content", "cybercrime")
    assert after.bases[0].instrument == "AL-DE-TEST"
    assert "bilateral_not_recorded" not in codes(after)
    assert ask("AL DE", "2000-12-31", "stored-content").answer("AL-DE-TEST") == "not_in_force"
    assert ask("DE CH", "2026-03-10", "stored-content").answer("AL-DE-TEST") is None
    # What the treaty does not name is a question, not a yes.
    assert ask("DE AL", "2026-03-10", "testimony").entry("AL-DE-TEST").scope.answer == "cannot_tell"  # type: ignore[union-attr]


def test_a_supplement_whose_convention_is_not_in_force_says_so() -> None:
    Participation.objects.filter(instrument__code="CETS-030", jurisdiction__code="CH").update(status="unknown")
    found = ask("FR CH", "2009-10-20", "stored-traffic-data", "terrorism")
    assert found.entry("FR-CH-1996").role == "subsidiary"  # type: ignore[union-attr]
    assert "supplement_without_parent" in codes(found)


def test_a_question_without_an_answer_names_what_is_wrong_with_it() -> None:
    with pytest.raises(UnknownJurisdiction, match="QQ"):
        ask("US QQ", "2020-01-01", "other")
    with pytest.raises(UnknownMeasure, match=r"telepathy.*stored-content"):
        ask("US IS", "2020-01-01", "telepathy")
    with pytest.raises(UnknownOffence, match=r"rudeness.*fraud"):
        ask("US IS", "2020-01-01", "other", "rudeness")
    with pytest.raises(ResolverRefused, match="US"):
        ask("US US", "2020-01-01", "other")
    assert {"preservation", "other", "testimony", "freezing"} <= set(known_measures())
    assert ask("us is", "2020-01-01", "testimony").requesting == "US"


def test_rules_that_cannot_be_read_stop_the_answer_and_name_the_instrument() -> None:
    Instrument.objects.filter(code="CETS-185").update(rules={"scope": "all"})
    with pytest.raises(RulesWrong, match="CETS-185: scope"):
        ask("US IS", "2013-06-12", "stored-content")


def test_an_answer_takes_few_queries(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_max_num_queries(5):
        ask("US IS", "2013-06-12", "stored-content", "drug_trafficking")


def test_the_answer_is_plain_values_with_every_date_as_text() -> None:
    import json

    value = ask("US IS", "2013-06-12", "stored-content", "drug_trafficking").as_dict()
    assert json.loads(json.dumps(value)) == value
    first = value["in_force"][0]
    assert first["instrument"] == "CETS-185"
    assert first["requesting"] | {"why": ""} == {
        "jurisdiction": "US", "bound": "yes", "why": "", "since": "2007-01-01", "computed": False, "status": "party",
        "confidence": "medium", "source": first["requesting"]["source"], "as_of": "2026-02", "to_be_confirmed": True,
    }  # fmt: skip
    assert len(value["reference_data_version"]) == 64


@pytest.mark.parametrize(
    ("pair", "on", "bilateral", "role"),
    [
        ("US CH", "2026-11-24", "CH-US-1973", "primary"),
        ("CA US", "1995-01-01", "CA-US-1985", "primary"),
        ("JP US", "2010-01-01", "JP-US-2003", "primary"),
        ("IN US", "2010-01-01", "IN-US-2001", "primary"),
        ("US DE", "2015-01-01", "DE-US-2003", "primary"),
    ],
)
def test_a_bilateral_treaty_that_ships_comes_first(pair: str, on: str, bilateral: str, role: str) -> None:
    found = ask(pair, on, "bank-records", "fraud")
    assert (found.bases[0].instrument, found.bases[0].role) == (bilateral, role)
    assert found.bases[0].requesting.to_be_confirmed
    assert "bilateral_not_recorded" not in codes(found)


def test_germany_and_switzerland_use_the_1959_convention_as_their_agreement_supplements_it() -> None:
    found = ask("DE CH", "2009-10-20", "stored-content", "fraud")
    assert [entry.instrument for entry in found.bases[:3]] == ["CH-DE-1969", "SCHENGEN-1990", "CETS-030"]
    assert "CETS-030" in found.bases[0].role_reason


def test_a_treaty_whose_day_of_entry_into_force_is_not_known_is_not_known_before_its_source_speaks() -> None:
    assert ask("GB IN", "1992-09-21", "stored-content", "fraud").answer("GB-IN-1992") == "not_in_force"
    assert ask("GB IN", "2005-01-01", "stored-content", "fraud").answer("GB-IN-1992") == "unknown"
    assert ask("GB IN", "2026-11-24", "stored-content", "fraud").bases[0].instrument == "GB-IN-1992"
