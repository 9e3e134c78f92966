"""How the working copy looks in a word processor: styles, fonts, language, direction, the frame of every page.

Fonts are those that word processors of the receiving States have, not the letter's own. Pure but for python-docx's
template, from which the styles begin.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from workflows.documents.assets import letter_folder
from workflows.documents.word_parts import Run, Style

#: Millimetres between the margins, as in letter.css.
TEXT_WIDTH: Final = 158.0
#: Twentieths of a point in a millimetre.
TWIPS: Final = 1440 / 25.4

LATIN: Final = "Times New Roman"
_ARABIC: Final = "Traditional Arabic"
#: By the form of Han characters that the letter has.
_HAN: Final = {"zh": "SimSun", "zh-hant": "PMingLiU", "ja": "MS Mincho", "ko": "Batang"}
_FIXED: Final = "Courier New"
#: Around a run of the other direction, or a full stop at its end would stand on the wrong side of it.
_MARKS: Final = {"ltr": "\u200e", "rtl": "\u200f"}
#: What no XML holds.
_IMPOSSIBLE: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: The style of each kind of paragraph: its identifier, its name (that of the word processor where it has one), what it
#: is based on, its level among headings, points, whether bold, and millimetres: before, after, from the edge, hanging.
_STYLES: Final[dict[Style, tuple[str, str, int, float, bool, float, float, float, float]]] = {
    "title": ("Heading1", "heading 1", 1, 15, True, 1, 3, 0, 0),
    "heading": ("Heading2", "heading 2", 2, 11.5, True, 7, 2.4, 0, 0),
    "subheading": ("Heading3", "heading 3", 3, 10.5, True, 5.5, 1, 10, 0),
    "para": ("LetterParagraph", "Letter Paragraph", 0, 10.5, False, 0, 2.2, 10, 10),
    "text": ("LetterText", "Letter Text", 0, 10.5, False, 0, 1, 0, 0),
    "office": ("LetterOffice", "Letter Office", 0, 13, True, 0, 0.8, 0, 0),
    "name": ("LetterAddressee", "Letter Addressee", 0, 10.5, True, 6, 0, 0, 0),
    "small": ("LetterSmall", "Letter Small", 0, 9, False, 0, 0.5, 0, 0),
    "meta": ("LetterMeasure", "Letter Measure", 0, 9, False, 0, 2.4, 10, 0),
    "digest": ("LetterDigest", "Letter Digest", 0, 8.5, False, 0, 1, 0, 0),
    "cell": ("LetterCell", "Letter Cell", 0, 9.5, False, 0.6, 0.6, 0, 0),
    "caption": ("Caption", "caption", 0, 9.5, True, 3, 1.4, 0, 0),
    "fill": ("LetterForm", "Letter Form", 0, 10.5, False, 0, 9, 0, 0),
    "framed": ("LetterNotice", "Letter Notice", 0, 10.5, False, 0, 0, 0, 0),
}


def style_id(style: Style) -> str:
    return _STYLES[style][0]


def fonts(han: str, *, fixed: bool = False) -> str:
    latin = _FIXED if fixed else LATIN
    east = _HAN.get(han, _HAN["zh"])
    return f'<w:rFonts w:ascii="{latin}" w:hAnsi="{latin}" w:eastAsia="{east}" w:cs="{_FIXED if fixed else _ARABIC}"/>'


def restyle(styles: Any, *, language: str, direction: str, han: str) -> None:
    """Put the letter's styles in place of the template's, with its language and direction. `styles`: the XML element."""
    kept = {"Normal", "DefaultParagraphFont", "TableNormal", "NoList", "Header", "Footer"}
    for one in list(styles.findall(qn("w:style"))):
        if one.get(qn("w:styleId")) not in kept:
            styles.remove(one)
        else:
            # The template's tab stops are those of another paper.
            for tabs in one.findall(f"{qn('w:pPr')}/{qn('w:tabs')}"):
                tabs.getparent().remove(tabs)
    for one in styles.findall(qn("w:docDefaults")) + styles.findall(qn("w:latentStyles")):
        styles.remove(one)
    tongue = tongue_xml(language, direction)
    both = "<w:bidi/>" if direction == "rtl" else ""
    styles.insert(
        0,
        parse_xml(
            f'<w:docDefaults {nsdecls("w")}><w:rPrDefault><w:rPr>{fonts(han)}<w:sz w:val="21"/><w:szCs w:val="21"/>'
            f'{tongue}</w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>{both}<w:spacing w:after="0" w:line="288" '
            f'w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>'
        ),
    )
    for identifier, name, level, size, bold, before, after, edge, hanging in _STYLES.values():
        custom = "" if level or name == "caption" else 'w:customStyle="1"'
        outline = "<w:keepNext/><w:keepLines/>" if level or name == "caption" else ""
        numbered = f'<w:outlineLvl w:val="{level - 1}"/>' if level else ""
        framed = (
            "<w:pBdr>"
            + "".join(
                f'<w:{side} w:val="single" w:sz="8" w:space="4" w:color="auto"/>'
                for side in ("top", "left", "bottom", "right")
            )
            + "</w:pBdr>"
            if name == "Letter Notice"
            else ""
        )
        tabs = f'<w:tabs><w:tab w:val="left" w:pos="{_twips(edge)}"/></w:tabs>' if hanging else ""
        indent = f'<w:ind w:left="{_twips(edge)}" w:hanging="{_twips(hanging)}"/>' if edge else ""
        weight = "<w:b/><w:bCs/>" if bold else ""
        face = fonts(han, fixed=True) if name == "Letter Digest" else ""
        styles.append(
            parse_xml(
                f'<w:style {nsdecls("w")} w:type="paragraph" w:styleId="{identifier}" {custom}><w:name w:val="{name}"/>'
                f'<w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{outline}{framed}{tabs}'
                f'<w:spacing w:before="{_twips(before)}" w:after="{_twips(after)}"/>{indent}{numbered}</w:pPr>'
                f'<w:rPr>{face}{weight}<w:sz w:val="{int(size * 2)}"/><w:szCs w:val="{int(size * 2)}"/></w:rPr></w:style>'
            )
        )


def tongue_xml(language: str, direction: str) -> str:
    """Return what says the language of a run."""
    # Where there is one value for the scripts of Europe, one for those of East Asia, one for those from the right.
    base = language.split("-")[0].lower()
    east = f'w:eastAsia="{language}"' if base in ("zh", "ja", "ko") else ""
    bidi = f'w:bidi="{language}"' if direction == "rtl" else ""
    return f'<w:lang w:val="{"en-GB" if east or bidi else language}" {east} {bidi}/>'


def runs_xml(runs: tuple[Run, ...], *, direction: str, han: str, bold: bool = False, tongue: str = "") -> str:
    """Return the runs of a paragraph as XML. Text of a paragraph from the right says so, unless it runs from the left.

    `tongue`: the language of the paragraph where it is not that of the file (tongue_xml).
    """
    return "".join(_run(run, direction, han, bold or run.bold, tongue) for run in runs)


def _run(run: Run, direction: str, han: str, bold: bool, tongue: str = "") -> str:
    right = (run.direction or direction) == "rtl"
    look = "".join(
        (
            fonts(han, fixed=True) if run.fixed else "",
            "<w:b/><w:bCs/>" if bold else "",
            '<w:sz w:val="17"/><w:szCs w:val="17"/>' if run.fixed else "",
            "<w:rtl/>" if right else "",
            tongue,
        )
    )
    look = f"<w:rPr>{look}</w:rPr>" if look else ""
    if run.counts:
        return _field("PAGE" if run.counts == "page" else "NUMPAGES", look)
    mark = _MARKS.get(run.direction, "") if run.direction != direction else ""
    return f"<w:r>{look}{text_xml(f'{mark}{run.text}{mark}')}</w:r>"


def text_xml(text: str) -> str:
    """Return a text as XML of a run: tabs and line ends as such."""
    made = []
    for part in re.split("([\t\n])", _IMPOSSIBLE.sub("\ufffd", text)):
        if part == "\t":
            made.append("<w:tab/>")
        elif part == "\n":
            made.append("<w:br/>")
        elif part:
            made.append(f'<w:t xml:space="preserve">{escape(part)}</w:t>')
    return "".join(made)


def _field(code: str, look: str) -> str:
    def mark(kind: str) -> str:
        return f'<w:r>{look}<w:fldChar w:fldCharType="{kind}"/></w:r>'

    told = f'<w:r>{look}<w:instrText xml:space="preserve"> {code} </w:instrText></w:r>'
    return f"{mark('begin')}{told}{mark('separate')}<w:r>{look}<w:t>1</w:t></w:r>{mark('end')}"


def widths(kind: str, columns: tuple[str, ...], count: int) -> list[int]:
    """Return the width of each column in twips: what the style sheet says, and the rest shared out equally."""
    known = column_widths()
    told = [known.get(f".{kind} .{name}", known.get(f".{name}", 0.0)) for name in columns] or [0.0] * count
    if not columns and count == 2:
        told = [45.0, 0.0]
    # Cells of a word processor have edges of their own.
    told = [max(width, 14.0) if width else 0.0 for width in (told + [0.0] * count)[:count]]
    free = told.count(0.0)
    left = max(TEXT_WIDTH - sum(told), 20.0 * free)
    return [_twips(width or left / free) for width in told]


@cache
def column_widths() -> dict[str, float]:
    """Return the widths of columns, in millimetres, by their place in the letter's style sheet."""
    sheet = (letter_folder() / "letter.css").read_text(encoding="utf-8")
    return {
        name: float(width) for name, width in re.findall(r"^((?:\.\w+ )?\.c-[\w-]+) \{ width: ([0-9.]+)mm", sheet, re.M)
    }


def attribute(text: str) -> str:
    return quoteattr(_IMPOSSIBLE.sub("\ufffd", text))


def element(tag: str, **attributes: str) -> Any:
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def _twips(millimetres: float) -> int:
    return round(millimetres * TWIPS)
