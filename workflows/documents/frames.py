"""What stands around the words of a document beside the letter: whose it is, to whom, under which references."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from mla.accounts.actors import Actor
from mla.core import clock
from mla.reference.models import Authority
from workflows.documents import wording
from workflows.documents.kinds import Kind
from workflows.documents.services import check_address, office_lines
from workflows.documents.values import Cover
from workflows.documents.wording import document_language


def frame_of(kind: Kind, case: Any, language: str, *, by: Actor | None = None) -> Any:
    """Return letterhead, addressee, references and marking for a document of a case.

    It bears the name of the authority whose officer (`by`) makes it: that one signs it.
    """
    from workflows.documents.case_documents import Frame

    if case.KIND == "outgoing":
        ours, theirs, level = case.central, case.addressee, case.letter.confidentiality
        states, title = (case.central.jurisdiction, case.letter.requested), case.letter.title
    else:
        ours, theirs, level = case.authority, case.sender, case.confidentiality
        states, title = (case.requesting, case.authority.jurisdiction), case.title
        if by is not None and case.executing is not None and by.authority_id == case.executing_id:
            ours = case.executing
    copied = kind.slug == "redacted-copy"
    with document_language(language):
        marking = str(wording.MARKING[level])
    return Frame(
        language=language,
        cover=Cover(
            own_reference=case.reference,
            peer_reference=case.peer_reference,
            sender=office_lines(ours),
            # Who gets a copy is written in by hand; the title of a request may tell the case.
            addressee=office_lines(theirs) if theirs and not copied else (),
            place=ours.city,
            signatory=ours.name,
            marking=marking,
            check_url="" if _marked(case) else check_address(),
            by_certificate=ours.signing_method == Authority.SigningMethod.CERTIFICATE,
        ),
        requesting=states[0].name(language),
        requested=states[1].name(language),
        states=(states[0].code, states[1].code),
        title="" if copied else title,
        dated=clock.now().astimezone(ZoneInfo(ours.time_zone)).date(),
    )


def _marked(case: Any) -> bool:
    """Tell whether the letter of a case has a marking of its own: its documents then lead as little anywhere as it does."""
    if case.taken_over and case.KIND == "outgoing":
        # Written elsewhere: what of it was marked is not known here, so a restricted one counts as marked.
        return bool(case.letter.confidentiality == "restricted")
    content = case.letter.present().content if case.KIND == "outgoing" else case.content
    return bool((content.get("confidentiality") or {}).get("marking"))
