"""Transmission: handing a queued message to its channel, and recording by hand what a channel cannot tell."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.core.reasons import Reason
from workflows.documents.models import CaseDocument
from workflows.engine.acts import one_act
from workflows.engine.errors import ConditionsNotMet
from workflows.engine.outbox import Finish, Job
from workflows.engine.perform import perform
from workflows.exchange.channels import channel_named
from workflows.exchange.models import Transmission
from workflows.lifecycle.services.outgoing_course import Proof

#: Steps that a registry can know of a channel by hand.
BY_HAND = frozenset({"submit", "deliver", "retrieve", "reject", "fail"})


def transmission_key(transmission: Any, payload: Any) -> str:
    """One conversation's messages leave in their order; a parked one holds up the rest, visibly."""
    return f"transmit:{transmission.authority_id}:{transmission.message.conversation_id}"


def transmit(job: Job) -> Finish | None:
    """Handler of "transmission.queued": let the channel carry the message, then note each step."""
    transmission = Transmission.objects.select_related("message__peer").get(pk=job.object_id)
    carried = channel_named(transmission.channel).carry(transmission, transmission.message)

    def finish() -> None:
        row = transmission
        for act, receipt in carried.steps:
            row = perform(row, act, by=job.actor, receipt=receipt)
        if carried.finish is not None:
            carried.finish()

    return finish


def transmission_parked(job: Job, why: str) -> None:
    """The job gave up: show it at the transmission."""
    transmission = Transmission.objects.get(pk=job.object_id)
    with transaction.atomic():
        perform(transmission, "park", by=job.actor, failure=why)


def transmission_record(*, transmission: Transmission, by: Actor, step: str, proof: Proof) -> Transmission:
    """Record a step of a channel by hand (submit, deliver, retrieve, reject, fail) with its proof. For the registry.

    Raises:
        ConditionsNotMet: the channel is electronic and tells its steps itself; no such step.
    """
    if channel_named(transmission.channel).electronic:
        raise ConditionsNotMet(step, [Reason("told_by_channel", _("this channel tells its steps itself"))])
    if step not in BY_HAND:
        raise ConditionsNotMet(step, [Reason("no_such_step", _("no such step"), field="step")])
    with one_act():
        return perform(transmission, step, by=by, receipt={"by_hand": True, **proof.stored()})


def case_document_send(*, document: CaseDocument, by: Actor, expected_version: int | None = None) -> CaseDocument:
    """Send a finished document beside the letter to the other State, the way the request goes. For who may make it.

    By an electronic channel it is delivered; by one by hand the registry carries it and records each step with proof.

    Raises:
        ActForbidden: not this person's to send.
        ActNotPossible: it is not made yet, or waits for its signature.
        ConditionsNotMet: it is not for them, or was sent.
    """
    with one_act():
        return perform(document, "send", by=by, expected_version=expected_version)
