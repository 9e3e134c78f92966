"""Acts, statuses, roles and messages in human words, from the machines themselves."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from mla.accounts.models import Role
from workflows.engine.machine import acts_of
from workflows.engine.models import CaseRow

#: Acts that bring a row into being or concern a job: no machine declares them.
OTHER_ACTS: dict[str, Any] = {
    "letter.create": _("Begin the letter"),
    "outgoing.create": _("Begin the request"),
    "letter.reopen": _("Begin the letter of a case that is taken up again"),
    "outgoing.reopen": _("Take up the case again"),
    "incoming.receive": _("Register the request"),
    "letter.import": _("Take over the letter's entry of an earlier register"),
    "outgoing.import": _("Take over the request from an earlier register"),
    "incoming.import": _("Take over the request from an earlier register"),
    "item.import": _("Take over the item from an earlier register"),
    "break_glass.open": _("Open a restricted case without being named"),
    "officer_link.give": _("Give the link"),
    "item.create": _("Open the item"),
    "emergency_out.create": _("Follow the emergency disclosure"),
    "emergency_in.create": _("Follow the emergency disclosure"),
    "custody_out.create": _("Follow the transfer of the person"),
    "custody_in.create": _("Follow the transfer of the person"),
    "mail.queue": _("Write an e-mail to a person"),
    "preservation_out.create": _("Open the preservation"),
    "preservation_in.create": _("Open the preservation"),
    "offence.create": _("Put an offence into the library"),
    "template.create": _("Save a template"),
    "term.create": _("Put a term into the glossary"),
    "spontaneous_out.create": _("Offer the information"),
    "spontaneous_in.create": _("Register the offer of information"),
    "team_out.create": _("Propose the team"),
    "team_in.create": _("Register the proposal of a team"),
    "document.queue": _("Order the document"),
    "case_document.make": _("Make a document beside the letter"),
    "case_document.receive": _("Receive a document beside the letter"),
    "case_document.redact": _("Make a redacted copy of the request"),
    "message.write": _("Write the message"),
    "message.receive": _("Receive the message"),
    "transmission.queue": _("Queue for sending"),
    "list.export": _("Take a list of cases out as a file"),
    "job.replay": _("Replay a parked job"),
    "job.skip": _("Give a parked job up"),
    "job.enqueue_again": _("Order a lost effect again"),
}

#: A stored file was handed out: no row changed.
READ = _("Read the file")

MESSAGES: dict[str, Any] = {
    "request": _("the request"),
    "confirmation": _("confirmation in writing"),
    "acknowledgement": _("acknowledgement"),
    "status": _("status"),
    "information_asked": _("information asked"),
    "information_given": _("information given"),
    "conditions_offered": _("conditions offered"),
    "conditions_answered": _("conditions answered"),
    "partial_result": _("part of the result"),
    "part_confirmed": _("receipt of a part confirmed"),
    "consultation": _("consultation"),
    "consultation_answered": _("consultation answered"),
    "postponed": _("postponed"),
    "resumed": _("taken up again"),
    "result": _("result"),
    "refusal": _("refusal"),
    "returned": _("returned"),
    "withdrawal": _("withdrawal"),
    "wish": _("a wish"),
    "wish_answered": _("answer to a wish"),
    "withdrawal_confirmed": _("withdrawal confirmed"),
    "receipt_confirmed": _("receipt of the evidence confirmed"),
    "complement_asked": _("complement asked"),
    "complement": _("complement"),
    "originals_listed": _("originals that go with the result"),
    "originals_returned": _("originals returned"),
    "return_waived": _("return of originals waived"),
    "preservation_kept": _("the data are preserved"),
    "preservation_not_kept": _("the data are not preserved"),
    "preservation_question": _("question whether a preservation goes on"),
    "preservation_extension": _("extension of a preservation"),
    "preservation_course": _("preservation held or ended"),
    "preservation_provider": _("another provider that came to light"),
    "preservation_answer": _("whether a preservation goes on"),
    "preservation_extension_asked": _("extension of a preservation asked"),
    "preservation_release": _("preserved data needed no longer"),
    "other_use_asked": _("another use asked for"),
    "other_use_answered": _("another use answered"),
    "exculpatory_notice": _("notice of a disclosure of what is exculpatory"),
    "account_asked": _("account of the use asked for"),
    "account_given": _("account of the use"),
    "undertaking_released": _("release from an undertaking"),
    "document": _("a document beside the letter"),
    "information_accepted": _("information accepted"),
    "information_declined": _("information declined"),
    "information_sent": _("information given without a request"),
    "information_used": _("use of information told"),
    "team_proposed": _("draft or comment for a team"),
    "team_declined": _("team declined"),
    "team_signed": _("agreement on a team signed"),
    "team_started": _("the team began its work"),
    "team_extension_asked": _("more time asked for a team"),
    "team_extension_answered": _("more time for a team answered"),
    "team_ended": _("the team ended"),
    "emergency_taken_up": _("the emergency is taken up"),
    "emergency_facts_asked": _("more facts asked on the emergency"),
    "emergency_facts_given": _("more facts given on the emergency"),
    "emergency_disclosed": _("data disclosed in the emergency"),
    "emergency_declined": _("disclosure in the emergency declined"),
    "emergency_followup_asked": _("request in writing asked after the emergency"),
    "emergency_regularised": _("disclosure in the emergency regularised"),
    "custody_consented": _("consent of the person to the transfer"),
    "custody_not_consented": _("the person does not consent to the transfer"),
    "custody_declined": _("transfer of the person declined"),
    "custody_arranged": _("arrangements of the transfer"),
    "custody_transferred": _("hand-over of the person"),
    "custody_returned": _("return of the person"),
    "custody_extension_asked": _("later day of return asked"),
    "custody_extended": _("later day of return agreed"),
    "custody_extension_refused": _("the agreed day of return stands"),
    "custody_released": _("return of the person waived"),
}


#: Steps of the transport that a receipt proves.
RECEIPTS: dict[str, Any] = {
    "submitted": _("submitted"),
    "delivered": _("delivered"),
    "retrieved": _("retrieved"),
    "rejected": _("rejected"),
    "failed": _("failed"),
}


@cache
def _machines() -> dict[str, type[CaseRow]]:
    return {model.KIND: model for model in apps.get_models() if issubclass(model, CaseRow)}


def act_label(act: str) -> str:
    """Return the words of an act such as ``outgoing.approve``, in the active language; else its name."""
    if act in OTHER_ACTS:
        return str(OTHER_ACTS[act])
    kind, _dot, name = act.partition(".")
    if name == "read":
        return str(READ)
    model = _machines().get(kind)
    declared = acts_of(model).get(name) if model else None
    return str(declared[0].custom["label"]) if declared else act


def status_label(kind: str, status: str) -> str:
    """Return the words of a status of the machine `kind`; an unknown one as it is."""
    model = _machines().get(kind)
    if model is None or not status:
        return status
    field: Any = model._meta.get_field("status")  # type: ignore[misc]
    return str(dict(field.choices or []).get(status, status))


def role_label(role: str) -> str:
    return str(Role(role).label) if role in Role.values else role


def receipt_label(kind: str) -> str:
    return str(RECEIPTS.get(kind, kind))


def message_label(message_type: str) -> str:
    return str(MESSAGES.get(message_type, message_type))
