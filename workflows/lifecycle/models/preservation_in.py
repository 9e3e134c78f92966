"""The preservation of one item in the file of the State that keeps the data (Budapest 16, 29 and 30)."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.actors import Actor
from workflows.engine.machine import Doing, Effects, act
from workflows.lifecycle import guards
from workflows.lifecycle import guards_preservation as keeping
from workflows.lifecycle.keeping import Least, least_of
from workflows.lifecycle.models.preservation import PreservationPoint, Preserving

Kind, Choice = PreservationPoint.Kind, PreservationPoint.Choice


class PreservationIn(Preserving):
    """What we were asked to keep: served on the provider, kept until a day that we set, extended, held, released."""

    KIND = "preservation_in"
    SIDE = "incoming"

    class Status(models.TextChoices):
        RECEIVED = "received", _("received")
        SERVED = "served", _("served on the provider")
        PRESERVED = "preserved", _("preserved")
        HELD = "held", _("kept until the request is decided")
        RELEASED = "released", _("released")
        LAPSED = "lapsed", _("lapsed")
        REFUSED = "refused", _("refused")
        NONE_HELD = "none_held", _("nothing held")
        WITHDRAWN = "withdrawn", _("withdrawn")

    S = Status

    status = FSMField(choices=Status, default=Status.RECEIVED, protected=True)
    served_on = models.DateField(null=True, blank=True)
    served_whom = models.CharField(max_length=300, blank=True, help_text="the provider")

    class Meta:
        ordering = ["id"]
        verbose_name = _("preservation that we were asked")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "received", "served", "preserved", "held", "released", "lapsed", "refused", "none_held",
                        "withdrawn",
                    ]
                ),
                name="lifecycle_preservation_in_status",
            ),
        ]  # fmt: skip

    @property
    def least(self) -> Least | None:
        return least_of(self.item.incoming.content, self.item.key) if self.item.incoming else None

    @property
    def follow_ups(self) -> list[Any]:
        from workflows.lifecycle.models.rows import IncomingLink

        links = IncomingLink.objects.filter(earlier=self.item.incoming_id, kind=IncomingLink.Kind.FOLLOW_UP)
        return [link.incoming for link in links.select_related("incoming").defer("incoming__content")]

    # --- what we do ---

    def may_serve(self, actor: Actor) -> bool:
        return self.ours(actor, "serve")

    @act(
        label=_("Served on the provider"),
        source=[S.RECEIVED],
        target=S.SERVED,
        permission=may_serve,
        conditions=[keeping.served_in_the_past, guards.needs("whom"), keeping.none_open(keeping.TIPPING_OFF)],
    )
    def serve(self, doing: Doing, *, on: dt.date, whom: str) -> Effects:
        self.served_on, self.served_whom = on, whom
        return Effects(detail=self._detail())

    def may_preserve(self, actor: Actor) -> bool:
        return self.ours(actor, "preserve")

    @act(
        label=_("The data are preserved"),
        source=[S.RECEIVED, S.SERVED],
        target=S.PRESERVED,
        permission=may_preserve,
        conditions=[
            keeping.days_in_order,
            keeping.extent_is_known,
            keeping.shorter_than_the_treaty_says_why,
            keeping.none_open(keeping.TIPPING_OFF),
        ],
    )
    def preserve(
        self,
        doing: Doing,
        *,
        preserved_from: dt.date,
        until: dt.date,
        extent: str = "all",
        words: str = "",
        reference: str = "",
        rule: str = "",
    ) -> Effects:
        """We set the day. The requesting State is told it, with what it finds the data by."""
        self.extent, self.words = extent, words
        rows = self.keep(doing, preserved_from, until, rule, reference)
        place = len(self.kept_rows) - (0 if rows else 1)
        told = [("preservation_in.preserved", {"place": str(place)})]
        return Effects(rows=rows, events=told, article=rule, detail=self._detail())

    def may_find_none(self, actor: Actor) -> bool:
        return self.ours(actor, "find_none")

    @act(
        label=_("Nothing is held"),
        source=[S.RECEIVED, S.SERVED],
        target=S.NONE_HELD,
        permission=may_find_none,
        conditions=[guards.needs("reason")],
    )
    def find_none(self, doing: Doing, *, reason: str) -> Effects:
        self.reason, self.ended_at = reason, doing.at
        return Effects(events=[("preservation_in.none_held", {})], reason=reason, detail=self._detail())

    def may_refuse(self, actor: Actor) -> bool:
        return self.ours(actor, "refuse")

    @act(
        label=_("Refuse the preservation"),
        source=[S.RECEIVED, S.SERVED],
        target=S.REFUSED,
        permission=may_refuse,
        conditions=[guards.needs("ground", "article", "reason")],
    )
    def refuse(self, doing: Doing, *, ground: str, article: str, reason: str) -> Effects:
        self.ground, self.article, self.reason, self.ended_at = ground, article, reason, doing.at
        effects = Effects(reason_code=ground, article=article, reason=reason, detail=self._detail())
        effects.events.append(("preservation_in.refused", {}))
        return effects

    def may_ask_tipping_off(self, actor: Actor) -> bool:
        return self.ours(actor, "ask_tipping_off")

    @act(
        label=_("Ask whether to go on: the person would learn of it"),
        source=[S.RECEIVED, S.SERVED],
        target=None,
        permission=may_ask_tipping_off,
        conditions=[guards.needs("question"), keeping.due_is_ahead, keeping.none_open(keeping.TIPPING_OFF)],
    )
    def ask_tipping_off(self, doing: Doing, *, question: str, due: dt.date | None = None) -> Effects:
        """Preservation would threaten the confidentiality of their investigation: they decide (Budapest 29(6))."""
        point = self.new_point(doing, Kind.TIPPING_OFF, words=question, due=due)
        told = [("preservation_in.tipping_off", {"point": str(point.point_id)})]
        return Effects(rows=[point], events=told, article="CETS-185 29(6)", detail=self._detail(point))

    def may_extend(self, actor: Actor) -> bool:
        return self.ours(actor, "extend")

    @act(
        label=_("Extend the preservation"),
        source=[S.LAPSED],
        target=S.PRESERVED,
        permission=may_extend,
        conditions=[keeping.until_is_later],
    )
    @act(
        label=_("Extend the preservation"),
        source=[S.PRESERVED, S.HELD],
        target=None,
        permission=may_extend,
        conditions=[keeping.until_is_later],
    )
    def extend(self, doing: Doing, *, until: dt.date, words: str = "") -> Effects:
        """Asked or not, as often as the own law allows (Budapest 16(2)). One that lapsed lives again if data are there."""
        rows, changed, named = self.extended(doing, until, words, self.open_point(Kind.EXTENSION))
        self.ended_at = None
        told = [("preservation_in.extended", {"point": str(named)})]
        return Effects(rows=rows, changed=changed, events=told, detail=self._detail() | {"point": str(named)})

    def may_refuse_extension(self, actor: Actor) -> bool:
        return self.ours(actor, "refuse_extension")

    @act(
        label=_("Refuse the extension"),
        source=[S.PRESERVED, S.HELD, S.LAPSED],
        target=None,
        permission=may_refuse_extension,
        conditions=[guards.needs("reason"), keeping.one_open(keeping.EXTENSION)],
    )
    def refuse_extension(self, doing: Doing, *, reason: str) -> Effects:
        point = self.open_point(Kind.EXTENSION)
        assert point is not None
        point.answered(doing, Choice.REFUSED, reason)
        told = [("preservation_in.extension_refused", {"point": str(point.point_id)})]
        return Effects(changed=[point], events=told, reason=reason, detail=self._detail(point))

    def may_hold(self, actor: Actor) -> bool:
        return self.ours(actor, "hold") or self.of_the_system(actor, "hold")

    @act(
        label=_("Keep it until the request is decided"),
        source=[S.PRESERVED],
        target=S.HELD,
        permission=may_hold,
        conditions=[guards.needs("reference")],
    )
    def hold(self, doing: Doing, *, reference: str) -> Effects:
        """The request for the data has come in (Budapest 29(7)). `reference`: under which it stands here."""
        self.held_at, self.held_for = doing.at, reference
        effects = Effects(article="CETS-185 29(7)", detail=self._detail())
        effects.events.append(("preservation_in.held", {}))
        return effects

    def may_tell_provider(self, actor: Actor) -> bool:
        return self.ours(actor, "tell_provider")

    @act(
        label=_("Tell another provider that came to light"),
        source=[S.SERVED, S.PRESERVED, S.HELD, S.NONE_HELD],
        target=None,
        permission=may_tell_provider,
        conditions=[guards.needs("provider")],
    )
    def tell_provider(
        self, doing: Doing, *, provider: str, jurisdiction: str = "", contact: str = "", words: str = ""
    ) -> Effects:
        """Traffic data enough to identify that provider and the path are disclosed at once (Budapest 30(1))."""
        point = self.new_point(
            doing, Kind.PROVIDER, provider=provider, jurisdiction=jurisdiction, contact=contact, words=words
        )
        told = [("preservation_in.provider_found", {"point": str(point.point_id)})]
        return Effects(rows=[point], events=told, article="CETS-185 30(1)", detail=self._detail(point))

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
        """The requesting State is told. Data that a request follows are kept until it is decided."""
        self.reason, self.ended_at = reason, doing.at
        return Effects(events=[("preservation_in.released", {})], reason=reason, detail=self._detail())

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

    # --- their word ---

    def may_receive_go_on(self, actor: Actor) -> bool:
        return self.theirs(actor, "receive_go_on")

    @act(
        label=_("Record that they want it to go on"),
        source=[S.RECEIVED, S.SERVED],
        target=None,
        permission=may_receive_go_on,
        conditions=[keeping.one_open(keeping.TIPPING_OFF)],
    )
    def receive_go_on(self, doing: Doing, *, answer: str = "", point_id: UUID | None = None) -> Effects:
        point = self.open_point(Kind.TIPPING_OFF, point_id) or self.open_point(Kind.TIPPING_OFF)
        assert point is not None
        point.answered(doing, Choice.GO_ON, answer)
        return Effects(changed=[point], reason=answer, detail=self._detail(point))

    def may_receive_withdrawal(self, actor: Actor) -> bool:
        return self.theirs(actor, "receive_withdrawal")

    @act(
        label=_("Record that they withdraw it"),
        source=[S.RECEIVED, S.SERVED, S.PRESERVED, S.HELD],
        target=S.WITHDRAWN,
        permission=may_receive_withdrawal,
    )
    def receive_withdrawal(self, doing: Doing, *, reason: str = "", point_id: UUID | None = None) -> Effects:
        """It may cross our own word that the data are kept: then they are let go too."""
        self.reason, self.ended_at = reason, doing.at
        point = self.open_point(Kind.TIPPING_OFF)
        changed: list[models.Model] = [point.answered(doing, Choice.WITHDRAW, reason)] if point else []
        return Effects(changed=changed, reason=reason, detail=self._detail(point))

    def may_receive_extension_request(self, actor: Actor) -> bool:
        return self.theirs(actor, "receive_extension_request")

    @act(
        label=_("Record that they ask for an extension"),
        source=[S.PRESERVED, S.HELD, S.LAPSED],
        target=None,
        permission=may_receive_extension_request,
        conditions=[keeping.none_open(keeping.EXTENSION)],
    )
    def receive_extension_request(
        self, doing: Doing, *, until: dt.date | None = None, words: str = "", point_id: UUID | None = None
    ) -> Effects:
        """`until`: as they wish it. We set the day."""
        point = self.new_point(doing, Kind.EXTENSION, point_id, wanted_until=until, words=words)
        return Effects(rows=[point], detail=self._detail(point), reason=words)

    def may_receive_release(self, actor: Actor) -> bool:
        return self.theirs(actor, "receive_release")

    @act(
        label=_("Record that they need it no longer"),
        source=[S.PRESERVED, S.HELD, S.LAPSED],
        target=S.RELEASED,
        permission=may_receive_release,
    )
    def receive_release(self, doing: Doing, *, reason: str = "") -> Effects:
        self.reason, self.ended_at = reason, doing.at
        return Effects(reason=reason, detail=self._detail())

    def _detail(self, point: PreservationPoint | None = None) -> dict[str, Any]:
        return {"item": self.item.key} | ({"point": str(point.point_id)} if point else {})
