"""Which earlier states of a draft are kept, and what putting a part back does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mla.accounts.access import AccessDenied
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.core import clock
from tests.drafting.letters import letter as content
from tests.drafting.test_services import editors, new
from tests.factories import officer
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models import LetterOfRequest
from workflows.drafting.selectors import current_version, earlier_texts
from workflows.drafting.services import letter_freeze, letter_put_back, letter_save
from workflows.drafting.sittings import answers_changed, begins_sitting, parts_changed, place_of, put_back, takes_away
from workflows.engine.errors import ActForbidden, ActNotPossible, DataWrong, VersionChanged

AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
BEFORE: dict[str, Any] = {
    "title": "One", "persons": [{"id": "P1", "name": "A"}, {"id": "P2", "name": "B"}],
    "facts": [{"text": "It was a long sentence about what happened that day."}],
}  # fmt: skip


def after(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in (BEFORE | changes).items() if value is not None}


@pytest.mark.parametrize(
    ("later", "place", "away"),
    [
        (after(title="One more"), "title", False),
        (after(persons=[{"id": "P1", "name": "A"}, {"id": "P2", "name": "Bo"}]), "persons.P2", False),
        (after(persons=[{"id": "P1", "name": "A"}]), "persons.P2", True),
        (after(persons=None), "persons", True),
        (after(facts=[{"text": "It was."}]), "facts", True),
        (after(facts=[{"text": "It was a long sentence about what happened."}]), "facts", False),
        (after(title="Two", urgency={"level": "urgent"}), "", False),
    ],
)
def test_place_of_a_save_and_whether_it_takes_something_away(later: dict[str, Any], place: str, away: bool) -> None:
    assert place_of(BEFORE, later) == place
    assert takes_away(BEFORE, later) is away


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        ({}, False),
        ({"by": 2}, True),
        ({"place": "facts"}, True),
        ({"at": AT + dt.timedelta(minutes=10)}, True),
        ({"at": AT + dt.timedelta(minutes=9)}, False),
        ({"after": after(persons=None)}, True),
    ],
)
def test_sitting_is_one_person_at_one_part_without_a_pause_or_a_loss(changes: dict[str, Any], begins: bool) -> None:
    given: dict[str, Any] = {
        "before": BEFORE, "after": after(title="One!"), "by": 1, "at": AT, "place": "title",
        "last_by": 1, "last_at": AT, "last_place": "title",
    }  # fmt: skip
    assert begins_sitting(**(given | changes)) is begins


def test_parts_put_back_are_as_they_were_and_the_others_and_annexes_as_they_are() -> None:
    now = after(title="Two", persons=None, urgency={"level": "urgent"}, annexes=[{"id": "A1"}])
    assert parts_changed(BEFORE, now) == ["title", "urgency", "annexes", "persons"]
    back = put_back(now, BEFORE, ["persons", "urgency", "annexes"])
    assert back == after(title="Two", annexes=[{"id": "A1"}])
    assert back["persons"] is not BEFORE["persons"]


def test_answers_of_one_part_are_put_back_apart_and_an_empty_part_goes() -> None:
    then = {"statements": {"costs": "Each its own."}, "facts": [{"text": "a"}]}
    now = {"statements": {"costs": "Theirs.", "purpose": "Trial."}, "urgency": {"level": "urgent"}, "facts": []}
    assert answers_changed(then, now) == ["statements.costs", "statements.purpose", "urgency.level", "facts"]
    back = put_back(now, then, ["statements.costs", "urgency.level"])
    assert back == {"statements": {"costs": "Each its own.", "purpose": "Trial."}, "facts": []}
    assert put_back(now, then, ["statements.purpose"])["statements"] == {"costs": "Theirs."}
    assert put_back({}, then, ["statements.costs"])["statements"] == then["statements"]


@pytest.mark.django_db
class TestPuttingBack:
    def test_text_that_was_lost_comes_back_and_what_took_its_place_is_kept(self) -> None:
        drafter = officer(Role.ORIGINATOR_DRAFTER, "de-prosecutor")
        letter = new(drafter)
        first = current_version(letter).content
        for minute, stage in enumerate(("Charged.", "Charged, and the trial begins.")):
            with clock.frozen(AT + dt.timedelta(minutes=minute)):
                letter = self.saved(letter, drafter, first | {"proceedings": first["proceedings"] | {"stage": stage}})
        version = current_version(letter)
        kept = earlier_texts(drafter, version)
        assert [one.content for one in kept] == [first], "one sitting is one state"
        with clock.frozen(AT + dt.timedelta(minutes=2)):
            lost = {name: value for name, value in version.content.items() if name != "facts"}
            letter = self.saved(letter, drafter, lost)
        then = earlier_texts(drafter, current_version(letter))[0]
        assert then.content["facts"] == first["facts"]

        other = officer(Role.ORIGINATOR_DRAFTER, "de-prosecutor", 2)
        stranger = officer(Role.ORIGINATOR_DRAFTER, "gb-prosecutor")
        reader = officer(Role.SUPERVISOR, "de-central")
        entries = AuditEntry.objects.count()
        for who, refused in ((stranger, AccessDenied), (reader, AccessDenied)):
            with pytest.raises(refused):
                letter_put_back(letter=letter, by=who, earlier=then.public_id, parts=["facts"])
        with pytest.raises(DataWrong):
            letter_put_back(letter=letter, by=other, earlier=then.public_id, parts=["annexes", "no such"])
        with pytest.raises(VersionChanged):
            letter_put_back(letter=letter, by=other, earlier=then.public_id, parts=["facts"], expected_version=1)
        assert "facts" not in current_version(letter).content
        assert AuditEntry.objects.count() == entries

        letter = letter_put_back(
            letter=letter, by=other, earlier=then.public_id, parts=["facts"], expected_version=letter.version
        )
        version = current_version(letter)
        assert version.content == first | {"proceedings": version.content["proceedings"], "facts": first["facts"]}
        assert version.content["proceedings"]["stage"].startswith("Charged, and"), "the other parts stay"
        assert other.user_id in editors(version), "who puts back is an author"
        assert AuditEntry.objects.filter(act="letter.edit", detail__put_back=str(then.public_id)).count() == 1
        assert "facts" not in earlier_texts(drafter, version)[0].content, "and it can be undone"

        frozen = letter_freeze(letter=letter, by=drafter)
        with pytest.raises((ActNotPossible, ActForbidden)):
            letter_put_back(
                letter=frozen, by=drafter, earlier=earlier_texts(drafter, version)[0].public_id, parts=["facts"]
            )

    def test_part_that_no_longer_fits_is_refused_with_its_place(self) -> None:
        drafter = officer(Role.ORIGINATOR_DRAFTER, "de-prosecutor")
        letter = new(drafter)
        first = current_version(letter).content
        person = first["items"][0]["persons"][0] if first["items"][0].get("persons") else "P1"
        without = content().content() | {
            "persons": [], "items": [{k: v for k, v in item.items() if k not in ("persons", "person")} for item in first["items"]],
            "identifiers": [{k: v for k, v in one.items() if k != "person"} for one in first.get("identifiers", ())],
        }  # fmt: skip
        letter = self.saved(letter, drafter, without)
        items = [item | {"persons": [person]} for item in without["items"]]
        with_items = self.saved(letter, drafter, without | {"persons": first["persons"], "items": items})
        then = earlier_texts(drafter, current_version(with_items))[0]
        with pytest.raises(DataWrong) as wrong:
            letter_put_back(letter=with_items, by=drafter, earlier=then.public_id, parts=["persons"])
        assert all(reason.field == "parts" and "items[0]" in reason.message for reason in wrong.value.reasons)
        assert current_version(with_items).content["persons"] == first["persons"]

    def saved(self, letter: LetterOfRequest, by: Any, values: dict[str, Any]) -> LetterOfRequest:
        return letter_save(letter=letter, content=letter_from(values), by=by)
