"""What the documents know of a letter while it is drafted: whether it can be printed at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from mla.core.reasons import Finding
from workflows.drafting.findings.law import View, gap


def glyph_findings(view: View) -> Iterator[Finding]:
    """Yield a gap for each text that no font can print: better told to the drafter than to the job after the approval."""
    # Fonts are read once per process, half a second; a page without a letter does not need them.
    from workflows.documents.glyphs import FontsMissing, missing_glyphs

    try:
        missing = list(missing_glyphs(view.letter.content()))
    except FontsMissing:
        # A machine that only shows pages may have none; where documents are made this stops the work.
        return
    for one in missing:
        said = _("Line %(line)s, column %(column)s holds %(code)s (%(name)s), which no font of the letter can print.")
        parts = {"line": one.line, "column": one.column, "code": one.code, "name": one.name}
        yield gap("not_printable", re.sub(r"\[\d+\]$", "", one.place), said % parts)
