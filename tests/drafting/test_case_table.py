"""The known cases through the two commands, a row each: the legal basis of the pair, and the letter as it is checked.

What `first` names comes first among the bases; `bases` maps others to role and scope; the rest are answers for the pair.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.drafting.test_examples import changed

pytestmark = pytest.mark.django_db

IN, ASK, OUT = "in_scope", "cannot_tell", "not"


@dataclass(frozen=True)
class Case:
    """One question to `legal_basis` and what its answer must hold. `says`: codes of findings; `silent`: codes not told."""

    why: str
    pair: str
    on: str
    measure: str
    offence: str | None
    first: str | None
    bases: dict[str, tuple[str, str]] = field(default_factory=dict)
    not_in_force: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


CASES = [
    # --- 1. United States to Iceland, 2013: the image of a server of a drug market
    Case("1: what is stored: Budapest 31, with the drug convention for the offence, and no bilateral treaty",
         "US IS", "2013-06-12", "stored-content", "drug_trafficking", "CETS-185",
         {"CETS-185": ("primary", IN), "VIENNA-1988": ("primary", IN), "UNTOC-2000": ("primary", ASK)},
         says=("bilateral_not_recorded",), silent=("no_common_treaty", "second_basis_needed", "participation_not_known")),
    Case("1: the first step, preservation, is Budapest 29",
         "US IS", "2013-05-15", "preservation", "drug_trafficking", "CETS-185", {"CETS-185": ("primary", IN)}),
    Case("1: what comes after the image is real-time collection (Budapest 33), narrower than the rest: a question",
         "US IS", "2013-06-12", "real-time-traffic", "drug_trafficking", "CETS-185", {"CETS-185": ("primary", ASK)}),
    Case("1: seizing the bitcoin is not Budapest but the drug convention 5 and UNTOC 13",
         "US IS", "2013-10-01", "freezing", "drug_trafficking", "VIENNA-1988",
         {"CETS-185": ("subsidiary", OUT), "UNTOC-2000": ("primary", ASK)}),
    # --- 2. United Kingdom to United States, 2005: hosting and payment records, incitement to terrorism
    Case("2: the treaty of 1994 first; financing is not incitement; UNTOC and Budapest came after the request",
         "GB US", "2005-11-24", "stored-content", "incitement", "GB-US-1994", {"ICSFT-1999": ("subsidiary", OUT)},
         not_in_force=("CETS-185", "UNTOC-2000", "EU-US-2003")),
    Case("2: the day of the request decides, not that of the offence: from March 2006 UNTOC is a second basis",
         "GB US", "2006-03-11", "subscriber-information", "fraud", "GB-US-1994", {"UNTOC-2000": ("subsidiary", ASK)},
         not_in_force=("CETS-185",)),
    Case("2, companion: Bosnia and Herzegovina, the phones: the 1959 convention bound both since July 2005",
         "GB BA", "2005-11-24", "search-and-seizure", "incitement", "CETS-030", {"ICSFT-1999": ("subsidiary", OUT)},
         says=("bilateral_not_recorded",)),
    # --- 3. France to Switzerland, 2009: search and mail logs, a terrorist association
    Case("3: the agreement of 1996 supplements the 1959 convention; Switzerland applies the Schengen rules since 2008",
         "FR CH", "2009-11-16", "stored-traffic-data", "participation_in_terrorist_group", "FR-CH-1996",
         {"SCHENGEN-1990": ("primary", IN), "CETS-030": ("primary", IN), "ICSFT-1999": ("subsidiary", ASK)},
         not_in_force=("CETS-185",), silent=("bilateral_not_recorded", "supplement_without_parent")),
    Case("3: Budapest is there from the day on which it bound Switzerland",
         "FR CH", "2012-01-01", "stored-traffic-data", "participation_in_terrorist_group", "FR-CH-1996",
         {"CETS-185": ("primary", IN)}),
    # --- 4 and 5. Germany to Albania, 2026: preservation, then subscriber information
    Case("4: Budapest 29; the 1959 convention has no rule on preservation; its second protocol is not known",
         "DE AL", "2026-03-09", "preservation", "cybercrime", "CETS-185", {"CETS-030": ("primary", ASK)},
         not_in_force=("CETS-224", "EIO-2014"), unknown=("CETS-182",)),
    Case("5: disclosure: the 1959 convention governs the procedure, Budapest 31 beside it",
         "DE AL", "2026-04-14", "subscriber-information", "cybercrime", "CETS-030",
         {"CETS-185": ("primary", IN)}, not_in_force=("CETS-224",)),
    # --- 6. India to Latvia, 2025: call-centre fraud
    Case("6: UNTOC on reciprocity, as India has declared; corruption is another convention",
         "IN LV", "2025-08-18", "other", "fraud", "UNTOC-2000", {"UNCAC-2003": ("subsidiary", OUT)},
         says=("treaty_relation_declared", "bilateral_not_recorded")),
    Case("6: the account: freezing under UNTOC 13 as well",
         "IN LV", "2025-08-18", "freezing", "fraud", "UNTOC-2000", {"UNCAC-2003": ("subsidiary", OUT)}),
    # --- 7. Spain to Uruguay, 2025: bank records and a notary
    Case("7: the treaty of 1991 first, UNCAC second; Medellin carries the letter and is no basis",
         "ES UY", "2025-03-10", "bank-records", "corruption", "ES-UY-1991",
         {"UNCAC-2003": ("subsidiary", IN), "MEDELLIN-2019": ("channel", IN)}, silent=("bilateral_not_recorded",)),
    Case("7: the same for the notary's testimony",
         "ES UY", "2025-03-10", "testimony", "corruption", "ES-UY-1991", {"UNCAC-2003": ("subsidiary", IN)}),
    Case("7: before Uruguay's deposit took effect there was no channel",
         "ES UY", "2022-06-01", "bank-records", "corruption", "ES-UY-1991", not_in_force=("MEDELLIN-2019",)),
    # --- 8. Edges
    Case("8: the convention of Hanoi and the second protocol to Budapest are in force for nobody",
         "JP RS", "2026-11-24", "subscriber-information", "cybercrime", "CETS-185",
         not_in_force=("CETS-224", "UNCC-2024")),
    Case("8: Ukraine left the Minsk convention: Belarus",
         "UA BY", "2026-01-01", "other", "fraud", None, not_in_force=("MINSK-1993",), says=("bilateral_not_recorded",)),
    Case("8: and Russia, with which the 1959 convention is still recorded",
         "UA RU", "2026-01-01", "other", "fraud", "CETS-030", not_in_force=("MINSK-1993",)),
    Case("8: a row that says not known is told as such, and the scheme is no treaty",
         "AU FJ", "2026-03-10", "other", "fraud", "CETS-185", {"HARARE-1986": ("scheme", IN)}, unknown=("UNTOC-2000",),
         says=("participation_not_known",)),
    Case("8: no common treaty: reciprocity and the domestic law",
         "JP TV", "2024-07-22", "subscriber-information", "other", None,
         says=("no_common_treaty", "participation_not_known")),
    # --- 9. More
    Case("9: financing of terrorism: the convention names no contents, so a second basis",
         "FR AE", "2026-03-10", "bank-records", "terrorism_financing", "ICSFT-1999",
         {"ICSFT-1999": ("primary", IN), "UNTOC-2000": ("primary", ASK)}, says=("second_basis_needed",)),
    Case("9: two States bound by the investigation order: the wrong instrument",
         "FR DE", "2026-11-24", "stored-content", "fraud", "EIO-2014",
         {"CETS-030": ("subsidiary", IN), "EU-2000": ("subsidiary", IN), "SCHENGEN-1990": ("subsidiary", IN)},
         says=("wrong_instrument",)),
    Case("9: a kidnapping at night: only the second protocol has emergency disclosure, and it is not in force",
         "DE US", "2026-11-24", "emergency-disclosure", "kidnapping", "DE-US-2003", {"CETS-185": ("primary", ASK)},
         not_in_force=("CETS-224",)),
    Case("9: the State that never answers: whatever carries the chasers, the basis was there",
         "GB IN", "2026-11-24", "bank-records", "fraud", "GB-IN-1992", silent=("no_common_treaty",)),
    Case("9: another pair without a common treaty",
         "FJ PG", "2024-01-01", "stored-content", "fraud", None, says=("no_common_treaty",)),
    # --- Further pairs
    Case("US to CH: the treaty of 1973 first, Budapest beside it, nothing of Europe's own",
         "US CH", "2026-11-24", "stored-content", "cybercrime", "CH-US-1973", {"CETS-185": ("primary", IN)},
         not_in_force=("SCHENGEN-1990", "EIO-2014"), silent=("bilateral_not_recorded", "wrong_instrument")),
    Case("US to CH, freezing of proceeds of corruption: treaty first, UNCAC steps back",
         "US CH", "2026-11-24", "bank-records", "corruption", "CH-US-1973", {"UNCAC-2003": ("subsidiary", IN)}),
    Case("DE to CH: the agreement of 1969 supplements the 1959 convention; the Schengen rules stand beside it",
         "DE CH", "2026-11-24", "search-and-seizure", "fraud", "CH-DE-1969",
         {"SCHENGEN-1990": ("primary", IN), "CETS-030": ("primary", IN)}, not_in_force=("EIO-2014",),
         silent=("wrong_instrument",)),
    Case("DE to CH, terrorism: conventions without contents come behind",
         "DE CH", "2026-11-24", "stored-content", "terrorism", "CH-DE-1969",
         {"CETS-090": ("subsidiary", ASK), "CETS-196": ("subsidiary", ASK), "NUCLEAR-2005": ("subsidiary", ASK)}),
    Case("FR to DE, freezing: a certificate, not a letter",
         "FR DE", "2026-11-24", "freezing", "fraud", "EU-2018-1805", says=("wrong_instrument",)),
    Case("FR to DE, service of documents: no order for that, the conventions carry a letter",
         "FR DE", "2025-01-10", "service-of-documents", "fraud", "EU-2000", silent=("wrong_instrument",)),
    Case("JP to DE: the agreement with the Union carries it between Japan and a Member State",
         "JP DE", "2026-11-24", "bank-records", "fraud", "EU-JP-2009", {"CETS-185": ("primary", ASK)},
         not_in_force=("EIO-2014",), silent=("no_common_treaty",)),
    Case("JP to DE before 2011: no treaty on mutual assistance yet, so a convention or reciprocity",
         "JP DE", "2010-12-31", "bank-records", "fraud", None, not_in_force=("EU-JP-2009", "CETS-185"),
         says=("no_common_treaty",)),
    Case("GB to FR since 2021: the agreement of 2020 supplements the 1959 convention, and a letter is right",
         "GB FR", "2026-11-24", "stored-content", "cybercrime", "EU-GB-2020",
         {"CETS-030": ("primary", IN), "CETS-185": ("primary", IN)}, not_in_force=("EIO-2014", "EU-2000"),
         silent=("wrong_instrument",)),
    Case("GB to FR on the last day: still the wrong instrument",
         "GB FR", "2020-12-31", "stored-content", "cybercrime", "EIO-2014", not_in_force=("EU-GB-2020",),
         says=("wrong_instrument",)),
    Case("DE to US, financing of terrorism: the bilateral treaty, the Union's agreement upon it, the convention behind",
         "DE US", "2026-11-24", "bank-records", "terrorism_financing", "DE-US-2003",
         {"EU-US-2003": ("primary", ASK), "ICSFT-1999": ("subsidiary", IN)}),
    Case("EG to SA, terrorism: the Arab and the Islamic convention ask which act it was; Riyadh is thin",
         "EG SA", "2026-11-24", "testimony", "terrorism", "ARAB-1998", {"OIC-1999": ("primary", ASK)}),
    Case("ZA to NG, terrorism: the Algiers convention asks which act it was, the scheme is no treaty",
         "ZA NG", "2026-11-24", "testimony", "terrorism", None,
         {"OAU-1999": ("primary", ASK), "HARARE-1986": ("scheme", IN)}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_the_legal_basis_of_a_case(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    words = [*case.pair.split(), "--on", case.on, "--measure", case.measure, "--json"]
    call_command("legal_basis", *words, *(["--offence", case.offence] if case.offence else []))
    answer = json.loads(capsys.readouterr().out)
    in_force = {row["instrument"]: row for row in answer["in_force"]}
    bases = [code for code, row in in_force.items() if row["role"] in ("primary", "subsidiary") and row["scope"] != OUT]
    if case.first is not None:
        assert bases[0] == case.first
    told = {code: (in_force[code]["role"], in_force[code]["scope"]) for code in case.bases if code in in_force}
    assert told == case.bases
    assert set(case.not_in_force) <= {row["instrument"] for row in answer["not_in_force"]}
    assert set(case.unknown) <= {row["instrument"] for row in answer["unknown"]}
    codes = {finding["code"] for finding in answer["findings"]}
    assert set(case.says) <= codes
    assert not set(case.silent) & codes
    # A scope that cannot be told always comes with the question that would settle it.
    assert all(row["scope_question"] for row in in_force.values() if row["scope"] == ASK)


@dataclass(frozen=True)
class Letter:
    """One of the example letters, as it is or after changes at places such as ``bases.0.role``; `gap`: exit code 1."""

    why: str
    name: str
    changes: dict[str, Any] = field(default_factory=dict)
    gaps: tuple[str, ...] = ()
    warns: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


def _between(asking: str, originating: str, asked: str, office: str) -> dict[str, Any]:
    return {
        "requesting.jurisdiction": asking, "requesting.authority": f"{asking.lower()}-central",
        "requesting.originating": originating, "requested.jurisdiction": asked, "requested.authority": office,
    }  # fmt: skip


def _on(*codes: str) -> dict[str, Any]:
    return {"bases": [{"id": f"B{at}", "instrument": code, "articles": ["1"]} for at, code in enumerate(codes, 1)]}


FINANCING = _between("FR", "fr-judge", "AE", "ae-central") | {"offences.0.category": "terrorism_financing"}
LETTERS = [
    Letter("1: the staged request to Iceland is complete", "01-us-is-server-image", warns=("basis_to_be_confirmed",)),
    Letter("2: the request on incitement: speech and the standard of proof are told", "02-gb-us-web-hosting",
           warns=("speech", "probable_cause"), silent=("out_of_scope",)),
    Letter("2: on the financing convention alone incitement is not reached", "02-gb-us-web-hosting",
           _on("ICSFT-1999"), gaps=("out_of_scope",)),
    Letter("3: premises of an international organization: a waiver, not a search", "03-fr-ch-researcher",
           warns=("immunity",)),
    Letter("3: on Budapest in 2009 it would not stand", "03-fr-ch-researcher", _on("CETS-185"),
           gaps=("basis_not_in_force",)),
    Letter("4: the preservation, and the contact of 2006 warns", "04-de-al-preservation", warns=("authority_stale",)),
    Letter("5: subscriber information after the preservation", "05-de-al-subscriber"),
    Letter("5: on the second protocol to Budapest, not in force", "05-de-al-subscriber",
           {"bases.0.instrument": "CETS-224", "bases.0.articles": ["8"]}, gaps=("basis_not_in_force",)),
    Letter("6: English is taken under UNTOC; the addressee depends on the stage", "06-in-lv-call-centre",
           warns=("addressee_by_stage",), silent=("language_not_accepted",)),
    Letter("6: under UNCAC the fraud is outside", "06-in-lv-call-centre", _on("UNCAC-2003"),
           gaps=("offence_without_basis",)),
    Letter("7: the notary: privilege", "07-es-uy-bank-records", warns=("privilege",)),
    Letter("7: the channel treaty as basis", "07-es-uy-bank-records", _on("MEDELLIN-2019"),
           gaps=("channel_as_basis",)),
    Letter("8: reciprocity, no common treaty", "08-jp-tv-reciprocity", warns=("bilateral_not_recorded",)),
    Letter("8: the convention of Hanoi, not in force", "05-de-al-subscriber",
           {"bases.0.instrument": "UNCC-2024", "bases.0.articles": ["44"]}, gaps=("basis_not_in_force",)),
    Letter("9: FR to AE on the financing convention alone: name a second basis", "07-es-uy-bank-records",
           FINANCING | _on("ICSFT-1999"), warns=("second_basis",)),
    Letter("9: FR to AE with a second basis", "07-es-uy-bank-records", FINANCING | _on("ICSFT-1999", "UNTOC-2000"),
           gaps=("out_of_scope",), silent=("second_basis",)),
    Letter("9: DE to FR by letter: the wrong instrument", "05-de-al-subscriber",
           {"requested.jurisdiction": "FR", "requested.authority": "fr-central"}, gaps=("wrong_instrument",)),
    Letter("US to CH without the treaty of 1973: it goes first", "01-us-is-server-image",
           {"requested.jurisdiction": "CH", "requested.authority": "ch-central"},
           warns=("primary_basis_unused", "other_treaty_contradicted")),
    Letter("DE to CH on what is replaced by nothing: no wrong instrument", "05-de-al-subscriber",
           {"requested.jurisdiction": "CH", "requested.authority": "ch-central"}, silent=("wrong_instrument",)),
    Letter("JP to DE on the agreement with the Union", "05-de-al-subscriber",
           _between("JP", "jp-prosecutor", "DE", "de-central") | _on("EU-JP-2009", "CETS-185"),
           warns=("basis_to_be_confirmed",), silent=("basis_not_in_force", "basis_unknown")),
    Letter("GB to FR on the agreement of 2020", "05-de-al-subscriber",
           _between("GB", "gb-prosecutor", "FR", "fr-central") | _on("EU-GB-2020", "CETS-030"),
           warns=("basis_to_be_confirmed",), silent=("wrong_instrument", "basis_not_in_force")),
    Letter("FR to GB before 2021: the agreement binds nobody yet", "05-de-al-subscriber",
           _between("GB", "gb-prosecutor", "FR", "fr-central") | _on("EU-GB-2020") | {"date": "2020-12-31"},
           gaps=("basis_not_in_force", "wrong_instrument")),
]  # fmt: skip


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter.why)
def test_the_letter_of_a_case(letter: Letter, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def change(content: dict[str, Any]) -> None:
        for place, value in letter.changes.items():
            *steps, last = place.split(".")
            part: Any = content
            for step in steps:
                part = part[int(step)] if step.isdigit() else part[step]
            part[last] = value
        known = [basis["id"] for basis in content["bases"]]
        for item in content["items"]:
            item["bases"] = [one for one in item["bases"] if one in known]

    file = tmp_path / "letter.json"
    file.write_text(json.dumps(changed(letter.name, change).content(), default=str), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        call_command("check_letter", str(file), "--json")
    answer = json.loads(capsys.readouterr().out)
    assert not answer.get("unreadable")
    by = {
        severity: {f["code"] for f in answer["findings"] if f["severity"] == severity}
        for severity in ("gap", "warning")
    }
    assert (ended.value.code, answer["complete"]) == ((1, False) if by["gap"] else (0, True))
    assert set(letter.gaps) <= by["gap"]
    assert set(letter.warns) <= by["gap"] | by["warning"]
    assert not set(letter.silent) & (by["gap"] | by["warning"])
    if not letter.changes:
        assert answer["complete"], "an example letter has no gap"
