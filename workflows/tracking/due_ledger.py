"""What falls due of undertakings and of questions on the use of evidence; also in a case that is closed.

Days and breaches of undertakings stand in the row of the case; questions are asked for where a case has one open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from django.db.models import CharField, Q, Value
from django.utils.translation import gettext as _

from mla.reference.models import Authority
from workflows.lifecycle.models import OtherUse, OutgoingRequest, UseAccount
from workflows.tracking.cases import Case, key_of
from workflows.tracking.deadlines import Deadline, DeadlineKind, day_of, zone_named

_KINDS = {
    "destruction": DeadlineKind.DESTRUCTION,
    "return": DeadlineKind.EVIDENCE_RETURN,
    "end": DeadlineKind.UNDERTAKING_END,
}


def deadlines(cases: Sequence[Case], offices: Mapping[int, Authority]) -> list[Deadline]:
    """Return them for these cases; one query where a question on a use is open, else none."""
    found = [deadline for case in cases for deadline in _of_undertakings(case)]
    asking = {(case.KIND, case.pk): case for case in cases if case.uses_open or case.accounts_open}
    if asking:
        for outgoing, incoming, kind, due, since in _questions(list(asking.values())):
            case = asking.get(("outgoing", outgoing) if outgoing else ("incoming", incoming or 0))
            if case is not None:
                found.append(_question(case, DeadlineKind(kind), due, since, offices))
    return found


def _of_undertakings(case: Case) -> Iterator[Deadline]:
    def one(kind: DeadlineKind, due: date, since: date, note: str) -> Deadline:
        return Deadline(
            kind=kind, due=due, since=since, case=key_of(case), for_authority_id=case.authority_id,
            source=_("undertaking"), legal=False, confirmed=True, note=note,
        )  # fmt: skip

    if case.bound_due is not None and case.bound_since is not None:
        kind = _KINDS.get(case.bound_kind, DeadlineKind.UNDERTAKING_END)
        yield one(kind, case.bound_due, case.bound_since, _("say in the register whether it was kept"))
    if case.breached_on is not None:
        yield one(DeadlineKind.BREACH, case.breached_on, case.breached_on, _("make it good, or settle it"))


def _questions(cases: Sequence[Case]) -> Iterator[tuple[int | None, int | None, str, date, datetime]]:
    of = Q(outgoing__in=[case.pk for case in cases if case.KIND == "outgoing"]) | Q(
        incoming__in=[case.pk for case in cases if case.KIND == "incoming"]
    )
    columns = ("outgoing", "incoming", "of_kind", "due", "asked_at")
    uses = OtherUse.objects.filter(of, answered_at=None, due__isnull=False).exclude(kind=OtherUse.Kind.EXCULPATORY)
    accounts = UseAccount.objects.filter(of, given_at=None, due__isnull=False)
    rows = [
        found.annotate(of_kind=Value(kind.value, output_field=CharField()))
        .order_by().values_list(*columns)
        for found, kind in ((uses, DeadlineKind.OTHER_USE), (accounts, DeadlineKind.ACCOUNT))
    ]  # fmt: skip
    yield from rows[0].union(rows[1], all=True)


def _question(case: Case, kind: DeadlineKind, due: date, since: datetime, offices: Mapping[int, Authority]) -> Deadline:
    office = offices.get(case.authority_id)
    # The requesting side asks for another use and owes the account of one.
    ours = isinstance(case, OutgoingRequest) == (kind == DeadlineKind.ACCOUNT)
    return Deadline(
        kind=kind, due=due, since=day_of(since, zone_named(office.time_zone if office else "UTC")),
        case=key_of(case), for_authority_id=case.authority_id, source=_("set by the authority that asks"),
        legal=False, confirmed=True, note=_("we owe the answer") if ours else _("the other State owes the answer"),
    )  # fmt: skip
