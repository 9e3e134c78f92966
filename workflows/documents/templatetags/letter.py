"""Tags of the letter: sections and paragraphs that number themselves, so that both sides can cite them."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.html import format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString, mark_safe

from workflows.documents.contexts import size_text
from workflows.documents.formats import day, direction_of_text, grouped, paragraphs, unstopped

register = template.Library()


class Numbering:
    """The counters of one rendering: sections by capital letters, paragraphs continuously by number."""

    def __init__(self) -> None:
        self.sections = self.paragraphs = 0

    def section(self) -> str:
        self.sections += 1
        # A letter has about fifteen sections; past Z it would go on AA, AB.
        letters, rest = "", self.sections
        while rest:
            rest, place = divmod(rest - 1, 26)
            letters = chr(65 + place) + letters
        return letters

    def paragraph(self) -> int:
        self.paragraphs += 1
        return self.paragraphs


def _numbering(context: Context) -> Numbering:
    numbering = context.get("numbering")
    if not isinstance(numbering, Numbering):
        raise template.TemplateSyntaxError("the letter is rendered by letter_html(), which counts its paragraphs")
    return numbering


def _paragraph(context: Context, inner: str, plain: str, path: str, lead: str = "") -> SafeString:
    """Return one numbered paragraph. A text in the other direction keeps its order, number and lead keep their place."""
    number = _numbering(context).paragraph()
    default = str(context["direction"])
    direction = direction_of_text(plain, default)
    body: str = mark_safe(inner)  # noqa: S308 - rendered by autoescaping nodes, or escaped by the caller
    if direction != default:
        body = format_html('<span dir="{}">{}</span>', direction, body)
    return format_html(
        '<p class="para" id="p{}"{}><span class="num">{}. \t</span>{}{}</p>\n',
        number,
        format_html(' data-question="{}"', path) if path else "",
        number,
        lead,
        body,
    )


class ParagraphNode(template.Node):
    def __init__(self, nodelist: NodeList, path: FilterExpression | None) -> None:
        self.nodelist, self.path = nodelist, path

    def render(self, context: Context) -> SafeString:
        inner = self.nodelist.render(context).strip()
        path = str(self.path.resolve(context) or "") if self.path else ""
        return _paragraph(context, inner, strip_tags(inner), path)


@register.tag("para")
def paragraph_tag(parser: Parser, token: Token) -> ParagraphNode:
    """``{% para [path] %} ... {% endpara %}``: one numbered paragraph of fixed wording."""
    bits = token.split_contents()[1:]
    nodelist = parser.parse(("endpara",))
    parser.delete_first_token()
    return ParagraphNode(nodelist, parser.compile_filter(bits[0]) if bits else None)


class SectionNode(template.Node):
    def __init__(self, nodelist: NodeList, identifier: str) -> None:
        self.nodelist, self.identifier = nodelist, identifier

    def render(self, context: Context) -> SafeString:
        title = self.nodelist.render(context).strip()
        return format_html(
            '<h2 id="{}"><span class="letter">{} </span>{}</h2>\n',
            self.identifier,
            _numbering(context).section(),
            mark_safe(title),  # noqa: S308 - rendered by autoescaping nodes
        )


@register.tag("heading")
def heading_tag(parser: Parser, token: Token) -> SectionNode:
    """``{% heading facts %}title{% endheading %}``: a section heading with its letter."""
    bits = token.split_contents()[1:]
    if len(bits) != 1 or not bits[0].isidentifier():
        raise template.TemplateSyntaxError("heading takes one plain word, the anchor of the section")
    nodelist = parser.parse(("endheading",))
    parser.delete_first_token()
    return SectionNode(nodelist, bits[0])


#: A run of so many characters without a place to break at costs seconds to lay out, in the square of its length.
#: Scripts that break between any two characters, or by dictionary, are not meant.
_UNBROKEN = re.compile(r"[^\s\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ufaff\uff00-\uffef]{400,}")
_PIECE = 80


@register.filter
def lines(text: Any) -> SafeString:
    """Print single line ends as line breaks, and let a very long run without spaces break every 80 characters.

    (WeasyPrint breaks the line before an inline box with pre-wrap, so no style sheet does it.)
    """
    return format_html_join(mark_safe("<br>"), "{}", ((_breakable(line),) for line in str(text).split("\n")))


def _breakable(line: str) -> str:
    parts: list[str] = []
    at = 0
    for run in _UNBROKEN.finditer(line):
        parts.append(line[at : run.start()])
        parts.extend(_pieces(run.group()))
        at = run.end()
    parts.append(line[at:])
    return format_html_join(mark_safe("<wbr>"), "{}", ((part,) for part in parts if part))


def _pieces(run: str) -> list[str]:
    """Cut a run into pieces, never between a letter and its marks."""
    pieces, start = [], 0
    while start < len(run):
        end = min(start + _PIECE, len(run))
        while end < len(run) and unicodedata.category(run[end]).startswith("M"):
            end += 1
        pieces.append(run[start:end])
        start = end
    return pieces


@register.simple_tag(takes_context=True)
def say(context: Context, lead: Any, texts: Sequence[str] | str | None, path: str = "") -> SafeString:
    """Print each text as a numbered paragraph, the first with `lead` in front; nothing where there is no text."""
    if not texts:
        return mark_safe("")
    parts = []
    for index, text in enumerate([texts] if isinstance(texts, str) else texts):
        front = format_html('<b class="lead">{}</b>{}', lead, context["marks"].gap) if lead and not index else ""
        parts.append(_paragraph(context, lines(text), str(text), path, front))
    return mark_safe("".join(parts))  # noqa: S308 - every part was made by format_html


@register.filter
def asked(label: str, colon: str) -> str:
    """Return a question as the lead of its answer: the mark of a question is enough, other words get a colon."""
    return label if label.endswith(("?", "\uff1f", "\u061f", ":", "\uff1a")) else f"{label}{colon}"


@register.filter(name="unstopped")
def without_its_stop(text: Any) -> str:
    """Return a text for a place in a sentence that ends with a full stop of its own."""
    return unstopped(str(text or ""))


@register.filter
def texts(text: Any) -> list[str]:
    """Return the paragraphs of a text."""
    return paragraphs(str(text or ""))


@register.filter
def on(value: dt.date | None, language: str) -> str:
    """Return a date in full in the language of the document."""
    return day(value, language)


@register.filter
def octets(size: int | None, language: str) -> str:
    return size_text(size, language)


@register.filter
def groups(digest: str) -> str:
    """Return a hash in groups that a line can break between."""
    return grouped(digest)


@register.simple_tag
def other_answers(answers: dict[str, Any], said: str) -> list[Any]:
    """Return the answers whose keys are not named in `said`: what a measure's own wording does not yet cover."""
    named = set(said.split())
    return [answer for key, answer in answers.items() if key not in named]
