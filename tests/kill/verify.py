"""After the storm: `python -m tests.kill.verify` says as JSON what is wrong and what was counted.

A process of its own on the database of the test, once every worker is gone.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.kill.settings")
django.setup()

import pikepdf  # noqa: E402
import redis  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db.models import F, Sum  # noqa: E402

from mla.audit.models import AuditEntry  # noqa: E402
from mla.audit.selectors import verify_chains  # noqa: E402
from mla.core.canonical import content_hash  # noqa: E402
from mla.core.errors import MlaError  # noqa: E402
from mla.core.files import file_read  # noqa: E402
from mla.reference.models import Authority  # noqa: E402
from tests.invariants import assert_invariants, i8_no_draft_text  # noqa: E402
from tests.kill.letters import DRAFT_SECRET, SECRET  # noqa: E402
from workflows.documents.models import Document  # noqa: E402
from workflows.engine.models import OutboxJob  # noqa: E402
from workflows.exchange.models import Message  # noqa: E402
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest  # noqa: E402

#: Acts that happen once in the life of a case that was sent, whatever was killed meanwhile.
ONCE = ("outgoing.create", "outgoing.lodge", "outgoing.take_in", "outgoing.submit", "outgoing.approve",
        "outgoing.attach_document", "outgoing.send")  # fmt: skip


def wrong(prefix: str, letters: int) -> Iterator[str]:
    """Yield what is wrong with the cases that were to be sent: one PDF, one message, received once."""
    cases = list(
        OutgoingRequest.objects.filter(letter__title__startswith=prefix).select_related("letter", "approved_version")
    )
    titles = {case.letter.title for case in cases}
    if len(cases) != letters or len(titles) != letters:
        yield f"{letters} cases were to be, there are {len(cases)} with {len(titles)} titles"
    for case in cases:
        name = case.letter.title
        if case.status not in {"sent", "acknowledged"}:
            yield f"{name} is {case.status}"
            continue
        yield from _one_document(case, name)
        yield from _one_message(case, name)
        acts = list(
            AuditEntry.objects.filter(
                object_type="outgoing", object_id=str(case.public_id), outcome="done"
            ).values_list("act", flat=True)
        )
        yield from (f"{name}: {acts.count(act)} times {act}" for act in ONCE if acts.count(act) != 1)


def _one_document(case: OutgoingRequest, name: str) -> Iterator[str]:
    documents = list(Document.objects.filter(outgoing=case))
    if [document.status for document in documents] != ["ready"]:
        yield f"{name}: documents {[document.status for document in documents]}"
        return
    document = documents[0]
    if (document.sha256, document.content_hash) != (case.document_sha256, case.approved_hash):
        yield f"{name}: the document is not the one of the approval"
    try:
        data = file_read(document.sha256)
    except MlaError as error:
        yield f"{name}: {error}"
        return
    with pikepdf.open(io.BytesIO(data)) as pdf:
        attached = [json.loads(spec.get_file().read_bytes()) for spec in pdf.attachments.values()]
    if [content_hash(value) for value in attached] != [case.approved_hash]:
        yield f"{name}: the PDF carries another content than was approved"


def _one_message(case: OutgoingRequest, name: str) -> Iterator[str]:
    log = Message.objects.filter(conversation_id=case.conversation_id, type="request")
    sent = list(log.filter(direction="out"))
    received = list(log.filter(direction="in"))
    if [row.hash for row in sent] != [row.hash for row in received] or len(sent) != 1:
        yield f"{name}: {len(sent)} requests sent, {len(received)} received"
    if [row.status for row in received] != ["applied"]:
        yield f"{name}: received is {[row.status for row in received]}"
    files = IncomingRequest.objects.filter(conversation_id=case.conversation_id)
    if [(file.content_hash, file.letter_sha256) for file in files] != [(case.approved_hash, case.document_sha256)]:
        yield f"{name}: {len(files)} files at the other State, or another content"


def storage() -> dict[str, int]:
    """Count what lies in the storage: whole files under their hash, and halves that a killed process left beside."""
    home = Path(settings.STORAGES["default"]["OPTIONS"]["location"])
    files = [path for path in home.rglob("*") if path.is_file()]
    return {
        "files": sum(path.suffix != ".part" for path in files),
        "unfinished_files": sum(path.suffix == ".part" for path in files),
    }


def figures() -> dict[str, Any]:
    jobs = OutboxJob.objects.all()
    verified = verify_chains()
    return {
        "jobs": jobs.count(),
        "jobs_done": jobs.filter(status="done").count(),
        "jobs_parked": jobs.filter(status="parked").count(),
        "jobs_claimed_again": jobs.filter(attempts__gt=1).count(),
        "claims_repeated": jobs.filter(attempts__gt=1).aggregate(n=Sum(F("attempts") - 1))["n"] or 0,
        "most_attempts": max(jobs.values_list("attempts", flat=True), default=0),
        "audit_entries": verified.entries,
        "audit_chains": verified.chains,
        **storage(),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--prefix", default="Case")
    parser.add_argument("--letters", type=int, required=True)
    parser.add_argument("--logs", type=Path, required=True)
    options = parser.parse_args()
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    try:
        client.ping()
    except redis.RedisError:
        client = None
    lines = [
        line for path in sorted(options.logs.glob("*.log")) for line in path.read_text(errors="replace").splitlines()
    ]
    found = list(wrong(options.prefix, options.letters))
    try:
        peer = Authority.objects.get(code="al-247").pk
        assert_invariants(secrets=[DRAFT_SECRET], peers=[peer], redis=client, lines=lines)
    except AssertionError as error:
        found += str(error).splitlines()
    found += i8_no_draft_text(secrets=[SECRET], peers=[], redis=client, lines=lines)
    sys.stdout.write(json.dumps({"wrong": found, "figures": figures() | {"log_lines": len(lines)}}) + "\n")


if __name__ == "__main__":
    main()
