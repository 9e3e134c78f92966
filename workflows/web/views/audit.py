"""The record, for the auditor: its purpose first, then filters, each entry with its whole act, proof and export."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mla.accounts.models import Role
from mla.accounts.selectors import access_record_by_id, visible_record
from mla.accounts.services_record import audit_export_record, audit_verify_record
from mla.audit.models import AuditHead
from mla.audit.selectors import verify_part
from mla.core import clock
from workflows.lifecycle.selectors_break_glass import break_glass_to_tell
from workflows.tracking.labels import role_label, status_label
from workflows.tracking.pages import keyset_page
from workflows.web.desk import DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.forms.administration import ReadingForm, RecordFilter
from workflows.web.paging import after_of, next_address
from workflows.web.purpose import HOLDS_FOR, RECORD, purpose_drop, purpose_keep, record_purpose
from workflows.web.record import MOST_EXPORTED, acts_known, hidden_objects, record_found, screen_told, write_export
from workflows.web.views.break_glass import told as opened
from workflows.web.words import kind_words, record_act_words

#: Entries that one press verifies: a page answers within seconds; the next press goes on.
MOST_VERIFIED = 20_000
#: Entries of one act that its page shows.
MOST_OF_AN_ACT = 200


@require_safe
@page({Role.AUDITOR})
def audit(request: DeskRequest) -> HttpResponse:
    if isinstance(stated := record_purpose(request), HttpResponse):
        return stated
    form = RecordFilter(request.GET)
    fits = form.is_valid()
    found = record_found(request.actor, form.cleaned_data) if fits else visible_record(request.actor).none()
    shown = keyset_page(found, after_of(request))
    hidden = hidden_objects(request.actor, shown.rows)
    for one in shown.rows:
        told(one, hidden)
    query = request.GET.copy()
    query.pop("after", None)
    context = {
        "purpose": stated,
        "form": form,
        "filtered": bool(fits and any(form.cleaned_data.values())),
        "acts": acts_known(request.actor),
        "rows": shown.rows,
        "next": next_address(request, shown.after),
        "head": AuditHead.objects.filter(authority_id=request.actor.authority_id or 0).first(),
        "filters": {name: value for name, value in query.items() if name in form.fields and value},
        "most_exported": MOST_EXPORTED,
        "openings": opened(break_glass_to_tell(request.actor)),
        "has_pane": True,
    }
    return render(request, "web/administration/audit.html", context)


def told(one: Any, hidden: set[str]) -> Any:
    """Put the words of an entry on it, and take away the reason that its reader may not see."""
    one.words, one.role, one.on = record_act_words(one.act), role_label(one.actor_role), kind_words(one.object_type)
    one.before, one.afterwards = (status_label(one.object_type, code) for code in (one.from_status, one.to_status))
    one.is_withheld = one.object_id in hidden
    return one


@require_safe
@page({Role.AUDITOR})
def entry(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """One entry, with all entries of the same act in this chain."""
    # Asked before it is looked for: without a purpose nobody learns which entries there are.
    if isinstance(stated := record_purpose(request), HttpResponse):
        return stated
    found = access_record_by_id(request.actor, public_id)
    same = list(visible_record(request.actor).filter(act_id=found.act_id).order_by("seq")[:MOST_OF_AN_ACT])
    hidden = hidden_objects(request.actor, [found, *same])
    for one in [found, *same]:
        told(one, hidden)
    context = {
        "purpose": stated,
        "entry": found,
        "same": same,
        "detail": sorted((name, value) for name, value in found.detail.items() if name != "rights_screen"),
        "screen": screen_told(request.actor, found),
    }
    return render(request, "web/administration/audit_entry.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page({Role.AUDITOR})
def purpose(request: DeskRequest) -> HttpResponse:
    """Ask why the record is opened; record it; go on to what was to be opened."""
    posted = request.method == "POST"
    back = (request.POST if posted else request.GET).get("next", "")
    form = ReadingForm(request.POST if posted else None)
    keep = partial(purpose_keep, request, RECORD, request.actor.authority_id)
    if posted and form.is_valid() and do_from(form, lambda: keep(form.cleaned_data["purpose"])):
        fits = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
        return redirect(back if fits else "web:audit")
    context = {"form": form, "next": back, "minutes": int(HOLDS_FOR.total_seconds() // 60)}
    return render(request, "web/administration/purpose.html", context, status=422 if posted else 200)


@require_POST
@page({Role.AUDITOR})
def purpose_end(request: DeskRequest) -> HttpResponse:
    """End the purpose before its hour is over; the record asks again."""
    purpose_drop(request, RECORD, request.actor.authority_id)
    messages.success(request, _("The purpose is ended. The record asks for one again."))
    return redirect("web:worklist")


@require_POST
@page({Role.AUDITOR})
def verify(request: DeskRequest) -> HttpResponse:
    """Verify the chain of the own authority, in parts of MOST_VERIFIED; tell how far it holds or where it breaks."""
    if isinstance(stated := record_purpose(request), HttpResponse):
        return stated
    given = request.POST.get("first", "")
    first = int(given) if given.isascii() and given.isdigit() and 0 < len(given) < 16 and int(given) > 0 else 1
    part = verify_part(request.actor.authority_id or 0, first=first, most=MOST_VERIFIED)
    detail: dict[str, Any] = {"first": str(part.first), "last": str(part.last), "head": str(part.head)}
    detail["holds"] = part.broken is None
    if part.broken:
        detail["broken_at"] = str(part.broken.seq)
    audit_verify_record(by=request.actor, detail=detail)
    context = {"purpose": stated, "part": part, "done": min(100, 100 * part.last // max(1, part.head))}
    context["following"] = part.last + 1
    return render(request, "web/administration/audit_verified.html", context)


@require_POST
@page({Role.AUDITOR})
def export(request: DeskRequest) -> HttpResponse:
    """Hand out the filtered entries as CSV or JSON lines. The export is recorded, with its sha256, before it leaves."""
    if isinstance(stated := record_purpose(request), HttpResponse):
        return stated
    form = RecordFilter(request.POST)
    kind = request.POST.get("kind", "")
    if not form.is_valid() or kind not in ("csv", "jsonl"):
        messages.error(request, _("The filters do not fit, or no form of file was chosen. Nothing was exported."))
        return redirect("web:audit")
    chain = AuditHead.objects.filter(authority_id=request.actor.authority_id or 0).first()
    filters = {name: str(value) for name, value in form.cleaned_data.items() if value}
    head = {
        "authority": str(request.actor.authority_id),
        "head_seq": str(chain.seq if chain else 0),
        "head_hash": chain.hash if chain else "",
        "filters": filters,
        "limit": str(MOST_EXPORTED),
        "made_at": clock.now().isoformat(),
    }
    found = record_found(request.actor, form.cleaned_data).filter(seq__lte=chain.seq if chain else 0)
    made = write_export(request.actor, found, kind=kind, head=head)
    audit_export_record(
        by=request.actor,
        purpose=stated.text,
        detail=head | {"kind": kind, "rows": str(made.rows), "sha256": made.sha256},
    )
    answer = FileResponse(
        made.file,
        as_attachment=True,
        filename=f"record-{request.hat.authority.code}-{clock.now():%Y%m%d-%H%M%S}.{kind}",
        content_type="text/csv; charset=utf-8" if kind == "csv" else "application/jsonl",
    )
    answer["X-Content-SHA256"] = made.sha256
    answer["X-Chain-Head"] = f"{head['head_seq']} {head['head_hash']}"
    answer["X-Rows"] = f"{made.rows} of at most {MOST_EXPORTED}"
    return answer  # type: ignore[return-value]
