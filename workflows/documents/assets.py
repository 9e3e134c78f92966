"""What the letter is made of beside its text: the shipped style sheet, and the version of the templates.

A page may ask for nothing else. `asset_read` knows a fixed list of names, so no path can be built from
what somebody typed.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

#: A scheme that no fetcher of the operating system or of Python knows.
SCHEME: Final = "mla-asset:"
_SHIPPED: Final = {"letter.css": "text/css"}


def letter_folder() -> Path:
    """Return the folder of the letter's templates."""
    return Path(__file__).resolve().parents[2] / "templates" / "documents" / "letter"


@lru_cache(maxsize=8)
def asset_read(url: str) -> tuple[bytes, str] | None:
    """Return content and media type of a shipped asset, or None for every other URL."""
    if not url.startswith(SCHEME):
        return None
    name = url.removeprefix(SCHEME)
    media_type = _SHIPPED.get(name)
    return ((letter_folder() / name).read_bytes(), media_type) if media_type else None


@lru_cache(maxsize=1)
def template_version() -> str:
    """Return the SHA-256 over the letter's templates and style sheet: the same files, the same version.

    Part of what a content hash covers, so that a letter approved with one wording is not sent with another.
    """
    digest = hashlib.sha256()
    folder = letter_folder()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".html", ".css"):
            name = path.relative_to(folder).as_posix().encode()
            content = path.read_bytes()
            digest.update(b"%d:%s%d:%s" % (len(name), name, len(content), content))
    return digest.hexdigest()
