"""What each type of message says. One model per type; an unknown field is an error that names it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, ValidationError

from mla.core.text import clean
from workflows.exchange import bodies_emergency, bodies_preserving
from workflows.exchange.bodies_base import Body as Body
from workflows.exchange.bodies_base import Line as Line
from workflows.exchange.bodies_base import Text as Text
from workflows.exchange.bodies_offering import OFFERING
from workflows.exchange.envelope import EnvelopeWrong, Sha256
from workflows.lifecycle.outcomes import ItemStatus


class Request(Body):
    """A letter of request: what its hash covers, so that the receiver can compute it again."""

    frozen: dict[str, Any]
    content_hash: Sha256
    document_sha256: Sha256
    #: Sent on one pair of eyes in an emergency: until when the sender confirms it in writing (aware).
    confirmation_due: AwareDatetime | None = None


class Confirmation(Body):
    """The confirmation in writing of a request that was sent provisionally, and its document."""

    content_hash: Sha256
    document_sha256: Sha256


class Acknowledgement(Body):
    reference: Line
    contact: Text


class ItemState(Body):
    """How one item stands in the receiver's file."""

    key: Annotated[str, StringConstraints(max_length=8)]
    status: ItemStatus
    ground: Line = ""
    article: Line = ""
    reason: Text = ""
    until: dt.date | None = None
    until_event: Line = ""
    preserved_from: dt.date | None = None
    preserved_until: dt.date | None = None
    rule: Line = ""
    #: An execution told before fell with the order of a court: what is said now counts.
    taken_back: bool = False


class WithheldFiles(Body):
    """How many files are withheld on one ground; never which. A ground that the receiver's data lack is kept as it came."""

    ground: Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z][a-z_]*$")]
    count: Annotated[int, Field(ge=1)]


class Status(Body):
    """How a request stands, and what happened on the way: `event` in a code, `next_on` when more news is expected."""

    status: Line
    items: tuple[ItemState, ...] = ()
    progress: UUID | None = None
    #: A code that the receiver's data do not have is kept as it came.
    event: Annotated[str, StringConstraints(max_length=40, pattern=r"^([a-z][a-z_]*)?$")] = ""
    text: Text = ""
    next_on: dt.date | None = None


class InformationAsked(Body):
    point: UUID
    question: Text
    due: dt.date | None = None


class InformationGiven(Body):
    point: UUID
    answer: Text


class OfferedCondition(Body):
    """One condition. A kind that the receiver's data do not have is kept as it came."""

    condition: UUID
    kind: Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z][a-z_]*$")]
    article: Annotated[Line, StringConstraints(max_length=120)] = ""
    text: Text
    item: Annotated[str, StringConstraints(max_length=8)] = ""
    until: dt.date | None = None


class ConditionsOffered(Body):
    """Help is given under these conditions, once they are accepted."""

    point: UUID
    text: Text
    due: dt.date | None = None
    conditions: Annotated[tuple[OfferedCondition, ...], Field(min_length=1, max_length=100)]


class ConditionsAnswered(Body):
    point: UUID
    choice: Literal["accepted", "declined"]
    answer: Text = ""


class ConsultationAsked(Body):
    """The requested State consults before it refuses or puts off, on costs, or on confidentiality."""

    point: UUID
    kind: Literal["refusal", "postponement", "costs", "confidentiality"]
    question: Text
    due: dt.date | None = None
    ground: Line = ""
    article: Annotated[Line, StringConstraints(max_length=120)] = ""
    amount: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)] | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^([A-Z]{3})?$")] = ""


class ConsultationAnswered(Body):
    point: UUID
    answer: Text
    choice: Literal["", "go_on", "withdraw"] = ""


class Postponed(Body):
    """The whole request is put off. `until`: own review date; `until_event`: what it waits for, in words."""

    postponement: UUID
    consultation: UUID | None = None
    ground: Line
    article: Line
    reason: Text
    until: dt.date | None = None
    until_event: Line = ""
    items: tuple[ItemState, ...] = ()


class Resumed(Body):
    postponement: UUID
    items: tuple[ItemState, ...] = ()


class Result(Body):
    outcome: Line
    note: Text = ""
    items: tuple[ItemState, ...]
    withheld: Annotated[tuple[WithheldFiles, ...], Field(max_length=50)] = ()


class PartialResult(Body):
    """A part of the result; its files travel with it. `items`: every item as it stands."""

    part: UUID
    number: Annotated[int, Field(ge=1)]
    note: Text = ""
    items: tuple[ItemState, ...]
    #: Of the whole request, until now.
    withheld: Annotated[tuple[WithheldFiles, ...], Field(max_length=50)] = ()


class PartConfirmed(Body):
    """That a part arrived and was checked, file by file."""

    part: UUID
    number: Annotated[int, Field(ge=1)]
    all_match: bool
    #: Of each file that did not match, the hash that the manifest gives.
    discrepant: tuple[Sha256, ...] = ()


class Refusal(Body):
    ground: Line
    article: Line
    reason: Text
    consulted: bool


class ToldDefect(Body):
    """One defect of a request that is sent back. `place`: the path of the answer in the letter, as it was sent."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=5000), AfterValidator(clean)]
    place: Annotated[str, StringConstraints(max_length=200, pattern=r"^[0-9A-Za-z_.\[\]-]*$")] = ""
    article: Annotated[str, StringConstraints(max_length=120), AfterValidator(clean)] = ""


class Returned(Body):
    outcome: Line
    reason: Text
    code: Annotated[str, StringConstraints(pattern=r"^(unregistered|defective)?$")] = ""
    defects: Annotated[tuple[ToldDefect, ...], Field(max_length=50)] = ()
    #: The code of the authority that it went on to, where the sender's directory has it.
    competent: Line = ""


class Withdrawal(Body):
    reason: Text


class WithdrawalConfirmed(Body):
    #: What was carried out until then.
    done: Text = ""
    items: tuple[ItemState, ...] = ()


class ReceiptConfirmed(Body):
    all_match: bool


class ComplementAsked(Body):
    """What a result lacks."""

    point: UUID
    defect: Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z][a-z_]*$")]
    text: Text
    due: dt.date | None = None


class Complement(Body):
    """What completes a result; its files travel beside it as evidence."""

    point: UUID
    answer: Text = ""


class ListedOriginal(Body):
    """One original, or several alike. `give_back`: when it is wanted back; `due`: with `by_day`."""

    original: UUID
    description: Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(clean)]
    quantity: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    item: Annotated[str, StringConstraints(max_length=8)] = ""
    give_back: Literal["soon", "by_day", "on_conclusion", "not_asked"]
    due: dt.date | None = None


class OriginalsListed(Body):
    """Originals go with the result."""

    originals: Annotated[tuple[ListedOriginal, ...], Field(min_length=1, max_length=200)]


class OriginalsReturned(Body):
    originals: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=200)]
    on: dt.date
    how: Line = ""
    tracking: Annotated[Line, StringConstraints(max_length=120)] = ""


class ReturnWaived(Body):
    originals: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=200)]
    text: Annotated[Text, StringConstraints(max_length=5000)] = ""


Said = Annotated[str, StringConstraints(min_length=1, max_length=20_000), AfterValidator(clean)]
#: Of each file that it is about, the hash; none: everything that was furnished.
Files = Annotated[tuple[Sha256, ...], Field(max_length=10_000)]


class OtherUseAsked(Body):
    """Consent to another use, or to a transfer, is asked for (UNTOC 18(19), UNCAC 46(19))."""

    use: UUID
    kind: Literal["use", "transfer"]
    purpose: Said
    recipient: Line = ""
    reason: Text = ""
    due: dt.date | None = None
    files: Files = ()


class OtherUseAnswered(Body):
    use: UUID
    choice: Literal["consent", "conditions", "declined"]
    answer: Text = ""
    article: Annotated[Line, StringConstraints(max_length=120)] = ""
    until: dt.date | None = None


class ExculpatoryNotice(Body):
    """What is exculpatory is disclosed to an accused person: a notice, no question."""

    use: UUID
    purpose: Said
    files: Files = ()


class AccountAsked(Body):
    account: UUID
    question: Said
    due: dt.date | None = None


class AccountGiven(Body):
    """What use was made. `account`: of the question that it answers, or a new one."""

    account: UUID
    used_for: Said
    proceedings: Line = ""
    used_on: dt.date | None = None
    other_purpose: bool = False


class UndertakingReleased(Body):
    """The sender no longer holds the receiver to an undertaking that both have in their files."""

    undertaking: UUID
    words: Annotated[Said, StringConstraints(max_length=5000)]


class Document(Body):
    """A document beside the letter: all that it says, so that the receiver can compute its hash again, and its file."""

    kind: Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z-]+$")]
    about: Annotated[str, StringConstraints(max_length=40, pattern=r"^[0-9A-Za-z-]+$")]
    language: Annotated[str, StringConstraints(max_length=20, pattern=r"^[0-9A-Za-z-]+$")]
    content: dict[str, Any]
    content_hash: Sha256
    document_sha256: Sha256


BODIES: dict[str, type[Body]] = {
    "request": Request,
    "confirmation": Confirmation,
    "acknowledgement": Acknowledgement,
    "status": Status,
    "information_asked": InformationAsked,
    "information_given": InformationGiven,
    "conditions_offered": ConditionsOffered,
    "conditions_answered": ConditionsAnswered,
    "partial_result": PartialResult,
    "part_confirmed": PartConfirmed,
    "consultation": ConsultationAsked,
    "consultation_answered": ConsultationAnswered,
    "postponed": Postponed,
    "resumed": Resumed,
    "result": Result,
    "refusal": Refusal,
    "returned": Returned,
    "withdrawal": Withdrawal,
    "withdrawal_confirmed": WithdrawalConfirmed,
    "receipt_confirmed": ReceiptConfirmed,
    "complement_asked": ComplementAsked,
    "complement": Complement,
    "originals_listed": OriginalsListed,
    "originals_returned": OriginalsReturned,
    "return_waived": ReturnWaived,
    "other_use_asked": OtherUseAsked,
    "other_use_answered": OtherUseAnswered,
    "exculpatory_notice": ExculpatoryNotice,
    "account_asked": AccountAsked,
    "account_given": AccountGiven,
    "undertaking_released": UndertakingReleased,
    "document": Document,
    **OFFERING,
    **bodies_emergency.BODIES,
    **bodies_preserving.BODIES,
}


def register_bodies(more: dict[str, type[Body]]) -> None:
    """Add types whose bodies stand in a module of their own; called by that module."""
    BODIES.update(more)


def read_body(message_type: str, body: dict[str, Any]) -> Any:
    """Return the typed body. Raises EnvelopeWrong, naming the field."""
    try:
        return BODIES[message_type].model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise EnvelopeWrong(f"{message_type}: {place}: {first['msg']}") from error
