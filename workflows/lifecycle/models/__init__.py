"""How far a request is: both sides' case files, their items and the dated rows beside them."""

from workflows.lifecycle.models.conditions import Condition
from workflows.lifecycle.models.incoming import IncomingRequest
from workflows.lifecycle.models.items import RequestedItem
from workflows.lifecycle.models.outgoing import OutgoingRequest
from workflows.lifecycle.models.parts import Part, PartFile
from workflows.lifecycle.models.postponements import Postponement
from workflows.lifecycle.models.returned import Defect
from workflows.lifecycle.models.rows import (
    CustodyEntry,
    Evidence,
    IncomingLink,
    OpenPoint,
    Preservation,
    RecordedProof,
    RegisterCounter,
)

__all__ = [
    "Condition",
    "CustodyEntry",
    "Defect",
    "Evidence",
    "IncomingLink",
    "IncomingRequest",
    "OpenPoint",
    "OutgoingRequest",
    "Part",
    "PartFile",
    "Postponement",
    "Preservation",
    "RecordedProof",
    "RegisterCounter",
    "RequestedItem",
]
