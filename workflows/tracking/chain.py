"""The picture of a chain of custody: who had an exhibit, step after step. Pure; the table beside it says the same in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workflows.lifecycle.models import CustodyEntry

STEP, LANE, MARGIN = 64, 44, 28
#: Lanes and steps that a picture has room for; of a longer chain the last steps are drawn.
MOST_LANES, MOST_STEPS = 8, 60


@dataclass(frozen=True, slots=True)
class Dot:
    x: int
    y: int
    entry: CustodyEntry


@dataclass(frozen=True, slots=True)
class Lane:
    name: str
    y: int


@dataclass(frozen=True, slots=True)
class Chain:
    """Points in pixels; `line`: the points of the way, as SVG takes them. `left_out`: earlier steps not drawn."""

    width: int
    height: int
    lanes: list[Lane]
    dots: list[Dot]
    line: str
    left_out: int


def chain_picture(custody: Sequence[CustodyEntry], *, mirrored: bool = False) -> Chain | None:
    """Return the picture of a chain, oldest step first; from the right where the page is read so. None of an empty one."""
    if not custody:
        return None
    drawn = list(custody)[-MOST_STEPS:]
    names: list[str] = []
    placed: list[int] = []
    for entry in drawn:
        holder = entry.to_whom or (names[placed[-1]] if placed else entry.by)
        if holder not in names:
            names.append(holder)
        placed.append(min(names.index(holder), MOST_LANES - 1))
    lanes = [Lane(name, MARGIN + number * LANE) for number, name in enumerate(names[:MOST_LANES])]
    width = 2 * MARGIN + (len(drawn) - 1) * STEP
    dots = []
    for number, (entry, lane) in enumerate(zip(drawn, placed, strict=True)):
        x = MARGIN + number * STEP
        dots.append(Dot(width - x if mirrored else x, lanes[lane].y, entry))
    line = " ".join(f"{dot.x},{dot.y}" for dot in dots)
    return Chain(width, 2 * MARGIN + (len(lanes) - 1) * LANE, lanes, dots, line, len(custody) - len(drawn))
