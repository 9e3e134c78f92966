"""Files beside a taking over: what was left out of it, with the reasons, and an example to begin from. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from mla.core.spreadsheet import safe_cell
from workflows.lifecycle.importing import COLUMNS
from workflows.lifecycle.importing_lines import Checked

#: So that Excel reads it as UTF-8.
_MARK = b"\xef\xbb\xbf"

_EXAMPLE = (
    {
        "direction": "out", "our_reference": "77/2025", "their_reference": "", "state": "FR", "authority": "",
        "subject": "Bank records, fraud against pensioners", "measures": "bank-records", "date": "2025-11-03",
        "last_act": "", "status": "sent", "needed_by": "2026-09-30", "channel": "paper", "note": "file 12, shelf B",
    },
    {
        "direction": "in", "our_reference": "E 12/2025", "their_reference": "2025/A/881", "state": "FR",
        "authority": "", "subject": "Testimony of a witness", "measures": "testimony", "date": "2025-12-01",
        "last_act": "2026-01-07", "status": "closed", "outcome": "executed", "channel": "diplomatic",
    },
)  # fmt: skip


def left_out_csv(lines: Sequence[Checked], *, delimiter: str) -> bytes:
    """Return the lines as a CSV file that can be mended and brought in by itself: a first column says what is wrong."""
    if not lines:
        return _MARK
    header = [_("what is wrong"), *(word for word, _cell in lines[0].line.cells)]
    rows = [
        [
            "; ".join(_said(problem.column, problem.message) for problem in one.problems),
            *(cell for _w, cell in one.line.cells),
        ]
        for one in lines
    ]
    return _written([header, *rows], delimiter)


def example_csv() -> bytes:
    """Return a file with every column and a line for each direction."""
    return _written([list(COLUMNS), *([row.get(column, "") for column in COLUMNS] for row in _EXAMPLE)], ";")


def _said(column: str, message: str) -> str:
    return f"{column}: {message}" if column else message


def _written(rows: Iterable[Sequence[str]], delimiter: str) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return _MARK + text.getvalue().encode()
