"""A translation as a file for an agency, and the file that comes back: all of it, or nothing."""

from __future__ import annotations

import hashlib

from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.reasons import Reason
from workflows.drafting.models_translation import Translation, TranslationUnit
from workflows.drafting.services_translation import target_checked
from workflows.drafting.xliff import Found, Head, Problem, XliffWrong, tmx_of, xliff_of, xliff_read
from workflows.engine.acts import one_act
from workflows.engine.errors import DataWrong
from workflows.engine.perform import perform, require_version


def head_of(translation: Translation) -> Head:
    content = translation.source.frozen_content or {}
    return Head(
        translation=str(translation.public_id),
        source_hash=translation.source.content_hash,
        source_language=content["letter"]["language"],
        target_language=translation.language,
    )


def translation_xliff(translation: Translation) -> bytes:
    """Return every text of a translation as XLIFF 2.0. The caller has checked access."""
    units = list(translation.units.all())
    hints = {
        unit.path: _("The source changed; the target was made from: %(before)s") % {"before": unit.source_before}
        for unit in units
        if unit.source_before
    }
    return xliff_of(head_of(translation), units, hints)


def translation_tmx(translation: Translation) -> bytes:
    """Return what is done of a translation as TMX. The caller has checked access."""
    done = translation.units.filter(status=TranslationUnit.Status.DONE)
    return tmx_of(head_of(translation), done, clock.now())


def translation_bring_in(*, translation: Translation, data: bytes, done: bool, by: Actor) -> int:
    """Take the targets of an XLIFF file, as drafts or as done; return how many texts changed.

    Texts without a target in the file stay as they are.

    Raises:
        XliffWrong: see xliff.xliff_read; or a text that was saved here after the file went out, or does not fit.
        ActForbidden, ActNotPossible: not this person's, or not now.
    """
    state = TranslationUnit.Status.DONE if done else TranslationUnit.Status.DRAFT
    with one_act():
        # Under the lock: nobody saves a text between the look and the act.
        require_version(translation, Translation.objects.select_for_update(of=("self",)).get(pk=translation.pk).version)
        units = {unit.path: unit for unit in translation.units.all()}
        found = xliff_read(data, head_of(translation), units.values())
        texts = _texts(found, units, str(state))
        perform(translation, "bring_in", by=by, texts=texts, sha256=hashlib.sha256(data).hexdigest())
    return len(texts)


def _texts(found: list[Found], units: dict[str, TranslationUnit], state: str) -> dict[str, tuple[str, str]]:
    texts: dict[str, tuple[str, str]] = {}
    problems: list[Problem] = []
    for one in found:
        unit = units[one.path]
        try:
            target = target_checked(unit, one.target, act="bring_in")
        except DataWrong as wrong:
            problems += [Problem(reason.code, reason.message, one.path) for reason in wrong.reasons]
            continue
        if target == unit.target and (unit.status == state or unit.status == TranslationUnit.Status.DONE):
            continue
        if unit.status == TranslationUnit.Status.REVIEW and target == unit.target:
            # The old target comes back unread: the mark stays.
            continue
        if unit.target and unit.target != target and one.number != unit.number:
            message = _("was saved here after the file went out; neither text is lost: choose by hand")
            problems.append(Problem("saved_here", message, one.path))
            continue
        if target:
            texts[one.path] = (target, state)
    if problems:
        raise XliffWrong(problems)
    return texts


def problems_as_reasons(wrong: XliffWrong) -> list[Reason]:
    return [Reason(one.code, str(one), field="file") for one in wrong.problems]
