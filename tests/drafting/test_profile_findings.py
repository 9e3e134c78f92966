"""What the profile of a State says while a letter to it is drafted: each finding with its cause, and silence without."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mla.core.reasons import Finding
from mla.reference.addressees import addressee_of, language_of
from mla.reference.models import Authority, Jurisdiction, ProfileEntry
from tests.drafting.letters import letter
from tests.drafting.test_findings import TODAY, findings
from workflows.drafting.law import law_for

pytestmark = pytest.mark.django_db

UNTOC = {"id": "B1", "instrument": "UNTOC-2000", "articles": ["18"]}


def known(state: str, topic: str, value: str = "", **more: Any) -> ProfileEntry:
    said = {"source": "a person", "last_verified": TODAY, "confidence": "high", "to_be_confirmed": False} | more
    return ProfileEntry.objects.create(
        jurisdiction=Jurisdiction.objects.get(code=state), topic=topic, value=value, **said
    )


@pytest.fixture(autouse=True)
def nothing_known() -> None:
    ProfileEntry.objects.all().delete()


def one(code: str, **changes: Any) -> Finding | None:
    found = [finding for finding in findings(**changes) if finding.code == code]
    assert len(found) <= 1 and all(finding.severity == "warning" for finding in found)
    return found[0] if found else None


def test_profile_that_was_long_not_verified_is_told_with_topic_and_day_and_a_fresh_one_not() -> None:
    entry = known("AL", "channel", "central")
    assert one("profile_stale") is None
    ProfileEntry.objects.update(last_verified=TODAY - dt.timedelta(days=366))
    told = one("profile_stale")
    assert told is not None and "14 June 2025" in told.message and "Channel" in told.message and "365" in told.message
    ProfileEntry.objects.update(last_verified=None)
    told = one("profile_stale")
    assert told is not None and "never verified" in told.message
    entry.removed = True
    entry.save()
    assert one("profile_stale") is None


def test_only_what_bears_on_the_letter_can_be_stale(settings: Any) -> None:
    old = {"last_verified": dt.date(2000, 1, 1)}
    known("AL", "language", "fr", instrument="UNCAC-2003", **old)
    known("AL", "proof_standard", "probable_cause", measure="stored-content", **old)
    known("AL", "note", note="n", **old)
    known("FR", "language", "fr", **old)
    assert one("profile_stale") is None
    known("AL", "channel", "central", last_verified=TODAY - dt.timedelta(days=300))
    assert one("profile_stale") is None
    settings.PROFILE_STALE_DAYS = 200
    assert one("profile_stale") is not None


@pytest.mark.parametrize(
    ("value", "language", "told"),
    [
        ("en fr", "en", False),
        ("fr", "en", True),
        ("mk+en", "en", True),
        ("mk+en en", "en", False),
        ("pt", "pt-BR", False),
    ],
)
def test_language_that_is_not_taken_is_told(value: str, language: str, told: bool) -> None:
    known("MK", "language", value, instrument="UNTOC-2000")
    found = one("language", requested={"jurisdiction": "MK"}, bases__0=UNTOC, language=language)
    assert (found is not None) == told
    assert found is None or found.instrument == "UNTOC-2000"
    elsewhere = one("language", requested={"jurisdiction": "MK"}, language="en")
    assert elsewhere is None


def test_entry_on_an_instrument_goes_before_one_on_none() -> None:
    known("AL", "language", "sq")
    assert one("language") is not None
    known("AL", "language", "en", instrument=letter().bases[0].instrument)
    assert one("language") is None


@pytest.mark.parametrize(
    ("value", "channel", "told"),
    [
        ("central", "paper", False), ("central", "local", False), ("central", "interpol", True), ("diplomatic", "paper", True),
        ("central diplomatic", "diplomatic", False), ("online", "email", True),
    ],
)  # fmt: skip
def test_channel_that_is_not_taken_is_told(value: str, channel: str, told: bool) -> None:
    assert one("channel_not_accepted", channel=channel) is None
    known("AL", "channel", value, note="said in a letter")
    found = one("channel_not_accepted", channel=channel)
    assert (found is not None) == told
    assert found is None or ("said in a letter" in found.message and found.question == "channel")


def test_letter_past_the_central_authority_is_told_where_that_is_not_taken() -> None:
    to = {"requested": {"jurisdiction": "AL", "authority": "al-executing"}}
    assert Authority.objects.filter(code="al-executing").exists()
    entry = known("AL", "channel", "central")
    assert one("channel_not_direct", **to) is not None and one("channel_not_direct") is None
    entry.value = "central direct"
    entry.save()
    assert one("channel_not_direct", **to) is None


@pytest.mark.parametrize(("value", "told"), [("required", True), ("may_refuse", True), ("not_required", False)])
def test_dual_criminality_is_told_for_the_measure_it_is_asked_for(value: str, told: bool) -> None:
    known("AL", "dual_criminality", value, measure="search-and-seizure")
    assert one("dual_criminality") is None
    known("AL", "dual_criminality", value, measure="stored-traffic-data", to_be_confirmed=True)
    found = one("dual_criminality")
    assert (found is not None) == told
    assert found is None or (found.question == "items[0].measure" and "(to be confirmed)" in found.message)


def test_standard_of_proof_is_asked_where_it_is_to_be_met() -> None:
    known("AL", "proof_standard", "specific_and_articulable_facts", measure="stored-traffic-data", note="Say why.")
    found = one("specific_and_articulable_facts")
    assert found is not None and (found.question, found.message) == ("items[0].nexus", "Say why.")
    known("AL", "proof_standard", "other", measure="stored-content", note="Say more.")
    assert one("proof_standard") is None


def test_form_of_evidence_that_ours_need_and_theirs_do_not_give_is_told() -> None:
    known("DE", "evidence_needed", "certified_copy oath")
    assert one("evidence_form") is None, "what they can give is not known"
    given = known("AL", "evidence_given", "certified_copy")
    found = one("evidence_form")
    assert found is not None and "oath" in found.message and "certified copy" not in found.message
    known("DE", "evidence_needed", "none", measure="stored-traffic-data")
    assert one("evidence_form") is None, "of this measure no form is needed"
    ProfileEntry.objects.filter(measure="stored-traffic-data").delete()
    given.value = "certified_copy oath"
    given.save()
    assert one("evidence_form") is None
    # What the requested State's own courts need, and what ours can give, have no part in it.
    known("AL", "evidence_needed", "apostille")
    known("DE", "evidence_given", "none")
    assert one("evidence_form") is None


def test_addressee_of_the_stage_may_be_named_by_its_code() -> None:
    known("AL", "authority", "al-moj-27", stage="at_trial")
    assert one("addressee_by_stage") is None
    at_trial = {"proceedings__nature": "trial"}
    found = one("addressee_by_stage", **at_trial)
    assert found is not None and "Ministry of Justice" in found.message
    to = {"requested": {"jurisdiction": "AL", "authority": "al-moj-27"}}
    assert one("addressee_by_stage", **at_trial, **to) is None


def test_law_takes_one_query_more_for_both_profiles() -> None:
    content = letter()
    law_for(content)
    with CaptureQueriesContext(connection) as few:
        law_for(content)
    for n in range(20):
        known("AL", "note", note="n", instrument=f"X-{n}")
    with CaptureQueriesContext(connection) as many:
        law_for(content)
    assert len(few) == len(many) <= 7


def test_proposed_addressee_and_language_follow_the_profile_and_the_stage() -> None:
    before = addressee_of("LV", stage="before_trial")
    assert before is not None and before.code == "lv-central"
    known("LV", "authority", "Ministry of Justice", instrument="UNTOC-2000", stage="at_trial")
    at_trial = addressee_of("LV", stage="at_trial")
    assert at_trial is not None and at_trial.code == "lv-moj-uncac"
    assert addressee_of("LV", stage="before_trial") == before
    known("LV", "authority", "lv-prosecutor", instrument="UNCAC-2003", stage="at_trial")
    assert addressee_of("LV", stage="at_trial") == before, "two offices are named: none is proposed by the profile"
    codes = ("en", "lv", "fr", "sq")
    assert language_of("LV", before, among=codes) == "lv"
    known("LV", "language", "en lv", instrument="UNTOC-2000")
    assert language_of("LV", before, among=codes) == "en"
    known("LV", "language", "lv", instrument="UNCAC-2003")
    assert language_of("LV", before, among=codes) == "lv", "what is taken under each of them"


def test_form_to_be_signed_is_missed_where_our_courts_need_one_until_something_is_said() -> None:
    item = letter().content()["items"][0]
    assert one("certificate_not_asked") is None
    known("DE", "evidence_needed", "certified_copy records_certificate")
    found = one("certificate_not_asked")
    assert (
        found is not None
        and found.question == "items[0].certificate_form"
        and "certificate of records" in found.message
    )
    for said in ("none", "records_certificate", "oath"):
        assert one("certificate_not_asked", items__0=item | {"certificate_form": said}) is None
    ProfileEntry.objects.all().delete()
    known("DE", "evidence_needed", "apostille")
    assert one("certificate_not_asked") is None, "no form to be signed makes an apostille"


def test_form_that_the_measure_does_not_have_is_a_gap() -> None:
    item = letter().content()["items"][0]
    wrong = findings(items__0=item | {"measure": "preservation", "answers": {}, "certificate_form": "oath"})
    assert ("gap", "certificate_not_there") in {(one.severity, one.code) for one in wrong}
    right = findings(items__0=item | {"certificate_form": "oath"})
    assert "certificate_not_there" not in {finding.code for finding in right}
