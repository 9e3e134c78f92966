"""The one-time link by which a person sets the first password, without anybody else ever knowing it."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse

from mla.accounts.models import User


def set_password_path(user: User) -> str:
    """Return the path of a page that sets the password of `user`, once, within PASSWORD_RESET_TIMEOUT (three days).

    Whoever has it can become that person: hand it over in person, or by a channel that reaches nobody else.
    """
    return reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)},
    )
