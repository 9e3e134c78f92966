"""The letter, its translations, the libraries, documents, messages and mails against the law: every status, act and actor.

What a permission asks the database is answered here by hand: with whom the letter is, who translates, whose State it is.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mla.accounts.actors import Actor
from tests.lifecycle.tables import deviations, table
from workflows.documents.models import CaseDocument, Document
from workflows.drafting import selectors
from workflows.drafting.models import LetterOfRequest, LetterShare
from workflows.drafting.models_library import OffenceEntry
from workflows.drafting.models_reuse import LetterTemplate
from workflows.drafting.models_translation import GlossaryTerm, Translation
from workflows.engine.models import CaseRow
from workflows.exchange.models import Message, Transmission
from workflows.notifying.models import Mail

OURS, OTHER, ADVISER, STRANGER = 1, 2, 3, 4
#: The one person of `tables.by_hand`: assigned as translator and as second reader, so that the table tells the roles apart.
PERSON = 1
SHARED = {OTHER: LetterShare.Kind.LODGED, ADVISER: LetterShare.Kind.ADVICE}

OF_A_LETTER = {"owner": OURS, "lodged": OTHER, "advice": ADVISER, "stranger": STRANGER}
OF_A_STATE = {"own": OURS, "state": OTHER, "stranger": STRANGER}
OF_ONE = {"own": OURS, "stranger": STRANGER}
OF_A_MESSAGE = {"ours": OURS, "theirs": OTHER}

ROWS: list[tuple[CaseRow, dict[str, int]]] = [
    (LetterOfRequest(), OF_A_LETTER),
    (Translation(translator_id=PERSON, second_reader_id=PERSON), OF_ONE),
    (GlossaryTerm(), OF_A_STATE),
    (OffenceEntry(), OF_A_STATE),
    (LetterTemplate(), OF_ONE),
    (Transmission(), OF_A_MESSAGE),
    (Message(), OF_A_MESSAGE),
    (Document(), OF_A_MESSAGE),
    (CaseDocument(), OF_A_MESSAGE),
    (Mail(), OF_ONE),
]


@pytest.fixture(autouse=True)
def _answered(monkeypatch: pytest.MonkeyPatch) -> None:
    def shared(self: Any, actor: Actor, *kinds: str) -> bool:
        return SHARED.get(actor.authority_id or 0) in kinds

    def of_its_state(self: Any, actor: Actor, name: str) -> bool:
        from mla.accounts.capabilities import holds

        return holds(actor, f"{self.KIND}.{name}") and actor.authority_id in (OURS, OTHER)

    there = SimpleNamespace(filter=lambda **_: SimpleNamespace(exists=lambda: True))
    monkeypatch.setattr(LetterOfRequest, "_shared", shared)
    monkeypatch.setattr(LetterOfRequest, "at_hand", lambda self, actor: SimpleNamespace(authority_id=OURS, named=False))
    monkeypatch.setattr(selectors, "readable_versions", lambda actor: there)
    for model in (GlossaryTerm, OffenceEntry):
        monkeypatch.setattr(model, "_of_its_state", of_its_state)


@pytest.mark.parametrize(
    ("row", "places", "status"),
    [
        (row, places, str(value))
        for row, places in ROWS
        for value, _label in row._meta.get_field("status").choices or []  # type: ignore[union-attr]
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "KIND", ""),
)
def test_moves_as_the_law_says(row: CaseRow, places: dict[str, int], status: str) -> None:
    case: Any = type(row)(pk=1, status=status, authority_id=OURS)
    for name in ("translator_id", "second_reader_id"):
        if hasattr(row, name):
            setattr(case, name, getattr(row, name))
    assert not deviations(case, table(row.KIND), places)
