"""Which languages a declaration names. Declarations are kept in our own English words, not as codes."""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

#: What declarations write for a group of languages (Statute of the Council of Europe, article 12).
_GROUPS = {"official languages of the council of europe": ("en", "fr")}


def languages_named(text: str) -> tuple[str, ...]:
    """Return the languages that a text names, as BCP 47 codes in the order of the text."""
    found: list[tuple[int, str]] = []
    lower = text.casefold()
    for words, codes in _GROUPS.items():
        if words in lower:
            found += [(lower.index(words), code) for code in codes]
    for match in re.finditer(r"\b[A-Z]\w+", text):
        code = _codes().get(match[0])
        if code:
            found.append((match.start(), code))
    return tuple(dict.fromkeys(code for _position, code in sorted(found)))


@cache
def _codes() -> dict[str, str]:
    """Return the two-letter codes by their English names (CLDR)."""
    return {name: code for code, name in Locale("en").languages.items() if len(code) == 2 and " " not in name}
