"""What the offices of the demonstration have at hand for their next letter: the library of offences, and a template."""

from __future__ import annotations

from typing import Final

from workflows.demo.courses import COURSES
from workflows.demo.people import Cast
from workflows.demo.walk import example
from workflows.drafting.models import LetterOfRequest
from workflows.drafting.selectors import current_version
from workflows.drafting.services_library import offence_save_from_letter
from workflows.drafting.services_templates import template_save

#: Example letter (number of its course, from 1) and the name and parts of the template that its central authority has.
TEMPLATES: Final[tuple[tuple[int, str, tuple[str, ...]], ...]] = (
    (1, "Image of a server", ("proceedings", "offences", "items", "statements")),
    (7, "Records of a bank account", ("offences", "items", "statements")),
)


def fill_shelves() -> tuple[int, int]:
    """Save the offences of the example letters, to be confirmed, and some templates; again, nothing changes.

    Returns:
        how many offences and templates are new.
    """
    offences = templates = 0
    for plan in COURSES:
        letter = example(plan.letter)
        for offence in letter.offences:
            offences += offence_save_from_letter(offence=offence, by=Cast(letter).drafter())[1]
    for course, name, parts in TEMPLATES:
        cast = Cast(example(COURSES[course - 1].letter))
        source = LetterOfRequest.objects.filter(title=cast.letter.title, outgoing__central=cast.central).first()
        if source is not None:
            version = current_version(source)
            templates += template_save(source=version, name=name, parts=parts, by=cast.supervisor())[1]
    return offences, templates
