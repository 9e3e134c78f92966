"""What messages of emergency disclosures and of transfers in custody say. `item`: the key of the item. Codes are kept as they come."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from mla.core.text import clean
from workflows.exchange.bodies_base import Body, Line, Text
from workflows.exchange.envelope import of_our_time

Hour = Annotated[AwareDatetime, AfterValidator(of_our_time)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=8)]
Code = Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z][a-z_]*$")]
Article = Annotated[str, StringConstraints(max_length=120), AfterValidator(clean)]
State = Annotated[str, StringConstraints(max_length=20, pattern=r"^[A-Za-z0-9-]+$")]


class OfItem(Body):
    item: Key


# --- emergency disclosure ---


class EmergencyTakenUp(OfItem):
    """Somebody answers now. `at` (aware): since when."""

    at: Hour


class EmergencyFactsAsked(OfItem):
    point: UUID
    question: Text


class EmergencyFactsGiven(OfItem):
    point: UUID
    answer: Text


class EmergencyDisclosed(OfItem):
    """What was given, and when. The data themselves go the way that the letter names, or with the result."""

    what: Text
    at: Hour


class EmergencyDeclined(OfItem):
    ground: Code
    article: Article = ""
    reason: Text
    at: Hour


class EmergencyFollowupAsked(OfItem):
    why: Code
    due: dt.date
    words: Text = ""


class EmergencyRegularised(OfItem):
    """`reference`: the sender's, of the request that followed."""

    on: dt.date
    reference: Article = ""
    words: Text = ""


# --- transfer in custody: each goes either way ---


class CustodyConsented(OfItem):
    on: dt.date
    taken_by: Line
    before: Code
    words: Text = ""


class CustodyNotConsented(OfItem):
    on: dt.date
    words: Text = ""


class CustodyDeclined(OfItem):
    ground: Code
    article: Article = ""
    reason: Text


class CustodyArranged(OfItem):
    transfer_on: dt.date
    transfer_place: Line
    return_on: dt.date
    return_place: Line
    transit: Annotated[tuple[State, ...], Field(max_length=20)] = ()
    custody_terms: Text
    time_credit: Annotated[Text, StringConstraints(max_length=5000)] = ""
    safe_conduct: Text = ""


class CustodyMoved(OfItem):
    """A hand-over: the way there, or the way back."""

    on: dt.date
    place: Line
    handed_by: Line
    handed_to: Line


class CustodyExtensionAsked(OfItem):
    extension: UUID
    on: dt.date
    reason: Text = ""


class CustodyExtended(OfItem):
    extension: UUID
    on: dt.date
    answer: Text = ""


class CustodyExtensionRefused(OfItem):
    extension: UUID
    answer: Text = ""


class CustodyReleased(OfItem):
    on: dt.date
    why: Code
    words: Text


BODIES: dict[str, type[OfItem]] = {
    "emergency_taken_up": EmergencyTakenUp,
    "emergency_facts_asked": EmergencyFactsAsked,
    "emergency_facts_given": EmergencyFactsGiven,
    "emergency_disclosed": EmergencyDisclosed,
    "emergency_declined": EmergencyDeclined,
    "emergency_followup_asked": EmergencyFollowupAsked,
    "emergency_regularised": EmergencyRegularised,
    "custody_consented": CustodyConsented,
    "custody_not_consented": CustodyNotConsented,
    "custody_declined": CustodyDeclined,
    "custody_arranged": CustodyArranged,
    "custody_transferred": CustodyMoved,
    "custody_returned": CustodyMoved,
    "custody_extension_asked": CustodyExtensionAsked,
    "custody_extended": CustodyExtended,
    "custody_extension_refused": CustodyExtensionRefused,
    "custody_released": CustodyReleased,
}
