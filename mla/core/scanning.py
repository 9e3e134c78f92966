"""Asking a ClamAV daemon about a file. Configured by CLAMD_ADDRESS; a daemon that does not answer lets nothing through.

The two commands of its protocol that are needed are spoken here: the Python clients are under the GPL, reach
IPv4 alone, or are no longer kept.
"""

from __future__ import annotations

import socket
import struct
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from mla.core.errors import MlaError

#: Seconds of silence after which the daemon counts as away; a large file is looked at for as long.
SCAN_SECONDS = 120.0
_PIECE = 256 * 1024


class HarmfulContent(MlaError):
    """The scanner knows the content as harmful; the message names what it found."""


class ScannerUnavailable(MlaError):
    """A scanner is configured and gave no verdict; nothing may pass."""


def scan_file(content: BinaryIO) -> None:
    """Have a file looked at from its beginning; it stands at its beginning afterwards. Free where none is configured.

    Raises:
        HarmfulContent: the scanner found something.
        ScannerUnavailable: it cannot be reached, breaks off, or answers anything but a verdict.
    """
    address: str = settings.CLAMD_ADDRESS
    if not address:
        return
    content.seek(0)
    try:
        with _connected(address) as connection:
            answer = _streamed(connection, content)
    except (OSError, ValueError) as error:
        raise ScannerUnavailable(
            _("the virus scanner does not answer, so the file was not taken; try again later")
        ) from error
    finally:
        content.seek(0)
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK":
        return
    if verdict.endswith(" FOUND"):
        found = verdict.removesuffix(" FOUND")
        raise HarmfulContent(_("the virus scanner found harmful content: %(found)s") % {"found": found[:100]})
    raise ScannerUnavailable(
        _("the virus scanner gave no verdict (%(answer)s), so the file was not taken") % {"answer": verdict[:100]}
    )


def scanner_answers() -> bool:
    """Tell whether the configured daemon is there; for the checks of an installation."""
    try:
        with _connected(settings.CLAMD_ADDRESS) as connection:
            connection.sendall(b"zPING\0")
            return _answer_of(connection) == "PONG"
    except (OSError, ValueError):
        return False


def _connected(address: str) -> socket.socket:
    """Connect to `/path/of.sock`, `unix:/path/of.sock` or `host:port`."""
    path = address.removeprefix("unix:")
    if path.startswith("/"):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(SCAN_SECONDS)
        try:
            connection.connect(path)
        except OSError:
            connection.close()
            raise
        return connection
    host, _colon, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=SCAN_SECONDS)


def _streamed(connection: socket.socket, content: BinaryIO) -> str:
    connection.sendall(b"zINSTREAM\0")
    try:
        while piece := content.read(_PIECE):
            connection.sendall(struct.pack("!L", len(piece)) + piece)
        connection.sendall(struct.pack("!L", 0))
    except BrokenPipeError:
        # It stops listening when the stream is larger than it takes, and says so.
        pass
    return _answer_of(connection)


def _answer_of(connection: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < 4096:
        piece = connection.recv(4096)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0\n").decode("utf-8", "replace").strip()
