"""The document of an approved letter: made once, from exactly what was approved, by a job."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings

from mla.accounts.actors import Actor
from mla.core.canonical import canonical_bytes, content_hash
from mla.reference.models import Authority
from workflows.documents.making import (
    MadePdf,
    document_given_up,
    document_kept,
    document_started,
    finishing,
    made_pdf,
    rendered_once,
    told_at_the_case,
)
from workflows.documents.models import Document, Signing
from workflows.documents.services_signing import Lacking, signature_of, signing_authority
from workflows.documents.values import AnnexFile, Cover, InstrumentName, MeasureName, Names, QuestionName, SealedAnnex
from workflows.drafting.freezing import frozen_hash, sealed_content
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models import LetterVersion
from workflows.drafting.selectors_translation import translation_sent
from workflows.drafting.translation_content import translated_hash
from workflows.engine.acts import one_act
from workflows.engine.errors import PermanentFailure
from workflows.engine.outbox import Finish, Job
from workflows.engine.perform import create, perform
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.services.outgoing_chain import outgoing_attach_confirmation
from workflows.lifecycle.services.outgoing_course import outgoing_attach_document, outgoing_await_signature

if TYPE_CHECKING:
    from workflows.documents.rendering import RenderedPdf

logger = logging.getLogger(__name__)


def document_render(job: Job) -> Finish | None:
    """Handler of "outgoing.approved": make the PDF and put its hash into the case's file.

    A letter that was opened again meanwhile gets none: its approval is void.
    """
    with told_at_the_case(job, document_parked):
        return _letter_render(job)


def _letter_render(job: Job) -> Finish | None:
    outgoing, version = _asked(job)
    if not _still_wanted(outgoing, version):
        return None
    document = _document_begin(outgoing, version, job.actor, Document.Kind.LETTER)
    made = _made(document, outgoing, version, cover_of(outgoing, version))
    sealed = _sealed(outgoing, version, job.actor)
    bound = _bound(outgoing, version, job.actor)
    provisional = outgoing.provisional_at is not None
    signing = signature_of(document, signing_authority(outgoing), pdf=made.rendered.pdf, provisional=provisional)
    return finishing(signing, lambda: _write(outgoing, version, made, sealed, bound, signing))


def _write(
    outgoing: OutgoingRequest,
    version: LetterVersion,
    made: MadePdf,
    sealed: MadePdf | None,
    bound: MadePdf | None,
    signing: Signing | Lacking | None,
) -> None:
    """Write what was made into the case, under the lock of letter and case."""
    by = Actor.system("documents", authority_id=outgoing.authority_id)
    others = [one for one in (sealed, bound) if one]
    if not _still_wanted(OutgoingRequest.objects.get(pk=outgoing.pk), version):
        # An approval that lapsed meanwhile wants no document.
        for one in (made, *others):
            if one.document.status != Document.Status.READY:
                perform(one.document, "fail", by=by, failure="the approval lapsed")
        return
    told = {"content_hash": version.content_hash, "sealed_sha256": sealed.stored.sha256 if sealed else ""}
    if isinstance(signing, Lacking):
        outgoing_await_signature(outgoing=outgoing, lacks=signing.awaits, **told)
    else:
        outgoing_attach_document(outgoing=outgoing, sha256=(signing or made.stored).sha256, **told)
    document_kept(made, signing, by)
    for other in others:
        if other.document.status != Document.Status.READY:
            document_kept(other, None, by)


def confirmation_render(job: Job) -> Finish | None:
    """Handler of "outgoing.confirmed": the same letter again, as the confirmation in writing of what went out before.

    Nothing to do where it is in the file already.
    """
    with told_at_the_case(job, document_parked):
        return _confirmation_render(job)


def _confirmation_render(job: Job) -> Finish | None:
    outgoing, version = _asked(job)
    if outgoing.confirmation_sha256:
        return None
    document = _document_begin(outgoing, version, job.actor, Document.Kind.CONFIRMATION)
    made = _made(document, outgoing, version, confirming_cover(outgoing, version))
    signing = signature_of(document, signing_authority(outgoing), pdf=made.rendered.pdf, provisional=False)
    return finishing(signing, lambda: _confirmation_write(outgoing, made, signing, job.actor))


def _confirmation_write(outgoing: OutgoingRequest, made: MadePdf, signing: Signing | Lacking | None, by: Actor) -> None:
    content_hash = made.document.content_hash
    if isinstance(signing, Lacking):
        outgoing_await_signature(outgoing=outgoing, content_hash=content_hash, lacks=signing.awaits)
    else:
        sha256 = (signing or made.stored).sha256
        outgoing_attach_confirmation(outgoing=outgoing, sha256=sha256, content_hash=content_hash)
    document_kept(made, signing, by)


def _asked(job: Job) -> tuple[OutgoingRequest, LetterVersion]:
    outgoing = OutgoingRequest.objects.select_related("letter", "central", "addressee", "approved_by").get(
        pk=job.object_id
    )
    return outgoing, LetterVersion.objects.get(pk=job.payload["version"])


def _made(document: Document, outgoing: OutgoingRequest, version: LetterVersion, cover: Cover) -> MadePdf:
    # PDF libraries take a second to import: workers preload them, other commands do without.
    from workflows.documents.letters import letter_pdf
    from workflows.documents.with_translation import both_languages

    frozen, identifier = version.frozen_content, f"urn:uuid:{document.public_id}"
    if frozen is None or frozen_hash(frozen) != version.content_hash:
        raise PermanentFailure("the approved version is damaged: its content has another hash")
    translation = translation_sent(version, outgoing.approved_at)
    if translation is not None and translated_hash(translation.certified_content or {}) != translation.content_hash:
        raise PermanentFailure("the certified translation is damaged: its content has another hash")

    def render() -> RenderedPdf:
        if translation is not None:
            return both_languages(translation, cover, identifier=identifier)
        letter, names = letter_of(frozen), names_of(frozen)
        return letter_pdf(letter, cover, names, canonical_json=canonical_bytes(frozen), identifier=identifier)

    return made_pdf(document, render)


def _sealed(outgoing: OutgoingRequest, version: LetterVersion, by: Actor) -> MadePdf | None:
    """Make the sealed annex of a letter that has one, as a document of its own."""
    from workflows.documents.sealed import sealed_pdf

    told = (version.frozen_content or {}).get("sealed")
    if not told:
        return None
    content = sealed_content(version)
    if content is None or content_hash(content) != told["sha256"]:
        raise PermanentFailure("what is under seal is damaged: its content has another hash")
    document = _document_begin(outgoing, version, by, Document.Kind.SEALED)
    letter = letter_of(version.frozen_content or {})
    cover, identifier = cover_of(outgoing, version), f"urn:uuid:{document.public_id}"
    return made_pdf(document, lambda: sealed_pdf(letter, cover, content, identifier=identifier))


def _bound(outgoing: OutgoingRequest, version: LetterVersion, by: Actor) -> MadePdf | None:
    """Bind the annexes of a letter that wishes it, as a document of its own beside the letter and their own files."""
    from workflows.documents.bound import bound_pdf

    frozen = version.frozen_content or {}
    if not frozen.get("letter", {}).get("annexes_bound"):
        return None
    document = _document_begin(outgoing, version, by, Document.Kind.BOUND)
    cover, names, identifier = cover_of(outgoing, version), names_of(frozen), f"urn:uuid:{document.public_id}"
    bound = rendered_once(lambda: bound_pdf(letter_of(frozen), cover, names, identifier=identifier))
    if bound is None:
        # It is for reading alone: a letter whose annexes cannot be bound goes with their own files.
        with one_act():
            perform(document, "fail", by=by, failure="no annex of the letter is a PDF that can be bound")
        return None
    return made_pdf(document, lambda: bound)


def document_parked(job: Job, why: str) -> None:
    """The job gave up: show it at the document and so at the case."""
    version = job.payload["version"]
    confirming = job.event == "outgoing.confirmed"
    kinds = (
        [Document.Kind.CONFIRMATION]
        if confirming
        else [Document.Kind.LETTER, Document.Kind.SEALED, Document.Kind.BOUND]
    )
    for document in Document.objects.filter(outgoing=job.object_id, letter_version=version, kind__in=kinds):
        document_given_up(document, why, job.actor)


def letter_of(frozen: dict[str, Any]) -> Any:
    """Return the letter of a frozen content, with its annexes as they are stored."""
    annexes = [
        {name: annex[name] for name in ("id", "title", "sha256", "size", "language") if name in annex}
        for annex in frozen["annexes"]
    ]
    return letter_from({**frozen["letter"], **({"annexes": annexes} if annexes else {})})


def names_of(frozen: dict[str, Any]) -> Names:
    """Return what the codes of a frozen letter mean, as they were when it was frozen."""
    names, sealed = frozen["names"], frozen.get("sealed")
    return Names(
        jurisdictions=names["jurisdictions"],
        authorities={code: authority["name"] for code, authority in names["authorities"].items()},
        instruments={code: InstrumentName(**instrument) for code, instrument in names["instruments"].items()},
        measures={
            slug: MeasureName(
                name=measure["name"],
                questions={
                    question["key"]: QuestionName(
                        label=question["label"],
                        kind=question["kind"],
                        choices={choice["value"]: choice["label"] for choice in question["choices"]},
                    )
                    for question in measure["questions"]
                },
                template=measure["template"],
                certificates=measure.get("certificates", {}),
            )
            for slug, measure in names["measures"].items()
        },
        proof=names.get("proof", {}),
        annexes={annex["id"]: AnnexFile(sha256=annex["sha256"], size=annex["size"]) for annex in frozen["annexes"]},
        difference=frozen.get("difference", {}),
        sealed=SealedAnnex(sealed["sha256"], tuple(sealed["persons"])) if sealed else None,
    )


def cover_of(outgoing: OutgoingRequest, version: LetterVersion) -> Cover:
    """Return what stands on the letter but is not its content. The day is that of the approval, in the sender's zone."""
    signer = signing_authority(outgoing)
    signed_on = outgoing.approved_at.astimezone(ZoneInfo(signer.time_zone)).date() if outgoing.approved_at else None
    return Cover(
        own_reference=outgoing.reference,
        peer_reference=outgoing.peer_reference,
        sender=office_lines(outgoing.central),
        addressee=office_lines(outgoing.addressee) if outgoing.addressee else (),
        place=signer.city,
        signed_on=signed_on,
        signatory=signer.name,
        content_hash=version.content_hash,
        version_number=version.number,
        provisional=outgoing.provisional_at is not None,
        provisional_reason=str(outgoing.risk_test.get("imminent", "")) if outgoing.provisional_at else "",
        by_certificate=signer.signing_method == Authority.SigningMethod.CERTIFICATE,
        check_url=check_address(),
    )


def check_address() -> str:
    """Return where anybody can check a document of this installation; empty where it is not said how it is reached."""
    return f"{settings.PUBLIC_URL}/check" if settings.PUBLIC_URL else ""


def confirming_cover(outgoing: OutgoingRequest, version: LetterVersion) -> Cover:
    """Return the cover of the confirmation in writing: signed on the day of the confirmation, no longer provisional."""
    zone = ZoneInfo(signing_authority(outgoing).time_zone)
    assert outgoing.confirmed_at is not None and outgoing.sent_at is not None
    return replace(
        cover_of(outgoing, version),
        signed_on=outgoing.confirmed_at.astimezone(zone).date(),
        provisional=False,
        provisional_reason="",
        confirms_on=outgoing.sent_at.astimezone(zone).date(),
        confirms_sha256=outgoing.document_sha256,
    )


def office_lines(authority: Authority) -> tuple[str, ...]:
    """Return an office as printed on a letter, its name first."""
    organ = authority.organ if authority.organ and authority.organ not in authority.name else ""
    lines = [authority.name, organ, *authority.address.splitlines()]
    if authority.city and not any(authority.city in line for line in lines):
        lines.append(authority.city)
    return tuple(line for line in (*lines, authority.email) if line)


def _still_wanted(outgoing: OutgoingRequest, version: LetterVersion) -> bool:
    return (
        outgoing.status == "approved"
        and outgoing.approved_version_id == version.pk
        and outgoing.letter.current == version.number
    )


def _document_begin(outgoing: OutgoingRequest, version: LetterVersion, by: Actor, kind: str) -> Document:
    """Return the document's row, being made: a new one, or the one of an attempt that died."""
    with one_act():
        # The case's row is locked, so that two attempts cannot both make the row.
        OutgoingRequest.objects.select_for_update(of=("self",)).get(pk=outgoing.pk)
        document = Document.objects.filter(outgoing=outgoing, letter_version=version, kind=kind).first()
        if document is None:
            document = create(
                Document(
                    authority_id=outgoing.authority_id,
                    kind=kind,
                    outgoing=outgoing,
                    letter_version=version,
                    language=version.content["language"],
                    content_hash=version.content_hash,
                ),
                act="queue",
                by=by,
            )
        return document_started(document, by)
