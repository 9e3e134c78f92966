"""On which grounds a request can be refused or postponed: those of every instrument in play, and what bars them.

The bars of the treaties against terrorism, and the like, hold for the offences those treaties cover. Grounds
of domestic law are beside this list, so it never says that a request cannot be refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from mla.reference.rules import Answer
from workflows.drafting.resolver_types import BasisEntry, Resolution

Barred = Literal["no", "perhaps", "yes"]


@dataclass(frozen=True, slots=True)
class Switch:
    """What switches a ground off. `sole`: as the only ground; `certain`: its instrument is known to apply."""

    ground: str
    instrument: str
    name: str
    article: str
    note: str
    sole: bool
    certain: bool
    to_be_confirmed: bool


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground under one instrument. `barred` is perhaps where it cannot be told that the barring instrument applies.

    `only_if_none`: it counts only if no treaty on mutual legal assistance binds the pair, which is not known.
    `scope`: whether the instrument reaches offence and measure. `kept`: the instrument saves it
    expressly beside the grounds that it switches off.
    """

    ground: str
    instrument: str
    article: str
    note: str
    to_be_confirmed: bool
    barred: Barred = "no"
    barred_by: tuple[tuple[str, str], ...] = ()
    only_if_none: bool = False
    scope: Answer = "in_scope"
    kept: bool = False
    switches: tuple[Switch, ...] = ()

    @property
    def sole(self) -> bool:
        """Tell whether what switches it off does so only where it is the only ground."""
        certain = [one.sole for one in self.switches if one.certain]
        return bool(certain) and all(certain)

    def as_dict(self) -> dict[str, Any]:
        return {
            "ground": self.ground,
            "instrument": self.instrument,
            "article": self.article,
            "note": self.note,
            "to_be_confirmed": self.to_be_confirmed,
            "barred": self.barred,
            "barred_as_the_only_ground": self.sole,
            "only_if_no_treaty_binds": self.only_if_none,
            "barred_by": [{"instrument": code, "article": article} for code, article in self.barred_by],
        }


def grounds_in_play(resolution: Resolution) -> tuple[Ground, ...]:
    """Return the grounds of the instruments in force for the pair that reach, or may reach, offence and measure.

    Paragraphs that give way to a treaty on mutual legal assistance do not count where one binds the pair; where
    that is not known, their grounds say so and their bars hold perhaps.
    Sorted by ground, then instrument.
    """
    switches = switches_in_play(resolution)
    found = []
    for entry in _inside(resolution):
        for refusal in entry.law.rules.refusal:
            if refusal.measures and resolution.measure not in refusal.measures:
                continue
            if not _applies(entry, refusal.residual):
                continue
            against = tuple(one for one in switches if one.ground == refusal.ground)
            certain = any(one.certain for one in against)
            found.append(
                Ground(
                    ground=refusal.ground,
                    instrument=entry.instrument,
                    article=refusal.article,
                    note=refusal.note,
                    to_be_confirmed=refusal.confidence != "verified",
                    barred="yes" if certain else "perhaps" if against else "no",
                    barred_by=tuple((one.instrument, one.article) for one in against),
                    only_if_none=entry.holds_only_if_none(refusal.residual),
                    scope=entry.scope.answer,
                    kept=refusal.kept,
                    switches=against,
                )
            )
    return tuple(sorted(found, key=lambda ground: (ground.ground, ground.instrument, ground.article)))


def switches_in_play(resolution: Resolution) -> tuple[Switch, ...]:
    """Return what the instruments that reach, or may reach, offence and measure switch off for this offence."""
    return tuple(
        Switch(
            ground=bar.ground,
            instrument=entry.instrument,
            name=entry.law.short_name,
            article=bar.article,
            note=bar.note,
            sole=bar.sole,
            certain=entry.scope.answer == "in_scope" and not entry.holds_only_if_none(bar.residual),
            to_be_confirmed=bar.confidence != "verified",
        )
        for entry in _inside(resolution)
        for bar in entry.law.rules.bar
        if ("*" in bar.offences or resolution.offence.category in bar.offences) and _applies(entry, bar.residual)
    )


def _inside(resolution: Resolution) -> list[BasisEntry]:
    return [entry for entry in resolution.in_force if entry.scope.answer != "not" and entry.role != "channel"]


def _applies(entry: BasisEntry, residual: bool) -> bool:
    return not residual or entry.residual_applies != "no"
