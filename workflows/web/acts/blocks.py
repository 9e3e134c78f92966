"""Forms with several rows of the same fields, each in a block that unfolds, and choices from rows with a code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from mla.core.languages import house_words
from mla.reference.coded import Coded
from mla.reference.models import Instrument
from workflows.web.acts import ActForm
from workflows.web.acts.fields import cited


@dataclass(frozen=True, slots=True)
class Block:
    """The fields of one row, for the page. `open`: it is shown unfolded."""

    title: str
    fields: list[Any]
    open: bool


class BlocksForm(ActForm):
    """`PARTS`: the names of a row's fields, each with the row's number behind. `TITLE`: with %(number)s in it."""

    PARTS: ClassVar[tuple[str, ...]]
    MOST: ClassVar[int]
    TITLE: ClassVar[Any]

    def begun(self, number: int, fields: list[Any]) -> bool:
        """Tell whether something was put into a row."""
        return any(field.data or field.errors for field in fields)

    def blocks(self) -> Iterator[Block]:
        """Yield the fields of each row; the first is open, and so is one that was begun."""
        for number in range(1, self.MOST + 1):
            fields = [self[f"{part}_{number}"] for part in self.PARTS]
            title = str(self.TITLE) % {"number": number}
            yield Block(title, fields, number == 1 or self.begun(number, fields))

    def rest(self) -> list[Any]:
        """The other fields, in their order."""
        names = {f"{part}_{number}" for part in self.PARTS for number in range(1, self.MOST + 1)}
        return [field for field in self.visible_fields() if field.name not in names]


def coded_choices(rows: Mapping[str, Coded], content: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the rows as choices, each with the articles of the instruments that the letter cites.

    What is to be confirmed says so. The list informs; which of them fits is the reader's to judge.
    """
    codes = cited(content)
    names = dict(Instrument.objects.filter(code__in=codes).values_list("code", "short_name"))
    found = []
    for one in rows.values():
        label = house_words(one.name)
        rules = [rule for code in codes if (rule := one.rule_of(code)) is not None]
        if rules:
            articles = ", ".join(f"{names.get(rule.instrument, rule.instrument)} {rule.article}" for rule in rules)
            label = f"{label} ({articles})"
        if any(rule.to_be_confirmed for rule in rules):
            label = _("%(ground)s · to be confirmed") % {"ground": label}
        found.append((one.code, label))
    return found
