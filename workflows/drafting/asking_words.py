"""A condition of a question as a person reads it: “way of hearing: by video link or by telephone conference”."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from mla.core.languages import house_words
from workflows.drafting.asking import ANSWERS, NONE_YET, OWN, Condition
from workflows.drafting.measures import Measure
from workflows.drafting.place_words import field_words

_PREDICATES: dict[str, Any] = {
    "instruments": lazy("legal basis"),
    "urgency": lazy("urgency"),
    "stage": lazy("nature of the proceedings"),
    "channel": lazy("channel"),
    "confidentiality": lazy("confidentiality"),
    "identifier_types": lazy("kind of address or number"),
    "person_roles": lazy("role of a person"),
    "offence_categories": lazy("kind of offence"),
}

_LEVELS: dict[str, Any] = {
    "routine": lazy("routine"), "urgent": lazy("urgent"), "emergency": lazy("emergency"),
    "normal": lazy("normal"), "confidential": lazy("confidential"), "restricted": lazy("restricted"),
    "ip": lazy("IP address"), "natural": lazy("natural person"), "unknown": lazy("not yet identified"),
    "yes": lazy("yes"), "no": lazy("no"), "not_known": lazy("not known"),
}  # fmt: skip


def _plain(condition: Condition, value: str) -> str:
    return str(_LEVELS.get(value, value)) if value else field_words(condition.of)


#: Gives the word for a value of a predicate, or of a field that `own` looks at.
WordOf = Callable[[Condition, str], str]


def conditions_told(conditions: Iterable[Condition], measure: Measure | None = None, word: WordOf = _plain) -> str:
    """Return conditions in words, in the active language. `word` says a value that is none of the measure's own."""
    return "; ".join(_told(condition, measure, word) for condition in conditions)


def _told(condition: Condition, measure: Measure | None, word: WordOf) -> str:
    question = measure.question(condition.of) if measure and condition.predicate == ANSWERS else None
    if question is not None:
        yes_no = {"yes": _("yes"), "no": _("no")}
        what = house_words(question.short)
        named = [yes_no.get(v) or house_words(question.choice_label(v)) for v in condition.values if v != NONE_YET]
    else:
        what = word(condition, "") if condition.predicate == OWN else str(_PREDICATES[condition.predicate])
        named = [word(condition, value) for value in condition.values if value != NONE_YET]
    if NONE_YET in condition.values:
        named.append(_("nothing chosen yet"))
    values = _(" or ").join(filter(None, (", ".join(named[:-1]), named[-1])))
    if what.endswith("?"):
        return _("“%(values)s” to “%(what)s”") % {"what": what, "values": values}
    return _("%(what)s: %(values)s") % {"what": what, "values": values}
