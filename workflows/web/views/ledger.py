"""The ledger of the evidence of a case: its exhibits as pages and as files, one exhibit, and what binds them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from mla.accounts.models import Role
from mla.core import clock
from mla.core.languages import is_from_the_right
from mla.core.spreadsheet import safe_cell
from workflows.lifecycle.models import CustodyEntry, IncomingRequest, OutgoingRequest
from workflows.lifecycle.selectors import access_evidence_by_id, access_incoming_by_id, access_outgoing_by_id
from workflows.tracking.case_uco import ledger_graph
from workflows.tracking.chain import chain_picture
from workflows.tracking.ledger import (
    Exhibit,
    Filters,
    beside_exhibits,
    every_exhibit,
    exhibit_of,
    ledger_page,
)
from workflows.tracking.services import list_export_record
from workflows.web.acts.ledger import HOME_IN, HOME_OUT
from workflows.web.desk import INWARD, OUTWARD, DeskRequest, page
from workflows.web.paging import after_of, next_address
from workflows.web.purpose import case_purpose
from workflows.web.views.act import act_address, buttons_for

#: Acts that one exhibit is chosen for beforehand, on its own page.
_OF_ONE = ("record_origin", "log_custody", "hand_on", "ask_other_use")


class LedgerFilter(forms.Form):
    q = forms.CharField(label=gettext_lazy("Name, or the beginning of the hash"), required=False, max_length=200)
    item = forms.CharField(label=gettext_lazy("Item"), required=False, max_length=8)
    check = forms.ChoiceField(
        label=gettext_lazy("Hash"),
        required=False,
        choices=[
            ("", gettext_lazy("all")),
            (CustodyEntry.Step.VERIFIED.value, gettext_lazy("matched on arrival")),
            (CustodyEntry.Step.DISCREPANT.value, gettext_lazy("did not match")),
            ("unchecked", gettext_lazy("not checked")),
        ],
    )
    moved = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        required=False,
        choices=[
            ("", gettext_lazy("all")),
            (CustodyEntry.Step.HANDED_ON.value, gettext_lazy("handed on")),
            (CustodyEntry.Step.DESTROYED.value, gettext_lazy("destroyed")),
        ],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **(options | {"auto_id": "f-%s"}))
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"

    def filters(self) -> Filters:
        """Return what was asked for; what does not fit is left out."""
        self.is_valid()
        said = self.cleaned_data
        return Filters(*(str(said.get(name) or "").strip() for name in ("q", "item", "check", "moved")))


@require_safe
@page(open_to=OUTWARD)
def outgoing(request: DeskRequest, public_id: UUID) -> HttpResponse:
    return _ledger(request, access_outgoing_by_id(request.actor, public_id), HOME_OUT)


@require_safe
@page(open_to=INWARD)
def incoming(request: DeskRequest, public_id: UUID) -> HttpResponse:
    return _ledger(request, access_incoming_by_id(request.actor, public_id), HOME_IN)


def _ledger(request: DeskRequest, case: Any, home: str) -> HttpResponse:
    _purpose, asked = case_purpose(request, case.KIND, case.public_id)
    if asked is not None:
        return asked
    form = LedgerFilter(request.GET)
    filters = form.filters()
    found = ledger_page(request.actor, case, filters, after=after_of(request))
    context = {
        "case": case,
        "way": "out" if case.KIND == "outgoing" else "in",
        "form": form,
        "filtered": bool(filters),
        "exhibits": found.exhibits,
        "next": next_address(request, found.after),
        "beside": beside_exhibits(request.actor, case),
        "buttons": buttons_for(case, request.actor, home),
        "query": request.GET.urlencode(),
        "today": clock.now().date(),
        "sees_use": request.actor.role != Role.EXECUTING_OFFICER,
    }
    return render(request, "web/ledger/ledger.html", context)


@require_safe
@page(open_to=OUTWARD | INWARD)
def exhibit(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """One exhibit: where it comes from, who had it, what limits and binds its use."""
    file = access_evidence_by_id(request.actor, public_id)
    case: Any = file.outgoing or file.incoming
    _purpose, asked = case_purpose(request, case.KIND, case.public_id)
    if asked is not None:
        return asked
    found = exhibit_of(request.actor, file)
    home = HOME_OUT if case.KIND == "outgoing" else HOME_IN
    buttons = [one for one in buttons_for(case, request.actor, home) if one["act"] in _OF_ONE]
    for button in buttons:
        button["address"] = f"{act_address(case, button['act'])}?exhibits={file.public_id}"
    context = {
        "case": case,
        "way": "out" if case.KIND == "outgoing" else "in",
        "exhibit": found,
        "file": file,
        "beside": beside_exhibits(request.actor, case, file),
        "chain": chain_picture(found.custody, mirrored=is_from_the_right()),
        "buttons": buttons if getattr(file, "withheld", None) is None else [],
        "sees_use": request.actor.role != Role.EXECUTING_OFFICER,
    }
    return render(request, "web/ledger/exhibit.html", context)


@require_safe
@page(open_to=OUTWARD | INWARD)
def export_csv(request: DeskRequest, way: str, public_id: UUID) -> HttpResponse:
    """The ledger as a table file, one line a step of custody; recorded with the person's name before it leaves."""
    case = _case(request, way, public_id)
    if isinstance(case, HttpResponse):
        return case
    filters = LedgerFilter(request.GET).filters()
    list_export_record(by=request.actor, kind="ledger", filters=[str(case.public_id)])
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(
        [
            _("number"), _("file"), _("item"), "SHA-256", _("bytes"), _("who held it"), _("obtained by"), _("how"),
            _("original or copy"), _("tool"), _("acquired (UTC)"), _("limits of use"), _("undertakings"),
            _("step"), _("when (UTC)"), _("from"), _("to"), _("hash at this step"), _("written by"), _("note"),
        ]
    )  # fmt: skip
    for exhibit in every_exhibit(request.actor, case, filters):
        for line in _lines(exhibit):
            table.writerow([safe_cell(cell) for cell in line])
    answer = HttpResponse("\ufeff" + written.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="evidence.csv"'
    return answer


def _lines(exhibit: Exhibit) -> Iterator[list[str]]:
    file, origin = exhibit.file, exhibit.origin
    first = [
        str(exhibit.number), file.name, file.item.key if file.item else "", file.sha256, str(file.size),
        origin.obtained_from if origin else "", origin.obtained_by if origin else "", origin.how if origin else "",
        str(origin.get_form_display()) if origin else "", origin.tool if origin else "",
        _utc(origin.acquired_at) if origin else "",
        "; ".join([*(f"{one.instrument} {one.article}" for one in exhibit.limits.known), file.use_limits]).strip("; "),
        "; ".join(one.kind_words for one in exhibit.binding),
    ]  # fmt: skip
    if not exhibit.custody:
        yield [*first, *[""] * 7]
    for entry in exhibit.custody:
        yield [
            *first, str(entry.get_step_display()), _utc(entry.when), entry.from_whom, entry.to_whom, entry.sha256,
            entry.by, entry.note,
        ]  # fmt: skip


def _utc(moment: dt.datetime | None) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


@require_safe
@page(open_to=OUTWARD | INWARD)
def export_jsonld(request: DeskRequest, way: str, public_id: UUID) -> HttpResponse:
    """The ledger as JSON-LD, shaped after CASE/UCO; recorded with the person's name before it leaves."""
    case = _case(request, way, public_id)
    if isinstance(case, HttpResponse):
        return case
    list_export_record(by=request.actor, kind="ledger", filters=[str(case.public_id)])
    beside = beside_exhibits(request.actor, case)
    graph = ledger_graph(
        case,
        every_exhibit(request.actor, case, LedgerFilter(request.GET).filters()),
        undertakings=beside.undertakings,
        transfers=beside.transfers,
        at=clock.now(),
    )
    answer = HttpResponse(json.dumps(graph, ensure_ascii=False, indent=1), content_type="application/ld+json")
    answer["Content-Disposition"] = 'attachment; filename="evidence.jsonld"'
    return answer


def _case(request: DeskRequest, way: str, public_id: UUID) -> OutgoingRequest | IncomingRequest | HttpResponse:
    access: Any = access_outgoing_by_id if way == "out" else access_incoming_by_id
    case: OutgoingRequest | IncomingRequest = access(request.actor, public_id)
    _purpose, asked = case_purpose(request, case.KIND, public_id)
    return asked if asked is not None else case
