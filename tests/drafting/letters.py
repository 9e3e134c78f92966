"""A complete letter as plain values, to be changed at one place by each test. All of it is made up."""

from __future__ import annotations

import copy
import json
from typing import Any

from workflows.drafting.letterfile import LetterFile, letter_from

COMPLETE: dict[str, Any] = {
    "format": "mla-letter/1",
    "language": "en",
    "date": "2026-06-12",
    "title": "Log-in records of a hosting customer",
    "requesting": {"jurisdiction": "DE", "authority": "de-central", "originating": "de-prosecutor"},
    "requested": {"jurisdiction": "AL", "authority": "al-central"},
    "proceedings": {
        "subject": "Ransomware on the systems of a hospital",
        "nature": "investigation",
        "reference": "UJs 12/26",
        "conducting_authority": "Public Prosecutor's Office (example)",
        "functions": "It leads criminal investigations and brings charges.",
    },
    "contacts": [
        {
            "role": "queries",
            "office": "Public Prosecutor's Office (example)",
            "email": "queries@prosecutor.example.net",
            "hours": "08:00-16:00",
            "time_zone": "Europe/Berlin",
        }
    ],
    "persons": [{"id": "P1", "kind": "unknown", "role": "suspect", "name": "Subject A"}],
    "offences": [
        {
            "id": "O1",
            "title": "Computer sabotage",
            "category": "cybercrime",
            "provision": "Criminal Code, section 303b",
            "law_text": "Whoever disrupts data processing of substantial importance to another is punished.",
            "maximum_penalty": "imprisonment for ten years",
            "maximum_years": 10,
            "conduct": "The suspect encrypted the files of a hospital and asked for money.",
            "committed_from": "2026-03-01",
            "committed_to": "2026-03-07",
        }
    ],
    "facts": [{"date": "2026-03-07", "text": "The hospital's files were encrypted.", "source": "Report of the hospital"}],
    "providers": [
        {
            "id": "V1",
            "name": "Hosting Example Sh.p.k.",
            "address": "1 Example Street, Tirana",
            "jurisdiction": "AL",
            "holds_because": "The address is registered to it.",
        }
    ],
    "identifiers": [
        {"id": "I1", "type": "ip", "value": "198.51.100.23", "port": 50222, "at": "2026-03-03T04:05:06+00:00", "provider": "V1"}
    ],
    "bases": [{"id": "B1", "instrument": "CETS-185", "articles": ["25", "31"]}],
    "before": {
        "held_evidence": {"answer": "not_suitable", "reason": "No other case concerns this address."},
        "open_data": {"answer": "not_suitable", "reason": "Log-in records are not published."},
    },
    "preserved": [{"id": "D1", "what": "The log-in records", "state": "no", "provider": "V1", "identifiers": ["I1"]}],
    "items": [
        {
            "id": "M1",
            "measure": "stored-traffic-data",
            "bases": ["B1"],
            "offences": ["O1"],
            "identifiers": ["I1"],
            "provider": "V1",
            "period": {"from": "2026-03-01T00:00:00Z", "to": "2026-03-07T23:59:59Z"},
            "period_reason": "The days of the attack.",
            "nexus": "The attack was steered from this address.",
            "necessity": "Nothing else leads to the suspect.",
            "answers": {
                "log_types": ["login"],
                "log_fields": "time, address, port",
                "direction": "both",
                "stored_only": True,
                "partial_disclosure": True,
                "domestic_order": "Order of the local court of 10 June 2026.",
                "notify_user": "not_yet",
                "records_form": "CSV with SHA-256",
                "certificate": "A certificate of the custodian.",
            },
        }
    ],
    "statements": {
        "purpose": "Use in these criminal proceedings.",
        "speciality": "Used for these proceedings alone.",
        "data_protection": "Kept under the law on criminal data.",
    },
    "rights": {
        "answers": dict.fromkeys(
            ["persecution", "speech", "press", "privilege", "immunity", "death_penalty", "torture", "minors",
             "data_protection", "ne_bis_in_idem"], "no",
        ),
    },
}  # fmt: skip


def values(**changes: Any) -> dict[str, Any]:
    """Return the complete letter with changes by path, ``__`` for a step: items__0__nexus="". None removes."""
    letter = copy.deepcopy(COMPLETE)
    for path, value in changes.items():
        steps: list[str | int] = [int(step) if step.isdigit() else step for step in path.split("__")]
        inner: Any = letter
        for step in steps[:-1]:
            inner = inner[step] if isinstance(step, int) or step in inner else inner.setdefault(step, {})
        last = steps[-1]
        if isinstance(inner, list) and last == len(inner):
            inner.append(value)
        elif value is None:
            inner.pop(last, None)
        else:
            inner[last] = value
    return letter


def letter(**changes: Any) -> LetterFile:
    return letter_from(values(**changes))


def letter_json(**changes: Any) -> bytes:
    return json.dumps(values(**changes)).encode()
