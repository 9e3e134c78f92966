"""Whether another treaty binds the pair is asked, never assumed: the paragraphs that give way follow the answer."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mla.core.reasons import Finding
from tests.drafting.letters import letter
from workflows.drafting.findings import letter_findings
from workflows.drafting.law import law_for, relation_of
from workflows.drafting.resolver import resolve
from workflows.drafting.resolver_grounds import grounds_in_play
from workflows.drafting.resolver_types import UNASKED, BasisEntry, Offence, Relation, Resolution

pytestmark = pytest.mark.django_db

GROUP = Offence("corruption", 10, organized_group=True, benefit_sought=True)


def ask(pair: str, relation: Relation = UNASKED) -> Resolution:
    requesting, requested = pair.split()
    return resolve(
        requesting=requesting, requested=requested, on=date(2026, 6, 12), measure="bank-records", offence=GROUP,
        relation=relation,
    )  # fmt: skip


def entry(pair: str, code: str, relation: Relation = UNASKED) -> BasisEntry:
    found = ask(pair, relation).entry(code)
    assert found is not None
    return found


def of(letter_bases: list[dict[str, Any]], **changes: Any) -> list[Finding]:
    """Return the findings on a letter from India to Latvia, between which no treaty is recorded."""
    one = letter(
        requesting__jurisdiction="IN", requesting__authority=None, requesting__originating=None,
        requested__jurisdiction="LV", requested__authority=None, bases=letter_bases, items__0__measure="bank-records",
        items__0__answers={}, offences__0__category="corruption", offences__0__organized_group=True,
        offences__0__benefit_sought=True, **changes,
    )  # fmt: skip
    return letter_findings(one, law=law_for(one), today=one.date)


def test_unanswered_without_a_recorded_treaty_it_cannot_be_told() -> None:
    untoc = entry("IN LV", "UNTOC-2000")
    assert untoc.residual_applies == "cannot_tell"
    assert "not known" in untoc.residual_why
    assert "18(9)-(29)" not in untoc.articles
    assert untoc.role == "primary"
    shown = untoc.as_dict()
    assert shown["residual"]["applies"] == "cannot_tell"
    assert all(content["only_if_no_treaty_binds"] for content in shown["contents"])
    grounds = {g.ground: g for g in grounds_in_play(ask("IN LV")) if g.instrument == "UNTOC-2000"}
    assert grounds["dual_criminality"].only_if_none
    assert grounds["dual_criminality"].as_dict()["only_if_no_treaty_binds"] is True


@pytest.mark.parametrize(
    ("relation", "applies", "role"),
    [
        (Relation(False), "yes", "primary"),
        (Relation(True), "no", "subsidiary"),
        (Relation(True, frozenset({"UNTOC-2000"})), "yes", "primary"),
        (Relation(None, frozenset({"UNTOC-2000"})), "yes", "primary"),
        (Relation(None, frozenset({"UNCAC-2003"})), "cannot_tell", "primary"),
    ],
)
def test_contents_grounds_and_role_follow_the_answer(relation: Relation, applies: str, role: str) -> None:
    untoc = entry("IN LV", "UNTOC-2000", relation)
    assert (untoc.residual_applies, untoc.role) == (applies, role)
    assert bool(untoc.contents) == (applies != "no")
    assert ("18(9)-(29)" in untoc.articles) == (applies == "yes")
    grounds = {g.ground: g for g in grounds_in_play(ask("IN LV", relation)) if g.instrument == "UNTOC-2000"}
    assert ("dual_criminality" in grounds) == (applies != "no")
    assert all(ground.only_if_none == (applies == "cannot_tell") for ground in grounds.values())


def test_a_recorded_treaty_weighs_more_than_the_word_and_an_agreement_more_than_the_treaty() -> None:
    for relation in (UNASKED, Relation(False)):
        uncac = entry("FR CH", "UNCAC-2003", relation)
        assert (uncac.residual_applies, uncac.role) == ("no", "subsidiary")
        assert uncac.gives_way_to
        assert not uncac.contents
    agreed = entry("FR CH", "UNCAC-2003", Relation(True, frozenset({"UNCAC-2003"})))
    assert (agreed.residual_applies, agreed.role) == ("yes", "primary")
    assert {content.article for content in agreed.contents} >= {"46(15)(c)"}


def test_a_letter_says_it_once_and_a_yes_beside_a_no_is_not_known() -> None:
    def bases(*answers: bool | None) -> list[dict[str, Any]]:
        codes = ("UNTOC-2000", "UNCAC-2003")
        return [{"id": f"B{n + 1}", "instrument": codes[n], "other_treaty": said} for n, said in enumerate(answers)]

    assert relation_of(letter(bases=bases(None, False))).other_treaty is False
    assert relation_of(letter(bases=bases(True, None))).other_treaty is True
    assert relation_of(letter(bases=bases(True, False))).other_treaty is None
    found = of(bases(True, False), items__0__bases=["B1", "B2"])
    assert [f.question for f in found if f.code == "other_treaty_contradicted"] == [
        "bases[0].other_treaty", "bases[1].other_treaty"
    ]  # fmt: skip


def test_open_is_a_warning_asked_once_and_its_contents_are_never_a_gap() -> None:
    untoc = {"id": "B1", "instrument": "UNTOC-2000", "articles": ["18"]}
    uncac = {"id": "B2", "instrument": "UNCAC-2003", "articles": ["46"]}
    found = of([untoc, uncac], items__0__bases=["B1", "B2"], facts=[])
    asked = [f for f in found if f.code == "other_treaty_open"]
    assert [(f.severity, f.question, f.article) for f in asked] == [("warning", "bases[0].other_treaty", "18(7)")]
    assert "46(9)-(29)" in asked[0].message
    facts = next(f for f in found if f.code == "content_facts")
    assert facts.severity == "warning"
    assert facts.message.startswith("Only if no other treaty binds both States")
    none = of([untoc | {"other_treaty": False}], facts=[])
    assert next(f for f in none if f.code == "content_facts").severity == "gap"
    assert not {f.code for f in none} & {"other_treaty_open", "bilateral_not_recorded"}


def test_a_treaty_that_is_said_and_not_recorded_is_asked_for_unless_they_agreed() -> None:
    untoc = {"id": "B1", "instrument": "UNTOC-2000", "articles": ["18"], "other_treaty": True}
    found = {f.code for f in of([untoc], facts=[])}
    assert "other_treaty_unnamed" in found
    assert "content_facts" not in found
    agreed = {f.code: f.severity for f in of([untoc | {"agreed_instead": True}], facts=[])}
    assert "other_treaty_unnamed" not in agreed
    assert agreed["content_facts"] == "gap"


def test_no_where_a_treaty_is_recorded_is_contradicted() -> None:
    one = letter(
        bases=[{"id": "B1", "instrument": "UNCAC-2003", "articles": ["46"], "other_treaty": False}],
        offences__0__category="corruption",
    )
    found = letter_findings(one, law=law_for(one), today=one.date)
    assert "CETS-030" in next(f.message for f in found if f.code == "other_treaty_contradicted")
