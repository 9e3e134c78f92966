"""The root of the errors that are told to a person. Each says what is wrong and where."""

from __future__ import annotations


class MlaError(Exception):
    """An expected error: shown as its message, never as a traceback."""


class SettingsIncomplete(MlaError):
    """Start-up is refused; the message names every missing or unfit value."""
