"""Latin text and numbers in a letter that runs from right to left: what would be shown in another order is set apart.

The bidirectional algorithm (UAX 9) keeps a run that begins with a Latin letter together. A run that begins with a digit
or a plus sign it takes apart: after an Arabic word “4 Js 123/24” is shown as “Js 123/24 4” and “+49 30 1” as “1 30 49+”.
A reader would write down another reference, and call another number. Such runs get an element with a direction of their
own. No invisible mark is put into the text, which is searched and copied as it was written.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator

from workflows.documents.formats import direction_of

_RIGHT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_PIECES = re.compile(r"(<[^>]*>)")
_NAME = re.compile(r"</?([a-z][a-z0-9]*)", re.IGNORECASE)
_VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "wbr"})
_SILENT = frozenset({"title", "style", "script"})
_FROM_RIGHT = re.compile(f"[{_RIGHT}]")
#: From the first to the last sign from the right, over all but letters from the left.
_RIGHT_RUN = re.compile(f"[{_RIGHT}\u200f](?:[\\W\\d_{_RIGHT}\u200f]*[{_RIGHT}\u200f])?")
_FROM_RIGHT_OR_MARK = re.compile(f"[{_RIGHT}\u200f]")
_LETTER = re.compile(f"[^\\W\\d_{_RIGHT}]")
#: In brackets, with nothing from the right in it; a full stop there ends no sentence: “(ETS No. 185)”.
_BRACKETED = rf"\([^(){_RIGHT}]*[^\W{_RIGHT}][^(){_RIGHT}]*\)"
#: A letter or digit, then more of them over anything that is neither from the right nor the end of a sentence.
_RUN = re.compile(
    rf"\+?[^\W{_RIGHT}](?:(?:(?!{_BRACKETED})(?![.!?:;]\s)[^\w{_RIGHT}«»])*(?:{_BRACKETED}|[^\W{_RIGHT}]))*"
)
#: Articles and dates are read from the right in an Arabic sentence, part after part: 18 (19), 23-35.
_CITED = re.compile(r"\d+(?:\s?\(\w{1,4}\))+")
#: A full stop that ends no sentence.
_ABBREVIATED = re.compile(r"\.(?=[\u060c\u061b,;:)\]»])")
#: “Ltd”, “S.A”, “sh.p.k”; no “A1”, whose full stop ends the sentence.
_SHORTENED = re.compile(r"(?:[^\W\d_]{1,2}\.)*[^\W\d_]{1,5}")
_MARK = re.compile(r"[^\w\s]")
_CLOSES = {")": "(", "]": "["}


def set_apart(page: str, language: str, references: Iterable[str] = ()) -> str:
    """Return the page of a document in a language (BCP 47) with its runs of the other direction set apart.

    `references`: as `isolated`.
    """
    return isolated(page, references) if direction_of(language) == "rtl" else isolated_in_left(page)


def isolated(page: str, references: Iterable[str] = ()) -> str:
    """Return the page with a direction of their own for runs that would be shown in another order.

    `references`: texts of digits and hyphens that are no ranges, such as the number of a case; telephone numbers.
    """
    known = sorted(
        {html.escape(text) for text in references if text and text[0] in "+0123456789"}, key=len, reverse=True
    )
    among = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, known))})(?!\w)") if known else None
    return _walked(page, ' dir="ltr"', lambda piece: "".join(_of_text(piece, among)))


def isolated_in_left(page: str) -> str:
    """Return a page that runs from the left with a direction of its own for each run that comes from the right.

    The marks and numbers of ours that follow a name from the right would be drawn into it: a bracket that closes, a day.
    """
    if not _FROM_RIGHT_OR_MARK.search(page):
        return page
    return _walked(page, ' dir="rtl"', _right_runs)


def _walked(page: str, own: str, changed: Callable[[str], str]) -> str:
    """Return the page with its texts changed, but for what is silent, and what has a direction of its own already."""
    made: list[str] = []
    apart = 0  # how many elements are open since one that is silent, or runs from the left as a whole
    for piece in _PIECES.split(page):
        if not piece.startswith("<"):
            made.append(piece if apart or not piece.strip() else changed(piece))
            continue
        made.append(piece)
        found = _NAME.match(piece)
        name = found[1].lower() if found else ""
        if not name or name in _VOID:
            continue
        if piece.startswith("</"):
            apart -= apart > 0
        elif apart or name in _SILENT or own in piece:
            apart += 1
    return "".join(made)


def _of_text(text: str, among: re.Pattern[str] | None) -> Iterator[str]:
    for index, part in enumerate(among.split(text) if among else [text]):
        yield f'<bdi dir="ltr">{part}</bdi>' if index % 2 else _runs(html.unescape(part))


def _runs(text: str) -> str:
    """Return one text as HTML with its runs set apart."""
    whole = text.strip().rstrip(":;,\u00b7 ")
    if not _FROM_RIGHT.search(whole) and _LETTER.search(whole):
        # No word from the right: the full stop of “Ltd.” belongs to it; a mark that joins it to what comes does not.
        if _LETTER.match(whole) and not _MARK.search(whole):
            return html.escape(text)
        start = text.index(whole)
        return f'{text[:start]}<bdi dir="ltr">{html.escape(whole)}</bdi>{text[start + len(whole) :]}'
    made, at = [], 0
    while found := _RUN.search(text, at):
        end = _end(text, found.start(), found.end())
        run = html.escape(text[found.start() : end])
        made += [
            html.escape(text[at : found.start()]),
            f'<bdi dir="ltr">{run}</bdi>' if _torn(text[found.start() : end]) else run,
        ]
        at = end
    return "".join([*made, html.escape(text[at:])])


def _right_runs(text: str) -> str:
    """Return one text of a page from the left as HTML, with its runs from the right set apart."""
    if not _FROM_RIGHT_OR_MARK.search(text):
        return text
    plain, made, at = html.unescape(text), [], 0
    for found in _RIGHT_RUN.finditer(plain):
        start, end = found.start(), found.end()
        opened = [one for one in plain[start:end] if one in "(["]
        closed = sum(one in _CLOSES for one in plain[start:end])
        # A bracket that was opened in the run closes in it; one that ours needs is left to ours.
        ours = sum(1 if one in "([" else -(one in _CLOSES) for one in plain[:start])
        while (
            closed < len(opened)
            and end < len(plain)
            and _CLOSES.get(plain[end]) in opened
            and sum(one in _CLOSES for one in plain[end:]) > ours
        ):
            closed, end = closed + 1, end + 1
        if start < at:
            continue
        made += [html.escape(plain[at:start]), f'<bdi dir="rtl">{html.escape(plain[start:end])}</bdi>']
        at = end
    return "".join([*made, html.escape(plain[at:])])


def _end(text: str, start: int, end: int) -> int:
    """Return where the run ends: with the brackets that close in it and the full stop of an abbreviation, before others."""
    opened: list[int] = []
    for at in range(start, end):
        if text[at] in "([":
            opened.append(at)
        elif text[at] in _CLOSES and opened:
            opened.pop()
    while opened and end < len(text) and _CLOSES.get(text[end]) == text[opened[-1]]:
        opened.pop()
        end += 1
    if opened:
        return start + len(text[start : opened[0]].rstrip())
    last = text[start:end].rsplit(" ", 1)[-1]
    return end + 1 if _ABBREVIATED.match(text, end) and _SHORTENED.fullmatch(last) else end


def _torn(run: str) -> bool:
    """Return whether the algorithm would show the run in another order than it was written in, against its sense."""
    if run[0] != "+" and not run[0].isdigit():
        # Where the line breaks after a mark, such as that of “a-b.example.net”, the mark would go to the other side.
        return bool(_MARK.search(run))
    if run[0] == "+" or (_LETTER.search(run) and not _CITED.fullmatch(run)):
        return True
    return run.count("-") > 1 or run.count(" ") > 1
