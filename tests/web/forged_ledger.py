"""Exhibits, consents, questions and undertakings of another's case, where a form names one."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from mla.accounts.models import Role
from mla.core import clock
from workflows.lifecycle.models import Evidence, OtherUse, Undertaking, UseAccount


def forge_ledger(forgeries: Any) -> None:
    """Add every field of the forms on evidence and undertakings that names an object."""
    given, sent, another = forgeries.world.incoming, forgeries.world.sent, forgeries.world.not_given
    row: dict[str, Any] = {"authority_id": another.authority_id, "incoming": another}
    at = clock.now()
    file = Evidence.objects.create(
        name="b.csv", media_type="text/csv", size=1, sha256="b" * 64, added_at=at, **row
    ).public_id
    use = OtherUse.objects.create(kind="use", purpose="x", asked_by="x", asked_at=at, **row).use_id
    account = UseAccount.objects.create(question="x", asked_by="x", asked_at=at, **row).account_id
    bound = Undertaking.objects.create(
        kind="other", words="x", ours=False, given_by="x", given_to="x", source="by_hand", starts_on=at.date(),
        recorded_by="x", recorded_at=at, **row,
    ).undertaking_id  # fmt: skip
    item = given.items.order_by("pk")[0].public_id
    out = ("asking", "out", sent)
    into = ("asked", "in", given)
    zone = {"zone": "UTC"}
    for form, name, role, (side, way, case), act, theirs, none, data in (
        ("OriginForm", "exhibits", Role.REGISTRY, out, "record_origin", file, uuid4(), zone),
        ("OriginForm", "exhibits", Role.EXECUTING_OFFICER, into, "record_origin", file, uuid4(), zone),
        ("CustodyForm", "exhibits", Role.REGISTRY, out, "log_custody", file, uuid4(), zone),
        ("HandOnForm", "exhibits", Role.REGISTRY, out, "hand_on", file, uuid4(), {}),
        ("HandOnForm", "consent", Role.REGISTRY, out, "hand_on", use, uuid4(), {}),
        ("UseForm", "exhibits", Role.DESK_OFFICER, out, "ask_other_use", file, uuid4(), {}),
        ("NoticeForm", "exhibits", Role.DESK_OFFICER, out, "notify_exculpatory", file, uuid4(), {}),
        ("NotedAnswerForm", "use", Role.REGISTRY, out, "note_use_answer", use, uuid4(), {}),
        ("UseAnswerForm", "use", Role.SUPERVISOR, into, "answer_other_use", use, uuid4(), {}),
        ("AccountForm", "answers", Role.DESK_OFFICER, out, "give_account", account, uuid4(), {}),
        ("UndertakeForm", "exhibits", Role.SUPERVISOR, out, "undertake", file, uuid4(), {}),
        ("UndertakeForm", "item", Role.SUPERVISOR, out, "undertake", item, "M99", {}),
        ("SettleOutForm", "undertaking", Role.SUPERVISOR, out, "settle_undertaking", bound, uuid4(), {}),
        ("SettleForm", "undertaking", Role.SUPERVISOR, into, "settle_undertaking", bound, uuid4(), {}),
        ("ReleaseForm", "undertaking", Role.SUPERVISOR, into, "release_undertaking", bound, uuid4(), {}),
    ):
        address = forgeries._act(way, case, act)
        forgeries._add(f"{form}.{name}", role, side, address, name, theirs, none, data=data)
