"""The ledger of evidence and undertakings: refused, or done and recorded, on either side."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from mla.accounts.actors import Actor
from mla.reference.ledger import forbids, undertaking_kinds, use_limits
from mla.reference.practice import condition_kinds
from tests.lifecycle.acting import assert_done, codes_of, fresh, nothing_changed, state_of
from tests.lifecycle.conftest import World
from workflows.engine.errors import ActForbidden, ConditionsNotMet
from workflows.lifecycle.ledger import limits_of
from workflows.lifecycle.models import (
    CustodyEntry,
    Evidence,
    ExhibitOrigin,
    OtherUse,
    OutgoingRequest,
    RecordedProof,
    Transfer,
    Undertaking,
    UseAccount,
)
from workflows.lifecycle.models.ledger import origin_of
from workflows.lifecycle.models.undertakings import derived_id
from workflows.lifecycle.services import conditions, ledger, undertakings
from workflows.lifecycle.services.conditions import Offered
from workflows.lifecycle.services.ledger import Account, Moved, Origin, UnknownEvidence, Use
from workflows.lifecycle.services.outgoing_course import Proof
from workflows.lifecycle.services.undertakings import Given, UnknownUndertaking

pytestmark = pytest.mark.usefixtures("arrived")
TODAY = timezone.now().date()
RECEIPT = Proof("letter.pdf", "application/pdf", b"their letter")


def exhibit(case: Any) -> Evidence:
    found: Evidence = case.evidence_set.order_by("id").first()
    return found


def refused(codes: list[str], do: Any) -> None:
    with pytest.raises(ConditionsNotMet) as unmet:
        do()
    assert codes_of(unmet) == codes


def under(case: Any, by: Actor, kind: str, **more: Any) -> Undertaking:
    given = Given(
        kind, f"we keep to {kind}", more.pop("ours", case.KIND == "outgoing"), "here", "there", TODAY,
        until=more.pop("until", None),
    )  # fmt: skip
    undertakings.undertaking_enter(case=case, by=by, given=given, **more)
    found: Undertaking = case.undertaking_set.order_by("-id").first()
    return found


def anew(case: Any) -> Any:
    return fresh(case)


class TestExhibits:
    def test_origin_is_recorded_corrected_by_a_new_row_and_never_changed(self, world: World) -> None:
        case, line = world.outgoing("concluded"), world.line
        file, origin = exhibit(case), Origin("Example Hosting", how="search of 3 May", form="copy", tool="dd 9.1")
        before = state_of(case)
        with pytest.raises(ActForbidden):
            ledger.evidence_record_origin(case=case, by=line.executing, files=[file.public_id], origin=origin)
        refused(
            ["origin_empty"],
            lambda: ledger.evidence_record_origin(case=case, by=line.registry, files=[file.public_id], origin=Origin()),
        )
        with pytest.raises(UnknownEvidence):
            ledger.evidence_record_origin(case=case, by=line.registry, files=[case.public_id], origin=origin)
        assert nothing_changed(case, before)
        done = ledger.evidence_record_origin(case=case, by=line.prosecutor, files=[file.public_id], origin=origin)
        assert_done("record_origin", case, done, by=line.prosecutor, to="concluded")
        ledger.evidence_record_origin(
            case=anew(case), by=line.registry, files=[file.public_id], origin=Origin("Example Mail", form="original")
        )
        last = origin_of(file)
        assert last is not None and (last.obtained_from, last.form) == ("Example Mail", "original")
        assert ExhibitOrigin.objects.filter(evidence=file).count() == 2
        with pytest.raises(DatabaseError), transaction.atomic():
            ExhibitOrigin.objects.filter(evidence=file).update(tool="another")

    def test_custody_is_written_by_hand_with_the_hash_of_what_is_stored(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case, line = world.outgoing("concluded"), world.line
        file = exhibit(case)

        def move(by: Actor = line.registry, **data: Any) -> Any:
            told = {"step": "moved", "from_whom": "registry", "to_whom": "strong room", "note": "seal 7"} | data
            return ledger.evidence_log_custody(case=case, by=by, files=[file.public_id], moved=Moved(**told))

        with pytest.raises(ActForbidden):
            move(line.their_registry)
        refused(["unknown_step"], lambda: move(step="verified"))
        refused(["to_whom_missing"], lambda: move(to_whom=" "))
        refused(["ahead"], lambda: move(happened_at=timezone.now() + dt.timedelta(hours=1)))
        at = timezone.now() - dt.timedelta(days=1)
        done = move(happened_at=at)
        assert_done("log_custody", case, done, by=line.registry, to="concluded")
        entry = CustodyEntry.objects.filter(evidence=file).latest("id")
        assert (entry.step, entry.from_whom, entry.to_whom, entry.when) == ("moved", "registry", "strong room", at)
        assert (entry.sha256, entry.note, entry.by) == (file.sha256, "seal 7", line.registry.label)
        case = anew(case)
        monkeypatch.setattr("workflows.lifecycle.services.ledger.hash_now", lambda file: "0" * 64)
        move(step="examined")
        steps = CustodyEntry.objects.filter(evidence=file).order_by("-id").values_list("step", "sha256")
        assert list(steps[:2]) == [("discrepant", "0" * 64), ("examined", "0" * 64)]

    def test_whoever_executes_writes_about_files_of_this_case_alone(self, world: World) -> None:
        case, line = world.incoming("executed"), world.line
        file = exhibit(case)
        ledger.evidence_record_origin(
            case=case, by=line.executing, files=[file.public_id], origin=Origin("a bank", form="extract")
        )
        with pytest.raises(ActForbidden):
            ledger.evidence_record_origin(
                case=anew(case), by=line.registry, files=[file.public_id], origin=Origin("a bank")
            )


class TestHandingOn:
    def hand_on(self, case: Any, by: Actor, **data: Any) -> OutgoingRequest:
        told = {"recipient": "Tax office", "purpose": "the same proceedings", "on": TODAY} | data
        return ledger.outgoing_hand_on(outgoing=anew(case), by=by, files=[exhibit(case).public_id], **told)

    def test_undertaking_that_forbids_it_is_named_until_a_consent_covers_it(self, world: World) -> None:
        case, line = world.outgoing("concluded"), world.line
        self.hand_on(case, line.registry)
        under(anew(case), line.registry, "confidentiality")
        before = state_of(anew(case))
        with pytest.raises(ConditionsNotMet) as unmet:
            self.hand_on(case, line.registry)
        assert codes_of(unmet) == ["undertaking_forbids"]
        assert "we keep to confidentiality" in unmet.value.reasons[0].message
        assert nothing_changed(case, before)
        ledger.outgoing_ask_other_use(
            outgoing=anew(case), by=line.desk, use=Use("transfer", "tax matter", "Tax office")
        )
        use = OtherUse.objects.get(outgoing=case)
        refused(["undertaking_forbids"], lambda: self.hand_on(case, line.registry, consent=use.use_id))
        peer = World.peer(case)
        ledger.outgoing_note_use_answer(outgoing=anew(case), by=peer, use_id=use.use_id, choice="consent", until=TODAY)
        refused(
            ["undertaking_forbids"],
            lambda: self.hand_on(case, line.registry, consent=use.use_id, on=TODAY + dt.timedelta(days=1)),
        )
        done = self.hand_on(case, line.registry, consent=use.use_id)
        assert done.transfer_set.count() == 2  # type: ignore[attr-defined]
        row = Transfer.objects.latest("id")
        assert (row.consent, row.recipient, list(row.files.all())) == (use, "Tax office", [exhibit(case)])
        last = CustodyEntry.objects.filter(evidence=exhibit(case)).latest("id")
        assert (last.step, last.to_whom) == ("handed_on", "Tax office")
        with pytest.raises(DatabaseError), transaction.atomic():
            Transfer.objects.filter(pk=row.pk).update(recipient="nobody")

    def test_undertaking_binds_what_it_names_and_while_it_is_in_force(self, world: World) -> None:
        case, line = world.outgoing("concluded"), world.line
        other = Evidence.objects.create(
            authority_id=case.authority_id, outgoing=case, name="b", media_type="text/plain", size=1,
            sha256="b" * 64, added_at=timezone.now(),
        )  # fmt: skip
        under(anew(case), line.registry, "onward_use", files=[other.public_id])
        under(anew(case), line.registry, "onward_use", item="M2")
        under(anew(case), line.registry, "onward_use", until=TODAY)
        received = under(anew(case), line.registry, "confidentiality", ours=False)
        assert not received.ours
        refused(["undertaking_forbids"], lambda: self.hand_on(case, line.registry))
        self.hand_on(case, line.registry, on=TODAY + dt.timedelta(days=1))

    def test_other_purpose_needs_the_consent_that_an_instrument_asks_for(self, world: World) -> None:
        case, line = world.outgoing("concluded"), world.line
        version = case.approved_version
        assert version is not None
        content = dict(version.content)
        limited = dict(content, bases=[{"id": "b1", "instrument": "VIENNA-1988"}])
        assert limits_of(limited).on_other_use and limits_of(limited).exculpatory == "no"
        assert limits_of(dict(content, bases=[{"id": "b1", "instrument": "UNTOC-2000"}])).exculpatory == "yes"
        unknown = limits_of(dict(content, bases=[{"id": "b1", "instrument": "RECIPROCITY"}]))
        assert (unknown.exculpatory, unknown.not_known) == ("not_known", ("RECIPROCITY",))
        both = [{"id": "b1", "instrument": "UNTOC-2000"}, {"id": "b2", "instrument": "VIENNA-1988"}]
        of_item = dict(content, bases=both, items=[{"id": "M1", "bases": ["b2"]}])
        assert [one.article for one in limits_of(of_item, "M1").known] == ["7(13)"]
        assert limits_of(of_item).exculpatory == "not_known"
        # The letter assures speciality: it forbids the other purpose, and no transfer for the same one.
        refused(["undertaking_forbids"], lambda: self.hand_on(case, line.registry, other_purpose=True))


class TestOtherUse:
    def test_answer_by_hand_needs_its_proof_and_binds_once(self, world: World) -> None:
        case, line = world.outgoing("concluded"), world.line
        with pytest.raises(ActForbidden):
            ledger.outgoing_ask_other_use(outgoing=case, by=line.registry, use=Use("use", "a civil case"))
        refused(
            ["recipient_missing"],
            lambda: ledger.outgoing_ask_other_use(outgoing=case, by=line.desk, use=Use("transfer", "a civil case")),
        )
        refused(
            ["kind_missing"],
            lambda: ledger.outgoing_ask_other_use(outgoing=case, by=line.desk, use=Use("exculpatory", "x")),
        )
        done = ledger.outgoing_ask_other_use(outgoing=case, by=line.desk, use=Use("use", "a civil case"))
        assert_done("ask_other_use", case, done, by=line.desk, to="concluded", events=("outgoing.other_use_asked",))
        assert done.uses_open == 1
        use = OtherUse.objects.get(outgoing=case)
        account = Account("a claim", "Court 7, 12/2026", TODAY, True)
        refused(
            ["undertaking_forbids"],
            lambda: ledger.outgoing_give_account(outgoing=anew(case), by=line.desk, account=account),
        )

        def answer(choice: str, words: str = "", proof: Proof | None = RECEIPT, **more: Any) -> Any:
            return ledger.outgoing_note_use_answer(
                outgoing=anew(case), by=line.registry, use_id=use.use_id, choice=choice, answer=words, proof=proof,
                **more,
            )  # fmt: skip

        refused(["proof_missing"], lambda: answer("consent", proof=None))
        refused(["answer_missing"], lambda: answer("conditions"))
        refused(["until_of_no_consent"], lambda: answer("declined", "no", until=TODAY))
        done = answer("conditions", "not before the appeal", article="UNTOC 18(19)")
        assert RecordedProof.objects.filter(outgoing=case, act="note_use_answer").exists()
        assert done.uses_open == 0
        bound = Undertaking.objects.get(undertaking_id=derived_id(use.use_id, "conditions"))
        assert (bound.words, bound.ours, bound.source) == ("not before the appeal", True, "consent")
        refused(["nothing_open"], lambda: answer("consent"))
        ledger.outgoing_give_account(outgoing=anew(case), by=line.desk, account=account)
        told = UseAccount.objects.get(outgoing=case)
        assert (told.used_for, told.proceedings, told.asked_at) == ("a claim", "Court 7, 12/2026", None)

    def test_notice_of_what_is_exculpatory_where_an_instrument_foresees_it(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case, line = world.outgoing("concluded"), world.line
        refused(
            ["no_exception_known"],
            lambda: ledger.outgoing_notify_exculpatory(outgoing=case, by=line.desk, purpose="the alibi"),
        )
        monkeypatch.setattr(
            "workflows.lifecycle.guards_ledger.letter_of",
            lambda case: {"bases": [{"id": "b", "instrument": "UNCAC-2003"}]},
        )
        done = ledger.outgoing_notify_exculpatory(outgoing=case, by=line.desk, purpose="the alibi")
        row = OtherUse.objects.get(outgoing=case)
        assert (row.kind, row.is_open, done.uses_open) == ("exculpatory", False, 0)

    def test_question_on_the_use_is_answered_once_and_also_after_the_closing(self, world: World) -> None:
        case, line = world.outgoing("concluded"), world.line
        ledger.outgoing_note_account_asked(outgoing=case, by=World.peer(case), question="What for?")
        asked = UseAccount.objects.get(outgoing=case)
        account = Account("the indictment", "Court 7, 12/2026", TODAY)
        ledger.outgoing_give_account(outgoing=anew(case), by=line.supervisor, account=account, answers=asked.account_id)
        refused(
            ["nothing_open"],
            lambda: ledger.outgoing_give_account(
                outgoing=anew(case), by=line.supervisor, account=account, answers=asked.account_id
            ),
        )
        assert UseAccount.objects.filter(outgoing=case).count() == 1


class TestUndertakings:
    def test_entered_settled_breached_and_made_good(self, world: World) -> None:
        case, line = world.outgoing("concluded"), world.line
        with pytest.raises(ActForbidden):
            under(case, line.desk, "destruction")
        with pytest.raises(UnknownUndertaking):
            under(case, line.registry, "of_another_list")
        refused(
            ["until_before_start"],
            lambda: under(case, line.registry, "destruction", until=TODAY - dt.timedelta(days=1)),
        )
        open_before = anew(case).undertakings_open
        row = under(anew(case), line.registry, "destruction", until=TODAY + dt.timedelta(days=30))
        case = anew(case)
        assert (case.bound_due, case.bound_kind, case.bound_since) == (row.until, "destruction", TODAY)
        assert case.undertakings_open == open_before + 1

        def settle(state: str, words: str = "", **more: Any) -> Any:
            return undertakings.undertaking_settle(
                case=anew(case), by=line.supervisor, undertaking_id=row.undertaking_id, state=state, words=words,
                **more,
            )  # fmt: skip

        refused(["words_missing"], lambda: settle("breached"))
        refused(["state_missing"], lambda: settle("open"))
        refused(["proof_missing"], lambda: settle("released", "they wrote so"))
        done = settle("breached", "a copy was found", on=TODAY)
        assert (done.breached_on, done.bound_due, done.undertakings_open) == (TODAY, None, open_before + 1)
        done = settle("kept", "destroyed on the 3rd")
        assert (done.breached_on, done.undertakings_open) == (None, open_before)
        refused(["nothing_open"], lambda: settle("ended"))

    def test_accepted_conditions_bind_both_sides_and_declined_ones_neither(self, world: World) -> None:
        line, offered = world.line, [Offered("onward_use", "to nobody else", item="M1", until=TODAY)]
        theirs = conditions.incoming_offer_conditions(
            incoming=world.incoming("in_execution"), by=line.their_supervisor, question="Do you accept?",
            conditions=[*offered, Offered("return_of_originals", "within a year")],
        )  # fmt: skip
        point = theirs.openpoint_set.get(kind="conditions")
        had = theirs.undertaking_set.count()
        conditions.incoming_receive_conditions_answer(
            incoming=theirs, by=line.their_registry, point_id=point.point_id, choice="accepted"
        )
        first, second = theirs.undertaking_set.order_by("id")[had:]
        assert (first.kind, first.ours, first.item.key, first.until) == ("onward_use", False, "M1", TODAY)
        assert (second.kind, second.undertaking_id) == (
            "return", point.conditions.order_by("id").last().condition_id,
        )  # fmt: skip
        assert anew(theirs).bound_due == TODAY
        ours = world.outgoing("acknowledged")
        for accept in (False, True):
            ours = conditions.outgoing_note_conditions(
                outgoing=anew(ours), by=World.peer(ours), question="Do you accept?", conditions=[
                    Offered("speciality", "these proceedings")
                ],
            )  # fmt: skip
            had = ours.undertaking_set.count()
            if accept:
                conditions.outgoing_accept_conditions(outgoing=ours, by=line.supervisor)
            else:
                conditions.outgoing_decline_conditions(outgoing=ours, by=line.supervisor, reason="no")
            assert ours.undertaking_set.count() == had + accept

    def test_assurances_of_the_letter_stand_alike_on_both_sides(self, world: World) -> None:
        ours, theirs = world.outgoing("sent"), world.incoming("received")
        given = {row.undertaking_id: (row.kind, row.words) for row in ours.undertaking_set.filter(ours=True)}
        got = {row.undertaking_id: (row.kind, row.words) for row in theirs.undertaking_set.filter(ours=False)}
        assert given == got and {kind for kind, _words in given.values()} == {
            "speciality", "death_penalty", "costs", "reciprocity",
        }  # fmt: skip
        assert ours.undertakings_open == theirs.undertakings_open == len(given)


def test_data_files_say_what_can_be() -> None:
    kinds = undertaking_kinds()
    assert {"speciality", "confidentiality", "death_penalty", "onward_use", "destruction", "return", "costs",
            "reciprocity"} <= set(kinds)  # fmt: skip
    assert {code for kind in kinds.values() for code in kind.conditions} == set(condition_kinds())
    assert forbids("speciality", "other_use") and not forbids("speciality", "transfer")
    # What another installation calls otherwise is taken to forbid until somebody asks.
    assert forbids("of_another_list", "transfer")
    assert {code: one.exculpatory for code, one in use_limits().items()} == {
        "UNTOC-2000": "yes", "UNCAC-2003": "yes", "VIENNA-1988": "no", "ICSFT-1999": "no", "CETS-185": "not_known",
        "CETS-182": "not_known", "UNCC-2024": "not_known",
    }  # fmt: skip
