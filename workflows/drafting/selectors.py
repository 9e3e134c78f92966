"""Reading letters: who sees which letter, and which of its versions. The only way to an object is `access_*`.

The owner (the authority that drafts) sees its own versions and every frozen one. An authority with which a
letter was lodged sees the frozen version that was lodged and the versions it opened itself, never a draft
of the owner; one that was asked for advice sees the draft too. A restricted letter exists for its named
officers alone; where all those of an authority left, for who answers there, to name others.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from mla.accounts.access import AccessDenied, access
from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.accounts.models import Role
from mla.accounts.selectors import falls_to
from mla.core import clock
from mla.core.reasons import Finding
from workflows.drafting.models import (
    Annex,
    Confidentiality,
    EarlierText,
    LetterOfRequest,
    LetterShare,
    LetterVersion,
    NamedOfficer,
    about,
)
from workflows.drafting.models_sealed import sealed_now
from workflows.drafting.sealing import as_protected, protected_keys
from workflows.drafting.selectors_library import access_offence_by_id as access_offence_by_id
from workflows.drafting.selectors_templates import access_template_by_id as access_template_by_id
from workflows.drafting.selectors_translation import access_term_by_id as access_term_by_id
from workflows.drafting.selectors_translation import access_translation_by_id as access_translation_by_id
from workflows.drafting.sittings import FIXED, answers_changed

#: Roles that work on what comes in, for another State, or on one translation: they never see a letter that goes out.
WITHOUT_SIGHT = frozenset({Role.FOREIGN_OFFICER, Role.EXECUTING_OFFICER, Role.LOCAL_ADMINISTRATOR, Role.TRANSLATOR})


def letters_open_to(actor: Actor, to: str = "") -> Q:
    """Return which letters the actor may know of, as a condition on rows that lead to a letter by the path `to`.

    The system knows of those of the authority it works for, a peer of none.
    """
    if actor.kind == "peer" or actor.authority_id is None or actor.role in WITHOUT_SIGHT:
        return Q(**{f"{to}pk__in": []})
    letter = OuterRef(f"{to}pk")
    shared = LetterShare.objects.filter(letter=letter, authority=actor.authority_id, ended_at=None)
    found = Q(**{f"{to}authority": actor.authority_id}) | Q(Exists(shared))
    if actor.kind == "user":
        named = NamedOfficer.objects.filter(letter=letter, ended_at=None)
        open_to = ~Q(**{f"{to}confidentiality": Confidentiality.RESTRICTED})
        open_to |= Q(Exists(named.filter(user=actor.user_id)))
        if (left := falls_to(actor, named)) is not None:
            open_to |= left
        found &= open_to
    return found


def visible_letters(actor: Actor) -> QuerySet[LetterOfRequest]:
    """Return the letters that the actor may know of; for all others there is no hit and no count."""
    letters = LetterOfRequest.objects.filter(letters_open_to(actor))
    return letters.select_related("requesting", "requested", "authority")


def visible_versions(letter: LetterOfRequest, actor: Actor) -> QuerySet[LetterVersion]:
    """Return the versions of a letter that the actor may read, by number. See the head of this module."""
    return readable_versions(actor).filter(letter=letter).order_by("number")


def readable_versions(actor: Actor) -> QuerySet[LetterVersion]:
    """Return the versions that the actor may read, of all letters, as `visible_versions` does of one."""
    own = Q(letter__authority=actor.authority_id)
    shares = LetterShare.objects.filter(letter=OuterRef("letter"), authority=actor.authority_id, ended_at=None)
    lodged = shares.filter(kind=LetterShare.Kind.LODGED, version_number=OuterRef("number"))
    advice = shares.filter(kind=LetterShare.Kind.ADVICE)
    frozen = Q(frozen_at__isnull=False) & (own | Exists(lodged))
    opened = Q(authority=actor.authority_id) | frozen | (~own & Exists(advice))
    return LetterVersion.objects.filter(opened, letters_open_to(actor, "letter__"))


def access_letter_by_id(actor: Actor, public_id: UUID | str) -> LetterOfRequest:
    """Return the letter of that public identifier.

    Raises:
        AccessDenied: absent or hidden, without saying which.
    """
    return access(visible_letters(actor), actor=actor, kind="letter", public_id=public_id)


def access_version_by_number(actor: Actor, letter: LetterOfRequest, number: int | None = None) -> LetterVersion:
    """Return one version of a letter, by default the latest that the actor may read.

    Raises:
        AccessDenied: absent or hidden, without saying which.
    """
    versions = visible_versions(letter, actor)
    if number is None:
        latest = versions.last()
        number = latest.number if latest else 0
    return access(versions, actor=actor, kind="version", number=number)


def current_version(letter: LetterOfRequest) -> LetterVersion:
    """Return the version that counts now. For services, which have checked access before."""
    return LetterVersion.objects.get(letter=letter, number=letter.current)


def earlier_texts(actor: Actor, version: LetterVersion) -> QuerySet[EarlierText]:
    """Return how a version stood before, newest first. For the authority that writes on it, and for nobody else."""
    if version.authority_id != actor.authority_id:
        return EarlierText.objects.none()
    return EarlierText.objects.filter(version=version).order_by("-id")


def access_earlier_text(actor: Actor, version: LetterVersion, public_id: UUID) -> EarlierText:
    """Return how a version stood at one time; the caller has checked the version.

    Raises:
        AccessDenied: absent or hidden, without saying which.
    """
    found = earlier_texts(actor, version).select_related("by")
    then = access(found, actor=actor, kind="earlier_text", public_id=public_id)
    # Whoever is protected by now stood there by name, before.
    then.content = as_protected(then.content, version.content)
    return then


def parts_to_put_back(version: LetterVersion, then: EarlierText) -> list[str]:
    """Return by which answers and lists a version differs from how it stood, without those that stay."""
    return [name for name in answers_changed(then.content, version.content) if name.partition(".")[0] not in FIXED]


def version_now(letter_id: int, actor: Actor) -> LetterVersion:
    """Return the version that counts now with its letter, which knows it (`at_hand`). One query; for services."""
    found = LetterVersion.objects.annotate(**about(actor)).select_related("letter__authority")
    version = found.get(letter=letter_id, number=F("letter__current"))
    version.letter.take_at_hand(version, actor)
    return version


def sealed_particulars(version: LetterVersion) -> dict[str, dict[str, Any]]:
    """Return what is under seal of the protected persons of a version, by key: for findings, which tell none of it."""
    if not protected_keys(version.content):
        return {}
    return {key: row.particulars for key, row in sealed_now(version).items()}


def sealed_open_to(actor: Actor, version: LetterVersion) -> bool:
    """Tell whether the actor, who may read the version, may also know who its protected persons are.

    Roles of capabilities.csv (`letter.read_sealed`), at the authority that drafts and at the one it was lodged with;
    never an authority that was asked for advice.
    """
    if not holds(actor, "letter.read_sealed"):
        return False
    letter = version.letter
    if actor.authority_id in {letter.authority_id, version.authority_id}:
        return True
    lodged = letter.shares.filter(authority=actor.authority_id, kind=LetterShare.Kind.LODGED, ended_at=None)
    return bool(lodged.exists())


def access_sealed(actor: Actor, version: LetterVersion) -> dict[str, dict[str, Any]]:
    """Return the particulars under seal of a version's protected persons; whoever reads them is recorded by the caller.

    Raises:
        AccessDenied: not for this actor, or nobody is protected.
    """
    keys = protected_keys(version.content)
    if not keys or not sealed_open_to(actor, version):
        raise AccessDenied("sealed identities", str(version.public_id), actor)
    found = sealed_particulars(version)
    return {key: found.get(key, {}) for key in keys}


def version_annexes(version: LetterVersion) -> list[Annex]:
    """Return the stored files of the annexes that the version names, in its order."""
    stored = {annex.key: annex for annex in version.annexes.all()}
    keys = [entry["id"] for entry in version.content.get("annexes", ())]
    return [stored[key] for key in keys if key in stored]


def version_findings(version: LetterVersion) -> list[Finding]:
    """Return what is missing or doubtful in a version, as of today; the worst first."""
    from workflows.drafting.findings import letter_findings
    from workflows.drafting.law import law_for
    from workflows.drafting.letterfile import letter_from

    letter = letter_from(version.content)
    now, sealed = clock.now(), sealed_particulars(version)
    return letter_findings(letter, law=law_for(letter), today=now.date(), at=now, sealed=sealed)


def version_gaps(version: LetterVersion) -> list[Finding]:
    """Return the findings that stop the submission of a version."""
    return [finding for finding in version_findings(version) if finding.severity == "gap"]
