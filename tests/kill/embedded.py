"""What lives of one demonstration with embedded servers of its own."""

from __future__ import annotations

import contextlib

import psutil

from mla import services

#: In the environment of every process of one demonstration.
MARK = "MLA_KILL_RUN"


def living(mark: str, where: services.Location) -> list[psutil.Process]:
    """Return what lives of a demonstration: its own processes, and the servers that it started."""
    found = [*services._processes(where, "postgres"), *services._processes(where, "valkey")]
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found
