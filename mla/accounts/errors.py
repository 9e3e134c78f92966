"""Why people and their hats cannot be changed. Each is told to the person who tried."""

from __future__ import annotations

from mla.core.errors import MlaError


class MembersChangeRefused(MlaError):
    """The change does not fit; the message says why, and nothing was changed."""


class MembersChangeForbidden(MembersChangeRefused):
    """The actor is neither an administrator of that authority nor the operator of the installation."""
