"""Who can sign in to the demonstration, and the one password of all of them.

The password is generated once an installation and kept in a file that its owner alone can read.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import Count, Q

from mla.accounts.models import Membership, Role, User
from mla.core import clock
from mla.reference.models import Authority
from workflows.demo.courses import COURSES
from workflows.demo.launch import FOLDER
from workflows.demo.people import Cast, officer
from workflows.demo.walk import example

#: Without those that are taken for another.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

_CENTRAL = (
    Role.DESK_OFFICER,
    Role.SUPERVISOR,
    Role.LEGAL,
    Role.TRANSLATOR,
    Role.REGISTRY,
    Role.DUTY_OFFICER,
    Role.AUDITOR,
    Role.LOCAL_ADMINISTRATOR,
    Role.FOREIGN_OFFICER,
)
#: What an officer of each kind of authority can be; the first of each list is shown first.
_ROLES = {
    Authority.Kind.ORIGINATING: (Role.ORIGINATOR_DRAFTER, Role.ORIGINATOR_SIGNATORY),
    Authority.Kind.CENTRAL: _CENTRAL,
    Authority.Kind.CONTACT_POINT: (Role.DUTY_OFFICER, Role.DESK_OFFICER, Role.SUPERVISOR, Role.REGISTRY),
    Authority.Kind.EXECUTING: (Role.EXECUTING_OFFICER,),
}


@dataclass(frozen=True, slots=True)
class Account:
    authority: str
    name: str
    role: str
    username: str


def password() -> str:
    """Return this installation's password of the demonstration, generated at the first call (mode 600)."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Whoever creates it, creates it unreadable for others.
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        path.chmod(0o600)
        kept = path.read_text().strip()
        if kept:
            return kept
        path.unlink()
        return password()
    made = "-".join("".join(secrets.choice(_LETTERS) for _letter in range(5)) for _group in range(3))
    with os.fdopen(handle, "w") as file:
        file.write(made + "\n")
    return made


def _path() -> Path:
    return FOLDER / "password"


def make_accounts() -> None:
    """Make every officer of the authorities of the letters, all of them or none."""
    with transaction.atomic():
        for authority in _authorities():
            for role in _ROLES[Authority.Kind(authority.kind)]:
                officer(role, authority)


def accounts_made() -> bool:
    """Tell whether `make_accounts` has been done: it is the last step of filling the database."""
    return User.objects.filter(username__startswith=f"{Role.LOCAL_ADMINISTRATOR}.").exists()


def let_in(secret: str) -> None:
    """Let every demonstration officer sign in with `secret`; one that has chosen a password keeps it.

    One hash for all, since they share the password. When most have another than `secret`, whose file was
    lost, all get this one.
    """
    theirs = Q()
    for role in Role.values:
        theirs |= Q(username__startswith=f"{role}.")
    officers = User.objects.filter(theirs)
    set_here = officers.exclude(password__startswith="!").values("password").annotate(times=Count("pk"))
    shared = set_here.order_by("-times").first()
    if shared is None or not check_password(secret, shared["password"]):
        officers.update(password=make_password(secret))
    else:
        officers.filter(password__startswith="!").update(password=shared["password"])


def accounts(codes: Iterable[str] = ()) -> list[Account]:
    """Return who can sign in, by authority (in the order of `codes`, or all) and role."""
    wanted = list(codes)
    order = [role for roles in _ROLES.values() for role in roles]
    hats = Membership.objects.valid(clock.now()).filter(user__is_active=True).select_related("user", "authority")
    if wanted:
        hats = hats.filter(authority__code__in=wanted)
    rows = sorted(
        hats,
        key=lambda hat: (
            wanted.index(hat.authority.code) if wanted else hat.authority.code,
            order.index(Role(hat.role)) if hat.role in order else 99,
        ),
    )
    return [
        Account(hat.authority.code, hat.authority.name, str(Role(hat.role).label), hat.user.username) for hat in rows
    ]


def _authorities() -> list[Authority]:
    found: dict[str, Authority] = {}
    for plan in COURSES:
        cast = Cast(example(plan.letter))
        for authority in (cast.originating, cast.central, cast.receiver, cast.executing_authority):
            found[authority.code] = authority
    return list(found.values())
