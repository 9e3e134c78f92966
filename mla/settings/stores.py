"""Where files are kept: a folder (STORAGE_DIR), or an object store that speaks S3 (STORAGE_URL)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mla.core.errors import SettingsIncomplete

#: What stands after the question mark of a STORAGE_URL.
_SAID = frozenset({"endpoint", "region", "addressing"})
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9_.-]*(?:/[A-Za-z0-9][A-Za-z0-9_.-]*)*)?")


def storage(folder: Path, url: str, *, demo: bool = False) -> dict[str, Any]:
    """Return the entry of STORAGES for the files of cases.

    Raises:
        SettingsIncomplete: STORAGE_URL cannot be read.
    """
    if not url:
        return {"BACKEND": "mla.core.storage.AtomicFileSystemStorage", "OPTIONS": {"location": str(folder)}}
    return {"BACKEND": "mla.core.object_store.WriteOnceS3Storage", "OPTIONS": s3_options(url, demo=demo)}


def s3_options(url: str, *, demo: bool = False) -> dict[str, Any]:
    """Return the options of a store from `s3://bucket/prefix?endpoint=https://host&region=name&addressing=path`.

    The demonstration has a prefix of its own.

    Raises:
        SettingsIncomplete: it has another form, or names keys.
    """
    parts = urlsplit(url)
    said = dict(parse_qsl(parts.query, keep_blank_values=True))
    endpoint = urlsplit(said.get("endpoint", ""))
    addressing = said.get("addressing", "path" if endpoint.netloc else "virtual")
    wrong = ""
    if parts.scheme != "s3":
        wrong = "is not s3://bucket"
    elif "@" in parts.netloc or "@" in endpoint.netloc:
        wrong = "names a key: keys stand in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    elif not _BUCKET.fullmatch(parts.netloc):
        wrong = "names no bucket"
    elif not _PREFIX.fullmatch(parts.path.strip("/")):
        wrong = "has a prefix of other signs than letters, digits, - _ . and /"
    elif set(said) - _SAID:
        wrong = f"says something else than {', '.join(sorted(_SAID))}"
    elif "endpoint" in said and not (endpoint.scheme in ("http", "https") and endpoint.hostname and not endpoint.query):
        wrong = "has an endpoint that is no https://host"
    elif addressing not in ("path", "virtual"):
        wrong = "has an addressing that is neither path nor virtual"
    if wrong:
        raise SettingsIncomplete(f"STORAGE_URL: {wrong}")
    return {
        "bucket_name": parts.netloc,
        "location": "/".join(filter(None, [parts.path.strip("/"), "demo" if demo else ""])),
        "endpoint_url": said.get("endpoint"),
        "region_name": said.get("region"),
        "addressing_style": addressing,
    }


def in_clear(url: str) -> bool:
    """Tell whether the files would pass the line to the store unencrypted."""
    said = dict(parse_qsl(urlsplit(url).query))
    return said.get("endpoint", "").startswith("http://")
