"""Words for what the machinery names: handlers, events, kinds of rows, alarms and what to do, acts of the record."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _translated
from django.utils.translation import gettext_lazy as _

from workflows.tracking.labels import act_label
from workflows.tracking.models import Alarm

HANDLERS: dict[str, Any] = {
    "documents.render": _("Make the document (PDF) of the approved letter"),
    "documents.translation": _("Make the letter with its translation (PDF)"),
    "documents.beside": _("Make the document beside the letter (PDF)"),
    "documents.confirm": _("Make the confirmation in writing (PDF)"),
    "exchange.write": _("Write the message to the other State"),
    "exchange.transmit": _("Send the message to the other State"),
    "exchange.apply": _("Apply a message that was received"),
    "exchange.local_receipt": _("Tell the sender that the message arrived"),
}

#: Of a transfer in custody each side has the same events.
_CUSTODY: dict[str, Any] = {
    "consented": _("a person consented to a transfer"),
    "not_consented": _("a person did not consent to a transfer"),
    "declined": _("a transfer of a person was declined"),
    "arranged": _("a transfer of a person was arranged"),
    "transferred": _("a person was handed over"),
    "returned": _("a person was returned"),
    "extension_asked": _("a later day of return was asked"),
    "extended": _("a later day of return was agreed"),
    "extension_refused": _("a later day of return was not agreed"),
    "released": _("the return of a person was waived"),
}
EVENTS: dict[str, Any] = {
    "outgoing.approved": _("a request out was approved"),
    "outgoing.sent": _("a request out was sent"),
    "translation.certified": _("a translation was certified"),
    "case_document.ordered": _("a document beside the letter was ordered"),
    "case_document.sent": _("a document beside the letter was sent"),
    "outgoing.confirmed": _("a request sent provisionally was confirmed"),
    "outgoing.confirmation_ready": _("a confirmation in writing was made"),
    "outgoing.information_given": _("information was given"),
    "outgoing.conditions_answered": _("conditions were answered"),
    "outgoing.complement_asked": _("a complement of a result was asked"),
    "outgoing.consultation_answered": _("a consultation was answered"),
    "outgoing.withdrawn": _("a request out was withdrawn"),
    "outgoing.wished": _("the other State was told a wish"),
    "outgoing.chased": _("the other State was reminded"),
    "outgoing.part_confirmed": _("the receipt of a part was confirmed"),
    "outgoing.evidence_confirmed": _("the receipt of evidence was confirmed"),
    "outgoing.originals_returned": _("originals were returned"),
    "outgoing.other_use_asked": _("another use of evidence was asked for"),
    "outgoing.exculpatory_notified": _("notice was given before what is exculpatory is disclosed"),
    "outgoing.account_given": _("an account of the use was given"),
    "incoming.acknowledged": _("a request in was acknowledged"),
    "incoming.progress": _("a request in moved on"),
    "incoming.accepted": _("a request in was accepted"),
    "incoming.information_asked": _("information was asked"),
    "incoming.conditions_offered": _("conditions were offered"),
    "incoming.complement_supplied": _("a complement of a result was supplied"),
    "incoming.part": _("a part of a result was given"),
    "incoming.originals_listed": _("originals were listed"),
    "incoming.return_waived": _("the return of originals was waived"),
    "incoming.use_answered": _("another use of evidence was answered"),
    "incoming.account_asked": _("an account of the use was asked for"),
    "incoming.undertaking_released": _("an undertaking was released"),
    "incoming.consulted": _("the requesting State was consulted"),
    "incoming.postponed": _("a request in was postponed"),
    "incoming.resumed": _("a request in was taken up again"),
    "incoming.result": _("a result was given"),
    "incoming.refused": _("a request in was refused"),
    "incoming.returned": _("a request in was returned"),
    "incoming.withdrawal_confirmed": _("a withdrawal was confirmed"),
    "incoming.wish_answered": _("a wish was answered"),
    "spontaneous_out.given": _("information was given without a request"),
    "spontaneous_in.accepted": _("information was accepted"),
    "spontaneous_in.declined": _("information was declined"),
    "spontaneous_in.used": _("a use of information was told"),
    "team_out.proposed": _("a draft or a comment for a team was sent"),
    "team_out.declined": _("a team was declined"),
    "team_out.signed": _("an agreement on a team was signed"),
    "team_out.started": _("a team began its work"),
    "team_out.extension_asked": _("more time was asked for a team"),
    "team_out.extension_answered": _("a question for more time of a team was answered"),
    "team_out.ended": _("a team was ended"),
    "team_in.proposed": _("a draft or a comment for a team was sent"),
    "team_in.declined": _("a team was declined"),
    "team_in.signed": _("an agreement on a team was signed"),
    "team_in.started": _("a team began its work"),
    "team_in.extension_asked": _("more time was asked for a team"),
    "team_in.extension_answered": _("a question for more time of a team was answered"),
    "team_in.ended": _("a team was ended"),
    "emergency_in.taken_up": _("an emergency was taken up"),
    "emergency_in.facts_asked": _("more facts were asked on an emergency"),
    "emergency_out.facts_given": _("more facts were given on an emergency"),
    "emergency_in.disclosed": _("data were disclosed in an emergency"),
    "emergency_in.declined": _("a disclosure in an emergency was declined"),
    "emergency_in.followup_asked": _("a request in writing was asked after an emergency"),
    "emergency_out.regularised": _("a disclosure in an emergency was regularised"),
    **{f"{kind}.{event}": words for kind in ("custody_out", "custody_in") for event, words in _CUSTODY.items()},
    "preservation_in.preserved": _("data were preserved"),
    "preservation_in.none_held": _("nothing was held to preserve"),
    "preservation_in.refused": _("a preservation was refused"),
    "preservation_in.tipping_off": _("it was asked whether a preservation goes on"),
    "preservation_in.extended": _("a preservation was extended"),
    "preservation_in.extension_refused": _("the extension of a preservation was refused"),
    "preservation_in.held": _("preserved data are held until the request is decided"),
    "preservation_in.released": _("preserved data were released"),
    "preservation_in.provider_found": _("another provider came to light"),
    "preservation_out.went_on": _("a preservation goes on"),
    "preservation_out.withdrawn": _("a preservation was withdrawn"),
    "preservation_out.extension_asked": _("the extension of a preservation was asked"),
    "preservation_out.released": _("preserved data are needed no longer"),
    "break_glass.opened": _("a restricted case was opened by a person who is not named"),
    "transmission.queued": _("a message was queued for sending"),
    "message.received": _("a message arrived"),
    "message.applied": _("a message was applied"),
    "message.refused": _("a message was refused"),
}

KINDS: dict[str, Any] = {
    "break_glass": _("restricted case opened"),
    "officer_link": _("link for an officer of the other State"),
    "officer link": _("link for an officer of the other State"),
    "case_mail": _("e-mail on a case"),
    "restricted case": _("restricted case"),
    "translation": _("translation"),
    "outgoing": _("request out"),
    "incoming": _("request in"),
    "item": _("item"),
    "spontaneous_out": _("information we offer"),
    "spontaneous_in": _("information offered to us"),
    "team_out": _("joint investigation team we proposed"),
    "team_in": _("joint investigation team proposed to us"),
    "emergency_out": _("emergency disclosure"),
    "emergency_in": _("emergency disclosure"),
    "custody_out": _("transfer of a person in custody"),
    "custody_in": _("transfer of a person in custody"),
    "preservation_out": _("preservation that we asked"),
    "preservation_in": _("preservation that we were asked"),
    "letter": _("letter"),
    "document": _("document"),
    "case_document": _("document beside the letter"),
    "message": _("message"),
    "transmission": _("transmission"),
    "evidence": _("evidence"),
    "job": _("effect"),
    "page": _("page"),
    "audit": _("record"),
    "record": _("record"),
    "authority": _("authority"),
    "office": _("authority"),
    "member": _("member"),
    "membership": _("member"),
    "user": _("person"),
}

ALARM_HELP: dict[str, Any] = {
    Alarm.Kind.NO_DOCUMENT: _("Look under “Parked” for the making of the document. Replay it after mending its cause."),
    Alarm.Kind.NOT_WRITTEN: _("It is ordered again by itself. If it stays, replay the parked effect."),
    Alarm.Kind.NOT_DELIVERED: _("Look whether the channel to the other State works, then replay the transmission."),
    Alarm.Kind.NOT_RECORDED: _("Ask the registry to record how and when it was handed over."),
    Alarm.Kind.MISSING_THERE: _("Ask the other side to look for the message; it is sent again by itself."),
    Alarm.Kind.MISSING_HERE: _("Ask the other side to send the message again."),
    Alarm.Kind.DIFFERS: _("Do not act on the message. Tell the security officer: its bytes changed on the way."),
    Alarm.Kind.HELD: _("An earlier message is missing. Ask the other side for it; the rest follows by itself."),
    Alarm.Kind.NOT_APPLIED: _("Look under “Parked” for the applying of a message and replay it."),
    Alarm.Kind.PARKED: _("Open the parked effect, mend its cause, and replay it or give it up."),
    Alarm.Kind.REPAIR_FAILED: _("The house could not mend it by itself. Give its identity to your technical support."),
}

#: Acts of the record that no machine declares.
RECORD_ACTS: dict[str, Any] = {
    "access": _("Open something that is not there or not theirs"),
    "access.purpose": _("State a purpose"),
    "audit.export": _("Export the record"),
    "audit.verify": _("Verify the chain of the record"),
    "member.add": _("Give a person a role"),
    "member.end": _("End a person's role"),
    "office.edit": _("Change the facts of the authority"),
}


def handler_words(handler: str) -> str:
    return str(HANDLERS.get(handler, handler))


def event_words(event: str) -> str:
    return str(EVENTS.get(event, event))


def kind_words(kind: str) -> str:
    return str(KINDS[kind]) if kind in KINDS else _translated(kind)


def record_act_words(act: str) -> str:
    return str(RECORD_ACTS[act]) if act in RECORD_ACTS else act_label(act)
