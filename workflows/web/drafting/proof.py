"""What a court of the requested State asks by its standard of proof, as questions on the page of a measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from mla.core.languages import house_words
from mla.reference.profiles import Topic
from workflows.drafting.law import law_for
from workflows.drafting.measures import measure_catalogue
from workflows.drafting.proof import OWN, Prompt, prompts, prompts_of
from workflows.web.drafting.draft import Draft, keeping_law
from workflows.web.drafting.sections import Field


def with_proof(fields: Sequence[Field], draft: Draft, item: Mapping[str, Any]) -> list[Field]:
    """Return the fields of a measure with the questions of the standard that its State's profile names, after the link.

    One that was answered is asked for as long as its answer stands there.
    """
    given = item.get(OWN) or {}
    asked = _asked(draft, item.get("measure", "")) if item.get("measure") else ()
    measure = measure_catalogue().get(item.get("measure", ""))
    keys = {one.key for one in asked if one.path_in(measure) == one.path} | set(given)
    mine = [_field(one) for key, one in prompts().items() if key in keys and one.own]
    place = next((at for at, one in enumerate(fields, 1) if one.name == "nexus"), len(fields))
    return [*fields[:place], *mine, *fields[place:]]


def _asked(draft: Draft, measure: str) -> tuple[Prompt, ...]:
    with keeping_law():
        profile = law_for(draft.file).profile
    fitting = [one for one in profile if one.topic == Topic.PROOF_STANDARD and one.measure in ("", measure)]
    nearest = max((one.measure for one in fitting), default="")
    return prompts_of(one.value for one in fitting if one.measure == nearest)


def _field(prompt: Prompt) -> Field:
    return Field(
        name=prompt.path,
        kind="text",
        label=house_words(prompt.label),
        why=house_words(prompt.why),
        article=f"{prompt.source} {_('(to be confirmed)')}" if prompt.to_be_confirmed else prompt.source,
        rows=3,
    )
