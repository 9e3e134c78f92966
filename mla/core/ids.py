"""Public identifiers: UUID version 7 (RFC 9562, section 5.7), readable as a rough order of time.

Rows are ordered by their bigint identity, never by these: identifiers made by several
processes do not sort in commit order.
"""

from __future__ import annotations

import os
import time
import uuid


def uuid7() -> uuid.UUID:
    """Return a fresh UUID whose first 48 bits are the Unix time in milliseconds."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)
