"""Dates, instants, lists and numbers as a reader of the letter's language writes them (CLDR, by babel).

Nothing here knows a time zone: an instant is shown with the offset it was given with, because the
provider that searches its logs must find the very value the requesting authority wrote down.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

#: English without a region means day, month, year, as in the documents of the United Nations.
_PREFERRED = {"en": "en_GB", "zh": "zh_Hans", "zh_hans": "zh_Hans", "zh_hant": "zh_Hant"}
#: Russian abbreviates the year (г.): its full stop would meet that of a sentence, and a letter writes the word in full.
_LONG_DATE = {"ru": "d MMMM y\u00a0'года'"}
_RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ps", "ur", "yi", "ckb", "sd", "ug"})
_STRONG_RIGHT = frozenset({"R", "AL"})
#: Not a diphthong (hielo), nor a Roman number, which is read as a word (II: dos).
_SOUND_OF_I = re.compile(r"(?!(?:[IVXLC]+)(?!\w))h?[ií](?![aeo])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks that a letter sets between its parts, each with the space that its language puts around it.

    `lead`: closes a heading that runs into its text. `gap`: after it, and between two sentences. `joint`: between what
    belongs together, such as a day and its time of day. `key`: between a key, such as V1, and what it stands for.
    """

    stop: str = "."
    lead: str = "."
    comma: str = ", "
    semicolon: str = "; "
    colon: str = ":"
    opening: str = " ("
    closing: str = ")"
    gap: str = " "
    joint: str = ", "
    key: str = ": "


_MARKS = {
    "ar": Marks(comma="\u060c ", semicolon="\u061b ", joint="\u060c "),
    "fr": Marks(semicolon="\u202f; ", colon="\u00a0:", key="\u00a0: "),
    "zh": Marks("\u3002", "\uff1a", "\uff0c", "\uff1b", "\uff1a", "\uff08", "\uff09", "", " ", " "),
}


def marks(language: str) -> Marks:
    """Return the marks of a language, given by BCP 47 or by Django's code."""
    return _MARKS.get(language.replace("_", "-").split("-")[0].lower(), Marks())


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Return the CLDR locale of a BCP 47 tag; of its base language, then of English, where CLDR has none."""
    tag = language.replace("-", "_")
    base = tag.split("_")[0]
    for candidate in (_PREFERRED.get(tag.lower(), tag), _PREFERRED.get(base, base), "en_GB"):
        try:
            return Locale.parse(candidate)
        except (UnknownLocaleError, ValueError):
            continue
    raise AssertionError("CLDR has English")  # pragma: no cover


def direction_of(language: str) -> str:
    """Return ``rtl`` or ``ltr``: the direction of a page in this language."""
    return "rtl" if language.split("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"


def direction_of_text(text: str, default: str) -> str:
    """Return the direction of a text by its first strong character (UAX 9, rules P2 and P3).

    A text whose letters mostly run in the direction of the page keeps that: it only begins with a name in another script.
    """
    kinds = [kind for kind in map(unicodedata.bidirectional, text) if kind == "L" or kind in _STRONG_RIGHT]
    right = sum(kind != "L" for kind in kinds)
    if not kinds or (2 * right > len(kinds) if default == "rtl" else 2 * right < len(kinds)):
        return default
    return "ltr" if kinds[0] == "L" else "rtl"


def day(value: dt.date | None, language: str) -> str:
    """Return a date in full, such as 12 June 2013; empty for none."""
    if value is None:
        return ""
    locale = locale_of(language)
    told = str(format_date(value, format=_LONG_DATE.get(locale.language, "long"), locale=locale))
    # French writes the first of a month as an ordinal number; CLDR does not.
    return told.replace("1 ", "1er ", 1) if locale.language == "fr" and value.day == 1 else told


def offset(value: dt.datetime) -> str:
    """Return the UTC offset of an aware instant as ``UTC`` or ``UTC+02:00``."""
    seconds = int((value.utcoffset() or dt.timedelta()).total_seconds())
    if not seconds:
        return "UTC"
    minutes, rest = divmod(abs(seconds), 60)
    text = f"UTC{'-' if seconds < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{rest:02d}" if rest else text


def clock(value: dt.datetime) -> str:
    """Return the time of day, 24 hours, with fractions of a second only where there are any."""
    fraction = f".{value.microsecond:06d}".rstrip("0") if value.microsecond else ""
    return f"{value:%H:%M:%S}{fraction}"


def instant(value: dt.datetime | None, language: str) -> str:
    """Return an aware instant with its offset, such as 12 June 2013, 14:05:09 UTC+02:00; empty for none."""
    if value is None:
        return ""
    return f"{day(value.date(), language)}{marks(language).joint}{clock(value)} {offset(value)}"


def listed(values: Sequence[str], language: str) -> str:
    """Return ``a, b and c`` in the language; empty for none. Spanish says ``e`` instead of ``y`` before the sound of i.

    Arabic has an “and” between any two; a semicolon too where values have one within them, or several words each.
    """
    kept, locale = [value for value in values if value], locale_of(language)
    text = str(format_list(kept, locale=locale))
    if locale.language == "es" and len(kept) > 1 and _SOUND_OF_I.match(kept[-1]):
        return f"{text.removesuffix(kept[-1]).removesuffix(' y ')} e {kept[-1]}"
    several = sum(" " in value for value in kept) > 1 and len(kept) > 2
    if locale.language == "ar" and len(kept) > 1 and (several or any(" \u0648" in value for value in kept)):
        return "\u061b \u0648".join(kept)
    return text


def language_name(code: str, language: str) -> str:
    """Return the name of a language given by its BCP 47 code; what is no such code, as it is."""
    try:
        return Locale.parse(code, sep="-").get_display_name(locale_of(language)) or code
    except (UnknownLocaleError, ValueError):
        return code


def number(value: int | float | str, language: str) -> str:
    """Return a number with the separators of the language; what is no number is returned as it is."""
    try:
        return str(format_decimal(value, locale=locale_of(language)))
    except (ValueError, ArithmeticError):
        return str(value)


def paragraphs(text: str) -> list[str]:
    """Split a text at its empty lines. Single line ends stay inside a paragraph and are printed as such."""
    found: list[str] = []
    lines: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.strip():
            lines.append(line.rstrip())
        elif lines:
            found.append("\n".join(lines))
            lines = []
    return found


def unstopped(text: str) -> str:
    """Return what was typed without its full stop, for a place in a sentence that ends with one; an ellipsis stays."""
    bare = text.rstrip()
    return bare[:-1] if bare.endswith((".", "。", "．")) and not bare.endswith("..") else bare


def grouped(digest: str, width: int = 8) -> str:
    """Return a hash in groups, so that a person can compare it aloud and a line can break between groups."""
    return " ".join(digest[index : index + width] for index in range(0, len(digest), width))
