"""The letter on the screen: the same templates as the PDF, cut into parts so that remarks stand beside paragraphs.

What leaves the house and nothing else: the rights screen and the particulars of protected persons are not
in it. Callers: the preview and the review screen, which have checked access to the version.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mla.reference.models import Authority
from workflows.documents.services import cover_of, letter_of, names_of, office_lines
from workflows.documents.values import FIELD_NAME, AnnexFile, Cover, Names
from workflows.drafting.freezing import content_now
from workflows.drafting.models import LetterVersion
from workflows.lifecycle.models import OutgoingRequest

#: Put before every anchor of the letter, so that none is one of the page around it.
ANCHOR = "l-"

_BODY = re.compile(r"<body>(.*)</body>", re.DOTALL)
_PARAGRAPH = re.compile(
    r'<p class="para" id="l-p(?P<number>[0-9]+)"(?: data-question="(?P<path>[^"]*)")?>.*?</p>\n?', re.DOTALL
)
_HEADING = re.compile(r"<(/?)h([1-3])\b")
_ANCHOR = re.compile(r' id="')
#: What becomes the signature field of the PDF; on a page it would be a link without words.
_SIGNATURE = re.compile(rf'<a id="{FIELD_NAME}" href="#{FIELD_NAME}"></a>')


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the letter's HTML, safe as it is: everything typed in it is escaped.

    `number` is that of the paragraph, 0 for what lies between paragraphs; `path` the answer it prints.
    """

    html: str
    number: int = 0
    path: str = ""

    @property
    def anchor(self) -> str:
        return f"{ANCHOR}p{self.number}" if self.number else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole letter: its language and direction, which form of Han characters it has, and its parts in order."""

    language: str
    direction: str
    han: str
    title: str
    parts: tuple[Part, ...]

    @property
    def paragraphs(self) -> list[Part]:
        return [part for part in self.parts if part.number]


def letter_sheet(outgoing: OutgoingRequest, version: LetterVersion) -> Sheet:
    """Return a version of a letter as it will be sent, an open one from its present content.

    Raises:
        LetterFileWrong: the content is no letter (yet).
        TemplateMissing: no template of the letter is installed.
    """
    return letter_parts(letter_page(outgoing, version))


def content_sheet(outgoing: OutgoingRequest, version: LetterVersion, content: dict[str, Any]) -> Sheet:
    """Return a content under the cover of a version, such as its translation. Raises as letter_sheet."""
    return letter_parts(page_of(content, cover_now(outgoing, version, content)))


def letter_page(outgoing: OutgoingRequest, version: LetterVersion) -> str:
    """Return the letter as one HTML document, as the PDF is made from it. Raises as letter_sheet."""
    content = content_now(version)
    return page_of(content, cover_now(outgoing, version, content))


def page_of(content: dict[str, Any], cover: Cover) -> str:
    """Return the page of a content as `content_now` gives it. Raises as letter_sheet."""
    # PDF libraries take half a second to import, which pages without a letter need not pay.
    from workflows.documents.letters import letter_html

    return letter_html(letter_of(content), cover, letter_names(content))


def cover_now(outgoing: OutgoingRequest, version: LetterVersion, content: dict[str, Any]) -> Cover:
    """Return the cover of a version that may not be approved yet, to the office that its content names."""
    cover = cover_of(outgoing, version)
    if outgoing.approved_version_id != version.pk:
        # The day of signing is that of an approval of this very version.
        cover = replace(cover, signed_on=None)
    addressee = _addressee(content["letter"])
    return replace(cover, addressee=office_lines(addressee)) if addressee is not None else cover


def letter_names(content: dict[str, Any]) -> Names:
    """Return what the codes of a content mean, with the annexes that are there already."""
    names = names_of(content)
    files = {annex["id"]: annex for annex in content["annexes"] if annex["sha256"]}
    return replace(names, annexes={key: AnnexFile(sha256=a["sha256"], size=a["size"]) for key, a in files.items()})


def _addressee(letter: dict[str, Any]) -> Authority | None:
    requested = letter["requested"]
    code = requested.get("authority")
    return Authority.objects.filter(code=code, jurisdiction__code=requested["jurisdiction"]).first() if code else None


def letter_parts(page: str) -> Sheet:
    """Cut the HTML document of a letter into its parts. Pure.

    Headings go down one level, since the page around has a first heading of its own, and anchors get ANCHOR.
    """
    root = re.search(r'<html lang="([^"]*)" dir="([^"]*)" class="([^"]*)">', page)
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    found = _BODY.search(page)
    if root is None or found is None or title is None:
        raise ValueError("the letter's template makes no page with a body")
    # Whatever was typed is escaped, so a quotation mark or angle bracket here is always the template's own.
    body = (
        _SIGNATURE.sub("", found.group(1)).replace("<main>", '<div class="letter-body">').replace("</main>", "</div>")
    )
    body = _HEADING.sub(lambda match: f"<{match[1]}h{int(match[2]) + 1}", body)
    body = _ANCHOR.sub(f' id="{ANCHOR}', body)
    parts, at = [], 0
    for match in _PARAGRAPH.finditer(body):
        if match.start() > at:
            parts.append(Part(body[at : match.start()]))
        parts.append(Part(match.group(), int(match["number"]), html.unescape(match["path"] or "")))
        at = match.end()
    parts.append(Part(body[at:]))
    return Sheet(root[1], root[2], root[3], html.unescape(title[1]), tuple(parts))


def paragraph_of(path: str, paragraphs: Sequence[Part]) -> Part | None:
    """Return the paragraph beside which a remark on `path` stands, or None: the letter prints nothing near it.

    The one that prints that answer; else the first of a part of it, else the nearest of the same entry.
    """
    if not path:
        return None
    for part in paragraphs:
        if part.path == path:
            return part
    steps = _steps(path)
    best: tuple[int, Part | None] = (0, None)
    for part in paragraphs:
        shared = _shared(steps, _steps(part.path))
        # An entry of a list is itself or nothing: facts[1] does not stand beside facts[0].
        if shared > best[0] and not (shared == 1 and len(steps) > 1 and steps[1].isdigit()):
            best = (shared, part)
    return best[1]


def _steps(path: str) -> list[str]:
    return [step for step in re.split(r"[.\[\]]+", path) if step]


def _shared(one: Iterable[str], other: Iterable[str]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
