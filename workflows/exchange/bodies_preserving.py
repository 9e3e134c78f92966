"""What each type of message about a preservation says."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from workflows.exchange.bodies_base import Body, Line, Text

Key = Annotated[str, StringConstraints(min_length=1, max_length=8)]
Article = Annotated[Line, StringConstraints(max_length=120)]
Reference = Annotated[Line, StringConstraints(max_length=120)]


class OfItem(Body):
    item: Key


class PreservationKept(OfItem):
    """Data are kept, all or a part, until a day that the requested State sets and counts to its end there."""

    preserved_from: dt.date
    until: dt.date
    extent: Literal["all", "part"] = "all"
    words: Text = ""
    reference: Reference = ""
    rule: Annotated[Line, StringConstraints(max_length=60)] = ""


class PreservationNotKept(OfItem):
    """Nothing is held, or it is refused. A ground that the receiver's data do not have is kept as it came."""

    how: Literal["none_held", "refused"]
    ground: Annotated[str, StringConstraints(max_length=60, pattern=r"^([a-z][a-z_]*)?$")] = ""
    article: Article = ""
    reason: Text


class PreservationQuestion(OfItem):
    """It cannot be done without the person learning of it: go on? (Budapest 29(6))"""

    point: UUID
    question: Text
    due: dt.date | None = None


class PreservationExtension(OfItem):
    """An extension, asked or not: granted until a day, or refused with its reason."""

    point: UUID
    choice: Literal["granted", "refused"]
    until: dt.date | None = None
    words: Text = ""


class PreservationCourse(OfItem):
    """The data are held until the request for them is decided (`reference`: under which it stands), or released."""

    how: Literal["held", "released"]
    reference: Reference = ""
    reason: Text = ""


class PreservationProvider(OfItem):
    """Another provider took part in the transmission (Budapest 30(1))."""

    point: UUID
    provider: Annotated[Line, Field(min_length=1)]
    jurisdiction: Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$")] = ""
    contact: Annotated[Text, StringConstraints(max_length=2000)] = ""
    words: Text = ""


class PreservationAnswer(OfItem):
    """Whether to go on; a withdrawal also without having been asked."""

    point: UUID | None = None
    choice: Literal["go_on", "withdraw"]
    answer: Text = ""


class PreservationExtensionAsked(OfItem):
    """`until`: as wished; the receiver sets the day."""

    point: UUID
    until: dt.date | None = None
    words: Text = ""


class PreservationRelease(OfItem):
    """The data are needed no longer."""

    reason: Text = ""


BODIES: dict[str, type[Body]] = {
    "preservation_kept": PreservationKept,
    "preservation_not_kept": PreservationNotKept,
    "preservation_question": PreservationQuestion,
    "preservation_extension": PreservationExtension,
    "preservation_course": PreservationCourse,
    "preservation_provider": PreservationProvider,
    "preservation_answer": PreservationAnswer,
    "preservation_extension_asked": PreservationExtensionAsked,
    "preservation_release": PreservationRelease,
}
