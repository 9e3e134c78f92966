"""Documents beside the letter: who may order one, from what the case holds, once for the same words; a job makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.core.canonical import NotCanonical, content_hash
from mla.core.errors import MlaError
from mla.core.letter_languages import wording_in
from mla.core.text import clean
from mla.reference.models import Authority
from workflows.documents.frames import frame_of
from workflows.documents.kinds import WHOLE, About, Kind, kinds
from workflows.documents.making import (
    document_given_up,
    document_kept,
    document_started,
    finishing,
    made_pdf,
    told_at_the_case,
)
from workflows.documents.models import CaseDocument, Signing
from workflows.documents.models_kinds import words_said
from workflows.documents.services_signing import Lacking, certificate_signature
from workflows.documents.wording import document_language
from workflows.engine.acts import one_act
from workflows.engine.errors import PermanentFailure
from workflows.engine.machine import Effects
from workflows.engine.outbox import Finish, Job
from workflows.engine.perform import create, perform
from workflows.lifecycle.outcomes import AwaitsSignature


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
    if case.KIND == "incoming":
        content = case.content
    else:
        # Taken over from an earlier register: there is no letter here, and English is as good a beginning as any.
        content = {} if case.taken_over else (case.approved_version or case.letter.present()).content
    other = case.sender if case.KIND == "incoming" else case.addressee
    state = other.jurisdiction.languages if other is not None else []
    wanted = [content.get("language") or "en", *(other.languages if other else []), *state]
    return [code for code in dict.fromkeys(wanted) if code == wanted[0] or wording_in(code) is not None]


def document_make(
    *, kind: str, case: Any, by: Actor, language: str, about: str = WHOLE, said: Mapping[str, str] | None = None
) -> CaseDocument:
    """Order a document with all its words; a job makes it. Where the same words were ordered before, return that one.

    One that could not be made is tried anew.

    Raises:
        AccessDenied: not this actor's to make, or not of this case.
        DocumentRefused: something that must be said is missing or does not fit.
        RenderFailed: what it would say cannot be printed; nothing is kept.
    """
    from workflows.documents.case_documents import document_check_text, document_content, plain_values

    made = kind_open(case=case, slug=kind, about=about, by=by)
    if language not in document_languages(case):
        raise DocumentRefused(_("The document cannot be made in this language."))
    words = _said(made, {**(said or {}), **made.known(case, about)})
    with document_language(language):
        context = made.context(case, about, words)
    frame = frame_of(made, case, language, by=by)
    content = document_content(made, frame, context)
    sha256 = content_hash(content)
    side = {case.KIND: case, "content_hash": sha256}
    found = CaseDocument.objects.filter(**side).first()
    if found is not None:
        return perform(found, "again", by=by) if found.status == CaseDocument.Status.FAILED else found
    document_check_text(content)
    row = CaseDocument(
        authority_id=by.authority_id or 0, kind=made.slug, about=about, language=language, said=words, content=content,
        frame=plain_values(frame), made_by=by.label, **side,
    )  # fmt: skip
    detail = {"kind": made.slug, case.KIND: str(case.public_id), "content_hash": sha256}
    effects = Effects(detail=detail, events=[("case_document.ordered", {})])
    try:
        # Who may do it stands with the kind: a copy for whoever carries a request out is another right.
        if made.right == "case_document.redact":
            return create(row, act="redact", by=by, effects=effects)
        return create(row, act="make", by=by, effects=effects)
    except IntegrityError:
        # Pressed twice at once: the other one was first.
        return CaseDocument.objects.get(**side)


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


def case_document_render(job: Job) -> Finish | None:
    """Handler of "case_document.ordered": make the PDF from what was recorded, sign it, and keep it by its hash."""
    with told_at_the_case(job, case_document_parked):
        return _render(job)


def _render(job: Job) -> Finish | None:
    from workflows.documents.case_documents import document_again, document_pdf

    with one_act():
        row = CaseDocument.objects.select_related("outgoing", "incoming", "authority").get(pk=job.object_id)
        # The case's row is locked, so that two attempts cannot both begin.
        type(row.case).objects.select_for_update(of=("self",)).get(pk=row.case.pk)
        row.refresh_from_db()
        if row.status == CaseDocument.Status.READY or row.awaits == AwaitsSignature.SCAN:
            return None
        row = document_started(row, job.actor)
    kind = kinds().get(row.kind)
    if kind is None or content_hash(row.content) != row.content_hash:
        raise PermanentFailure("what was recorded for the document is damaged: its content has another hash")
    try:
        frame, context = document_again(kind, row.frame, row.content)
    except ValueError as error:
        raise PermanentFailure("what was recorded for the document cannot be read by this version") from error
    made = made_pdf(row, lambda: document_pdf(kind, frame, context, identifier=f"urn:uuid:{row.public_id}"))
    signing: Signing | Lacking | None = None
    if frame.cover.by_certificate:
        signing = certificate_signature(row, row.authority, pdf=made.rendered.pdf)
    elif kind.between_states:
        signing = Lacking(AwaitsSignature.SCAN)
    return finishing(signing, lambda: document_kept(made, signing, job.actor))


def case_document_parked(job: Job, why: str) -> None:
    """The job gave up: show it at the document and so on the page of the case."""
    document_given_up(CaseDocument.objects.get(pk=job.object_id), why, job.actor)


@dataclass(frozen=True, slots=True)
class ReceivedDocument:
    """What a message says of the document that it brings. `sha256` and `size` are of the file, which is here and whole."""

    kind: str
    about: str
    language: str
    content: dict[str, Any]
    content_hash: str
    sha256: str
    size: int


def case_document_receive(*, case: Any, received: ReceivedDocument, sender: Authority) -> CaseDocument:
    """Put a document that the other State sent into the file of the case. Called by the exchange, as the system.

    Raises:
        DocumentRefused: its content has another hash than it is said to have, or is none that they make.
    """
    kind = kinds().get(received.kind)
    theirs = "incoming" if case.KIND == "outgoing" else "outgoing"
    if kind is None or not kind.between_states or kind.side not in (theirs, "both"):
        raise DocumentRefused("this kind of document is not sent by the authority that sent it")
    try:
        sound = content_hash(received.content) == received.content_hash and received.content.get("kind") == kind.slug
    except NotCanonical:
        sound = False
    if not sound:
        raise DocumentRefused("the content of the document does not have the hash that the message gives")
    by = Actor.system("message.document", authority_id=case.authority_id)
    row = CaseDocument(
        authority_id=case.authority_id, status=CaseDocument.Status.READY, came_from=sender, made_by=sender.name[:200],
        kind=kind.slug, about=received.about, language=received.language, content=received.content,
        content_hash=received.content_hash, sha256=received.sha256, size=received.size,
        said=words_said(kind, received.content), **{case.KIND: case},
    )  # fmt: skip
    detail = {"kind": kind.slug, "sha256": received.sha256, "content_hash": received.content_hash}
    return create(row, act="receive", by=by, effects=Effects(detail=detail))
