"""The same request once more, as a new letter and a new case: sent again after it came back, to the competent authority
after it went on, or taken up again after it was closed. Nothing of the earlier case changes.

Two presses make one letter (see follow_up).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.core import clock
from mla.core.reasons import Reason
from workflows.drafting.key_dates import needed_by
from workflows.drafting.letterfile import LetterFile
from workflows.drafting.models import Confidentiality, LetterShare, NamedOfficer
from workflows.drafting.models_reuse import LetterLink
from workflows.drafting.reuse import Beginning
from workflows.drafting.selectors import access_version_by_number
from workflows.drafting.services import letter_create
from workflows.engine.acts import one_act
from workflows.engine.errors import ActForbidden, ConditionsNotMet
from workflows.engine.machine import Effects
from workflows.engine.perform import create
from workflows.lifecycle.begun import fitting, once, require_drafter
from workflows.lifecycle.models import OutgoingRequest, RegisterCounter
from workflows.lifecycle.outcomes import Outcome, OutgoingStatus
from workflows.lifecycle.services.outgoing_chain import outgoing_create
from workflows.lifecycle.services.outgoing_reuse import WholeLetter, sent_version, whole_letter
from workflows.lifecycle.services.registers import register_next


def outgoing_resubmit(*, earlier: OutgoingRequest, by: Actor) -> OutgoingRequest:
    """Begin the letter that is sent again in the place of one that came back, or return the one that was begun so before.

    It begins with the whole text that was sent; its draft shows each defect at its place. For whoever may draft, of either
    authority of the case.

    Raises:
        ConditionsNotMet: it did not come back.
        AccessDenied: the version that was sent is hidden.
        ActForbidden: the role may not draft, or it is another authority's case.
    """
    require_drafter(earlier, by, "resubmit")
    _require_outcome(earlier, Outcome.RETURNED, "resubmit", _("this request did not come back"))
    whole = whole_letter(earlier, sent_version(earlier=earlier, by=by), LetterLink.Kind.RESUBMISSION)
    return _begun(whole, earlier, by, "resubmit")


def outgoing_send_on(*, earlier: OutgoingRequest, by: Actor) -> OutgoingRequest:
    """Begin the letter to the authority that a request went on to, or return the one that was begun so before.

    It is addressed to that authority where the directory has it; else the addressee is for the drafter to name.

    Raises:
        ConditionsNotMet: it did not go on to another authority.
        AccessDenied, ActForbidden: see outgoing_resubmit.
    """
    require_drafter(earlier, by, "send_on")
    _require_outcome(earlier, Outcome.REDIRECTED, "send_on", _("this request did not go on to another authority"))
    whole = whole_letter(earlier, sent_version(earlier=earlier, by=by), LetterLink.Kind.REDIRECTION)
    asked = {name: value for name, value in whole.content["requested"].items() if name != "authority"}
    if earlier.redirected_to is not None:
        asked["authority"] = earlier.redirected_to.code
    whole.content["requested"] = asked
    return _begun(whole, earlier, by, "send_on")


def outgoing_reopen(*, earlier: OutgoingRequest, by: Actor, reason: str) -> OutgoingRequest:
    """Take up a closed case again as a new one, or return the one that was begun so before.

    For the supervisor of the central authority. The letter lies with its desk, as one that was taken in does, and is
    drafted, examined and approved anew; the originating authority stays whose request it is. Who reopens has written
    nothing of it, and may approve it.

    Raises:
        ConditionsNotMet: the case is not closed; no reason.
        AccessDenied: the letter is hidden.
        ActForbidden: another role, or another authority's case.
    """
    if not (holds(by, "outgoing.reopen") and by.authority_id == earlier.central_id):
        raise ActForbidden("reopen", [Reason("forbidden", _("only a supervisor of its central authority reopens it"))])
    unmet = []
    if earlier.status != OutgoingStatus.CLOSED:
        unmet.append(Reason("not_closed", _("only a closed case is taken up again")))
    if not reason.strip():
        unmet.append(Reason("reason_missing", _("say why the case is taken up again"), field="reason"))
    if unmet:
        raise ConditionsNotMet("reopen", unmet)
    sent = earlier.approved_version if earlier.sent_at is not None else None
    version = access_version_by_number(by, earlier.letter, sent.number if sent else None)
    whole = whole_letter(earlier, version, LetterLink.Kind.REOPENING, reason=reason.strip())
    content = fitting(whole.content, "reopen")
    return once(
        f"reopen {earlier.letter.public_id}", by, lambda key: _reopened(earlier, whole, content, by, reason, key)
    )


@dataclass(frozen=True, slots=True)
class _Reopens(Beginning):
    """The beginning of a letter that lies with the central authority from its first version on."""

    case: OutgoingRequest | None = None

    def rows(self, letter: Any, by_id: int, at: dt.datetime) -> list[models.Model]:
        found, case = Beginning.rows(self, letter, by_id, at), self.case
        assert case is not None
        if case.central_id != case.originating_id:
            found.append(
                LetterShare(
                    letter=letter, authority_id=case.central_id, kind=LetterShare.Kind.LODGED, version_number=1, at=at
                )
            )
        if letter.confidentiality == Confidentiality.RESTRICTED:
            # Who saw the earlier letter sees this one: else nobody could go on with it.
            people = NamedOfficer.objects.filter(letter=case.letter, ended_at=None).exclude(user=by_id)
            found += [NamedOfficer(letter=letter, user_id=one.user_id, at=at) for one in people.order_by("id")]
        return found


def _reopened(
    earlier: OutgoingRequest, whole: WholeLetter, content: LetterFile, by: Actor, reason: str, key: UUID
) -> OutgoingRequest:
    originating, central = earlier.originating, earlier.central
    with one_act():
        # Registers before cases.
        reference = register_next(authority=central, stream=RegisterCounter.Stream.OUTGOING)
        letter = letter_create(
            content=content,
            authority=originating,
            by=by,
            annexes=whole.annexes,
            public_id=key,
            beginning=_Reopens(**whole.beginning, case=earlier),
            act="reopen",
        )
        case = OutgoingRequest(
            letter=letter, authority=central, originating=originating, central=central, reference=reference
        )
        if originating != central:
            now = clock.now()
            case.lodged_at, case.lodged_number, case.taken_in_at = now, 1, now
        case.press(content.urgency.level, needed_by(letter.present().content))
        detail = {"earlier": str(earlier.public_id), "reference": reference}
        return create(case, act="reopen", by=by, effects=Effects(reason=reason.strip(), detail=detail))


def _begun(whole: WholeLetter, earlier: OutgoingRequest, by: Actor, act: str) -> OutgoingRequest:
    beginning = Beginning(**whole.beginning)
    content = fitting(whole.content, act)
    return once(
        f"{act} {earlier.letter.public_id}",
        by,
        lambda key: outgoing_create(content=content, by=by, letter_id=key, beginning=beginning, annexes=whole.annexes),
    )


def _require_outcome(case: OutgoingRequest, outcome: str, act: str, message: str) -> None:
    if case.outcome != outcome:
        raise ConditionsNotMet(act, [Reason("other_outcome", message)])
