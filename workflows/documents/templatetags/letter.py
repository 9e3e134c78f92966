"""Tags of the letter: sections and paragraphs that number themselves, so that both sides can cite them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from workflows.documents.formats import direction_of_text

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


def _paragraph(context: Context, inner: str, plain: str, path: str) -> SafeString:
    number = _numbering(context).paragraph()
    default = str(context["direction"])
    direction = direction_of_text(plain, default)
    return format_html(
        '<p class="para" id="p{}"{}{}><span class="num">{}.</span>{}</p>\n',
        number,
        format_html(' data-question="{}"', path) if path else "",
        format_html(' dir="{}"', direction) if direction != default else "",
        number,
        mark_safe(inner),  # noqa: S308 - rendered by autoescaping nodes, or escaped by the caller
    )


class ParagraphNode(template.Node):
    def __init__(self, nodelist: NodeList, path: FilterExpression | None) -> None:
        self.nodelist, self.path = nodelist, path

    def render(self, context: Context) -> SafeString:
        inner = self.nodelist.render(context).strip()
        path = str(self.path.resolve(context) or "") if self.path else ""
        return _paragraph(context, inner, "", path)


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
            '<h2 id="{}"><span class="letter">{}</span>{}</h2>\n',
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


@register.simple_tag(takes_context=True)
def say(context: Context, lead: Any, texts: Sequence[str] | str | None, path: str = "") -> SafeString:
    """Print each text as a numbered paragraph, the first with `lead` in front; nothing where there is no text."""
    if not texts:
        return mark_safe("")
    parts = []
    for index, text in enumerate([texts] if isinstance(texts, str) else texts):
        front = format_html('<b class="lead">{}</b> ', lead) if lead and not index else ""
        inner = format_html('{}<span class="said">{}</span>', front, text)
        parts.append(_paragraph(context, inner, str(text), path))
    return mark_safe("".join(parts))  # noqa: S308 - every part was made by format_html


@register.simple_tag
def other_answers(answers: dict[str, Any], said: str) -> list[Any]:
    """Return the answers whose keys are not named in `said`: what a measure's own wording does not yet cover."""
    named = set(said.split())
    return [answer for key, answer in answers.items() if key not in named]


@register.filter
def lines(text: str) -> SafeString:
    """Print single line ends as line breaks."""
    return mark_safe("<br>".join(conditional_escape(line) for line in str(text).split("\n")))  # noqa: S308
