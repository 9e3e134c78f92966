"""The closed lists of the two machines. Few statuses; what can be open beside them is a dated row."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class OutgoingStatus(models.TextChoices):
    DRAFTING = "drafting", _("drafting")
    IN_REVIEW = "in_review", _("in review")
    APPROVED = "approved", _("approved")
    SENT = "sent", _("sent")
    ACKNOWLEDGED = "acknowledged", _("acknowledged")
    IN_EXECUTION = "in_execution", _("in execution")
    CONCLUDED = "concluded", _("concluded")
    CLOSED = "closed", _("closed")


class AwaitsSignature(models.TextChoices):
    """What the PDF of an approved letter lacks before it may leave."""

    SCAN = "scan", _("the scan of the signed and sealed print")
    CERTIFICATE = "certificate", _("a certificate to sign with")
    TIMESTAMP = "timestamp", _("the timestamp of its signature")


#: A request out whose letter is lodged and not yet under review: no status of the machine, and what people call it.
LODGED = "lodged"
#: The statuses of a request out as they are read, in their order.
OUTGOING_STAGES = [OutgoingStatus.choices[0], (LODGED, _("lodged")), *OutgoingStatus.choices[1:]]


class IncomingStatus(models.TextChoices):
    RECEIVED = "received", _("received")
    ACKNOWLEDGED = "acknowledged", _("acknowledged")
    UNDER_REVIEW = "under_review", _("under review")
    IN_EXECUTION = "in_execution", _("in execution")
    CONCLUDED = "concluded", _("concluded")
    CLOSED = "closed", _("closed")


class ItemStatus(models.TextChoices):
    REQUESTED = "requested", _("requested")
    ACCEPTED = "accepted", _("accepted")
    POSTPONED = "postponed", _("postponed")
    EXECUTED = "executed", _("executed")
    PARTIALLY_EXECUTED = "partially_executed", _("partially executed")
    REFUSED = "refused", _("refused")
    NOT_HELD = "not_held", _("not held")
    IMPOSSIBLE = "impossible", _("impossible")
    WITHDRAWN = "withdrawn", _("withdrawn")


#: Statuses of an item after which nothing more is expected.
ITEM_FINAL = frozenset(
    {
        ItemStatus.EXECUTED,
        ItemStatus.PARTIALLY_EXECUTED,
        ItemStatus.REFUSED,
        ItemStatus.NOT_HELD,
        ItemStatus.IMPOSSIBLE,
        ItemStatus.WITHDRAWN,
    }
)


class Outcome(models.TextChoices):
    """How a request ended; empty while it is open."""

    EXECUTED = "executed", _("executed")
    PARTIALLY_EXECUTED = "partially_executed", _("partially executed")
    REFUSED = "refused", _("refused")
    RETURNED = "returned", _("returned as defective")
    REDIRECTED = "redirected", _("redirected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    NOT_HELD = "not_held", _("nothing held")
    IMPOSSIBLE = "impossible", _("impossible to execute")
    NOT_PURSUED = "not_pursued", _("not pursued")
    UNANSWERED = "unanswered", _("never answered")
    OBTAINED_OTHERWISE = "obtained_otherwise", _("obtained otherwise")
    SUPERSEDED = "superseded", _("superseded by another request")


#: How a request ends that the requesting State needs no more; the requested State knows it as withdrawn.
NOT_NEEDED = (Outcome.WITHDRAWN, Outcome.OBTAINED_OTHERWISE, Outcome.SUPERSEDED)


class ReturnCode(models.TextChoices):
    """Why a request was sent back. Neither is a refusal: nothing was decided on what it asks for."""

    UNREGISTERED = "unregistered", _("returned without being taken up")
    DEFECTIVE = "defective", _("returned as defective after it was examined")


def outcome_of_items(statuses: list[str]) -> Outcome:
    """Return the outcome of a request from the final statuses of its items.

    Where one item was impossible it is not said that nothing was held: nobody could look.

    Raises:
        ValueError: there is none, or one is not final.
    """
    left = set(statuses)
    if not left or not left <= ITEM_FINAL:
        raise ValueError("every item needs a final status first")
    if left <= {ItemStatus.EXECUTED}:
        return Outcome.EXECUTED
    if left & {ItemStatus.EXECUTED, ItemStatus.PARTIALLY_EXECUTED}:
        return Outcome.PARTIALLY_EXECUTED
    if left <= {ItemStatus.WITHDRAWN}:
        return Outcome.WITHDRAWN
    if ItemStatus.REFUSED in left:
        return Outcome.REFUSED
    if ItemStatus.IMPOSSIBLE in left:
        return Outcome.IMPOSSIBLE
    return Outcome.NOT_HELD
