"""Two presses at the same moment, each on a connection of its own: one version, and both are told of it."""

from __future__ import annotations

import pytest

from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from tests.engine.racing import at_once, committed  # noqa: F401 a fixture
from tests.factories import Line, officer
from workflows.drafting.models_reuse import LetterTemplate, LetterTemplateVersion
from workflows.drafting.services_templates import template_save, template_withdraw

pytestmark = pytest.mark.usefixtures("committed")


def test_simultaneous_presses_make_one_template_one_next_version_and_one_withdrawal() -> None:
    line = Line()
    source = line.taken_in().letter.present()
    by = (line.supervisor, officer(Role.LEGAL, line.letter.requesting.authority or ""))

    def saving(parts: list[str]) -> list[int]:
        outcomes = at_once(
            *(
                lambda actor=actor: template_save(source=source, name="Bank records", parts=parts, by=actor)
                for actor in by
            )
        )
        assert sorted(new for _template, new in outcomes) == [False, True], outcomes
        assert len({template.pk for template, _new in outcomes}) == 1
        return [row.number for row in LetterTemplateVersion.objects.order_by("number")]

    assert saving(["offences"]) == [1]
    assert saving(["offences", "items"]) == [1, 2]
    template = LetterTemplate.objects.get()
    gone = at_once(*(lambda actor=actor: template_withdraw(template=template, by=actor) for actor in by))
    assert {row.status for row in gone} == {"withdrawn"}
    acts = AuditEntry.objects.filter(object_type="template", outcome="done").order_by("id")
    assert [row.act for row in acts] == ["template.create", "template.save_again", "template.withdraw"]
