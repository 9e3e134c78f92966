"""A legal time limit of a case is extended where a rule names an extension: a row, and the act on either side.

Which limits run and which extensions are offered is computed (workflows.lifecycle.limits); kept is what was decided of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from mla.core.ids import uuid7
from workflows.engine.machine import Doing, Effects, act, permitted
from workflows.lifecycle import guards
from workflows.lifecycle import guards_extensions as extensions
from workflows.lifecycle.limits import Offer, offer_named
from workflows.lifecycle.models.execution import Progress
from workflows.lifecycle.models.rows import ONE_SIDE, OfOneSide
from workflows.lifecycle.outcomes import IncomingStatus, OutgoingStatus

if TYPE_CHECKING:
    from workflows.engine.models import CaseRow

_OUT, _IN = OutgoingStatus, IncomingStatus
#: Code of the news by which the requesting State learns of an extension, where the rule has it told.
EXTENDED = "time_limit_extended"
_IS_WHOLE = [
    guards.needs("until", "reason"),
    extensions.an_extension_is_offered,
    extensions.day_is_within_the_rule,
    extensions.extension_of_theirs_is_proven,
]


class DeadlineExtension(OfOneSide):
    """That a limit of one case ends later. Never changed: a further extension is a new row."""

    extension_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    kind = models.CharField(max_length=30, help_text="which deadline, as in mla/reference/data/time_limits.toml")
    item_key = models.CharField(max_length=8, blank=True, help_text="of the letter; empty: the whole request")
    rule = models.CharField(max_length=60, help_text="code of the extension in time_limits.toml")
    article = models.CharField(max_length=120)
    was = models.DateField()
    until = models.DateField()
    reason = models.TextField(max_length=20_000)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_extension_one_side"),
            models.CheckConstraint(condition=Q(until__gt=F("was")), name="lifecycle_extension_later"),
            models.CheckConstraint(condition=~Q(reason=""), name="lifecycle_extension_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} until {self.until} ({self.article})"


class WithExtensions(models.Model):
    """What both kinds of case file hold. The column follows from the rows: it spares every page a question about them."""

    extended = models.BooleanField(default=False, help_text="some time limit of it was extended")

    if TYPE_CHECKING:
        authority_id: int

    class Meta:
        abstract = True

    def _extended(self, doing: Doing, rule: str, item: str, until: Any, reason: str) -> tuple[Offer, Effects]:
        offer = offer_named(self, rule, item)
        assert offer is not None
        row = DeadlineExtension(
            authority_id=self.authority_id, kind=offer.kind, item_key=item, rule=rule, article=offer.extension.cited,
            was=offer.due, until=until, reason=reason, by=doing.by.label, at=doing.at,
            **{cast(Any, self).KIND: self},
        )  # fmt: skip
        self.extended = True
        detail = {"extension": str(row.extension_id), "rule": rule, "day": until.isoformat()}
        if item:
            detail["items"] = [item]
        return offer, Effects(rows=[row], detail=detail, article=row.article, reason=reason)


class ExtensionsOut(WithExtensions):
    """In the requesting side's file: the other State extended a limit, or we did where the rule leaves it to us."""

    if TYPE_CHECKING:

        def _central(self, actor: Actor, act_name: str) -> bool: ...
        def _proof(self, doing: Doing, proof: dict[str, Any] | None) -> list[models.Model]: ...

    class Meta:
        abstract = True

    def may_extend_deadline(self, actor: Actor) -> bool:
        return self._central(actor, "extend_deadline")

    @act(
        label=_("Extend a time limit"),
        source=[_OUT.SENT, _OUT.ACKNOWLEDGED, _OUT.IN_EXECUTION, _OUT.CONCLUDED],
        target=None,
        permission=may_extend_deadline,
        conditions=_IS_WHOLE,
    )
    def extend_deadline(
        self, doing: Doing, *, rule: str, until: Any, reason: str, item: str = "", proof: dict[str, Any] | None = None
    ) -> Effects:
        """`rule`: code of an extension that is offered; `item`: its key, or none. Nobody is told."""
        _offer, effects = self._extended(doing, rule, item, until, reason)
        effects.rows += self._proof(doing, proof)
        return effects


class ExtensionsIn(WithExtensions):
    """In the requested side's file: we extend a limit of ours. The requesting State is told where the rule says so."""

    if TYPE_CHECKING:
        status: Any

        def _news_expected(self, doing: Doing, day: Any) -> None: ...

    class Meta:
        abstract = True

    def may_extend_deadline(self, actor: Actor) -> bool:
        return permitted(cast("CaseRow", self), actor, "extend_deadline")

    @act(
        label=_("Extend a time limit"),
        source=[_IN.ACKNOWLEDGED, _IN.UNDER_REVIEW, _IN.IN_EXECUTION, _IN.CONCLUDED],
        target=None,
        permission=may_extend_deadline,
        conditions=_IS_WHOLE,
    )
    def extend_deadline(self, doing: Doing, *, rule: str, until: Any, reason: str, item: str = "") -> Effects:
        """`rule`: code of an extension that is offered; `item`: its key, or none. `reason` goes with what is told."""
        offer, effects = self._extended(doing, rule, item, until, reason)
        if offer.extension.tells:
            news = Progress(
                authority_id=self.authority_id, incoming=cast(Any, self), event=EXTENDED, text=reason, next_on=until,
                by=doing.by.label, at=doing.at, told_at=doing.at,
            )  # fmt: skip
            self._news_expected(doing, until)
            effects.rows.append(news)
            effects.events.append(("incoming.progress", {"status": self.status, "progress": str(news.progress_id)}))
        return effects
