"""How a place in a letter is called, and the answers of the rights screen in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.drafting.place_words import RIGHTS, path_words

__all__ = ["RIGHTS", "path_words", "rights_answers"]


def rights_answers(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return each question of the rights screen in words, with its answer; an empty one was not answered."""
    given = content.get("rights", {})
    return [(str(words), str(given.get(name, ""))) for name, words in RIGHTS.items()]
