"""The translation of a letter of the demonstration, as its translator and second reader make it: text by text, certified."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mla.accounts.actors import Actor
from mla.accounts.models import User
from workflows.demo.people import Cast
from workflows.drafting.models import LetterVersion
from workflows.drafting.models_translation import Translation, TranslationUnit
from workflows.drafting.services_translation import (
    annex_decide,
    translation_assign,
    translation_cancel,
    translation_certify,
    translation_finish,
    translation_read,
    unit_save,
)


@dataclass(frozen=True, slots=True)
class Texts:
    """A translation as a file of the examples holds it: texts by path, those written after a change, and the annexes."""

    language: str
    texts: Mapping[str, str]
    changed: Mapping[str, str] = field(default_factory=dict)
    annexes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def texts_of(path: Path) -> Texts:
    """Return the translation in a file of examples/letters/translations. Raises OSError, TOMLDecodeError, TypeError."""
    told: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    return Texts(**told)


def translate(version: LetterVersion, texts: Texts, cast: Cast) -> Translation:
    """Have a frozen version translated and read a second time. What an earlier version's translation says is kept."""
    translator, reader = cast.translator(), cast.legal()
    translation = translation_assign(
        version=version,
        language=texts.language,
        translator=_person(translator),
        second_reader=_person(reader),
        by=cast.desk(),
    )
    written = {**texts.texts, **(texts.changed if translation.carried_from else {})}
    for unit in translation.units.exclude(status=TranslationUnit.Status.DONE):
        target = written[unit.path]
        unit_save(translation=translation, unit=unit, target=target, done=True, seen=unit.number, by=translator)
    for key, one in texts.annexes.items():
        annex_decide(
            translation=translation, key=key, by=translator, how=one["how"], reason=one.get("reason", ""),
            summary=one.get("summary", ""),
        )  # fmt: skip
    translation_finish(translation=translation, by=translator)
    return translation_read(translation=translation, by=reader)


def certify(translation: Translation, cast: Cast) -> Translation:
    return translation_certify(translation=translation, by=cast.translator())


def give_up(translation: Translation, cast: Cast) -> None:
    """End the translation of a version that is not sent any more; its texts stay for the next."""
    translation_cancel(translation=translation, by=cast.desk(), reason="The letter was returned for changes.")


def _person(actor: Actor) -> User:
    return User.objects.get(pk=actor.user_id or 0)
