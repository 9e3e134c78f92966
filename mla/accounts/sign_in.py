"""Who signs in and how: names and addresses, the second factor, what a session has proved.

Nothing that somebody typed as a name is stored or logged: people type passwords into that field.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any, Literal, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mla.accounts.models import User
from mla.core import clock
from mla.core.errors import MlaError

#: Kinds of second factor; recovery codes only stand in for one.
STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class SecretUnreadable(MlaError):
    """A stored secret of a second factor was encrypted with another SECRET_KEY."""


def person_named(typed: str) -> User | None:
    """Return the person of a user name or an e-mail address, however it is capitalised.

    None where there is nobody, and where an address is that of several people.
    """
    name = typed.strip()
    if not 0 < len(name) <= 254 or "\0" in name:
        return None
    found = list(User.objects.filter(Q(username__iexact=name) | Q(email__iexact=name)).order_by("pk")[:10])
    for fits in (
        [user for user in found if user.username == name],
        [user for user in found if user.username.casefold() == name.casefold()],
        [user for user in found if user.email.casefold() == name.casefold()],
    ):
        if fits:
            return fits[0] if len(fits) == 1 else None
    return None


def counted_name(typed: str) -> str:
    """Return under which name failures are counted: one for a person, a digest for what names nobody."""
    person = person_named(typed)
    if person is not None:
        return person.username
    return "unknown-" + salted_hmac("mla.sign_in", typed.strip().casefold()).hexdigest()[:40]


def client_address(request: HttpRequest) -> str | None:
    """Return the client's address as the outermost trusted proxy saw it (TRUSTED_PROXIES)."""
    return cast("str | None", get_client_ip(request))


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by administrators. A failed sign-in says the same whatever was wrong."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("The name or the password is not right."),
        "email_password_mismatch": _("The name or the password is not right."),
        "incorrect_password": _("The password is not right."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Check a password. Counted and refused by axes under one name for a person."""
        typed = str(credentials.get("username") or credentials.get("email") or "")
        name = counted_name(typed)
        return authenticate(request, username=name, password=credentials.get("password", ""))

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        return not signed_in_recently(self.request)

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        return redirect("account_login")


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets are stored encrypted; the last second factor cannot be taken off by its owner."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right, or was used before. Wait for the next one."),
        "cannot_delete_authenticator": _("This is your only second factor. Add another one first."),
    }

    def get_totp_label(self, user: Any) -> str:
        return str(user.username)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Security key %(number)s") % {"number": number}

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise SecretUnreadable(
                "the second factor cannot be read: SECRET_KEY was changed without keeping the old one"
            ) from error

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        if not settings.SECOND_FACTOR_REQUIRED or authenticator.type not in STRONG:
            return True
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=STRONG)
        return bool(others.exclude(pk=authenticator.pk).exists())


def _box() -> MultiFernet:
    keys = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    digests = (hashlib.sha256(b"mla second factor" + key.encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


# --- what a session has proved ---


def signed_in_recently(request: HttpRequest) -> bool:
    """Tell whether the person gave a password or second factor in the last ACCOUNT_REAUTHENTICATION_TIMEOUT seconds."""
    records = get_authentication_records(request, cast(User, request.user))
    latest = max((record["at"] for record in records), default=0.0)
    return bool(clock.now().timestamp() - latest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


def second_factor_given(request: HttpRequest) -> bool:
    """Tell whether the session of the signed-in person proved a second factor, or none is asked for. No query."""
    if not settings.SECOND_FACTOR_REQUIRED:
        return True
    return any(record["method"] == "mfa" for record in get_authentication_records(request, cast(User, request.user)))


Standing = Literal["given", "to_give", "to_set_up"]


def second_factor(request: HttpRequest) -> Standing:
    """Return how the session of the signed-in person stands to the second factor; one query where it is not given."""
    if second_factor_given(request):
        return "given"
    set_up = Authenticator.objects.filter(user_id=request.user.pk, type__in=STRONG).exists()
    return "to_give" if set_up else "to_set_up"


def refuse_removal(authenticator: Authenticator) -> ValidationError | None:
    """Return why a second factor may not be taken off by its owner, or None."""
    adapter = SecondFactorAdapter()
    if adapter.can_delete_authenticator(authenticator):
        return None
    return cast(ValidationError, adapter.validation_error("cannot_delete_authenticator"))


def _proved(sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    # Who has just set one up showed that it works.
    if authenticator.type in STRONG:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


def connect() -> None:
    """Listen; called once, when the applications are ready."""
    authenticator_added.connect(_proved, dispatch_uid="second factor proved")
