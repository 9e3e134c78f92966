"""Writing a mail as Outlook stores it, for the tests: a compound file [MS-CFB] with the properties of [MS-OXMSG].

As small as the format allows: 512-byte sectors, every stream in sectors of its own or, below 4096 bytes, in the mini
stream; the entries of a storage hang on one another in a row.
"""

from __future__ import annotations

import datetime as dt
import struct
from dataclasses import dataclass, field

SECTOR, MINI, CUTOFF = 512, 64, 4096
FREE, END, FAT, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_EPOCH = dt.datetime(1601, 1, 1, tzinfo=dt.UTC)
UNICODE, BINARY, TIME, LONG = 0x001F, 0x0102, 0x0040, 0x0003

Tree = dict[str, "bytes | Tree"]


def outlook(
    *,
    sender: str,
    to: str,
    subject: str,
    sent: dt.datetime,
    body: str = "",
    headers: str = "",
    files: dict[str, bytes] | None = None,
) -> bytes:
    """Return a mail in Outlook's form. `sent`: aware; `sender`, `to`: addresses."""
    streams, listed = _properties(
        {
            (0x001A, UNICODE): "IPM.Note",
            (0x0037, UNICODE): subject,
            (0x0C1F, UNICODE): sender,
            (0x1000, UNICODE): body,
            (0x007D, UNICODE): headers,
            (0x0039, TIME): sent,
        }
    )
    root: Tree = {
        "__properties_version1.0": struct.pack("<8xIIII8x", 1, len(files or {}), 1, len(files or {})) + listed
    }
    root |= streams
    streams, listed = _properties({(0x3001, UNICODE): to, (0x39FE, UNICODE): to})
    root["__recip_version1.0_#00000000"] = {"__properties_version1.0": bytes(8) + listed} | streams
    for number, (name, data) in enumerate((files or {}).items()):
        streams, listed = _properties({(0x3705, LONG): 1, (0x3707, UNICODE): name, (0x3701, BINARY): data})
        root[f"__attach_version1.0_#{number:08X}"] = {"__properties_version1.0": bytes(8) + listed} | streams
    return compound(root)


def _properties(values: dict[tuple[int, int], str | bytes | int | dt.datetime]) -> tuple[Tree, bytes]:
    """Return the streams of long values, and the list of all."""
    streams: Tree = {}
    listed = b""
    for (number, kind), value in values.items():
        head = struct.pack("<HHI", kind, number, 6)
        if isinstance(value, dt.datetime):
            listed += head + struct.pack("<Q", int((value - _EPOCH) / dt.timedelta(microseconds=1)) * 10)
        elif isinstance(value, int):
            listed += head + struct.pack("<I4x", value)
        else:
            data = value.encode("utf-16-le") if isinstance(value, str) else value
            streams[f"__substg1.0_{number:04X}{kind:04X}"] = data
            listed += head + struct.pack("<I4x", len(data) + (2 if isinstance(value, str) else 0))
    return streams, listed


@dataclass
class _Entry:
    name: str
    kind: int
    data: bytes = b""
    child: int = NONE
    following: int = NONE
    start: int = END
    size: int = 0


@dataclass
class _File:
    entries: list[_Entry] = field(default_factory=list)

    def add(self, tree: Tree) -> int:
        """Put the entries of a storage into the directory; return the first."""
        row = []
        for name, value in tree.items():
            kind = 1 if isinstance(value, dict) else 2
            row.append(len(self.entries))
            self.entries.append(_Entry(name, kind, b"" if isinstance(value, dict) else value))
        for place, number in enumerate(row):
            entry, value = self.entries[number], tree[self.entries[number].name]
            entry.following = row[place + 1] if place + 1 < len(row) else NONE
            if isinstance(value, dict):
                entry.child = self.add(value)
        return row[0] if row else NONE


def compound(tree: Tree) -> bytes:
    """Return a compound file of this tree of storages and streams."""
    file = _File([_Entry("Root Entry", 5)])
    file.entries[0].child = file.add(tree)
    sectors: list[bytes] = []
    chains: list[int] = []

    def put(data: bytes) -> int:
        """Write data into sectors of its own; return the first."""
        if not data:
            return END
        first = len(sectors)
        pieces = [data[at : at + SECTOR].ljust(SECTOR, b"\0") for at in range(0, len(data), SECTOR)]
        sectors.extend(pieces)
        chains.extend([*range(first + 1, first + len(pieces)), END])
        return first

    mini, mini_chains = b"", list[int]()
    for entry in file.entries[1:]:
        entry.size = len(entry.data)
        if entry.kind != 2 or not entry.data:
            continue
        if entry.size >= CUTOFF:
            entry.start = put(entry.data)
            continue
        entry.start = len(mini_chains)
        count = -(-entry.size // MINI)
        mini += entry.data.ljust(count * MINI, b"\0")
        mini_chains += [*range(entry.start + 1, entry.start + count), END]
    root = file.entries[0]
    root.start, root.size = put(mini), len(mini)
    mini_fat = put(
        b"".join(struct.pack("<I", one) for one in mini_chains).ljust(-(-len(mini_chains) // 128) * SECTOR, b"\xff")
    )
    directory = put(b"".join(map(_entry, file.entries)))
    fats = 1
    while fats * 128 < len(sectors) + fats:
        fats += 1
    first_fat = len(sectors)
    chains += [FAT] * fats
    table = b"".join(struct.pack("<I", one) for one in chains).ljust(fats * SECTOR, b"\xff")
    sectors += [table[at : at + SECTOR] for at in range(0, len(table), SECTOR)]
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
        0, fats, directory, 0, CUTOFF, mini_fat, -(-len(mini_chains) // 128), END, 0, first_fat,
    )  # fmt: skip
    placed = [struct.pack("<I", first_fat + number) for number in range(1, fats)]
    return (header + b"".join(placed)).ljust(SECTOR, b"\xff") + b"".join(sectors)


def _entry(entry: _Entry) -> bytes:
    name = entry.name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16xI8x8xIQ",
        name, len(name) + 2, entry.kind, 1, NONE, entry.following, entry.child, 0, entry.start, entry.size,
    )  # fmt: skip
