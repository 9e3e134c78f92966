"""The letter of a request in, as it was sent: read from the message that brought it, or from its registered content."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from mla.core.errors import MlaError
from workflows.documents.preview import Sheet, letter_parts
from workflows.documents.services import letter_of, names_of, office_lines
from workflows.documents.values import Cover, Names
from workflows.drafting.letterfile import LetterFile, letter_from
from workflows.drafting.measures import measure_catalogue
from workflows.drafting.parsing import LetterFileWrong
from workflows.exchange.envelope import decode
from workflows.exchange.models import Message
from workflows.lifecycle.models import IncomingRequest


@dataclass(frozen=True, slots=True)
class LetterIn:
    """`sheet`: the letter as its sender's form prints it; None where there is none (paper) or it is not understood."""

    letter: LetterFile | None
    sheet: Sheet | None


def letter_in(case: IncomingRequest) -> LetterIn:
    """Return the letter of a request in, for whoever was given the case. What cannot be read is None, never wrong."""
    try:
        letter = letter_from(case.content)
    except (LetterFileWrong, MlaError):
        return LetterIn(None, None)
    frozen = _frozen(case)
    return LetterIn(letter, _sheet(case, frozen) if frozen else None)


def _frozen(case: IncomingRequest) -> dict[str, Any] | None:
    message = Message.objects.filter(
        authority=case.authority_id,
        conversation_id=case.conversation_id,
        direction=Message.Direction.IN,
        type="request",
        status=Message.Status.APPLIED,
    ).first()
    if message is None:
        return None
    frozen = decode(bytes(message.envelope)).body.get("frozen")
    return frozen if isinstance(frozen, dict) else None


def _sheet(case: IncomingRequest, frozen: dict[str, Any]) -> Sheet | None:
    from workflows.documents.letters import letter_html

    try:
        page = letter_html(letter_of(frozen), _cover(case), _safe_names(names_of(frozen)))
        return letter_parts(page)
    except (MlaError, KeyError, TypeError, ValueError, AttributeError):
        # It came from outside: whatever its form does not print is read in the PDF that came with it.
        return None


def _safe_names(names: Names) -> Names:
    """The sender names a template for each measure; ours alone are used."""
    known = measure_catalogue()
    measures = {
        slug: replace(measure, template=known[slug].letter_template if slug in known else "measures/other.html")
        for slug, measure in names.measures.items()
    }
    return replace(names, measures=measures)


def _cover(case: IncomingRequest) -> Cover:
    return Cover(
        own_reference=case.peer_reference,
        sender=office_lines(case.sender),
        addressee=office_lines(case.authority),
        content_hash=case.content_hash,
    )
