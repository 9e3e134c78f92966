"""The lists of requests out and in: filters in the address, kept under names, pages by key, the same rows as a file."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mla.accounts.access import AccessDenied
from mla.accounts.capabilities import holds
from mla.accounts.models import Role
from mla.core.languages import house_words
from mla.core.spreadsheet import safe_cell
from workflows.drafting.measures import measure_catalogue
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.outcomes import OUTGOING_STAGES, IncomingStatus
from workflows.tracking.lists import Filters, ListPage, ListRow, list_incoming, list_outgoing, query_of
from workflows.tracking.models import SavedList
from workflows.tracking.selectors import access_saved_list_by_id, visible_saved_lists
from workflows.tracking.services import LONGEST_NAME, list_export_record, list_forget, list_save
from workflows.web.choices import ManySelect
from workflows.web.desk import INWARD, OUTWARD, DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.paging import next_address
from workflows.web.states import NAMES_FOR, states_named
from workflows.web.templatetags.course import due_words, state_name

#: Rows of one file at most; the file says when there are more.
MOST_EXPORTED = 10_000
_DRAFTERS = frozenset({Role.ORIGINATOR_DRAFTER, Role.DESK_OFFICER})
_List = Callable[..., ListPage]
#: Filters that are always in sight.
_FIRST = ("status", "state", "waiting", "mine", "overdue", "order")


class FilterForm(forms.Form):
    status = forms.ChoiceField(label=gettext_lazy("Status"), required=False, widget=ManySelect)
    urgency = forms.ChoiceField(
        label=gettext_lazy("Urgency"),
        required=False,
        widget=ManySelect,
        choices=[
            ("", gettext_lazy("any")), ("routine", gettext_lazy("routine")), ("urgent", gettext_lazy("urgent")),
            ("emergency", gettext_lazy("emergency")),
        ],
    )  # fmt: skip
    state = forms.ChoiceField(label=gettext_lazy("Other State"), required=False, widget=ManySelect)
    measure = forms.ChoiceField(label=gettext_lazy("Measure"), required=False, widget=ManySelect)
    begun_from = forms.DateField(
        label=gettext_lazy("Begun from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    begun_to = forms.DateField(label=gettext_lazy("to"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    silent_since = forms.DateField(
        label=gettext_lazy("Silent since"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    waiting = forms.BooleanField(label=gettext_lazy("waits for me"), required=False)
    mine = forms.BooleanField(label=gettext_lazy("given to me"), required=False)
    overdue = forms.BooleanField(label=gettext_lazy("overdue"), required=False)
    order = forms.ChoiceField(
        label=gettext_lazy("Order"),
        required=False,
        widget=ManySelect,
        choices=[
            ("", gettext_lazy("last changed first")),
            ("oldest", gettext_lazy("longest unchanged first")),
            ("needed", gettext_lazy("urgent first, then by the day needed")),
        ],
    )

    def __init__(self, *args: Any, statuses: Any, personal: bool, **kwargs: Any) -> None:
        """`personal`: cases are given to this reader in person."""
        super().__init__(*args, **kwargs)
        if not personal:
            del self.fields["mine"]
        if statuses is not OUTGOING_STAGES:
            del self.fields["silent_since"]
        anything = ("", _("any"))
        self.fields["status"].choices = [anything, *statuses]  # type: ignore[attr-defined]
        self.fields["state"].choices = [anything, *states_named()]  # type: ignore[attr-defined]
        self.fields["measure"].choices = [  # type: ignore[attr-defined]
            anything,
            *((slug, house_words(measure.name)) for slug, measure in measure_catalogue().items()),
        ]
        for field in self.fields.values():
            choice = isinstance(field.widget, forms.Select)
            box = isinstance(field.widget, forms.CheckboxInput)
            field.widget.attrs["class"] = "form-select" if choice else "form-check-input" if box else "form-control"

    @property
    def first(self) -> list[forms.BoundField]:
        """Return the fields that stand in the first row: what is asked of a list every day."""
        return [self[name] for name in _FIRST if name in self.fields]

    @property
    def further(self) -> list[forms.BoundField]:
        """Return the fields that are folded."""
        return [self[name] for name in self.fields if name not in _FIRST]

    @property
    def unfold(self) -> bool:
        """Tell whether one of the folded fields filters, or is wrong: what is in force is never hidden."""
        return any(field.errors or field.value() for field in self.further)

    def filters(self) -> Filters:
        """Return the filters that were understood; a wrong value is told beside its field and filters nothing."""
        self.is_valid()
        said = dict(self.cleaned_data)
        order = said.pop("order", "")
        chosen = {name: value for name, value in said.items() if value}
        return Filters(**chosen, oldest_first=order == "oldest", needed_first=order == "needed")


class SaveForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name of the list"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=OUTWARD)
def outgoing_list(request: DeskRequest) -> HttpResponse:
    return _list(request, "out", list_outgoing, OUTGOING_STAGES)


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=INWARD)
def incoming_list(request: DeskRequest) -> HttpResponse:
    return _list(request, "in", list_incoming, IncomingStatus.choices)


@require_safe
@page(open_to=OUTWARD)
def outgoing_export(request: DeskRequest) -> HttpResponse:
    return _export(request, "out", list_outgoing, OUTGOING_STAGES)


@require_safe
@page(open_to=INWARD)
def incoming_export(request: DeskRequest) -> HttpResponse:
    return _export(request, "in", list_incoming, IncomingStatus.choices)


@require_POST
@page(open_to=OUTWARD | INWARD)
def saved_forget(request: DeskRequest) -> HttpResponse:
    """Remove a saved list of one's own, and show the list of its kind, filtered as it was."""
    named = request.POST.get("saved", "")
    try:
        saved = access_saved_list_by_id(request.actor, UUID(named))
    except ValueError:
        raise AccessDenied("saved list", "", request.actor) from None
    list_forget(by=request.actor, saved=saved)
    messages.success(request, _("Removed: the list “%(name)s”. No case was changed.") % {"name": saved.name})
    outward = saved.kind == SavedList.Kind.OUTGOING
    statuses = OUTGOING_STAGES if outward else IncomingStatus.choices
    filters = FilterForm(request.GET, statuses=statuses, personal=_personal(request, outward)).filters()
    return redirect(_address("out" if outward else "in", query_of(filters)))


def _personal(request: DeskRequest, outward: bool) -> bool:
    return not outward and request.actor.role == Role.EXECUTING_OFFICER


def _address(way: str, query: str) -> str:
    here = reverse("web:outgoing_list" if way == "out" else "web:incoming_list")
    return f"{here}?{query}" if query else here


def _list(request: DeskRequest, way: str, listed: _List, statuses: Any) -> HttpResponse:
    """Show a page of a list; posted to, keep the filters of its address under the name that was sent."""
    filters, bar = _filters(request, way, statuses)
    kind = SavedList.Kind.OUTGOING if way == "out" else SavedList.Kind.INCOMING
    shown = query_of(filters)
    saving = SaveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and saving.is_valid():
        name = saving.cleaned_data["name"]
        if do_from(saving, lambda: list_save(by=request.actor, kind=kind, name=name, filters=filters)):
            messages.success(request, _("Saved: these filters are now a list of yours."))
            return redirect(_address(way, shown))
    found = listed(request.actor, filters, request.GET.get("after"))
    query = request.GET.copy()
    query.pop("after", None)
    context = {
        "way": way,
        "outward": way == "out",
        "page_of_case": "web:outgoing" if way == "out" else "web:incoming",
        "bar": bar,
        "page": found,
        "filtered": filters not in (Filters(), Filters(oldest_first=True), Filters(needed_first=True)),
        "only_overdue": filters.overdue,
        "next": next_address(request, found.after),
        "query": query.urlencode(),
        "saving": saving,
        "shown": shown,
        "saved": [
            (one, _address(way, one.query), one.query == shown)
            for one in visible_saved_lists(request.actor).filter(kind=kind)
        ],
        "may_import": holds(request.actor, "outgoing.import"),
        "may_draft": way == "out" and request.actor.role in {str(role) for role in _DRAFTERS},
    }
    return render(request, "web/list.html", context)


def _filters(request: DeskRequest, way: str, statuses: Any) -> tuple[Filters, SafeString]:
    """Return what the address filters by, and the form that shows it; as old as the names of States in it may be."""
    personal = _personal(request, way == "out")
    said = [(name, request.GET.getlist(name)) for name in FilterForm.base_fields if name in request.GET]
    key = "filters-" + hashlib.sha256(repr((way, get_language(), personal, said)).encode()).hexdigest()
    found: tuple[Filters, SafeString] | None = cache.get(key)
    if found is None:
        form = FilterForm(request.GET, statuses=statuses, personal=personal)
        found = form.filters(), render_to_string("web/parts/_filters.html", {"form": form})
        cache.set(key, found, NAMES_FOR)
    return found


def _export(request: DeskRequest, way: str, listed: _List, statuses: Any) -> HttpResponse:
    filters = FilterForm(request.GET, statuses=statuses, personal=_personal(request, way == "out")).filters()
    kind = "outgoing" if way == "out" else "incoming"
    used = sorted(name for name in Filters.__slots__ if getattr(filters, name))
    list_export_record(by=request.actor, kind=kind, filters=used)
    rows = csv.writer(_Echo())
    lines = (rows.writerow([safe_cell(cell) for cell in line]) for line in _lines(request, listed, filters))
    answer = StreamingHttpResponse(_encoded(lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="requests-{way}.csv"'
    return cast(HttpResponse, answer)


def _lines(request: DeskRequest, listed: _List, filters: Filters) -> Iterator[list[str]]:
    yield [
        _("reference"), _("their reference"), _("other State"), _("title"), _("status"), _("outcome"), _("urgency"),
        _("last change (UTC)"), _("due"), _("what is due"),
    ]  # fmt: skip
    after, written = None, 0
    while written < MOST_EXPORTED:
        found = listed(request.actor, filters, after, 200)
        for row in found.rows:
            yield _line(row)
        written += len(found.rows)
        after = found.after
        if after is None:
            return
    yield [_("more rows are left out: narrow the filters")]


def _line(row: ListRow) -> list[str]:
    case = row.case
    outward = isinstance(case, OutgoingRequest)
    return [
        str(case),
        case.peer_reference,
        state_name(case.letter.requested if outward else case.requesting),  # type: ignore[union-attr]
        case.letter.title if outward else case.title,  # type: ignore[union-attr]
        _("lodged") if getattr(case, "is_lodged", False) else str(case.get_status_display()),
        str(case.get_outcome_display()),
        case.urgency,
        case.changed_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        row.due.due.isoformat() if row.due else "",
        due_words(row.due) if row.due else "",
    ]


class _Echo:
    def write(self, line: str) -> str:
        return line


def _encoded(lines: Any) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"
    for line in lines:
        yield line.encode()
