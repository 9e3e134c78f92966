"""Fixtures of the engine's tests."""

from __future__ import annotations

from tests.engine.racing import committed

__all__ = ["committed"]
