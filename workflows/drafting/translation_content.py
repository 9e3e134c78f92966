"""The letter in its other language: the same structure, its own content hash, and what the certificate says."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from mla.core.canonical import content_hash
from mla.core.errors import MlaError
from mla.core.reasons import Reason
from workflows.drafting.freezing import letter_template_version, names_now
from workflows.drafting.letterfile import LetterFile, letter_from
from workflows.drafting.models_translation import Translation, TranslationAnnex, TranslationUnit
from workflows.drafting.parsing import LetterFileWrong
from workflows.drafting.translation_checks import paragraphs_in
from workflows.drafting.translation_units import with_texts

FORMAT = "mla-translation/1"
#: Stands in a preview for each paragraph that is not translated yet; the same in every language.
NOT_YET = "[…]"


class TranslationIncomplete(MlaError):
    """Texts are not done yet; `paths` names them."""

    def __init__(self, paths: list[str]) -> None:
        self.paths = paths
        super().__init__(_("not translated yet: %(places)s") % {"places": ", ".join(paths[:10])})


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate of translation says: who translated and read it, when (UTC), from which content to which.

    `annexes`: key, title in the target language, and how it is translated: full, summary, none.
    """

    translator: str
    second_reader: str
    source_language: str
    target_language: str
    source_hash: str
    target_hash: str
    source_title: str
    target_title: str
    certified_at: dt.datetime
    read_at: dt.datetime | None
    annexes: tuple[tuple[str, str, str], ...] = ()


def translation_content(translation: Translation) -> LetterFile:
    """Return the letter in the target language, with the structure of its source, as far as it leaves the house.

    Raises:
        TranslationIncomplete: a text is missing, a draft, or its source changed.
        LetterFileWrong: a text does not fit its place, named by its path.
    """
    return _letter(_translated(translation))


def translated_content(translation: Translation) -> dict[str, Any]:
    """Return exactly what the content hash of a translation covers.

    As `freezing.frozen_content`, and `of`: the content hash of the source; `source_language`; each annex with its
    `translation`. Raises as `translation_content` does.
    """
    if translation.certified_content is not None:
        return dict(translation.certified_content)
    return _content(translation, _translated(translation))


def content_so_far(translation: Translation) -> dict[str, Any]:
    """Return the content as `translated_content` does, of one that is not done with NOT_YET where a text is to be written.

    A draft stands as it is; a text whose source changed is to be written. Raises as `translation_content`, but for what
    is not done.
    """
    if translation.certified_content is not None:
        return dict(translation.certified_content)
    written = (TranslationUnit.Status.DONE, TranslationUnit.Status.DRAFT)
    texts = {
        unit.path: unit.target
        if unit.target and unit.status in written
        else "\n\n".join([NOT_YET] * paragraphs_in(unit.source))
        for unit in translation.units.all()
    }
    return _content(translation, _with(translation, texts))


def _content(translation: Translation, changed: dict[str, Any]) -> dict[str, Any]:
    source = translation.source.frozen_content or {}
    letter = _letter(changed)
    names = names_now(letter)
    decided = {row.key: row for row in translation.annexes.all()}
    kept = {name: source[name] for name in ("sealed", "reference_data_version") if name in source}
    more = {"difference": changed["difference"]} if "difference" in changed else {}
    return {
        "format": FORMAT,
        "of": translation.source.content_hash,
        "source_language": source["letter"]["language"],
        "letter": changed["letter"],
        # What an earlier letter named and this one does not is named as it was.
        "names": {group: source["names"].get(group, {}) | named for group, named in names.items()},
        "annexes": [annex | {"translation": _annex_told(decided.get(annex["id"]))} for annex in changed["annexes"]],
        "template_version": letter_template_version(translation.language),
        **kept,
        **more,
    }


def translated_hash(content: dict[str, Any]) -> str:
    """Return the content hash of a translation, 64 hexadecimal digits."""
    return content_hash(content)


def content_problems(translation: Translation) -> list[Reason]:
    """Return what keeps the texts from making a letter, each by its place."""
    try:
        translation_content(translation)
    except TranslationIncomplete as error:
        return [Reason("texts_not_done", str(error))]
    except LetterFileWrong as wrong:
        return [Reason("text_wrong", f"{one.where}: {one.message}") for one in wrong.problems]
    return []


def certificate_of(translation: Translation) -> Certificate | None:
    """Return what the certificate says, None while the translation is not certified."""
    if translation.certified_at is None or translation.certified_content is None:
        return None
    content = translation.certified_content
    reader = translation.second_reader
    return Certificate(
        translator=str(translation.translator),
        second_reader=str(reader) if reader and translation.read_at else "",
        source_language=content["source_language"],
        target_language=translation.language,
        source_hash=content["of"],
        target_hash=translation.content_hash,
        source_title=(translation.source.frozen_content or {})["letter"]["title"],
        target_title=content["letter"]["title"],
        certified_at=translation.certified_at,
        read_at=translation.read_at,
        annexes=tuple((one["id"], one["title"], one["translation"].get("how", "")) for one in content["annexes"]),
    )


def _translated(translation: Translation) -> dict[str, Any]:
    units = list(translation.units.all())
    missing = [unit.path for unit in units if unit.status != TranslationUnit.Status.DONE]
    if missing:
        raise TranslationIncomplete(missing)
    return _with(translation, {unit.path: unit.target for unit in units})


def _with(translation: Translation, texts: dict[str, str]) -> dict[str, Any]:
    changed = with_texts(translation.source.frozen_content or {}, texts)
    changed["letter"]["language"] = translation.language
    return changed


def _letter(changed: dict[str, Any]) -> LetterFile:
    annexes = [{"id": annex["id"], "title": annex["title"]} for annex in changed["annexes"]]
    return letter_from(changed["letter"] | ({"annexes": annexes} if annexes else {}))


def _annex_told(decision: TranslationAnnex | None) -> dict[str, Any]:
    if decision is None:
        return {}
    told = {"how": decision.how, "reason": decision.reason, "summary": decision.summary, "sha256": decision.sha256}
    return {name: value for name, value in told.items() if value}
