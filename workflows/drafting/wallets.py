"""Addresses of virtual assets: which chain, and whether the checksum holds. An unknown form is not checked, never refused.

Base58Check and Bech32 by python-stdnum; Bech32m (BIP-350) is the same sum with another constant; EIP-55 by Keccak-256.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from Crypto.Hash import keccak
from stdnum.bitcoin import b32decode, b58decode, bech32_checksum
from stdnum.exceptions import ValidationError

BECH32, BECH32M = 1, 0x2BC830A3

_BASE58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]+")
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
#: Names of chains, by the first byte of what Base58Check decodes to (25 bytes).
_VERSIONS = {
    0x00: "Bitcoin", 0x05: "Bitcoin", 0x10: "Dash", 0x16: "Dogecoin", 0x1E: "Dogecoin", 0x30: "Litecoin",
    0x32: "Litecoin", 0x41: "Tron", 0x4C: "Dash",
}  # fmt: skip
#: First characters that only a Base58Check address of a known chain has at this length.
_MUST_HOLD = re.compile(r"[13][1-9A-HJ-NP-Za-km-z]{25,34}|T[1-9A-HJ-NP-Za-km-z]{33}")
_SEGWIT = {"bc": "Bitcoin", "ltc": "Litecoin"}
_ETHEREUM = re.compile(r"0[xX]([0-9a-fA-F]{40})")


@dataclass(frozen=True, slots=True)
class Wallet:
    """What is known of an address. `value`: as it is kept; `chain`: its name, empty where it is not known."""

    value: str
    state: Literal["holds", "wrong", "unchecked"]
    chain: str = ""


def wallet_checked(given: str) -> Wallet:
    """Return the chain of an address and whether its checksum holds."""
    value = "".join(given.split())
    if _ETHEREUM.fullmatch(value):
        return _ethereum(value)
    human, one, _rest = value.lower().rpartition("1")
    if one and human in _SEGWIT:
        return _segwit(value, human)
    if _BASE58.fullmatch(value):
        raw = b58decode(value) if len(value) <= 64 else b""
        if len(raw) == 25 and _double(raw[:-4])[:4] == raw[-4:]:
            return Wallet(value, "holds", _VERSIONS.get(raw[0], ""))
        if _MUST_HOLD.fullmatch(value):
            return Wallet(value, "wrong", "Tron" if value[0] == "T" else "Bitcoin")
    return Wallet(given, "unchecked")


def _double(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def _segwit(value: str, human: str) -> Wallet:
    chain, low = _SEGWIT[human], value.lower()
    wrong = Wallet(value, "wrong", chain)
    data = low[len(human) + 1 :]
    # BIP-173: capitals and small letters are not mixed.
    if value not in (low, value.upper()) or len(low) > 90 or len(data) < 8 or set(data) - set(_BECH32):
        return wrong
    numbers = [_BECH32.index(character) for character in data]
    expanded = [ord(c) >> 5 for c in human] + [0] + [ord(c) & 31 for c in human]
    if bech32_checksum(expanded + numbers) != (BECH32 if numbers[0] == 0 else BECH32M):
        return wrong
    try:
        program = b32decode(numbers[1:-6])
    except ValidationError:
        return wrong
    fits = numbers[0] <= 16 and 2 <= len(program) <= 40 and (numbers[0] or len(program) in (20, 32))
    return Wallet(low, "holds", chain) if fits else wrong


def _ethereum(value: str) -> Wallet:
    digits = value[2:]
    if digits in (digits.lower(), digits.upper()):
        # Without mixed capitals an address has no checksum (EIP-55).
        return Wallet(f"0x{digits}", "unchecked", "Ethereum")
    state: Literal["holds", "wrong"] = "holds" if digits == checksum_case(digits) else "wrong"
    return Wallet(f"0x{digits}", state, "Ethereum")


def checksum_case(digits: str) -> str:
    """Return 40 hexadecimal digits with the capitals of EIP-55."""
    digest = keccak.new(digest_bits=256, data=digits.lower().encode("ascii")).hexdigest()
    pairs = zip(digits.lower(), digest, strict=False)
    return "".join(one.upper() if int(of, 16) >= 8 else one for one, of in pairs)
