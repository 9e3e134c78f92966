"""Canonical JSON (RFC 8785) and the content hash that an approval binds to."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Any

import rfc8785

#: Larger integers are written as strings: other readers of JSON hold them as floating point.
LARGEST_INTEGER = 2**31
_SURROGATE = re.compile("[\\ud800-\\udfff]")


class NotCanonical(ValueError):
    """A value has no one canonical form; the message names its place."""


def canonical_bytes(value: Any) -> bytes:
    """Return the RFC 8785 form of `value`, UTF-8.

    Only objects with string keys, arrays, strings in NFC with LF, booleans, null and small
    integers have a place in it: dates and amounts are strings.

    Raises:
        NotCanonical: naming the path of the first value that does not belong.
    """
    _check(value, "$")
    return rfc8785.dumps(value)


def content_hash(value: Any) -> str:
    """Return the SHA-256 of the canonical form, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()


def _check(value: Any, path: str) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise NotCanonical(f"{path}: integer {value} is too large, write it as a string")
    elif isinstance(value, str):
        if value.isascii():
            if "\r" in value:
                raise NotCanonical(f"{path}: text has a carriage return, lines end with LF")
            return
        if not unicodedata.is_normalized("NFC", value):
            raise NotCanonical(f"{path}: text is not in Unicode normalisation form C")
        if "\r" in value:
            raise NotCanonical(f"{path}: text has a carriage return, lines end with LF")
        if _SURROGATE.search(value):
            raise NotCanonical(f"{path}: text has half of a surrogate pair")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _check(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise NotCanonical(f"{path}: key {key!r} is not a string")
            _check(key, f"{path} key {key!r}")
            _check(item, f"{path}.{key}")
    else:
        raise NotCanonical(f"{path}: {type(value).__name__} has no canonical form, write it as a string")
