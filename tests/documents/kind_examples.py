"""An example of each kind of document, made from its typed context: all that can be said, and only what must be."""

from __future__ import annotations

import datetime as dt
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

from tests.documents import factory
from workflows.documents.case_documents import Frame
from workflows.documents.kinds import Kind
from workflows.documents.kinds.redacted_copy import redacted
from workflows.documents.wording import document_language
from workflows.drafting.letterfile import LetterFile

#: Words for the fields whose name alone makes no sentence.
SAID = {
    "registered_as": "AL-RC-117/2026",
    "contact": "Registry, section 2\nregistry@justice.example.net",
    "question": "Which port did the address use on 1 March 2026?",
    "answer": "Port 49152, as the log of the server shows.",
    "UseAnswer.answer": "consent is given on the conditions stated here",
    "key": "M1",
    "name": "Subscriber information",
    "item": "M1",
    "title": "records-M1.csv",
    "media_type": "text/csv",
    "decision": "postponed",
    "article": "Budapest Convention, article 27(5)",
    "ground": "The action would prejudice an investigation of the requested State",
    "decided_by": "Head of the Directorate",
    "executing": "Prosecution Office of Example Town",
    "translator": "Translator A",
    "qualification": "sworn in at the Regional Court of Example Town",
    "given_by": "Public Prosecutor's Office, Cybercrime Division",
    "source_language": "en",
    "translation_language": "fr",
    "mission": "Embassy of the Federal Republic of Germany in Tirana",
    "ministry": "Ministry for Europe and Foreign Affairs",
}  # fmt: skip
LONG = "A first sentence.\n\nA second paragraph of the same text, which goes on for a while, so that its line breaks."


#: On the cover of a document whose case is not confidential.
OPEN = {"marking": "", "check_url": "https://mla.example.net/check"}


def frame(language: str = "en", **changes: Any) -> Frame:
    cover = factory.cover(**{"content_hash": "", "signed_on": None} | changes)
    return Frame(
        language,
        cover,
        "Germany",
        "Albania",
        ("DE", "AL"),
        "Attack with ransomware on a hospital",
        dt.date(2026, 3, 21),
    )


def context_type(kind: Kind) -> Any:
    return get_type_hints(kind.context)["return"]


def example(kind: Kind, *, long: bool, language: str = "en", text: str = "") -> Any:
    """Return the context of a kind with all fields, or only with those that have no default. `text`: in every text."""
    with document_language(language):
        return _made(context_type(kind), long, text)


def _made(model: Any, long: bool, text: str) -> Any:
    hints = get_type_hints(model)
    if hints.get("letter") is LetterFile:
        return _of_letter(model, long, text)
    needed = [one for one in fields(model) if long or one.default is MISSING]
    return model(**{one.name: _value(model, one.name, hints[one.name], long, text) for one in needed})


def _of_letter(model: Any, long: bool, text: str) -> Any:
    letter = (
        factory.letter() if long else factory.letter(persons=[], facts=[], related=[], statements={}, assurances=[])
    )
    if not long:
        letter = letter.model_copy(update={"items": tuple(i.model_copy(update={"persons": ()}) for i in letter.items)})
    if text:
        letter = letter.model_copy(update={"title": text})
    copy = redacted(letter, factory.names())
    return copy if model is type(copy) else model(letter, factory.names())


def _value(model: Any, name: str, hint: Any, long: bool, text: str) -> Any:
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        rows = 3 if long else 1
        return tuple(_made(inner, long, text) if is_dataclass(inner) else name for _row in range(rows))
    kinds = set(get_args(hint)) or {hint}
    if dt.date in kinds:
        return dt.date(2026, 4, 15)
    if bool in kinds:
        return name != "returned"
    if int in kinds:
        return 48_213
    if "sha256" in name:
        return factory.HASH
    return text or SAID.get(f"{model.__name__}.{name}") or SAID.get(name) or (LONG if long else f"Said of {name}.")
