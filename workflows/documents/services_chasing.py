"""One click where the other State is silent: the rung of the ladder is noted, the letter ordered, the other State told."""

from __future__ import annotations

from mla.accounts.actors import Actor
from workflows.documents.kinds import chaser, status_enquiry
from workflows.documents.services_kinds import document_languages, document_make
from workflows.engine.acts import one_act
from workflows.engine.perform import require_version
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.services.wishes import outgoing_chase


def case_chase(*, case: OutgoingRequest, by: Actor, expected_version: int | None = None) -> OutgoingRequest:
    """Remind the other State of a request, once for each rung that its silence has reached, and order the letter for it.

    A reminder of the receipt where nobody acknowledged, else an enquiry, in the language of the request. Signed, it is
    sent as every document beside the letter. No new request. For the desk officer, the supervisor and the registry.

    Raises:
        ConditionsNotMet: no rung reached, its reminder written already, or the request is withdrawn.
        RenderFailed: the letter cannot be printed; nothing is noted.
    """
    with one_act():
        require_version(case, expected_version)
        reminded = outgoing_chase(outgoing=case, by=by)
        about = next(one for one in (chaser, status_enquiry) if one.about(reminded))
        document_make(kind=about.KIND.slug, case=reminded, by=by, language=document_languages(reminded)[0])
        return reminded
