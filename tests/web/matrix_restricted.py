"""What is restricted to named persons, for the matrix: a case that was opened by a person who is not named, and more."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.signals import request_finished
from django.db import close_old_connections

from mla.accounts.models import Role, User
from mla.core import clock
from mla.core.ids import uuid7
from tests.factories import Line, officer
from workflows.drafting.models import LetterOfRequest, NamedOfficer
from workflows.lifecycle.models import BreakGlass, IncomingRequest, Operation, OutgoingRequest
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services.break_glass import break_glass_open
from workflows.lifecycle.services.incoming import Received
from workflows.lifecycle.services.operations import operation_add
from workflows.lifecycle.services.together import Contact, log_contact
from workflows.tracking.deadlines import DeadlineKind
from workflows.tracking.models import Alarm, Notification

WHY = {"purpose": "danger", "words": "The witness is in danger tonight."}


def opened_restricted(line: Line) -> tuple[OutgoingRequest, BreakGlass]:
    """Return a restricted case in which nobody is named, and its opening by a duty officer, who is asked for nothing else."""
    case = line.taken_in()
    LetterOfRequest.objects.filter(pk=case.letter_id).update(confidentiality="restricted")
    OutgoingRequest.objects.filter(pk=case.pk).update(reference="RESTRICTED/1")
    return case, break_glass_open(by=officer(Role.DUTY_OFFICER, case.central.code), reference="RESTRICTED/1", **WHY)


def opening_pages(at: Callable[..., Any], opened: BreakGlass) -> dict[str, list[Any]]:
    """Return by route what the pages of openings are asked for. `at` makes a thing of the table."""
    own = [at("asking", "restricted case opened by another", opened)]
    return {"web:break_glass": own, "web:break_glass_case": own}


def opening_acts(at: Callable[..., Any], opened: BreakGlass) -> list[Any]:
    return [
        at("asking", f"{act} (restricted case opened by another)", opened, way="break_glass", name=act)
        for act in ("end", "review")
    ]


#: Words that stand in nothing but the two restricted cases: title, references, summary of a contact.
TITLE, REFERENCE, THEIRS, SPOKEN = "Zwielicht am Fluss", "ZWL/OUT/1", "ZWL-77", "Zwielicht rang back"
ALL_WORDS = ("Zwielicht", "ZWL")


def restricted_pair(line: Line, operation: Operation) -> tuple[OutgoingRequest, IncomingRequest]:
    """Make a restricted case on each side, as like to the others as can be and with all that tells of a case.

    Each is in an operation or alike to a case that colleagues see, has a contact with a step that is due, and is unread.
    """
    out = line.taken_in()
    NamedOfficer.objects.create(letter=out.letter, user_id=line.desk.user_id, at=clock.now())
    LetterOfRequest.objects.filter(pk=out.letter_id).update(confidentiality="restricted", title=TITLE)
    OutgoingRequest.objects.filter(pk=out.pk).update(reference=REFERENCE, peer_reference=THEIRS)
    out = OutgoingRequest.objects.get(pk=out.pk)
    operation_add(operation=operation, case=out, by=line.desk)
    content = line.letter.content() | {"confidentiality": {"level": "restricted"}, "title": TITLE}
    came = inward.incoming_receive(
        received=Received(uuid7(), out.central, THEIRS, content, "7" * 64, "8" * 64, "paper"), by=line.their_registry
    )
    named = User.objects.get(pk=line.their_desk.user_id)
    came = inward.incoming_name_officer(incoming=came, by=line.their_supervisor, user=named)
    for case, by in ((out, line.desk), (came, line.their_desk)):
        spoken = Contact(
            kind="police", direction="theirs", name="", office="Liaison", at=clock.now(), zone="UTC",
            summary=SPOKEN, next_step=SPOKEN, next_due=clock.now().date(),
        )  # fmt: skip
        log_contact(case=case, by=by, contact=spoken)
    return out, came


def told_of(case: OutgoingRequest | IncomingRequest) -> None:
    """Let everything that the house itself says of a case be said: a reminder, an alarm."""
    authority = case.central if isinstance(case, OutgoingRequest) else case.authority
    Notification.objects.create(
        authority=authority, case_kind=case.KIND, case_id=case.pk, kind=DeadlineKind.values[0],
        due=clock.now().date(), step=0, created_at=clock.now(),
    )  # fmt: skip
    Alarm.objects.create(
        authority=authority,
        kind=Alarm.Kind.NO_DOCUMENT,
        object_type=case.KIND,
        object_id=case.pk,
        raised_at=clock.now(),
    )


#: Effects and the record show every act of the authority, by identity alone, to those who keep and oversee them.
CHANGED_BY_ANY_ACT = {"web:jobs", "web:audit"}
#: Pages that show what every officer reads alike, or texts of the house: none of them looks at a case.
NO_CASES = re.compile(
    r"web:(treat|countr|style|offence|template|term|glossary|help|office|member|kept|letter_new|pages)"
)
#: What is asked of pages that look for something.
SEARCHED = {
    "web:search": ("?q=Zwielicht", f"?q={THEIRS}"),
    "web:outgoing_list": ("", "?status=drafting"),
    "web:incoming_list": ("",),
    "web:operations": ("", "?q=Harvest"),
}
#: Pages of one object that look at cases beside it: alike, linked, of the same operation, to put together.
LOOK_BEYOND = {
    "web:outgoing", "web:incoming", "web:operation", "web:operation_export", "web:examine", "web:case_operation",
    "web:shared", "web:job",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """One page as one person asks for it."""

    role: Role
    side: str
    method: str
    address: str

    def page(self, world: Any) -> str:
        """Return all that is answered, without what differs each time: marks of forms, keys of new rows."""
        from tests.web.matrix import undone

        client = world.clients[self.role, self.side]
        with undone():
            given = client.generic(self.method, self.address)
            body = b"".join(given.streaming_content) if given.streaming else given.content
            request_finished.disconnect(close_old_connections)
            given.close()
            request_finished.connect(close_old_connections)
        text = body.decode(errors="replace")
        text = f"{given.status_code} {text.partition('<main')[2].partition('</main>')[0] or text}"
        return re.sub(r'name="(csrfmiddlewaretoken|key)" value="[\w-]+"', "", text)

    def says(self, word: str) -> bool:
        """Tell whether the person asked for the word, so that the page repeats it."""
        return word in self.address


def looks(world: Any) -> list[Look]:
    """Return every page that may know of more cases than one, as each role of each side asks for it."""
    from tests.web.matrix import ROLES, is_closed

    found: list[Look] = []
    seen: set[str] = set()
    for row in world.rows:
        export = row.method == "POST" and row.route.endswith("_export")
        if row.route in CHANGED_BY_ANY_ACT or (row.method != "GET" and not export):
            continue
        if NO_CASES.match(row.route) or (row.thing.name and row.route not in LOOK_BEYOND):
            continue
        if row.route in seen:
            # One object of a kind is enough: the first, which stands where the restricted cases do.
            continue
        seen.add(row.route)
        for asked in SEARCHED.get(row.route, ("",)):
            for side in [row.thing.side] if row.thing.name else ["asking", "asked"]:
                open_to = [role for role in ROLES if not is_closed(row.route, role)]
                if row.route == "web:worklist":
                    # Who keeps and who oversees the machinery see that an effect is missing, of whichever case.
                    open_to = [role for role in open_to if role not in (Role.AUDITOR, Role.LOCAL_ADMINISTRATOR)]
                found += [Look(role, side, row.method, row.address() + asked) for role in open_to]
    return found


def difference(then: str, now: str) -> str:
    """Return the first line in which two pages differ."""
    pairs = zip(then.splitlines(), [*now.splitlines(), ""], strict=False)
    return next((f"{one.strip()[:300]} ≠ {other.strip()[:300]}" for one, other in pairs if one != other), "longer")
