"""From the first word to the approval: drafting along the chain of authorities."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from mla.accounts.actors import Actor
from mla.reference.models import Authority
from workflows.drafting.annexes import Upload
from workflows.drafting.key_dates import needed_by
from workflows.drafting.letterfile import LetterFile
from workflows.drafting.models import LetterOfRequest
from workflows.drafting.reuse import Beginning
from workflows.drafting.services import letter_create, letter_freeze, letter_hand_back, letter_open_next
from workflows.engine.acts import one_act
from workflows.engine.perform import create, perform
from workflows.lifecycle.guards import current_version
from workflows.lifecycle.models import OpenPoint, OutgoingRequest, RegisterCounter
from workflows.lifecycle.models.outgoing_emergency import RISK_TEST
from workflows.lifecycle.services.registers import register_next


def outgoing_create(
    *,
    content: LetterFile,
    by: Actor,
    confidentiality: str | None = None,
    letter_id: UUID | None = None,
    beginning: Beginning | None = None,
    annexes: Sequence[Upload] = (),
) -> OutgoingRequest:
    """Begin a request: the letter and its case file, both owned by the actor's authority.

    For a drafter of an originating authority, or a desk officer of a central authority that drafts itself.
    `letter_id`: the letter's public identifier, chosen by the form, so that a second press makes no second letter.
    `beginning`, `annexes`: see letter_create.

    Raises:
        ActForbidden: the role may not draft.
    """
    originating = Authority.objects.get(pk=by.authority_id or 0)
    with one_act():
        letter = letter_create(
            content=content,
            authority=originating,
            by=by,
            confidentiality=confidentiality,
            annexes=annexes,
            public_id=letter_id,
            beginning=beginning,
        )
        return outgoing_open(letter=letter, by=by, urgency=content.urgency.level)


def outgoing_open(*, letter: LetterOfRequest, by: Actor, urgency: str = "routine") -> OutgoingRequest:
    """Open the case file of a letter that stands already (an imported one). Raises as outgoing_create."""
    originating = letter.authority
    case = OutgoingRequest(
        letter=letter,
        authority=originating,
        originating=originating,
        central=originating.central or originating,
    )
    case.press(urgency, needed_by(letter.present().content))
    return create(case, act="create", by=by)


def outgoing_lodge(*, outgoing: OutgoingRequest, by: Actor, expected_version: int | None = None) -> OutgoingRequest:
    """Freeze the letter and hand it to the central authority. For the originating authority.

    Raises:
        ConditionsNotMet: with every hard gap, each with its question and article.
    """
    with one_act():
        letter_freeze(letter=outgoing.letter, by=by)
        return perform(outgoing, "lodge", by=by, expected_version=expected_version)


def outgoing_take_in(*, outgoing: OutgoingRequest, by: Actor, expected_version: int | None = None) -> OutgoingRequest:
    """Register a lodged letter at the central authority; it gets the number of the register of requests out.

    Raises:
        VersionChanged: `expected_version` is not the present one; no number is used up.
    """
    with one_act():
        return perform(outgoing, "take_in", by=by, expected_version=expected_version, reference=_reference(outgoing))


def outgoing_query_originator(
    *, outgoing: OutgoingRequest, by: Actor, question: str, due: dt.date | None = None
) -> OutgoingRequest:
    """Ask the originating authority something; for the central authority."""
    return perform(outgoing, "query_originator", by=by, question=question, due=due)


def outgoing_answer_query(
    *, outgoing: OutgoingRequest, by: Actor, answer: str, point_id: UUID | None = None
) -> OutgoingRequest:
    """Answer a query of the central authority, by default the oldest open one; for the originating authority.

    Raises:
        ConditionsNotMet: it is answered already.
    """
    with one_act():
        point = oldest_open_point(case=outgoing, kinds=[OpenPoint.Kind.ORIGINATOR_QUERY], point_id=point_id)
        return perform(outgoing, "answer_query", by=by, answer=answer, point=point)


def outgoing_return_to_originator(*, outgoing: OutgoingRequest, by: Actor, reason: str) -> OutgoingRequest:
    """Give the letter back to be changed; its next version opens for the originating authority."""
    with one_act():
        letter_hand_back(letter=outgoing.letter, by=by)
        return perform(outgoing, "return_to_originator", by=by, reason=reason)


def outgoing_submit(*, outgoing: OutgoingRequest, by: Actor, expected_version: int | None = None) -> OutgoingRequest:
    """Put the letter before the supervisor. An authority that drafts itself freezes and numbers it here.

    Raises:
        ConditionsNotMet: with every hard gap, each with its question and article.
    """
    with one_act():
        letter_freeze(letter=outgoing.letter, by=by)
        return perform(outgoing, "submit", by=by, expected_version=expected_version, reference=_reference(outgoing))


def outgoing_return_for_changes(
    *, outgoing: OutgoingRequest, by: Actor, comments: list[tuple[str, str]]
) -> OutgoingRequest:
    """Send the letter back to the desk with comments, each (path of the answer, text). For the supervisor."""
    with one_act():
        returned = perform(outgoing, "return_for_changes", by=by, comments=comments)
        letter_open_next(letter=outgoing.letter, by=by)
        return returned


def outgoing_approve(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    content_hash: str,
    rights_screened: bool,
    expected_version: int | None = None,
) -> OutgoingRequest:
    """Approve the version whose hash the supervisor read; the PDF is made after the commit.

    Raises:
        ConditionsNotMet: the approver wrote on the letter, the content is not the one read, a gap.
        VersionChanged: the case changed since.
    """
    return perform(
        outgoing,
        "approve",
        by=by,
        expected_version=expected_version,
        content_hash=content_hash,
        rights_screened=rights_screened,
        addressee=addressee_of(outgoing),
    )


def outgoing_approve_provisionally(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    content_hash: str,
    rights_screened: bool,
    risk_test: Mapping[str, str],
    expected_version: int | None = None,
) -> OutgoingRequest:
    """Approve a letter in an emergency on one pair of eyes; for the duty officer, who may have written it.

    `risk_test`: an answer for each of RISK_TEST. A draft is frozen, a lodged letter taken in with it. A second person
    confirms or withdraws it within 24 hours.

    Raises:
        ConditionsNotMet: the authority does not allow it, no emergency, the test is not answered, a hard gap, the
            content is not the one read.
        VersionChanged: the case changed since.
    """
    with one_act():
        letter_freeze(letter=outgoing.letter, by=by)
        return perform(
            outgoing,
            "approve_provisionally",
            by=by,
            expected_version=expected_version,
            content_hash=content_hash,
            rights_screened=rights_screened,
            risk_test={name: str(risk_test.get(name, "")).strip() for name in RISK_TEST},
            addressee=addressee_of(outgoing),
            reference=_reference(outgoing),
        )


def outgoing_confirm(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    content_hash: str,
    rights_screened: bool,
    expected_version: int | None = None,
) -> OutgoingRequest:
    """Confirm what the duty officer sent alone; the confirmation in writing is made and sent after the commit.

    For a supervisor who neither wrote the letter nor sent it. Who does not agree withdraws the request.

    Raises:
        ConditionsNotMet: nothing awaits confirmation, the same person, not the content that was read.
    """
    return perform(
        outgoing,
        "confirm",
        by=by,
        expected_version=expected_version,
        content_hash=content_hash,
        rights_screened=rights_screened,
    )


def outgoing_attach_confirmation(*, outgoing: OutgoingRequest, sha256: str, content_hash: str) -> OutgoingRequest:
    """Write the hash of the confirming PDF into the file; called by documents when it exists, as the system."""
    by = Actor.system("documents", authority_id=outgoing.authority_id)
    return perform(outgoing, "attach_confirmation", by=by, sha256=sha256, content_hash=content_hash)


def outgoing_reject(*, outgoing: OutgoingRequest, by: Actor, reason: str) -> OutgoingRequest:
    """End the request without sending it; for the supervisor."""
    return perform(outgoing, "reject", by=by, reason=reason)


def outgoing_give_up(*, outgoing: OutgoingRequest, by: Actor, reason: str) -> OutgoingRequest:
    """End the request before it is sent; notifies nobody abroad, since nobody abroad knows it."""
    return perform(outgoing, "give_up", by=by, reason=reason)


def outgoing_revise(*, outgoing: OutgoingRequest, by: Actor, reason: str) -> OutgoingRequest:
    """Open an approved letter again; the approval lapses with it."""
    with one_act():
        revised = perform(outgoing, "revise", by=by, reason=reason)
        letter_open_next(letter=outgoing.letter, by=by)
        return revised


def oldest_open_point(
    *, case: OutgoingRequest, kinds: Collection[str], point_id: UUID | None = None
) -> OpenPoint | None:
    """Return a question of some kinds that is open, locked: the named one or the oldest; None: it is answered."""
    wanted = OpenPoint.objects.filter(outgoing=case, kind__in=kinds, answered_at=None)
    if point_id is not None:
        wanted = wanted.filter(point_id=point_id)
    # Chosen before it is locked: whoever waited for another's answer must not answer the next question with his.
    oldest = wanted.order_by("id").values_list("pk", flat=True).first()
    if oldest is None:
        return None
    return OpenPoint.objects.select_for_update(of=("self",)).filter(pk=oldest, answered_at=None).first()


def addressee_of(outgoing: OutgoingRequest) -> Authority | None:
    """Return the authority that the current version is addressed to, or None where it names none."""
    content = current_version(outgoing).content
    code = content.get("requested", {}).get("authority")
    return Authority.objects.filter(code=code, jurisdiction__code=content["requested"]["jurisdiction"]).first()


def _reference(outgoing: OutgoingRequest) -> str:
    if outgoing.reference:
        return outgoing.reference
    # Registers before cases: the number is taken before the case row is locked.
    stands = OutgoingRequest.objects.values_list("reference", flat=True).get(pk=outgoing.pk)
    return stands or register_next(authority=outgoing.central, stream=RegisterCounter.Stream.OUTGOING)
