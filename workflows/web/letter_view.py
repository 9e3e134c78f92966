"""A version of a letter as a page shows it: paragraphs with what was said, found and changed beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.core.reasons import Finding
from workflows.documents.formats import language_name
from workflows.documents.preview import Part, Sheet, letter_sheet, paragraph_of
from workflows.drafting.changes import Change, letter_changes
from workflows.drafting.models import Comment, LetterOfRequest, LetterVersion
from workflows.drafting.models_translation import Translation
from workflows.drafting.sealing import as_protected
from workflows.drafting.selectors import version_findings, visible_versions
from workflows.drafting.selectors_translation import translations_beside
from workflows.lifecycle.models import OutgoingRequest
from workflows.web.letter_words import path_words


@dataclass
class Beside:
    """One part of the letter with what stands beside it."""

    part: Part
    comments: list[Remark] = field(default_factory=list)
    findings: list[Remark] = field(default_factory=list)
    changes: list[Remark] = field(default_factory=list)
    #: The form for a comment is open here.
    asked: bool = False

    @property
    def any(self) -> bool:
        return bool(self.comments or self.findings or self.changes or self.asked)


@dataclass(frozen=True)
class Remark:
    """A comment, finding or change (`of`), the words for its answer, and the paragraph it stands beside."""

    of: Any
    words: str
    number: int
    anchor: str
    waived: str = ""


@dataclass
class LetterView:
    """What the pages of a letter show. `before`: the version compared with, None for the first that is readable."""

    outgoing: OutgoingRequest
    version: LetterVersion
    sheet: Sheet
    parts: list[Beside]
    findings: list[Remark]
    comments: list[Remark]
    earlier_comments: list[Comment]
    changes: list[Remark]
    before: LetterVersion | None
    versions: list[LetterVersion]
    current: bool
    may_comment: bool
    #: Certified ones, each with `language_words`.
    translations: list[Translation]

    @property
    def gaps(self) -> int:
        return sum(remark.of.severity == "gap" for remark in self.findings)

    @property
    def warnings(self) -> int:
        return sum(remark.of.severity != "gap" and not remark.waived for remark in self.findings)

    @property
    def places(self) -> list[tuple[str, str]]:
        """The answers that can be commented on, each once, in the order of the letter, with words."""
        seen: dict[str, str] = {}
        for part in self.sheet.paragraphs:
            if part.path and part.path not in seen:
                words = path_words(part.path, self.version.content)
                seen[part.path] = _("¶ %(number)d %(what)s") % {"number": part.number, "what": words}
        return list(seen.items())


def letter_view(
    outgoing: OutgoingRequest, letter: LetterOfRequest, version: LetterVersion, actor: Actor, *, asked: str = ""
) -> LetterView:
    """Return a version with all remarks on it. `asked`: the answer at which a comment is being written.

    Access to the version has been checked. A fixed number of queries.
    """
    sheet = letter_sheet(outgoing, version)
    paragraphs = sheet.paragraphs
    versions = list(visible_versions(letter, actor).defer("frozen_content").select_related("authority"))
    before = next((one for one in reversed(versions) if one.number < version.number), None)
    waivers = {(w.code, w.question): w.reason for w in version.waivers.all()}

    def remark(of: Any, path: str, waived: str = "") -> Remark:
        part = paragraph_of(path, paragraphs)
        number, anchor = (part.number, part.anchor) if part else (0, "")
        return Remark(of, path_words(path, version.content) if path else _("The whole letter"), number, anchor, waived)

    findings: list[Finding] = version_findings(version)
    found = [remark(one, one.question, waivers.get((one.code, one.question), "")) for one in findings]
    said = [remark(comment, comment.question) for comment in version.comments.select_related("author").order_by("id")]
    changed: list[Change] = (
        # Whoever is protected by now stood in the version before by name.
        letter_changes(as_protected(before.content, version.content), version.content) if before else []
    )
    changes = [remark(change, change.path) for change in changed]
    earlier = list(Comment.objects.filter(version=before).select_related("author").order_by("id")) if before else []
    beside = [row for row in translations_beside(actor, version) if row.status == Translation.Status.CERTIFIED]
    for row in beside:
        row.language_words = language_name(row.language, get_language() or "en")  # type: ignore[attr-defined]
    return LetterView(
        outgoing=outgoing,
        version=version,
        sheet=sheet,
        parts=_beside(sheet, said, found, changes, asked),
        findings=found,
        comments=said,
        earlier_comments=earlier,
        changes=changes,
        before=before,
        versions=versions,
        current=version.number == letter.current,
        may_comment=letter.may_comment(actor),
        translations=beside,
    )


def _beside(
    sheet: Sheet, comments: Sequence[Remark], findings: Sequence[Remark], changes: Sequence[Remark], asked: str
) -> list[Beside]:
    parts = [Beside(part) for part in sheet.parts]
    by_number = {beside.part.number: beside for beside in parts if beside.part.number}
    for name, remarks in (("comments", comments), ("findings", findings), ("changes", changes)):
        for remark in remarks:
            if remark.number:
                getattr(by_number[remark.number], name).append(remark)
    place = paragraph_of(asked, sheet.paragraphs) if asked else None
    if place is not None:
        by_number[place.number].asked = True
    return parts
