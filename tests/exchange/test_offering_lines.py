"""Information given without a request, and a team, on both sides: by messages, twice, crossing, late; and by hand."""

from __future__ import annotations

from typing import Any

import pytest

from mla.core.files import file_store
from mla.core.ids import uuid7
from tests.exchange.conftest import Post
from tests.factories import drain
from tests.invariants import assert_invariants
from tests.lifecycle.offering import (
    AGREEMENT,
    OFFER,
    Both,
    active,
    agreement,
    both,
    day,
    module_both,
    signed,
    terms,
    today,
)
from workflows.engine.errors import ActNotPossible, ConditionsNotMet
from workflows.exchange.models import Message, Transmission
from workflows.lifecycle.models import Condition, Evidence, OpenPoint, RecordedProof
from workflows.lifecycle.models.parts import unsent
from workflows.lifecycle.services import spontaneous as info
from workflows.lifecycle.services import teams
from workflows.lifecycle.services.complements import Supplied
from workflows.lifecycle.services.conditions import accepted_conditions
from workflows.lifecycle.services.outgoing_course import Proof

__all__ = ["both", "module_both"]
PROOF = Proof("letter.pdf", "application/pdf", b"their letter")
LIST = Supplied("list.txt", "text/plain", b"214 names")


def theirs(both: Both) -> Post:
    """What the requested State writes by hand, after what it has written until now."""
    assert both.ours.addressee is not None
    return Post(both.ours.addressee, both.ours.central, both.ours.conversation_id)


def ours(both: Both) -> Post:
    assert both.ours.addressee is not None
    return Post(both.ours.central, both.ours.addressee, both.ours.conversation_id)


def whole() -> None:
    drain()
    assert set(Transmission.objects.values_list("status", flat=True)) == {"retrieved"}
    assert_invariants()


class TestInformation:
    def test_conditions_stand_before_anything_is_given_and_bind_both_files(self, both: Both) -> None:
        line = both.line
        assert (both.out().status, both.into().status) == ("offered", "offered")
        told = [
            list(side.conditions().order_by("id").values_list("condition_id", "kind", "text", "point__due"))
            for side in (both.out(), both.into())
        ]
        assert told[0] == told[1]
        assert [row[1] for row in told[0]] == ["confidentiality", "evidence_after_request"]
        with pytest.raises(ConditionsNotMet, match="not accepted yet"):
            info.spontaneous_give(spontaneous=both.out(), by=line.supervisor, words="Names: …")
        info.spontaneous_accept(spontaneous=both.into(), by=line.their_supervisor, answer="Gladly.")
        drain()
        assert (both.out().status, both.out().answer) == ("accepted", "Gladly.")
        assert {point.choice for point in OpenPoint.objects.filter(kind="offer")} == {"accepted"}
        assert len(accepted_conditions(both.ours)) == len(accepted_conditions(both.theirs)) == 2
        info.spontaneous_give(spontaneous=both.out(), by=line.supervisor, words="214 names.", files=[LIST])
        drain()
        given = both.into().given().get()
        file = given.files.get()
        assert (both.into().status, given.words) == ("sent", "214 names.")
        assert (file.name, file.item, file.use_limits) == ("list.txt", both.into().item, OFFER["conditions_text"])
        assert [step.step for step in file.custody.order_by("id")] == ["received"]
        mine = both.out().given().get().files.get()
        assert (mine.sha256, [step.step for step in mine.custody.order_by("id")]) == (file.sha256, ["added", "sent"])
        # It is no result of the request that brought it.
        assert not unsent(both.theirs).exists()
        info.spontaneous_use(
            spontaneous=both.into(), by=line.their_desk, kind="investigation_opened", on=today(), words="File 7."
        )  # fmt: skip
        drain()
        use = both.out().uses().first()
        assert use is not None
        assert (use.kind, use.words, use.told_before, both.out().status) == (
            "investigation_opened", "File 7.", False, "used",
        )  # fmt: skip
        info.spontaneous_close(spontaneous=both.out(), by=line.supervisor)
        whole()

    def test_notice_comes_before_what_speaks_for_an_accused_person_is_disclosed(self, both: Both) -> None:
        by = both.line.their_desk
        with pytest.raises(ConditionsNotMet, match="future"):
            info.spontaneous_use(spontaneous=both.into("M4"), by=by, kind="evidence", on=day(9))
        info.spontaneous_use(spontaneous=both.into("M4"), by=by, kind="defence", on=day(9), exculpatory=True)
        drain()
        assert both.out("M4").uses().get().told_before

    def test_declined_information_is_given_with_a_reason_alone_and_binds_nobody(self, both: Both) -> None:
        line = both.line
        info.spontaneous_decline(spontaneous=both.into(), by=line.their_supervisor, reason="Our law forbids secrecy.")
        drain()
        assert (both.out().status, both.out().answer) == ("declined", "Our law forbids secrecy.")
        with pytest.raises(ConditionsNotMet, match="nevertheless"):
            info.spontaneous_give(spontaneous=both.out(), by=line.supervisor, words="Names")
        info.spontaneous_give(spontaneous=both.out(), by=line.supervisor, words="Names", reason="Lives are at stake.")
        drain()
        assert both.into().status == "sent"
        assert not accepted_conditions(both.theirs)
        whole()

    def test_offer_without_a_condition_is_given_at_once_or_with_the_letter(self, both: Both) -> None:
        assert both.into("M4").status == both.out("M4").status == "sent"
        assert not Condition.objects.filter(item__key__in=["M2", "M4"]).exists()
        info.spontaneous_give(spontaneous=both.out("M2"), by=both.line.supervisor, files=[LIST])
        drain()
        assert Evidence.objects.get(incoming=both.theirs).custody.get().step == "received"
        whole()

    def test_request_that_follows_is_begun_once_and_cites_the_information(self, both: Both) -> None:
        by = both.line.their_desk
        with pytest.raises(ConditionsNotMet, match="not given yet"):
            info.spontaneous_accept(spontaneous=both.into(), by=both.line.their_supervisor)
            info.letter_start_from_information(spontaneous=both.into(), by=by)
        begun = info.letter_start_from_information(spontaneous=both.into("M4"), by=by)
        assert info.letter_start_from_information(spontaneous=both.into("M4"), by=by) == begun
        content = begun.letter.versions.get().content
        assert content["related"][0]["reference"] == both.ours.reference
        assert content["requested"]["jurisdiction"] == "DE"
        assert [one.outgoing for one in both.into("M4").followed()] == [begun]
        # A draft is nobody's business abroad; the request itself is noted when it came.
        drain()
        assert not both.out("M4").followed().exists()
        info.spontaneous_note_request(spontaneous=both.out("M4"), by=both.line.registry, reference="AL-7/2027")
        with pytest.raises(ConditionsNotMet, match="noted already"):
            info.spontaneous_note_request(spontaneous=both.out("M4"), by=both.line.desk, reference="AL-7/2027")

    def test_messages_again_late_and_wrong_change_nothing(self, both: Both) -> None:
        post, mine = theirs(both), ours(both)
        accepted = {"item": "M1", "answer": "Yes."}
        assert post.send("information_accepted", accepted).status == Message.Status.APPLIED
        assert post.send("information_accepted", accepted).status == Message.Status.APPLIED
        assert post.send("information_declined", {"item": "M1", "reason": "No."}).status == Message.Status.REFUSED
        assert (both.out().status, both.out().version) == ("accepted", 2)
        sent = {"item": "M2", "information": str(uuid7()), "words": "Names."}
        assert mine.send("information_sent", sent).status == Message.Status.APPLIED
        assert mine.send("information_sent", sent).status == Message.Status.APPLIED
        assert both.into("M2").given().count() == 1
        # The offer is not answered by whoever makes it, as if it were a question of ours.
        forged = {"point": str(both.into().point_id), "answer": "Accepted."}
        assert mine.send("information_given", forged).status == Message.Status.REFUSED
        # Nothing comes before the conditions are answered there.
        early = sent | {"item": "M1", "information": str(uuid7())}
        assert mine.send("information_sent", early).status == Message.Status.REFUSED
        used = {"item": "M4", "use": str(uuid7()), "kind": "their_own_code", "on": today().isoformat()}
        wrong = [used | {"item": "M3"}, used | {"kind": "No code"}, used | {"mood": "good"}, used | {"item": "M1"}]
        assert {post.send("information_used", body).status for body in wrong} == {Message.Status.REFUSED}
        assert [post.send("information_used", used).status for _again in range(2)] == [Message.Status.APPLIED] * 2
        assert both.out("M4").uses().get().kind_words == "their_own_code"

    def test_word_of_the_other_state_by_hand_needs_its_proof(self, both: Both) -> None:
        by = both.line.registry
        with pytest.raises(ConditionsNotMet, match="proves"):
            info.spontaneous_note_acceptance(spontaneous=both.out(), by=by)
        info.spontaneous_note_acceptance(spontaneous=both.out(), by=by, proof=PROOF)
        assert RecordedProof.objects.get(outgoing=both.ours).act == "spontaneous_out.note_acceptance"
        with pytest.raises(ConditionsNotMet, match="say why you close"):
            info.spontaneous_close(spontaneous=both.out(), by=both.line.supervisor)
        info.spontaneous_close(spontaneous=both.out(), by=both.line.supervisor, reason="No longer of use.")
        with pytest.raises(ActNotPossible):
            info.spontaneous_give(spontaneous=both.out(), by=both.line.supervisor, words="x")


class TestTeam:
    def test_drafts_go_to_and_fro_until_both_have_signed_one_text(self, both: Both) -> None:
        line = both.line
        draft = teams.team_file(name="draft.docx", media_type="application/msword", content=b"draft 1")
        teams.team_propose(team=both.team, by=line.desk, words="Our draft.", file=draft)
        drain()
        teams.team_propose(team=both.their_team, by=line.their_desk, words="Article 4 is too wide.")
        drain()
        told = [
            list(side.proposals().values_list("number", "words", "sha256")) for side in (both.team, both.their_team)
        ]
        assert told[0] == told[1] == [(1, "Our draft.", draft["sha256"]), (2, "Article 4 is too wide.", "")]
        assert [one.ours for one in both.team.proposals()] == [True, False]
        wanting = terms(until=None, members=terms()["members"][:1])
        with pytest.raises(ConditionsNotMet) as refused:
            teams.team_sign(
                team=both.team, by=line.supervisor, on=today(), office="PG", agreement=agreement(), terms=wanting
            )
        assert {reason.code for reason in refused.value.reasons} == {"until_missing", "leaders_missing"}
        signed(both)
        assert (both.team.status, both.their_team.status) == ("agreement_signed", "agreement_signed")
        for mine, other in ((both.team, both.their_team), (both.their_team, both.team)):
            assert (mine.signed_here_by, mine.signed_there_by) == (other.signed_there_by, other.signed_here_by)
            assert (mine.until, mine.purposes, mine.evidence_rules) == (
                other.until,
                other.purposes,
                other.evidence_rules,
            )
        assert list(both.team.members().values_list("state", "role", "office")) == list(
            both.their_team.members().values_list("state", "role", "office")
        )
        whole()

    def test_one_signature_is_no_agreement_and_another_text_none(self, both: Both) -> None:
        line = both.line
        teams.team_sign(
            team=both.team, by=line.supervisor, on=today(), office="PG", agreement=agreement(), terms=terms()
        )
        drain()
        with pytest.raises(ActNotPossible):
            teams.team_start(team=both.team, by=line.desk, on=today())
        with pytest.raises(ConditionsNotMet, match="is signed here"):
            teams.team_countersign(
                team=both.team, by=line.supervisor, on=today(), office="PG", sha256=both.team.agreement_sha256
            )
        with pytest.raises(ConditionsNotMet, match="another text"):
            teams.team_countersign(
                team=both.their_team, by=line.their_supervisor, on=today(), office="SP", sha256="0" * 64
            )
        post = theirs(both)
        # Two first signatures cross: they count under one text, and under no other.
        other = file_store(b"another agreement")
        assert post.send("team_signed", *_signed(other.sha256, other.size)).status == Message.Status.REFUSED
        kept = file_store(AGREEMENT)
        body = _signed(kept.sha256, kept.size)
        assert post.send("team_signed", *body).status == Message.Status.REFUSED  # no file beside it
        files = [_annex(kept.sha256, kept.size)]
        first = post.send("team_signed", *body, files=files)
        assert (first.status, both.team.status) == (Message.Status.APPLIED, "agreement_signed")
        assert post.send("team_signed", *body, files=files).status == Message.Status.APPLIED
        assert both.team.members().count() == 3

    def test_extended_by_both_states_word_and_ended_with_its_rules_kept(self, both: Both) -> None:
        line = both.line
        active(both)
        assert both.their_team.status == "active"
        with pytest.raises(ConditionsNotMet, match="after"):
            teams.team_ask_extension(team=both.team, by=line.supervisor, until=day(90))
        teams.team_ask_extension(team=both.team, by=line.supervisor, until=day(180), words="Two servers more.")
        drain()
        assert (both.team.status, both.team.until) == ("active", day(90))
        teams.team_answer_extension(team=both.their_team, by=line.their_supervisor, agreed=True)
        drain()
        for side in (both.team, both.their_team):
            assert (side.status, side.until, side.first_until) == ("extended", day(180), day(90))
        teams.team_ask_extension(team=both.their_team, by=line.their_supervisor, until=day(400))
        drain()
        teams.team_answer_extension(team=both.team, by=line.supervisor, agreed=False, words="Half a year is enough.")
        drain()
        assert (both.their_team.until, both.their_team.extensions().last().answer) == (  # type: ignore[union-attr]
            day(180), "Half a year is enough.",
        )  # fmt: skip
        with pytest.raises(ConditionsNotMet, match="runs until"):
            teams.team_end(team=both.team, by=line.supervisor, how="run_out", on=today())
        teams.team_end(team=both.team, by=line.supervisor, how="notice", on=today(), words="Done.")
        drain()
        assert (both.their_team.status, both.their_team.ended_how, both.their_team.ended_here) == (
            "ended", "notice", False,
        )  # fmt: skip
        assert both.their_team.evidence_rules == terms()["evidence_rules"]
        # What crossed the end is told once more and changes nothing; what is new comes too late.
        post = theirs(both)
        ended = {"item": "M3", "how": "notice", "on": today().isoformat()}
        assert post.send("team_ended", ended).status == Message.Status.APPLIED
        late = {"item": "M3", "extension": str(uuid7()), "until": day(500).isoformat()}
        assert post.send("team_extension_asked", late).status == Message.Status.REFUSED
        assert both.team.version == both.team.version

    def test_declined_by_either_side_and_crossing(self, both: Both) -> None:
        teams.team_decline(team=both.their_team, by=both.line.their_supervisor, reason="No inquiry of ours.")
        drain()
        assert (both.team.status, both.team.declined_why, both.team.declined_here) == (
            "declined", "No inquiry of ours.", False,
        )  # fmt: skip
        post = theirs(both)
        assert post.send("team_declined", {"item": "M3", "reason": "x"}).status == Message.Status.APPLIED
        late = {"item": "M3", "proposal": str(uuid7()), "words": "Once more?"}
        assert post.send("team_proposed", late).status == Message.Status.REFUSED
        assert post.send("team_started", {"item": "M1", "on": "2027-01-01"}).status == Message.Status.REFUSED

    def test_other_states_acts_by_hand_with_proof(self, both: Both) -> None:
        by, team = both.line.registry, both.team
        with pytest.raises(ConditionsNotMet, match="proves"):
            teams.team_note_proposal(team=team, by=by, words="By letter.")
        team = teams.team_note_proposal(team=team, by=by, words="By letter.", proof=PROOF)
        team = teams.team_note_signature(
            team=team, by=by, on=today(), office="SP", agreement=agreement(), terms=terms(), proof=PROOF
        )
        team = teams.team_countersign(
            team=team, by=both.line.supervisor, on=today(), office="PG", sha256=team.agreement_sha256
        )
        team = teams.team_note_start(team=team, by=by, on=today(), proof=PROOF)
        team = teams.team_note_extension_asked(team=team, by=by, until=day(120), proof=PROOF)
        team = teams.team_answer_extension(team=team, by=both.line.supervisor, agreed=True)
        team = teams.team_ask_extension(team=team, by=both.line.supervisor, until=day(150))
        team = teams.team_note_extension_answer(team=team, by=by, agreed=False, words="No.", proof=PROOF)
        team = teams.team_note_end(team=team, by=by, how="by_agreement", on=today(), proof=PROOF)
        assert (team.status, team.until) == ("ended", day(120))
        assert RecordedProof.objects.filter(outgoing=both.ours, act__startswith="team_out.").count() == 6


def _signed(sha256: str, size: int) -> tuple[dict[str, Any]]:
    body: dict[str, Any] = {
        "item": "M3", "on": today().isoformat(), "office": "Special prosecutor", "agreement": sha256,
        "begins": day(0).isoformat(), "until": day(90).isoformat(), "purposes": "p", "evidence_rules": "r",
        "members": [{"state": "AL", "office": "x", "role": "leader"}, {"state": "DE", "office": "y", "role": "leader"}],
    }  # fmt: skip
    return (body,)


def _annex(sha256: str, size: int) -> dict[str, Any]:
    return {"name": "a.pdf", "media_type": "application/pdf", "size": size, "sha256": sha256, "role": "annex"}
