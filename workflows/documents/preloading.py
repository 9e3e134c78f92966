"""What a worker that makes documents has ready before it forks, so that its first letter takes as long as any other.

Beside WeasyPrint: templates, catalogues and the fonts in each language of letters, the measures, the way
to the storage, and the keys in files.
A fork finds the fonts that its parent looked for: looking for them is up to a third of a short letter's time.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from typing import Final

from django.template.loader import get_template, render_to_string

from mla.core.files import storage_ready
from mla.core.letter_languages import letter_languages
from workflows.documents.assets import letter_folder
from workflows.documents.contexts import cover_context, han_of
from workflows.documents.formats import direction_of, instant, listed
from workflows.documents.isolation import set_apart
from workflows.documents.rendering import preload
from workflows.documents.signing_keys import SigningNotSetUp, signing_config
from workflows.documents.values import Cover
from workflows.documents.wording import document_language
from workflows.drafting.measures import measure_catalogue

logger = logging.getLogger(__name__)

_SAMPLE: Final = "documents/letter/sample.html"
_MOMENT: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def preload_worker() -> None:
    """Do once, before the pool forks, what the first letter would do otherwise. About three seconds.

    Raises:
        FontsMissing: a required font is not installed: such a worker does not start.
    """
    # Imported here: only a worker that signs has a use for them.
    from workflows.documents import signing, with_translation  # noqa: F401 - what counts is that it is loaded

    measure_catalogue()
    storage_ready()
    for template in sorted(letter_folder().parent.rglob("*.html")):
        get_template(str(template.relative_to(letter_folder().parents[1])))
    preload(samples())
    try:
        signing.hold_keys(signing_config())
    except SigningNotSetUp as error:
        # Told again, at the letter, by the first that needs the key.
        logger.warning("no key is held beforehand: %s", error)


def samples() -> Iterator[str]:
    """Yield one page for each language of letters, with each kind of element that a letter has."""
    for language, told in letter_languages().items():
        with document_language(language):
            text = listed([f"{told.name} Aa 1", instant(_MOMENT, language)], language)
            page = render_to_string(
                _SAMPLE,
                {
                    "language": language,
                    "direction": direction_of(language),
                    "han": han_of(),
                    "text": text,
                    "cover": cover_context(Cover("-", ("-",), ("-",), content_hash="0" * 64), language)
                    | {"marking": text},
                },
            )
        yield set_apart(page, language)
