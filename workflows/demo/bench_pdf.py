"""What our part of a PDF costs beside WeasyPrint's: the same HTML, both sides in turns of one run.

The raw side is WeasyPrint with a font configuration that stays, nothing attached or tagged. Ours is what a warm
worker does: context, templates, the fork, tags and metadata, attachment, hash, storing; then the signature.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mla.core.canonical import canonical_bytes
from mla.core.files import file_store
from workflows.demo import bench
from workflows.documents import signing
from workflows.documents.letters import letter_html, letter_pdf
from workflows.documents.rendering import plain_pdf, preload
from workflows.documents.signing_keys import signing_config
from workflows.documents.values import Cover, Names
from workflows.documents.verifying import document_check
from workflows.drafting.letterfile import LetterFile, letter_from

#: A paragraph of facts in each script; made up.
TEXTS = {
    "en": "On 12 March 2026 at 02:14:09 (UTC+01:00) a person not yet known opened a session on the server at 198.51.100.23,"
    " port 49152, and copied the files of the accounting department to an address that the provider assigned that day. ",
    "ar": "في 12 مارس 2026 في الساعة 02:14:09 (UTC+01:00) فتح شخص لم تُعرف هويته بعد جلسة على الخادم ذي العنوان 198.51.100.23"
    " ونسخ ملفات إدارة المحاسبة إلى عنوان خصصه مقدم الخدمة في ذلك اليوم. ",
    "zh-hans": "2026年3月12日02:14:09（UTC+01:00），一名身份尚不明确的人员在地址为198.51.100.23的服务器上建立会话，"
    "并将会计部门的文件复制到服务提供者当日分配的地址。",
}
COVER = Cover("XX-2026-1", ("Central Authority",), ("Other Authority",), by_certificate=True)


@dataclass(frozen=True, slots=True)
class Sized:
    """A letter of about as many pages as asked."""

    language: str
    letter: LetterFile
    html: str
    pages: int

    @property
    def canonical(self) -> bytes:
        return canonical_bytes(self.letter.content())


def sized(language: str, pages: int) -> Sized:
    """Return a letter in `language` of about `pages` pages: the first example, with more or less of its facts."""
    example = bench.examples()[0].letter.content()
    per_page = {"en": 11, "ar": 11, "zh-hans": 11}[language]
    base = {**example, "language": language}
    made = _with(base, [])
    count = 0
    for _attempt in range(6):
        if abs(made.pages - pages) <= max(1, pages // 20) or (made.pages > pages and not count):
            break
        count = max(0, count + round((pages - made.pages) * per_page))
        if count and made.pages:
            per_page = max(1, round(count / max(1, made.pages - 5)))
        made = _with(base, [{"text": TEXTS[language] * 2}] * min(count, 480))
    return made


def _with(content: dict[str, Any], facts: list[dict[str, Any]]) -> Sized:
    letter = letter_from({**content, "facts": [*content["facts"][:2], *facts]})
    html = letter_html(letter, COVER, Names())
    return Sized(letter.language, letter, html, plain_pdf(html)[1])


def raw(one: Sized) -> None:
    """WeasyPrint alone, on the same HTML and style sheet."""
    plain_pdf(one.html)


def ours(one: Sized) -> bytes:
    """Everything a warm worker does for the unsigned file."""
    made = letter_pdf(one.letter, COVER, Names(), canonical_json=one.canonical, identifier="urn:bench:1")
    file_store(made.pdf)
    return made.pdf


def measure(sizes: list[int], languages: list[str], rounds: int, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return a row a letter: seconds of each side and the ratios, medians over `rounds` turns."""
    preload()
    config = signing_config()
    place = config.key_of("xx-central")
    rows = []
    for language in languages:
        for pages in sizes:
            one = sized(language, pages)
            seconds: dict[str, list[float]] = {"raw": [], "ours": [], "sign": [], "check": []}
            for number in range(rounds):
                sides: list[tuple[str, Callable[[Sized], Any]]] = [("raw", raw), ("ours", ours)]
                for name, side in sides if number % 2 == 0 else sides[::-1]:
                    began = time.perf_counter()
                    made = side(one)
                    seconds[name].append(time.perf_counter() - began)
                    pdf = made or b"" if name == "ours" else b""
                    if pdf:
                        began = time.perf_counter()
                        signed = signing.sign(pdf, place).pdf
                        seconds["sign"].append(time.perf_counter() - began)
                        began = time.perf_counter()
                        document_check(signed, config.trust)
                        seconds["check"].append(time.perf_counter() - began)
            middle = {name: statistics.median(found) for name, found in seconds.items()}
            rows.append(
                {
                    "language": language,
                    "pages": one.pages,
                    "raw_ms": round(middle["raw"] * 1000),
                    "ours_ms": round(middle["ours"] * 1000),
                    "ours_to_raw": round(statistics.median(map(_ratio, seconds["ours"], seconds["raw"])), 3),
                    "ms_a_page": round(middle["ours"] * 1000 / one.pages, 1),
                    "sign_ms": round(middle["sign"] * 1000, 1),
                    "check_ms": round(middle["check"] * 1000, 1),
                    "largest_fork_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
                }
            )
            say(f"{language}, {one.pages} pages")
    return rows


def _ratio(one: float, other: float) -> float:
    return one / other
