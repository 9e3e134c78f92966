"""Break-glass: sight of one restricted case, to read, for hours; before it and beside it nobody learns anything."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.models import Role, User
from mla.audit.models import AuditEntry
from mla.core import clock
from mla.core.ids import uuid7
from tests.factories import Line, officer
from workflows.drafting.models import LetterOfRequest, NamedOfficer
from workflows.drafting.selectors import access_letter_by_id
from workflows.engine.errors import ActForbidden, ConditionsNotMet, DataWrong
from workflows.engine.perform import perform, recording_refusals
from workflows.lifecycle.models import BreakGlass, BreakGlassAttempt, IncomingRequest, OutgoingRequest
from workflows.lifecycle.selectors import (
    access_incoming_by_id,
    access_outgoing_by_id,
    visible_incoming,
    visible_items,
    visible_outgoing,
)
from workflows.lifecycle.selectors_break_glass import access_break_glass_by_id, break_glass_to_tell, opened_case
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services.break_glass import (
    TooManyAttempts,
    break_glass_end,
    break_glass_open,
    break_glass_review,
)
from workflows.lifecycle.services.incoming import Received

pytestmark = pytest.mark.django_db

WHY = {"purpose": "danger", "words": "A child is named as the next victim."}


def restricted_out(line: Line) -> OutgoingRequest:
    """Return a request out of our authority whose letter names its drafter alone, with a reference."""
    case = line.lodged()
    LetterOfRequest.objects.filter(pk=case.letter_id).update(confidentiality="restricted")
    NamedOfficer.objects.create(letter=case.letter, user_id=line.prosecutor.user_id, at=clock.now())
    # The register gives a reference at the approval; here it is the reference that counts.
    OutgoingRequest.objects.filter(pk=case.pk).update(reference=f"{case.central.code}/out/2026/09001")
    case.refresh_from_db()
    return case


def restricted_in(line: Line, named: Actor) -> IncomingRequest:
    from mla.reference.models import Authority

    content = line.letter.content() | {"confidentiality": {"level": "restricted"}}
    sender = Authority.objects.get(code=line.letter.requesting.authority)
    case = inward.incoming_receive(
        received=Received(uuid7(), sender, "Q 77/26", content, "0" * 64, "0" * 64, "paper"), by=line.their_registry
    )
    user = User.objects.get(pk=named.user_id)
    return inward.incoming_name_officer(incoming=case, by=line.their_supervisor, user=user)


def seen(actor: Actor) -> tuple[Any, ...]:
    return (
        list(visible_outgoing(actor).values_list("pk", flat=True)),
        list(visible_incoming(actor).values_list("pk", flat=True)),
        visible_items(actor).count(),
    )


@pytest.fixture
def line() -> Line:
    return Line()


def test_case_on_each_side_is_opened_to_be_read_for_hours_and_told_at_once(line: Line, settings: Any) -> None:
    settings.BREAK_GLASS_HOURS = 2
    out, inward_case = restricted_out(line), restricted_in(line, line.their_desk)
    for case, by, named, auditor in (
        (out, line.supervisor, line.prosecutor, officer(Role.AUDITOR, line.letter.requesting.authority or "")),
        (inward_case, officer(Role.DUTY_OFFICER, line.letter.requested.authority or ""), line.their_desk,
         officer(Role.AUDITOR, line.letter.requested.authority or "")),
    ):  # fmt: skip
        before = seen(by)
        opened = break_glass_open(by=by, reference=f" {case.reference.lower()} ", **WHY)
        assert opened_case(by, opened.public_id) == (opened, case.public_id)
        assert round((opened.until - opened.created_at) / dt.timedelta(minutes=1)) == 120
        # Once for as long as it holds.
        assert break_glass_open(by=by, reference=case.reference, **WHY) == opened
        [entry] = AuditEntry.objects.filter(act="break_glass.open", object_id=str(opened.public_id))
        assert (entry.authority_id, entry.reason_code, entry.reason) == (by.authority_id, "danger", WHY["words"])
        assert entry.detail["case"] == str(case.public_id)
        # Told to the auditor, the named person and whoever opened; to no colleague.
        assert [break_glass_to_tell(actor) for actor in (auditor, named, by)] == [[opened]] * 3
        colleague = officer(by.role, case.authority.code if case.KIND == "incoming" else out.central.code, 7)
        assert break_glass_to_tell(colleague) == []
        with pytest.raises(AccessDenied):
            access_break_glass_by_id(colleague, opened.public_id)
        for other in (colleague, auditor, named):
            with pytest.raises(AccessDenied):
                opened_case(other, opened.public_id)
        # It is in no list and no number, and its own pages and acts stay closed.
        assert seen(by) == before
        access: Any = access_outgoing_by_id if case.KIND == "outgoing" else access_incoming_by_id
        with pytest.raises(AccessDenied):
            access(by, case.public_id)
    with pytest.raises(AccessDenied):
        access_letter_by_id(line.supervisor, out.letter.public_id)


def test_sight_ends_with_its_time_by_hand_and_with_the_hat(line: Line) -> None:
    restricted = restricted_out(line)
    opened = break_glass_open(by=line.supervisor, reference=restricted.reference, **WHY)
    duty = officer(Role.DUTY_OFFICER, restricted.central.code)
    both = Actor("user", line.supervisor.id, "x", duty.role, duty.authority_id, line.supervisor.user_id)
    with pytest.raises(AccessDenied):
        opened_case(both, opened.public_id)
    with pytest.raises(ActForbidden):
        perform(opened, "end", by=duty)
    ended = break_glass_end(opened=opened, by=line.supervisor)
    with pytest.raises(AccessDenied):
        opened_case(line.supervisor, opened.public_id)
    with pytest.raises(ConditionsNotMet):
        break_glass_end(opened=ended, by=line.supervisor)
    again = break_glass_open(by=line.supervisor, reference=restricted.reference, **WHY)
    assert again != opened
    BreakGlass.objects.filter(pk=again.pk).update(until=clock.now())
    with pytest.raises(AccessDenied):
        opened_case(line.supervisor, again.public_id)
    assert break_glass_to_tell(line.supervisor) == []


def test_auditor_says_what_came_of_it_and_never_of_an_own_opening(line: Line) -> None:
    restricted = restricted_out(line)
    opened = break_glass_open(by=line.supervisor, reference=restricted.reference, **WHY)
    auditor = officer(Role.AUDITOR, restricted.central.code)
    same = Actor("user", line.supervisor.id, "x", Role.AUDITOR, auditor.authority_id, line.supervisor.user_id)
    for by, reason in ((same, "I was right."), (auditor, " ")):
        with pytest.raises(ConditionsNotMet):
            break_glass_review(opened=opened, by=by, reason=reason)
    with pytest.raises(ActForbidden):
        break_glass_review(opened=opened, by=line.supervisor, reason="I was right.")
    with pytest.raises(ActForbidden):
        break_glass_review(
            opened=opened, by=officer(Role.AUDITOR, line.letter.requested.authority or ""), reason="Another house."
        )
    reviewed = break_glass_review(opened=opened, by=auditor, reason="Justified: the call of that night is logged.")
    assert (reviewed.status, reviewed.review_words) == ("reviewed", "Justified: the call of that night is logged.")
    assert break_glass_to_tell(auditor) == []
    # The named person still reads it, with the auditor's words.
    assert break_glass_to_tell(line.prosecutor) == [reviewed]


def test_what_cannot_be_opened_is_answered_alike_with_the_same_work_and_recorded(line: Line) -> None:
    restricted, theirs = restricted_out(line), restricted_in(line, line.their_desk)
    open_one = line.taken_in()
    OutgoingRequest.objects.filter(pk=open_one.pk).update(reference="PLAIN/1")
    unnamed = inward.incoming_receive(
        received=Received(uuid7(), theirs.sender, "R 1", theirs.content, "1" * 64, "0" * 64, "paper"),
        by=line.their_registry,
    )
    told, work = set(), set()
    for by, reference in (
        (line.supervisor, "NOTHING/1"),
        (line.supervisor, "PLAIN/1"),
        (line.supervisor, theirs.reference),
        # Open to a supervisor as long as nobody is named.
        (line.their_supervisor, unnamed.reference),
        (line.their_supervisor, restricted.reference),
    ):
        BreakGlassAttempt.objects.all().delete()
        with CaptureQueriesContext(connection) as asked, pytest.raises(AccessDenied) as refused, recording_refusals():
            break_glass_open(by=by, reference=reference, **WHY)
        told.add(str(refused.value).replace(reference, ""))
        work.add(tuple(query["sql"].split()[0] for query in asked if 'INSERT INTO "audit' not in query["sql"]))
    assert (len(told), len(work)) == (1, 1)
    refusals = AuditEntry.objects.filter(outcome="refused", object_type="restricted case")
    assert refusals.count() == 5
    assert not BreakGlass.objects.exists()
    # A role that may not open learns nothing either, and nothing is looked up.
    with pytest.raises(AccessDenied):
        break_glass_open(by=line.desk, reference=restricted.reference, **WHY)


def test_purpose_is_asked_first_and_attempts_are_counted_whatever_comes_of_them(line: Line, settings: Any) -> None:
    settings.BREAK_GLASS_ATTEMPTS = 3
    restricted = restricted_out(line)
    for wrong in ({"purpose": "curiosity"}, {"words": "short"}, {"words": "x" * 501}):
        with pytest.raises(DataWrong):
            break_glass_open(by=line.supervisor, reference=restricted.reference, **(WHY | wrong))
    assert not BreakGlassAttempt.objects.exists()
    for reference in ("A/1", "A/2"):
        with pytest.raises(AccessDenied):
            break_glass_open(by=line.supervisor, reference=reference, **WHY)
    break_glass_open(by=line.supervisor, reference=restricted.reference, **WHY)
    with pytest.raises(TooManyAttempts):
        break_glass_open(by=line.supervisor, reference=restricted.reference, **WHY)
    # Another person's attempts are another person's; an hour later one may ask again.
    with pytest.raises(AccessDenied):
        break_glass_open(by=officer(Role.DUTY_OFFICER, restricted.central.code), reference="A/3", **WHY)
    BreakGlassAttempt.objects.update(at=clock.now() - dt.timedelta(minutes=61))
    assert break_glass_open(by=line.supervisor, reference=restricted.reference, **WHY).holds
