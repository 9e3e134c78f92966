"""Results that go in parts, and items that were impossible: refused, or done with entry and jobs, on either side."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.core.files import file_store
from mla.core.ids import uuid7
from mla.reference.files import impossible_reasons, reason_names
from tests.lifecycle.acting import Act, codes_of, fresh, nothing_changed, state_of, try_act
from tests.lifecycle.conftest import World
from workflows.engine.errors import ActForbidden, ConditionsNotMet
from workflows.engine.perform import perform
from workflows.lifecycle.models import Part, PartFile
from workflows.lifecycle.outcomes import ITEM_FINAL, Outcome, outcome_of_items
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services import parts
from workflows.lifecycle.services.incoming import UnknownGround
from workflows.lifecycle.services.outgoing_course import EvidenceFile, ItemReport, Proof, UnknownItem, acts_towards
from workflows.lifecycle.services.parts import UnknownPart

pytestmark = pytest.mark.usefixtures("arrived")
LETTER = Proof("letter.pdf", "application/pdf", b"their letter")


def evidence(case: Any, by: Actor, content: bytes, item: str = "M1") -> None:
    inward.incoming_add_evidence(incoming=case, by=by, name="a.csv", media_type="text/csv", content=content, item=item)


def came(content: bytes = b"records", item: str = "M1") -> EvidenceFile:
    kept = file_store(content)
    return EvidenceFile("a.csv", "text/csv", kept.size, kept.sha256, item=item)


def hashes(part: Part) -> list[str]:
    return list(part.files.order_by("id").values_list("evidence__sha256", flat=True))


class TestSending:
    def test_part_goes_as_often_as_something_is_new_and_the_result_carries_the_rest(self, world: World) -> None:
        case, line = world.incoming("in_execution"), world.line
        before = state_of(case)
        for by, refused in (
            (line.their_registry, ConditionsNotMet),
            (line.their_supervisor, ActForbidden),
            (line.executing, ActForbidden),
            (line.registry, ActForbidden),
            (Actor.peer(case.sender), ActForbidden),
        ):
            with pytest.raises(refused):
                parts.incoming_transmit_part(incoming=case, by=by)
        assert nothing_changed(case, before)
        evidence(case, line.executing, b"first")
        evidence(case, line.executing, b"second")
        case = parts.incoming_transmit_part(incoming=fresh(case), by=line.their_registry, note="the accounts")
        with pytest.raises(ConditionsNotMet) as unmet:
            parts.incoming_transmit_part(incoming=case, by=line.their_registry)
        assert codes_of(unmet) == ["nothing_unsent"]
        evidence(case, line.executing, b"third")
        case = parts.incoming_transmit_part(incoming=fresh(case), by=line.their_registry)
        first, second = case.part_set.order_by("number")
        assert (first.number, first.note, second.number) == (1, "the accounts", 2)
        assert [len(hashes(first)), len(hashes(second))] == [2, 1]
        evidence(case, line.executing, b"fourth", "M2")
        for item in case.items.order_by("id"):
            inward.incoming_item_decide(item=item, act="execute", by=line.executing)
        done = inward.incoming_transmit_result(incoming=fresh(case), by=line.their_registry)
        assert done.outcome == "executed"
        sent = {file.sha256: file.custody.filter(step="sent").count() for file in done.evidence_set.all()}
        assert set(sent.values()) == {1} and len(sent) == 4
        assert PartFile.objects.filter(part__incoming=done).count() == 3

    def test_receipt_is_noted_once_and_names_only_files_of_the_part(self, world: World) -> None:
        case, line = world.incoming("in_execution"), world.line
        evidence(case, line.executing, b"first")
        case = parts.incoming_transmit_part(incoming=fresh(case), by=line.their_registry)
        part = case.part_set.get()
        peer, wrong = Actor.peer(case.sender), hashes(part)

        def note(by: Actor, **data: Any) -> Any:
            given = {"part_id": part.part_id, "all_match": False, "discrepant": wrong} | data
            return parts.incoming_note_part_receipt(incoming=case, by=by, **given)

        before = state_of(case)
        for by in (line.their_desk, line.registry, Actor.peer(case.authority)):
            with pytest.raises(ActForbidden):
                note(by)
        with pytest.raises(UnknownPart):
            note(peer, part_id=uuid7())
        with pytest.raises(ConditionsNotMet) as unmet:
            note(peer, discrepant=["0" * 64])
        assert codes_of(unmet) == ["file_not_of_the_part"]
        assert nothing_changed(case, before)
        note(peer)
        part.refresh_from_db()
        assert (part.all_match, part.discrepant) == (False, wrong)
        with pytest.raises(UnknownPart):
            note(line.their_registry)

    def test_receipt_of_the_whole_confirms_what_was_open_and_claims_no_more_than_it_says(self, world: World) -> None:
        line = world.line
        for all_match, said in ((True, True), (False, None)):
            with transaction.atomic():
                case = world.incoming("in_execution")
                evidence(case, line.executing, b"first")
                case = parts.incoming_transmit_part(incoming=fresh(case), by=line.their_registry)
                for item in case.items.order_by("id"):
                    inward.incoming_item_decide(item=item, act="execute", by=line.executing, reason="see the part")
                case = inward.incoming_transmit_result(incoming=fresh(case), by=line.their_registry)
                inward.incoming_note_receipt(incoming=case, by=Actor.peer(case.sender), all_match=all_match)
                part = case.part_set.get()
                assert part.confirmed_at is not None
                assert part.all_match is said
                transaction.set_rollback(True)

    def test_what_went_with_which_part_is_never_changed(self, world: World) -> None:
        case, line = world.incoming("in_execution"), world.line
        evidence(case, line.executing, b"first")
        parts.incoming_transmit_part(incoming=fresh(case), by=line.their_registry)
        for change in (lambda rows: rows.delete(), lambda rows: rows.update(part_id=1)):
            with pytest.raises(DatabaseError), transaction.atomic():
                change(PartFile.objects.all())


def note_part(case: Any, by: Actor, data: Any) -> Any:
    return parts.outgoing_note_part(outgoing=case, by=by, **({"files": [came()], "proof": LETTER} | dict(data)))


def confirm(case: Any, by: Actor, data: Any) -> Any:
    return parts.outgoing_confirm_part(outgoing=case, by=by)


class TestReceiving:
    def test_part_recorded_by_hand_is_refused_or_done(self, world: World) -> None:
        act = Act(
            "note_part", "sent", "registry", Role.SUPERVISOR, note_part, "in_execution",
            unmet=(({"files": []}, "evidence_missing"), ({"proof": None}, "proof_missing")),
            events=("outgoing.part_received",), after={"peer_status": "in_execution"},
        )  # fmt: skip
        done: Any = try_act(act, world.outgoing("sent"), world.line)
        assert [(part.number, len(hashes(part))) for part in done.part_set.all()] == [(1, 1)]
        assert done.proofs.get(act="note_part").name == "letter.pdf"
        confirmed: Any = try_act(
            Act("confirm_part", "sent", "registry", Role.SUPERVISOR, confirm, "in_execution",
                events=("outgoing.part_confirmed",)),
            done, world.line,
        )  # fmt: skip
        part = confirmed.part_set.get()
        assert (part.all_match, part.discrepant) == (True, [])
        with pytest.raises(UnknownPart):
            confirm(confirmed, world.line.registry, {})

    def test_message_of_the_addressee_alone_brings_one_and_tells_of_its_items(self, world: World) -> None:
        sent = world.outgoing("acknowledged")
        before = state_of(sent)
        central = Actor.peer(sent.central)
        with pytest.raises(ActForbidden):
            note_part(sent, central, {"proof": None})
        with pytest.raises(UnknownItem):
            note_part(sent, world.peer(sent), {"files": [came(item="M9")]})
        assert nothing_changed(sent, before)
        reports = [
            ItemReport("M1", "impossible", ground="encrypted", article="CETS-185 18", reason="nobody has the key"),
            ItemReport("M2", "accepted"),
        ]
        noted = note_part(sent, world.peer(sent), {"proof": None, "reports": reports, "files": [came(item="M2")]})
        assert (sent.status, noted.status) == ("acknowledged", "in_execution")
        first = noted.items.get(key="M1")
        assert (first.status, first.ground, first.article) == ("impossible", "encrypted", "CETS-185 18")

    def test_discrepancy_is_kept_by_file_and_never_hidden(self, world: World) -> None:
        sent, line = world.outgoing("sent"), world.line
        noted = note_part(sent, world.peer(sent), {"proof": None, "files": [came(b"one"), came(b"two")]})
        part = noted.part_set.get()
        good, bad = [row.evidence for row in part.files.order_by("id")]
        perform(
            noted, "confirm_part", by=line.registry, part=part,
            checked=[(good, good.sha256), (bad, "0" * 64)],
        )  # fmt: skip
        part.refresh_from_db()
        assert (part.all_match, part.discrepant) == (False, [bad.sha256])
        assert list(bad.custody.order_by("id").values_list("step", flat=True)) == ["received", "discrepant"]

    def test_parts_and_the_rest_are_confirmed_together_at_the_end(self, world: World) -> None:
        sent, line = world.outgoing("sent"), world.line
        peer = world.peer(sent)
        noted = note_part(sent, peer, {"proof": None})
        ended = course.outgoing_note_result(
            outgoing=noted, by=peer, outcome="executed",
            reports=[ItemReport(item.key, "executed") for item in noted.items.all()],
        )  # fmt: skip
        with pytest.raises(ConditionsNotMet) as unmet:
            course.outgoing_close(outgoing=ended, by=line.supervisor)
        assert "receipt_open" in codes_of(unmet)
        course.outgoing_confirm_evidence(outgoing=ended, by=line.registry)
        assert noted.part_set.get().all_match is True


class TestImpossible:
    @pytest.mark.parametrize(
        ("act", "ground", "to"),
        [
            ("find_impossible", "encrypted", "impossible"),
            ("find_nothing", "retention_over", "not_held"),
            ("execute_partially", "provider_abroad", "partially_executed"),
            ("execute_partially", "essential_interests", "partially_executed"),
        ],
    )
    def test_reason_is_coded_and_another_one_is_refused(self, world: World, act: str, ground: str, to: str) -> None:
        case, line = world.incoming("in_execution"), world.line
        item = case.items.order_by("key")[0]
        before = state_of(item)
        for code in ("whim", "essential_interests" if act != "execute_partially" else "whim"):
            with pytest.raises(UnknownGround):
                inward.incoming_item_decide(item=item, act=act, by=line.executing, ground=code, reason="so")
        with pytest.raises(ConditionsNotMet):
            inward.incoming_item_decide(item=item, act=act, by=line.executing, ground=ground, reason=" ")
        with pytest.raises(ActForbidden):
            inward.incoming_item_decide(item=item, act=act, by=line.their_desk, ground=ground, reason="so")
        assert nothing_changed(item, before)
        done = inward.incoming_item_decide(
            item=item, act=act, by=line.executing, ground=ground, article="UNTOC 18", reason="so"
        )
        assert (done.status, done.ground, done.article) == (to, ground, "UNTOC 18")

    def test_impossible_needs_its_code_and_is_final(self, world: World) -> None:
        case, line = world.incoming("in_execution"), world.line
        item = case.items.order_by("key")[0]
        with pytest.raises(ConditionsNotMet) as unmet:
            inward.incoming_item_decide(item=item, act="find_impossible", by=line.executing, ground="", reason="so")
        assert codes_of(unmet) == ["ground_missing"]
        for each in case.items.order_by("key"):
            inward.incoming_item_decide(
                item=each, act="find_impossible", by=line.executing, ground="data_deleted", reason="so"
            )
        done = inward.incoming_transmit_result(incoming=fresh(case), by=line.their_registry)
        assert done.outcome == "impossible"

    def test_recorded_by_hand_it_needs_its_proof(self, world: World) -> None:
        sent, line = world.outgoing("sent"), world.line
        item = course.outgoing_item_note(item=sent.items.get(key="M1"), act="accept", by=line.registry, proof=LETTER)
        said: dict[str, Any] = {"ground": "encrypted", "reason": "no key"}
        with pytest.raises(ConditionsNotMet) as unmet:
            course.outgoing_item_note(item=item, act="find_impossible", by=line.registry, **said)
        assert codes_of(unmet) == ["proof_missing"]
        with pytest.raises(UnknownGround):
            course.outgoing_item_note(
                item=item, act="find_impossible", by=line.registry, proof=LETTER, **(said | {"ground": "whim"})
            )
        done = course.outgoing_item_note(item=item, act="find_impossible", by=line.registry, proof=LETTER, **said)
        assert (done.status, done.ground) == ("impossible", "encrypted")
        assert sent.proofs.filter(act="item.find_impossible").count() == 1

    @pytest.mark.parametrize(
        ("items", "outcome"),
        [
            (["impossible"], Outcome.IMPOSSIBLE),
            (["impossible", "withdrawn"], Outcome.IMPOSSIBLE),
            (["impossible", "not_held"], Outcome.IMPOSSIBLE),
            (["not_held", "withdrawn"], Outcome.NOT_HELD),
            (["impossible", "refused"], Outcome.REFUSED),
            (["impossible", "executed"], Outcome.PARTIALLY_EXECUTED),
        ],
    )
    def test_outcome_of_a_request_follows_its_items(self, items: list[str], outcome: Outcome) -> None:
        assert outcome_of_items(items) == outcome

    def test_report_that_jumps_is_written_as_the_acts_between(self) -> None:
        report = ItemReport("M1", "impossible", ground="encrypted", article="a", reason="r")
        assert acts_towards("postponed", report) == [
            ("resume", {}),
            ("find_impossible", {"reason": "r", "ground": "encrypted", "article": "a"}),
        ]

    def test_each_reason_is_named_fits_some_outcome_and_says_that_it_is_to_be_confirmed(self) -> None:
        for code, reason in impossible_reasons().items():
            assert reason.outcomes <= ITEM_FINAL
            assert reason.to_be_confirmed and reason.source
            assert reason_names()[code] == reason.name
        assert {"data_deleted", "retention_over", "encrypted", "provider_abroad"} < set(impossible_reasons())
