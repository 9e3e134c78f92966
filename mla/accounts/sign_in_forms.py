"""The forms of the sign-in that differ from allauth's: labels in our words, and no code that is taken twice."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.forms import ChangePasswordForm as PlainChangePasswordForm
from allauth.account.forms import LoginForm as PlainLoginForm
from allauth.account.forms import ReauthenticateForm as PlainPasswordAgainForm
from allauth.account.forms import ResetPasswordForm as PlainResetPasswordForm
from allauth.account.forms import ResetPasswordKeyForm as PlainResetPasswordKeyForm
from allauth.core import context
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm as PlainAuthenticateForm
from allauth.mfa.base.forms import BaseAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as PlainReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm as PlainActivateTOTPForm
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.forms import AddWebAuthnForm as PlainAddKeyForm
from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class _Plain(forms.Form):
    """Labels stand above the fields; nothing grey stands in them, and nothing links away from what is under way."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in ("password", "oldpassword"):
                field.help_text = ""


class PasswordAgainForm(_Plain, PlainPasswordAgainForm):
    """The password again, before an act that needs a recent sign-in."""


class ChangePasswordForm(_Plain, PlainChangePasswordForm):
    """The old password and the new one."""


class ResetPasswordKeyForm(_Plain, PlainResetPasswordKeyForm):
    """The new password, by a link from the mail."""


class ActivateTOTPForm(_Plain, PlainActivateTOTPForm):
    """The first code of a new app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("The six digits")
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class AddKeyForm(_Plain, PlainAddKeyForm):
    """A security key, under a name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the key")
        self.fields["credential"].label = _("Answer of the key")


class LoginForm(_Plain, PlainLoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label = _("User name or e-mail address")
        login.widget.attrs = {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
            "autofocus": True,
        }


class ResetPasswordForm(_Plain, PlainResetPasswordForm):
    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Send mail to an address of nobody too: the answer takes as long, and tells no difference."""
        if self.users:
            return cast(str, super().save(request, **kwargs))
        email = cast(str, self.cleaned_data["email"])
        get_account_adapter().send_mail("account/email/unknown_account", email, {})
        return email


class _Once(BaseAuthenticateForm):
    """A code of an app is taken once, for all processes (RFC 6238, 5.2); a recovery code too, under one lock.

    allauth remembers used codes in the cache of one process only.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        code.label = _("Code")
        code.help_text = _("The six digits that your app shows now, or one of your recovery codes.")
        code.widget.attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}

    def clean_code(self) -> str:
        # Under the lock a second process sees what the first one counted.
        refused: ValidationError | None = None
        with transaction.atomic():
            list(Authenticator.objects.select_for_update().filter(user=self.user).order_by("pk"))
            allowed = AxesProxyHandler.is_allowed(context.request, {"username": self.user.get_username()})
            try:
                if not allowed:
                    raise get_adapter().validation_error("incorrect_code")
                code = super().clean_code()
                self._used(self.authenticator)
            except ValidationError as error:
                # What was counted and recorded of the failure stays.
                refused = error
        if refused is not None:
            raise refused
        return cast(str, code)

    def _used(self, authenticator: Authenticator) -> None:
        if authenticator.type != Authenticator.Type.TOTP:
            return
        secret, code = decrypt(authenticator.data["secret"]), self.cleaned_data["code"]
        fits = [
            counter
            for counter in yield_hotp_counters_from_time()
            if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, counter)))
        ]
        if not fits or fits[0] <= authenticator.data.get("last_counter", -1):
            self._emit_authentication_failed(authenticator)
            raise get_adapter().validation_error("incorrect_code")
        authenticator.data["last_counter"] = fits[0]
        authenticator.save(update_fields=["data"])


class AuthenticateForm(_Once, PlainAuthenticateForm):
    """At the sign-in."""


class ReauthenticateForm(_Once, PlainReauthenticateForm):
    """Again, before an act that needs a recent sign-in."""
