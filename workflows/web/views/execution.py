"""The execution of a request in: each item with what is asked, its evidence and its outcome, in one place."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from mla.accounts.models import Role
from workflows.engine.perform import available_acts, require_right
from workflows.lifecycle.models import Assignment, IncomingRequest
from workflows.lifecycle.selectors import access_incoming_by_id
from workflows.tracking.at_court import hidden_here, with_courts
from workflows.tracking.due import deadlines_for
from workflows.web.acts.fields import item_label
from workflows.web.acts.incoming import EvidenceForm, add_evidence
from workflows.web.asked import asked
from workflows.web.desk import DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.letters_in import letter_in
from workflows.web.views.act import buttons_for
from workflows.web.views.received import files_of

EXECUTORS = frozenset({Role.EXECUTING_OFFICER, Role.SUPERVISOR, Role.DESK_OFFICER, Role.REGISTRY})


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=EXECUTORS)
def execution(request: DeskRequest, public_id: UUID) -> HttpResponse:
    case = access_incoming_by_id(request.actor, public_id)
    with_courts(case)
    sent: EvidenceForm | None = None
    if request.method == "POST":
        require_right(case, "add_evidence", by=request.actor)
        key = request.POST.get("item", "")
        sent = _form(case, request, key, data=True)
        sent.require_known()
        if sent.is_valid() and do_from(sent, lambda: add_evidence(case, request.actor, sent)):
            messages.success(request, sent.told)  # type: ignore[attr-defined]
            return redirect(f"{request.path}#item-{key}")
        case.refresh_from_db()
    return _page(request, case, sent)


def _form(case: IncomingRequest, request: DeskRequest, key: str, *, data: bool = False) -> EvidenceForm:
    known = key if key.isalnum() else ""
    given = (request.POST, request.FILES) if data else (None, None)
    return EvidenceForm(
        *given, case=case, actor=request.actor, initial={"item": key}, auto_id=f"id_{known or 'case'}_%s"
    )


def _page(request: DeskRequest, case: IncomingRequest, sent: EvidenceForm | None) -> HttpResponse:
    letter = letter_in(case).letter
    # Once, for what is shown and for which items are the reader's.
    rows = Assignment.objects.filter(ended_at=None).select_related("executing", "officer").order_by("id")
    prefetch_related_objects([case], Prefetch("assignment_set", rows))
    given = {row.item_id: row for row in case.assignment_set.all()}
    by_key = {item.id: item for item in letter.items} if letter else {}
    evidence: dict[int | None, list[Any]] = {}
    for file in case.evidence_set.select_related("withheld", "carried").order_by("id"):
        evidence.setdefault(file.item_id, []).append(file)
    adds = any(act.name == "add_evidence" for act in available_acts(case, request.actor))
    answered = sent.data.get("item", "") if sent is not None else None
    items: list[dict[str, Any]] = []
    for row in case.items.order_by("id"):
        row.incoming = case
        own = case.at_work(request.actor, row)
        open_for_files = adds and own and row.status in {"accepted", "executed", "partially_executed"}
        form = sent if answered == row.key else _form(case, request, row.key) if open_for_files else None
        items.append(
            {
                "row": row,
                "label": item_label(case, row.key, row.measure),
                "asked": asked(letter, by_key[row.key]) if letter and row.key in by_key else [],
                "evidence": evidence.get(row.pk, []),
                "buttons": buttons_for(row, request.actor),
                "given": given.get(row.pk),
                "form": form,
                "wrong": answered == row.key,
            }
        )
    known = {item["row"].key for item in items}
    context = {
        "case": case,
        "items": items,
        "hidden": hidden_here(
            request.actor, (file for files in evidence.values() for file in files), case.privilegefilter_set.all()
        ),
        "given": given.get(None),
        "loose": evidence.get(None, []),
        # What was sent for no item of this case is told at the head of the page.
        "sent": sent if answered is not None and answered not in known else None,
        "files": files_of(case, request.actor),
        "deadlines": deadlines_for([case]),
        "buttons": [button for button in buttons_for(case, request.actor) if button["act"] != "add_evidence"],
        "has_pane": True,
    }
    return render(request, "web/execution.html", context, status=422 if sent is not None else 200)
