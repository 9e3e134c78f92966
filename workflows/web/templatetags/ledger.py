"""Words of the ledger of evidence: what an instrument says of the use, in the language of the page."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from mla.core.languages import house_words
from mla.reference.ledger import UseLimit

register = template.Library()


@register.filter
def house(text: str) -> str:
    """Return words of a data file in the language of the page."""
    return house_words(text)


@register.filter
def exculpatory(limit: UseLimit) -> str:
    """Say whether what is exculpatory may be disclosed all the same; what is not known says so."""
    return {
        "yes": _("Exculpatory: may be disclosed after a notice."),
        "no": _("Exculpatory: no exception."),
    }.get(limit.exculpatory, _("Exculpatory: not known."))
