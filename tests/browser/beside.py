"""What does not go smoothly, or goes on: cases of both sides in the middle of the acts that stand beside a case's way.

The stories of the demonstration are told until the point at which their pages say most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from unittest.mock import patch

from mla.accounts.actors import Actor
from mla.accounts.models import Role, User
from mla.core import clock
from tests.factories import Line, drain, officer
from tests.lifecycle.offering import letter as offering_letter
from tests.lifecycle.offering import terms
from tests.lifecycle.short_letters import CONSENT, arrangements
from tests.lifecycle.short_letters import short_letter as letter_of_custody
from tests.web.matrix_restricted import opened_restricted
from workflows.demo import stories
from workflows.demo.case import Wait
from workflows.demo.people import Cast
from workflows.demo.stories.base import Story, in_days
from workflows.demo.walk import LETTERS, example
from workflows.documents.services_chasing import case_chase
from workflows.lifecycle.models import CustodyIn, OutgoingRequest, TeamIn, TeamOut
from workflows.lifecycle.services import courts, custody, ledger, parts, teams, together, undertakings, wishes
from workflows.lifecycle.services.consulting import PutOff, incoming_postpone
from workflows.notifying.services import feed_make, mail_choose


def told(story: type[Story], until: str = "") -> Story:
    """Tell a story up to the wait of that name, with what arrives by it; without a name to its end."""
    found = story(
        number=1,
        plan=story.plan_of(),
        letter=story.letter_of(example(story.LETTER)),
        folder=LETTERS,
        say=lambda text: None,
    )
    for what, is_there in found.run():
        drain()
        assert is_there(), f"{story.__name__} waits in vain for {what}"
        if what == until:
            return found
    assert not until, f"{story.__name__} never waits for {until}"
    return found


@dataclass
class AtCourt(stories.CourtChallenge):
    """Contested in court while the files are looked through; one item was put off before."""

    TITLE = "Account of the customer, in court and behind a filter"

    def told(self, cast: Cast) -> Iterator[Wait]:
        yield from self.executing(cast)
        executing = cast.executing()
        applied = courts.AppliedFor("production", "District Court, Chamber 4", in_days(-9), reference="4 Gs 12")
        courts.incoming_apply_for_order(incoming=self.into, by=executing, order=applied)
        order = self.into.courtorder_set.get()
        courts.incoming_note_order_granted(
            incoming=self.into, by=executing, order=order.public_id, reference="4 Gs 12", decided_on=in_days(-6)
        )
        self.carry_out(cast, "M1")
        contested = courts.Challenge("provider", "Court of Appeal", in_days(-3), order.public_id, in_days(11))
        courts.incoming_note_challenge(incoming=self.into, by=executing, challenge=contested)
        courts.incoming_open_filter(
            incoming=self.into, by=cast.their_supervisor(), kind="legal", filtered_by="Filter team of the prosecution"
        )


def build_beside() -> Line:
    """Tell the stories; return a line with the people who have most of them on the other side."""
    told(stories.RefusedAfterConsultation, "the consultation")
    told(stories.PartlyWithConditions, "the conditions")
    told(stories.ReturnedAndResubmitted, "its return")
    told(stories.WithdrawnWhileExecuting, "the withdrawal")
    told(stories.PreservedAndFollowedUp, "the wish")
    told(stories.EmergencyAtNight, "the question")
    told(stories.InformationLeadsToRequest, "the account of its use")
    told(AtCourt)
    _ledger()
    _wishes()
    _put_off()
    _team()
    _custody()
    return Line(letter_of_custody())


def _ledger() -> None:
    """A part that came, and what became of it: its chain of custody, another use, an undertaking."""
    case = told(stories.PartlyWithConditions, "the part")
    cast = Cast(case.letter)
    parts.outgoing_confirm_part(outgoing=case.out, by=cast.registry())
    files = [one.public_id for one in case.out.evidence_set.all()]
    for by, moved in (
        (cast.registry(), ledger.Moved("moved", "Registry", "Strong room", note="Seal 7")),
        (cast.desk(), ledger.Moved("examined", "Strong room", "Examiner", note="Seal 7 broken, seal 8 put on")),
    ):
        ledger.evidence_log_custody(case=case.out, by=by, files=files, moved=moved)
    use = ledger.Use("transfer", "A tax matter of the same customer.", "Tax office", "The same facts.", in_days(20))
    ledger.outgoing_ask_other_use(outgoing=case.out, by=cast.desk(), use=use, files=files)
    given = undertakings.Given(
        "destruction", "Destroyed when the judgment is final.", True, cast.central.name, cast.receiver.name, in_days(0),
        until=in_days(40),
    )  # fmt: skip
    undertakings.undertaking_enter(case=case.out, by=cast.supervisor(), given=given, files=files)
    drain()


def _wishes() -> None:
    """A request that is silent: a reminder was written, and then it was asked how it stands and to make haste."""
    case = told(stories.SilenceToLapsed, "the reminder")
    cast = Cast(case.letter)
    case_chase(case=case.out, by=cast.desk())
    wishes.outgoing_ask_status(outgoing=case.out, by=cast.desk(), words="Was the provider asked?")
    wishes.outgoing_expedite(outgoing=case.out, by=cast.supervisor(), words="The trial begins.", needed_by=in_days(15))
    together.log_contact(
        case=case.out,
        by=cast.desk(),
        contact=together.Contact(
            "telephone", "ours", clock.now(), "Europe/Berlin", "They look for the file.", "Registry", "Registry there",
            "Ring again", in_days(3),
        ),
    )  # fmt: skip
    drain()


def _put_off() -> None:
    case = told(stories.AskedTwice, "word of the execution")
    cast = Cast(case.letter)
    why = PutOff("own_proceedings", "CETS-185 27(5)", "Arrests are planned.", in_days(45))
    incoming_postpone(incoming=case.into, by=cast.their_supervisor(), put_off=why)
    drain()


def _sent_in_few_words(line: Line) -> OutgoingRequest:
    """Send a letter that says less than the law asks for: what it lacks is looked at elsewhere."""
    with patch("workflows.drafting.selectors.version_findings", lambda version: []):
        return line.sent()


def _team() -> None:
    line = Line(offering_letter())
    ours = _sent_in_few_words(line)
    theirs = line.under_review(line.arrived(ours))
    drain()
    agreement = teams.team_file(name="agreement.pdf", media_type="application/pdf", content=b"%PDF-1.7 agreement")
    team = TeamOut.objects.get(item__outgoing=ours)
    teams.team_sign(
        team=team, by=line.supervisor, on=in_days(0), office="Prosecutor general", agreement=agreement, terms=terms()
    )  # fmt: skip
    drain()
    other = TeamIn.objects.get(item__incoming=theirs)
    teams.team_countersign(
        team=other, by=line.their_supervisor, on=in_days(0), office="Special prosecutor", sha256=other.agreement_sha256
    )  # fmt: skip
    drain()
    team.refresh_from_db()
    teams.team_start(team=team, by=line.desk, on=in_days(0))
    drain()
    team.refresh_from_db()
    teams.team_ask_extension(team=team, by=line.supervisor, until=in_days(180), words="The server is still read.")
    drain()


def _custody() -> None:
    line = Line(letter_of_custody())
    theirs = line.under_review(line.arrived(_sent_in_few_words(line)))
    by = line.their_supervisor

    def row() -> CustodyIn:
        return CustodyIn.objects.get(item__incoming=theirs)

    custody.custody_act(custody=row(), act="record_consent", by=by, on=in_days(-1), **CONSENT)
    custody.custody_act(custody=row(), act="agree_arrangements", by=by, **arrangements())
    drain()


def restricted(line: Line) -> Actor:
    """Open a restricted case by a duty officer; return the officer."""
    opened_restricted(line)
    return officer(Role.DUTY_OFFICER, line.letter.requesting.authority or "")


def notified(by: Actor) -> None:
    """Choose a mail each morning, and make the address of a calendar."""
    User.objects.filter(pk=by.user_id or 0).update(email="officer@example.net")
    mail_choose(by=by, when="digest", hour=7, weekends=False)
    feed_make(by=by)
