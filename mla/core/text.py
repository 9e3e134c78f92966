"""The one door through which text from outside enters: NFC, LF, nothing invisible that misleads.

Bidirectional overrides and embeddings can make a reader see another order of characters than a
machine does (CVE-2021-42574, "Trojan Source"); control characters have no form on paper. Both are
refused here and never silently changed at rendering. ZWJ and ZWNJ stay: they are spelling in
Persian and the Indic scripts, as are the marks LRM, RLM and ALM, which override nothing.
"""

from __future__ import annotations

import re
import unicodedata

from mla.core.errors import MlaError

#: LRE, RLE, PDF, LRO, RLO; LRI, RLI, FSI, PDI.
BIDIRECTIONAL = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: One search instead of a look at each character: a letter is read many times, and has 100,000 of them.
_REFUSED = re.compile(
    "["
    # Control characters other than tab and line end; delete.
    "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f"
    # Line and paragraph separators, byte order mark, interlinear annotations, tag characters.
    "\\u2028\\u2029\\ufeff\\ufff9-\\ufffb\\U000e0000-\\U000e007f"
    # Surrogates and non-characters.
    "\\ud800-\\udfff\\ufdd0-\\ufdef"
    + "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(17))
    + "".join(sorted(BIDIRECTIONAL))
    + "]"
)


class TextRefused(MlaError):
    """Text holds a character that has no place in a letter; says which, and where."""

    def __init__(self, character: str, line: int, column: int, field: str = "") -> None:
        self.character, self.line, self.column, self.field = character, line, column, field
        name = unicodedata.name(character, "control character")
        where = f"{field}: " if field else ""
        super().__init__(
            f"{where}line {line}, column {column} holds U+{ord(character):04X} ({name}), "
            "which is invisible or changes the order of the text; remove it"
        )


def clean(value: str, *, field: str = "") -> str:
    """Return `value` in NFC with LF line ends.

    Raises:
        TextRefused: for control characters other than tab and line end, bidirectional overrides,
            embeddings and isolates, surrogates, non-characters and other invisible controls.
    """
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
    found = _REFUSED.search(text)
    if found:
        index = found.start()
        line = text.count("\n", 0, index) + 1
        column = index - (text.rfind("\n", 0, index) + 1) + 1
        raise TextRefused(found.group(), line, column, field)
    return text


#: What word processors leave in a text that is pasted: breaks, marks for hyphenation, bullets of a symbol font, cell ends.
_LEFT = {
    "\x0b": "\n", "\x0c": "\n", "\u2028": "\n", "\u2029": "\n", "\x07": "\t", "\x1e": "\u2011",
    "\x1f": "", "\xad": "", "\ufeff": "",
    "\uf0b7": "\u2022", "\uf0a7": "\u2022", "\uf0d8": "\u2022", "\uf0fc": "\u2022", "\uf02d": "-", "\uf0a8": "\u2022",
}  # fmt: skip
_LEFT_BEHIND = re.compile(f"[{''.join(_LEFT)}]")


def pasted(value: str) -> str:
    """Return typed text without what a word processor leaves in a paste; its paragraphs, lists and words stay.

    What changes the order of a text is not among it: `clean` refuses that, and says where.
    """
    return _LEFT_BEHIND.sub(lambda found: _LEFT[found.group()], value.replace("\r\n", "\n").replace("\r", "\n"))


def plain(value: str) -> str:
    """Return `value` in NFC on one line, without the characters that `clean` refuses. For names that stand in a record."""
    return " ".join(_REFUSED.sub("", unicodedata.normalize("NFC", value)).split())
