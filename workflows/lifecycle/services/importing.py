"""Taking over the register that an authority kept before: first shown line by line, then done as a whole or not at all.

docs/adr/0007-taking-over.md says what an imported case is, docs/register-import.md how the file looks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Model
from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.accounts.models import Membership
from mla.core import clock
from mla.core.canonical import content_hash
from mla.core.errors import MlaError
from mla.core.files import file_store
from mla.core.ids import uuid7
from mla.core.reasons import Reason
from mla.reference.models import Authority, Jurisdiction, MeasureType, RefusalGround
from workflows.drafting.models import Confidentiality, LetterOfRequest, NamedOfficer
from workflows.engine.acts import one_act
from workflows.engine.errors import ActForbidden
from workflows.engine.machine import Effects
from workflows.engine.perform import create, create_all
from workflows.lifecycle.alike import digest_of, traits_of_received
from workflows.lifecycle.importing import folded, read_register
from workflows.lifecycle.importing_lines import (
    ENDED,
    Checked,
    Entry,
    Known,
    Office,
    Person,
    checked,
    numbers,
    with_warnings,
)
from workflows.lifecycle.models import (
    AlikeKey,
    Assignment,
    ImportedEntry,
    IncomingRequest,
    OutgoingRequest,
    RegisterCounter,
    RequestedItem,
)
from workflows.lifecycle.models.incoming import IncomingNamedOfficer
from workflows.lifecycle.models.together import alike_keys
from workflows.lifecycle.outcomes import IncomingStatus, ItemStatus, Outcome
from workflows.lifecycle.services.registers import register_lock, register_raise
from workflows.lifecycle.short import machine_of


class ImportRefused(MlaError):
    """Nothing was taken over: lines have errors, or it is not the file that was shown. `preview`: how it stands now."""

    own_words = True

    def __init__(self, message: str, preview: Preview) -> None:
        self.preview = preview
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would become now. `goes_on`: of each register (stream, year) that it brings numbers of, the next one."""

    name: str
    sha256: str
    header: str
    delimiter: str
    unread: tuple[str, ...]
    lines: list[Checked]
    goes_on: list[str]

    @property
    def right(self) -> list[Entry]:
        return [one.entry for one in self.lines if one.entry is not None]

    @property
    def wrong(self) -> list[Checked]:
        return [one for one in self.lines if one.problems]

    @property
    def known(self) -> list[Checked]:
        """Return the lines whose only error is that they were taken over already."""
        return [one for one in self.wrong if all(problem.known for problem in one.problems)]


@dataclass(frozen=True, slots=True)
class Imported:
    """What was done: the cases in the order of the file, and the lines that were left out with their reasons."""

    outgoing: list[OutgoingRequest]
    incoming: list[IncomingRequest]
    preview: Preview

    @property
    def left_out(self) -> list[Checked]:
        return self.preview.wrong


def require_importer(*, by: Actor) -> None:
    """Refuse whoever may not take over a register. Raises ActForbidden."""
    if not (by.kind == "user" and holds(by, "outgoing.import") and holds(by, "incoming.import")):
        raise ActForbidden("import", [Reason("forbidden", _("the registry or a supervisor takes over a register"))])


def register_preview(*, data: bytes, name: str, by: Actor) -> Preview:
    """Return what each line of a file would become; nothing is written. For the registry and the supervisor.

    Raises:
        ActForbidden: another role.
        RegisterUnreadable: it is no CSV file with the columns of a register.
    """
    require_importer(by=by)
    authority = Authority.objects.select_related("jurisdiction").get(pk=by.authority_id or 0)
    register = read_register(data, name=name)
    lines = checked(register, _known(authority, register.sha256))
    lines = _with_warnings(lines, authority)
    found = [one.entry for one in lines if one.entry is not None]
    return Preview(
        name, register.sha256, register.header, register.delimiter, register.unread, lines, _goes_on(authority, found)
    )


def register_import(
    *, data: bytes, name: str, by: Actor, leave_out: bool = False, sha256: str | None = None
) -> Imported:
    """Take over every line of a file, all in one transaction, or none. For the registry and the supervisor.

    `leave_out`: lines with errors are left out; without it one of them stops all. `sha256`: of the file that was shown.
    The registers are locked meanwhile: of two imports at once the second finds what the first brought in.

    Raises:
        ActForbidden, RegisterUnreadable: as register_preview.
        ImportRefused: with how the file stands now.
    """
    require_importer(by=by)
    authority = Authority.objects.get(pk=by.authority_id or 0)
    with one_act():
        for stream in sorted(RegisterCounter.Stream.values):
            register_lock(authority=authority, stream=stream)
        preview = register_preview(data=data, name=name, by=by)
        if sha256 is not None and sha256 != preview.sha256:
            raise ImportRefused(_("It is not the file that was shown: look at it first."), preview)
        if preview.wrong and not leave_out:
            count = len(preview.wrong)
            raise ImportRefused(_("%(count)s lines have errors: nothing was taken over.") % {"count": count}, preview)
        if not preview.right:
            raise ImportRefused(_("No line is left to take over: nothing was changed."), preview)
        file_store(data)
        entries = preview.right
        outgoing = _outgoing([one for one in entries if one.direction == "outgoing"], authority, preview, by)
        incoming = _incoming([one for one in entries if one.direction == "incoming"], authority, preview, by)
        for stream, year, number in numbers(entries):
            register_raise(authority=authority, stream=stream, year=year, to=number)
    return Imported(outgoing, incoming, preview)


# --- what the lines are checked against ---


def _known(authority: Authority, sha256: str) -> Known:
    offices = [
        Office(pk, code, name, state, kind, central)
        for pk, code, name, state, kind, central in Authority.objects.order_by("code").values_list(
            "pk", "code", "name", "jurisdiction__code", "kind", "central"
        )
    ]
    own = next(office for office in offices if office.pk == authority.pk)
    house = {office.pk for office in offices if office.pk == own.pk or office.central == own.pk}
    roles: dict[tuple[int, str], set[tuple[int, str]]] = {}
    hats = Membership.objects.valid(clock.now()).filter(authority__in=house, user__is_active=True)
    for pk, username, office, role in hats.values_list("user", "user__username", "authority", "role"):
        roles.setdefault((pk, username), set()).add((office, role))
    return Known(
        own=own,
        today=clock.now().astimezone(ZoneInfo(authority.time_zone)).date(),
        states=frozenset(Jurisdiction.objects.values_list("code", flat=True)),
        offices=offices,
        measures=_named(MeasureType.objects.order_by("-slug").values_list("slug", "name")),
        grounds=_named(RefusalGround.objects.order_by("-code").values_list("code", "name")),
        people={name: Person(pk, name, frozenset(held)) for (pk, name), held in roles.items()},
        references=_references(authority, sha256),
    )


def _named(rows: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for code, name in rows:
        found |= {folded(name): code, folded(_(name)): code}
        found[folded(code)] = code
    return found


def _references(authority: Authority, sha256: str) -> dict[Any, int]:
    found: dict[Any, int] = {}
    out = OutgoingRequest.objects.filter(central=authority).exclude(reference="")
    found |= {("outgoing", one): 0 for one in out.values_list("reference", flat=True)}
    inward = IncomingRequest.objects.filter(authority=authority)
    found |= {("incoming", one): 0 for one in inward.values_list("reference", flat=True)}
    of_file = ImportedEntry.objects.filter(authority=authority, file_sha256=sha256)
    for out_reference, in_reference, line in of_file.values_list("outgoing__reference", "incoming__reference", "line"):
        found["outgoing" if out_reference else "incoming", out_reference or in_reference] = line
    return found


def _with_warnings(lines: list[Checked], authority: Authority) -> list[Checked]:
    """Add what an officer should look at and what stops nothing: a reference of theirs that stands here already."""
    digests: dict[str, list[int]] = {}
    for index, one in enumerate(lines):
        entry = one.entry
        if entry is None or entry.direction != "incoming":
            continue
        for trait in traits_of_received(state=entry.state, peer_reference=entry.peer_reference):
            digest = digest_of(trait, authority_id=authority.pk, direction="incoming")
            digests.setdefault(digest, []).append(index)
    known = AlikeKey.objects.filter(authority=authority, digest__in=digests, incoming__isnull=False)
    stands = dict(known.values_list("digest", "incoming__reference"))
    for digest, indexes in digests.items():
        others = [lines[index].line.number for index in indexes]
        for index in indexes:
            if digest in stands:
                told = _("Their reference stands in the register already, with %(reference)s.")
                lines[index] = with_warnings(lines[index], told % {"reference": stands[digest]})
            elif len(others) > 1:
                other = next(number for number in others if number != lines[index].line.number)
                told = _("Their reference is that of line %(line)s too.") % {"line": other}
                lines[index] = with_warnings(lines[index], told)
    return lines


def _goes_on(authority: Authority, entries: Sequence[Entry]) -> list[str]:
    last = {(row.stream, row.year): row.last for row in RegisterCounter.objects.filter(authority=authority)}
    return [
        f"{authority.code.upper()}/{stream}/{year}/{max(number, last.get((stream, year), 0)) + 1:05d}"
        for stream, year, number in numbers(entries)
    ]


# --- what they become ---


def _noon(day: dt.date, authority: Authority) -> dt.datetime:
    """Return an instant of a day of which the register knew no hour: noon there, so that it is the same day for a neighbour."""
    noon = dt.datetime.combine(day, dt.time(12), ZoneInfo(authority.time_zone)).astimezone(dt.UTC)
    return min(noon, clock.now())


def _detail(entry: Entry, preview: Preview) -> dict[str, Any]:
    return {"reference": entry.reference, "file_sha256": preview.sha256, "line": entry.line.number}


def _row(entry: Entry, preview: Preview, case: Any, by: Actor) -> ImportedEntry:
    return ImportedEntry(
        authority_id=by.authority_id or 0, file_name=preview.name[:255], file_sha256=preview.sha256,
        line=entry.line.number, text=entry.line.text, cells=[list(pair) for pair in entry.line.cells],
        by=by.label, at=clock.now(), **{case.KIND: case},
    )  # fmt: skip


def _level(entry: Entry) -> Confidentiality:
    return Confidentiality.RESTRICTED if entry.restricted else Confidentiality.NORMAL


def _named_officers(entry: Entry, by: Actor) -> list[int]:
    """Return who keeps sight of a restricted case: who brings it in, and its officer."""
    if not entry.restricted:
        return []
    named = [by.user_id, entry.officer.pk if entry.officer else None]
    return list(dict.fromkeys(pk for pk in named if pk is not None))


def _outgoing(entries: Sequence[Entry], authority: Authority, preview: Preview, by: Actor) -> list[OutgoingRequest]:
    states = {row.code: row for row in Jurisdiction.objects.filter(code__in={one.state for one in entries})}
    now = clock.now()
    letters = []
    for entry in entries:
        letter = LetterOfRequest(
            authority=authority, requesting_id=authority.jurisdiction_id, requested=states[entry.state],
            title=entry.subject, confidentiality=_level(entry), created_by_id=by.user_id or 0, current=0,
            status=LetterOfRequest.Status.ELSEWHERE,
        )  # fmt: skip
        named: list[Model] = [NamedOfficer(letter=letter, user_id=pk, at=now) for pk in _named_officers(entry, by)]
        letters.append((letter, Effects(rows=named, detail=_detail(entry, preview))))
    create_all(letters, act="import", by=by)
    cases = []
    for entry, (letter, _effects) in zip(entries, letters, strict=True):
        ended = _noon(entry.last_act, authority) if entry.status in ENDED and entry.last_act else None
        case = OutgoingRequest(
            letter=letter, authority=authority, central=authority, addressee_id=entry.other.pk,
            originating_id=entry.chain.pk if entry.chain else authority.pk, taken_over=True,
            reference=entry.reference, peer_reference=entry.peer_reference, channel=entry.channel,
            status=entry.status, outcome=entry.outcome, refusal_ground=entry.ground,
            sent_at=_noon(entry.day, authority), silent_since=_noon(entry.last_act or entry.day, authority),
            acknowledged_at=_since(entry, "acknowledged", authority),
            concluded_at=ended, closed_at=ended if entry.status == "closed" else None,
        )  # fmt: skip
        case.press("urgent" if entry.needed_by else "routine", entry.needed_by)
        cases.append((case, Effects(rows=[_row(entry, preview, case, by)], detail=_detail(entry, preview))))
    create_all(cases, act="import", by=by)
    _items(entries, [case for case, _effects in cases], by)
    return [case for case, _effects in cases]


def _incoming(entries: Sequence[Entry], authority: Authority, preview: Preview, by: Actor) -> list[IncomingRequest]:
    senders = Authority.objects.select_related("jurisdiction").in_bulk({one.other.pk for one in entries})
    now = clock.now()
    cases = []
    for entry in entries:
        sender = senders[entry.other.pk]
        content = _content(entry)
        ended = _noon(entry.last_act, authority) if entry.status in ENDED and entry.last_act else None
        case = IncomingRequest(
            authority=authority, sender=sender, requesting=sender.jurisdiction, conversation_id=uuid7(),
            reference=entry.reference, peer_reference=entry.peer_reference, title=entry.subject, content=content,
            content_hash=content_hash(content), letter_sha256="", taken_over=True,
            received_at=_noon(entry.day, authority), channel=entry.channel, confidentiality=_level(entry),
            status=entry.status, outcome=entry.outcome, refusal_ground=entry.ground,
            executing_id=entry.executing.pk if entry.executing else None,
            acknowledged_at=_since(entry, "acknowledged", authority),
            concluded_at=ended, closed_at=ended if entry.status == "closed" else None,
        )  # fmt: skip
        case.press("urgent" if entry.needed_by else "routine", entry.needed_by)
        rows: list[Model] = [_row(entry, preview, case, by)]
        traits = traits_of_received(state=entry.state, peer_reference=entry.peer_reference)
        rows += alike_keys(case, traits, case.received_at)
        rows += [IncomingNamedOfficer(incoming=case, user_id=pk, at=now) for pk in _named_officers(entry, by)]
        detail = _detail(entry, preview)
        if entry.executing and entry.status == IncomingStatus.IN_EXECUTION:
            officer = entry.officer.pk if entry.officer else None
            given = Assignment(incoming=case, executing_id=entry.executing.pk, officer_id=officer, by=by.label, at=now)
            rows.append(given)
            detail["executing"] = entry.executing.pk
        cases.append((case, Effects(rows=rows, detail=detail)))
    create_all(cases, act="import", by=by)
    _items(entries, [case for case, _effects in cases], by)
    return [case for case, _effects in cases]


def _since(entry: Entry, status: str, authority: Authority) -> dt.datetime | None:
    """Return when the case came to its present status, where that is the one; of an earlier one the register says no day."""
    return _noon(entry.last_act, authority) if entry.status == status and entry.last_act else None


def _content(entry: Entry) -> dict[str, Any]:
    """Return the head of a letter that came in, as the register has it: what a request on paper is registered with too."""
    urgency = {"level": "urgent", "date": entry.needed_by.isoformat()} if entry.needed_by else {"level": "routine"}
    return {
        "title": entry.subject,
        "requesting": {"jurisdiction": entry.state, "authority": entry.other.code},
        "urgency": urgency,
        "confidentiality": {"level": str(_level(entry))},
        "items": [{"id": f"M{n}", "measure": slug} for n, slug in enumerate(entry.measures, 1)],
    }


#: How each item ended where the outcome of the whole leaves no doubt; of the others the register did not say.
_ENDED_SO = {
    Outcome.EXECUTED: ItemStatus.EXECUTED,
    Outcome.REFUSED: ItemStatus.REFUSED,
    Outcome.NOT_HELD: ItemStatus.NOT_HELD,
    Outcome.WITHDRAWN: ItemStatus.WITHDRAWN,
    Outcome.OBTAINED_OTHERWISE: ItemStatus.WITHDRAWN,
    Outcome.SUPERSEDED: ItemStatus.WITHDRAWN,
}


def _items(entries: Sequence[Entry], cases: Sequence[Any], by: Actor) -> None:
    rows: list[tuple[RequestedItem, Effects]] = []
    for entry, case in zip(entries, cases, strict=True):
        status = ItemStatus.REQUESTED
        if entry.outcome:
            status = _ENDED_SO.get(Outcome(entry.outcome), ItemStatus.REQUESTED)
            if entry.outcome == Outcome.PARTIALLY_EXECUTED and len(entry.measures) == 1:
                status = ItemStatus.PARTIALLY_EXECUTED
        elif entry.direction == "incoming" and entry.status == IncomingStatus.IN_EXECUTION:
            status = ItemStatus.ACCEPTED
        for number, slug in enumerate(entry.measures, 1):
            item = RequestedItem(
                authority_id=case.authority_id, key=f"M{number}", measure=slug, status=status,
                ground=entry.ground if status == ItemStatus.REFUSED else "", **{case.KIND: case},
            )  # fmt: skip
            rows.append((item, Effects(detail={"item": item.key})))
    create_all(rows, act="import", by=by)
    system = Actor.system("register.import", authority_id=by.authority_id)
    for item, _effects in rows:
        machine = machine_of(item)
        if machine is not None and item.case.status not in ENDED:
            begun, effects = machine.begun(item)
            create(begun, act="create", by=system, effects=effects)
