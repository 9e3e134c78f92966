"""Reading translations and the glossary. A translator sees what was assigned to them, with its source, and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce

from mla.accounts.access import access
from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.accounts.models import Membership, Role, User
from mla.core import clock
from workflows.drafting.models import LetterOfRequest, LetterVersion
from workflows.drafting.models_translation import GlossaryTerm, Translation, TranslationAnnex, TranslationUnit

PAGE = 50
#: Texts on one page of a translation.
UNITS = 20
MOST_TERMS = 2_000
#: Who may be a translator, and who a second reader.
READERS = (Role.TRANSLATOR, Role.LEGAL)
OPEN = (Translation.Status.ASSIGNED, Translation.Status.TRANSLATED, Translation.Status.READ)


def visible_translations(actor: Actor) -> QuerySet[Translation]:
    """Return the translations that the actor may know of.

    Of a translator: those of its authority that are assigned to it, to translate or to read, unless cancelled. Others:
    those of the versions that they may read.
    """
    from workflows.drafting.selectors import readable_versions

    if actor.kind == "peer" or actor.authority_id is None:
        return Translation.objects.none()
    if actor.kind == "system":
        return Translation.objects.filter(authority=actor.authority_id)
    own = Q(authority=actor.authority_id) & (Q(translator=actor.user_id) | Q(second_reader=actor.user_id))
    if actor.role == Role.TRANSLATOR:
        return Translation.objects.filter(own).exclude(status=Translation.Status.CANCELLED)
    seen = Q(source__in=readable_versions(actor))
    if actor.role == Role.LEGAL:
        seen |= Q(authority=actor.authority_id) & Q(second_reader=actor.user_id)
    return Translation.objects.filter(seen)


def access_translation_by_id(actor: Actor, public_id: UUID | str) -> Translation:
    """Return the translation. Raises AccessDenied when absent or hidden."""
    found = visible_translations(actor).select_related("source__letter", "translator", "second_reader")
    return access(found, actor=actor, kind="translation", public_id=public_id)


def translation_sent(version: LetterVersion, approved_at: dt.datetime | None) -> Translation | None:
    """Return the translation with which a version leaves: the first that was certified when it was approved.

    None without one, or without an approval. The same for every later question: the document is made once.
    """
    if approved_at is None:
        return None
    certified = Translation.objects.filter(
        source=version, status=Translation.Status.CERTIFIED, certified_at__lte=approved_at
    )
    return certified.select_related("source").order_by("certified_at", "pk").first()


def translations_found(actor: Actor, *, show: str = "") -> QuerySet[Translation]:
    """Return the translations for a list, with `units_count` and `done_count`.

    `show`: "mine": to translate or read; "certified"; "all"; else those that are open.
    """
    rows = visible_translations(actor)
    if show == "mine":
        rows = rows.filter(Q(translator=actor.user_id) | Q(second_reader=actor.user_id), status__in=OPEN)
    elif show == "certified":
        rows = rows.filter(status=Translation.Status.CERTIFIED)
    elif show != "all":
        rows = rows.filter(status__in=OPEN)
    return _counted(rows)


def translations_waiting(actor: Actor) -> QuerySet[Translation]:
    """Return the translations that wait for the actor's own act, as `waits_for`: to translate, to certify, or to read."""
    if not (holds(actor, "translation.save_unit") or holds(actor, "translation.read")):
        return Translation.objects.none()
    status, read = Translation.Status, Q(second_reader=None) | Q(read_at__isnull=False)
    mine, reading = Q(translator=actor.user_id), Q(second_reader=actor.user_id, read_at=None)
    acts = [
        ("save_unit", mine & Q(status=status.ASSIGNED)),
        ("certify", mine & Q(status__in=[status.TRANSLATED, status.READ]) & read),
        ("read", reading & Q(status=status.TRANSLATED)),
    ]
    found = Q()
    for _act, condition in acts:
        found |= condition
    rows = visible_translations(actor).filter(found, authority=actor.authority_id)
    waits = Case(*(When(condition, then=Value(act)) for act, condition in acts), output_field=CharField())
    return rows.annotate(waits_for=waits)


def translations_to_do(actor: Actor, after: int | None = None) -> tuple[list[Translation], int | None]:
    """Return a page of `translations_waiting` with what a list of translations shows. At most one query."""
    rows = translations_waiting(actor)
    return ([], None) if rows.query.is_empty() else translations_page(_counted(rows), after)


def _counted(rows: QuerySet[Translation]) -> QuerySet[Translation]:
    """Add how many texts there are and are done, and the title of the version, without reading the letters themselves."""
    texts = TranslationUnit.objects.filter(translation=OuterRef("pk")).order_by().values("translation")
    number = texts.annotate(number=Count("pk")).values("number")
    done = number.filter(status=TranslationUnit.Status.DONE)
    return (
        rows.annotate(
            units_count=Coalesce(Subquery(number), 0),
            done_count=Coalesce(Subquery(done), 0),
            title=KeyTextTransform("title", KeyTransform("letter", "source__frozen_content")),
        )
        .select_related("source", "translator", "second_reader")
        .defer("source__content", "source__frozen_content", "certified_content")
    )


def translations_page(rows: QuerySet[Translation], after: int | None) -> tuple[list[Translation], int | None]:
    """Return a page of `translations_found`, the newest first, and the row after which the next begins. One query."""
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows.order_by("-pk")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


@dataclass(frozen=True, slots=True)
class Progress:
    """How many texts are in which state."""

    new: int = 0
    draft: int = 0
    done: int = 0
    review: int = 0

    @property
    def all(self) -> int:
        return self.new + self.draft + self.done + self.review


def progress_of(translation: Translation) -> Progress:
    counted = translation.units.order_by().values_list("status").annotate(number=Count("pk"))
    return Progress(**dict(counted))


def units_page(
    translation: Translation, *, status: str = "", after: int | None = None, at: int | None = None
) -> tuple[list[TranslationUnit], int | None]:
    """Return texts in the order of the letter, those of one status where it is named; and where the next page begins.

    `at`: the page is that on which this position stands.
    """
    rows = translation.units.order_by("position")
    if at is not None:
        after = max(0, (at - 1) // UNITS * UNITS)
    elif status in TranslationUnit.Status.values:
        rows = rows.filter(status=status)
    if after is not None:
        rows = rows.filter(position__gt=after)
    found = list(rows[: UNITS + 1])
    return found[:UNITS], found[UNITS - 1].position if len(found) > UNITS else None


def access_unit(actor: Actor, translation: Translation, position: int) -> TranslationUnit:
    """Return one text of a translation that the caller has reached. Raises AccessDenied when absent."""
    return access(translation.units.all(), actor=actor, kind="text", position=position)


def translators_at(authority_id: int, *roles: str) -> list[User]:
    """Return the people who hold one of the roles at an authority now, by name. One query."""
    hats = Membership.objects.valid(clock.now()).filter(authority=authority_id, role__in=roles)
    return list(User.objects.filter(pk__in=hats.values("user"), is_active=True).order_by("last_name", "pk"))


def translations_of(actor: Actor, version: LetterVersion) -> list[Translation]:
    """Return the translations of a version, the newest first. One query."""
    return list(_counted(visible_translations(actor).filter(source=version)).order_by("-pk"))


def translations_beside(actor: Actor, version: LetterVersion) -> list[Translation]:
    """Return the translations that a version may be seen beside: the certified ones as they leave, then the open ones.

    One query, none of a version that is not frozen.
    """
    if version.frozen_content is None:
        return []
    rows = visible_translations(actor).filter(source=version).exclude(status=Translation.Status.CANCELLED)
    return list(rows.order_by(F("certified_at").asc(nulls_last=True), "pk"))


@dataclass(frozen=True, slots=True)
class AnnexTold:
    """What a letter's newest translation into a language says of one annex. `decision`: None while it says nothing.

    `replaced`: the annex has another file by now than the one it was said of.
    """

    translation: Translation
    decision: TranslationAnnex | None
    replaced: bool


def annexes_told(actor: Actor, letter: LetterOfRequest, files: Mapping[str, str]) -> dict[str, list[AnnexTold]]:
    """Return how each annex is translated, by its key, a language after the other. At most two queries.

    `files`: the SHA-256 of each annex as the letter has it now.
    """
    rows = visible_translations(actor).filter(source__letter=letter).exclude(status=Translation.Status.CANCELLED)
    newest: dict[str, Any] = {}
    for row in (
        rows.annotate(frozen_annexes=KeyTransform("annexes", "source__frozen_content"))
        .defer("certified_content")
        .prefetch_related("annexes")
        .order_by("language", "-source__number", "-pk")
    ):
        newest.setdefault(row.language, row)
    told: dict[str, list[AnnexTold]] = {key: [] for key in files}
    for row in newest.values():
        decided = {one.key: one for one in row.annexes.all()}
        for entry in row.frozen_annexes or ():
            if (key := entry["id"]) in told:
                told[key].append(AnnexTold(row, decided.get(key), entry["sha256"] != files[key]))
    return told


def visible_terms(actor: Actor) -> QuerySet[GlossaryTerm]:
    """Return the terms of the actor's State, by term."""
    if actor.kind == "peer" or actor.authority_id is None or actor.role == Role.FOREIGN_OFFICER:
        return GlossaryTerm.objects.none()
    return GlossaryTerm.objects.filter(authority__jurisdiction__authorities=actor.authority_id).order_by("term", "id")


def access_term_by_id(actor: Actor, public_id: UUID | str) -> GlossaryTerm:
    """Return the term. Raises AccessDenied when absent or of another State."""
    return access(visible_terms(actor), actor=actor, kind="term", public_id=public_id)


def terms_found(actor: Actor, *, words: str = "", source: str = "", target: str = "") -> QuerySet[GlossaryTerm]:
    """Return the terms in use that fit: words of the term or its translation, the two languages where they are named."""
    rows = visible_terms(actor).filter(status=GlossaryTerm.Status.IN_USE).select_related("authority")
    for word in words.split()[:8]:
        rows = rows.filter(Q(term__icontains=word) | Q(translation__icontains=word))
    if source:
        rows = rows.filter(source_language=source)
    return rows.filter(target_language=target) if target else rows


def terms_page(rows: QuerySet[GlossaryTerm], after: int | None) -> tuple[list[GlossaryTerm], int | None]:
    """Return a page of `terms_found` that begins after a row, and the row after which the next begins."""
    if after is not None and (last := GlossaryTerm.objects.filter(pk=after).first()) is not None:
        rows = rows.filter(Q(term__gt=last.term) | Q(term=last.term, id__gt=last.pk))
    found = list(rows[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def terms_for(actor: Actor, source: str, target: str) -> list[GlossaryTerm]:
    """Return the terms of a pair of languages; a dialect reads those of its language. One query."""
    pairs = {"source_language__in": _wider(source), "target_language__in": _wider(target)}
    return list(visible_terms(actor).filter(status=GlossaryTerm.Status.IN_USE, **pairs)[:MOST_TERMS])


def _wider(language: str) -> list[str]:
    return list(dict.fromkeys([language, language.split("-")[0]]))
