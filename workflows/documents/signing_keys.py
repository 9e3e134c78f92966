"""Which key signs for which authority: the file that SIGNING_CONFIG names, on the servers that render and nowhere else.

    [timestamp]                       # RFC 3161; without it letters are signed B-B
    url = "https://tsa.example.net/"
    seconds = 10

    [trust]                           # for verification, and for B-LT; files of PEM or DER beside this one
    anchors = ["root.pem"]
    others = ["intermediate.pem"]
    crls = ["root.crl"]
    fetch = false                     # whether revocation lists may be fetched from where certificates say

    [[keys]]
    authorities = ["xx-central"]      # their codes; "*" for every one of this installation
    pkcs12 = "xx-central.p12"
    secret_file = "xx-central.pass"   # or secret_env: the passphrase, or the PIN of a token

    [[keys]]
    authorities = ["yy-central"]
    pkcs11 = "/usr/lib/softhsm/libsofthsm2.so"
    token = "label of the token"
    key = "label of key and certificate"
    secret_env = "YY_PIN"

Keys never enter the database. A key in a file is loaded once per process and held; a token is asked each time.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from asn1crypto import crl, pem, x509
from django.conf import settings

from workflows.engine.errors import PermanentFailure

#: Stands for every authority of the installation.
EVERY: Final = "*"


class SigningNotSetUp(PermanentFailure):
    """The file of keys is not there or wrong, or has no key for an authority that signs by certificate."""


@dataclass(frozen=True, slots=True)
class TimestampService:
    url: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Trust:
    """What certificates are checked against. `fetch`: whether revocation data may be had from the network."""

    anchors: tuple[x509.Certificate, ...] = ()
    others: tuple[x509.Certificate, ...] = ()
    crls: tuple[crl.CertificateList, ...] = ()
    fetch: bool = False


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where one key is: a PKCS#12 file, or a module, token and label of PKCS#11. `secret` opens it."""

    authorities: tuple[str, ...]
    secret: str
    pkcs12: Path | None = None
    pkcs11: str = ""
    token: str = ""
    key: str = ""

    def __repr__(self) -> str:
        return f"KeyPlace({self.pkcs12 or self.token})"


@dataclass(frozen=True, slots=True)
class SigningConfig:
    keys: tuple[KeyPlace, ...] = ()
    timestamp: TimestampService | None = None
    trust: Trust = Trust()

    def key_of(self, authority: str) -> KeyPlace:
        """Return where the key of an authority (its code) is; one that names it before one for every authority.

        Raises:
            SigningNotSetUp: there is none.
        """
        for name in (authority, EVERY):
            for place in self.keys:
                if name in place.authorities:
                    return place
        raise SigningNotSetUp(f"{authority} signs by certificate, and no key is set up for it (SIGNING_CONFIG)")


def signing_config() -> SigningConfig:
    """Return what SIGNING_CONFIG says now; nothing is set up where it names no file.

    Raises:
        SigningNotSetUp: the file cannot be read; names the key.
    """
    path = settings.SIGNING_CONFIG
    if not path:
        return SigningConfig()
    try:
        changed = Path(path).stat().st_mtime_ns
    except OSError as error:
        raise SigningNotSetUp(f"SIGNING_CONFIG: {path}: {error.strerror}") from None
    return _read(Path(path), changed)


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> SigningConfig:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        stamp, trust = raw.get("timestamp"), raw.get("trust", {})
        return SigningConfig(
            keys=tuple(_key(one, path.parent) for one in raw.get("keys", [])),
            timestamp=TimestampService(str(stamp["url"]), float(stamp.get("seconds", 10))) if stamp else None,
            trust=Trust(
                anchors=tuple(c for name in trust.get("anchors", []) for c in _certificates(path.parent / name)),
                others=tuple(c for name in trust.get("others", []) for c in _certificates(path.parent / name)),
                crls=tuple(crl.CertificateList.load(_der(path.parent / name)) for name in trust.get("crls", [])),
                fetch=bool(trust.get("fetch", False)),
            ),
        )
    except KeyError as error:
        raise SigningNotSetUp(f"SIGNING_CONFIG: {path}: {error.args[0]} is missing") from None
    except (OSError, ValueError, TypeError) as error:
        raise SigningNotSetUp(f"SIGNING_CONFIG: {path}: {error}") from None


def _key(raw: dict[str, Any], home: Path) -> KeyPlace:
    authorities = tuple(raw["authorities"])
    if "pkcs12" in raw:
        return KeyPlace(authorities, _secret(raw, home), pkcs12=home / raw["pkcs12"])
    return KeyPlace(authorities, _secret(raw, home), pkcs11=raw["pkcs11"], token=raw["token"], key=raw["key"])


def _secret(raw: dict[str, Any], home: Path) -> str:
    if "secret_env" in raw:
        return os.environ[raw["secret_env"]]
    return (home / raw["secret_file"]).read_text(encoding="utf-8").strip()


def _der(path: Path) -> bytes:
    content = path.read_bytes()
    return pem.unarmor(content)[2] if pem.detect(content) else content


def _certificates(path: Path) -> list[x509.Certificate]:
    content = path.read_bytes()
    if not pem.detect(content):
        return [x509.Certificate.load(content)]
    return [x509.Certificate.load(der) for _kind, _headers, der in pem.unarmor(content, multiple=True)]
