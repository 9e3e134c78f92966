"""The address and the code of a link that an officer of the other State was given.

Neither is stored: both follow from the link's identifier and the secret of the installation. The address goes one way
(a mail, a slip with a square code), the code another (by telephone, in the letter).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils.crypto import constant_time_compare, salted_hmac

from mla.accounts.access import AccessDenied

if TYPE_CHECKING:
    from workflows.lifecycle.models.officer_links import OfficerLink

_SALT = "mla.officer-link"
_DIGITS = 8


def link_token(link: OfficerLink) -> str:
    """Return the signed part of the link's address. Only for who may give links."""
    return _signer().sign(link.public_id.hex)


def token_link_id(token: str) -> UUID:
    """Return the identifier that a signed part names.

    Raises:
        AccessDenied: it is none of ours; before anything is looked up.
    """
    try:
        return UUID(_signer().unsign(token))
    except (BadSignature, ValueError) as error:
        raise AccessDenied("officer link", "", None) from error


def link_code(link: OfficerLink) -> str:
    """Return the code that opens the link: eight digits in two groups."""
    return _code(link, settings.SECRET_KEY)


def code_fits(link: OfficerLink, given: str) -> bool:
    """Tell whether a code opens the link; spaces and hyphens do not matter, nor digits of another script."""
    typed = "".join(str(int(one)) for one in given if one.isdecimal())
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(typed, _code(link, key).replace(" ", "")) for key in keys)


def _code(link: OfficerLink, key: str) -> str:
    digest = salted_hmac(f"{_SALT}.code", link.public_id.hex, secret=key, algorithm="sha256").digest()
    digits = f"{int.from_bytes(digest, 'big') % 10**_DIGITS:0{_DIGITS}d}"
    return f"{digits[:4]} {digits[4:]}"


def _signer() -> Signer:
    return Signer(salt=_SALT, sep=".")
