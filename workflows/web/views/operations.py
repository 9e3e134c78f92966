"""Operations: the list, one with its cases as a table and as a file, opening one, and putting a case into one."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from mla.accounts.access import AccessDenied
from mla.accounts.capabilities import holds
from mla.core import clock
from mla.core.spreadsheet import safe_cell
from mla.core.text import plain
from workflows.lifecycle.models import Operation, OutgoingRequest
from workflows.lifecycle.selectors import access_incoming_by_id, access_operation_by_id, access_outgoing_by_id
from workflows.lifecycle.services.operations import operation_add, operation_open
from workflows.tracking.lists import ListRow
from workflows.tracking.operations import LONGEST_WORDS, open_operations, operation_cases, operations_page
from workflows.tracking.services import list_export_record
from workflows.web.desk import INWARD, OUTWARD, DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.paging import after_of, next_address
from workflows.web.templatetags.course import due_words, state_name
from workflows.web.views.act import buttons_for, case_address

WHO = OUTWARD | INWARD


class OperationFilter(forms.Form):
    q = forms.CharField(label=gettext_lazy("Name or words"), required=False, max_length=LONGEST_WORDS)
    show = forms.ChoiceField(
        label=gettext_lazy("Show"),
        required=False,
        choices=[("", gettext_lazy("all")), ("open", gettext_lazy("open")), ("closed", gettext_lazy("closed"))],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **(options | {"auto_id": "f-%s"}))
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"

    def said(self) -> dict[str, str]:
        """Return what was asked for; what does not fit is left out."""
        self.is_valid()
        found = self.cleaned_data
        return {"words": plain(found.get("q", "")), "status": found.get("show", "")}


class OperationForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    description = forms.CharField(
        label=gettext_lazy("What it is about"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    restricted = forms.BooleanField(
        label=gettext_lazy("Restricted: for named persons alone"),
        required=False,
        help_text=gettext_lazy("You are the first of them. It cannot be changed later."),
    )


class PutInForm(forms.Form):
    operation = forms.ModelChoiceField(
        label=gettext_lazy("Operation"), queryset=Operation.objects.none(), to_field_name="public_id", empty_label=None
    )

    def __init__(self, *args: Any, actor: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["operation"]
        rows = open_operations(actor)
        field.queryset = Operation.objects.filter(pk__in=[row.pk for row in rows]).order_by("name")


@require_safe
@page(open_to=WHO)
def operations(request: DeskRequest) -> HttpResponse:
    """The operations of the authority."""
    form = OperationFilter(request.GET)
    said = form.said()
    found = operations_page(request.actor, words=said["words"], status=said["status"], after=after_of(request))
    context = {
        "form": form,
        "rows": found.rows,
        "next": next_address(request, found.after),
        "filtered": any(said.values()),
        "may_open": holds(request.actor, "operation.open"),
    }
    return render(request, "web/operations/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=WHO)
def open_one(request: DeskRequest) -> HttpResponse:
    """Open an operation."""
    if not holds(request.actor, "operation.open"):
        raise AccessDenied("page", "web:operation_open", request.actor)
    form = OperationForm(request.POST or None)
    made: list[Operation] = []
    if (
        request.method == "POST"
        and form.is_valid()
        and do_from(form, lambda: made.append(operation_open(by=request.actor, **form.cleaned_data)))
    ):
        messages.success(request, _("The operation is open. Put its cases into it."))
        return redirect("web:operation", made[0].public_id)
    return render(request, "web/operations/open.html", {"form": form}, status=422 if request.method == "POST" else 200)


@require_safe
@page(open_to=WHO)
def operation(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """One operation: its cases, where they stand and what is due next."""
    found = access_operation_by_id(request.actor, public_id)
    officers = found.officers.select_related("user").order_by("id") if found.restricted else []
    context = {
        "operation": found,
        "cases": operation_cases(found, request.actor),
        "officers": [str(row.user) for row in officers],
        "buttons": buttons_for(found, request.actor),
        "today": timezone.localdate(clock.now()),
    }
    return render(request, "web/operations/operation.html", context)


@require_safe
@page(open_to=WHO)
def export(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """The cases of an operation as a table file; recorded with the person's name before it leaves."""
    found = access_operation_by_id(request.actor, public_id)
    list_export_record(by=request.actor, kind="operation", filters=[str(found.public_id)])
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(
        [
            _("direction"), _("reference"), _("their reference"), _("other State"), _("title"), _("status"),
            _("outcome"), _("due"), _("what is due"),
        ]
    )  # fmt: skip
    cases = operation_cases(found, request.actor)
    for row in cases.rows:
        table.writerow([safe_cell(cell) for cell in _line(row)])
    if cases.more:
        table.writerow([_("more rows are left out")])
    answer = HttpResponse("\ufeff" + written.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="operation.csv"'
    return answer


def _line(row: ListRow) -> list[str]:
    case = row.case
    outward = isinstance(case, OutgoingRequest)
    return [
        _("out") if outward else _("in"),
        str(case),
        case.peer_reference,
        state_name(case.letter.requested if outward else case.requesting),  # type: ignore[union-attr]
        case.letter.title if outward else case.title,  # type: ignore[union-attr]
        str(case.get_status_display()),
        str(case.get_outcome_display()),
        row.due.due.isoformat() if row.due else "",
        due_words(row.due) if row.due else "",
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=WHO)
def put_in(request: DeskRequest, way: str, public_id: UUID) -> HttpResponse:
    """Put a case into one of the open operations of one's authority."""
    access = access_outgoing_by_id if way == "out" else access_incoming_by_id
    case: Any = access(request.actor, public_id)
    if not holds(request.actor, "operation.add"):
        raise AccessDenied("page", "web:case_operation", request.actor)
    form = PutInForm(request.POST or None, actor=request.actor)
    if request.method == "POST":
        _require_offered(form, request)
        if form.is_valid():
            chosen = form.cleaned_data["operation"]
            if do_from(form, lambda: operation_add(operation=chosen, case=case, by=request.actor)):
                messages.success(request, _("It belongs to the operation “%(name)s” now.") % {"name": chosen.name})
                return redirect(case_address(case))
    context = {
        "form": form,
        "case": case,
        "back": case_address(case),
        "some": bool(form.fields["operation"].queryset),  # type: ignore[attr-defined]
        "may_open": holds(request.actor, "operation.open"),
    }
    return render(request, "web/operations/put_in.html", context, status=422 if request.method == "POST" else 200)


def _require_offered(form: PutInForm, request: DeskRequest) -> None:
    """Refuse an operation that was never offered as one that is not there; one that was closed meanwhile is told."""
    given = request.POST.get("operation", "")
    if not given:
        return
    try:
        access_operation_by_id(request.actor, UUID(given))
    except ValueError:
        raise AccessDenied("operation", "", request.actor) from None
