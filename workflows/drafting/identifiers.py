"""What can be told of an identifier without asking anybody: its form, its check digits, whether it is masked.

Nothing here refuses: evidence may hold a number that is cut off or wrong, and the letter has to say so. What does not
hold is told as a warning, with how a right one looks (documentation values only). Pure.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import idna
import phonenumbers
from django.utils.translation import gettext as _
from stdnum import bic, iban, imei, luhn, mac
from stdnum.exceptions import InvalidChecksum, ValidationError

from workflows.drafting.wallets import wallet_checked

State = Literal["holds", "masked", "wrong", "unchecked"]


@dataclass(frozen=True, slots=True)
class Checked:
    """`value`: in its usual form where it holds, else as given. `told`: in words what was found, empty for free text."""

    value: str
    state: State
    told: str = ""


_MASK = re.compile(r"[*•#…]|\.\.\.|[xX]{2,}")
#: Where letters are digits, an x may be one.
_MASK_OF_LETTERS = re.compile(r"[*•#…]|\.\.\.|[xX]{4,}")
_HASHES = {32: "MD5", 40: "SHA-1", 56: "SHA-224", 64: "SHA-256", 96: "SHA-384", 128: "SHA-512"}
_INNER = tuple(map(ipaddress.ip_network, (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "fc00::/7", "fe80::/10", "::1/128",
)))  # fmt: skip
SHARED = ipaddress.ip_network("100.64.0.0/10")


def identifier_checked(kind: str, value: str, *, region: str = "") -> Checked:
    """Return what can be told of a value of an identifier's type; of a type of free text nothing.

    `region`: code of the State that is asked, by which a telephone number without its country code is read for a hint.
    """
    check = _CHECKS.get(kind)
    if check is None or not value.strip():
        return Checked(value, "unchecked")
    mask = _MASK_OF_LETTERS if kind in _OF_LETTERS else _MASK
    if kind == "card" and mask.search(value):
        return Checked(value, "holds", _("Masked, as a card number in a letter should be."))
    if kind in _MASKABLE and mask.search(value):
        return Checked(
            value, "masked", _("Masked: what is hidden cannot be checked, and may not be enough to search by.")
        )
    return check(value.strip(), region)


def identifier_kept(kind: str, value: str) -> str:
    """Return a value as it is kept: in its usual form where it holds, else as it was given."""
    checked = identifier_checked(kind, value)
    return checked.value if checked.state == "holds" else value


def _phone(value: str, region: str) -> Checked:
    example = _("Written with its country code: +1 202 555 0143.")
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException as error:
        hint = _as_of(value, region) if error.error_type == error.INVALID_COUNTRY_CODE else ""
        if hint:
            message = _(
                "The number has no country code. Read as one of the State that is asked it would be %(number)s; write it so if that is meant."
            )
            return Checked(value, "wrong", message % {"number": hint})
        return Checked(value, "wrong", f"{_('This is no telephone number with its country code.')} {example}")
    if not phonenumbers.is_possible_number(number):
        return Checked(value, "wrong", f"{_('The number is too short or too long for its country.')} {example}")
    kept = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if number.extension:
        kept += f";ext={number.extension}"
    if not phonenumbers.is_valid_number(number):
        return Checked(kept, "holds", _("The length is right; no range of its country is known to hold this number."))
    where = phonenumbers.region_code_for_number(number) or ""
    return Checked(kept, "holds", _("A telephone number of the numbering plan %(plan)s.") % {"plan": where})


def _as_of(value: str, region: str) -> str:
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _iban(value: str, _region: str) -> Checked:
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}", iban.compact(value)):
        message = _(
            "This is no IBAN: two letters of the State, two check digits and the account, such as GB33 BUKB 2020 1555 5555 55."
        )
        return Checked(value, "wrong", message)
    try:
        return Checked(iban.validate(value), "holds", _("The check digits hold."))
    except InvalidChecksum:
        message = _("The check digits of this account number do not hold: copy it again from its source.")
    except ValidationError:
        message = _("The account number does not have the form that its State gives it: copy it again from its source.")
    return Checked(value, "wrong", message)


def _bic(value: str, _region: str) -> Checked:
    try:
        return Checked(
            bic.validate(value), "holds", _("The form is that of a BIC; whether a bank has it was not looked up.")
        )
    except ValidationError:
        return Checked(
            value, "wrong", _("This is no BIC: eight or eleven letters and digits, such as BANKLV22 or BANKLV22XXX.")
        )


def _imei(value: str, _region: str) -> Checked:
    try:
        kept = imei.validate(value)
    except InvalidChecksum:
        return Checked(value, "wrong", _("The last digit of this IMEI does not hold: copy it again from its source."))
    except ValidationError:
        return Checked(
            value,
            "wrong",
            _(
                "This is no IMEI: 15 digits (14 without the check digit, 16 with a version), such as 00-440000-000000-9."
            ),
        )
    if len(kept) == 15:
        return Checked(kept, "holds", _("The check digit holds."))
    return Checked(kept, "holds", _("14 or 16 digits: there is no check digit to look at."))


def _mac(value: str, _region: str) -> Checked:
    try:
        # Which maker a block belongs to says nothing on whether a network saw the address.
        kept = mac.validate(value, validate_manufacturer=False)
    except ValidationError:
        return Checked(
            value, "wrong", _("This is no MAC address: six pairs of hexadecimal digits, such as 00:00:5e:00:53:01.")
        )
    if int(kept[:2], 16) & 2:
        return Checked(
            kept,
            "holds",
            _("An address that a device gives itself: many phones change theirs from network to network."),
        )
    return Checked(kept, "holds", _("The form is that of a MAC address."))


def _card(value: str, _region: str) -> Checked:
    digits = re.sub(r"[\s-]", "", value)
    if not re.fullmatch(r"[0-9]{12,19}", digits):
        return Checked(value, "unchecked", _("Not checked: no number of a card in full."))
    if not luhn.is_valid(digits):
        return Checked(
            value,
            "wrong",
            _("The last digit of this card number does not hold: copy it again, and mask it: 4000 12** **** 0119."),
        )
    return Checked(
        value,
        "wrong",
        _(
            "This is a card number in full. Mask it, the first six and the last four digits are enough to search by: 4000 12** **** 0119."
        ),
    )


def _wallet(value: str, _region: str) -> Checked:
    found = wallet_checked(value)
    if found.state == "holds":
        chain = found.chain or _("a chain that is not known here")
        return Checked(found.value, "holds", _("An address of %(chain)s; its checksum holds.") % {"chain": chain})
    if found.state == "wrong":
        message = _(
            "This looks like an address of %(chain)s, and its checksum does not hold: copy it again from its source."
        )
        return Checked(value, "wrong", message % {"chain": found.chain})
    if found.chain:
        message = _(
            "Not checked: an address of the kind of %(chain)s in small letters or capitals alone has no checksum."
        )
        return Checked(found.value, "unchecked", message % {"chain": found.chain})
    return Checked(
        value, "unchecked", _("Not checked: the chain of this address is not known here. Name it in the note.")
    )


def _transaction(value: str, _region: str) -> Checked:
    if re.fullmatch(r"(0x)?[0-9a-fA-F]{64}", value):
        return Checked(
            value.lower(),
            "holds",
            _("64 hexadecimal digits, as most chains write a transaction; there is no checksum."),
        )
    if re.fullmatch(r"0x[0-9a-fA-F]*|[0-9a-fA-F]{40,}", value):
        message = _(
            "A transaction in hexadecimal digits has 64 of them; these are %(count)s: copy it again from its source."
        )
        return Checked(value, "wrong", message % {"count": len(value.removeprefix("0x"))})
    return Checked(
        value,
        "unchecked",
        _("Not checked: another form than 64 hexadecimal digits. Name the chain or service in the note."),
    )


def _hash(value: str, _region: str) -> Checked:
    label, _colon, digits = value.rpartition(":")
    digits = "".join(digits.split())
    if not re.fullmatch(r"[0-9a-fA-F]+", digits) or ":" in label:
        return Checked(value, "unchecked", _("Not checked: no hash value in hexadecimal digits."))
    name = _HASHES.get(len(digits))
    if name is None:
        message = _("%(count)s hexadecimal digits are no hash value: MD5 has 32, SHA-1 40, SHA-256 64, SHA-512 128.")
        return Checked(value, "wrong", message % {"count": len(digits)})
    said = re.sub(r"[^a-z0-9]", "", label.lower())
    if said and said != name.replace("-", "").lower():
        message = _("These are %(count)s hexadecimal digits, as many as %(name)s has; the value is called %(said)s.")
        return Checked(value, "wrong", message % {"count": len(digits), "name": name, "said": label.strip()})
    return Checked(
        f"{label}:{digits.lower()}" if label else digits.lower(),
        "holds",
        _("As long as a value of %(name)s.") % {"name": name},
    )


def _domain(value: str, _region: str) -> Checked:
    try:
        encoded = idna.encode(value, uts46=True).decode("ascii")
    except idna.IDNAError:
        if re.fullmatch(r"[a-z0-9_.-]+", value):
            return Checked(
                value,
                "unchecked",
                _("Not checked: a name for a service or host (with _) that nobody registers as it is."),
            )
        return Checked(
            value,
            "wrong",
            _("No register takes this name (IDNA 2008): copy it again, or give its form that begins with xn--."),
        )
    if encoded != value:
        return Checked(value, "holds", _("A register knows it as %(name)s.") % {"name": encoded})
    if "xn--" in value:
        return Checked(value, "holds", _("It reads as %(name)s.") % {"name": idna.decode(value)})
    return Checked(value, "holds")


def _url(value: str, _region: str) -> Checked:
    parts = urlsplit(value)
    if parts.path.strip("/") or parts.query or parts.fragment:
        return Checked(value, "holds")
    return Checked(
        value,
        "wrong",
        _(
            "This is the address of a whole site. An account or a page has a path of its own: https://social.example.net/users/a.person."
        ),
    )


def _ip(value: str, _region: str) -> Checked:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return Checked(value, "unchecked")
    if any(address in network for network in _INNER if network.version == address.version):
        return Checked(
            value,
            "wrong",
            _(
                "This address is used inside many networks at once: no provider can tell whose it was. Give the public one, such as 198.51.100.23."
            ),
        )
    if address.version == 4 and address in SHARED:
        return Checked(
            value,
            "wrong",
            _(
                "This address lies behind the address translation of a carrier (100.64.0.0/10): give the public one, with its port."
            ),
        )
    return Checked(value, "holds")


_CHECKS: Mapping[str, Callable[[str, str], Checked]] = {
    "phone": _phone, "iban": _iban, "bic": _bic, "imei": _imei, "mac": _mac, "card": _card, "wallet": _wallet,
    "transaction": _transaction, "hash": _hash, "domain": _domain, "url": _url, "ip": _ip,
}  # fmt: skip
_MASKABLE = frozenset({"phone", "iban", "imei", "mac", "card", "wallet", "transaction", "hash"})
_OF_LETTERS = frozenset({"iban", "wallet"})
