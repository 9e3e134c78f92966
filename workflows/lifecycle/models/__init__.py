"""How far a request is: both sides' case files, their items and the dated rows beside them."""

from workflows.lifecycle.models.break_glass import BreakGlass, BreakGlassAttempt
from workflows.lifecycle.models.conditions import Condition
from workflows.lifecycle.models.courts import CourtOrder, FilteredFile, Notice, PrivilegeFilter, Remedy, Withheld
from workflows.lifecycle.models.custody import CustodyIn, CustodyOut
from workflows.lifecycle.models.custody_rows import ReturnExtension
from workflows.lifecycle.models.emergency import EmergencyIn, EmergencyOut, FactsAsked
from workflows.lifecycle.models.execution import Assignment, Original, Progress
from workflows.lifecycle.models.extensions import DeadlineExtension
from workflows.lifecycle.models.imported import ImportedEntry
from workflows.lifecycle.models.incoming import IncomingRequest
from workflows.lifecycle.models.information import GivenInformation, InformationFollowed, InformationUse
from workflows.lifecycle.models.items import RequestedItem
from workflows.lifecycle.models.ledger import (
    ExhibitOrigin,
    OtherUse,
    OtherUseFile,
    Transfer,
    TransferFile,
    UseAccount,
)
from workflows.lifecycle.models.mails import CaseMail, CaseMailFile
from workflows.lifecycle.models.officer_links import LinkFile, LinkUse, OfficerLink
from workflows.lifecycle.models.operations import Operation, OperationMember, OperationOfficer
from workflows.lifecycle.models.outgoing import OutgoingRequest
from workflows.lifecycle.models.parts import Part, PartFile
from workflows.lifecycle.models.postponements import Postponement
from workflows.lifecycle.models.preservation import PreservationPoint
from workflows.lifecycle.models.preservation_in import PreservationIn
from workflows.lifecycle.models.preservation_out import PreservationOut
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
from workflows.lifecycle.models.spontaneous import SpontaneousIn, SpontaneousOut
from workflows.lifecycle.models.team_rows import TeamExtension, TeamMember, TeamProposal
from workflows.lifecycle.models.teams import TeamIn, TeamOut
from workflows.lifecycle.models.together import AlikeDecision, AlikeKey, ContactEntry
from workflows.lifecycle.models.undertakings import Undertaking, UndertakingFile
from workflows.lifecycle.models.wishes import Wish

__all__ = [
    "AlikeDecision",
    "AlikeKey",
    "Assignment",
    "BreakGlass",
    "BreakGlassAttempt",
    "CaseMail",
    "CaseMailFile",
    "Condition",
    "ContactEntry",
    "CourtOrder",
    "CustodyEntry",
    "CustodyIn",
    "CustodyOut",
    "DeadlineExtension",
    "Defect",
    "EmergencyIn",
    "EmergencyOut",
    "Evidence",
    "ExhibitOrigin",
    "FactsAsked",
    "FilteredFile",
    "GivenInformation",
    "ImportedEntry",
    "IncomingLink",
    "IncomingRequest",
    "InformationFollowed",
    "InformationUse",
    "LinkFile",
    "LinkUse",
    "Notice",
    "OfficerLink",
    "OpenPoint",
    "Operation",
    "OperationMember",
    "OperationOfficer",
    "Original",
    "OtherUse",
    "OtherUseFile",
    "OutgoingRequest",
    "Part",
    "PartFile",
    "Postponement",
    "Preservation",
    "PreservationIn",
    "PreservationOut",
    "PreservationPoint",
    "PrivilegeFilter",
    "Progress",
    "RecordedProof",
    "RegisterCounter",
    "Remedy",
    "RequestedItem",
    "ReturnExtension",
    "SpontaneousIn",
    "SpontaneousOut",
    "TeamExtension",
    "TeamIn",
    "TeamMember",
    "TeamOut",
    "TeamProposal",
    "Transfer",
    "TransferFile",
    "Undertaking",
    "UndertakingFile",
    "UseAccount",
    "Wish",
    "Withheld",
]
