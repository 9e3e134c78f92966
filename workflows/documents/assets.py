"""What the letter is made of beside its text: the shipped style sheets.

A page may ask for nothing else. `asset_read` knows a fixed list of names, so no path can be built from
what somebody typed.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

#: A scheme that no fetcher of the operating system or of Python knows.
SCHEME: Final = "mla-asset:"
_SHIPPED: Final = {"letter.css": "text/css", "bilingual.css": "text/css", "stamps.css": "text/css"}


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
