"""What our part of a PDF costs beside WeasyPrint's: the same HTML, both sides in turns of one run.

The raw side is WeasyPrint with fonts that it knows already, nothing attached or tagged, in a fork as ours is. Ours is what
a warm worker does: context, templates, the fork, tags and metadata, attachment, hash, storing; then the signature.
Beside the clock stands processor time: it says more where other work runs on the machine.
"""

from __future__ import annotations

import contextlib
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from unittest import mock

from mla.core.canonical import canonical_bytes
from mla.core.files import file_store
from workflows.demo import bench
from workflows.documents import letters, signing
from workflows.documents.forking import Bounds, in_fork
from workflows.documents.limits import LETTER_CHARACTERS, texts_of
from workflows.documents.preloading import preload_worker
from workflows.documents.rendering import RenderedPdf, plain_pdf
from workflows.documents.signing_keys import SigningConfig, signing_config
from workflows.documents.values import Cover, Names
from workflows.documents.verifying import document_check
from workflows.drafting.letterfile import LetterFile

#: A sentence of facts in each script, made up, and how many of it fill a page.
TEXTS = {
    "en": "On 12 March 2026 at 02:14:09 (UTC+01:00) a person not yet known opened a session on the server at 198.51.100.23,"
    " port 49152, and copied the files of the accounting department to an address that the provider assigned that day. ",
    "ar": "في 12 مارس 2026 في الساعة 02:14:09 (UTC+01:00) فتح شخص لم تُعرف هويته بعد جلسة على الخادم ذي العنوان 198.51.100.23"
    " ونسخ ملفات إدارة المحاسبة إلى عنوان خصصه مقدم الخدمة في ذلك اليوم. ",
    "zh-Hans": "2026年3月12日02:14:09（UTC+01:00），一名身份尚不明确的人员在地址为198.51.100.23的服务器上建立会话，"
    "并将会计部门的文件复制到服务提供者当日分配的地址。",
}
A_PAGE = {"en": 13.4, "ar": 17.5, "zh-Hans": 19.5}
#: Pages of the letter without any of these sentences.
REST = 4
#: Entries of facts; the format takes 500.
ENTRIES = 480
COVER = Cover("XX-2026-1", ("Central Authority",), ("Other Authority",), by_certificate=True)
_BOUNDS = Bounds(wall_seconds=300, cpu_seconds=200, memory_bytes=3 << 30)

Size = int | Literal["longest"]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Sized:
    """A letter of about as many pages as asked, or the longest that the product accepts.

    `accepted`: whether the product would take it. Past its bounds the letter is put together all the same.
    """

    language: str
    letter: LetterFile
    html: str
    accepted: bool

    @property
    def canonical(self) -> bytes:
        return canonical_bytes(self.letter.content())


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock and of the processor, children included."""

    clock: float
    processor: float


def sized(language: str, size: Size) -> Sized:
    """Return a letter in `language`: the fourth example with one of everything, and with more or less of its facts."""
    example = bench.examples()[3].letter.content()
    few = {name: example[name][:1] for name in ("facts", "items", "offences", "persons", "contacts") if name in example}
    left_out = ("annexes", "key_dates", "related", "assurances", "preserved")
    base = {name: value for name, value in (example | few | {"language": language}).items() if name not in left_out}
    sentence = TEXTS[language]
    if size == "longest":
        sentences = (LETTER_CHARACTERS - _characters(base)) // (len(sentence) + 1)
    else:
        sentences = max(0, round((size - REST) * A_PAGE[language]))
    entries = min(ENTRIES, sentences // 2)
    facts = [
        {"text": _paragraphs(sentence, sentences // entries + (index < sentences % entries))}
        for index in range(entries)
    ]
    letter = LetterFile.model_validate({**base, "facts": [*base["facts"], *facts]})
    html = letters.letter_html(letter, COVER, Names())
    return Sized(language, letter, html, _characters(letter.content()) <= LETTER_CHARACTERS)


def _paragraphs(sentence: str, count: int) -> str:
    """Return so many sentences, two to a paragraph: a letter of 200 pages is as dense as one of 40."""
    return "\n\n".join((sentence * min(2, count - at)).strip() for at in range(0, count, 2))


def _characters(content: dict[str, Any]) -> int:
    return sum(len(text) for _path, text in texts_of(content))


def raw(one: Sized) -> Took:
    """WeasyPrint alone, on the same HTML and style sheet; measured inside the fork."""

    def work() -> tuple[dict[str, Any], bytes]:
        took = taking(lambda: plain_pdf(one.html))[1]
        return {"clock": took.clock, "processor": took.processor}, b""

    return Took(**in_fork(work, _BOUNDS)[0])


def ours(one: Sized) -> RenderedPdf:
    """Everything a warm worker does for the unsigned file."""
    refusing = (
        contextlib.nullcontext() if one.accepted else mock.patch.object(letters, "check_size", lambda content: None)
    )
    with refusing:
        made = letters.letter_pdf(one.letter, COVER, Names(), canonical_json=one.canonical, identifier="urn:bench:1")
    file_store(made.pdf)
    return made


def taking(work: Callable[[], Answer]) -> tuple[Answer, Took]:
    """Return what `work` returned and what it took."""
    clock, processor = time.perf_counter(), _processor()
    answer = work()
    return answer, Took(time.perf_counter() - clock, _processor() - processor)


def _processor() -> float:
    return sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def measure(sizes: list[Size], languages: list[str], rounds: int, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return a row a letter: milliseconds of each side and the ratios, medians over `rounds` turns, fewer of long ones."""
    preload_worker()
    config = signing_config()
    # The first of all meets a processor and a cache that are cold.
    ours(sized(languages[0], 4))
    rows = []
    # The small first: the system tells the largest fork so far, not that of each.
    for size in sizes:
        turns = rounds if size == 4 else max(1, rounds // 2) if size == 40 else 1
        for language in languages:
            rows.append(_row(sized(language, size), size, turns, config))
            say(f"{language}, {rows[-1]['pages']} pages")
    return rows


def _row(one: Sized, size: Size, turns: int, config: SigningConfig) -> dict[str, Any]:
    place = config.key_of("xx-central")
    by_raw: list[Took] = []
    by_us: list[Took] = []
    signed: list[Took] = []
    checked: list[Took] = []
    pages = 0
    for number in range(turns):
        if number % 2 == 0:
            by_raw.append(raw(one))
        made, took = taking(lambda: ours(one))
        by_us.append(took)
        if number % 2:
            by_raw.append(raw(one))
        pdf, pages = made.pdf, made.pages
        ready, took = taking(lambda pdf=pdf: signing.sign(pdf, place).pdf)  # type: ignore[misc]
        signed.append(took)
        checked.append(taking(lambda ready=ready: document_check(ready, config.trust))[1])  # type: ignore[misc]
    return {
        "asked": size,
        "language": one.language,
        "pages": pages,
        "accepted": one.accepted,
        "raw_ms": _middle(by_raw, "clock"),
        "ours_ms": _middle(by_us, "clock"),
        "ours_to_raw": _ratio(by_us, by_raw, "clock"),
        "raw_cpu_ms": _middle(by_raw, "processor"),
        "ours_cpu_ms": _middle(by_us, "processor"),
        "ours_to_raw_cpu": _ratio(by_us, by_raw, "processor"),
        "cpu_ms_a_page": round(_middle(by_us, "processor") / pages, 1),
        "sign_ms": _middle(signed, "clock"),
        "sign_cpu_ms": _middle(signed, "processor"),
        "check_cpu_ms": _middle(checked, "processor"),
        "largest_fork_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }


def _middle(took: list[Took], name: str) -> float:
    return round(statistics.median(getattr(one, name) for one in took) * 1000, 1)


def _ratio(some: list[Took], others: list[Took], name: str) -> float:
    pairs = zip(some, others, strict=True)
    return round(statistics.median(getattr(one, name) / getattr(other, name) for one, other in pairs), 3)
