"""By what one case can be like another: letter, file, foreign reference, identifiers. Pure, but for the key of the digests.

Two spellings of one identifier give one digest. What says too little is left out: an IP address without its time, a
masked number, free text. A digest is keyed and bound to one authority and one direction, so that no two authorities'
tables can be compared, nor a table be searched without the key.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.crypto import salted_hmac

from workflows.drafting.identifiers import identifier_checked, identifier_kept

#: How far apart two cases of the same identifier may lie and still look alike.
WITHIN: Final = dt.timedelta(days=2 * 365)
#: Types whose value says too little: a bank is shared by all its customers, `other` is free text.
_TELLS_NOTHING = frozenset({"bic", "other"})
#: Case counts in them.
_EXACT = frozenset({"wallet", "url"})
#: Written with spaces, dashes or dots as people like.
_NUMBERS = frozenset({"phone", "iban", "bank_account", "card", "imei", "mac", "device"})
#: One letter names this many at most; more are not looked for.
MOST = 500

#: (kind, what is the same in plain words of the machine).
Trait = tuple[str, str]


def traits_of_letter(content: Mapping[str, Any], content_hash: str = "") -> list[Trait]:
    """Return by what a letter can be alike. What came from outside may lack anything."""
    found = [("letter", content_hash)] if content_hash else []
    identifiers = content.get("identifiers")
    providers = {
        str(one.get("id")): _plain(str(one.get("name") or ""))
        for one in _parts(content.get("providers"))
        if one.get("id")
    }
    for one in _parts(identifiers):
        found += [("identifier", told) for told in _identifier(one, providers)]
    return list(dict.fromkeys(found))[: MOST + 1]


def traits_of_received(*, state: str, peer_reference: str, file_sha256: str = "") -> list[Trait]:
    """Return by what a request in can be alike beside its letter: the sender's own reference, and the file itself."""
    found = []
    if reference := _named(peer_reference):
        found.append(("reference", f"{state}\n{reference}"))
    if file_sha256:
        found.append(("file", file_sha256))
    return found


def digest_of(trait: Trait, *, authority_id: int, direction: str) -> str:
    """Return the keyed digest of a trait. `direction`: outgoing or incoming."""
    told = "\n".join((str(authority_id), direction, *trait))
    return salted_hmac("mla.lifecycle.alike", told, algorithm="sha256").hexdigest()


def _parts(rows: Any) -> Iterator[Mapping[str, Any]]:
    for row in rows[: MOST + 1] if isinstance(rows, list | tuple) else ():
        if isinstance(row, Mapping):
            yield row


def _identifier(one: Mapping[str, Any], providers: Mapping[str, str]) -> Iterator[str]:
    kind, value = str(one.get("type") or ""), str(one.get("value") or "").strip()
    if not value or not kind or kind in _TELLS_NOTHING or identifier_checked(kind, value).state == "masked":
        return
    kept = identifier_kept(kind, value)
    if kind == "ip":
        # Who had an address changes by the hour: the address and the minute, in one zone.
        at = _minute(one.get("at"))
        if at:
            yield f"ip\n{kept.casefold()}\n{at}"
        return
    told = kept if kind in _EXACT else _close(kept) if kind in _NUMBERS else _plain(kept)
    if kind == "account":
        # A user name is somebody's at one provider; at another it is somebody else's.
        told += "\n" + providers.get(str(one.get("provider") or ""), "")
    yield f"{'iban' if kind == 'bank_account' and _is_iban(kept) else kind}\n{told}"


def _is_iban(value: str) -> bool:
    return identifier_checked("iban", value).state == "holds"


def _minute(at: Any) -> str:
    try:
        moment = at if isinstance(at, dt.datetime) else dt.datetime.fromisoformat(str(at or ""))
    except ValueError:
        return ""
    if moment.tzinfo is None:
        return ""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M")


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


_MARKS = re.compile(r"[\s./\\:_–—-]+")


def _close(text: str) -> str:
    """Return a number without the marks that people put between its digits."""
    return _MARKS.sub("", _plain(text))


def _named(reference: str) -> str:
    """Return a reference with one mark wherever people write one or another: 12/3 stays apart from 1/23."""
    return _MARKS.sub("-", _plain(reference)).strip("-")
