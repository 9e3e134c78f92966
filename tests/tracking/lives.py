"""Cases brought through their life at known instants, for the tests of tracking."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from mla.core import clock
from tests.factories import Line, drain, example_letter
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course

#: A Monday. Jobs are due by the database's clock: a frozen clock lies in the past.
MONDAY = dt.datetime(2026, 3, 9, 9, 0, tzinfo=dt.UTC)


@contextmanager
def on_day(number: int, hour: int = 9) -> Iterator[dt.datetime]:
    """Stop the clock on the given day after MONDAY, and run what became due before letting it go."""
    at = MONDAY + dt.timedelta(days=number, hours=hour - 9)
    with clock.frozen(at):
        yield at
        drain()


def sent_case(line: Line | None = None) -> tuple[Line, OutgoingRequest, IncomingRequest]:
    """Drafted on day 0, lodged on 1, taken in on 3, reviewed on 4, sent on 7 and received at once."""
    line = line or Line()
    with on_day(0):
        outgoing = line.drafted()
    with on_day(1):
        outgoing = chain.outgoing_lodge(outgoing=outgoing, by=line.prosecutor)
    with on_day(3):
        outgoing = chain.outgoing_take_in(outgoing=outgoing, by=line.desk)
    with on_day(4):
        outgoing = chain.outgoing_submit(outgoing=outgoing, by=line.desk)
    return line, *_sent(line, outgoing)


def _sent(line: Line, outgoing: OutgoingRequest) -> tuple[OutgoingRequest, IncomingRequest]:
    from mla.core.files import file_store

    with on_day(7):
        outgoing = chain.outgoing_approve(
            outgoing=outgoing, by=line.supervisor, content_hash=line.hash_of(outgoing), rights_screened=True
        )
        stored = file_store(b"%PDF-1.7 " + outgoing.approved_hash.encode())
        outgoing = course.outgoing_attach_document(
            outgoing=outgoing, sha256=stored.sha256, content_hash=outgoing.approved_hash
        )
        outgoing = course.outgoing_send(outgoing=outgoing, by=line.registry, channel="local")
    return outgoing, IncomingRequest.objects.get(conversation_id=outgoing.conversation_id)


def closed_case() -> tuple[Line, OutgoingRequest, IncomingRequest]:
    """Sent on day 7, acknowledged on 10, asked on 12 and answered on 14, executed on 37, closed on 40."""
    line, outgoing, incoming = sent_case()
    with on_day(10):
        incoming = line.under_review(incoming)
    with on_day(12):
        incoming = inward.incoming_ask_information(
            incoming=incoming,
            by=line.their_desk,
            question="Which account?",
            due=(MONDAY + dt.timedelta(days=20)).date(),
        )
    with on_day(14):
        outgoing.refresh_from_db()
        course.outgoing_give_information(outgoing=outgoing, by=line.supervisor, answer="The first one.")
    with on_day(17):
        incoming = inward.incoming_accept(
            incoming=incoming,
            by=line.their_supervisor,
            executing=line.executing_authority,
            decided_by="Supervisor",
        )
    with on_day(37):
        incoming = inward.incoming_transmit_result(incoming=line.executed(incoming), by=line.their_registry)
    with on_day(38):
        outgoing = course.outgoing_confirm_evidence(
            outgoing=OutgoingRequest.objects.get(pk=outgoing.pk), by=line.registry
        )
    with on_day(40):
        outgoing = course.outgoing_hand_over_result(outgoing=outgoing, by=line.registry)
        outgoing = course.outgoing_originator_confirms(outgoing=outgoing, by=line.prosecutor)
        outgoing = course.outgoing_close(outgoing=outgoing, by=line.supervisor)
        incoming = inward.incoming_close(incoming=incoming, by=line.their_registry)
    return line, outgoing, incoming


def preservation_line() -> Line:
    """The fourth example: data of a hosting provider to be preserved under Budapest 29."""
    return Line(letter=example_letter(4))


__all__ = ["MONDAY", "closed_case", "on_day", "preservation_line", "sent_case"]
