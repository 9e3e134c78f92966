"""What stands beside the way of a case, for the matrix: contacts, evidence with its ledger, undertakings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def ledger_pages(at: Callable[..., Any], file: Any, out: Any, inward: Any) -> dict[str, list[Any]]:
    """Return by route what the pages about evidence are asked for. `at` makes a thing of the table."""
    sent, given = at("asking", "request out, sent", out), at("asked", "request in, given for execution", inward)
    both = [
        at("asking", "request out, sent", out, way="out"),
        at("asked", "request in, given for execution", inward, way="in"),
    ]
    return {
        "web:evidence": [at("asked", "file of evidence", file)],
        "web:exhibit": [at("asked", "file of evidence", file)],
        "web:outgoing_ledger": [sent],
        "web:incoming_ledger": [given],
        "web:ledger_csv": both,
        "web:ledger_jsonld": both,
    }


def ledger_acts(at: Callable[..., Any], out: Any, inward: Any) -> list[Any]:
    """Return the acts beside a case's way that are asked for: contacts, cases alike, evidence and undertakings."""
    return [
        at("asking", "log contact (out)", out, way="out", name="log_contact"),
        at("asked", "log contact (in)", inward, way="in", name="log_contact"),
        at("asked", "decide alike (in)", inward, way="in", name="decide_alike"),
        *(
            at("asking", f"{act.replace('_', ' ')} (out)", out, way="out", name=act)
            for act in ("log_custody", "hand_on", "ask_other_use", "note_use_answer", "undertake")
        ),
        *(
            at("asked", f"{act.replace('_', ' ')} (in)", inward, way="in", name=act)
            for act in ("record_origin", "answer_other_use", "release_undertaking")
        ),
    ]
