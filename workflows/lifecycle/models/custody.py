"""The transfer of a person in custody for a time: consent, arrangements, the way there and the way back.

UNTOC article 18(10) to (12) and UNCAC article 46(10) to (12); ETS 030 articles 11 and 12, and its Second Additional Protocol,
articles 3 and 13. Either State can be the one from which the person comes; it alone writes consent, arrangements and the
day of return, and it alone can waive the return. The hand-over is written by whoever was there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from mla.reference.custody import custody_codes
from workflows.engine.machine import Doing, Effects, act
from workflows.lifecycle import guards
from workflows.lifecycle import guards_custody as custody
from workflows.lifecycle import guards_short as short
from workflows.lifecycle.models.custody_rows import ARRANGED, BEFORE, CustodyRow, ReturnExtension, Status

Proven = dict[str, Any] | None


def _before_codes() -> Any:
    return custody_codes("before")


def _decline_codes() -> Any:
    return custody_codes("decline")


def _release_codes() -> Any:
    return custody_codes("release")


_CONSENT = [
    guards.needs("on", "taken_by", "before"),
    short.day_is_not_ahead("on"),
    short.code_known("before", _before_codes),
]
_NO_CONSENT = [guards.needs("on"), short.day_is_not_ahead("on")]
_ARRANGED = [
    guards.needs("transfer_on", "transfer_place", "return_on", "return_place", "custody_terms"),
    custody.days_in_order,
    short.day_is_not_past("transfer_on"),
    custody.transit_is_known,
]
_DECLINED = [guards.needs("ground", "reason"), short.code_known("ground", _decline_codes)]
_MOVED = [guards.needs("on", "place", "handed_by", "handed_to"), short.day_is_not_ahead("on")]
_RELEASED = [
    guards.needs("on", "why", "words"),
    short.day_is_not_ahead("on"),
    short.code_known("why", _release_codes),
]
_THEIRS = [custody.they_hold, short.row_proof_when_recorded_by_hand]


class CustodyMachine(CustodyRow):
    """The same acts on both sides: what the State does that holds the person, and what the other one records of it."""

    class Meta:
        abstract = True

    # --- consent: UNTOC 18(10)(a), ETS 030 article 11(1)(a) ---

    def may_record_consent(self, actor: Actor) -> bool:
        return self.ours(actor, "record_consent")

    @act(
        label=_("Record the consent of the person"),
        source=[Status.REQUESTED],
        target=Status.CONSENT_OBTAINED,
        permission=may_record_consent,
        conditions=[custody.we_hold, *_CONSENT],
    )
    def record_consent(self, doing: Doing, *, on: Any, taken_by: str, before: str, words: str = "") -> Effects:
        return self._consents(on, taken_by, before, words, told=True)

    def may_note_consent(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_consent")

    @act(
        label=_("Record that the person consented there"),
        source=[Status.REQUESTED],
        target=Status.CONSENT_OBTAINED,
        permission=may_note_consent,
        conditions=[*_CONSENT, *_THEIRS],
    )
    def note_consent(
        self, doing: Doing, *, on: Any, taken_by: str, before: str, words: str = "", proof: Proven = None
    ) -> Effects:
        return self._proven(doing, proof, self._consents(on, taken_by, before, words))

    def may_record_no_consent(self, actor: Actor) -> bool:
        return self.ours(actor, "record_no_consent")

    @act(
        label=_("Record that the person does not consent"),
        source=BEFORE,
        target=Status.CONSENT_REFUSED,
        permission=may_record_no_consent,
        conditions=[custody.we_hold, *_NO_CONSENT],
    )
    def record_no_consent(self, doing: Doing, *, on: Any, words: str = "") -> Effects:
        """At any time before the person leaves: a consent can be taken back."""
        return self._refuses(on, words, told=True)

    def may_note_no_consent(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_no_consent")

    @act(
        label=_("Record that the person did not consent there"),
        source=BEFORE,
        target=Status.CONSENT_REFUSED,
        permission=may_note_no_consent,
        conditions=[*_NO_CONSENT, *_THEIRS],
    )
    def note_no_consent(self, doing: Doing, *, on: Any, words: str = "", proof: Proven = None) -> Effects:
        return self._proven(doing, proof, self._refuses(on, words))

    # --- whether, and how ---

    def may_decline(self, actor: Actor) -> bool:
        return self.ours(actor, "decline")

    @act(
        label=_("Decline the transfer"),
        source=BEFORE,
        target=Status.DECLINED,
        permission=may_decline,
        conditions=[custody.we_hold, *_DECLINED],
    )
    def decline(self, doing: Doing, *, ground: str, reason: str, article: str = "") -> Effects:
        return self._declines(ground, reason, article, told=True)

    def may_note_declined(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_declined")

    @act(
        label=_("Record that the transfer is declined"),
        source=BEFORE,
        target=Status.DECLINED,
        permission=may_note_declined,
        conditions=[*_DECLINED, *_THEIRS],
    )
    def note_declined(
        self, doing: Doing, *, ground: str, reason: str, article: str = "", proof: Proven = None
    ) -> Effects:
        return self._proven(doing, proof, self._declines(ground, reason, article))

    def may_agree_arrangements(self, actor: Actor) -> bool:
        return self.ours(actor, "agree_arrangements")

    @act(
        label=_("Write the arrangements"),
        source=[Status.CONSENT_OBTAINED, Status.ARRANGEMENTS_AGREED],
        target=Status.ARRANGEMENTS_AGREED,
        permission=may_agree_arrangements,
        conditions=[custody.we_hold, *_ARRANGED],
    )
    def agree_arrangements(
        self,
        doing: Doing,
        *,
        transfer_on: Any,
        transfer_place: str,
        return_on: Any,
        return_place: str,
        custody_terms: str,
        transit: Sequence[str] = (),
        time_credit: str = "",
        safe_conduct: str = "",
    ) -> Effects:
        """Written again as long as the person has not left. `transit`: codes of States."""
        return self._arranges(doing, told=True)

    def may_note_arrangements(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_arrangements")

    @act(
        label=_("Record the arrangements"),
        source=[Status.CONSENT_OBTAINED, Status.ARRANGEMENTS_AGREED],
        target=Status.ARRANGEMENTS_AGREED,
        permission=may_note_arrangements,
        conditions=[*_ARRANGED, *_THEIRS],
    )
    def note_arrangements(
        self,
        doing: Doing,
        *,
        transfer_on: Any,
        transfer_place: str,
        return_on: Any,
        return_place: str,
        custody_terms: str,
        transit: Sequence[str] = (),
        time_credit: str = "",
        safe_conduct: str = "",
        proof: Proven = None,
    ) -> Effects:
        return self._proven(doing, proof, self._arranges(doing))

    # --- there and back: written by whoever was there; where both wrote, the State counts from which the person comes ---

    def may_record_transfer(self, actor: Actor) -> bool:
        return self.ours(actor, "record_transfer")

    @act(
        label=_("Record the hand-over of the person"),
        source=[Status.ARRANGEMENTS_AGREED],
        target=Status.TRANSFERRED,
        permission=may_record_transfer,
        conditions=_MOVED,
    )
    def record_transfer(self, doing: Doing, *, on: Any, place: str, handed_by: str, handed_to: str) -> Effects:
        return self._goes(on, place, handed_by, handed_to, told=True)

    def may_note_transfer(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_transfer")

    @act(
        label=_("Record that they wrote of the hand-over"),
        source=[Status.ARRANGEMENTS_AGREED, Status.TRANSFERRED],
        target=Status.TRANSFERRED,
        permission=may_note_transfer,
        conditions=[*_MOVED, short.row_proof_when_recorded_by_hand],
    )
    def note_transfer(
        self, doing: Doing, *, on: Any, place: str, handed_by: str, handed_to: str, proof: Proven = None
    ) -> Effects:
        if self.status == Status.TRANSFERRED and self.from_us:
            return self._kept(doing, proof, self.transferred_on, on)
        return self._proven(doing, proof, self._goes(on, place, handed_by, handed_to))

    def may_record_return(self, actor: Actor) -> bool:
        return self.ours(actor, "record_return")

    @act(
        label=_("Record the return of the person"),
        source=[Status.TRANSFERRED],
        target=Status.RETURNED,
        permission=may_record_return,
        conditions=[*_MOVED, custody.returned_after_transfer],
    )
    def record_return(self, doing: Doing, *, on: Any, place: str, handed_by: str, handed_to: str) -> Effects:
        return self._comes(on, place, handed_by, handed_to, told=True)

    def may_note_return(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_return")

    @act(
        label=_("Record that they wrote of the return"),
        source=[Status.TRANSFERRED, Status.RETURNED, Status.RELEASED],
        target=Status.RETURNED,
        permission=may_note_return,
        conditions=[*_MOVED, custody.returned_after_transfer, short.row_proof_when_recorded_by_hand],
    )
    def note_return(
        self, doing: Doing, *, on: Any, place: str, handed_by: str, handed_to: str, proof: Proven = None
    ) -> Effects:
        """A person who was released there and comes back all the same is back."""
        if self.status == Status.RETURNED and self.from_us:
            return self._kept(doing, proof, self.returned_on, on)
        return self._proven(doing, proof, self._comes(on, place, handed_by, handed_to))

    # --- the day of return ---

    def may_ask_extension(self, actor: Actor) -> bool:
        return self.ours(actor, "ask_extension")

    @act(
        label=_("Ask for a later day of return"),
        source=[Status.TRANSFERRED],
        target=None,
        permission=may_ask_extension,
        conditions=[
            custody.they_hold,
            custody.no_extension_open,
            guards.needs("on", "reason"),
            custody.new_day_is_later,
        ],
    )
    def ask_extension(self, doing: Doing, *, on: Any, reason: str, extension_id: Any) -> Effects:
        """The agreed day stands until the State from which the person comes says another."""
        told = {"extension": str(extension_id)}
        row = self._wish(doing, on, reason, extension_id)
        return Effects(rows=[row], detail=told, events=[(f"{self.KIND}.extension_asked", told)])

    def may_note_extension_asked(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_extension_asked")

    @act(
        label=_("Record that a later day of return is asked for"),
        source=[Status.TRANSFERRED],
        target=None,
        permission=may_note_extension_asked,
        conditions=[
            guards.needs("on"),
            custody.new_day_is_later,
            custody.no_extension_open,
            custody.we_hold,
            short.row_proof_when_recorded_by_hand,
        ],
    )
    def note_extension_asked(
        self, doing: Doing, *, on: Any, extension_id: Any, reason: str = "", proof: Proven = None
    ) -> Effects:
        rows = [self._wish(doing, on, reason, extension_id), *self.proof_rows(doing, proof)]
        return Effects(rows=rows, detail={"extension": str(extension_id)})

    def may_extend_return(self, actor: Actor) -> bool:
        return self.ours(actor, "extend_return")

    @act(
        label=_("Agree to a later day of return"),
        source=[Status.TRANSFERRED],
        target=None,
        permission=may_extend_return,
        conditions=[custody.we_hold, guards.needs("on"), custody.new_day_is_later],
    )
    def extend_return(self, doing: Doing, *, on: Any, extension: ReturnExtension, answer: str = "") -> Effects:
        """`extension`: what was asked, or a new row where nothing was."""
        return self._extends(doing, on, extension, answer, told=True)

    def may_note_extended(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_extended")

    @act(
        label=_("Record that they agree to a later day of return"),
        source=[Status.TRANSFERRED],
        target=None,
        permission=may_note_extended,
        conditions=[guards.needs("on"), *_THEIRS],
    )
    def note_extended(
        self, doing: Doing, *, on: Any, extension: ReturnExtension, answer: str = "", proof: Proven = None
    ) -> Effects:
        return self._proven(doing, proof, self._extends(doing, on, extension, answer))

    def may_refuse_extension(self, actor: Actor) -> bool:
        return self.ours(actor, "refuse_extension")

    @act(
        label=_("Keep the agreed day of return"),
        source=[Status.TRANSFERRED],
        target=None,
        permission=may_refuse_extension,
        conditions=[custody.we_hold, custody.extension_is_open, guards.needs("answer")],
    )
    def refuse_extension(self, doing: Doing, *, extension: ReturnExtension, answer: str) -> Effects:
        told = {"extension": str(extension.extension_id)}
        changed = extension.answered(doing, ReturnExtension.State.REFUSED, answer)
        events = [(f"{self.KIND}.extension_refused", told)]
        return Effects(changed=[changed], reason=answer, detail=told, events=events)

    def may_note_extension_refused(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_extension_refused")

    @act(
        label=_("Record that the agreed day of return stands"),
        source=[Status.TRANSFERRED],
        target=None,
        permission=may_note_extension_refused,
        conditions=[custody.extension_is_open, *_THEIRS],
    )
    def note_extension_refused(
        self, doing: Doing, *, extension: ReturnExtension, answer: str = "", proof: Proven = None
    ) -> Effects:
        changed = extension.answered(doing, ReturnExtension.State.REFUSED, answer)
        return Effects(changed=[changed], rows=self.proof_rows(doing, proof))

    def may_release(self, actor: Actor) -> bool:
        return self.ours(actor, "release")

    @act(
        label=_("Waive the return: the person is released there"),
        source=[Status.TRANSFERRED],
        target=Status.RELEASED,
        permission=may_release,
        conditions=[custody.we_hold, *_RELEASED],
    )
    def release(self, doing: Doing, *, on: Any, why: str, words: str) -> Effects:
        """UNTOC 18(11)(a), ETS 030 article 11(3): the State that received the person sets the person free."""
        return self._releases(on, why, words, told=True)

    def may_note_released(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_released")

    @act(
        label=_("Record that they waive the return"),
        source=[Status.TRANSFERRED],
        target=Status.RELEASED,
        permission=may_note_released,
        conditions=[*_RELEASED, *_THEIRS],
    )
    def note_released(self, doing: Doing, *, on: Any, why: str, words: str, proof: Proven = None) -> Effects:
        return self._proven(doing, proof, self._releases(on, why, words))

    # --- shared by the bodies ---

    def _told(self, event: str, told: bool, **more: Any) -> Effects:
        return Effects(events=[(f"{self.KIND}.{event}", {})] if told else [], **more)

    def _proven(self, doing: Doing, proof: Proven, effects: Effects) -> Effects:
        effects.rows += self.proof_rows(doing, proof)
        return effects

    def _kept(self, doing: Doing, proof: Proven, ours: Any, theirs: Any) -> Effects:
        """Both wrote of it: the day of the State from which the person comes stands, the other is in the record."""
        detail = {"ours": ours.isoformat(), "theirs": theirs.isoformat(), "differs": ours != theirs}
        return Effects(rows=self.proof_rows(doing, proof), detail=detail)

    def _consents(self, on: Any, taken_by: str, before: str, words: str, *, told: bool = False) -> Effects:
        self.consent_on, self.consent_taken_by = on, taken_by
        self.consent_before, self.consent_words = before, words
        return self._told("consented", told, detail={"before": before})

    def _refuses(self, on: Any, words: str, *, told: bool = False) -> Effects:
        self.consent_on, self.consent_words = on, words
        return self._told("not_consented", told)

    def _declines(self, ground: str, reason: str, article: str, *, told: bool = False) -> Effects:
        self.ground, self.article, self.reason = ground, article, reason
        return self._told("declined", told, reason_code=ground, article=article, reason=reason)

    def _arranges(self, doing: Doing, *, told: bool = False) -> Effects:
        if doing.data["return_on"] != self.return_on:
            self.return_since = doing.at
        for name in ARRANGED:
            default: Any = [] if name == "transit" else ""
            given = doing.data.get(name, default)
            setattr(self, name, list(given) if name == "transit" else given)
        days = {name: doing.data[name].isoformat() for name in ("transfer_on", "return_on")}
        return self._told("arranged", told, detail=days)

    def _goes(self, on: Any, place: str, by: str, to: str, *, told: bool = False) -> Effects:
        self.transferred_on, self.transferred_place = on, place
        self.transferred_by, self.transferred_to = by, to
        return self._told("transferred", told, detail={"on": on.isoformat()})

    def _comes(self, on: Any, place: str, by: str, to: str, *, told: bool = False) -> Effects:
        self.returned_on, self.returned_place = on, place
        self.returned_by, self.returned_to = by, to
        return self._told("returned", told, detail={"on": on.isoformat()})

    def _wish(self, doing: Doing, on: Any, reason: str, extension_id: Any) -> ReturnExtension:
        return ReturnExtension(
            item=self.item, extension_id=extension_id, wished_on=on, reason=reason, asked_at=doing.at
        )

    def _extends(
        self, doing: Doing, on: Any, extension: ReturnExtension, answer: str, *, told: bool = False
    ) -> Effects:
        extension.answered(doing, ReturnExtension.State.AGREED, answer)
        extension.was_on, extension.agreed_on = self.return_on, on
        self.return_on, self.return_since = on, doing.at
        said = {"extension": str(extension.extension_id)}
        events = [(f"{self.KIND}.extended", said)] if told else []
        where = "changed" if extension.pk else "rows"
        return Effects(**{where: [extension]}, detail=said | {"on": on.isoformat()}, events=events)  # type: ignore[arg-type]

    def _releases(self, on: Any, why: str, words: str, *, told: bool = False) -> Effects:
        self.released_on, self.release_why, self.release_words = on, why, words
        return self._told("released", told, reason_code=why, reason=words)


def _checks(name: str) -> list[models.BaseConstraint]:
    return [
        models.CheckConstraint(condition=Q(status__in=Status.values), name=f"lifecycle_{name}_status"),
        models.CheckConstraint(
            condition=~Q(status__in=[Status.ARRANGEMENTS_AGREED, Status.TRANSFERRED]) | Q(return_on__isnull=False),
            name=f"lifecycle_{name}_has_return",
        ),
    ]


class CustodyOut(CustodyMachine):
    KIND = "custody_out"
    SIDE: ClassVar[Literal["outgoing", "incoming"]] = "outgoing"

    class Meta:
        ordering = ["id"]
        verbose_name = _("transfer of a person in custody")
        constraints = _checks("custody_out")
        indexes = [
            models.Index(
                fields=["return_on"], condition=Q(status=Status.TRANSFERRED), name="lifecycle_custody_out_over"
            )
        ]


class CustodyIn(CustodyMachine):
    KIND = "custody_in"
    SIDE: ClassVar[Literal["outgoing", "incoming"]] = "incoming"

    class Meta:
        ordering = ["id"]
        verbose_name = _("transfer of a person in custody")
        constraints = _checks("custody_in")
        indexes = [
            models.Index(fields=["return_on"], condition=Q(status=Status.TRANSFERRED), name="lifecycle_custody_in_over")
        ]
