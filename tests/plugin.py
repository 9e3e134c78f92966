"""Starts the servers before any test worker does, and gives tests the application's own database role."""

from __future__ import annotations

import os

os.environ.setdefault("MLA_MODE", "test")

from mla import services

if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
    # The controller starts them before its workers exist; a worker only joins.
    services.ensure_services()
