"""The deadlines of real cases, each from its table and to whoever must act."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mla.accounts.access import AccessDenied
from mla.reference.models import Authority, ProfileEntry
from tests.factories import Line, example_letter
from tests.tracking.lives import MONDAY, closed_case, on_day, preservation_line, sent_case
from workflows.drafting.letterfile import letter_from
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course
from workflows.tracking.deadlines import Deadline, DeadlineKind
from workflows.tracking.due import case_deadlines, deadlines_for

DAY = dt.date.fromisoformat
Kind = DeadlineKind


def kinds(case: Any, **data: Any) -> dict[str, Deadline]:
    return {str(deadline.kind): deadline for deadline in deadlines_for([case], **data)}


def fresh(case: Any) -> Any:
    return type(case).objects.get(pk=case.pk)


@pytest.mark.django_db
def test_acknowledgement_is_an_own_target_of_both_sides_until_it_is_given() -> None:
    line, outgoing, incoming = sent_case()
    Authority.objects.filter(pk=outgoing.addressee_id).update(acknowledgement_days=5, acknowledgement_days_urgent=1)
    outgoing = fresh(outgoing)
    days = 1 if outgoing.urgency != "routine" else 5
    sent = (MONDAY + dt.timedelta(days=7)).date()
    for case in (outgoing, incoming):
        found = kinds(case)[Kind.ACKNOWLEDGEMENT]
        assert found.due == sent + dt.timedelta(days=7 if days == 5 else 1)
        assert found.source == "own target" and not found.legal and "not a legal limit" in found.note
        assert found.for_authority_id == case.authority_id and "holidays" in found.note
    with on_day(8):
        line.under_review(incoming)
    for case in (outgoing, incoming):
        assert Kind.ACKNOWLEDGEMENT not in kinds(fresh(case))


@pytest.mark.django_db
def test_silent_state_is_reminded_by_its_ladder_from_its_last_sign_of_life_on() -> None:
    line, outgoing, incoming = sent_case()
    sent = (MONDAY + dt.timedelta(days=7)).date()

    def told(after: int) -> tuple[int, str]:
        found = kinds(fresh(outgoing), today=sent + dt.timedelta(days=after))[Kind.CHASER]
        assert not found.legal and found.for_authority_id == outgoing.authority_id
        return (found.due - sent).days, found.note

    assert [told(after)[0] for after in (0, 30, 59, 60, 89, 90, 200)] == [30, 30, 30, 60, 60, 90, 90]
    assert "1 of 3" in told(30)[1] and "3 of 3" in told(90)[1]
    assert kinds(fresh(outgoing), today=sent)[Kind.CHASER].source == "own practice"
    rung = OutgoingRequest.objects.filter(pk=outgoing.pk)
    rung.update(chased_rung=1, chased_at=MONDAY + dt.timedelta(days=38))
    assert [told(after)[0] for after in (31, 60)] == [60, 60], "the first is written: the second is next"
    rung.update(chased_rung=3, chased_at=MONDAY + dt.timedelta(days=7 + 92))
    # All are written: sixty days after the last one it can be given up.
    assert told(95)[0] == 92 + 60 and "embassy" in told(95)[1] and "never answered" in told(200)[1]
    rung.update(chased_rung=0, chased_at=None)
    ladder = ProfileEntry.objects.create(
        jurisdiction_id=outgoing.letter.requested_id, topic="chasers", value="10 20", source="a person"
    )
    assert [told(after)[0] for after in (0, 18, 40)] == [10, 10, 20]
    assert kinds(fresh(outgoing), today=sent)[Kind.CHASER].source == "profile of the State"
    ladder.removed = True
    ladder.save()
    assert told(0)[0] == 30
    assert Kind.CHASER not in kinds(incoming)
    with on_day(8):
        line.under_review(incoming)
    heard = kinds(fresh(outgoing), today=sent + dt.timedelta(days=40))[Kind.CHASER]
    assert heard.due == sent + dt.timedelta(days=31), "counted from the last sign of life"
    rung.update(desired="withdraw")
    assert Kind.CHASER not in kinds(fresh(outgoing))


@pytest.mark.django_db
def test_open_question_is_due_to_whom_it_was_put_until_it_is_answered() -> None:
    line = Line()
    with on_day(0):
        outgoing = line.taken_in()
        chain.outgoing_query_originator(outgoing=outgoing, by=line.desk, question="Which?", due=DAY("2026-03-20"))
    found = kinds(fresh(outgoing))[Kind.ANSWER]
    assert (found.due, found.for_authority_id, found.legal) == (DAY("2026-03-20"), outgoing.originating_id, False)
    with on_day(1):
        chain.outgoing_answer_query(outgoing=fresh(outgoing), by=line.prosecutor, answer="This one.")
    assert Kind.ANSWER not in kinds(fresh(outgoing))

    line, outgoing, incoming = sent_case()
    with on_day(8):
        incoming = line.under_review(incoming)
        inward.incoming_ask_information(incoming=incoming, by=line.their_desk, question="Which?", due=DAY("2026-04-01"))
    outgoing, incoming = fresh(outgoing), fresh(incoming)
    assert kinds(outgoing)[Kind.ANSWER].for_authority_id == outgoing.central_id
    assert kinds(outgoing)[Kind.ANSWER].note == "we owe the answer"
    assert kinds(incoming)[Kind.ANSWER].for_authority_id == incoming.authority_id
    assert kinds(incoming)[Kind.ANSWER].note == "the other State owes the answer"


@pytest.mark.django_db
def test_estimate_and_postponement_are_review_dates_and_end_with_what_they_wait_for() -> None:
    line, outgoing, incoming = sent_case()
    with on_day(8):
        incoming = line.in_execution(incoming, expected_by=DAY("2026-06-01"))
        item = incoming.items.order_by("id")[0]
        inward.incoming_item_decide(
            item=item,
            act="postpone",
            by=line.their_supervisor,
            ground="own_proceedings",
            until=DAY("2026-05-04"),
            reason="A case of our own.",
        )
        inward.incoming_report_items(incoming=fresh(incoming), by=line.their_desk)
    found = kinds(fresh(incoming))
    assert found[Kind.EXPECTED].due == DAY("2026-06-01") and not found[Kind.EXPECTED].legal
    to_whom = {d.for_authority_id for d in deadlines_for([fresh(incoming)]) if d.kind == Kind.EXPECTED}
    assert to_whom == {incoming.authority_id, line.executing_authority.pk}
    assert found[Kind.POSTPONEMENT].due == DAY("2026-05-04") and item.key in found[Kind.POSTPONEMENT].note
    # The sender's file says it too, by the message.
    assert kinds(fresh(outgoing))[Kind.POSTPONEMENT].due == DAY("2026-05-04")
    with on_day(9):
        inward.incoming_item_decide(item=fresh(item), act="resume", by=line.their_supervisor)
    assert Kind.POSTPONEMENT not in kinds(fresh(incoming))


@pytest.mark.django_db
def test_dates_of_the_letter_stand_in_both_files_and_a_law_sets_only_some() -> None:
    content = example_letter(1).content()
    content["key_dates"] = [
        {"kind": "limitation", "date": "2027-01-31", "note": "secret"},
        {"kind": "covert_phase_end", "date": "2026-05-01", "lead_days": 0},
    ]
    content["urgency"] = {"level": "urgent", "reason": "secret", "date": "2026-04-30"}
    content["items"][0]["time_limit"] = "2026-04-20"
    content["items"][0]["time_limit_reason"] = "secret"
    line, outgoing, incoming = sent_case(Line(letter=letter_from(content)))
    for case in (fresh(outgoing), fresh(incoming)):
        found = kinds(case)
        assert (found[Kind.LIMITATION].due, found[Kind.LIMITATION].legal) == (DAY("2027-01-31"), True)
        assert (found[Kind.COVERT_PHASE_END].due, found[Kind.COVERT_PHASE_END].legal) == (DAY("2026-05-01"), False)
        assert found[Kind.URGENCY].due == DAY("2026-04-30")
        assert (found[Kind.ITEM_LIMIT].due, found[Kind.ITEM_LIMIT].legal) == (DAY("2026-04-20"), False)
        assert "secret" not in str([deadline.as_dict() for deadline in found.values()])
    with on_day(8):
        incoming = line.in_execution(incoming)
        first = incoming.items.get(key=content["items"][0]["id"])
        inward.incoming_item_decide(item=first, act="find_nothing", by=line.executing, reason="nothing")
    limits = [deadline for deadline in deadlines_for([fresh(incoming)]) if deadline.kind == Kind.ITEM_LIMIT]
    assert DAY("2026-04-20") not in {deadline.due for deadline in limits}


@pytest.mark.django_db
def test_date_in_a_received_letter_that_is_none_is_passed_over() -> None:
    _line, _outgoing, incoming = sent_case()
    # As a peer of another make would send it: our own reader lets no such letter out.
    with connection.cursor() as cursor:
        cursor.execute(
            "update lifecycle_incomingrequest set content = jsonb_set(content, '{key_dates}', %s::jsonb) where id = %s",
            [
                '[{"kind": "trial", "date": "soon"}, {"kind": "strange", "date": "2026-07-01"}, {"date": 5}]',
                incoming.pk,
            ],
        )
    found = kinds(fresh(incoming))
    assert Kind.TRIAL not in found and found[Kind.OTHER].due == DAY("2026-07-01")


@pytest.mark.django_db
def test_unconfirmed_preservation_counts_from_sending_and_says_so_until_a_day_is_confirmed() -> None:
    line, outgoing, incoming = sent_case(preservation_line())
    found = kinds(fresh(outgoing))
    assert found[Kind.PRESERVATION].due == DAY("2026-05-15")
    assert (found[Kind.PRESERVATION].source, found[Kind.PRESERVATION].legal) == ("CETS-185 29(7)", True)
    assert not found[Kind.PRESERVATION].confirmed and "not confirmed" in found[Kind.PRESERVATION].note
    assert found[Kind.FOLLOW_UP_SEND_BY].due == DAY("2026-04-30") and not found[Kind.FOLLOW_UP_SEND_BY].confirmed
    assert found[Kind.FOLLOW_UP_PROMISED].due == DAY("2026-04-17")
    assert Kind.PRESERVATION not in kinds(fresh(incoming))

    confirm(line, incoming, until="2026-06-08")
    found = kinds(fresh(outgoing))
    assert found[Kind.PRESERVATION].due == DAY("2026-06-08") and found[Kind.PRESERVATION].confirmed
    assert "must be received before" in found[Kind.PRESERVATION].note
    assert found[Kind.FOLLOW_UP_SEND_BY].due == DAY("2026-05-24") and not found[Kind.FOLLOW_UP_SEND_BY].legal
    shorter = kinds(fresh(outgoing), translation_days=1, channel_days=0)
    assert shorter[Kind.FOLLOW_UP_SEND_BY].due == DAY("2026-06-07")
    # The case is concluded, the data are not lost yet: the clock runs on, and on their side too.
    assert fresh(outgoing).status == "concluded"
    assert kinds(fresh(incoming))[Kind.PRESERVATION].due == DAY("2026-06-08")
    assert Kind.FOLLOW_UP_SEND_BY not in kinds(fresh(incoming))


@pytest.mark.django_db
def test_vital_clock_stops_when_the_request_that_follows_is_received_not_when_it_is_sent() -> None:
    line, outgoing, incoming = sent_case(preservation_line())
    confirm(line, incoming, until="2026-06-08")
    outgoing = fresh(outgoing)

    elsewhere = Line(letter=following(outgoing.reference, requested=("CH", "ch-central")))
    with on_day(25):
        elsewhere.sent()
    assert Kind.FOLLOW_UP_SEND_BY in kinds(fresh(outgoing)), "a request to another State stops nothing"

    follower = Line(
        letter=following(f" {outgoing.reference.lower()}", requested=("AL", line.letter.requested.authority))
    )
    with on_day(30):
        followed = follower.ready()
        followed = course.outgoing_send(outgoing=followed, by=follower.registry, channel="paper")
    found = kinds(fresh(outgoing))
    assert Kind.FOLLOW_UP_SEND_BY not in found and found[Kind.PRESERVATION].due == DAY("2026-06-08")
    with on_day(33):
        course.outgoing_acknowledge(
            outgoing=followed,
            by=follower.registry,
            peer_reference="77/2026",
            proof=course.Proof("letter.pdf", "application/pdf", b"received"),
        )
    assert not kinds(fresh(outgoing)).keys() & {Kind.PRESERVATION, Kind.FOLLOW_UP_SEND_BY}


def following(reference: str, *, requested: tuple[str, str | None]) -> Any:
    content = example_letter(5).content()
    content["requested"] = {"jurisdiction": requested[0], "authority": requested[1]}
    content["related"] = [{"kind": "preservation", "reference": reference.strip()}]
    return letter_from(content)


def confirm(line: Line, incoming: IncomingRequest, *, until: str) -> None:
    """The other State preserves the data and says until when."""
    with on_day(9):
        incoming = line.in_execution(incoming)
        for item in incoming.items.order_by("id"):
            inward.incoming_item_decide(
                item=item,
                act="execute",
                by=line.executing,
                reason="preserved, nothing is handed over",
                preservation={
                    "preserved_from": DAY("2026-03-18"),
                    "until": DAY(until),
                    "rule": "CETS-185 29(7)",
                },
            )
        inward.incoming_transmit_result(incoming=fresh(incoming), by=line.their_registry)


@pytest.mark.django_db
def test_deadlines_of_a_case_are_for_those_who_may_see_it_and_of_a_draft_for_its_holder() -> None:
    line, outgoing, incoming = sent_case()
    assert case_deadlines(line.registry, fresh(outgoing)) and case_deadlines(None, fresh(incoming))
    with pytest.raises(AccessDenied):
        case_deadlines(line.their_registry, fresh(outgoing))
    with pytest.raises(AccessDenied):
        case_deadlines(line.registry, fresh(incoming))

    content = example_letter(1).content() | {"key_dates": [{"kind": "trial", "date": "2026-09-01"}]}
    line = Line(letter=letter_from(content))
    lodged = line.lodged()
    assert Kind.TRIAL in {deadline.kind for deadline in case_deadlines(line.desk, lodged)}
    returned = chain.outgoing_return_to_originator(outgoing=lodged, by=line.desk, reason="More facts, please.")
    assert Kind.TRIAL in {deadline.kind for deadline in case_deadlines(line.prosecutor, returned)}
    assert case_deadlines(line.desk, returned) == []


@pytest.mark.django_db
def test_closed_case_has_no_deadline_and_many_cases_take_no_more_queries_than_one() -> None:
    _line, outgoing, incoming = closed_case()
    assert deadlines_for([fresh(outgoing), fresh(incoming)]) == []

    def queries(count: int) -> int:
        cases = [
            *OutgoingRequest.objects.filter(status="sent").select_related("letter")[:count],
            *IncomingRequest.objects.filter(status="received")[:count],
        ]
        with CaptureQueriesContext(connection) as captured:
            assert deadlines_for(cases)
        return len(captured)

    sent_case(preservation_line())
    one = queries(1)
    sent_case(preservation_line())
    sent_case()
    assert queries(3) == one <= 9


@pytest.mark.django_db
def test_deadlines_of_both_kinds_at_once_are_those_of_each() -> None:
    _line, outgoing, incoming = sent_case(preservation_line())
    _other, second, third = sent_case()
    cases = [outgoing, second, incoming, third]
    together = deadlines_for(cases)
    assert together and set(together) == {deadline for case in cases for deadline in deadlines_for([case])}
