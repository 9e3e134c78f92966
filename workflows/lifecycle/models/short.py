"""What short machines have in common: the further course of one item, in one side's file.

A letter asks for the measure, and is drafted, approved, sent and registered as every letter is. From then on what is
asked has a life of its own: data are kept until a day, a person comes back on a day. Each machine is a model in a
module beside this one and stands in `workflows.lifecycle.short.MACHINES`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from django.db import models

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from workflows.engine.machine import Effects
from workflows.engine.models import CaseRow
from workflows.lifecycle.models.rows import RecordedProof

if TYPE_CHECKING:
    from workflows.lifecycle.models.incoming import IncomingRequest
    from workflows.lifecycle.models.items import RequestedItem
    from workflows.lifecycle.models.outgoing import OutgoingRequest


class ShortMachine(CaseRow):
    """The further course of one item. It comes into being with the item, of the authority that the item is of."""

    #: The measure of the letter whose items have this course, and in whose file.
    MEASURE: ClassVar[str]
    SIDE: ClassVar[Literal["outgoing", "incoming"]]

    item: models.OneToOneField[RequestedItem, RequestedItem] = models.OneToOneField(
        "lifecycle.RequestedItem", on_delete=models.PROTECT, related_name="+"
    )

    if TYPE_CHECKING:
        item_id: int

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.case}, {self.item.key}"

    @classmethod
    def begun(cls, item: RequestedItem) -> tuple[Self, Effects]:
        """Return the row that begins with an item, unsaved, and what is written with it: what the letter says already."""
        return cls(item=item, authority_id=item.authority_id), Effects()

    @property
    def what(self) -> str:
        """Return what is followed, in the reader's language: the model's own name."""
        return str(self._meta.verbose_name)

    @property
    def case(self) -> OutgoingRequest | IncomingRequest:
        return self.item.case

    def lock_first(self) -> list[CaseRow]:
        return [self.item]

    def ours(self, actor: Actor, act_name: str) -> bool:
        """Tell whether the act is one of our own officers' on this row: their role has it and the case is with them."""
        if actor.kind != "user" or not holds(actor, f"{self.KIND}.{act_name}"):
            return False
        if self.item.outgoing is not None:
            return actor.authority_id == self.item.outgoing.authority_id
        return self.item.incoming is not None and self.item.incoming.at_work(actor, self.item)

    def theirs(self, actor: Actor, act_name: str) -> bool:
        """Tell whether the act is the other State's, by its message, or our registry's, who records it with proof."""
        case = self.case
        peer = case.addressee_id if self.item.outgoing is not None else case.sender_id  # type: ignore[union-attr]
        says = actor.kind == "peer" and actor.authority_id == peer
        records = actor.kind == "user" and actor.authority_id == case.authority_id
        return (says or records) and holds(actor, f"{self.KIND}.{act_name}")

    def proof_rows(self, doing: Any, proof: dict[str, Any] | None) -> list[models.Model]:
        """Return the proof of what our registry recorded, unsaved: of a request out alone, as everywhere."""
        if not proof or self.item.outgoing is None:
            return []
        act = f"{self.KIND}.{doing.act}"
        return [RecordedProof(outgoing=self.item.outgoing, act=act, recorded_at=doing.at, **proof)]
