"""The rows that hang on a page of cases. Each kind is one query, whose SQL is written once (mla.core.prepared)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Generic, Literal, TypeVar

from django.db.models import BooleanField, F, Field, Func, Model, Q, QuerySet, Value

from mla.core.prepared import Prepared
from mla.reference.models import Authority
from workflows.lifecycle.models import DeadlineExtension, OpenPoint, Preservation, RequestedItem
from workflows.tracking.cases import Case

M = TypeVar("M", bound=Model)


def one_of(field: str, hole: tuple[str], of: Literal["bigint", "uuid"] = "bigint") -> Func:
    """Return the condition that a field holds one of the identities that will stand in `hole`, a list."""
    identities = Func(Value(hole, output_field=Field()), template=f"%(expressions)s::{of}[]")
    return Func(F(field), identities, template="(%(expressions)s))", arg_joiner=" = any(", output_field=BooleanField())


_OUT, _IN, _IDS = ("requests out",), ("requests in",), ("identities",)


class _Hanging(Generic[M]):
    def __init__(self, rows: QuerySet[M]) -> None:
        of_these = Q(one_of("outgoing", _OUT)) | Q(one_of("incoming", _IN))
        self._rows: Prepared[M] = Prepared(lambda key: rows.filter(of_these).order_by("id"), out=_OUT, inward=_IN)

    def on(self, cases: Sequence[Case]) -> list[M]:
        if not cases:
            return []
        out = [case.pk for case in cases if case.KIND == "outgoing"]
        return self._rows.rows("", out=out, inward=[case.pk for case in cases if case.KIND == "incoming"])


_ITEMS = _Hanging(RequestedItem.objects.all())
_POINTS = _Hanging(OpenPoint.objects.filter(answered_at=None))
_PRESERVATIONS = _Hanging(Preservation.objects.all())
_EXTENSIONS = _Hanging(DeadlineExtension.objects.all())
_OFFICES: Prepared[Authority] = Prepared(
    lambda key: Authority.objects.select_related("jurisdiction").filter(one_of("id", _IDS)), ids=_IDS
)


def items_of(cases: Sequence[Case]) -> list[RequestedItem]:
    """Return the items of cases, the oldest first. At most one query, as each of these."""
    return _ITEMS.on(cases)


def open_points_of(cases: Sequence[Case]) -> list[OpenPoint]:
    """Return the questions of cases that wait for an answer, the oldest first."""
    return _POINTS.on(cases)


def preservations_of(cases: Sequence[Case]) -> list[Preservation]:
    """Return what is preserved for cases, the oldest first."""
    return _PRESERVATIONS.on(cases)


def extensions_of(cases: Sequence[Case]) -> list[DeadlineExtension]:
    """Return how time limits of cases were extended, the oldest first; for those whose `extended` says that some were."""
    return _EXTENSIONS.on(cases)


def offices_with_states(identities: Collection[Any]) -> list[Authority]:
    """Return these offices with their States."""
    return _OFFICES.rows("", ids=sorted(identities)) if identities else []
