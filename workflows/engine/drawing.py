"""A machine as a picture, drawn from its declared acts: its statuses one below the other, and every way between them.

Each way leaves its status in a row of its own with the acts that lead there, runs down (or, dashed, up) in a lane of
its own and ends at the head of the status that it leads to.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from workflows.engine.machine import acts_of
from workflows.engine.models import CaseRow

#: In the units of the picture, which is as wide as its ways need.
BOX, LABELS, ROW, LANE, GAP, EDGE = 190, 330, 22, 12, 16, 8
#: So many characters of small letters fit beside a box.
LETTERS = 52

STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1c2430}.name{font-weight:600}.small{font-size:11.5px}"
    ".box{fill:#f3f5f8;stroke:#51606f}.way{fill:none;stroke:#51606f;stroke-width:1.3}.back{stroke-dasharray:5 3}"
)


@dataclass(frozen=True, slots=True)
class Way:
    """All acts that lead from one status to another."""

    source: str
    target: str
    acts: tuple[str, ...]


def machine_ways(model: type[CaseRow]) -> tuple[list[Way], dict[str, int]]:
    """Return the ways between different statuses, in the order of statuses, and how many acts leave each where it is."""
    status: Any = model._meta.get_field("status")  # type: ignore[misc]
    order = [str(value) for value, _label in status.choices or []]
    ways: dict[tuple[str, str], list[str]] = {}
    same = dict.fromkeys(order, 0)
    for name, transitions in acts_of(model).items():
        for found in transitions:
            if found.target is None or found.target == found.source:
                same[str(found.source)] += 1
            else:
                ways.setdefault((str(found.source), str(found.target)), []).append(name)
    places = {status: place for place, status in enumerate(order)}
    pairs = sorted(ways, key=lambda pair: (places[pair[0]], places[pair[1]]))
    return [Way(*pair, tuple(sorted(ways[pair]))) for pair in pairs], same


def machine_svg(model: type[CaseRow]) -> str:
    """Return the picture of a machine as SVG, the same for the same acts. For the documentation."""
    ways, same = machine_ways(model)
    order = list(same)
    labels = {way: _lines(way.acts) for way in ways}
    parts, tops, y = [], {}, EDGE
    for status in order:
        mine = [way for way in ways if way.source == status]
        rows = sum(len(labels[way]) for way in mine)
        height = ROW * (1 + max(rows, 1 if same[status] else 0))
        tops[status] = y
        parts.append(f'<rect class="box" x="{EDGE}" y="{y}" width="{BOX}" height="{height}" rx="5"/>')
        parts.append(_text(EDGE + 10, y + 16, status, "name"))
        if same[status]:
            words = f"{same[status]} act{'s' if same[status] > 1 else ''} that leave{'' if same[status] > 1 else 's'} it here"
            parts.append(_text(EDGE + 10, y + ROW + 14, words, "small"))
        y += height + GAP
    lanes = {way: number for number, way in enumerate(sorted(ways, key=lambda way: _span(way, order)))}
    used: dict[str, int] = {}
    for way in ways:
        row = used.get(way.source, 0)
        used[way.source] = row + len(labels[way])
        parts += _way(way, labels[way], row, tops, EDGE + BOX + LABELS + LANE * (lanes[way] + 1), order)
    width = EDGE + BOX + LABELS + LANE * (len(ways) + 1) + EDGE
    words = f"Statuses of {model._meta.verbose_name}, and the acts that lead from one to another"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" width="{width}" height="{y}" role="img">'
        f"<title>{escape(words)}</title><style>{STYLE}</style>"
        '<defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#51606f"/></marker></defs>'
        f'<rect width="{width}" height="{y}" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def _span(way: Way, order: list[str]) -> tuple[int, int, int]:
    """Short ways run in the lanes nearest to the boxes."""
    source, target = order.index(way.source), order.index(way.target)
    return abs(target - source), source, target


def _way(way: Way, lines: list[str], row: int, tops: dict[str, int], lane: int, order: list[str]) -> list[str]:
    right = EDGE + BOX
    y, end = tops[way.source] + ROW * (row + 1) + 11, tops[way.target] + 11
    back = " back" if order.index(way.target) < order.index(way.source) else ""
    parts = [_text(right + 12, y + 4 + ROW * number, line, "small") for number, line in enumerate(lines)]
    begin = right + 16 + round(6.2 * len(lines[0]))
    path = f"M{min(begin, right + LABELS)} {y}H{lane}V{end}H{right + 2}"
    return [*parts, f'<path class="way{back}" d="{path}" marker-end="url(#end)"/>']


def _lines(acts: tuple[str, ...]) -> list[str]:
    lines = [""]
    for name in acts:
        if lines[-1] and len(lines[-1]) + len(name) + 2 > LETTERS:
            lines.append("")
        lines[-1] += f", {name}" if lines[-1] else name
    return lines


def _text(x: int, y: int, words: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(words)}</text>'
