"""What is still with people who left: executions and translations that nobody does, each beside who could go on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Exists, OuterRef

from mla.accounts.actors import Actor
from mla.accounts.models import Membership, Role, User
from mla.core import clock
from mla.reference.models import Authority
from workflows.drafting.models_translation import Translation
from workflows.drafting.selectors_translation import READERS, visible_translations
from workflows.lifecycle.models import Assignment
from workflows.lifecycle.outcomes import ITEM_FINAL, IncomingStatus
from workflows.lifecycle.selectors import visible_incoming

#: Rows of each kind that are shown, and given on, at once.
MOST = 500


@dataclass(frozen=True, slots=True)
class LeftWork:
    """What one person who left still has at one authority. `kind`: `execution` or `translation`."""

    kind: str
    person: User
    authority: Authority
    rows: Sequence[Any]
    #: Who does such work there now.
    others: Sequence[User]

    @property
    def key(self) -> str:
        """Name it in a form."""
        return f"{self.kind}-{self.person.public_id}-{self.authority.pk}"


def left_work(actor: Actor) -> list[LeftWork]:
    """Return the work with people who left, of requests in of the actor's authority and of its translations, that the
    actor may see; at most MOST rows of each. Four queries at most."""
    return [*_executions(actor), *_translations(actor)]


def _executions(actor: Actor) -> list[LeftWork]:
    held = _held(OuterRef("officer"), OuterRef("executing"), [Role.EXECUTING_OFFICER])
    cases = visible_incoming(actor).filter(authority=actor.authority_id, status=IncomingStatus.IN_EXECUTION)
    rows = Assignment.objects.filter(
        ~Exists(held), incoming__in=cases.order_by().values("pk"), ended_at=None, officer__isnull=False
    ).exclude(item__status__in=ITEM_FINAL)
    found = rows.select_related("incoming", "item", "officer", "executing").order_by("officer", "executing", "id")
    return _grouped("execution", found[:MOST], "officer", "executing", [Role.EXECUTING_OFFICER])


def _translations(actor: Actor) -> list[LeftWork]:
    held = _held(OuterRef("translator"), OuterRef("authority"), [Role.TRANSLATOR])
    rows = visible_translations(actor).filter(
        ~Exists(held), authority=actor.authority_id, status=Translation.Status.ASSIGNED
    )
    found = rows.select_related("translator", "authority", "second_reader", "source__letter")
    return _grouped("translation", found.order_by("translator", "id")[:MOST], "translator", "authority", [READERS[0]])


def _held(user: Any, authority: Any, roles: Sequence[str]) -> Any:
    return Membership.objects.valid(clock.now()).filter(
        user=user, user__is_active=True, authority=authority, role__in=roles
    )


def _grouped(kind: str, rows: Iterable[Any], person: str, authority: str, roles: Sequence[str]) -> list[LeftWork]:
    groups = [
        list(found)
        for _key, found in groupby(
            rows, key=lambda row: (getattr(row, f"{person}_id"), getattr(row, f"{authority}_id"))
        )
    ]
    if not groups:
        return []
    there: dict[int, dict[int, User]] = {}
    places = {getattr(found[0], f"{authority}_id") for found in groups}
    hats = Membership.objects.valid(clock.now()).filter(user__is_active=True, authority__in=places, role__in=roles)
    for hat in hats.select_related("user").order_by("user__last_name", "user_id"):
        there.setdefault(hat.authority_id, {})[hat.user_id] = hat.user
    return [
        LeftWork(
            kind,
            getattr(found[0], person),
            getattr(found[0], authority),
            found,
            list(there.get(getattr(found[0], f"{authority}_id"), {}).values()),
        )
        for found in groups
    ]
