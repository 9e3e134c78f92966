"""From a preservation to the request for the data and from the planner to a preservation: one letter, linked, once."""

from __future__ import annotations

import datetime as dt

import pytest

from mla.accounts.access import AccessDenied
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from tests.drafting.letters import letter
from tests.engine.racing import at_once, committed  # noqa: F401 a fixture
from tests.factories import Line, example_letter, officer
from tests.tracking.lives import on_day, preservation_line, sent_case
from workflows.drafting.models_reuse import LetterLink
from workflows.engine.errors import ActForbidden, ConditionsNotMet
from workflows.lifecycle.models import OutgoingRequest, Preservation, RequestedItem
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services.follow_up import letter_start_follow_up, letter_start_preservation


def confirmed(outgoing: OutgoingRequest, until: dt.date) -> None:
    item = RequestedItem.objects.get(outgoing=outgoing)
    Preservation.objects.create(
        authority_id=outgoing.authority_id, outgoing=outgoing, item=item, preserved_from=dt.date(2026, 3, 16),
        until=until, peer_reference="AL-247-2026-0117", recorded_at=outgoing.sent_at,
    )  # fmt: skip


@pytest.mark.django_db
def test_follow_up_takes_over_persons_offences_identifiers_reference_and_last_day() -> None:
    line, outgoing, _incoming = sent_case(preservation_line())
    confirmed(outgoing, dt.date(2026, 9, 12))
    with on_day(8):
        later = letter_start_follow_up(preservation=outgoing, by=line.prosecutor)
    before, now = outgoing.approved_version.content, later.letter.present().content  # type: ignore[union-attr]
    for part in ("persons", "offences", "identifiers", "providers", "facts", "proceedings"):
        assert now[part] == before[part], part
    assert now["requested"] == before["requested"] and "bases" not in now
    assert now["related"] == [{"kind": "preservation", "reference": "AL-247-2026-0117", "date": before["date"]}]
    [row] = now["preserved"]
    assert (row["state"], row["reference"], row["on"], row["until"]) == (
        "yes", "AL-247-2026-0117", "2026-03-16", "2026-09-12",
    )  # fmt: skip
    assert {"kind": "preservation_end", "date": "2026-09-12"}.items() <= now["key_dates"][0].items()
    assert now["items"] and all(item["measure"] != "preservation" for item in now["items"])
    assert {item["answers"]["preservation_reference"] for item in now["items"]} == {"AL-247-2026-0117"}
    link = LetterLink.objects.get(letter=later.letter)
    assert (link.kind, link.earlier_id) == ("follow_up", outgoing.letter_id)
    entry = AuditEntry.objects.get(act="letter.create", object_id=str(later.letter.public_id))
    assert entry.detail["earlier"] == str(outgoing.public_id)


@pytest.mark.django_db
def test_follow_up_of_what_nobody_confirmed_names_no_day_and_is_begun_once() -> None:
    line, outgoing, _incoming = sent_case(preservation_line())
    later = letter_start_follow_up(preservation=outgoing, by=line.prosecutor)
    again = letter_start_follow_up(preservation=outgoing, by=line.prosecutor)
    content = later.letter.present().content
    assert again.pk == later.pk and LetterLink.objects.count() == 1
    assert "until" not in content["preserved"][0] and "key_dates" not in content
    assert content["related"][0]["reference"] == outgoing.reference
    signatory = officer(Role.ORIGINATOR_SIGNATORY, line.letter.requesting.originating or "", 3)
    chain.outgoing_give_up(outgoing=later, by=signatory, reason="Begun too early.")
    assert letter_start_follow_up(preservation=outgoing, by=line.prosecutor).pk != later.pk


@pytest.mark.django_db
def test_follow_up_is_refused_before_sending_of_another_measure_and_to_others() -> None:
    line = preservation_line()
    with pytest.raises(ConditionsNotMet):
        letter_start_follow_up(preservation=line.drafted(), by=line.prosecutor)
    line, outgoing, _incoming = sent_case(Line(example_letter(7)))
    with pytest.raises(ConditionsNotMet, match="no preservation"):
        letter_start_follow_up(preservation=outgoing, by=line.prosecutor)
    for by in (line.supervisor, officer(Role.DESK_OFFICER, "is-central", 7)):
        with pytest.raises((ActForbidden, AccessDenied)):
            letter_start_follow_up(preservation=outgoing, by=by)
    assert LetterLink.objects.count() == 0


@pytest.mark.django_db
def test_row_of_the_planner_that_is_not_preserved_begins_a_preservation() -> None:
    line = Line(letter=example_letter(2))
    outgoing = line.drafted()
    made = letter_start_preservation(outgoing=outgoing, row="D1", by=line.prosecutor)
    content, before = made.letter.present().content, outgoing.letter.present().content
    [item] = content["items"]
    assert (item["measure"], item["provider"]) == ("preservation", "V1")
    assert item["answers"]["data_to_preserve"] == before["preserved"][0]["what"] and item["answers"]["mla_will_follow"]
    assert content["persons"] == before["persons"] and "preserved" not in content and "before" not in content
    link = LetterLink.objects.get(earlier=made.letter)
    assert (link.kind, link.letter_id) == ("follow_up", outgoing.letter_id)
    assert letter_start_preservation(outgoing=outgoing, row="D1", by=line.prosecutor).pk == made.pk
    with pytest.raises(AccessDenied):
        letter_start_preservation(outgoing=outgoing, row="D9", by=line.prosecutor)
    kept = Line(letter=example_letter(5))
    with pytest.raises(ConditionsNotMet, match="preserved already"):
        letter_start_preservation(outgoing=kept.drafted(), row="D1", by=kept.prosecutor)
    with pytest.raises(ActForbidden):
        letter_start_preservation(outgoing=outgoing, row="D1", by=line.supervisor)


@pytest.mark.usefixtures("committed")
def test_two_presses_at_once_begin_one_letter() -> None:
    line = Line(letter=example_letter(2))
    outgoing = line.drafted()
    cases = OutgoingRequest.objects.count()
    press = lambda: letter_start_preservation(outgoing=outgoing, row="D1", by=line.prosecutor)  # noqa: E731
    found = at_once(press, press)
    assert found[0].pk == found[1].pk and OutgoingRequest.objects.count() == cases + 1
    assert LetterLink.objects.count() == 1
    assert AuditEntry.objects.filter(act="letter.create", object_id=str(found[0].letter.public_id)).count() == 1


def test_the_planner_s_letter_is_read(tmp_path: object) -> None:
    assert letter().preserved[0].state == "no"
