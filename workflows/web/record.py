"""Reading the record: what the filters mean, what is withheld, and the file of an export."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, Literal
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from mla.accounts.actors import Actor
from mla.accounts.selectors import visible_record
from mla.audit.models import AuditEntry
from workflows.drafting.models import LetterOfRequest, LetterVersion
from workflows.drafting.rights import screen_recorded
from workflows.drafting.selectors import visible_letters
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest, RequestedItem
from workflows.lifecycle.selectors import visible_incoming, visible_items, visible_outgoing
from workflows.tracking.labels import act_label
from workflows.web.letter_words import RightsTold, rights_recorded

#: Rows of one export; more are had in parts, by dates.
MOST_EXPORTED = 50_000
#: What stands for the reason of an act on a case that the auditor may not see.
WITHHELD = "[withheld: a case that is restricted to named persons]"

FIELDS = (
    "seq at act outcome actor_kind actor_id actor_label actor_role actor_authority_id object_type object_id "
    "object_version from_status to_status reason_code reason article act_id public_id detail prev_hash hash"
).split()


def record_found(actor: Actor, said: dict[str, Any]) -> QuerySet[AuditEntry]:
    """Return the entries of the actor's chain that fit the cleaned data of a RecordFilter. Days are the reader's."""
    found = visible_record(actor)
    zone = timezone.get_current_timezone()
    if since := said.get("since"):
        found = found.filter(at__gte=dt.datetime.combine(since, dt.time(), zone))
    if until := said.get("until"):
        found = found.filter(at__lt=dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), zone))
    if act := said.get("act"):
        found = found.filter(act__icontains=act)
    if person := said.get("person"):
        found = found.filter(Q(actor_label__icontains=person) | Q(actor_id=person))
    if outcome := said.get("outcome"):
        found = found.filter(outcome=outcome)
    if thing := said.get("object"):
        found = found.filter(object_id__in=[thing, *_of_reference(actor, thing)])
    return found


def _of_reference(actor: Actor, reference: str) -> list[str]:
    """Return the identities of the case with this reference that the actor may see, of its letter and its items."""
    either = Q(reference__iexact=reference) | Q(peer_reference__iexact=reference)
    outgoing = list(visible_outgoing(actor).filter(either).values_list("pk", "public_id", "letter__public_id")[:20])
    incoming = list(visible_incoming(actor).filter(either).values_list("pk", "public_id")[:20])
    items = RequestedItem.objects.filter(
        Q(outgoing__in=[row[0] for row in outgoing]) | Q(incoming__in=[row[0] for row in incoming])
    ).values_list("public_id", flat=True)
    return [str(value) for row in (*outgoing, *incoming) for value in row[1:]] + [str(value) for value in items]


def hidden_objects(actor: Actor, entries: Iterable[AuditEntry]) -> set[str]:
    """Return the identities, of those the entries name, of cases that the actor may not see: one query, or none."""
    wanted: dict[str, set[UUID]] = {}
    for one in entries:
        # Only a reason is text of a case; without one there is nothing to withhold.
        if one.reason and one.object_type in ("outgoing", "incoming", "letter", "item"):
            try:
                wanted.setdefault(one.object_type, set()).add(UUID(one.object_id))
            except ValueError:
                continue
    parts: list[Any] = []
    for kind, ids in wanted.items():
        model, visible = _SEEN[kind]
        hidden = model.objects.filter(public_id__in=ids).exclude(pk__in=visible(actor).values("pk"))
        parts.append(hidden.order_by().values_list("public_id", flat=True))
    if not parts:
        return set()
    return {str(value) for value in parts[0].union(*parts[1:])}


_SEEN: dict[str, tuple[Any, Any]] = {
    "outgoing": (OutgoingRequest, visible_outgoing),
    "incoming": (IncomingRequest, visible_incoming),
    "letter": (LetterOfRequest, visible_letters),
    "item": (RequestedItem, visible_items),
}


def acts_known(actor: Actor) -> list[tuple[str, str]]:
    """Return acts that the capability table knows, with their words, to choose from."""
    from mla.accounts.capabilities import capability_table

    return [(act, act_label(act)) for act in sorted(capability_table())]


@dataclass(frozen=True, slots=True)
class ScreenTold:
    """The rights screen that an approval recorded, in words. `state`: whether the reasons are those that were approved.

    shown: they are, by the hash in the entry; withheld: the reader does not see the case; differs: the version says
    something else by now, which never happens by an act.
    """

    rows: list[RightsTold]
    state: Literal["shown", "withheld", "differs"]


def screen_told(actor: Actor, entry: AuditEntry) -> ScreenTold | None:
    """Return the rights screen of an approval's entry, or None for another act. At most one query.

    The entry holds the answers and a hash; the reasons are text of the case and come from the frozen version.
    """
    answers = entry.detail.get("rights_screen")
    if not isinstance(answers, dict):
        return None
    version = LetterVersion.objects.filter(
        content_hash=str(entry.detail.get("content_hash", "")),
        letter__outgoing__in=visible_outgoing(actor).filter(public_id=entry.object_id).values("pk"),
    ).first()
    if version is None:
        return ScreenTold(rights_recorded(answers, None), "withheld")
    holds = screen_recorded(version.content)["rights_screen_sha256"] == entry.detail.get("rights_screen_sha256")
    return ScreenTold(rights_recorded(answers, version.content if holds else None), "shown" if holds else "differs")


@dataclass(frozen=True, slots=True)
class Exported:
    """A file at its beginning, with what is recorded of it. The caller closes the file."""

    file: IO[bytes]
    rows: int
    sha256: str


def write_export(actor: Actor, found: QuerySet[AuditEntry], *, kind: str, head: dict[str, Any]) -> Exported:
    """Write the entries, the oldest first, as `csv` or `jsonl` into a temporary file.

    JSON lines holds each entry exactly, so that its hash can be computed again (withheld reasons aside); its
    first line is `head`, its last the sha256 of all lines before. CSV is for reading: what a spreadsheet would
    take for a formula begins with an apostrophe.
    """
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=4_000_000)  # noqa: SIM115 the response closes it
    digest, rows = hashlib.sha256(), 0

    def put(line: str) -> None:
        data = line.encode()
        digest.update(data)
        file.write(data)

    put(_json({"export": head}) if kind == "jsonl" else "\ufeff" + _csv_line(FIELDS))
    for batch in _batches(found.order_by("seq")[:MOST_EXPORTED].iterator(chunk_size=1000), 500):
        hidden = hidden_objects(actor, batch)
        for one in batch:
            value = _values(one, hidden)
            put(_json(value) if kind == "jsonl" else _csv_line([_cell(value[name]) for name in FIELDS]))
            rows += 1
    sha256 = digest.hexdigest()
    if kind == "jsonl":
        file.write(_json({"rows": rows, "sha256_of_the_lines_before": sha256}).encode())
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    return Exported(file, rows, sha256)


def _values(one: AuditEntry, hidden: set[str]) -> dict[str, Any]:
    value: dict[str, Any] = {name: getattr(one, name) for name in FIELDS}
    value |= {"at": one.at.isoformat(), "act_id": str(one.act_id), "public_id": str(one.public_id)}
    if one.object_id in hidden:
        value["reason"] = WITHHELD
    return value


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) + "\n"


def _csv_line(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _cell(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict) else str(value)
    text = "" if value is None else text
    # OWASP, CSV injection: a cell that begins so is a formula to a spreadsheet.
    return f"'{text}" if text.lstrip(" ")[:1] in {"=", "+", "-", "@", "\t", "\r", "\n", "|", "%"} else text


def _batches(rows: Iterator[AuditEntry], size: int) -> Iterator[list[AuditEntry]]:
    batch: list[AuditEntry] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
