"""The ledger of the evidence of one case, and one exhibit of it: read, never written, by a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from workflows.lifecycle.ledger import Limits, letter_of, limits_of
from workflows.lifecycle.models import (
    Condition,
    CustodyEntry,
    Evidence,
    ExhibitOrigin,
    OpenPoint,
    OtherUse,
    OtherUseFile,
    Transfer,
    TransferFile,
    Undertaking,
    UseAccount,
)
from workflows.lifecycle.models.ledger import origin_of
from workflows.lifecycle.selectors import visible_evidence
from workflows.tracking.cases import Case

PAGE = 50
#: Of each kind of row beside the exhibits, how many a page shows.
MOST_BESIDE = 100
_CHECKS = (CustodyEntry.Step.VERIFIED, CustodyEntry.Step.DISCREPANT)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a ledger is narrowed to. `check`: verified, discrepant or unchecked; `moved`: handed_on or destroyed."""

    words: str = ""
    item: str = ""
    check: str = ""
    moved: str = ""

    def __bool__(self) -> bool:
        return any((self.words, self.item, self.check, self.moved))


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One file with what stands about it. `binding`: the undertakings that speak of it and are not settled."""

    file: Evidence
    number: int
    origin: ExhibitOrigin | None
    custody: Sequence[CustodyEntry]
    check: CustodyEntry | None
    limits: Limits
    binding: Sequence[Undertaking]

    @property
    def last(self) -> CustodyEntry | None:
        return self.custody[-1] if self.custody else None

    @property
    def holder(self) -> str:
        """Who has it by the chain of custody; empty where nobody is named."""
        named = [entry for entry in self.custody if entry.to_whom and entry.step != CustodyEntry.Step.HANDED_ON]
        return named[-1].to_whom if named else ""


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """A page of the exhibits of a case. `after`: where the next begins, None on the last."""

    exhibits: list[Exhibit]
    after: int | None


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the exhibits of a case; of each kind the newest, and whether there is more."""

    undertakings: list[Undertaking] = field(default_factory=list)
    uses: list[OtherUse] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    accounts: list[UseAccount] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any((self.undertakings, self.uses, self.transfers, self.accounts, self.conditions))


def ledger_page(
    actor: Actor, case: Case, filters: Filters, *, after: int | None = None, size: int = PAGE
) -> LedgerPage:
    """Return a page of the exhibits of a case that the actor may see, oldest first. Access to the case was checked."""
    rows = _with_rows(_narrowed(_exhibits(actor, case), filters))
    if after is not None:
        rows = rows.filter(pk__gt=after)
    found = list(rows.order_by("id")[: size + 1])
    page = found[:size]
    more = page[-1].pk if len(found) > size else None
    return LedgerPage(list(_shown(actor, case, page)), more)


def every_exhibit(actor: Actor, case: Case, filters: Filters, *, size: int = 500) -> Iterator[Exhibit]:
    """Yield all exhibits of a case that the actor may see, read in pages; for a file to take out."""
    after: int | None = None
    while True:
        page = ledger_page(actor, case, filters, after=after, size=size)
        yield from page.exhibits
        if page.after is None:
            return
        after = page.after


def exhibit_of(actor: Actor, file: Evidence) -> Exhibit:
    """Return one exhibit that the actor was found to see."""
    case: Any = file.outgoing or file.incoming
    (found,) = _shown(actor, case, list(_with_rows(Evidence.objects.filter(pk=file.pk))))
    return found


def beside_exhibits(actor: Actor, case: Case, file: Evidence | None = None) -> Beside:
    """Return what stands beside the exhibits of a case, or of one of them.

    Whoever carries out sees what binds the evidence, not what the two States write to each other of its use.
    """
    side = {case.KIND: case}
    undertakings = _undertakings(case)
    accepted = Condition.objects.filter(**side, point__choice=OpenPoint.Choice.ACCEPTED).select_related("item")
    conditions = list(accepted.order_by("id")[:MOST_BESIDE])
    if file is not None:
        undertakings = [one for one in undertakings if one.binds(file)]
        conditions = [one for one in conditions if one.item_id in (None, file.item_id)]
    if actor.role == Role.EXECUTING_OFFICER:
        return Beside(undertakings[:MOST_BESIDE], conditions=conditions)
    uses = OtherUse.objects.filter(**side).prefetch_related("files")
    transfers = Transfer.objects.filter(**side).select_related("consent").prefetch_related("files")
    if file is not None:
        named = OtherUseFile.objects.filter(use=OuterRef("pk"))
        uses = uses.filter(Q(Exists(named.filter(evidence=file))) | ~Q(Exists(named)))
        transfers = transfers.filter(Exists(TransferFile.objects.filter(transfer=OuterRef("pk"), evidence=file)))
    accounts = UseAccount.objects.filter(**side)
    return Beside(
        undertakings[:MOST_BESIDE],
        list(uses.order_by("-id")[:MOST_BESIDE]),
        list(transfers.order_by("-id")[:MOST_BESIDE]),
        list(accounts.order_by("-id")[:MOST_BESIDE]),
        conditions,
    )


def _exhibits(actor: Actor, case: Case) -> QuerySet[Evidence]:
    return visible_evidence(actor).filter(**{case.KIND: case})


def _narrowed(rows: QuerySet[Evidence], filters: Filters) -> QuerySet[Evidence]:
    if filters.words:
        rows = rows.filter(Q(name__icontains=filters.words) | Q(sha256__startswith=filters.words.lower()))
    if filters.item:
        rows = rows.filter(item__key=filters.item)
    steps = CustodyEntry.objects.filter(evidence=OuterRef("pk"))
    if filters.check == "unchecked":
        rows = rows.filter(~Q(Exists(steps.filter(step__in=_CHECKS))))
    elif filters.check:
        rows = rows.filter(Exists(steps.filter(step=filters.check)))
    if filters.moved:
        rows = rows.filter(Exists(steps.filter(step=filters.moved)))
    return rows


def _with_rows(rows: QuerySet[Evidence]) -> QuerySet[Evidence]:
    return rows.select_related("item", "withheld", "carried__part").prefetch_related(
        Prefetch("custody", queryset=CustodyEntry.objects.order_by("id")),
        Prefetch("origins", queryset=ExhibitOrigin.objects.order_by("id")),
    )


def _undertakings(case: Case) -> list[Undertaking]:
    found = Undertaking.objects.filter(**{case.KIND: case}).select_related("item").prefetch_related("files")
    return list(found.order_by("id"))


def _shown(actor: Actor, case: Case, files: Sequence[Evidence]) -> Iterator[Exhibit]:
    if not files:
        return
    binding = [one for one in _undertakings(case) if one.awaits]
    content = letter_of(case)
    limits: dict[str, Limits] = {}
    # The number of an exhibit is its place in the case, whatever the page shows.
    before = Evidence.objects.filter(**{case.KIND: case}, pk__lt=files[0].pk).count()
    known = {
        pk: number
        for number, pk in enumerate(
            Evidence.objects.filter(**{case.KIND: case}, pk__gte=files[0].pk, pk__lte=files[-1].pk)
            .order_by("id")
            .values_list("pk", flat=True),
            before + 1,
        )
    }
    for file in files:
        key = file.item.key if file.item else ""
        if key not in limits:
            limits[key] = limits_of(content, key)
        custody = list(file.custody.all())
        yield Exhibit(
            file,
            known[file.pk],
            origin_of(file),
            custody,
            next((entry for entry in reversed(custody) if entry.step in _CHECKS), None),
            limits[key],
            [one for one in binding if one.binds(file)],
        )
