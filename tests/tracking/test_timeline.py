"""The timeline of each side: whole, in order, in human words, and blind to the other side."""

from __future__ import annotations

import datetime as dt
import io
import json
import re

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.capabilities import capability_table
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.core import clock
from tests.factories import Line, officer
from tests.tracking.lives import MONDAY, closed_case, on_day, sent_case
from workflows.engine.acts import one_act
from workflows.engine.errors import ActForbidden
from workflows.engine.perform import recording_refusals
from workflows.lifecycle.models import IncomingRequest
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course
from workflows.tracking.ball import waiting
from workflows.tracking.cases import UnknownReference, case_by_reference
from workflows.tracking.labels import OTHER_ACTS, act_label
from workflows.tracking.timeline import case_ball, case_timeline, parties_of

LAST = MONDAY + dt.timedelta(days=40)


@pytest.mark.django_db
def test_timeline_of_a_closed_case_is_whole_and_tells_who_waited_for_whom() -> None:
    _line, outgoing, incoming = closed_case()
    entries = case_timeline(None, outgoing)
    assert [entry.seq for entry in entries] == sorted(entry.seq for entry in entries)
    # Each entry of our two authorities is there, once: the tests' database holds one case.
    ours = AuditEntry.objects.filter(authority_id__in=[outgoing.central_id, outgoing.originating_id])
    assert [entry.seq for entry in entries] == list(ours.order_by("id").values_list("id", flat=True))
    assert all(entry.label != entry.act for entry in entries)
    on_case = [(entry.label, entry.from_label, entry.to_label) for entry in entries if entry.on_case]
    assert on_case[0] == ("Begin the request", "", "drafting")
    assert ("Approve this version", "in review", "approved") in on_case
    assert on_case[-1] == ("Close the case", "concluded", "closed")
    approved = next(entry for entry in entries if entry.act == "outgoing.approve")
    assert approved.at == MONDAY + dt.timedelta(days=7) and approved.authority == "us-central"
    assert approved.role == "supervisor" and approved.ids["content_hash"] == outgoing.approved_hash
    delivered = next(entry for entry in entries if entry.act == "transmission.deliver")
    assert delivered.ids["channel"] == "local" and delivered.ids["receipt"].startswith("delivered ")
    assert len(delivered.ids["hash"]) == 64

    held = case_ball(outgoing, entries)
    codes = parties_of(outgoing)
    days = [(codes[stretch.authority_id], stretch.days(LAST)) for stretch in held[:-1] if stretch.days(LAST)]
    assert days == [
        ("us-prosecutor", 1),
        ("us-central", 3),
        ("us-central", 3),
        ("is-central", 3),
        ("is-central", 2),
        ("us-central", 2),
        ("is-central", 3),
        ("is-central", 20),
        ("us-central", 1),
        ("us-central", 2),
    ]
    assert held[-1].authority_id is None and held[-1].party == "nobody"
    total = {codes[pk]: time.days for pk, time in waiting(held, LAST).items()}
    assert total == {"us-prosecutor": 1, "us-central": 11, "is-central": 28}

    theirs = case_timeline(None, incoming)
    assert not {entry.seq for entry in theirs} & {entry.seq for entry in entries}
    assert {entry.act.partition(".")[0] for entry in theirs} == {
        "incoming", "item", "message", "preservation_in", "transmission",
    }  # fmt: skip
    held = case_ball(incoming, theirs)
    codes = parties_of(incoming)
    assert {codes[pk]: time.days for pk, time in waiting(held, LAST).items()} == {
        "is-central": 10,
        "is-executing": 20,
        "us-central": 3,
    }


@pytest.mark.django_db
def test_foreign_side_sees_its_own_entries_and_never_ours() -> None:
    line, outgoing, incoming = sent_case()
    ours = {entry.seq for entry in case_timeline(line.registry, outgoing)}
    theirs = case_timeline(line.their_registry, incoming)
    assert theirs and not ours & {entry.seq for entry in theirs}
    assert {entry.authority_id for entry in theirs if entry.who_kind == "user"} <= {incoming.authority_id}
    for stranger in (line.their_registry, Actor.peer(outgoing.addressee)):
        with pytest.raises(AccessDenied):
            case_timeline(stranger, outgoing)
    with pytest.raises(AccessDenied):
        case_timeline(line.registry, incoming)


@pytest.mark.django_db
def test_central_authority_learns_of_the_draft_what_was_handed_on_and_not_the_drafting() -> None:
    line = Line()
    outgoing = line.taken_in()
    own = [entry.act for entry in case_timeline(line.prosecutor, outgoing)]
    central = [entry.act for entry in case_timeline(line.desk, outgoing)]
    assert "letter.add_annex" in own and "letter.add_annex" not in central
    assert [act for act in own if act != "letter.add_annex"] == central
    assert {"letter.freeze", "outgoing.lodge", "outgoing.take_in"} <= set(central)


@pytest.mark.django_db
def test_refused_attempt_is_in_the_audit_and_not_in_the_timeline() -> None:
    line = Line()
    outgoing = line.in_review()
    before = [entry.seq for entry in case_timeline(None, outgoing)]
    with pytest.raises(ActForbidden), recording_refusals(), one_act():
        chain.outgoing_approve(
            outgoing=outgoing, by=line.desk, content_hash=line.hash_of(outgoing), rights_screened=True
        )
    assert AuditEntry.objects.filter(object_id=str(outgoing.public_id), outcome="refused").count() == 1
    assert [entry.seq for entry in case_timeline(None, outgoing)] == before


@pytest.mark.django_db
def test_timeline_takes_the_same_number_of_queries_however_long_it_is() -> None:
    line, outgoing, _incoming = sent_case()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert case_timeline(line.registry, outgoing)
        return len(captured)

    short, length = queries(), len(case_timeline(line.registry, outgoing))
    with on_day(9):
        line.in_execution(IncomingRequest.objects.get(conversation_id=outgoing.conversation_id))
    assert len(case_timeline(line.registry, outgoing)) > length + 5
    assert queries() == short <= 12


@pytest.mark.django_db
def test_case_is_found_by_our_reference_and_theirs_by_whoever_may_see_it() -> None:
    line, outgoing, incoming = sent_case()
    with on_day(8):
        line.under_review(incoming)
    outgoing.refresh_from_db()
    for reference in (outgoing.reference, f" {incoming.reference.lower()} "):
        assert case_by_reference(None, reference) == [outgoing, incoming]
        assert case_by_reference(line.registry, reference) == [outgoing]
        assert case_by_reference(line.their_registry, reference) == [incoming]
    stranger = officer(Role.REGISTRY, "fr-central")
    for actor, reference in ((stranger, outgoing.reference), (None, "US-CENTRAL/out/2026/99999"), (None, " ")):
        with pytest.raises(UnknownReference):
            case_by_reference(actor, reference)


@pytest.mark.django_db
def test_command_prints_both_sides_with_references_open_points_and_deadlines() -> None:
    _line, outgoing, incoming = sent_case()
    with on_day(9):
        outgoing.refresh_from_db()
        course.outgoing_note_question(
            outgoing=outgoing,
            by=Actor.peer(outgoing.addressee),
            question="Which of the secret accounts?",
            due=dt.date(2026, 3, 30),
        )
    with clock.frozen(MONDAY + dt.timedelta(days=30)):
        text = printed(outgoing.reference)
    first, second = text.split("Request in to is-central from us-central")
    assert first.startswith("Request out of us-central to is-central")
    assert f"our reference    {outgoing.reference}" in first and f"their reference  {outgoing.reference}" in second
    assert incoming.reference in second
    assert "waits for        us-central, a question of the other State is open, since 21 days" in first
    assert re.search(r"information: asked by .* 2026-03-18 09:00:00, due 2026-03-30", first)
    assert re.search(r"2026-03-30 +9 days overdue +answer to a question", first)
    assert re.search(r"acknowledgement \(own target, not a legal limit; for is-central\)", second)
    assert re.search(r"2026-03-16 09:00:00 +Officer supervisor 1, supervisor, us-central +Approve", first)
    assert "secret" not in text and outgoing.letter.title not in text
    with pytest.raises(CommandError, match="no case here has the reference 'nothing/1'"):
        call_command("timeline", "nothing/1")


@pytest.mark.django_db
def test_command_as_json_gives_hashes_whole_and_no_text_of_the_case() -> None:
    _line, outgoing, incoming = closed_case()
    text = printed(incoming.reference, json=True)
    cases = json.loads(text)["cases"]
    assert [(case["side"], case["status"], case["outcome"]) for case in cases] == [
        ("outgoing", "closed", "executed"),
        ("incoming", "closed", "executed"),
    ]
    assert (cases[0]["reference"], cases[0]["peer_reference"]) == (outgoing.reference, incoming.reference)
    approve = next(entry for entry in cases[0]["timeline"] if entry["act"] == "outgoing.approve")
    assert approve["ids"]["content_hash"] == outgoing.approved_hash and approve["at"] == "2026-03-16T09:00:00Z"
    assert cases[1]["held"][0]["authority"] == "is-central"
    for secret in ("Which account?", "The first one.", outgoing.letter.title):
        assert secret not in text


def printed(reference: str, **options: bool) -> str:
    out = io.StringIO()
    call_command("timeline", reference, stdout=out, **options)
    return out.getvalue()


def test_acts_outside_the_machines_have_words_and_an_unknown_act_keeps_its_name() -> None:
    created = {act for act in capability_table() if act.endswith((".create", ".receive", ".queue", ".write"))}
    assert (
        created | {"job.replay", "job.skip"}
        <= set(OTHER_ACTS)
        <= set(capability_table()) | {"job.enqueue_again", "list.export"}
    )
    assert act_label("outgoing.no_such_act") == "outgoing.no_such_act"
