"""Grounds of refusal are those of every instrument in play, minus what a treaty switches off for its offences."""

from __future__ import annotations

from datetime import date

import pytest

from workflows.drafting.resolver import resolve
from workflows.drafting.resolver_grounds import Ground, grounds_in_play

pytestmark = pytest.mark.django_db


def grounds(pair: str, on: str, measure: str, category: str) -> dict[tuple[str, str], Ground]:
    requesting, requested = pair.split()
    found = resolve(
        requesting=requesting,
        requested=requested,
        on=date.fromisoformat(on),
        measure=measure,
        offence_category=category,
    )
    return {(ground.ground, ground.instrument): ground for ground in grounds_in_play(found)}


def test_the_financing_convention_switches_off_fiscal_and_political_grounds_and_keeps_persecution() -> None:
    found = grounds("FR CH", "2013-06-12", "bank-records", "terrorism_financing")
    for ground in ("fiscal_offence", "political_offence"):
        assert found[ground, "CETS-030"].barred == "yes"
    assert ("ICSFT-1999", "14") in found["political_offence", "CETS-030"].barred_by
    assert found["political_offence", "CETS-030"].sole and found["fiscal_offence", "CETS-030"].sole
    assert found["persecution", "ICSFT-1999"].barred == "no" and not found["persecution", "ICSFT-1999"].sole
    assert found["essential_interests", "CETS-030"].barred == "no"


def test_the_same_grounds_stand_for_another_offence_and_perhaps_where_scope_is_open() -> None:
    fraud = grounds("FR CH", "2013-06-12", "bank-records", "fraud")
    assert fraud["political_offence", "CETS-030"].barred == "no"
    assert ("persecution", "ICSFT-1999") not in fraud
    open_scope = grounds("FR CH", "2013-06-12", "bank-records", "terrorism")
    assert open_scope["political_offence", "CETS-030"].barred == "perhaps"


def test_paragraphs_that_give_way_bring_no_ground() -> None:
    beside = grounds("FR CH", "2013-06-12", "bank-records", "corruption")
    assert ("dual_criminality", "UNCAC-2003") not in beside
    alone = grounds("US IS", "2013-06-12", "bank-records", "corruption")
    assert alone["dual_criminality", "UNCAC-2003"].article == "46(9)"
    assert alone["dual_criminality", "UNCAC-2003"].as_dict()["barred_by"] == []


def test_preservation_has_fewer_grounds_than_disclosure() -> None:
    keep = grounds("US IS", "2013-06-12", "preservation", "cybercrime")
    give = grounds("US IS", "2013-06-12", "stored-content", "cybercrime")
    assert keep["political_offence", "CETS-185"].article == "29(5)(a)"
    assert give["political_offence", "CETS-185"].article == "27(4)(a)"
    assert ("own_proceedings", "CETS-185") in give
    assert ("own_proceedings", "CETS-185") not in keep
