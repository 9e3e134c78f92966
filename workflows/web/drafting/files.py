"""Letters read from their content, kept for a moment: a page, and a save after it, look at the same content several times."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from workflows.drafting.letterfile import LetterFile, letter_from


def text_of(content: Mapping[str, Any]) -> str:
    """Return a content as one text: the same for the same content."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False)


def letter_of(content: Mapping[str, Any]) -> LetterFile:
    """Return the letter of a content. Nobody can change what is returned.

    Raises:
        LetterFileWrong: see letter_from.
    """
    return letter_in(text_of(content))


@lru_cache(maxsize=32)
def letter_in(text: str) -> LetterFile:
    """Return the letter of a content as one text (text_of). Raises as letter_of."""
    return letter_from(json.loads(text))
