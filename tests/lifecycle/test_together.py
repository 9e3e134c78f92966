"""Contacts, likenesses and operations: each act refused and done in one test, and nobody learns of what he may not see."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.models import Role, User
from mla.core import clock
from tests.factories import officer
from tests.lifecycle.acting import Act, codes_of, nothing_changed, state_of, try_act
from tests.lifecycle.conftest import World
from workflows.drafting.selectors import current_version
from workflows.engine.errors import ActForbidden, ConditionsNotMet, DataWrong
from workflows.lifecycle.alike import digest_of, traits_of_letter, traits_of_received
from workflows.lifecycle.links import linked_cases
from workflows.lifecycle.models import AlikeDecision, AlikeKey, ContactEntry, IncomingRequest
from workflows.lifecycle.models.incoming import IncomingNamedOfficer
from workflows.lifecycle.selectors import access_operation_by_id
from workflows.lifecycle.selectors_together import (
    alike_cases,
    alike_to_received,
    alike_to_version,
    cases_of_operation,
    operations_of,
)
from workflows.lifecycle.services import operations as ops
from workflows.lifecycle.services import together
from workflows.lifecycle.services.incoming import OnPaper, incoming_register
from workflows.lifecycle.services.together import Contact, UnknownContact

pytestmark = pytest.mark.usefixtures("arrived")

CALL: dict[str, Any] = {
    "kind": "liaison", "direction": "ours", "zone": "Europe/Tirane", "office": "Liaison office at Tirana",
    "summary": "They have the letter and ask for the port.",
}  # fmt: skip


def in_days(days: int) -> dt.date:
    return clock.now().date() + dt.timedelta(days=days)


def log(case: Any, by: Actor, data: Any) -> Any:
    corrects = data.get("corrects")
    told = {"at": clock.now()} | CALL | {name: value for name, value in data.items() if name != "corrects"}
    return together.log_contact(case=case, by=by, contact=Contact(**told), corrects=corrects)


UNMET = (
    ({"summary": " "}, "summary_missing"),
    ({"kind": "pigeon"}, "kind_unknown"),
    ({"direction": ""}, "direction_unknown"),
    ({"office": "", "name": " "}, "who_missing"),
    ({"at": None}, "at_missing"),
    ({"at": dt.datetime(2090, 1, 1, tzinfo=dt.UTC)}, "at_ahead"),
    ({"zone": "Europe/Nowhere"}, "zone_unknown"),
    ({"next_due": dt.date(2090, 1, 1)}, "next_step_missing"),
    ({"next_step": "call again", "next_due": dt.date(2020, 1, 1)}, "next_due_past"),
)


def test_contact_is_noted_on_either_side_or_refused(world: World) -> None:
    for name, at, by, to in (("sent", "sent", "registry", "sent"), ("", "in_execution", "executing", "in_execution")):
        case = world.outgoing(at) if name else world.incoming(at)
        try_act(Act("log_contact", at, by, Role.LEGAL, log, to, unmet=UNMET), case, world.line)
        row = ContactEntry.objects.latest("id")
        assert (row.office, row.zone, row.next_step) == (CALL["office"], CALL["zone"], "")
        assert (row.outgoing_id, row.incoming_id) == ((case.pk, None) if name else (None, case.pk))
    with pytest.raises(ActForbidden):
        log(world.outgoing("sent"), world.line.their_desk, {})


def test_next_step_is_open_until_it_is_done_or_the_entry_corrected(world: World) -> None:
    line, case = world.line, world.outgoing("sent")
    case = log(case, line.desk, {"next_step": "call again", "next_due": in_days(9)})
    later = log(case, line.desk, {"next_step": "send the log", "next_due": in_days(20)})
    assert later.contact_due == in_days(9)
    first, second = ContactEntry.objects.order_by("id")
    done = together.contact_done(case=later, by=line.supervisor, contact_id=first.public_id, note="They called.")
    first.refresh_from_db()
    assert (first.is_open, first.done_note, done.contact_due) == (False, "They called.", in_days(20))
    before = state_of(done)
    for other, error in ((first.public_id, ConditionsNotMet), (uuid4(), UnknownContact)):
        with pytest.raises(error):
            together.contact_done(case=done, by=line.desk, contact_id=other)
    with pytest.raises(UnknownContact):
        log(world.incoming("received"), line.their_desk, {"corrects": second.public_id})
    assert nothing_changed(done, before)
    corrected = log(
        done, line.desk, {"corrects": second.public_id, "next_step": "send the log", "next_due": in_days(3)}
    )
    second.refresh_from_db()
    assert (second.is_open, second.summary, corrected.contact_due) == (False, CALL["summary"], in_days(3))
    with pytest.raises(IntegrityError), transaction.atomic():
        ContactEntry.objects.filter(pk=second.pk).update(next_step="")


# --- likenesses ---


def paper(world: World, reference: str, **more: Any) -> IncomingRequest:
    sender = world.line.their_registry.authority_id
    from mla.reference.models import Authority

    home = Authority.objects.get(pk=sender or 0)
    other = Authority.objects.exclude(jurisdiction=home.jurisdiction).filter(kind="central").order_by("id").first()
    assert other is not None
    given: dict[str, Any] = {"title": "Bank records", "channel": "paper", "scan": uuid4().bytes, "measures": ["other"]}
    told = OnPaper(conversation_id=uuid4(), sender=other, peer_reference=reference, **(given | more))
    return incoming_register(paper=told, by=world.line.their_registry)


def test_two_spellings_are_one_and_what_says_too_little_is_none() -> None:
    def of(*identifiers: dict[str, Any]) -> set[tuple[str, str]]:
        providers = [{"id": "V1", "name": "Drinarja Hosting"}, {"id": "V2", "name": "Other"}]
        return set(traits_of_letter({"identifiers": list(identifiers), "providers": providers}))

    same = [
        ({"type": "phone", "value": "+1 202 555 0143"}, {"type": "phone", "value": "+1 (202) 555-0143"}),
        ({"type": "iban", "value": "GB33 BUKB 2020 1555 5555 55"}, {"type": "bank_account", "value": "GB33BUKB20201555555555"}),
        ({"type": "email", "value": "Subject.A@example.net"}, {"type": "email", "value": "subject.a@example.net"}),
        ({"type": "ip", "value": "198.51.100.23", "at": "2026-03-01T18:22:05+00:00"},
         {"type": "ip", "value": "198.51.100.23", "at": "2026-03-01T19:22:41+01:00"}),
    ]  # fmt: skip
    for one, other in same:
        assert of(one) == of(other) != set(), one
    assert of({"type": "account", "value": "a", "provider": "V1"}) != of(
        {"type": "account", "value": "a", "provider": "V2"}
    )
    for nothing in (
        {"type": "ip", "value": "198.51.100.23"}, {"type": "ip", "value": "198.51.100.23", "at": "yesterday"},
        {"type": "phone", "value": "+1 202 *** 0143"}, {"type": "bic", "value": "BANKLV22"}, {"type": "email"}, "x",
    ):  # fmt: skip
        assert of(nothing) == set(), nothing  # type: ignore[arg-type]
    assert traits_of_letter({"identifiers": "none", "providers": 3}) == []
    assert traits_of_received(state="AL", peer_reference="12/3 ") == traits_of_received(
        state="AL", peer_reference="12-3"
    )
    assert traits_of_received(state="AL", peer_reference="1/23") != traits_of_received(
        state="AL", peer_reference="12/3"
    )
    trait = ("identifier", "email\na@example.net")
    digests = {digest_of(trait, authority_id=n, direction=way) for n in (1, 2) for way in ("outgoing", "incoming")}
    assert len(digests) == 4 and all("example" not in digest for digest in digests)


def test_request_is_shown_with_those_alike_and_never_with_a_hidden_one(world: World) -> None:
    line, first = world.line, paper(world, "ES 12/2026")
    second = paper(world, "es-12-2026")
    desk = line.their_desk
    assert [one.case.pk for one in alike_cases(second, desk)] == [first.pk]
    assert alike_cases(second, desk)[0].kinds == (AlikeKey.Kind.REFERENCE,)
    asked: dict[str, Any] = {"state": first.requesting.code, "peer_reference": "ES 12 2026", "file_sha256": ""}
    assert [one.case.pk for one in alike_to_received(desk, conversation_id=uuid4(), **asked)] == [second.pk, first.pk]
    assert alike_to_received(line.supervisor, conversation_id=uuid4(), **asked) == [], "another authority"
    hidden = paper(world, "ES 12/2026", confidentiality="restricted")
    IncomingNamedOfficer.objects.create(incoming=hidden, user_id=line.their_supervisor.user_id or 0, at=clock.now())
    assert hidden.pk not in [one.case.pk for one in alike_cases(second, desk)]
    assert hidden.pk in [one.case.pk for one in alike_cases(second, line.their_supervisor)]
    with pytest.raises(ConditionsNotMet) as unseen:
        together.decide_alike(case=second, by=desk, other=hidden, decision="related")
    assert codes_of(unseen) == ["other_unknown"]
    # The example letter that arrived names accounts; a second one of the same names is alike in the same two years.
    arrived = world.received()
    keys = AlikeKey.objects.filter(incoming=arrived, kind="identifier")
    assert keys.count() == 3
    AlikeKey.objects.create(
        authority=keys[0].authority, incoming=first, kind="identifier", digest=keys[0].digest, at=clock.now()
    )
    assert [one.case.pk for one in alike_cases(arrived, desk)] == [first.pk]
    AlikeKey.objects.filter(incoming=first, kind="identifier").update(at=clock.now() - dt.timedelta(days=800))
    assert alike_cases(arrived, desk) == []


def test_decision_links_and_is_changed_by_a_later_one(world: World) -> None:
    line, first, second = world.line, paper(world, "A 1"), paper(world, "A-1")

    def decide(case: Any, by: Actor, data: Any) -> Any:
        return together.decide_alike(case=case, by=by, **({"other": first, "decision": "duplicate_of"} | data))

    act = Act("decide_alike", "received", "their_desk", Role.LEGAL, decide, "received",
              unmet=(({"decision": "merged"}, "decision_unknown"), ({"decision": "not_alike"}, "words_missing"),
                     ({"other": second}, "other_unknown"), ({"other": world.outgoing("sent")}, "other_unknown")))  # fmt: skip
    done = try_act(act, second, line)
    (found,) = alike_cases(done, line.their_desk)  # type: ignore[arg-type]
    assert found.decided is not None and found.decided.decision == "duplicate_of"
    assert [(str(one.words), one.case) for one in linked_cases(second, line.their_desk)] == [
        ("is a duplicate of", first)
    ]
    assert [(str(one.words), one.case) for one in linked_cases(first, line.their_desk)] == [
        ("has as a duplicate", second)
    ]
    together.decide_alike(case=first, by=line.their_registry, other=second, decision="not_alike", words="Another bank.")
    assert linked_cases(second, line.their_desk) == []
    assert AlikeDecision.objects.count() == 2


def test_letter_that_is_submitted_is_compared_and_kept(world: World) -> None:
    line, case = world.line, world.outgoing("in_review")
    kept = AlikeKey.objects.filter(outgoing=case)
    assert sorted(kept.values_list("kind", flat=True)) == ["identifier", "identifier", "identifier", "letter"]
    # The module made several requests of one example letter: each looks like the others, and none like itself.
    alike = alike_cases(case, line.supervisor)
    assert alike and case.pk not in {one.case.pk for one in alike}
    drafted = world.outgoing("taken_in")
    found = alike_to_version(drafted, current_version(drafted.letter), line.desk)
    assert case.pk in {one.case.pk for one in found}
    assert AlikeKey.Kind.IDENTIFIER in found[0].kinds
    assert not AlikeKey.objects.filter(outgoing=drafted).exists()


def test_keys_are_written_anew_as_they_were(world: World) -> None:
    paper(world, "C 1")
    world.outgoing("in_review")
    before = set(AlikeKey.objects.values_list("outgoing", "incoming", "kind", "digest", "at"))
    assert {kind for _out, _in, kind, _digest, _at in before} == set(AlikeKey.Kind.values)
    AlikeKey.objects.filter(kind="identifier").delete()
    call_command("alike_index", stdout=StringIO())
    assert set(AlikeKey.objects.values_list("outgoing", "incoming", "kind", "digest", "at")) == before


# --- operations ---


def test_operation_is_opened_filled_emptied_and_closed_or_refused(world: World) -> None:
    line, sent = world.line, world.outgoing("sent")
    with pytest.raises(ActForbidden):
        ops.operation_open(by=line.registry, name="Harvest")
    with pytest.raises(DataWrong):
        ops.operation_open(by=line.desk, name="  ")
    operation = ops.operation_open(by=line.desk, name=" Night  harvest ", description="Hospitals")
    with pytest.raises(DataWrong) as taken:
        ops.operation_open(by=line.desk, name="Night harvest")
    assert codes_of(taken) == ["name_taken"]

    def add(case: Any, by: Actor, data: Any) -> Any:
        return ops.operation_add(operation=case, by=by, **({"case": sent} | data))

    def remove(case: Any, by: Actor, data: Any) -> Any:
        return ops.operation_remove(operation=case, by=by, **({"case": sent, "reason": "another inquiry"} | data))

    def close(case: Any, by: Actor, data: Any) -> Any:
        return ops.operation_close(operation=case, by=by, **({"reason": "the day is over"} | data))

    theirs = world.received()
    added = try_act(
        Act("add", "open", "desk", Role.REGISTRY, add, "open", unmet=(({"case": theirs}, "case_missing"),)),
        operation,
        line,
    )
    with pytest.raises(ConditionsNotMet) as twice:
        add(added, line.desk, {})
    assert codes_of(twice) == ["case_in_it"]
    assert operations_of(sent, line.desk) == [operation]
    assert operations_of(sent, line.prosecutor) == [], "an operation is its authority's own"
    removed = try_act(
        Act("remove", "open", "desk", Role.LEGAL, remove, "open", unmet=(({"reason": " "}, "reason_missing"),)),
        added,
        line,
    )
    with pytest.raises(ConditionsNotMet):
        remove(removed, line.desk, {})
    again = add(removed, line.desk, {})
    assert operation.members.count() == 2
    try_act(
        Act(
            "close",
            "open",
            "supervisor",
            Role.DESK_OFFICER,
            close,
            "closed",
            unmet=(({"reason": ""}, "reason_missing"),),
        ),
        again,
        line,
    )
    assert sent.status == "sent"


def test_restricted_operation_and_hidden_cases_are_for_the_named_alone(world: World) -> None:
    line = world.line
    first, hidden = paper(world, "B 1"), paper(world, "B 2", confidentiality="restricted")
    operation = ops.operation_open(by=line.their_supervisor, name="Quiet", restricted=True)
    for case in (first, hidden):
        operation = ops.operation_add(operation=operation, case=case, by=line.their_supervisor)
    IncomingNamedOfficer.objects.create(incoming=hidden, user_id=line.their_supervisor.user_id or 0, at=clock.now())
    with pytest.raises(AccessDenied):
        access_operation_by_id(line.their_desk, operation.public_id)
    assert operations_of(first, line.their_desk) == []
    stranger = User.objects.get(pk=line.desk.user_id or 0)
    with pytest.raises(ConditionsNotMet) as unknown:
        ops.operation_name_officer(operation=operation, user=stranger, by=line.their_supervisor)
    assert codes_of(unknown) == ["officer_unknown"]
    desk = User.objects.get(pk=line.their_desk.user_id or 0)
    operation = ops.operation_name_officer(operation=operation, user=desk, by=line.their_supervisor)
    assert access_operation_by_id(line.their_desk, operation.public_id) == operation
    assert list(cases_of_operation(operation, line.their_desk)[1]) == [first]
    assert list(cases_of_operation(operation, line.their_supervisor)[1]) == [first, hidden]
    plain = ops.operation_open(by=line.their_desk, name="Plain")
    with pytest.raises(ConditionsNotMet) as open_to_all:
        ops.operation_name_officer(operation=plain, user=desk, by=line.their_supervisor)
    assert codes_of(open_to_all) == ["not_restricted"]
    assert officer(Role.AUDITOR, "al-central").role == Role.AUDITOR
