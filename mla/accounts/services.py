"""People and the hats they wear. Every change stands in the audit of the authority whose hat it is.

Two may change them: a local administrator for his own authority (an Actor), and the operator of the
installation at the command line (`OPERATOR`), who makes the first administrator of each authority.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal
from zoneinfo import available_timezones

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.accounts.errors import MembersChangeForbidden, MembersChangeRefused
from mla.accounts.models import Membership, Role, User
from mla.audit.services import Entry, What, Who, record
from mla.core import clock
from mla.core.text import clean
from mla.reference import services as reference
from mla.reference.models import Authority

#: Whoever has a shell on the server: there is no narrower name for them here.
OPERATOR = Who(kind="system", id="operator", label="the operator at the command line")


def authority_add(*, by: Actor | Who, **values: Any) -> Authority:
    """Add an office: `mla.reference.services.authority_add`, which says what `values` are. For the operator alone."""
    return reference.authority_add(by=_who(by), **values)


def office_edit(
    *,
    authority: Authority,
    by: Actor | Who,
    values: Mapping[str, Any],
    expected: dt.datetime | Literal["any"] | None = "any",
) -> Authority:
    """Change what an office says of itself; `values` are of `mla.reference.services.OFFICE_FIELDS`.

    `expected` is the `edited_at` (aware, UTC) that the editor read, None where nobody had edited it.

    Raises:
        MembersChangeForbidden: `by` is neither a local administrator there nor the operator.
        ReferenceEditRefused: another field, or a value that does not fit.
        TextRefused: a text holds a character that has no place in a letter.
        ReferenceChanged: it is no longer as `expected`.
    """
    _require(by, "office.edit", authority)
    return reference.authority_edit(authority=authority, by=_who(by), values=values, expected=expected)


def officer_add(
    *,
    username: str,
    first_name: str,
    last_name: str,
    authority: Authority,
    role: Role | str,
    by: Actor | Who,
    email: str = "",
    password: str | None = None,
    language: str = "en",
) -> User:
    """Add a person with a first hat, and return the person. Without a password none can be used to sign in yet.

    The person's time zone is that of the authority.

    Raises:
        MembersChangeForbidden: `by` is neither a local administrator there nor the operator.
        MembersChangeRefused: the name or the address is taken or malformed, the password is too weak, or
            the role is not one that a person wears.
        TextRefused: a name holds a character that has no place in a letter.
    """
    _require(by, "member.add", authority)
    user = User(
        username=clean(username, field="username").strip(),
        first_name=clean(first_name, field="first_name").strip(),
        last_name=clean(last_name, field="last_name").strip(),
        email=User.objects.normalize_email(email.strip()),
        time_zone=authority.time_zone,
        language=language,
    )
    with transaction.atomic():
        if User.objects.filter(username__iexact=user.username).exists():
            raise MembersChangeRefused(_("There already is a person %(name)s.") % {"name": user.username})
        if user.email and User.objects.filter(email__iexact=user.email).exists():
            raise MembersChangeRefused(_("The address %(email)s belongs to another person.") % {"email": user.email})
        if not (user.first_name or user.last_name):
            raise MembersChangeRefused(_("Give the person's name: it stands in the record of every act."))
        _set_password(user, password)
        _checked(user)
        user.save()
        membership_add(user=user, authority=authority, role=role, by=by)
    return user


def membership_add(
    *,
    user: User,
    authority: Authority,
    role: Role | str,
    by: Actor | Who,
    ends_at: dt.datetime | None = None,
) -> Membership:
    """Give a person one role at an authority from now on, until `ends_at` (aware) if that is given.

    Raises:
        MembersChangeForbidden: `by` is neither a local administrator there nor the operator, or is that person.
        MembersChangeRefused: the role is none that a person wears, the person has it already or is
            deactivated, or the end has passed.
    """
    _require(by, "member.add", authority)
    if _is(by, user):
        raise MembersChangeForbidden(_("Nobody gives a role to himself: ask another administrator."))
    if role not in Role.values or role == Role.TIMER:
        raise MembersChangeRefused(_("%(role)s is not a role that a person wears.") % {"role": role})
    now = clock.now()
    if ends_at is not None and ends_at <= now:
        raise MembersChangeRefused(_("The end of a membership must lie ahead."))
    with transaction.atomic():
        person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if not person.is_active:
            raise MembersChangeRefused(_("%(person)s is deactivated.") % {"person": person})
        if Membership.objects.valid(now).filter(user=person, authority=authority, role=role).exists():
            raise MembersChangeRefused(
                _("%(person)s has this role already: %(role)s.") % {"person": person, "role": Role(role).label}
            )
        membership = Membership.objects.create(
            user=person, authority=authority, role=role, starts_at=now, ends_at=ends_at
        )
        _record(membership, act="member.add", by=by)
    return membership


def membership_end(*, membership: Membership, by: Actor | Who) -> Membership:
    """End one hat now. What its person has done under it stays as it is.

    Raises:
        MembersChangeForbidden: `by` is neither a local administrator there nor the operator.
        MembersChangeRefused: it has ended, or it is the authority's last administrator; the operator may
            end that one too.
    """
    authority = membership.authority
    _require(by, "member.end", authority)
    with transaction.atomic():
        # Two administrators who end each other at once must not both succeed.
        Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)
        row = Membership.objects.select_for_update().select_related("user").get(pk=membership.pk)
        now = clock.now()
        if row.ends_at is not None and row.ends_at <= now:
            raise MembersChangeRefused(_("This membership has ended already."))
        if row.role == Role.LOCAL_ADMINISTRATOR and isinstance(by, Actor):
            others = Membership.objects.valid(now).filter(
                authority=authority, role=Role.LOCAL_ADMINISTRATOR, user__is_active=True
            )
            if not others.exclude(user_id=row.user_id).exists():
                raise MembersChangeRefused(_("This is the authority's last administrator: name another one first."))
        # A membership of no length is none (a check of the database).
        row.ends_at = max(now, row.starts_at + dt.timedelta(microseconds=1))
        row.save(update_fields=["ends_at"])
        _record(row, act="member.end", by=by)
    return row


def officer_deactivate(*, user: User, authority: Authority, by: Actor | Who) -> User:
    """Close a person's account: every hat ends now, and the person cannot sign in any more.

    `authority` is the one that closes it. An administrator closes the accounts of those alone who work
    for his authority and for no other; anybody else's hat there he can end (`membership_end`).

    Raises:
        MembersChangeForbidden: `by` is neither a local administrator there nor the operator, or is that person.
        MembersChangeRefused: the person is deactivated, has no hat there, has a hat elsewhere, or is the
            authority's last administrator.
    """
    _require(by, "member.end", authority)
    if _is(by, user):
        raise MembersChangeForbidden(_("Nobody closes his own account: ask another administrator."))
    with transaction.atomic():
        row = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if not row.is_active:
            raise MembersChangeRefused(_("%(person)s is deactivated.") % {"person": row})
        hats = list(
            Membership.objects.valid(clock.now()).filter(user=row).select_related("authority").order_by("authority_id")
        )
        if isinstance(by, Actor):
            if any(hat.authority_id != authority.pk for hat in hats):
                raise MembersChangeRefused(
                    _("%(person)s also works for another authority: end the membership here instead.") % {"person": row}
                )
            if not Membership.objects.filter(user=row, authority=authority).exists():
                raise MembersChangeRefused(_("This person does not work for your authority."))
        for hat in hats:
            membership_end(membership=hat, by=by)
        row.is_active = False
        row.save(update_fields=["is_active"])
        record(
            Entry(
                authority_id=authority.pk,
                act="officer.deactivate",
                by=_who(by),
                on=What(type="user", id=str(row.public_id)),
            )
        )
    return row


def officer_set_password(*, user: User, password: str, authority: Authority, by: Who) -> User:
    """Set a person's password. For the operator alone: an administrator must not be able to sign in as another.

    Raises:
        MembersChangeForbidden: `by` is not the operator.
        MembersChangeRefused: the password is too weak.
    """
    if isinstance(by, Actor) or by.kind != "system":
        raise MembersChangeForbidden(_("Only the operator of the installation sets another person's password."))
    with transaction.atomic():
        row = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        _set_password(row, password)
        row.save(update_fields=["password"])
        record(
            Entry(
                authority_id=authority.pk,
                act="officer.set_password",
                by=by,
                on=What(type="user", id=str(row.public_id)),
            )
        )
    return row


def _require(by: Actor | Who, act: str, authority: Authority) -> None:
    """Refuse whoever may not do `act` at `authority`: a Who that is a person's has passed no check of a hat."""
    if not (holds(by, act) and by.authority_id == authority.pk if isinstance(by, Actor) else by.kind == "system"):
        raise MembersChangeForbidden(
            _("Only an administrator of %(authority)s may do this.") % {"authority": authority.name}
        )


def _who(by: Actor | Who) -> Who:
    return by.who() if isinstance(by, Actor) else by


def _is(by: Actor | Who, user: User) -> bool:
    return isinstance(by, Actor) and by.user_id == user.pk


def _set_password(user: User, password: str | None) -> None:
    if password is None:
        user.set_unusable_password()
        return
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise MembersChangeRefused(" ".join(error.messages)) from error
    user.set_password(password)


def _checked(user: User) -> None:
    if user.time_zone not in available_timezones():
        raise MembersChangeRefused(_("%(name)s is no time zone: give an IANA name.") % {"name": user.time_zone})
    try:
        user.full_clean()
    except ValidationError as error:
        problems = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
        raise MembersChangeRefused(problems) from error


def _record(membership: Membership, *, act: str, by: Actor | Who) -> None:
    record(
        Entry(
            authority_id=membership.authority_id,
            act=act,
            by=_who(by),
            on=What(type="user", id=str(membership.user.public_id)),
            detail={"role": str(membership.role), "membership": str(membership.pk)},
        )
    )
