"""Emergency disclosures and transfers in custody on the pages of both sides: the picture, the words, each act by its form."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from mla.accounts.capabilities import capability_table
from mla.accounts.models import Role
from mla.core import clock
from tests.factories import officer
from tests.lifecycle.conftest import arrived, one_transaction, savepoint, world
from tests.lifecycle.short_letters import CONSENT, MOVED, Both, arrangements, both, module_world
from tests.web.conftest import day, signed_in
from workflows.lifecycle.models import RecordedProof
from workflows.lifecycle.short import MACHINES
from workflows.web.acts import screen_of
from workflows.web.templatetags.minutes import custody_bar, hours_minutes

__all__ = ["arrived", "both", "module_world", "one_transaction", "savepoint", "world"]


def proven(**said: Any) -> dict[str, Any]:
    slip = SimpleUploadedFile("slip.pdf", b"%PDF-1.7 slip", content_type="application/pdf")
    return {"proof": slip, "proof_channel": "24_7", "proof_day": day(0), **said}


def do(row: Any, act: str, by: Any, **said: Any) -> int:
    return int(signed_in(by).post(f"/{row.KIND}/{row.public_id}/do/{act}", said).status_code)


def page(case: Any, by: Any) -> str:
    way = "out" if case.KIND == "outgoing" else "in"
    return " ".join(signed_in(by).get(f"/{way}/{case.public_id}/").content.decode().split())


def plain(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in said.items()}


def test_every_act_of_a_person_on_a_short_machine_has_a_screen() -> None:
    people = frozenset(Role) - {Role.TIMER, Role.FOREIGN_OFFICER}
    kinds = {machine.KIND for machine in MACHINES}
    wanted = [
        act
        for act, roles in capability_table().items()
        if act.partition(".")[0] in kinds and people & {Role(role) for role in roles}
    ]
    assert len(wanted) >= 56 and not [act for act in wanted if screen_of(*act.split(".")) is None]


def test_lengths_are_said_to_the_minute() -> None:
    said = [hours_minutes(dt.timedelta(minutes=minutes)) for minutes in (0, 7, 125, 1445)]
    assert said == ["0 min", "7 min", "2 h 05 min", "1 d 0 h 05 min"]


def test_emergency_is_answered_on_the_page_and_recorded_by_hand_with_proof(both: Both) -> None:
    duty, theirs, registry = both.duty, both.their_duty, both.line.registry
    with clock.frozen(both.emergency_in.started_at + dt.timedelta(minutes=42)):
        shown = page(both.theirs, theirs)
        assert "42 min" in shown and "without an answer" in shown and "Take the emergency up" in shown
        assert 'aria-current="step"' in shown and "emergency: the next answer" in shown
    assert do(both.emergency_in, "take_up", duty) == 404, "the other side's officer"
    assert do(both.emergency_in, "take_up", both.line.their_registry) == 403
    assert do(both.emergency_in, "take_up", theirs) == 302
    assert do(both.emergency_in, "ask_facts", theirs, question="Which account?") == 302
    both.drain()
    assert "Which account?" in page(both.ours, duty)
    assert do(both.emergency_out, "give_facts", duty, answer="That of I1.") == 302
    # Their word by telephone, recorded here with its proof; then by their message.
    assert do(both.emergency_out, "note_declined", registry, ground="not_held", reason="Nothing there.") == 422
    assert do(both.emergency_out, "note_declined", registry, **proven(ground="nonsense", reason="x")) == 422
    assert do(both.emergency_out, "note_declined", registry, **proven(ground="not_held", reason="Nothing.")) == 302
    assert RecordedProof.objects.filter(outgoing=both.ours, act="emergency_out.note_declined").count() == 1
    shown = page(both.ours, both.line.supervisor)
    assert "nobody in this State holds the data" in shown and "Give more facts" in shown
    both.drain()
    assert do(both.emergency_in, "disclose", theirs, what="Two addresses.") == 302
    assert do(both.emergency_in, "ask_followup", theirs, why="declared", due=day(-2)) == 422
    assert do(both.emergency_in, "ask_followup", theirs, why="declared", due=day(14)) == 302
    both.drain()
    shown = page(both.ours, both.line.supervisor)
    assert "Two addresses." in shown and "declared that it requires one" in shown and "until the answer" in shown
    assert "request in writing after an emergency disclosure" in shown
    regularise = {"on": day(0), "reference": "no such reference"}
    assert do(both.emergency_out, "regularise", both.line.supervisor, **regularise) == 422
    assert do(both.emergency_out, "regularise", both.line.supervisor, on=day(0), words="By note.") == 302
    both.drain()
    assert "By note." in page(both.theirs, theirs)
    assert do(both.emergency_in, "close", both.line.their_supervisor) == 302
    assert both.emergency_in.status == "closed"


def test_transfer_is_arranged_extended_and_ended_on_both_pages_with_its_bar(both: Both) -> None:
    line = both.line
    registry, supervisor = line.registry, line.their_supervisor
    assert "Record the consent of the person" in page(both.theirs, supervisor)
    assert "Record the consent of the person" not in page(both.ours, line.supervisor), "they hold the person"
    assert do(both.custody_out, "record_consent", line.supervisor, on=day(0), **CONSENT) == 422
    assert do(both.custody_in, "record_consent", supervisor, on=day(3), **CONSENT) == 422
    assert do(both.custody_in, "record_consent", supervisor, on=day(0), **CONSENT) == 302
    asked = plain(arrangements())
    assert do(both.custody_in, "agree_arrangements", supervisor, **(asked | {"return_on": day(-1)})) == 422
    assert do(both.custody_in, "agree_arrangements", supervisor, **asked) == 302
    both.drain()
    shown = page(both.ours, registry)
    assert "Austria" in shown and "Counts in full." in shown and "custody-picture" in shown
    assert do(both.custody_out, "note_transfer", registry, on=day(0), **MOVED) == 422, "their word needs its proof"
    assert do(both.custody_out, "record_transfer", registry, on=day(0), **MOVED) == 302
    both.drain()
    for case, by in ((both.ours, registry), (both.theirs, supervisor)):
        shown = page(case, by)
        assert "To be back by" in shown and "return of a person in custody" in shown and "Prison escort" in shown
    assert "Not yet:" in page(both.ours, line.supervisor) or both.ours.status != "concluded"
    assert do(both.custody_out, "ask_extension", line.supervisor, on=day(30), reason="Put off.") == 302
    both.drain()
    assert "Put off." in page(both.theirs, supervisor)
    assert do(both.custody_in, "extend_return", supervisor, on=day(28)) == 302
    both.drain()
    assert both.custody_out.return_on == both.custody_in.return_on
    with clock.frozen(clock.now() + dt.timedelta(days=31)):
        for case, by in ((both.ours, registry), (both.theirs, supervisor)):
            shown = page(case, by)
            assert "The person is not back." in shown and "planner-ended" in shown
        bar = custody_bar(both.custody_out)
        assert bar is not None and bar.late_x and bar.days_left == -3 and bar.x < bar.late_x <= 1000
    released = {"on": day(0), "why": "sentence_served", "words": "Served."}
    assert do(both.custody_out, "note_released", registry, **released) == 422
    assert do(both.custody_out, "note_released", registry, **proven(**released)) == 302
    shown = page(both.ours, registry)
    assert "Return waived" in shown and "the sentence is served" in shown and "To be back by" not in shown
    stranger = officer(Role.SUPERVISOR, "fr-central")
    assert do(both.custody_in, "release", stranger, **released) == 404
