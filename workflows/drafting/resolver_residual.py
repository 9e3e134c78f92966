"""Whether the paragraphs that give way to a treaty on mutual legal assistance apply between two States.

That no such treaty is recorded is no proof that there is none: bilateral treaties are added here by hand. So
without a recorded treaty and without the drafter's word the answer is "cannot tell".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from workflows.drafting.resolver_types import Applies, BasisEntry, Excluded, Relation


@dataclass(frozen=True, slots=True)
class Way:
    """`paragraphs` of an instrument that give way, whether they apply, why, and the recorded treaties before them."""

    applies: Applies
    why: str = ""
    paragraphs: tuple[str, ...] = ()
    treaties: tuple[str, ...] = ()
    agreed: bool = False


def way_of(entry: BasisEntry, bound: Sequence[BasisEntry], unknown: Sequence[Excluded], relation: Relation) -> Way:
    """Return whether the residual paragraphs of an instrument in force for both apply. Pure.

    A recorded treaty weighs more than the word that there is none; an agreement to apply the paragraphs instead
    weighs more than a treaty (UNTOC 18(7), UNCAC 46(7), 1988 Convention 7(7), Budapest 27(1)).
    """
    residual = entry.law.rules.residual
    if residual is None:
        return Way("yes")
    paragraphs = residual.only_without_mla_treaty
    treaties = tuple(
        other.instrument
        for other in bound
        if other.law.rules.mla_treaty and other.instrument != entry.instrument and other.scope.answer != "not"
    )
    parts = {"article": residual.article, "paragraphs": ", ".join(paragraphs), "codes": ", ".join(treaties)}
    if paragraphs and entry.instrument in relation.agreed:
        why = _("Article %(article)s: the States have agreed to apply %(paragraphs)s instead of another treaty.")
        return Way("yes", why % parts, paragraphs, treaties, agreed=True)
    if treaties:
        if residual.steps_back:
            why = _("Article %(article)s: %(codes)s binds both States and comes first.")
        else:
            why = _("Beside %(codes)s, which governs the procedure (article %(article)s).")
        return Way("no", why % parts, paragraphs, treaties)
    if relation.other_treaty:
        why = _("Article %(article)s: a treaty that is not recorded here binds both States and comes first.")
        return Way("no", why % parts, paragraphs)
    if relation.other_treaty is False:
        why = _("Article %(article)s: as the drafter states, no treaty on mutual legal assistance binds both States.")
        return Way("yes", why % parts, paragraphs)
    open_ones = [
        other.instrument for other in unknown if other.law.rules.mla_treaty and other.recorded and _both(other)
    ]
    if open_ones:
        why = _("Article %(article)s: whether %(codes)s binds both States is not known.")
        return Way("cannot_tell", why % (parts | {"codes": ", ".join(open_ones)}), paragraphs)
    why = _(
        "Article %(article)s: no treaty on mutual legal assistance between these States is recorded here; whether "
        "one binds them is not known."
    )
    return Way("cannot_tell", why % parts, paragraphs)


def _both(excluded: Excluded) -> bool:
    return bool(excluded.requesting.status and excluded.requested.status)
