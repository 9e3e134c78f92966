"""Cells of a file that people open in a spreadsheet (OWASP, CSV injection). Pure; any caller may."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: where it would, an apostrophe stands before it."""
    return f"'{text}" if text[:1] in _FORMULA else text


def plain_cell(text: str) -> str:
    """Return what `safe_cell` was given, from a file that comes back."""
    return text[1:] if text[:1] == "'" and text[1:2] in _FORMULA else text
