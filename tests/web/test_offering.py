"""Information without a request, and teams, at the desk: their forms, their sections in words and pictures, their files."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mla.accounts.capabilities import capability_table
from mla.accounts.models import Role
from tests.exchange.conftest import one_transaction, savepoint
from tests.factories import drain, officer
from tests.lifecycle.offering import AGREEMENT, Both, active, both, module_both
from tests.lifecycle.offering import day as in_days
from tests.web.conftest import day, signed_in
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.short import MACHINES
from workflows.web.acts import screen_of
from workflows.web.offering_picture import steps, team_bar

__all__ = ["both", "module_both", "one_transaction", "savepoint"]


def do(row: Any, act: str) -> str:
    return f"/{row.KIND}/{row.public_id}/do/{act}"


def proven(**said: Any) -> dict[str, Any]:
    proof = SimpleUploadedFile("slip.pdf", b"%PDF-1.7 slip", content_type="application/pdf")
    return {"proof": proof, "proof_channel": "paper", "proof_day": day(0), **said}


def done(client: Client, row: Any, act: str, **said: Any) -> None:
    address = do(type(row).objects.get(pk=row.pk), act)
    assert client.get(address).status_code == 200, address
    answer = client.post(address, said)
    assert answer.status_code == 302, answer.content.decode()
    drain()


def refused(client: Client, row: Any, act: str, told: str, **said: Any) -> None:
    answer = client.post(do(row, act), said)
    assert answer.status_code == 422
    assert told in answer.content.decode(), act


def section(client: Client, case: Any, key: str) -> str:
    way = "out" if isinstance(case, OutgoingRequest) else "in"
    page = client.get(f"/{way}/{case.public_id}/").content.decode()
    return page.split(f'id="short-{key}"')[1].split("</section>")[0]


def test_every_act_of_a_person_on_these_rows_has_its_screen() -> None:
    people = set(Role) - {Role.TIMER, Role.FOREIGN_OFFICER}
    for machine in MACHINES:
        if not machine.KIND.startswith(("spontaneous_", "team_")):
            continue
        acts = [
            act
            for act, roles in capability_table().items()
            if act.startswith(f"{machine.KIND}.") and people & {Role(one) for one in roles}
        ]
        assert acts
        assert [act for act in acts if screen_of(*act.split(".")) is None] == []


def test_information_is_offered_accepted_given_used_and_followed_at_the_desk(both: Both) -> None:
    line = both.line
    ours, theirs = signed_in(line.supervisor), signed_in(line.their_supervisor)
    shown = section(theirs, both.theirs, "M1")
    for told in ("Confidentiality of what is sent", "not answered yet", "not given yet", 'aria-current="step"'):
        assert told in shown, told
    # What is not accepted is not given, and the page says why.
    assert "the conditions are not accepted yet" in section(ours, both.ours, "M1")
    refused(theirs, both.into(), "decline", "This field is required")
    done(theirs, both.into(), "accept", answer="Gladly.")
    refused(ours, both.out(), "give", "Attach the files, or write the information.")
    file = SimpleUploadedFile("list.txt", b"214 names", content_type="text/plain")
    done(ours, both.out(), "give", words="<b>214</b> names", evidence=[file])
    for client, case in ((ours, both.ours), (theirs, both.theirs)):
        shown = section(client, case, "M1")
        assert "accepted: they bind" in shown and "list.txt" in shown
        assert "&lt;b&gt;214&lt;/b&gt;" in shown
    desk = signed_in(line.their_desk)
    refused(desk, both.into(), "use", "in the future", kind="evidence", on=day(3))
    done(desk, both.into(), "use", kind="defence", on=day(3), words="To the court at Tirana.")
    shown = section(ours, both.ours, "M1")
    assert "told before the disclosure" in shown and "UNTOC 18(5)" in shown
    done(desk, both.into(), "follow")
    begun = both.into().followed().get().outgoing
    assert begun is not None
    assert f"/out/{begun.public_id}/" in section(desk, both.theirs, "M1")
    done(signed_in(line.registry), both.out(), "note_request", reference="AL-7/2027")
    assert "AL-7/2027" in section(ours, both.ours, "M1")
    done(ours, both.out(), "close")
    assert "Close the information" in ours.get(f"/out/{both.ours.public_id}/").content.decode()


def test_other_states_word_is_recorded_with_its_proof(both: Both) -> None:
    line = both.line
    registry = signed_in(line.registry)
    refused(registry, both.out(), "note_decline", "This field is required", reason="No.")
    done(registry, both.out(), "note_decline", **proven(reason="Our law forbids secrecy."))
    ours = signed_in(line.supervisor)
    refused(ours, both.out(), "give", "This field is required", words="Names.")
    done(ours, both.out(), "give", words="Names.", reason="Lives are at stake.")
    shown = section(ours, both.ours, "M1")
    assert "declined: none binds" in shown and "Lives are at stake." in shown
    done(registry, both.out("M4"), "note_use", **proven(kind="evidence", on=day(0)))
    done(signed_in(line.their_registry), both.into("M2"), "note_information", words="Came by post.")
    assert "Came by post." in section(signed_in(line.their_desk), both.theirs, "M2")


SIGNED: dict[str, Any] = {
    "office": "Prosecutor general", "purposes": "To find who attacked the hospitals.",
    "evidence_rules": "For the purpose of the team.", "state_1": "DE", "role_1": "leader", "office_1": "Head of division",
    "state_2": "AL", "role_2": "leader", "office_2": "Special prosecutor",
}  # fmt: skip


def paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("agreement.pdf", AGREEMENT, content_type="application/pdf")


def test_team_is_negotiated_signed_extended_and_ended_at_the_desk(both: Both) -> None:
    line = both.line
    ours, theirs = signed_in(line.supervisor), signed_in(line.their_supervisor)
    refused(ours, both.team, "propose", "Attach the draft, or write the comment.")
    draft = SimpleUploadedFile("draft.txt", b"Article 1", content_type="text/plain")
    done(ours, both.team, "propose", words="Our draft.", file=draft)
    sha256 = both.their_team.proposals().get().sha256
    for client, row, case in ((ours, both.team, both.ours), (theirs, both.their_team, both.theirs)):
        assert "Our draft." in section(client, case, "M3")
        got = client.get(f"/teams/{row.public_id}/files/{sha256}")
        assert b"".join(got.streaming_content) == b"Article 1"  # type: ignore[attr-defined]
    # Officers of a State that is no party do not see it, nor its files.
    stranger = signed_in(officer(Role.SUPERVISOR, "fr-central"))
    assert stranger.get(do(both.team, "sign")).status_code == 404
    assert stranger.get(f"/teams/{both.team.public_id}/files/{sha256}").status_code == 404
    assert ours.get(f"/teams/{both.team.public_id}/files/{'0' * 64}").status_code == 404
    assert ours.get(f"/teams/{both.their_team.public_id}/files/{sha256}").status_code == 404
    days = {"on": day(0), "begins": day(0), "until": day(90)}
    one_leader = SIGNED | {"office_2": ""}
    refused(ours, both.team, "sign", "in each of the two States", agreement=paper(), **days, **one_leader)
    refused(ours, both.team, "sign", "before the first one", agreement=paper(), **(days | {"until": day(-1)}), **SIGNED)
    done(ours, both.team, "sign", agreement=paper(), **days, **SIGNED)
    asked = theirs.get(do(both.their_team, "countersign")).content.decode()
    assert "For the purpose of the team." in asked and both.team.agreement_sha256 in asked
    refused(theirs, both.their_team, "countersign", "another text", on=day(0), office="SP", sha256="0" * 64)
    done(theirs, both.their_team, "countersign", on=day(0), office="SP", sha256=both.team.agreement_sha256)
    done(signed_in(line.desk), both.team, "start", on=day(0))
    refused(ours, both.team, "ask_extension", "Choose a day after", until=day(90))
    done(ours, both.team, "ask_extension", until=day(180), words="Two more servers.")
    assert "Two more servers." in theirs.get(do(both.their_team, "agree_extension")).content.decode()
    done(theirs, both.their_team, "agree_extension")
    shown = section(ours, both.ours, "M3")
    for told in ("Head of division", "team-extended", "as signed until", "agreed", "in 180 days"):
        assert told in shown, told
    refused(ours, both.team, "end", "its time runs until", how="run_out", on=day(0))
    done(ours, both.team, "end", how="notice", on=day(0), words="The inquiry here is closed.")
    shown = section(theirs, both.theirs, "M3")
    assert "binds on, although the team has ended" in shown and "told by the other State" in shown


def test_registries_record_a_team_by_hand(both: Both) -> None:
    ours, row = signed_in(both.line.registry), both.team
    done(ours, row, "note_proposal", **proven(words="By letter."))
    days = {"on": day(0), "begins": day(0), "until": day(90)}
    done(ours, row, "note_signature", **proven(agreement=paper(), **days, **SIGNED))
    chief = signed_in(both.line.supervisor)
    done(chief, row, "countersign", on=day(0), office="PG", sha256=both.team.agreement_sha256)
    done(ours, row, "note_start", **proven(on=day(0)))
    done(ours, row, "note_extension_asked", **proven(until=day(100)))
    done(chief, row, "decline_extension", words="No.")
    done(chief, row, "ask_extension", until=day(120))
    done(ours, row, "note_extension_declined", **proven(words="Neither."))
    done(chief, row, "ask_extension", until=day(110))
    done(ours, row, "note_extension_agreed", **proven())
    done(ours, row, "note_end", **proven(how="by_agreement", on=day(0)))
    assert (both.team.status, both.team.until) == ("ended", in_days(110))


def test_team_whose_time_is_over_is_shown_as_run_out(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    active(both)
    assert "Run out:" not in section(signed_in(both.line.desk), both.ours, "M3")
    monkeypatch.setattr("workflows.web.templatetags.offering._today", lambda: in_days(91))
    assert "Run out:" in section(signed_in(both.line.desk), both.ours, "M3")


def test_pictures_follow_the_days_and_the_steps() -> None:
    first = dt.date(2026, 1, 1)
    bar = team_bar(
        begins=first,
        first_until=dt.date(2026, 1, 10),
        extended=[dt.date(2026, 1, 20)],
        ended=None,
        today=dt.date(2026, 1, 6),
    )
    assert [(one.x, one.width, one.extended) for one in bar.stretches] == [(0, 500, False), (500, 500, True)]
    assert (bar.today_x, bar.run_out, bar.last) == (250, False, dt.date(2026, 1, 20))
    late = team_bar(begins=first, first_until=first, extended=[], ended=None, today=dt.date(2026, 2, 1))
    assert (late.run_out, late.today_x) == (True, None)
    assert not team_bar(begins=first, first_until=first, extended=[], ended=first, today=dt.date(2026, 2, 1)).run_out
    way = [("a", "A"), ("b", "B"), ("c", "C")]
    assert [one.state for one in steps(way, "b")] == ["past", "now", "ahead"]


def test_second_press_is_told_and_does_nothing_twice(both: Both) -> None:
    client, address = signed_in(both.line.their_supervisor), do(both.into(), "accept")
    said = {"expected_version": both.into().version}
    assert client.post(address, said).status_code == 302
    assert client.post(address, said).status_code in {409, 422}
    assert both.into().version == 2
