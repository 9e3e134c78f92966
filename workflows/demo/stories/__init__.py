"""The stories of the demonstration: what becomes of a request when it does not go smoothly, or goes on."""

from workflows.demo.stories.again import ReturnedAndResubmitted, Supplemented
from workflows.demo.stories.base import Story
from workflows.demo.stories.ended import RefusedAfterConsultation, WithdrawnWhileExecuting
from workflows.demo.stories.executed import AskedTwice, CourtChallenge, PartlyWithConditions, PrivilegeFilter
from workflows.demo.stories.kept import PreservedAndFollowedUp
from workflows.demo.stories.night import EmergencyAtNight
from workflows.demo.stories.offered import InformationLeadsToRequest
from workflows.demo.stories.silent import SilenceToLapsed
from workflows.demo.walk import LETTERS, Say, example

STORIES: tuple[type[Story], ...] = (
    RefusedAfterConsultation,
    ReturnedAndResubmitted,
    PartlyWithConditions,
    AskedTwice,
    PrivilegeFilter,
    CourtChallenge,
    WithdrawnWhileExecuting,
    SilenceToLapsed,
    PreservedAndFollowedUp,
    EmergencyAtNight,
    InformationLeadsToRequest,
    Supplemented,
)


def stories_from(number: int, say: Say) -> list[Story]:
    """Return the stories, numbered from `number`, each with a letter of its own."""
    found = []
    for place, story in enumerate(STORIES, start=number):
        letter = story.letter_of(example(story.LETTER))
        pair = f"{place} {letter.requesting.jurisdiction}→{letter.requested.jurisdiction}"
        found.append(
            story(
                number=place,
                plan=story.plan_of(),
                letter=letter,
                folder=LETTERS,
                say=lambda text, pair=pair: say(pair, text),  # type: ignore[misc]
            )
        )
    return found


__all__ = ["STORIES", "Story", "stories_from"]
