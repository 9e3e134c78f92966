"""Making a document beside the letter: who may, from what the case holds, once for the same words, recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.audit.services import Entry, What, record
from mla.core import clock
from mla.core.canonical import content_hash
from mla.core.errors import MlaError
from mla.core.files import file_store
from mla.core.ids import uuid7
from mla.core.letter_languages import wording_in
from mla.core.text import clean
from workflows.documents import wording
from workflows.documents.kinds import WHOLE, About, Kind, kinds
from workflows.documents.models_kinds import CaseDocument
from workflows.documents.services import office_lines
from workflows.documents.values import Cover
from workflows.documents.wording import document_language


class DocumentRefused(MlaError):
    """What was said for a document does not fit; the message names the field."""


def kinds_open(*, case: Any, by: Actor) -> list[tuple[Kind, list[About]]]:
    """Return the kinds that the actor may make of this case now, with what each can be about."""
    found = [(kind, kind.about(case)) for kind in kinds().values() if _may(kind, case, by)]
    return [(kind, about) for kind, about in found if about]


def kind_open(*, case: Any, slug: str, about: str, by: Actor) -> Kind:
    """Return a kind that the actor may make of this case about this part of it.

    Raises:
        AccessDenied: no such kind, not for the actor, or the case holds nothing for it.
    """
    kind = kinds().get(slug)
    if kind is None or not _may(kind, case, by) or about not in {one.key for one in kind.about(case)}:
        raise AccessDenied("kind of document", slug, by)
    return kind


def _may(kind: Kind, case: Any, by: Actor) -> bool:
    ours = {case.central_id} if case.KIND == "outgoing" else {case.authority_id, case.executing_id}
    return by.authority_id in ours and holds(by, kind.right) and kind.side in (case.KIND, "both")


def document_languages(case: Any) -> list[str]:
    """Return the languages that a document of this case can be in: that of the letter first, then those that the other
    State works in, as far as there is a catalogue of the fixed wording."""
    content = case.content if case.KIND == "incoming" else (case.approved_version or case.letter.present()).content
    other = case.sender if case.KIND == "incoming" else case.addressee
    state = other.jurisdiction.languages if other is not None else []
    wanted = [content.get("language") or "en", *(other.languages if other else []), *state]
    return [code for code in dict.fromkeys(wanted) if code == wanted[0] or wording_in(code) is not None]


def document_make(
    *, kind: str, case: Any, by: Actor, language: str, about: str = WHOLE, said: Mapping[str, str] | None = None
) -> CaseDocument:
    """Make a document and keep it by its hash; where the same words were made before, return that one.

    Raises:
        AccessDenied: not this actor's to make, or not of this case.
        DocumentRefused: something that must be said is missing or does not fit.
        RenderFailed: no PDF was made, and nothing is kept.
    """
    made = kind_open(case=case, slug=kind, about=about, by=by)
    if language not in document_languages(case):
        raise DocumentRefused(_("The document cannot be made in this language."))
    words = _said(made, said or {})
    with document_language(language):
        context = made.context(case, about, words)
    return _kept(made, case, by, about, frame_of(made, case, language), context)


def _said(kind: Kind, said: Mapping[str, str]) -> dict[str, str]:
    words = {}
    for field in kind.fields:
        value = clean(str(said.get(field.key) or "")).strip()
        missing = field.required and not value
        unknown = bool(value and field.choices) and value not in (field.choices or {})
        if missing or unknown:
            raise DocumentRefused(_("%(field)s is missing or is none of the choices") % {"field": field.label})
        words[field.key] = value
    return words


def _kept(kind: Kind, case: Any, by: Actor, about: str, frame: Any, context: Any) -> CaseDocument:
    from workflows.documents.case_documents import document_content, document_pdf

    sha256 = content_hash(document_content(kind, frame, context))
    side = {case.KIND: case, "content_hash": sha256}
    found = CaseDocument.objects.filter(**side).first()
    if found is not None:
        return found
    public_id = uuid7()
    rendered = document_pdf(kind, frame, context, identifier=f"urn:uuid:{public_id}")
    stored = file_store(rendered.pdf)
    row = CaseDocument(
        public_id=public_id, authority_id=by.authority_id or 0, kind=kind.slug, about=about, language=frame.language,
        sha256=stored.sha256, size=stored.size, pages=rendered.pages, made_by=by.label, made_at=clock.now(), **side,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            record(
                Entry(
                    authority_id=by.authority_id or 0,
                    act="case_document.make",
                    by=by.who(),
                    on=What("case_document", str(public_id)),
                    detail={"kind": kind.slug, case.KIND: str(case.public_id), "sha256": stored.sha256},
                )
            )
    except IntegrityError:
        # Pressed twice at once: the other one was first.
        return CaseDocument.objects.get(**side)
    return row


def frame_of(kind: Kind, case: Any, language: str) -> Any:
    """Return letterhead, addressee, references and marking for a document of a case."""
    from workflows.documents.case_documents import Frame

    if case.KIND == "outgoing":
        ours, theirs, level = case.central, case.addressee, case.letter.confidentiality
        states, title = (case.central.jurisdiction, case.letter.requested), case.letter.title
    else:
        ours, theirs, level = case.authority, case.sender, case.confidentiality
        states, title = (case.requesting, case.authority.jurisdiction), case.title
    copied = kind.slug == "redacted-copy"
    with document_language(language):
        marking = str(wording.MARKING[level])
    return Frame(
        language=language,
        cover=Cover(
            own_reference=case.reference,
            peer_reference=case.peer_reference,
            sender=office_lines(ours),
            # Who gets a copy is written in by hand; the title of a request may tell the case.
            addressee=office_lines(theirs) if theirs and not copied else (),
            place=ours.city,
            signatory=ours.name,
            marking=marking,
        ),
        requesting=states[0].name(language),
        requested=states[1].name(language),
        states=(states[0].code, states[1].code),
        title="" if copied else title,
        dated=clock.now().astimezone(ZoneInfo(ours.time_zone)).date(),
    )
