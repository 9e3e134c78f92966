"""Templates of an authority: saved from a letter under a name, saved again as the next version, withdrawn, never lost."""

from __future__ import annotations

from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.reasons import Reason
from mla.core.text import TextRefused, clean
from workflows.drafting.copying import question_kinds
from workflows.drafting.models import Confidentiality, LetterVersion
from workflows.drafting.models_reuse import LetterTemplate
from workflows.drafting.models_sealed import sealed_now
from workflows.drafting.templating import PARTS_KEPT, places_of_a_case, template_content
from workflows.engine.acts import one_act
from workflows.engine.errors import ConditionsNotMet, DataWrong
from workflows.engine.machine import Effects
from workflows.engine.perform import create, perform, require_right


def template_save(
    *, source: LetterVersion, name: str, parts: Collection[str], by: Actor
) -> tuple[LetterTemplate, bool]:
    """Save parts of a letter as a template of the actor's authority, and tell whether that made a version.

    `source` is a version that the actor may read (`access_version_by_number`). A name that the authority has gets its
    next version; the same content under it stays as it is, so that a second press changes nothing. For supervisors
    and legal officers.

    Raises:
        ActForbidden: the role may not.
        DataWrong: no name, no part, a field that does not fit.
        ConditionsNotMet: the letter is restricted; a text names a person, an identifier or a reference of the letter.
    """
    fresh = LetterTemplate(authority_id=by.authority_id or 0, letter=source.letter, saved_by_id=by.user_id or 0)
    # Before anything is told of the letter.
    require_right(fresh, "save_again", by=by)
    try:
        name = clean(name).strip()
    except TextRefused as refused:
        raise DataWrong("create", [Reason("text_refused", str(refused), field="name")]) from refused
    if not name:
        raise DataWrong("create", [Reason("no_name", _("give the template a name"), field="name")])
    content, kept = template_content(source.content, parts, kinds=question_kinds())
    if not kept:
        message = _("tick at least one part of which the letter says something")
        raise DataWrong("create", [Reason("no_part", message, field="parts")])
    _require_general(source, name, content)
    try:
        with transaction.atomic(), one_act():
            return _saved(fresh, name, kept, content, by)
    except IntegrityError:
        # The second of two presses that came at once.
        if not LetterTemplate.objects.filter(authority=by.authority_id, name=name).exists():
            raise
    with one_act():
        return _saved(fresh, name, kept, content, by)


def _saved(
    fresh: LetterTemplate, name: str, kept: list[str], content: dict[str, object], by: Actor
) -> tuple[LetterTemplate, bool]:
    there = LetterTemplate.objects.select_for_update(of=("self",)).filter(authority=by.authority_id, name=name).first()
    if there is None:
        fresh.name, fresh.parts, fresh.content, fresh.saved_at = name, kept, content, clock.now()
        effects = Effects(rows=[fresh.kept()], detail=fresh.facts())
        return create(fresh, act="create", by=by, effects=effects), True
    if there.status == LetterTemplate.Status.IN_USE and (there.parts, there.content) == (kept, content):
        return there, False
    return perform(there, "save_again", by=by, letter=fresh.letter, parts=kept, content=content), True


def _require_general(source: LetterVersion, name: str, content: dict[str, object]) -> None:
    """Refuse what tells of the case.

    Raises:
        ConditionsNotMet: naming each part.
    """
    if source.letter.confidentiality == Confidentiality.RESTRICTED:
        message = _("a restricted letter makes no template: more people would see it than were named")
        raise ConditionsNotMet("template", [Reason("restricted", message)])
    sealed = {key: row.particulars for key, row in sealed_now(source).items()}
    reasons = []
    for part in places_of_a_case(content, name, source.content, sealed):
        if part == "name":
            message = _("the name tells of a person, an identifier or a reference of this letter: give another")
        else:
            message = _("“%(part)s” names a person, an identifier or a reference of this letter: leave it out") % {
                "part": PARTS_KEPT.get(part, part)
            }
        reasons.append(Reason("tells_of_the_case", message, field="name" if part == "name" else "parts"))
    if reasons:
        raise ConditionsNotMet("template", reasons)


def template_withdraw(*, template: LetterTemplate, by: Actor) -> LetterTemplate:
    """Take a template out of use: it is offered no more and stays to be read. One withdrawn before stays as it is.

    For supervisors and legal officers of its authority.

    Raises:
        ActForbidden: the role may not, or it is another authority's.
    """
    with one_act():
        now = LetterTemplate.objects.select_for_update(of=("self",)).get(pk=template.pk)
        require_right(now, "withdraw", by=by)
        return perform(now, "withdraw", by=by) if now.status == LetterTemplate.Status.IN_USE else now
