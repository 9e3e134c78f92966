"""A letter on the desk: how it is reached, who may write, what it lacks, and where each finding lies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.audit.models import AuditEntry
from mla.core import clock
from mla.core.prepared import Prepared
from mla.core.reasons import Finding, Reason
from mla.core.related import read_related
from mla.reference.models import Authority
from workflows.drafting.findings import letter_findings
from workflows.drafting.law import law_for, law_kept
from workflows.drafting.letterfile import LetterFile
from workflows.drafting.models import LetterOfRequest, LetterVersion, Waiver, about
from workflows.drafting.models_reuse import CopiedPart, LetterLink
from workflows.drafting.place_words import path_words, place_now
from workflows.drafting.sealing import protected_keys
from workflows.drafting.selectors import access_version_by_number, readable_versions, sealed_open_to, sealed_particulars
from workflows.engine.errors import ActNotPossible
from workflows.engine.perform import require_right
from workflows.lifecycle.models import Defect, OutgoingRequest
from workflows.lifecycle.selectors import access_outgoing_by_id, outgoing_open_to
from workflows.web.drafting.files import letter_in, text_of
from workflows.web.drafting.sections import SECTIONS, Section, section_of
from workflows.web.drafting.words import entry_name

#: Laws read lately by this process, for pages; an act that depends on the law reads it anew.
_LAWS: dict[Any, Any] = {}
LAW_FOR = dt.timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding with the address of its question, the entry it lies in, and who set it aside, if anybody."""

    finding: Finding
    address: str
    section: Section
    waiver: Waiver | None
    entry: str = ""

    @property
    def rule(self) -> str:
        return " ".join(filter(None, (self.finding.instrument, self.finding.article)))


@dataclass(frozen=True, slots=True)
class Task:
    """A line of the task list. `state`: begun or not, complete, or nothing needed; `words` say it."""

    section: Section
    address: str
    state: str
    words: str
    count: str
    gaps: int = 0
    copied: bool = False


@dataclass(frozen=True, slots=True)
class DefectTold:
    """A defect for which the earlier letter came back, at its place in this one. `section` None: the whole letter."""

    text: str
    article: str
    place: str
    address: str
    section: Section | None
    #: The request that came back.
    reference: str


def _no_gap(shown: Shown) -> bool:
    return shown.finding.severity != "gap"


@dataclass
class Draft:
    """A letter as this actor sees it."""

    outgoing: OutgoingRequest
    letter: LetterOfRequest
    version: LetterVersion
    actor: Actor

    @property
    def content(self) -> dict[str, Any]:
        found: dict[str, Any] = self.version.content
        return found

    @cached_property
    def text(self) -> str:
        return text_of(self.content)

    @cached_property
    def file(self) -> LetterFile:
        return letter_in(self.text)

    @property
    def is_current(self) -> bool:
        return self.version.number == self.letter.current

    @cached_property
    def may_edit(self) -> bool:
        return (
            self.is_current and self.letter.status == LetterOfRequest.Status.OPEN and self.letter.may_edit(self.actor)
        )

    @cached_property
    def has_sealed(self) -> bool:
        """Tell whether somebody of the letter is protected, and the actor may know who it is."""
        return bool(protected_keys(self.content)) and sealed_open_to(self.actor, self.version)

    def require(self, act: str) -> None:
        """Refuse an act on the version that is shown, before its page or form is looked at.

        Raises:
            ActForbidden: the actor may not, from any status; it is recorded.
            ActNotPossible: the version is frozen, or no longer the present one.
        """
        if act == "edit" and self.may_edit:
            return
        require_right(self.letter, act, by=self.actor)
        if not self.is_current or self.letter.status != LetterOfRequest.Status.OPEN:
            message = _("version %(number)s can no longer be changed") % {"number": self.version.number}
            raise ActNotPossible(act, [Reason("wrong_status", message)])

    @cached_property
    def findings(self) -> list[Shown]:
        with keeping_law():
            now, sealed = clock.now(), sealed_particulars(self.version)
            found = letter_findings(self.file, law=law_for(self.file), today=now.date(), at=now, sealed=sealed)
        set_aside = self.version.waivers.select_related("by") if getattr(self.version, "waived", True) else ()
        waivers = {(row.code, row.question): row for row in set_aside}
        return [
            Shown(
                finding,
                self.address_of(finding.question),
                section_of(finding.question),
                waivers.get((finding.code, finding.question)) if finding.severity == "warning" else None,
                self.entry_of(finding.question),
            )
            for finding in found
        ]

    @property
    def findings_by_place(self) -> list[tuple[str, str, list[Shown]]]:
        """Return the findings under the section, or the entry (its key beside the heading), in which each is answered.

        Where a gap is comes first, then in the order of the task list.
        """
        found: dict[tuple[int, str], list[Shown]] = {}
        for shown in self.findings:
            # Which treaty carries a measure is answered in the section of the legal basis, for all measures.
            entry = shown.entry if shown.section.slug != "basis" else ""
            found.setdefault((SECTIONS.index(shown.section), entry), []).append(shown)
        groups = [
            (self._heading(found[place][0], place[1]), place[1], sorted(found[place], key=_no_gap))
            for place in sorted(found)
        ]
        return sorted(groups, key=lambda group: _no_gap(group[2][0]))

    def _heading(self, shown: Shown, entry: str) -> str:
        lies = self._lies(shown.finding.question) if entry else None
        if lies is None:
            return str(shown.section.title)
        return entry_name(shown.finding.question.partition("[")[0], lies[0][lies[1]])

    @property
    def gaps(self) -> list[Shown]:
        return [shown for shown in self.findings if shown.finding.severity == "gap"]

    @property
    def warnings(self) -> list[Shown]:
        return [shown for shown in self.findings if shown.finding.severity == "warning" and shown.waiver is None]

    @property
    def waived(self) -> list[Shown]:
        return [shown for shown in self.findings if shown.waiver is not None]

    def address(self, section: Section, key: str = "") -> str:
        if key:
            return reverse("web:letter_entry", args=[self.outgoing.public_id, section.slug, key])
        return reverse("web:letter_section", args=[self.outgoing.public_id, section.slug])

    def address_of(self, question: str) -> str:
        """Return the address of the question that a path of the letter answers."""
        section = section_of(question)
        if "[" not in question or (section.slug == "basis" and question.startswith("items[")):
            return f"{self.address(section)}#f-{question.replace('.', '__')}"
        lies = self._lies(question)
        if lies is None:
            return self.address(section)
        entries, number, path = lies
        key = entries[number].get("id") or str(number + 1)
        parts = path.split(".")
        name = ".".join(parts[:2]) if parts[0] == "answers" else parts[0].split("[")[0]
        return self.address(section, key) + (f"#f-{name.replace('.', '__')}" if name else "")

    def entry_of(self, question: str) -> str:
        """Return the key of the entry in which a question lies, where a letter can have several of its kind."""
        lies = self._lies(question)
        if lies is None or len(lies[0]) < 2:
            return ""
        entries, number, _path = lies
        return str(entries[number].get("id", ""))

    def _lies(self, question: str) -> tuple[Sequence[Any], int, str] | None:
        """Return the entries of a kind, the place of one among them, and the path inside it; None outside of all."""
        first, _bracket, rest = question.partition("[")
        number, _bracket, path = rest.partition("]")
        entries = self.content.get(first, ())
        if not number.isdigit() or int(number) >= len(entries):
            return None
        return entries, int(number), path.strip(".")

    @cached_property
    def copied(self) -> dict[str, CopiedPart]:
        """Return what was copied into the letter and nobody has looked at since, by the name of the part."""
        if not getattr(self.version, "copied", True):
            return {}
        return {row.part: row for row in CopiedPart.objects.filter(letter=self.letter, checked_at=None)}

    @cached_property
    def defects(self) -> list[DefectTold]:
        """Return the defects for which the letter came back in whose place this one is sent."""
        if not getattr(self.version, "resubmits", True):
            return []
        links = LetterLink.objects.filter(letter=self.letter, kind=LetterLink.Kind.RESUBMISSION)
        link = links.select_related("earlier_version").first()
        if link is None:
            return []
        then = link.earlier_version.content if link.earlier_version else {}
        found = []
        for row in Defect.objects.filter(outgoing__letter=link.earlier_id).order_by("number"):
            place = place_now(row.place, then, self.content) if row.place else ""
            found.append(
                DefectTold(
                    row.text,
                    row.article,
                    path_words(row.place, then),
                    self.address_of(place) if place else "",
                    section_of(place) if place else None,
                    link.reference,
                )
            )
        return found

    def copied_into(self, section: Section) -> CopiedPart | None:
        return next((self.copied[part] for part in section.owns if part in self.copied), None)

    @cached_property
    def next_task(self) -> Task | None:
        """Return the first line of the task list that stands in the way of lodging."""
        return next((task for task in self.tasks if task.gaps), None)

    @cached_property
    def tasks(self) -> list[Task]:
        return [self._task(section) for section in SECTIONS]

    def _task(self, section: Section) -> Task:
        begun = bool(_said(self.content, section))
        mine = [shown for shown in self.findings if shown.section is section]
        gaps = sum(shown.finding.severity == "gap" for shown in mine)
        open_warnings = sum(shown.finding.severity == "warning" and shown.waiver is None for shown in mine)
        if not begun:
            state, words = ("none", _("nothing needed")) if section.optional and not mine else ("new", _("not begun"))
        elif gaps:
            state, words = "begun", _("begun")
        else:
            state, words = "complete", _("complete")
        told = []
        if gaps:
            told.append(_("%(n)d to fill") % {"n": gaps})
        if open_warnings:
            told.append(_("%(n)d to look at") % {"n": open_warnings})
        copied = self.copied_into(section) is not None
        return Task(section, self.address(section), state, words, ", ".join(told), gaps, copied)

    @cached_property
    def last_saved(self) -> AuditEntry | None:
        """Return who last wrote on the letter, and when."""
        entries = AuditEntry.objects.filter(
            object_type="letter", object_id=str(self.letter.public_id), outcome=AuditEntry.Outcome.DONE
        )
        return (
            entries.filter(act__in=("letter.edit", "letter.add_annex", "letter.create", "letter.reopen"))
            .order_by("-id")
            .first()
        )

    @property
    def held_by(self) -> str:
        return str(self.version.authority.name)


def _said(content: Mapping[str, Any], section: Section) -> Any:
    """Return what of a section is in the content, beyond what every letter has from the start."""
    if section.slug == "rights":
        return content.get("rights")
    if section.slug == "urgency":
        return content.get("urgency") or content.get("key_dates")
    return [content[name] for name in section.owns if content.get(name) and name != "format"]


_CASE = UUID(int=1)
_AROUND = ("letter__outgoing", "letter__requesting", "letter__requested")


def _latest(actor: Actor) -> QuerySet[LetterVersion]:
    mine = outgoing_open_to(actor, "letter__outgoing__")
    readable = readable_versions(actor).filter(mine, letter__outgoing__public_id=_CASE)
    return readable.annotate(**about(actor)).select_related(*_AROUND).order_by("-number")[:1]


#: The latest version of a case's letter that an actor may read.
_LATEST = Prepared(_latest, case=_CASE)


def draft_of(actor: Actor, public_id: UUID) -> Draft:
    """Return the letter of a request out, in the latest version that the actor may read.

    Raises:
        AccessDenied: absent or hidden, without saying which.
    """
    version = next(iter(_LATEST.rows(actor.unnamed(), case=public_id)), None)
    if version is None:
        # Which of the two is hidden or absent is recorded, not told.
        access_version_by_number(actor, access_outgoing_by_id(actor, public_id).letter)
        raise AccessDenied("version", public_id, actor)
    letter = version.letter
    outgoing = letter.outgoing
    read_related(
        Authority, (version, "authority"), (letter, "authority"), (outgoing, "originating"), (outgoing, "central")
    )
    if version.number == letter.current:
        letter.take_at_hand(version, actor)
    return Draft(outgoing, letter, version, actor)


def draft_saved(draft: Draft, version: LetterVersion, file: LetterFile | None) -> Draft:
    """Return the letter as it is after a save that gave `version` and `file`, without reading it again."""
    letter = version.letter
    for name in ("requesting", "requested", "authority"):
        if getattr(letter, f"{name}_id") == getattr(draft.letter, f"{name}_id"):
            setattr(letter, name, getattr(draft.letter, name))
    draft.outgoing.letter = letter
    after = Draft(draft.outgoing, letter, version, draft.actor)
    if file is not None:
        after.file = file
    return after


def keeping_law() -> AbstractContextManager[None]:
    """Let a page show the law as it was read lately, at most LAW_FOR ago."""
    return law_kept(_LAWS, LAW_FOR)
