"""A letter with its translation: parallel paragraphs with the same numbers, original first, in one file.

Callers: the translation workflow, for its preview and for the document job.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from workflows.documents.formats import grouped, language_name
from workflows.documents.glyphs import check_glyphs
from workflows.documents.letters import cover_texts, labels_in, letter_html, names_texts
from workflows.documents.limits import RenderFailed, check_size
from workflows.documents.markup import parsed
from workflows.documents.pairing import Column, LettersDiffer, both, both_in_line, column, paired, running
from workflows.documents.rendering import RenderedPdf, Translation, render_in_fork
from workflows.documents.values import Cover, Names
from workflows.documents.wording import document_language
from workflows.drafting.letterfile import LetterFile

__all__ = ["LettersDiffer", "Side", "bilingual_html", "bilingual_pdf"]

_TEMPLATE = "documents/letter/bilingual.html"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two letters: its content, what its codes mean in its language, and the bytes that its hash covers."""

    letter: LetterFile
    names: Names
    canonical_json: bytes

    @property
    def content_hash(self) -> str:
        return hashlib.sha256(self.canonical_json).hexdigest()


def bilingual_html(source: Side, translation: Side, cover: Cover) -> str:
    """Return both letters as one page of HTML, the original first.

    `cover` is that of the original: its content hash is the original's, or empty for a draft.

    Raises:
        LettersDiffer: the two have not the same paragraphs; names the first one that differs.
        ValueError: both are in one language, or the cover is that of another letter.
    """
    languages = source.letter.language, translation.letter.language
    if languages[0] == languages[1]:
        raise ValueError(f"original and translation are both in {languages[0]}")
    if cover.content_hash not in ("", source.content_hash):
        raise ValueError("the cover names another content than that of the original")
    ours, theirs = (column(letter_html(side.letter, cover, side.names)) for side in (source, translation))
    made = {
        "source": ours,
        "head": both(ours, theirs, running(ours, "page-head"), running(theirs, "page-head")),
        "foot": both_in_line(ours, theirs, running(ours, "page-foot"), running(theirs, "page-foot")),
        "languages": _languages(ours, theirs),
        "body": paired(ours, theirs),
        "integrity": _integrity(ours, theirs, translation.content_hash) if cover.content_hash else "",
    }
    return render_to_string(_TEMPLATE, made)


def bilingual_pdf(source: Side, translation: Side, cover: Cover, *, identifier: str) -> RenderedPdf:
    """Return the letter with its translation as PDF/A-3a; the same values give the same bytes.

    Both contents are attached, the original's as `letter.json`, and both hashes are printed and stand in the metadata:
    the original's as the source, the translation's as a relation.

    Args:
        identifier: names the document in its metadata, such as ``urn:uuid:…``.

    Raises:
        LettersDiffer: the two have not the same paragraphs.
        RenderFailed: nothing was made; `kind` and `place` say why, the place of a text of the translation with it.
        ValueError: as bilingual_html.
    """
    check_glyphs(cover_texts(cover))
    for side, where in ((source, ""), (translation, "translation.")):
        content = side.letter.content()
        try:
            check_size(content)
            check_glyphs(content)
            check_glyphs(names_texts(side.names))
        except RenderFailed as failure:
            if not where or not failure.place:
                raise
            message = str(failure).removeprefix(f"{failure.place}: ")
            raise RenderFailed(failure.kind, message, place=where + failure.place) from None
    letter, language = source.letter, translation.letter.language
    with document_language(letter.language):
        label = _("The translation of this letter in machine-readable form (canonical JSON)")
    return render_in_fork(
        bilingual_html(source, translation, cover),
        canonical_json=source.canonical_json,
        title=letter.title,
        language=letter.language,
        identifier=identifier,
        dated=letter.date,
        labels=labels_in(letter.language),
        translation=Translation(translation.canonical_json, language, label),
    )


def _languages(source: Column, translation: Column) -> str:
    """Return the heads of the two columns: which language, and which is the original."""
    with document_language(source.language):
        ours = _("Original: %(language)s") % {"language": language_name(source.language, source.language)}
    with document_language(translation.language):
        theirs = _("Translation: %(language)s") % {
            "language": language_name(translation.language, translation.language)
        }
    return source.element("article", f"<p>{ours}</p>") + translation.element("section", f"<p>{theirs}</p>")


def _integrity(source: Column, translation: Column, content_hash: str) -> str:
    """Return the hash of the translation with a sentence in both languages."""
    said = []
    for side in (source, translation):
        with document_language(side.language):
            text = _(
                "The content of the translation is attached as well (translation.json). The SHA-256 value of that content is:"
            )
        said.append(parsed(f"<p>{text}</p>").elements[0])
    sentence = both(source, translation, *said)
    return f'<div class="integrity">{sentence}<p class="digest">{grouped(content_hash)}</p></div>'
