"""Two savers at the same moment, each on a connection of its own: nothing is lost, and the second is told."""

from __future__ import annotations

import pytest

from tests.drafting.test_translation import Desk, person
from tests.engine.racing import at_once, committed  # noqa: F401 a fixture
from workflows.drafting.models_translation import Translation, TranslationUnit
from workflows.drafting.services_translation import translation_assign, unit_save
from workflows.engine.errors import ConditionsNotMet, DataWrong

pytestmark = pytest.mark.usefixtures("committed")


def test_two_savers_of_one_text_keep_one_and_tell_the_other_and_two_texts_are_both_saved() -> None:
    desk = Desk()
    row = desk.assigned()
    title, subject = row.units.get(path="title"), row.units.get(path="proceedings.subject")

    def save(unit: TranslationUnit, target: str) -> Translation:
        return unit_save(translation=row, unit=unit, target=target, done=True, seen=0, by=desk.translator)

    outcomes = at_once(lambda: save(title, "L'un"), lambda: save(title, "L'autre"), lambda: save(subject, "Objet"))
    refused = [one for one in outcomes[:2] if isinstance(one, ConditionsNotMet)]
    assert [one.reasons[0].code for one in refused] == ["text_changed"], outcomes
    title.refresh_from_db()
    subject.refresh_from_db()
    assert title.target in ("L'un", "L'autre") and title.number == 1
    assert (subject.target, subject.status) == ("Objet", "done")

    # Two who assign at once make one translation.
    def assign() -> Translation:
        return translation_assign(
            version=desk.version, language="ru", translator=person(desk.translator), by=desk.line.desk
        )

    both = at_once(assign, assign)
    assert {type(one) for one in both} == {Translation, DataWrong}
    assert Translation.objects.filter(language="ru").count() == 1
