"""In an emergency the duty officer alone sends a request; a second person looks at it within 24 hours.

The one named exception to four eyes (docs/adr/0006-emergencies.md). It needs an authority that allows it, a letter
that says it is an emergency, and a test of the danger that is answered and kept. The letter says that it is
provisional, until another person confirms it in writing or withdraws it.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from workflows.engine.machine import Doing, Effects, act
from workflows.lifecycle import guards
from workflows.lifecycle.models.pressing import PressingCase
from workflows.lifecycle.outcomes import OutgoingStatus as S

#: Hours after a provisional approval within which a second person confirms or withdraws. Our own rule.
CONFIRM_WITHIN = dt.timedelta(hours=24)

#: What the duty officer answers before a letter goes out on one pair of eyes (2AP 3(2)(c) names the danger).
RISK_TEST = ("danger", "imminent", "data_help", "confirmed_by", "call_back")


class EmergencyActs(PressingCase):
    """The acts of the emergency path in the requesting side's file."""

    provisional_at = models.DateTimeField(null=True, blank=True, help_text="approved by the duty officer alone")
    provisional_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    risk_test = models.JSONField(default=dict, blank=True, help_text="the test of the danger, as it was answered")
    confirmation_due_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True, help_text="by a second person")
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmation_sha256 = models.CharField(max_length=64, blank=True, help_text="of the PDF that confirms in writing")

    if TYPE_CHECKING:
        authority_id: int
        approved_version: Any
        taken_in_at: Any
        reference: Any

        def _central(self, actor: Actor, act_name: str) -> bool: ...

        def _approved(self, doing: Doing, addressee: Any) -> dict[str, Any]: ...

    class Meta:
        abstract = True

    @property
    def awaits_confirmation(self) -> bool:
        """Tell whether it went out, or may go out, on one pair of eyes and nobody has confirmed it."""
        return self.provisional_at is not None and self.confirmed_at is None

    def _end_provisional(self) -> dict[str, Any]:
        """Empty all that a provisional approval set, when it was never sent; return what the record says of it."""
        was = {"provisional_ended": True} if self.provisional_at is not None else {}
        self.provisional_at = self.provisional_by_id = self.confirmation_due_at = None
        self.risk_test = {}
        return was

    def may_approve_provisionally(self, actor: Actor) -> bool:
        return self._central(actor, "approve_provisionally")

    @act(
        label=_("Approve provisionally: emergency"),
        source=[S.DRAFTING, S.IN_REVIEW],
        target=S.APPROVED,
        permission=may_approve_provisionally,
        conditions=[
            guards.duty_officer_may_act_alone,
            guards.is_an_emergency,
            guards.in_our_hands,
            guards.version_is_frozen,
            guards.approves_what_was_read,
            guards.translation_stands_beside,
            guards.no_hard_gap,
            guards.rights_are_screened,
            guards.risk_test_is_passed,
            guards.needs("addressee"),
        ],
    )
    def approve_provisionally(
        self,
        doing: Doing,
        *,
        content_hash: str,
        rights_screened: bool,
        risk_test: dict[str, str],
        addressee: Any,
        reference: str = "",
    ) -> Effects:
        """`risk_test`: an answer for each of RISK_TEST."""
        detail = (
            self._approved(doing, addressee) | guards.screen_confirmed(self, rights_screened) | {"provisional": True}
        )
        self.provisional_at, self.provisional_by_id = doing.at, doing.by.user_id
        self.confirmation_due_at = doing.at + CONFIRM_WITHIN
        self.confirmed_at = self.confirmed_by_id = None
        self.risk_test = risk_test
        self.taken_in_at = self.taken_in_at or doing.at
        self.reference = self.reference or reference
        self.press("emergency", guards.needed_by_of(guards.current_version(self)))  # type: ignore[arg-type]
        return Effects(
            detail=detail | {"risk_test": sorted(risk_test), "reference": self.reference},
            reason=risk_test.get("danger", ""),
            events=[("outgoing.approved", {"version": self.approved_version.pk})],
        )

    def may_confirm(self, actor: Actor) -> bool:
        return self._central(actor, "confirm")

    @act(
        label=_("Confirm in writing what was sent provisionally"),
        source=[S.SENT, S.ACKNOWLEDGED, S.IN_EXECUTION, S.CONCLUDED],
        target=None,
        permission=may_confirm,
        conditions=[
            guards.awaits_confirmation,
            guards.confirmer_is_no_author,
            guards.confirms_what_was_read,
            guards.rights_are_screened,
        ],
    )
    def confirm(self, doing: Doing, *, content_hash: str, rights_screened: bool) -> Effects:
        self.confirmed_at, self.confirmed_by_id = doing.at, doing.by.user_id
        late = self.confirmation_due_at is not None and doing.at > self.confirmation_due_at
        detail = {"content_hash": content_hash, "late": late} | guards.screen_confirmed(self, rights_screened)
        return Effects(detail=detail, events=[("outgoing.confirmed", {"version": self.approved_version.pk})])

    def may_attach_confirmation(self, actor: Actor) -> bool:
        return self._central(actor, "attach_confirmation")

    @act(
        label=_("Put the written confirmation into the file"),
        source=[S.SENT, S.ACKNOWLEDGED, S.IN_EXECUTION, S.CONCLUDED],
        target=None,
        permission=may_attach_confirmation,
        conditions=[guards.is_confirmed, guards.rendered_from_the_approved, guards.needs("sha256")],
    )
    def attach_confirmation(self, doing: Doing, *, sha256: str, content_hash: str) -> Effects:
        self.confirmation_sha256, self.awaits_signature = sha256, ""
        detail = {"sha256": sha256, "content_hash": content_hash}
        return Effects(detail=detail, events=[("outgoing.confirmation_ready", {})])
