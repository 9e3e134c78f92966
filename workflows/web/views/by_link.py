"""The pages behind the link of an officer of a State without such a system: one request, and nothing else of the house.

Nobody is signed in here. The signed address alone shows a door; the code opens it, and a cookie of this browser keeps it
open for some hours. A link that was revoked, locked or has expired shows nothing, also to who was in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from workflows.documents.opening import Kept, file_hand_out
from workflows.drafting.letterfile import letter_from
from workflows.exchange.by_link import (
    LinkView,
    access_link_file_by_id,
    access_told_file_by_id,
    files_ready,
    link_read,
    link_say,
    link_seen,
    link_view,
    sayings_open,
)
from workflows.lifecycle.models import OfficerLink
from workflows.lifecycle.selectors_links import link_by_id, link_by_token
from workflows.lifecycle.services.officer_links import (
    CodeWrong,
    LinkOver,
    officer_link_add_file,
    officer_link_enter,
    officer_link_remove_file,
    officer_of,
)
from workflows.web import link_keys
from workflows.web.acts.fields import content_of, item_label
from workflows.web.asked import asked
from workflows.web.doing import do_from
from workflows.web.forms import by_link as forms
from workflows.web.link_words import told_lines, told_words
from workflows.web.views.downloads import Download, attachment

#: What an officer says on a page of its own: the words of its button, its form, and whether it ends the request.
SAYINGS: dict[str, tuple[Any, type[forms.SayForm], bool]] = {
    "acknowledgement": (gettext_lazy("Acknowledge the request"), forms.AcknowledgeForm, False),
    "status": (gettext_lazy("Say how it stands"), forms.StatusForm, False),
    "information_asked": (gettext_lazy("Ask for information"), forms.QuestionForm, False),
    "consultation": (gettext_lazy("Consult before you decide"), forms.ConsultForm, False),
    "wish_answered": (gettext_lazy("Answer what they wish"), forms.WishForm, False),
    "withdrawal_confirmed": (gettext_lazy("Confirm the withdrawal"), forms.WithdrawalForm, True),
    "refusal": (gettext_lazy("Refuse the request"), forms.RefuseForm, True),
}

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class _In:
    """Who came in by which link."""

    link: OfficerLink
    officer: str


def came_in(view: View) -> View:
    """Let in whoever came in by the link of the address, and nobody else. Times are in the officer's zone."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, public_id: UUID, **rest: Any) -> HttpResponse:
        link = link_by_id(public_id)
        officer = link_keys.officer_in(request, public_id)
        if not officer:
            # Absent and not opened are answered alike.
            raise AccessDenied("officer link", str(public_id), None)
        if not link.holds:
            return _over(request)
        with timezone.override(_zone(link)):
            try:
                return view(request, _In(link, officer), **rest)
            except LinkOver:
                return _over(request)

    return guarded


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def door(request: HttpRequest, token: str) -> HttpResponse:
    """The first page of the address: from whom it is, and the code. What the request is about stands behind it."""
    link = link_by_token(token)
    if not link.holds:
        return _over(request)
    form = forms.DoorForm(request.POST or None)
    if request.method == "POST" and not ratelimit.consume(request, action="officer_link"):
        return render(request, "429.html", status=429)
    if form.is_valid():
        try:
            officer_link_enter(link=link, officer=form.officer(), code=form.cleaned_data["code"])
        except CodeWrong as wrong:
            if not wrong.left:
                return _over(request)
            form.add_error("code", f"{wrong} " + _("Tries left: %(left)d") % {"left": wrong.left})
        except LinkOver:
            return _over(request)
        else:
            answer = redirect("web:link_case", link.public_id)
            link_keys.let_in(request, answer, link.public_id, form.officer())
            return answer
    context = {"form": form, "from": link.authority, "until": link.until}
    return render(request, "web/by_link/door.html", context, status=422 if form.errors else 200)


@require_safe
@came_in
def case(request: HttpRequest, entered: _In) -> HttpResponse:
    """The request as the officer needs it: the letter, what was said, what is asked of it, and what it can say now."""
    link_seen(link=entered.link, officer=entered.officer)
    view = link_view(entered.link)
    return render(request, "web/by_link/case.html", _context(entered, view))


@require_http_methods(["GET", "HEAD", "POST"])
@came_in
def say(request: HttpRequest, entered: _In, said: str) -> HttpResponse:
    """One thing that the officer says."""
    if said not in SAYINGS:
        raise AccessDenied("page", said, None)
    words, form_class, grave = SAYINGS[said]
    link = entered.link
    if said not in sayings_open(link) and request.method != "POST":
        return _not_now(request, entered, words)
    actor = officer_of(link)
    form = form_class(request.POST or None, case=link.outgoing, actor=actor)
    if request.method == "POST" and _said(form, entered, said):
        messages.success(request, _("It is in their file: %(what)s") % {"what": words})
        return redirect("web:link_case", link.public_id)
    context = _page(entered) | {"form": form, "words": words, "grave": grave}
    return render(request, "web/by_link/say.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@came_in
def evidence(request: HttpRequest, entered: _In) -> HttpResponse:
    """The files that lie ready, and sending them: as a part, as the whole result, or as what completes one."""
    link = entered.link
    open_now = sayings_open(link)
    complement = "complement" in open_now and "result" not in open_now
    if not ({"result", "partial_result"} & set(open_now) or complement):
        return _not_now(request, entered, _("Send evidence"))
    ready = files_ready(link)
    form_class: type[forms.SayForm] = forms.ComplementForm if complement else forms.ResultForm
    form = form_class(request.POST or None, case=link.outgoing, actor=officer_of(link))
    if request.method == "POST" and _sent(form, entered, ready, "complement" if complement else ""):
        messages.success(request, _("It is in their file, with every file under its hash."))
        return redirect("web:link_case", link.public_id)
    context = _page(entered) | {
        "form": form,
        "complement": complement,
        "ready": ready,
        "add": forms.ReadyForm(case=link.outgoing, actor=officer_of(link)),
    }
    return render(request, "web/by_link/evidence.html", context, status=422 if form.errors else 200)


@require_POST
@came_in
def add_file(request: HttpRequest, entered: _In) -> HttpResponse:
    """Lay one file ready."""
    link = entered.link
    form = forms.ReadyForm(request.POST, request.FILES, case=link.outgoing, actor=officer_of(link))
    form.require_known()

    def add() -> None:
        sent = form.said("file")
        officer_link_add_file(
            link=link, officer=entered.officer, name=sent.name, media_type=sent.media_type, content=sent.content,
            item=form.said("item"), description=form.said("description"), use_limits=form.said("use_limits"),
        )  # fmt: skip

    if form.is_valid() and do_from(form, add):
        messages.success(request, _("The file lies ready: %(name)s") % {"name": form.said("file").name})
        return redirect("web:link_evidence", link.public_id)
    context = _page(entered) | {
        "form": form,
        "words": _("Lay a file ready"),
        "grave": False,
        "back": "web:link_evidence",
    }
    return render(request, "web/by_link/say.html", context, status=422)


@require_POST
@came_in
def remove_file(request: HttpRequest, entered: _In, file_id: UUID) -> HttpResponse:
    """Take a file away again that was not sent."""
    found = access_link_file_by_id(entered.link, file_id)
    officer_link_remove_file(link=entered.link, file=found)
    messages.success(request, _("Taken away: %(name)s") % {"name": found.name})
    return redirect("web:link_evidence", entered.link.public_id)


@require_GET
@came_in
def file(request: HttpRequest, entered: _In, pk: int) -> HttpResponse:
    """A file of the letter or of a later message, as an attachment; that it was taken is noted first."""
    link = entered.link
    found = access_told_file_by_id(link, pk)
    link_read(link=link, officer=entered.officer, file=found)
    house = Actor.system("officer link", authority_id=link.authority_id)
    opened = file_hand_out(kept=Kept("officer_link", str(link.public_id), found.sha256), by=house)
    answer: HttpResponse = attachment(opened, Download(Kept("", "", ""), found.name, found.media_type))
    return answer


@require_POST
@came_in
def leave(request: HttpRequest, entered: _In) -> HttpResponse:
    """Close the case in this browser; the link and the code open it again."""
    answer = render(request, "web/by_link/left.html")
    link_keys.let_out(request, answer, entered.link.public_id)
    return answer


def _said(form: forms.SayForm, entered: _In, said: str) -> bool:
    form.require_known()
    if not form.is_valid():
        return False
    return do_from(
        form,
        lambda: link_say(
            link=entered.link, officer=entered.officer, said=said, body=form.body(),
            message_id=form.said("message_id"), reference=form.reference(),
        ),
    )  # fmt: skip


def _sent(form: Any, entered: _In, ready: list[Any], said: str) -> bool:
    form.require_known()
    if not form.is_valid():
        return False
    kind = said or form.said_as()
    if kind != "result" and not ready:
        form.add_error(None, _("No file lies ready: add one first."))
        return False
    return do_from(
        form,
        lambda: link_say(
            link=entered.link, officer=entered.officer, said=kind, body=form.body(),
            message_id=form.said("message_id"), files=ready,
        ),
    )  # fmt: skip


def _context(entered: _In, view: LinkView) -> dict[str, Any]:
    buttons = [(said, words, grave) for said, (words, _form, grave) in SAYINGS.items() if said in view.open_sayings]
    sends = {"partial_result", "result", "complement"} & set(view.open_sayings)
    return _page(entered) | {
        "view": view,
        "buttons": buttons,
        "sends": bool(sends),
        "told": [(one, told_words(one), told_lines(one)) for one in reversed(view.told)],
        "items": _items(view),
        "title": content_of(view.case).get("title", ""),
        "open_questions": [one for one in view.questions if one.answered_at is None],
    }


def _items(view: LinkView) -> list[tuple[Any, str, list[tuple[str, str]]]]:
    """Return each item with its words and what it asks: of a phone's width, where a PDF is hard to read."""
    content = content_of(view.case)
    # Of a case that was taken over from an earlier register the letter lies in the old file.
    letter = letter_from(content) if content else None
    asks = {item.id: asked(letter, item) for item in letter.items} if letter else {}
    return [
        (item, item_label(view.case, item.key, item.measure), asks.get(item.key, []))
        for item in view.case.items.order_by("id")
    ]


def _page(entered: _In) -> dict[str, Any]:
    """Return what every page behind the door shows."""
    outgoing = entered.link.outgoing
    return {"link": entered.link, "case": outgoing, "from": entered.link.authority, "officer": entered.officer}


def _not_now(request: HttpRequest, entered: _In, words: Any) -> HttpResponse:
    return render(request, "web/by_link/not_now.html", _page(entered) | {"words": words}, status=409)


def _over(request: HttpRequest) -> HttpResponse:
    return render(request, "web/by_link/over.html", status=410)


def _zone(link: OfficerLink) -> ZoneInfo:
    peer = link.outgoing.addressee
    return ZoneInfo(peer.time_zone if peer is not None and peer.time_zone else "UTC")
