"""The preservation of one item in the file of the State that asked for it (Budapest 29; domain: Preservation)."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from workflows.drafting.models_reuse import LetterLink
from workflows.engine.machine import Doing, Effects, act
from workflows.lifecycle import guards
from workflows.lifecycle import guards_preservation as keeping
from workflows.lifecycle.keeping import Least, least_of
from workflows.lifecycle.models.items import Stored
from workflows.lifecycle.models.preservation import PreservationPoint, Preserving

Kind, Choice = PreservationPoint.Kind, PreservationPoint.Choice


class PreservationOut(Preserving):
    """What we asked to be kept: confirmed, extended, held until the request that follows is decided, released."""

    KIND = "preservation_out"
    SIDE = "outgoing"

    class Status(models.TextChoices):
        ASKED = "asked", _("asked")
        PRESERVED = "preserved", _("preserved")
        HELD = "held", _("kept until the request is decided")
        RELEASED = "released", _("released")
        LAPSED = "lapsed", _("lapsed")
        REFUSED = "refused", _("refused")
        NONE_HELD = "none_held", _("nothing held")
        WITHDRAWN = "withdrawn", _("withdrawn")

    S = Status

    status = FSMField(choices=Status, default=Status.ASKED, protected=True)
    hold_told_at = models.DateTimeField(null=True, blank=True, help_text="when they said that they hold the data")

    class Meta:
        ordering = ["id"]
        verbose_name = _("preservation that we asked")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "asked", "preserved", "held", "released", "lapsed", "refused", "none_held", "withdrawn",
                    ]
                ),
                name="lifecycle_preservation_out_status",
            ),
        ]  # fmt: skip

    @property
    def least(self) -> Least | None:
        version = self.item.outgoing.approved_version if self.item.outgoing else None
        return least_of(version.content, self.item.key) if version else None

    @property
    def follow_ups(self) -> list[Any]:
        from workflows.lifecycle.models.outgoing import OutgoingRequest

        assert self.item.outgoing is not None
        links = LetterLink.objects.filter(earlier=self.item.outgoing.letter_id, kind=LetterLink.Kind.FOLLOW_UP)
        return list(OutgoingRequest.objects.filter(letter__in=links.values("letter"), sent_at__isnull=False))

    # --- their word ---

    def may_note_preserved(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_preserved")

    @act(
        label=_("Record that the data are preserved"),
        source=[S.ASKED],
        target=S.PRESERVED,
        permission=may_note_preserved,
        conditions=[keeping.proven_by_hand, keeping.days_in_order, keeping.extent_is_known],
    )
    def note_preserved(
        self,
        doing: Doing,
        *,
        preserved_from: dt.date,
        until: dt.date,
        extent: str = "all",
        words: str = "",
        reference: str = "",
        rule: str = "",
        proof: Stored = None,
    ) -> Effects:
        """All or a part. The requested State alone sets the day; the data count as kept to its end there."""
        self.extent, self.words = extent, words
        rows = self.keep(doing, preserved_from, until, rule, reference)
        return Effects(rows=[*rows, *self._proof(doing, proof)], article=rule, detail=self._detail())

    def may_note_none(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_none")

    @act(
        label=_("Record that nothing is held"),
        source=[S.ASKED],
        target=S.NONE_HELD,
        permission=may_note_none,
        conditions=[keeping.proven_by_hand, guards.needs("reason")],
    )
    def note_none(self, doing: Doing, *, reason: str, proof: Stored = None) -> Effects:
        self.reason, self.ended_at = reason, doing.at
        return Effects(rows=self._proof(doing, proof), reason=reason, detail=self._detail())

    def may_note_refusal(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_refusal")

    @act(
        label=_("Record that the preservation is refused"),
        source=[S.ASKED],
        target=S.REFUSED,
        permission=may_note_refusal,
        conditions=[keeping.proven_by_hand, guards.needs("ground")],
    )
    def note_refusal(
        self, doing: Doing, *, ground: str, article: str = "", reason: str = "", proof: Stored = None
    ) -> Effects:
        """Refused on the grounds of Budapest 29(5) alone, where that Convention binds; on theirs otherwise."""
        self.ground, self.article, self.reason, self.ended_at = ground, article, reason, doing.at
        rows = self._proof(doing, proof)
        return Effects(rows=rows, reason_code=ground, article=article, reason=reason, detail=self._detail())

    def may_note_tipping_off(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_tipping_off")

    @act(
        label=_("Record that it cannot be kept without the person learning of it"),
        source=[S.ASKED],
        target=None,
        permission=may_note_tipping_off,
        conditions=[keeping.proven_by_hand, guards.needs("question"), keeping.none_open(keeping.TIPPING_OFF)],
    )
    def note_tipping_off(
        self,
        doing: Doing,
        *,
        question: str,
        due: dt.date | None = None,
        point_id: UUID | None = None,
        proof: Stored = None,
    ) -> Effects:
        """They ask whether to go on (Budapest 29(6))."""
        point = self.new_point(doing, Kind.TIPPING_OFF, point_id, words=question, due=due)
        rows = [point, *self._proof(doing, proof)]
        return Effects(rows=rows, detail=self._detail(point), article="CETS-185 29(6)")

    def may_note_extension(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_extension")

    @act(
        label=_("Record an extension"),
        source=[S.LAPSED],
        target=S.PRESERVED,
        permission=may_note_extension,
        conditions=[keeping.proven_by_hand, keeping.until_is_later],
    )
    @act(
        label=_("Record an extension"),
        source=[S.PRESERVED, S.HELD],
        target=None,
        permission=may_note_extension,
        conditions=[keeping.proven_by_hand, keeping.until_is_later],
    )
    def note_extension(
        self,
        doing: Doing,
        *,
        until: dt.date,
        words: str = "",
        point_id: UUID | None = None,
        proof: Stored = None,
    ) -> Effects:
        """Also of one that we thought had lapsed: their word may come late."""
        asked = self.open_point(Kind.EXTENSION, point_id)
        rows, changed, named = self.extended(doing, until, words, asked, point_id)
        self.ended_at = None
        detail = self._detail() | {"point": str(named)}
        return Effects(rows=[*rows, *self._proof(doing, proof)], changed=changed, detail=detail)

    def may_note_extension_refused(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_extension_refused")

    @act(
        label=_("Record that an extension is refused"),
        source=[S.PRESERVED, S.HELD, S.LAPSED],
        target=None,
        permission=may_note_extension_refused,
        conditions=[keeping.proven_by_hand, guards.needs("reason"), keeping.one_open(keeping.EXTENSION)],
    )
    def note_extension_refused(
        self, doing: Doing, *, reason: str, point_id: UUID | None = None, proof: Stored = None
    ) -> Effects:
        point = self.open_point(Kind.EXTENSION, point_id) or self.open_point(Kind.EXTENSION)
        assert point is not None
        point.answered(doing, Choice.REFUSED, reason)
        return Effects(rows=self._proof(doing, proof), changed=[point], reason=reason, detail=self._detail(point))

    def may_note_hold(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_hold")

    @act(
        label=_("Record that they keep it until the request is decided"),
        source=[S.PRESERVED, S.HELD],
        target=S.HELD,
        permission=may_note_hold,
        conditions=[keeping.proven_by_hand],
    )
    def note_hold(self, doing: Doing, *, reference: str = "", proof: Stored = None) -> Effects:
        """The request for the data has come in there (Budapest 29(7)): the day no longer ends anything."""
        self.held_at, self.hold_told_at = self.held_at or doing.at, doing.at
        self.held_for = self.held_for or reference
        return Effects(rows=self._proof(doing, proof), article="CETS-185 29(7)", detail=self._detail())

    def may_note_provider(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_provider")

    @act(
        label=_("Record another provider that came to light"),
        source=[S.ASKED, S.PRESERVED, S.HELD, S.NONE_HELD],
        target=None,
        permission=may_note_provider,
        conditions=[keeping.proven_by_hand, guards.needs("provider")],
    )
    def note_provider(
        self,
        doing: Doing,
        *,
        provider: str,
        jurisdiction: str = "",
        contact: str = "",
        words: str = "",
        point_id: UUID | None = None,
        proof: Stored = None,
    ) -> Effects:
        """Traffic data were disclosed in part, enough to identify the provider and the path (Budapest 30(1))."""
        point = self.new_point(
            doing, Kind.PROVIDER, point_id, provider=provider, jurisdiction=jurisdiction, contact=contact, words=words
        )
        rows = [point, *self._proof(doing, proof)]
        return Effects(rows=rows, detail=self._detail(point), article="CETS-185 30(1)")

    def may_note_released(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_released")

    @act(
        label=_("Record that they released the data"),
        source=[S.PRESERVED, S.HELD, S.LAPSED],
        target=S.RELEASED,
        permission=may_note_released,
        conditions=[keeping.proven_by_hand],
    )
    def note_released(self, doing: Doing, *, reason: str = "", proof: Stored = None) -> Effects:
        self.reason, self.ended_at = reason, doing.at
        return Effects(rows=self._proof(doing, proof), reason=reason, detail=self._detail())

    # --- ours ---

    def may_go_on(self, actor: Actor) -> bool:
        return self.ours(actor, "go_on")

    @act(
        label=_("Go on, although the person may learn of it"),
        source=[S.ASKED],
        target=None,
        permission=may_go_on,
        conditions=[keeping.one_open(keeping.TIPPING_OFF)],
    )
    def go_on(self, doing: Doing, *, answer: str = "") -> Effects:
        point = self.open_point(Kind.TIPPING_OFF)
        assert point is not None
        point.answered(doing, Choice.GO_ON, answer)
        told = [("preservation_out.went_on", {"point": str(point.point_id)})]
        return Effects(changed=[point], events=told, reason=answer, detail=self._detail(point))

    def may_withdraw(self, actor: Actor) -> bool:
        return self.ours(actor, "withdraw")

    @act(
        label=_("Withdraw the preservation"),
        source=[S.ASKED],
        target=S.WITHDRAWN,
        permission=may_withdraw,
        conditions=[guards.needs("reason")],
    )
    def withdraw(self, doing: Doing, *, reason: str) -> Effects:
        """Before it is confirmed; answers the question whether to go on where it was asked."""
        self.reason, self.ended_at = reason, doing.at
        point = self.open_point(Kind.TIPPING_OFF)
        changed: list[models.Model] = [point.answered(doing, Choice.WITHDRAW, reason)] if point else []
        told = [("preservation_out.withdrawn", {"point": str(point.point_id) if point else ""})]
        return Effects(changed=changed, events=told, reason=reason, detail=self._detail(point))

    def may_ask_extension(self, actor: Actor) -> bool:
        return self.ours(actor, "ask_extension")

    @act(
        label=_("Ask for an extension"),
        source=[S.PRESERVED, S.HELD],
        target=None,
        permission=may_ask_extension,
        conditions=[keeping.until_is_later, guards.needs("reason"), keeping.none_open(keeping.EXTENSION)],
    )
    def ask_extension(self, doing: Doing, *, until: dt.date, reason: str) -> Effects:
        """`until`: as wished; the requested State sets the day."""
        point = self.new_point(doing, Kind.EXTENSION, wanted_until=until, words=reason)
        told = [("preservation_out.extension_asked", {"point": str(point.point_id)})]
        return Effects(rows=[point], events=told, detail=self._detail(point), reason=reason)

    def may_hold(self, actor: Actor) -> bool:
        return self.of_the_system(actor, "hold")

    @act(
        label=_("The request for the data is sent"),
        source=[S.PRESERVED],
        target=S.HELD,
        permission=may_hold,
    )
    def hold(self, doing: Doing, *, reference: str = "") -> Effects:
        """By the system, with the sending. Until they have it the last day still counts."""
        self.held_at, self.held_for = doing.at, reference
        return Effects(detail=self._detail(), article="CETS-185 29(7)")

    def may_begin_elsewhere(self, actor: Actor) -> bool:
        case = self.item.outgoing
        drafts = actor.kind == "user" and holds(actor, "preservation_out.begin_elsewhere")
        return drafts and case is not None and actor.authority_id in (case.originating_id, case.central_id)

    @act(
        label=_("Begin a preservation with another provider"),
        source=list(S),
        target=None,
        permission=may_begin_elsewhere,
        conditions=[keeping.point_is_of_a_provider],
    )
    def begin_elsewhere(self, doing: Doing, *, point: UUID) -> Effects:
        row = self.open_point(Kind.PROVIDER, point)
        assert row is not None
        return Effects(changed=[row.answered(doing, Choice.BEGUN)], detail=self._detail(row))

    def may_release(self, actor: Actor) -> bool:
        return self.ours(actor, "release")

    @act(
        label=_("Release the data"),
        source=[S.PRESERVED, S.HELD],
        target=S.RELEASED,
        permission=may_release,
        conditions=[guards.needs("reason"), keeping.what_follows_is_decided],
    )
    def release(self, doing: Doing, *, reason: str) -> Effects:
        """They are needed no longer: the requested State is told, and lifts the order."""
        self.reason, self.ended_at = reason, doing.at
        return Effects(events=[("preservation_out.released", {})], reason=reason, detail=self._detail())

    def may_lapse(self, actor: Actor) -> bool:
        return self.ours(actor, "lapse") or self.of_the_system(actor, "lapse")

    @act(
        label=_("Record that the preservation lapsed"),
        source=[S.PRESERVED],
        target=S.LAPSED,
        permission=may_lapse,
        conditions=[keeping.until_is_past],
    )
    def lapse(self, doing: Doing, *, reason: str = "") -> Effects:
        self.reason, self.ended_at = reason, doing.at
        return Effects(reason=reason, detail=self._detail())

    def _detail(self, point: PreservationPoint | None = None) -> dict[str, Any]:
        return {"item": self.item.key} | ({"point": str(point.point_id)} if point else {})

    def _proof(self, doing: Doing, proof: Stored) -> list[models.Model]:
        """The act on the whole request, or on the item, may keep it already: then its hash alone comes here."""
        return [] if proof and proof.keys() == {"sha256"} else self.proof_rows(doing, proof)
