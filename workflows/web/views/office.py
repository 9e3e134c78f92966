"""The authority and its people, for its own administrator: facts, chain, members, roles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mla.accounts.access import access
from mla.accounts.models import Membership, Role, User
from mla.accounts.selectors import access_member_by_id, visible_members
from mla.accounts.services import membership_add, membership_end, office_edit, officer_add, officer_deactivate
from mla.accounts.set_password import set_password_path
from mla.core import clock
from mla.reference.models import Authority
from mla.reference.services import OFFICE_FIELDS
from workflows.web.desk import DeskRequest, page
from workflows.web.doing import do_from, needs_recent_sign_in
from workflows.web.forms.administration import OfficeForm, PersonForm, RoleForm

ADMINISTRATORS = {Role.LOCAL_ADMINISTRATOR}
#: Kinds of authenticators that are a second factor; recovery codes only replace one.
SECOND_FACTORS = ("totp", "webauthn")
#: People on one page of members; an office has fewer.
MOST_SHOWN = 200


@require_safe
@page(ADMINISTRATORS)
def office(request: DeskRequest) -> HttpResponse:
    """The authority's own facts, its chain, and its members."""
    own = Authority.objects.select_related("jurisdiction", "central").get(pk=request.hat.authority_id)
    ended = request.GET.get("show") == "ended"
    people = _people(visible_members(request.actor), ended=ended)
    context = {
        "office": own,
        "originators": list(own.originators.order_by("name")[:MOST_SHOWN]),
        "people": people[:MOST_SHOWN],
        "more": len(people) > MOST_SHOWN,
        "ended": ended,
        "has_pane": True,
    }
    return render(request, "web/administration/office.html", context)


def _people(memberships: Any, *, ended: bool) -> list[dict[str, Any]]:
    """Return each person with the roles that are in effect (or, `ended`, those without any). Two queries."""
    now = clock.now()
    by_person: dict[int, dict[str, Any]] = {}
    for row in memberships.select_related("user").order_by("user__last_name", "user__username", "pk"):
        person = by_person.setdefault(row.user_id, {"user": row.user, "roles": [], "past": []})
        person["roles" if _valid(row, now) else "past"].append(row)
    found = [one for one in by_person.values() if bool(one["roles"]) != ended]
    secured = _with_second_factor(one["user"].pk for one in found)
    for one in found:
        one["second_factor"] = one["user"].pk in secured
        one["since"] = min((row.starts_at for row in one["roles"]), default=None)
    return found


def _valid(row: Membership, now: dt.datetime) -> bool:
    return row.starts_at <= now and (row.ends_at is None or row.ends_at > now)


def _with_second_factor(people: Iterable[int]) -> set[int]:
    secured = Authenticator.objects.filter(user_id__in=list(people), type__in=SECOND_FACTORS)
    return set(secured.values_list("user_id", flat=True))


@require_http_methods(["GET", "HEAD", "POST"])
@page(ADMINISTRATORS)
def office_facts(request: DeskRequest) -> HttpResponse:
    """Change what the authority says of itself; needs a recent sign-in, since rules of approval are among it."""
    if (sign_in := needs_recent_sign_in(request)) is not None:
        return sign_in
    own = Authority.objects.get(pk=request.hat.authority_id)
    if request.method == "POST":
        form = OfficeForm(request.POST)
        if form.is_valid():
            values = {name: form.cleaned_data[name] for name in OFFICE_FIELDS if name in form.cleaned_data}
            read = form.cleaned_data["seen"]
            if do_from(form, lambda: office_edit(authority=own, by=request.actor, values=values, expected=read)):
                messages.success(request, _("The facts of the authority are saved. They stand in every new letter."))
                return redirect("web:office")
            # The next press is made in the knowledge of the change.
            again = request.POST.copy()
            again["seen"] = own.edited_at.isoformat() if own.edited_at else ""
            form.data = again
        return render(request, "web/administration/office_facts.html", {"form": form, "office": own}, status=422)
    initial = {name: getattr(own, name) for name in OFFICE_FIELDS} | {
        "languages": ", ".join(own.languages),
        "seen": own.edited_at.isoformat() if own.edited_at else "",
    }
    form = OfficeForm(initial=initial)
    return render(request, "web/administration/office_facts.html", {"form": form, "office": own})


@require_http_methods(["GET", "HEAD", "POST"])
@page(ADMINISTRATORS)
def member_add(request: DeskRequest) -> HttpResponse:
    """Add a person who is new to the house, with a first role. The link to set a password is shown this once."""
    if (sign_in := needs_recent_sign_in(request)) is not None:
        return sign_in
    form = PersonForm(request.POST if request.method == "POST" else None)
    made: list[User] = []
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data

        def add() -> None:
            made.append(officer_add(**said, authority=request.hat.authority, by=request.actor))

        if do_from(form, add):
            return render(request, "web/administration/member_link.html", _link(request, made[0]), status=201)
    status = 422 if request.method == "POST" else 200
    return render(request, "web/administration/member_add.html", {"form": form}, status=status)


def _link(request: DeskRequest, person: User) -> dict[str, Any]:
    return {"person": person, "address": request.build_absolute_uri(set_password_path(person))}


@require_http_methods(["GET", "HEAD", "POST"])
@page(ADMINISTRATORS)
def member(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """One person: roles here, and giving or ending one, closing the account, a first link anew."""
    person = access_member_by_id(request.actor, public_id)
    form = RoleForm()
    status = 200
    if request.method == "POST":
        if (sign_in := needs_recent_sign_in(request)) is not None:
            return sign_in
        form = RoleForm(request.POST)
        answer = _member_act(request, person, form)
        if answer is not None:
            return answer
        status = 422
    return _member_page(request, person, form, status)


def _member_act(request: DeskRequest, person: User, form: RoleForm) -> HttpResponse | None:
    """Do what was pressed; None: the form holds why not."""
    act, own = request.POST.get("do", ""), request.hat.authority
    if act == "add":
        if not form.is_valid():
            return None
        role = form.cleaned_data["role"]
        done = do_from(form, lambda: membership_add(user=person, authority=own, role=role, by=request.actor))
        said = _("The role is given; it holds from now on.")
    elif act == "end":
        given = request.POST.get("membership", "")
        hats = visible_members(request.actor).filter(user=person)
        pk = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
        hat = access(hats, actor=request.actor, kind="membership", pk=pk)
        form = _unbound(form)
        done = do_from(form, lambda: membership_end(membership=hat, by=request.actor))
        said = _(
            "The role is ended. What the person did under it stays as it is; what is still with the person waits for "
            "the supervisor under “People who left”."
        )
    elif act == "deactivate":
        form = _unbound(form)
        done = do_from(form, lambda: officer_deactivate(user=person, authority=own, by=request.actor))
        said = _(
            "The account is closed: the person cannot sign in any more. What is still with the person waits for the "
            "supervisor under “People who left”."
        )
    elif act == "link" and _may_have_link(request, person):
        return render(request, "web/administration/member_link.html", _link(request, person), status=201)
    else:
        form = _unbound(form)
        form.add_error(None, _("Choose what is to be done."))
        done, said = False, ""
    if not done:
        return _member_page(request, person, form, 422)
    messages.success(request, said)
    return redirect("web:member", public_id=person.public_id)


def _unbound(form: RoleForm) -> RoleForm:
    """A form that holds errors of another press, and none of its own field."""
    found = RoleForm({"role": form.fields["role"].choices[0][0]})  # type: ignore[attr-defined]
    found.is_valid()
    return found


def _may_have_link(request: DeskRequest, person: User) -> bool:
    """Only who never had a password: otherwise an administrator could sign in as somebody else."""
    elsewhere = person.memberships.exclude(authority_id=request.hat.authority_id).exists()
    return person.is_active and person.last_login is None and not person.has_usable_password() and not elsewhere


def _member_page(request: DeskRequest, person: User, form: RoleForm, status: int) -> HttpResponse:
    person.refresh_from_db()
    now = clock.now()
    rows = list(visible_members(request.actor).filter(user=person).order_by("-starts_at", "-pk"))
    present = [row for row in rows if _valid(row, now)]
    roles = {row.role for row in present}
    context = {
        "person": person,
        "present": present,
        "past": [row for row in rows if not _valid(row, now)],
        "form": form,
        "second_factor": bool(_with_second_factor([person.pk])),
        "is_self": person.pk == request.actor.user_id,
        "may_have_link": _may_have_link(request, person),
        "both_eyes": Role.SUPERVISOR in roles and bool(roles & {Role.DESK_OFFICER, Role.ORIGINATOR_DRAFTER}),
    }
    return render(request, "web/administration/member.html", context, status=status)
