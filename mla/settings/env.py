"""Every setting that comes from outside, in one typed class, read once.

Production names every missing value at once and refuses the embedded servers; anything else falls
back to them (see mla/services.py, which starts them; nothing here starts anything).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit, urlunsplit

from mla import services
from mla.core.errors import SettingsIncomplete
from mla.settings import stores

BASE_DIR = Path(__file__).resolve().parents[2]
Mode = Literal["development", "test", "production"]

#: What production cannot do without, and what each is for.
REQUIRED_IN_PRODUCTION = {
    "DATABASE_URL": "PostgreSQL as the application's role, which owns no table",
    "REDIS_URL": "Redis or another broker that Celery knows, such as RabbitMQ",
    "SECRET_KEY": "at least 50 random characters",
    "ALLOWED_HOSTS": "the host names of this installation, comma-separated",
    "STORAGE_DIR": "the folder, shared by all workers, that holds documents and evidence; or STORAGE_URL, a bucket",
}


#: What `mla.services` calls the folder of its sockets.
_EMBEDDED = re.compile(r"/tmp/mla-[0-9a-f]{12}\b")  # noqa: S108
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@dataclass(frozen=True, slots=True)
class Env:
    mode: Mode
    demo: bool
    embedded: bool
    database_url: str
    database_owner_url: str
    act_as_owner: bool
    redis_url: str
    broker_url: str
    secret_key: str
    allowed_hosts: tuple[str, ...]
    storage_dir: Path
    storage_url: str
    signing_config: str
    public_url: str
    log_level: str
    lease_seconds: int
    session_idle_minutes: int
    profile_stale_days: int
    break_glass_hours: int
    break_glass_attempts: int
    trusted_proxies: int
    old_secret_keys: tuple[str, ...]
    email_host: str
    email_port: int
    email_user: str
    email_password: str
    email_from: str
    clamd_address: str

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Env:
        """Read the environment.

        Raises:
            SettingsIncomplete: in production, naming everything that is missing; in any mode for
                a value that cannot be read.
        """
        mode = environ.get("MLA_MODE", "development")
        if mode not in ("development", "test", "production"):
            raise SettingsIncomplete(f"MLA_MODE is {mode!r}: use development, test or production")
        if mode == "production":
            _refuse_incomplete(environ)
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
            if environ.get(name) and urlsplit(environ[name]).scheme not in ("postgres", "postgresql"):
                raise SettingsIncomplete(f"{name} is not postgres://...: PostgreSQL is the one database engine")
        demo = environ.get("MLA_DEMO") == "1"
        embedded = services.location()
        database_url = environ.get("DATABASE_URL") or embedded.database_url("mla_app", "mla")
        owner_url = environ.get("DATABASE_OWNER_URL") or (
            environ["DATABASE_URL"] if environ.get("DATABASE_URL") else embedded.database_url("mla_owner", "mla")
        )
        name_in_demo = environ.get("MLA_DEMO_DATABASE", "mla_demo")
        if demo:
            database_url, owner_url = (_named(url, name_in_demo) for url in (database_url, owner_url))
        redis_url = environ.get("REDIS_URL") or embedded.redis_url(1 if demo else 0)
        storage = environ.get("STORAGE_DIR") or str(BASE_DIR / "var" / ("storage-demo" if demo else "storage"))
        storage_url = environ.get("STORAGE_URL", "")
        stores.storage(Path(storage), storage_url)
        return cls(
            mode=mode,  # type: ignore[arg-type]
            demo=demo,
            embedded=not (environ.get("DATABASE_URL") and environ.get("REDIS_URL")),
            database_url=database_url,
            database_owner_url=owner_url,
            act_as_owner=environ.get("MLA_ACT_AS_OWNER") == "1",
            redis_url=redis_url,
            broker_url=environ.get("BROKER_URL") or redis_url.replace("unix://", "redis+socket://"),
            secret_key=environ.get("SECRET_KEY") or "development only: production names this as missing",
            allowed_hosts=tuple(filter(None, map(str.strip, environ.get("ALLOWED_HOSTS", "").split(",")))),
            storage_dir=Path(storage),
            storage_url=storage_url,
            signing_config=environ.get("SIGNING_CONFIG") or ("" if mode == "production" else str(_keys_of(demo))),
            public_url=environ.get("PUBLIC_URL", "").rstrip("/"),
            log_level=_one_of(environ, "LOG_LEVEL", _LEVELS, "INFO"),
            lease_seconds=_positive(environ, "MLA_LEASE_SECONDS", 120),
            session_idle_minutes=_positive(environ, "SESSION_IDLE_MINUTES", 30),
            profile_stale_days=_positive(environ, "PROFILE_STALE_DAYS", 365),
            break_glass_hours=_positive(environ, "BREAK_GLASS_HOURS", 4),
            break_glass_attempts=_positive(environ, "BREAK_GLASS_ATTEMPTS", 6),
            trusted_proxies=_positive(environ, "TRUSTED_PROXIES", 1) if mode == "production" else 0,
            old_secret_keys=tuple(filter(None, environ.get("SECRET_KEY_FALLBACKS", "").split(","))),
            email_host=environ.get("EMAIL_HOST", ""),
            email_port=_positive(environ, "EMAIL_PORT", 587),
            email_user=environ.get("EMAIL_HOST_USER", ""),
            email_password=environ.get("EMAIL_HOST_PASSWORD", ""),
            email_from=environ.get("EMAIL_FROM", ""),
            clamd_address=_address(environ, "CLAMD_ADDRESS"),
        )


def _keys_of(demo: bool) -> Path:
    """Return where the keys of a development machine are made (`manage.py signing_development`)."""
    return BASE_DIR / "var" / ("signing-demo" if demo else "signing") / "signing.toml"


def _refuse_incomplete(environ: Mapping[str, str]) -> None:
    in_place = {"STORAGE_DIR": "STORAGE_URL"}
    wrong = [
        f"{name}: {what}"
        for name, what in REQUIRED_IN_PRODUCTION.items()
        if not (environ.get(name) or environ.get(in_place.get(name, "")))
    ]
    acts_as_owner = environ.get("MLA_ACT_AS_OWNER") == "1"
    owner = environ.get("DATABASE_OWNER_URL", "")
    if acts_as_owner and not owner:
        wrong.append("DATABASE_OWNER_URL: PostgreSQL as the role that owns the tables, for migrate alone")
    if owner and urlsplit(owner).username == urlsplit(environ.get("DATABASE_URL", "")).username:
        wrong.append("DATABASE_OWNER_URL: names the role of DATABASE_URL, which must own nothing")
    wrong += [
        f"{name}: names an embedded server"
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "BROKER_URL")
        if _EMBEDDED.search(unquote(environ.get(name, "")))
    ]
    if 0 < len(environ.get("SECRET_KEY", "")) < 50:
        wrong.append("SECRET_KEY: has fewer than 50 characters")
    if "*" in environ.get("ALLOWED_HOSTS", ""):
        wrong.append("ALLOWED_HOSTS: * is no host name")
    if environ.get("STORAGE_DIR") and not Path(environ["STORAGE_DIR"]).is_absolute():
        wrong.append("STORAGE_DIR: is not an absolute path")
    if stores.in_clear(environ.get("STORAGE_URL", "")):
        wrong.append("STORAGE_URL: its endpoint is no https:// address")
    if environ.get("PUBLIC_URL") and urlsplit(environ["PUBLIC_URL"]).scheme != "https":
        wrong.append("PUBLIC_URL: is no https:// address")
    if environ.get("SIGNING_CONFIG") and not Path(environ["SIGNING_CONFIG"]).is_file():
        wrong.append("SIGNING_CONFIG: names no file")
    if environ.get("LOG_LEVEL", "").upper() == "DEBUG":
        wrong.append("LOG_LEVEL: DEBUG would write texts of cases into the log")
    if environ.get("MLA_DEMO") == "1":
        wrong.append("MLA_DEMO: the demonstration does not run in production")
    if wrong:
        raise SettingsIncomplete("production cannot start, set:\n  " + "\n  ".join(wrong))


def _named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path="/" + database))


def _one_of(environ: Mapping[str, str], name: str, allowed: tuple[str, ...], default: str) -> str:
    value = environ.get(name, default).upper()
    if value not in allowed:
        raise SettingsIncomplete(f"{name} is {environ[name]!r}: use one of {', '.join(allowed)}")
    return value


def _positive(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name, str(default))
    if not value.isascii() or not value.isdigit() or int(value) == 0:
        raise SettingsIncomplete(f"{name} is {value!r}: use a whole number above zero")
    return int(value)


def _address(environ: Mapping[str, str], name: str) -> str:
    """Return the address of a daemon: nothing, an absolute path of a socket, or host:port."""
    value = environ.get(name, "").strip()
    if value and not re.fullmatch(r"(unix:)?/\S+|[^\s/]+:[0-9]{1,5}", value):
        raise SettingsIncomplete(f"{name} is {value!r}: use the absolute path of a socket, or host:port")
    return value
