"""The paragraphs of a section as they will read: the letter's own template, the paragraphs of these questions."""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass
from html.parser import HTMLParser

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from workflows.documents.contexts import Cover, Names
from workflows.documents.letters import letter_html
from workflows.documents.services import names_of
from workflows.drafting.asking_letter import letter_as_asked
from workflows.drafting.freezing import names_now
from workflows.drafting.measures import measure_catalogue
from workflows.web.drafting.draft import LAW_FOR, Draft
from workflows.web.drafting.merging import Place, index_of
from workflows.web.drafting.sections import Section


def paragraphs_of(draft: Draft, section: Section, place: Place) -> list[SafeString]:
    """Return the text of the paragraphs that answer a section's questions, or one entry's, escaped."""
    number = index_of(draft.content, place) if place.group and place.key else None
    if place.group and number is None:
        return []
    starts = (f"{place.group}[{number}]",) if number is not None else section.owns
    begins = re.compile(rf"(?:{'|'.join(map(re.escape, starts))})(?:\W|$)")
    answering: set[int] = set()
    found = []
    for place_in, paragraph in enumerate(_whole(draft)):
        if paragraph.within in answering:
            answering.add(place_in)
        elif begins.match(paragraph.question):
            answering.add(place_in)
            found.append(" ".join("".join(paragraph.text).split()))
    return [mark_safe(escape(text)) for text in found if text]  # noqa: S308


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What of the letter answers a question. `within`: the place of the paragraph that it lies in."""

    question: str
    within: int | None
    text: list[str]


#: Elements without an end.
_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})

#: Letters rendered lately by this process, by the hash of their content and the reader's language.
_RENDERED: dict[tuple[str, str | None], tuple[float, list[Paragraph]]] = {}
MOST_RENDERED = 16


def _whole(draft: Draft) -> list[Paragraph]:
    """Return the paragraphs of the letter as it reads now; rendered once for the pages that show the same content within LAW_FOR."""
    key, now = (hashlib.sha256(draft.text.encode()).hexdigest(), get_language()), time.monotonic()
    found = _RENDERED.get(key)
    if found is None or found[0] < now:
        if len(_RENDERED) >= MOST_RENDERED:
            _RENDERED.clear()
        reader = _Reader()
        reader.feed(
            str(letter_html(letter_as_asked(draft.file, measure_catalogue()), Cover("", (), ()), _names(draft)))
        )
        found = _RENDERED[key] = (now + LAW_FOR.total_seconds(), reader.found)
    return found[1]


class _Reader(HTMLParser):
    """Collects the elements that carry a data-question, with the text in them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Paragraph] = []
        #: Of each open element its tag, and the paragraph that is begun by it or that it lies in, None outside of all.
        self.open: list[tuple[str, int | None]] = []

    @property
    def here(self) -> int | None:
        return self.open[-1][1] if self.open else None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("dt", "dd", "li", "p", "br", "td", "th"):
            self.handle_data(" ")
        if tag in _VOID:
            return
        within = self.here
        question = dict(attrs).get("data-question")
        if question:
            self.found.append(Paragraph(question, within, []))
            within = len(self.found) - 1
        self.open.append((tag, within))

    def handle_endtag(self, tag: str) -> None:
        while self.open and tag not in _VOID:
            if self.open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        place = self.here
        while place is not None:
            self.found[place].text.append(data)
            place = self.found[place].within


def _names(draft: Draft) -> Names:
    """Return names as the letter is frozen with them, in its own language; annexes stand as their codes."""
    return names_of({"names": names_now(draft.file), "annexes": []})
