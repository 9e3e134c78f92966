"""The root of the errors that are told to a person. Each says what is wrong and where."""

from __future__ import annotations

from typing import ClassVar


class MlaError(Exception):
    """An expected error: shown as its message, never as a traceback."""

    #: Whether the message is of our own words alone and quotes nothing of a case: then the record of a job may hold it.
    own_words: ClassVar[bool] = False


class SettingsIncomplete(MlaError):
    """Start-up is refused; the message names every missing or unfit value."""
