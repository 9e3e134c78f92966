"""Transmission, message and document against the law, in memory: every status, act and actor."""

from __future__ import annotations

import pytest

from tests.lifecycle.tables import deviations
from workflows.documents.models import CaseDocument, Document
from workflows.engine.models import CaseRow
from workflows.exchange.models import Message, Transmission

SYSTEM = "system@ours"
HAND = "system@ours registry@ours"
TRANSMISSION = """
submit queued submitted
submit failed submitted
submit parked submitted
deliver submitted delivered
retrieve delivered retrieved
reject submitted rejected
reject delivered rejected
fail submitted failed
fail delivered failed
"""
PARK = """
park queued parked
park submitted parked
"""
MESSAGE = """
hold received held
apply received applied
apply held applied
refuse received refused
refuse held refused
"""
DOCUMENT = """
start queued rendering
start failed rendering
await_signature rendering waiting
await_signature waiting waiting
finish rendering ready
finish waiting ready
fail queued failed
fail rendering failed
fail waiting failed
"""
AGAIN = "again failed queued\nattach_scan waiting ready\nattach_scan ready ready\nsend ready ready"
#: Who may order a document beside the letter; one that the executing officer may not make is not tried again by them.
ORDERING = "desk_officer@ours supervisor@ours legal@ours registry@ours duty_officer@ours"


def lines(text: str, who: str) -> list[dict[str, str]]:
    found = [line.split() for line in text.strip().splitlines()]
    return [{"act": act, "from": source, "to": target, "who": who} for act, source, target in found]


LAW: list[tuple[type[CaseRow], list[dict[str, str]]]] = [
    (Transmission, lines(TRANSMISSION, HAND) + lines(PARK, SYSTEM)),
    (Message, lines(MESSAGE, SYSTEM)),
    (Document, lines(DOCUMENT, SYSTEM)),
    (CaseDocument, lines(DOCUMENT, SYSTEM) + lines(AGAIN, ORDERING)),
]


@pytest.mark.parametrize(
    ("model", "law", "status"),
    [
        (model, law, str(value))
        for model, law in LAW
        for value, _label in model._meta.get_field("status").choices or []  # type: ignore[union-attr]
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "KIND", ""),
)
def test_moves_as_the_law_says(model: type[CaseRow], law: list[dict[str, str]], status: str) -> None:
    assert not deviations(model(pk=1, status=status, authority_id=1), law, {"ours": 1, "theirs": 2})
