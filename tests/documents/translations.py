"""A letter of the tests in another language: every typed text replaced, its paragraphs kept. The words mean nothing."""

from __future__ import annotations

from typing import Any

from workflows.drafting.letterfile import LetterFile

#: A sentence to be repeated, with Latin names and figures in it, as translators leave them.
SENTENCES = {
    "ar": "طلبت النيابة العامة حفظ البيانات المخزّنة لدى الشركة Example Hosting قبل 31 مارس 2026.",
    "de": "Die Staatsanwaltschaft ersucht um die Sicherung der gespeicherten Computerdaten bis zum 31. März 2026.",
    "en": "The prosecutor asks that the stored computer data be preserved until 31 March 2026.",
    "es": "La fiscalía solicita la conservación de los datos informáticos almacenados hasta el 31 de marzo de 2026.",
    "fr": "Le parquet demande la conservation des données informatiques stockées jusqu’au 31 mars 2026.",
    "pt": "O Ministério Público pede a conservação dos dados informáticos armazenados até 31 de março de 2026.",
    "ru": "Прокуратура просит обеспечить сохранность хранимых компьютерных данных до 31 марта 2026 года.",
    "zh-Hans": "检察机关请求在2026年3月31日之前保全由Example Hosting公司存储的计算机数据，并提供用户信息。",
}
#: Fields that a translator puts into the other language.
_TYPED = frozenset(
    "title subject stage conducting_authority functions powers reason user_notification note office function hours"
    " description provision law_text maximum_penalty conduct place text source holds_because service nexus necessity"
    " procedure period_reason time_limit_reason purpose reciprocity speciality data_protection costs admissibility"
    " tipping_off given_by data_to_preserve new_question elements".split()
)
_LONG = frozenset({"text", "law_text", "conduct", "nexus", "reason"})


def translated(letter: LetterFile, language: str, *, times: int = 1) -> LetterFile:
    """Return the letter in `language`; each text about as long as it was, the long ones `times` as long."""
    sentence = SENTENCES[language]

    def said(value: str, times: int) -> str:
        parts = []
        for part in value.split("\n\n"):
            count = max(1, round(len(part) / len(sentence))) * times
            parts.append(" ".join([sentence] * count))
        return "\n\n".join(parts)

    def walk(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: walk(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [walk(inner, key) for inner in value]
        if not isinstance(value, str) or key not in _TYPED:
            return value
        # A line has at most 300 characters.
        return said(value, times if key in _LONG else 1) if len(value) > 60 else sentence

    return LetterFile.model_validate(walk(letter.content()) | {"language": language})
