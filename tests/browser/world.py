"""A house full of cases: one in every status, on both sides, and a person of every role who sees them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from mla.accounts.actors import Actor
from mla.accounts.models import Role, User
from mla.reference.models import Authority
from tests.browser.beside import build_beside, notified, restricted
from tests.factories import Line, drain, example_letter, officer
from tests.kill.letters import short_letter
from workflows.documents.models import CaseDocument
from workflows.documents.services_kinds import document_make
from workflows.drafting.services import comment_add
from workflows.drafting.services_library import offence_save_from_letter
from workflows.drafting.services_templates import template_save
from workflows.drafting.services_translation import (
    annex_decide,
    term_add,
    translation_assign,
    translation_certify,
    translation_finish,
    unit_save,
)
from workflows.exchange.services import case_document_send
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.outgoing_reuse import outgoing_follow


@dataclass
class World:
    """`people`: by a word for each hat that is crawled; nobody in particular is left out."""

    line: Line
    people: dict[str, Actor]

    @property
    def home(self) -> Authority:
        return Authority.objects.get(pk=self.line.desk.authority_id)


def build_world(*, stories: bool = True) -> World:
    """Make the cases by their acts. The long letter is drafted, reviewed and executed; the rest are short.

    `stories`: also what does not go smoothly, or goes on, and the people on its other side.
    """
    whole = example_letter(4)
    line = Line(whole)
    _outgoing(line)
    _incoming()
    _at_hand(line)
    people = {
        "drafter": line.prosecutor,
        "signatory": officer(Role.ORIGINATOR_SIGNATORY, _code(line.prosecutor)),
        "desk": line.desk,
        "supervisor": line.supervisor,
        "registry": line.registry,
        "their registry": line.their_registry,
        "their desk": line.their_desk,
        "their supervisor": line.their_supervisor,
        "executing": line.executing,
    }
    for word, role in (
        ("legal", Role.LEGAL),
        ("translator", Role.TRANSLATOR),
        ("duty", Role.DUTY_OFFICER),
        ("auditor", Role.AUDITOR),
        ("administrator", Role.LOCAL_ADMINISTRATOR),
    ):
        people[word] = officer(role, _code(line.desk))
    if stories:
        people["duty"] = restricted(line)
        notified(line.desk)
        # They are told to another authority of the same State, whose officers alone see their other side.
        there = build_beside()
        people |= {
            "central supervisor there": there.their_supervisor,
            "central registry there": there.their_registry,
            "duty officer there": officer(Role.DUTY_OFFICER, there.letter.requested.authority or ""),
        }
    _translating(line, people["translator"])
    people["other State"] = officer(Role.FOREIGN_OFFICER, _code(line.their_desk))
    return World(line, people)


def _translating(line: Line, by: Actor) -> None:
    """A translation from the right, begun, with a term of the glossary; and one that is certified."""
    version = line.in_review().letter.present()
    translator = User.objects.get(pk=by.user_id or 0)
    begun = translation_assign(version=version, language="ar", translator=translator, by=line.desk)
    first = begun.units.order_by("position")[0]
    unit_save(translation=begun, unit=first, target="عنوان", done=True, seen=0, by=by)
    term_add(source_language="en", target_language="ar", term="the", translation="ال", by=by)
    done = translation_assign(version=version, language="fr", translator=translator, by=line.desk)
    for unit in done.units.all():
        unit_save(translation=done, unit=unit, target=unit.source, done=True, seen=0, by=by)
    for annex in done.source.annexes.all():
        annex_decide(translation=done, key=annex.key, how="none", reason="in French already", by=by)
    translation_certify(translation=translation_finish(translation=done, by=by), by=by)


def _code(actor: Actor) -> str:
    return Authority.objects.values_list("code", flat=True).get(pk=actor.authority_id)


def _short(title: str) -> Line:
    return Line(short_letter(title))


def _outgoing(line: Line) -> None:
    """The requesting side: one in every status before it is sent."""
    line.drafted()
    asked = line.taken_in()
    comment_add(letter=asked.letter, by=line.desk, question="facts", text="Say how the log was obtained.")
    chain.outgoing_query_originator(outgoing=asked, by=line.desk, question="Is the suspect under observation?")
    _short("Preservation of a second account").lodged()
    _short("Preservation of a mail account").taken_in()
    _short("Traffic data of one night").in_review()
    line.in_review()
    returned = _short("Subscriber of a prepaid number")
    chain.outgoing_return_for_changes(
        outgoing=returned.in_review(),
        by=returned.supervisor,
        comments=[("facts", "Give the time with its zone.")],
    )
    line.approved()
    given_up = _short("Register extract of a company")
    chain.outgoing_give_up(outgoing=given_up.taken_in(), by=given_up.supervisor, reason="No longer needed.")


def _incoming() -> None:
    """The requested side: one in every status after it was sent."""
    _sent("Content of a cloud folder")
    line, outgoing, incoming = _sent("Log-in times of an account")
    inward.incoming_acknowledge(incoming=incoming, by=line.their_registry, contact="Registry")
    line, outgoing, incoming = _sent("Connection data of a phone")
    line.under_review(incoming)
    line, outgoing, incoming = _sent("Bank account of a mule")
    reviewed = line.under_review(incoming)
    inward.incoming_ask_information(
        incoming=reviewed,
        by=line.their_desk,
        question="At which branch was the account opened?",
        due=dt.date.today() + dt.timedelta(days=12),  # noqa: DTZ011
    )
    whole = Line(example_letter(4))
    running = whole.in_execution(whole.arrived(whole.sent()))
    drain()
    first = running.items.filter(status="accepted").order_by("id").first()
    assert first is not None
    inward.incoming_item_decide(item=first, act="execute", by=whole.executing)
    inward.incoming_add_evidence(
        incoming=running,
        by=whole.executing,
        name="records.csv",
        media_type="text/csv",
        content=b"utc,source\n2026-03-09T08:00:00Z,192.0.2.45\n",
        item=first.key,
    )
    _beside(whole, running)
    _ended("Search at a provider", close=False)
    _ended("Hearing of a witness", close=True)
    line, outgoing, incoming = _sent("Interception of a line")
    inward.incoming_refuse(
        incoming=line.under_review(incoming),
        by=line.their_supervisor,
        ground="political_offence",
        article="CETS-030 2(a)",
        reason="The offence is regarded as political.",
        consulted=False,
        decided_by="the supervisor",
    )
    line, outgoing, _incoming_too = _sent("Freezing of an account")
    course.outgoing_withdraw(outgoing=outgoing, by=line.supervisor, reason="The account was closed.")
    drain()


def _beside(line: Line, running: IncomingRequest) -> None:
    """Documents beside the letter on both sides: one made here, one that came with a message."""
    document_make(kind="redacted-copy", case=running, by=line.executing, language="en")
    ours = OutgoingRequest.objects.get(conversation_id=running.conversation_id)
    said = {"text": "The records are used in these proceedings alone.", "given_by": "The prosecutor"}
    for text in (said["text"], "The records are deleted when the proceedings end."):
        document_make(kind="assurance", case=ours, by=line.supervisor, language="en", said=said | {"text": text})
    drain()
    case_document_send(document=CaseDocument.objects.filter(outgoing=ours).earliest("pk"), by=line.supervisor)
    drain()
    # One more is signed in ink, and waits for its scan.
    signs = Authority.objects.filter(pk=ours.central_id)
    method = signs.get().signing_method
    signs.update(signing_method="wet_ink")
    ours.refresh_from_db()
    said = said | {"text": "The records are returned on request."}
    document_make(kind="assurance", case=ours, by=line.supervisor, language="en", said=said)
    signs.update(signing_method=method)
    drain()


def _at_hand(line: Line) -> None:
    """What the next letter begins with: a library of offences, a template, and a letter that was sent."""
    for offence in line.letter.offences:
        offence_save_from_letter(offence=offence, by=line.prosecutor)
    asked, sent, _incoming_too = _sent("Customer of a rented server")
    template_save(
        source=sent.letter.present(),
        name="Preservation at a provider",
        parts=("proceedings", "offences", "items", "statements"),
        by=asked.supervisor,
    )
    outgoing_follow(earlier=sent, kind="supplement", by=asked.prosecutor)


def _sent(title: str) -> tuple[Line, OutgoingRequest, IncomingRequest]:
    line = _short(title)
    outgoing = line.sent()
    incoming = line.arrived(outgoing)
    outgoing.refresh_from_db()
    return line, outgoing, incoming


def _ended(title: str, *, close: bool) -> None:
    line, outgoing, incoming = _sent(title)
    inward.incoming_transmit_result(
        incoming=line.executed(line.in_execution(incoming)), by=line.their_registry, note="All that was asked."
    )
    drain()
    outgoing.refresh_from_db()
    if close:
        course.outgoing_confirm_evidence(outgoing=outgoing, by=line.registry)
        drain()
        course.outgoing_hand_over_result(outgoing=outgoing, by=line.registry)
        course.outgoing_originator_confirms(outgoing=outgoing, by=line.prosecutor)
        course.outgoing_close(outgoing=outgoing, by=line.supervisor)
        incoming.refresh_from_db()
        inward.incoming_close(incoming=incoming, by=line.their_registry)
        drain()
