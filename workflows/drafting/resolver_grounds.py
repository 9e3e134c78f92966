"""On which grounds a request can be refused or postponed: those of every instrument in play, and what bars them.

The bars of the treaties against terrorism, and the like, hold for the offences those treaties cover. Grounds
of domestic law are beside this list, so it never says that a request cannot be refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from workflows.drafting.resolver_types import BasisEntry, Resolution

Barred = Literal["no", "perhaps", "yes"]


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground under one instrument. `barred` is perhaps where it cannot be told that the barring instrument applies.

    `only_if_none`: it counts only if no treaty on mutual legal assistance binds the pair, which is not known.
    """

    ground: str
    instrument: str
    article: str
    note: str
    to_be_confirmed: bool
    barred: Barred = "no"
    barred_by: tuple[tuple[str, str], ...] = ()
    only_if_none: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {
            "ground": self.ground,
            "instrument": self.instrument,
            "article": self.article,
            "note": self.note,
            "to_be_confirmed": self.to_be_confirmed,
            "barred": self.barred,
            "only_if_no_treaty_binds": self.only_if_none,
            "barred_by": [{"instrument": code, "article": article} for code, article in self.barred_by],
        }


def grounds_in_play(resolution: Resolution) -> tuple[Ground, ...]:
    """Return the grounds of the instruments in force for the pair that reach, or may reach, offence and measure.

    Paragraphs that give way to a treaty on mutual legal assistance do not count where one binds the pair; where
    that is not known, their grounds say so and their bars hold perhaps.
    Sorted by ground, then instrument.
    """
    inside = [entry for entry in resolution.in_force if entry.scope.answer != "not" and entry.role != "channel"]
    bars = [
        (entry, bar)
        for entry in inside
        for bar in entry.law.rules.bar
        if ("*" in bar.offences or resolution.offence.category in bar.offences) and _applies(entry, bar.residual)
    ]
    found = []
    for entry in inside:
        for refusal in entry.law.rules.refusal:
            if refusal.measures and resolution.measure not in refusal.measures:
                continue
            if not _applies(entry, refusal.residual):
                continue
            against = [(by, bar) for by, bar in bars if bar.ground == refusal.ground]
            certain = any(
                by.scope.answer == "in_scope" and not by.holds_only_if_none(bar.residual) for by, bar in against
            )
            found.append(
                Ground(
                    ground=refusal.ground,
                    instrument=entry.instrument,
                    article=refusal.article,
                    note=refusal.note,
                    to_be_confirmed=refusal.confidence != "verified",
                    barred="yes" if certain else "perhaps" if against else "no",
                    barred_by=tuple((by.instrument, bar.article) for by, bar in against),
                    only_if_none=entry.holds_only_if_none(refusal.residual),
                )
            )
    return tuple(sorted(found, key=lambda ground: (ground.ground, ground.instrument, ground.article)))


def _applies(entry: BasisEntry, residual: bool) -> bool:
    return not residual or entry.residual_applies != "no"
