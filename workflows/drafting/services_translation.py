"""Translating a frozen version: each service is one act under the translation's lock, recorded, or nothing at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.accounts.models import Role, User
from mla.core import clock
from mla.core.reasons import Reason
from mla.core.text import TextRefused, clean, pasted
from workflows.drafting.models import LetterVersion, person
from workflows.drafting.models_translation import (
    GlossaryTerm,
    Translation,
    TranslationAnnex,
    TranslationUnit,
    paragraphs_differ,
)
from workflows.drafting.selectors_translation import READERS, translators_at
from workflows.drafting.translation_units import units_of
from workflows.engine.acts import one_act
from workflows.engine.errors import DataWrong
from workflows.engine.machine import Effects
from workflows.engine.perform import create, perform

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def translation_assign(
    *,
    version: LetterVersion,
    language: str,
    translator: User,
    by: Actor,
    second_reader: User | None = None,
    note: str = "",
) -> Translation:
    """Assign the translation of a frozen version. What an earlier version's translation says is taken over.

    Of that, a text whose source is the same stays as it was; one whose source changed is marked and keeps its old target.

    Raises:
        ActForbidden: the role may not, or the version is not this actor's to read.
        DataWrong: not frozen, no such language or the letter's own, people who do not translate here, a translation
            into the language exists already.
    """
    row = Translation(
        authority_id=by.authority_id or 0,
        source=version,
        language=language,
        translator=translator,
        second_reader=second_reader,
        assigned_by_id=person(by),
        note=note,
    )
    if not (holds(by, "translation.assign") and row.may_be_created_by(by)):
        # The right before the data: whoever may not learns nothing of the letter. The engine refuses and records it.
        return create(row, act="assign", by=by)
    _assignable(version, language)
    _people_fit(by.authority_id or 0, translator, second_reader)
    before = row.carried_from = _earlier(version, language, by.authority_id or 0)
    units = _units(row, version, before)
    detail = {
        "language": language,
        "source": version.content_hash,
        "translator": str(translator.public_id),
        "second_reader": str(second_reader.public_id) if second_reader else "",
        "texts": len(units),
        "taken_over": sum(unit.target != "" for unit in units),
    }
    try:
        with transaction.atomic(), one_act():
            return create(row, act="assign", by=by, effects=Effects(rows=[*units], detail=detail))
    except IntegrityError as error:
        message = _("this version is being translated into that language already")
        raise DataWrong("assign", [Reason("translated_already", message, field="language")]) from error


def _assignable(version: LetterVersion, language: str) -> None:
    if version.frozen_content is None:
        message = _("the version is still being written: it is frozen first, so that what is translated stays")
        raise DataWrong("assign", [Reason("not_frozen", message)])
    if not _LANGUAGE.fullmatch(language) or len(language) > 35:
        message = _("“%(code)s” is no code of a language (BCP 47)") % {"code": language[:40]}
        raise DataWrong("assign", [Reason("no_such_language", message, field="language")])
    if language == version.frozen_content["letter"]["language"]:
        raise DataWrong("assign", [Reason("same_language", _("the letter is in this language"), field="language")])


def _people_fit(authority_id: int, translator: User, second_reader: User | None) -> None:
    reasons = []
    if translator not in translators_at(authority_id, Role.TRANSLATOR):
        reasons.append(Reason("no_translator", _("choose a translator of your authority"), field="translator"))
    if second_reader is not None and second_reader not in translators_at(authority_id, *READERS):
        message = _("choose a translator or legal officer of your authority")
        reasons.append(Reason("no_reader", message, field="second_reader"))
    if second_reader is not None and second_reader == translator:
        reasons.append(Reason("same_person", _("another person reads it"), field="second_reader"))
    if reasons:
        raise DataWrong("assign", reasons)


def _earlier(version: LetterVersion, language: str, authority_id: int) -> Translation | None:
    found = Translation.objects.filter(
        source__letter=version.letter_id, source__number__lte=version.number, language=language, authority=authority_id
    )
    return found.order_by("-source__number", "-pk").first()


def _units(row: Translation, version: LetterVersion, before: Translation | None) -> list[TranslationUnit]:
    assert version.frozen_content is not None
    old = {unit.path: unit for unit in before.units.all()} if before else {}
    by_source = {unit.source: unit for unit in old.values() if unit.status == TranslationUnit.Status.DONE}
    found = []
    for position, unit in enumerate(units_of(version.frozen_content), start=1):
        new = TranslationUnit(
            translation=row,
            position=position,
            path=unit.path,
            source=unit.source,
            one_line=unit.one_line,
            longest=unit.longest,
        )
        at_place = old.get(unit.path)
        if at_place is not None and at_place.source == unit.source:
            new.target, new.status, new.source_before = at_place.target, at_place.status, at_place.source_before
        elif (same := by_source.get(unit.source)) is not None:
            # Moved: an entry without a key stands at another place of its list now.
            new.target, new.status = same.target, same.status
        elif at_place is not None and at_place.target:
            new.target, new.status = at_place.target, TranslationUnit.Status.REVIEW
            new.source_before = at_place.source
        found.append(new)
    return found


def target_checked(unit: TranslationUnit, text: str, *, act: str) -> str:
    """Return a target as it is kept.

    Raises:
        DataWrong: an invisible character, several lines where one fits, or too long.
    """
    try:
        target = clean(pasted(text)).strip()
    except TextRefused as refused:
        raise DataWrong(act, [Reason("text_refused", str(refused), field="target")]) from refused
    if unit.one_line and "\n" in target:
        raise DataWrong(act, [Reason("one_line", _("give one line"), field="target")])
    if len(target) > unit.longest:
        message = _("%(length)s characters, at most %(most)s fit here") % {"length": len(target), "most": unit.longest}
        raise DataWrong(act, [Reason("too_long", message, field="target")])
    return target


def unit_save(
    *, translation: Translation, unit: TranslationUnit, target: str, done: bool, seen: int, by: Actor
) -> Translation:
    """Save one text, as a draft or done. `seen`: how often it had been saved when the writer read it.

    Saving what stands there already changes nothing.

    Raises:
        ConditionsNotMet: somebody else saved this text meanwhile.
        ActNotPossible: it is not being translated now.
        ActForbidden: not this person's.
        DataWrong: the text does not fit, or is said to be done and is empty or has other paragraphs than its source.
    """
    target = target_checked(unit, target, act="save_unit")
    if done and not target:
        raise DataWrong("save_unit", [Reason("text_missing", _("write the translation first"), field="target")])
    if done and (differ := paragraphs_differ(unit, target)):
        raise DataWrong("save_unit", [Reason("paragraphs_differ", differ, field="target")])
    kinds = TranslationUnit.Status
    state = kinds.DONE if done else kinds.DRAFT if target else kinds.NEW
    present = TranslationUnit.objects.get(pk=unit.pk)
    same = (present.target, present.status) == (target, state)
    if same and translation.may_save_unit(by) and translation.status == Translation.Status.ASSIGNED:
        return translation
    return perform(translation, "save_unit", by=by, path=unit.path, target=target, state=str(state), seen=seen)


def annex_decide(
    *,
    translation: Translation,
    key: str,
    how: str,
    by: Actor,
    reason: str = "",
    summary: str = "",
    name: str = "",
    content: bytes | None = None,
    expected_version: int | None = None,
) -> Translation:
    """Say of one annex how it is translated: in full (with the file), in a summary (its text), or not (the reason).

    Raises:
        DataWrong: no such annex, or what goes with the choice is missing.
        AnnexWrong: the file cannot be an annex.
        ActForbidden, ActNotPossible, VersionChanged: see unit_save.
    """
    from workflows.drafting.annexes import Upload, annex_from

    ways = TranslationAnnex.How
    known = [annex["id"] for annex in (translation.source.frozen_content or {}).get("annexes", ())]
    before = translation.annexes.filter(key=key).first()
    reasons = []
    if key not in known:
        reasons.append(Reason("no_such_annex", _("the letter has no such annex"), field="how"))
    if how not in ways.values:
        reasons.append(Reason("no_choice", _("choose how it is translated"), field="how"))
    if how == ways.FULL and content is None and not (before and before.sha256):
        reasons.append(Reason("file_missing", _("put in the file of the translation"), field="file"))
    if how == ways.SUMMARY and not summary.strip():
        reasons.append(Reason("summary_missing", _("write the summary"), field="summary"))
    if how == ways.NONE and not reason.strip():
        reasons.append(Reason("reason_missing", _("say why it is not translated"), field="reason"))
    if reasons:
        raise DataWrong("decide_annex", reasons)
    decision = TranslationAnnex(key=key, how=how, reason=reason.strip(), summary="", at=clock.now())
    if how == ways.SUMMARY:
        decision.summary = clean(summary).strip()
    if how == ways.FULL:
        file = annex_from(Upload(key, name, content)) if content is not None else before
        assert file is not None
        decision.name, decision.media_type = file.name, file.media_type
        decision.size, decision.sha256 = file.size, file.sha256
    return perform(translation, "decide_annex", by=by, expected_version=expected_version, decision=decision)


def translation_finish(*, translation: Translation, by: Actor, expected_version: int | None = None) -> Translation:
    """Say that the translation is done: every text, every annex. For its translator.

    Raises:
        ConditionsNotMet: naming what is not done.
        ActForbidden, ActNotPossible, VersionChanged: see unit_save.
    """
    return perform(translation, "finish", by=by, expected_version=expected_version)


def translation_read(*, translation: Translation, by: Actor, expected_version: int | None = None) -> Translation:
    """Say that the second reader has read it. Raises as translation_finish."""
    return perform(translation, "read", by=by, expected_version=expected_version)


def translation_send_back(
    *, translation: Translation, by: Actor, reason: str, expected_version: int | None = None
) -> Translation:
    """Give it back to the translator, with the reason. For the second reader and who assigns. Raises as above."""
    return perform(translation, "send_back", by=by, expected_version=expected_version, reason=reason)


def translation_certify(*, translation: Translation, by: Actor, expected_version: int | None = None) -> Translation:
    """Certify the translation: its content is kept, with its hash beside that of the source. For its translator.

    Raises:
        ConditionsNotMet: a second reader is named and has not read it.
        ActForbidden, ActNotPossible, VersionChanged: see unit_save.
    """
    return perform(translation, "certify", by=by, expected_version=expected_version)


def translation_hand_over(
    *,
    translation: Translation,
    translator: User,
    second_reader: User | None,
    by: Actor,
    expected_version: int | None = None,
) -> Translation:
    """Give it to another translator or second reader; what is translated stays. Raises as translation_assign."""
    _people_fit(translation.authority_id, translator, second_reader)
    return perform(
        translation, "hand_over", by=by, expected_version=expected_version, translator=translator,
        second_reader=second_reader,
    )  # fmt: skip


def translations_hand_over(*, translations: Sequence[Translation], translator: User, by: Actor) -> int:
    """Give translations of one translator to another, all or none; who reads them second stays. Return how many.

    Raises as translation_hand_over.
    """
    with transaction.atomic(), one_act():
        for row in translations:
            translation_hand_over(translation=row, translator=translator, second_reader=row.second_reader, by=by)
    return len(translations)


def translation_cancel(
    *, translation: Translation, by: Actor, reason: str, expected_version: int | None = None
) -> Translation:
    """End a translation that is not wanted any more; its texts stay for a later one. Raises as translation_send_back."""
    return perform(translation, "cancel", by=by, expected_version=expected_version, reason=reason)


# --- the glossary ---


def term_add(
    *, source_language: str, target_language: str, term: str, translation: str, by: Actor, note: str = ""
) -> GlossaryTerm:
    """Write a term into the glossary of the actor's authority.

    Raises:
        ActForbidden: the role may not.
        DataWrong: a language that is none, or the pair stands there already.
    """
    reasons = [
        Reason("no_such_language", _("“%(code)s” is no code of a language (BCP 47)") % {"code": code[:40]}, field=name)
        for name, code in (("source_language", source_language), ("target_language", target_language))
        if not _LANGUAGE.fullmatch(code)
    ]
    if source_language == target_language:
        reasons.append(Reason("same_language", _("give two languages"), field="target_language"))
    reasons += _empty((("term", term), ("translation", translation)))
    if reasons:
        raise DataWrong("create", reasons)
    row = GlossaryTerm(
        authority_id=by.authority_id or 0,
        source_language=source_language,
        target_language=target_language,
        term=term.strip(),
        translation=translation.strip(),
        note=note,
    )
    try:
        with transaction.atomic(), one_act():
            return create(row, act="create", by=by, effects=Effects(detail={"term": row.term}))
    except IntegrityError as error:
        raise _known() from error


def term_change(
    *, row: GlossaryTerm, term: str, translation: str, note: str, by: Actor, expected_version: int | None = None
) -> GlossaryTerm:
    """Change a term. Raises as term_add; VersionChanged where somebody else changed it meanwhile."""
    if reasons := _empty((("term", term), ("translation", translation))):
        raise DataWrong("change", reasons)
    try:
        with transaction.atomic():
            return perform(
                row, "change", by=by, expected_version=expected_version, term=term.strip(),
                translation=translation.strip(), note=note,
            )  # fmt: skip
    except IntegrityError as error:
        raise _known() from error


def term_withdraw(*, row: GlossaryTerm, by: Actor, expected_version: int | None = None) -> GlossaryTerm:
    """Take a term out of use. Raises ActForbidden, ActNotPossible, VersionChanged."""
    return perform(row, "withdraw", by=by, expected_version=expected_version)


def _empty(given: Iterable[tuple[str, str]]) -> list[Reason]:
    return [Reason("missing", _("is missing"), field=name) for name, value in given if not value.strip()]


def _known() -> DataWrong:
    message = _("the glossary has this term with this translation")
    return DataWrong("term", [Reason("term_known", message, field="term")])
