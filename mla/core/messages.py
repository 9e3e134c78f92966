"""Finding the texts that a translator gets, for babel: what Python and JavaScript do not tell it by themselves.

Babel reads sources; templates are turned into such by Django's own `templatize`, which `makemessages` uses too. So
neither gettext's programs nor a package that nobody keeps any more is needed.
"""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any

from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

#: Keys of a file of data that people read.
_READ = ("name", "summary", "label", "short", "why", "example", "warn", "question", "note")


def extract_template(
    file: IO[bytes], keywords: Mapping[str, Any], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Any]:
    """Yield the messages of a Django template, as babel expects it: line, function, message or messages, comments.

    Raises:
        SyntaxError: a `blocktranslate` holds another tag; the template's own error.
    """
    turned = templatize(file.read().decode("utf-8"))
    # What stands around the calls is blanked out letter by letter: no Python, but it has no indentation either.
    calls = "\n".join(" ".join(_CALL.findall(line)) for line in turned.split("\n"))
    yield from extract_python(io.BytesIO(calls.encode("utf-8")), keywords, comment_tags, {"encoding": "utf-8"})


_TEXT = r"""u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_CALL = re.compile(rf"(?:\b(?:n?p?gettext)|\b_)\((?:\s*{_TEXT}\s*,?)+(?:\s*count)?\)|#.*")


def extract_data(
    file: IO[bytes], keywords: Mapping[str, Any], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Any]:
    """Yield what people read in a file of data (TOML): names, and of a question its words, reason, choices, example.

    The option `keys` (words, with a space between) names fewer of them.
    """
    keys = str(options.get("keys", "")).split() or _READ
    text = file.read().decode("utf-8")
    lines = text.split("\n")
    for found in _texts(tomllib.loads(text), keys):
        shown = found.split("\n")[0]
        number = next((number for number, line in enumerate(lines, 1) if shown in line), 1)
        yield number, "gettext", found, []


def _texts(of: Any, keys: Collection[str]) -> Iterator[str]:
    if isinstance(of, dict):
        for key, value in of.items():
            if key in keys and isinstance(value, str) and value:
                yield value
            else:
                yield from _texts(value, keys)
    elif isinstance(of, list):
        for value in of:
            yield from _texts(value, keys)
