"""The envelope of a message: canonical JSON, written once, kept as bytes on both sides.

Pure. The receiver checks the bytes it got, never a re-encoding of them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from mla.core.canonical import canonical_bytes
from mla.core.errors import MlaError
from workflows.drafting.parsing import LetterFileWrong, plain

FORMAT = "mla-message/1"
GENESIS = "0" * 64
#: Bytes of an envelope without its files. The largest letter file has 5 MB.
LARGEST = 8_000_000

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

MessageType = Literal[
    "request",
    "confirmation",
    "acknowledgement",
    "status",
    "information_asked",
    "information_given",
    "conditions_offered",
    "conditions_answered",
    "partial_result",
    "part_confirmed",
    "consultation",
    "consultation_answered",
    "postponed",
    "resumed",
    "result",
    "refusal",
    "returned",
    "withdrawal",
    "wish",
    "wish_answered",
    "withdrawal_confirmed",
    "receipt_confirmed",
    "complement_asked",
    "complement",
    "originals_listed",
    "originals_returned",
    "return_waived",
    "other_use_asked",
    "other_use_answered",
    "exculpatory_notice",
    "account_asked",
    "account_given",
    "undertaking_released",
    "document",
    "information_accepted",
    "information_declined",
    "information_sent",
    "information_used",
    "team_proposed",
    "team_declined",
    "team_signed",
    "team_started",
    "team_extension_asked",
    "team_extension_answered",
    "team_ended",
    "emergency_taken_up",
    "emergency_facts_asked",
    "emergency_facts_given",
    "emergency_disclosed",
    "emergency_declined",
    "emergency_followup_asked",
    "emergency_regularised",
    "custody_consented",
    "custody_not_consented",
    "custody_declined",
    "custody_arranged",
    "custody_transferred",
    "custody_returned",
    "custody_extension_asked",
    "custody_extended",
    "custody_extension_refused",
    "custody_released",
    "preservation_kept",
    "preservation_not_kept",
    "preservation_question",
    "preservation_extension",
    "preservation_course",
    "preservation_provider",
    "preservation_answer",
    "preservation_extension_asked",
    "preservation_release",
]


class EnvelopeWrong(MlaError):
    """The bytes are no envelope of ours; the message says why."""


def of_our_time(moment: dt.datetime) -> dt.datetime:
    """Return the instant. Raises ValueError: its year cannot be kept in every zone."""
    # The ends of the calendar cannot be kept in every zone.
    if not 2000 <= moment.year < 2200:
        raise ValueError("the year is none of this time")
    return moment


class CarriedOrigin(BaseModel):
    """Where a file of evidence comes from, as far as its sender knows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    obtained_from: Annotated[str, StringConstraints(max_length=300)] = ""
    obtained_by: Annotated[str, StringConstraints(max_length=300)] = ""
    how: Annotated[str, StringConstraints(max_length=1000)] = ""
    form: Literal["original", "copy", "extract", "not_known"] = "not_known"
    tool: Annotated[str, StringConstraints(max_length=300)] = ""
    acquired_at: Annotated[AwareDatetime, AfterValidator(of_our_time)] | None = None


class CarriedFile(BaseModel):
    """A file listed in the envelope; the bytes travel beside it and are checked against the hash."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(max_length=255)]
    media_type: Annotated[str, StringConstraints(max_length=100)]
    size: int = Field(ge=0, le=2**31)
    sha256: Sha256
    role: Literal["letter", "annex", "evidence", "sealed", "document"]
    item: str = ""
    description: str = ""
    use_limits: str = ""
    origin: CarriedOrigin | None = None


class Envelope(BaseModel):
    """What both sides keep. Instants are UTC; `seq` counts from 1 per conversation and direction."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["mla-message/1"] = "mla-message/1"
    message_id: UUID
    conversation_id: UUID
    type: MessageType
    sender: str
    receiver: str
    seq: int = Field(ge=1)
    prev_hash: Sha256
    ref_to: UUID | None = None
    written_at: Annotated[AwareDatetime, AfterValidator(of_our_time)]
    sender_reference: str
    receiver_reference: str = ""
    body: dict[str, Any]
    files: tuple[CarriedFile, ...] = ()

    def encode(self) -> bytes:
        """Return the canonical bytes; their SHA-256 is the message's hash."""
        return canonical_bytes(self.model_dump(mode="json"))


def decode(data: bytes) -> Envelope:
    """Read an envelope.

    Raises:
        EnvelopeWrong: too large, not JSON, a key twice, a value without a canonical form, a forbidden
            character, not our format, a field missing or unknown; whatever the bytes are, nothing else.
    """
    if len(data) > LARGEST:
        raise EnvelopeWrong(f"the envelope has {len(data)} bytes, at most {LARGEST} are taken")
    try:
        # A key that stands twice would be read one way here and another way elsewhere.
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise EnvelopeWrong("the envelope is not JSON, or has a key twice") from error
    try:
        return Envelope.model_validate(plain(value))
    except LetterFileWrong as error:
        raise EnvelopeWrong(f"the envelope has no canonical form at {error.problems[0]}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise EnvelopeWrong(f"the envelope does not fit its format at {place}: {first['msg']}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def envelope_hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


Position = Literal["next", "duplicate", "gap", "conflict"]


def position(envelope: Envelope, *, data_hash: str, last_seq: int, last_hash: str, known_hash: str | None) -> Position:
    """Tell where an arriving message stands in its conversation. Pure.

    `last_seq`, `last_hash`: of the last one applied (0 and GENESIS at the start); `known_hash`: of the
    one we hold under that message_id, if any.
    """
    if known_hash is not None:
        return "duplicate" if known_hash == data_hash else "conflict"
    if envelope.seq <= last_seq:
        return "conflict"
    if envelope.seq > last_seq + 1:
        return "gap"
    return "next" if envelope.prev_hash == last_hash else "conflict"


def chain_end(taken: Iterable[tuple[int, str, str]]) -> tuple[int, str]:
    """Return seq and hash of the last message that has its place in a conversation; 0 and GENESIS at the start. Pure.

    `taken`: (seq, prev_hash, hash) of those applied or refused, by seq and then by arrival. One that was
    refused because it follows nothing has no place: it must not cut off the genuine ones.
    """
    last_seq, last_hash = 0, GENESIS
    for seq, prev_hash, own_hash in taken:
        if seq == last_seq + 1 and prev_hash == last_hash:
            last_seq, last_hash = seq, own_hash
    return last_seq, last_hash


def iso(moment: dt.datetime) -> str:
    """Return an instant as UTC with a Z, to the microsecond."""
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
