"""Letters for the tests of documents: made up, every field in use, addresses from documentation ranges."""

from __future__ import annotations

import datetime as dt
from typing import Any

from workflows.documents.contexts import AnnexFile, Cover, InstrumentName, MeasureName, Names, QuestionName
from workflows.drafting.letterfile import LetterFile

HASH = "3f2a9c118d5be6a0417f6c2be99a0d5c1b7e4f80a2d36c95e8f01b27c4d6a9e3"


def letter(**changes: Any) -> LetterFile:
    """Return a complete letter; `changes` replace top-level fields."""
    return LetterFile.model_validate(_content() | changes)


def cover(**changes: Any) -> Cover:
    values: dict[str, Any] = {
        "own_reference": "DE-2026-0042",
        "peer_reference": "AL-RC-117/2026",
        "sender": (
            "Central Authority for Legal Assistance, Ministry of Justice",
            "Example Street 1, 10115 Berlin, Germany",
            "legal-assistance@justice.example.net · +49 30 0000 0001",
        ),
        "addressee": ("Directorate of Foreign Jurisdictional Relations", "Ministry of Justice", "Example Boulevard 2", "1001 Tirana", "Albania"),
        "place": "Berlin",
        "signed_on": dt.date(2026, 3, 20),
        "signatory": "Head of the Division for International Cooperation in Criminal Matters",
        "marking": "CONFIDENTIAL",
        "content_hash": HASH,
        "version_number": 3,
    }  # fmt: skip
    return Cover(**(values | changes))


def names() -> Names:
    return Names(
        jurisdictions={"DE": "Germany", "AL": "Albania"},
        authorities={
            "de-central": "Central Authority for Legal Assistance, Ministry of Justice",
            "al-central": "Directorate of Foreign Jurisdictional Relations",
            "de-prosecutor": "Public Prosecutor's Office, Cybercrime Division",
        },
        instruments={
            "CETS-185": InstrumentName("Budapest Convention", "Convention on Cybercrime (ETS No. 185)"),
            "CETS-030": InstrumentName(
                "ECMA 1959", "European Convention on Mutual Assistance in Criminal Matters (ETS No. 030)"
            ),
        },
        measures={
            "preservation": MeasureName(
                "Expedited preservation of stored computer data",
                {
                    "data_to_preserve": QuestionName("Which stored data are to be preserved?", "text"),
                    "data_kinds": QuestionName(
                        "Of which kinds are the data?", "choices",
                        {"subscriber": "subscriber information", "traffic": "traffic data"},
                    ),
                    "until": QuestionName("Until when is preservation asked at first?", "date"),
                    "snapshot_at": QuestionName("The time of that state", "instant"),
                    "mla_will_follow": QuestionName("Will a request follow?", "yes_no"),
                    "mla_promised_by": QuestionName("By which date?", "date"),
                    "follow_up": QuestionName("What will it ask for?", "choices", {"disclosure": "disclosure"}),
                    "new_question": QuestionName("A question that the wording does not know yet", "text"),
                },
                template="measures/preservation.html",
            ),
            "subscriber-information": MeasureName(
                "Subscriber information",
                {"items_wanted": QuestionName("Which information?", "choices", {"identity": "identity", "address": "address"})},
                template="measures/subscriber-information.html",
            ),
        },
        annexes={"A1": AnnexFile("a" * 64, 48213, "application/pdf")},
    )  # fmt: skip


def _content() -> dict[str, Any]:
    return {
        "format": "mla-letter/1",
        "language": "en",
        "date": "2026-03-12",
        "title": "Attack with ransomware on a hospital: preservation and disclosure of subscriber information",
        "operation": "Lantern",
        "requesting": {"jurisdiction": "DE", "authority": "de-central", "originating": "de-prosecutor"},
        "requested": {"jurisdiction": "AL", "authority": "al-central"},
        "confidentiality": {
            "level": "confidential",
            "reason": "The investigation is covert. The persons behind the address do not know of it.",
            "user_notification": "Please see that the customer is not told before 1 October 2026.",
        },
        "urgency": {
            "level": "urgent",
            "reason": "The provider deletes session records after 30 days; the oldest needed are of 1 March 2026.",
            "date": "2026-03-28",
        },
        "proceedings": {
            "subject": "Computer sabotage against a hospital and extortion of its operator.",
            "nature": "investigation",
            "stage": "Preliminary investigation against persons unknown.",
            "reference": "120 UJs 4711/26",
            "conducting_authority": "Public Prosecutor's Office, Cybercrime Division",
            "functions": "The office directs criminal investigations and brings charges.",
            "powers": "Under its own code of procedure it could order the same measures from a provider at home.",
        },
        "key_dates": [
            {"kind": "preservation_end", "date": "2026-05-30", "note": "Sixty days after preservation on 31 March."},
            {"kind": "hearing", "date": "2026-04-15", "at": "2026-04-15T10:00:00+02:00", "lead_days": 20},
        ],
        "contacts": [
            {
                "role": "queries", "office": "Central Authority for Legal Assistance", "function": "Desk officer, section 3",
                "email": "section3@justice.example.net", "phone": "+49 30 0000 0003", "hours": "Monday to Friday, 08:00 to 16:30",
                "time_zone": "Europe/Berlin", "languages": ["German", "English"],
            },
            {
                "role": "return", "office": "Registry of the Central Authority", "email": "registry@justice.example.net",
                "hours": "Monday to Friday, 09:00 to 15:00", "time_zone": "Europe/Berlin", "languages": ["German"],
            },
        ],
        "persons": [
            {
                "id": "P1", "kind": "unknown", "role": "suspect", "name": "User of the address I1", "nationality": ["AL"],
                "description": "Signs messages to the hospital with an alias; writes in English with typical errors.",
                "aliases": ["north.lantern"],
            },
            {
                "id": "P2", "role": "witness", "name": "Witness A", "born": "1984-02-29", "address": "Kept by the prosecutor",
                "protected": True, "description": "Administrator of the hospital's network.",
            },
            {"id": "P3", "kind": "legal", "role": "victim", "name": "Hospital B", "address": "Example Lane 9, Example Town"},
        ],
        "offences": [
            {
                "id": "O1", "title": "Computer sabotage in a serious case", "category": "cybercrime", "provision": "Section 303b(4) of the Criminal Code",
                "law_text": "Whoever interferes significantly with data processing that is of substantial importance for another by deleting, "
                "suppressing, rendering unusable or altering data is punished.\n\nIn especially serious cases, such as where the supply of the "
                "population with vital goods or services is impaired, the penalty is raised.",
                "maximum_penalty": "Imprisonment for ten years", "maximum_years": 10, "conduct": "Encryption of the patient records of a hospital, so that operations had to be put off.",
                "committed_from": "2026-03-01", "committed_to": "2026-03-07", "place": "Example Town, Germany", "organized_group": True, "benefit_sought": True,
            },
        ],
        "facts": [
            {"date": "2026-03-01", "text": "At 02:14:09 UTC+01:00 a session from the address I1 was opened on the remote access server of Hospital B with the password of an administrator.", "source": "log of the server, page 3"},
            {"date": "2026-03-07", "text": "The patient records were encrypted. A note demanded 40 bitcoin.\n\nThe hospital sent 31 patients elsewhere."},
        ],
        "providers": [
            {"id": "V1", "name": "Example Hosting Tirana sh.p.k.", "address": "Rruga e Shembullit 3, 1001 Tirana", "jurisdiction": "AL", "service": "rented virtual servers",
             "holds_because": "The regional registry lists the block 198.51.100.0/24 as assigned to the company."},
        ],
        "identifiers": [
            {"id": "I1", "type": "ip", "value": "198.51.100.23", "port": 49152, "at": "2026-03-01T02:14:09+01:00", "person": "P1"},
            {"id": "I2", "type": "ip", "value": "198.51.100.23", "port": 51877, "period": {"from": "2026-03-07T00:10:00+00:00", "to": "2026-03-07T00:52:30+00:00"}, "provider": "V1", "note": "second session"},
        ],
        "bases": [
            {"id": "B1", "instrument": "CETS-185", "articles": ["29", "31"]},
            {"id": "B2", "instrument": "CETS-030", "articles": ["1", "14"], "role": "subsidiary", "note": "It governs the procedure between the two States."},
        ],
        "items": [
            {
                "id": "M1", "measure": "preservation", "bases": ["B1"], "offences": ["O1"], "persons": ["P1"], "identifiers": ["I1", "I2"], "provider": "V1",
                "period": {"from": "2026-03-01T00:00:00+01:00", "to": "2026-03-08T00:00:00+01:00"}, "period_reason": "It begins with the first session and ends a day after the last.",
                "nexus": "Both sessions that led to the encryption came from this address.", "necessity": "No other trace of the user is known.",
                "answers": {
                    "data_to_preserve": "All session records of the customer behind the address, with the registration and payment records.",
                    "data_kinds": ["subscriber", "traffic"], "until": "2026-06-12", "snapshot_at": "2026-03-07T23:59:59+00:00",
                    "mla_will_follow": True, "mla_promised_by": "2026-04-30", "follow_up": ["disclosure"], "new_question": "It is printed all the same.",
                },
                "procedure": "Please tell us the reference of the preservation and until when it holds.",
                "time_limit": "2026-03-28", "time_limit_reason": "The oldest records are deleted on 31 March 2026.",
            },
            {
                "id": "M2", "measure": "subscriber-information", "bases": ["B1", "B2"], "offences": ["O1"], "persons": ["P1"], "identifiers": ["I1"], "provider": "V1",
                "answers": {"items_wanted": ["identity", "address"]}, "nexus": "The customer is the user of the address, or knows who is.",
            },
        ],
        "related": [{"kind": "police_channel", "reference": "24/7 ticket AL-2026-0117", "date": "2026-03-09", "authority": "24/7 point of contact", "note": "Asked whether the block is in use."}],
        "statements": {
            "purpose": "To identify the user of the address.", "reciprocity": "The same help would be given to Albania under our law.",
            "speciality": "The data are used in these proceedings only.", "data_protection": "The data are kept in the case file and deleted by the rules that hold for it.",
            "costs": "Please tell us before any extraordinary cost arises.", "admissibility": "A statement of the provider on how the records were made and copied is enough.",
            "tipping_off": "Nothing suggests that the company is involved.",
        },
        "assurances": [
            {"kind": "destruction", "text": "Data that prove nothing are deleted when the proceedings have ended.", "offered": "when_asked", "given_by": "Public Prosecutor's Office, Cybercrime Division"},
        ],
        "annexes": [{"id": "A1", "title": "Order of the investigating judge of 10 March 2026, copy"}],
    }  # fmt: skip
