"""Single values of a letter: dates, instants, addresses of the Internet. Each says in its words what is wrong.

The checks raise ValueError, which the letter's model turns into a problem with the path of the value.
"""

# ruff: noqa: TRY004 -- what a person typed is a wrong value, whatever its type
from __future__ import annotations

import datetime as dt
import ipaddress
import re
import unicodedata
import zoneinfo
from functools import cache
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

#: No date of a letter lies outside; it keeps arithmetic with offsets inside the calendar.
FIRST_YEAR, LAST_YEAR = 1800, 2200

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_LOCAL_PART = re.compile(r"""[^\s@"(),:;<>\[\\\]]{1,64}""")


def date_value(value: object) -> dt.date:
    """Return a date given as one or as YYYY-MM-DD.

    Raises:
        ValueError: another form, or a day that the calendar does not have.
    """
    if isinstance(value, str) and _DATE.fullmatch(value.strip()):
        try:
            value = dt.date.fromisoformat(value.strip())
        except ValueError as error:
            raise ValueError(_("there is no such day: %(value)s") % {"value": value}) from error
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise ValueError(_("a date is written as 2026-03-01"))
    _year(value)
    return value


def instant_value(value: object) -> dt.datetime:
    """Return an instant with its UTC offset, given as one or as RFC 3339 text.

    Raises:
        ValueError: another form, no such time, or no offset.
    """
    if isinstance(value, str) and _INSTANT.fullmatch(value.strip()):
        try:
            value = dt.datetime.fromisoformat(value.strip().upper())
        except ValueError as error:
            raise ValueError(_("there is no such time: %(value)s") % {"value": value}) from error
    if not isinstance(value, dt.datetime):
        raise ValueError(_("a time is written as 2026-03-01T08:00:00+01:00"))
    if value.tzinfo is None:
        raise ValueError(_("the time needs its UTC offset, such as 2026-03-01T08:00:00+01:00"))
    _year(value)
    if abs(value.utcoffset() or dt.timedelta()) > dt.timedelta(hours=15):
        raise ValueError(_("there is no such UTC offset"))
    return value


def _year(value: dt.date) -> None:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(_("the year %(year)s cannot be meant") % {"year": value.year})


def ip_value(value: str) -> str:
    """Return an IPv4 or IPv6 address in its usual form (RFC 5952); a range or a zone is refused."""
    if "/" in value:
        raise ValueError(_("give each address on its own; “%(value)s” is a range") % {"value": value})
    try:
        address = ipaddress.ip_address(value)
    except ValueError as error:
        raise ValueError(_("“%(value)s” is no IPv4 or IPv6 address") % {"value": value}) from error
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        raise ValueError(_("an address with a zone (%%) has no meaning outside its own network"))
    return str(address)


def domain_value(value: str) -> str:
    """Return a domain name in lower case, without its last dot, as it was spelled otherwise (RFC 1035, RFC 3490)."""
    name = unicodedata.normalize("NFC", value.lower()).removesuffix(".")
    wrong = ValueError(_("“%(value)s” is no domain name") % {"value": value})
    if not name or len(name) > 253:
        raise wrong
    try:
        encoded = name.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise wrong from error
    labels = encoded.split(".")
    if len(encoded) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise wrong
    if labels[-1].isdigit():
        raise ValueError(_("“%(value)s” is no domain name; is it an IP address?") % {"value": value})
    return name


def email_value(value: str) -> str:
    """Return an e-mail address (RFC 5321), its domain in lower case."""
    local, at, domain = value.rpartition("@")
    if not at or not _LOCAL_PART.fullmatch(local) or ".." in local or local.startswith(".") or local.endswith("."):
        raise ValueError(_("“%(value)s” is no e-mail address") % {"value": value})
    try:
        return f"{local}@{domain_value(domain)}"
    except ValueError as error:
        raise ValueError(_("“%(value)s” is no e-mail address: its domain is wrong") % {"value": value}) from error


def url_value(value: str) -> str:
    """Return an absolute http, https or ftp address as it was given (RFC 3986)."""
    wrong = ValueError(_("“%(value)s” is no address of a page (https://…)") % {"value": value})
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in {"http", "https", "ftp"} or not host or any(c.isspace() for c in value):
        raise wrong
    try:
        ip_value(host)
    except ValueError:
        try:
            domain_value(host)
        except ValueError as error:
            raise wrong from error
    return value


#: The check of an identifier's value by its type; other types are free text.
IDENTIFIER_CHECKS = {"ip": ip_value, "domain": domain_value, "email": email_value, "url": url_value}


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def time_zone_value(value: str) -> str:
    """Return the IANA name of a time zone; the empty text stays."""
    if value and value not in _zones():
        raise ValueError(_("“%(value)s” is no time zone; write its IANA name, such as Europe/Riga") % {"value": value})
    return value
