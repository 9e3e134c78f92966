"""What a letter's context is made from beside the letter itself: its cover, and what its codes mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import ngettext

from workflows.documents.formats import listed

#: Code of the basis that is no instrument but the offer of the same assistance in return.
RECIPROCITY = "RECIPROCITY"
#: The link in the page (templates/documents/letter/_closing.html) that becomes the signature field of the PDF; its name.
FIELD_NAME = "signature-field"


@dataclass(frozen=True, slots=True)
class Cover:
    """What is on the letter but not in its content: references, dates of acts, signatory, stamps.

    `sender` and `addressee` are printed line by line, the first being the office's name. Hashed with the
    content in the document's SHA-256, never in the content hash. Without a marking the letter's own level of
    confidentiality gives one. `confirms_on`: on which day the letter went out provisionally that this one confirms,
    `confirms_sha256` the PDF of that day. `by_certificate`: the file itself will carry an electronic signature;
    otherwise there is room for ink and seal. `check_url`: where anybody can check the document, empty for nowhere.
    `draft`: says so across every page.
    """

    own_reference: str
    sender: tuple[str, ...]
    addressee: tuple[str, ...]
    peer_reference: str = ""
    place: str = ""
    signed_on: dt.date | None = None
    signatory: str = ""
    marking: str = ""
    content_hash: str = ""
    version_number: int = 1
    provisional: bool = False
    provisional_reason: str = ""
    confirms_on: dt.date | None = None
    confirms_sha256: str = ""
    by_certificate: bool = False
    check_url: str = ""
    draft: bool = False


@dataclass(frozen=True, slots=True)
class InstrumentName:
    short: str
    full: str = ""


@dataclass(frozen=True, slots=True)
class QuestionName:
    """A measure's own question: its kind decides how the answer is printed."""

    label: str
    kind: str
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MeasureName:
    """A measure's name, its questions in their order, and its partial: ``measures/<slug>.html``; its forms to be signed."""

    name: str
    questions: Mapping[str, QuestionName] = field(default_factory=dict)
    template: str = "measures/other.html"
    certificates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnnexFile:
    sha256: str
    size: int
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class SealedAnnex:
    """The annex under seal, as the letter names it: the hash of what it says, and the keys of those it is about."""

    sha256: str
    persons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """What the codes of a letter mean, in the language of the letter, and what else was frozen with it."""

    jurisdictions: Mapping[str, str] = field(default_factory=dict)
    authorities: Mapping[str, str] = field(default_factory=dict)
    instruments: Mapping[str, InstrumentName] = field(default_factory=dict)
    measures: Mapping[str, MeasureName] = field(default_factory=dict)
    annexes: Mapping[str, AnnexFile] = field(default_factory=dict)
    sealed: SealedAnnex | None = None
    proof: Mapping[str, str] = field(default_factory=dict)
    #: What the letter says otherwise than an earlier one, as it was frozen; empty for a letter of its own.
    difference: Mapping[str, Any] = field(default_factory=dict)

    def jurisdiction(self, code: str | None) -> str:
        return self.jurisdictions.get(code or "", code or "")

    def authority(self, code: str | None) -> str:
        return self.authorities.get(code or "", code or "")

    def instrument(self, code: str) -> InstrumentName:
        return self.instruments.get(code, InstrumentName(code))

    def measure(self, slug: str) -> MeasureName:
        return self.measures.get(slug, MeasureName(slug))


def cite(instrument: str, articles: Sequence[str], language: str) -> str:
    """Return an instrument with its articles, such as ``Budapest Convention, articles 29 and 31``."""
    if not articles:
        return instrument
    return ngettext("%(instrument)s, article %(articles)s", "%(instrument)s, articles %(articles)s", len(articles)) % {
        "instrument": instrument,
        "articles": listed(articles, language),
    }
