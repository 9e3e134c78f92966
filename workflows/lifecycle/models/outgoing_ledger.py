"""The requesting side's ledger: what it received, to whom it went on, what other use it asked for and made."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from workflows.engine.machine import Doing, Effects, act
from workflows.lifecycle import guards
from workflows.lifecycle import guards_ledger as ledger
from workflows.lifecycle.models.ledger import ExhibitOrigin, Origin, OtherUse, UseAccount, use_answered, use_rows
from workflows.lifecycle.models.ledger_parts import LedgerCase
from workflows.lifecycle.models.outgoing_conditions import ConditionsOut
from workflows.lifecycle.models.outgoing_receiver import WITH_THE_OTHER_STATE
from workflows.lifecycle.models.rows import Evidence
from workflows.lifecycle.models.undertakings import Undertaking, of_consent
from workflows.lifecycle.outcomes import OutgoingStatus as S

#: Evidence can come from the sending on, and is used for years after the file is closed.
FROM_SENDING_ON = [*WITH_THE_OTHER_STATE, S.CONCLUDED, S.CLOSED]

Proven = dict[str, Any] | None


class LedgerOut(ConditionsOut, LedgerCase):
    """Conditions, exhibits, their use, and the undertakings that bind them."""

    if TYPE_CHECKING:

        def _central(self, actor: Actor, act_name: str) -> bool: ...
        def _originator(self, actor: Actor, act_name: str) -> bool: ...
        def _receiver(self, actor: Actor, act_name: str) -> bool: ...
        def _proof(self, doing: Doing, proof: Proven) -> list[models.Model]: ...

    class Meta:
        abstract = True

    def _holds_it(self, actor: Actor, act_name: str) -> bool:
        """The central authority, and the originating one, which works with the evidence."""
        return self._central(actor, act_name) or self._originator(actor, act_name)

    def may_record_origin(self, actor: Actor) -> bool:
        return self._holds_it(actor, "record_origin")

    @act(
        label=_("Record where evidence comes from"),
        source=FROM_SENDING_ON,
        target=None,
        permission=may_record_origin,
        conditions=[
            guards.needs("evidence"),
            ledger.files_are_of_the_case,
            ledger.origin_says_something,
            ledger.happened_by_now,
        ],
    )
    def record_origin(self, doing: Doing, *, evidence: list[Evidence], **origin: Any) -> Effects:
        """`origin`: by the names of ExhibitOrigin. A correction is a new row."""
        return self._origins(doing, evidence, origin)

    def may_note_origin(self, actor: Actor) -> bool:
        return actor.kind == "peer" and self._receiver(actor, "note_origin")

    @act(
        label=_("Take into the file where their evidence comes from"),
        source=[*WITH_THE_OTHER_STATE, S.CONCLUDED],
        target=None,
        permission=may_note_origin,
        conditions=[guards.needs("evidence"), ledger.files_are_of_the_case],
    )
    def note_origin(self, doing: Doing, *, evidence: list[Evidence], origins: dict[int, Origin]) -> Effects:
        """`origins`: by the identity of a file what their message says of it."""
        rows: list[models.Model] = [
            ExhibitOrigin(evidence=file, by=doing.by.label, at=doing.at, **asdict(origins[file.pk]))
            for file in evidence
        ]
        return Effects(rows=rows, detail={"evidence": [str(file.public_id) for file in evidence]})

    def may_log_custody(self, actor: Actor) -> bool:
        return self._holds_it(actor, "log_custody")

    @act(
        label=_("Write into the chain of custody"),
        source=FROM_SENDING_ON,
        target=None,
        permission=may_log_custody,
        conditions=[
            guards.needs("evidence"),
            ledger.files_are_of_the_case,
            ledger.step_is_for_people,
            ledger.somebody_had_or_has_it,
            ledger.happened_by_now,
        ],
    )
    def log_custody(
        self, doing: Doing, *, evidence: list[Evidence], step: str, computed: dict[int, str], **told: Any
    ) -> Effects:
        """`computed`: by the identity of a file the hash of what is stored; `told`: by the names of CustodyEntry."""
        return self._custody(doing, [(file, computed.get(file.pk, "")) for file in evidence], step, **told)

    def may_hand_on(self, actor: Actor) -> bool:
        return self._holds_it(actor, "hand_on")

    @act(
        label=_("Hand evidence on"),
        source=FROM_SENDING_ON,
        target=None,
        permission=may_hand_on,
        conditions=[
            guards.needs("evidence", "recipient", "purpose", "on"),
            ledger.files_are_of_the_case,
            ledger.day_is_not_ahead,
            ledger.consent_is_of_the_case,
            ledger.nothing_forbids_the_transfer,
        ],
    )
    def hand_on(
        self,
        doing: Doing,
        *,
        evidence: list[Evidence],
        recipient: str,
        purpose: str,
        on: Any,
        other_purpose: bool,
        consent: OtherUse | None = None,
        note: str = "",
    ) -> Effects:
        """`other_purpose`: for something else than the proceedings stated in the request."""
        told = {"recipient": recipient, "purpose": purpose, "on": on, "note": note}
        return self._handed_on(doing, evidence, other_purpose=other_purpose, consent=consent, **told)

    def may_ask_other_use(self, actor: Actor) -> bool:
        return self._central(actor, "ask_other_use")

    @act(
        label=_("Ask to use evidence for another purpose"),
        source=FROM_SENDING_ON,
        target=None,
        permission=may_ask_other_use,
        conditions=[guards.needs("purpose"), ledger.use_is_whole, ledger.files_are_of_the_case],
    )
    def ask_other_use(
        self, doing: Doing, *, use_id: Any, evidence: list[Evidence] | None = None, **told: Any
    ) -> Effects:
        """`evidence`: the files that it is about; none: all that was furnished (UNTOC 18(19), UNCAC 46(19))."""
        self.uses_open += 1
        rows = use_rows(self, doing, files=evidence or [], use_id=use_id, **told)
        return Effects(
            rows=rows, detail={"use": str(use_id)}, events=[("outgoing.other_use_asked", {"use": str(use_id)})]
        )

    def may_notify_exculpatory(self, actor: Actor) -> bool:
        return self._central(actor, "notify_exculpatory")

    @act(
        label=_("Give notice before what is exculpatory is disclosed"),
        source=FROM_SENDING_ON,
        target=None,
        permission=may_notify_exculpatory,
        conditions=[guards.needs("purpose"), ledger.notice_is_foreseen, ledger.files_are_of_the_case],
    )
    def notify_exculpatory(
        self, doing: Doing, *, use_id: Any, purpose: str, evidence: list[Evidence] | None = None
    ) -> Effects:
        """UNTOC 18(19), UNCAC 46(19): a notice before, or without delay after; no answer is waited for."""
        kind = OtherUse.Kind.EXCULPATORY
        rows = use_rows(self, doing, files=evidence or [], use_id=use_id, kind=kind, purpose=purpose)
        return Effects(
            rows=rows,
            detail={"use": str(use_id)},
            article="UNTOC 18(19), UNCAC 46(19)",
            events=[("outgoing.exculpatory_notified", {"use": str(use_id)})],
        )

    def may_note_use_answer(self, actor: Actor) -> bool:
        return self._receiver(actor, "note_use_answer")

    @act(
        label=_("Record their answer on another use"),
        source=FROM_SENDING_ON,
        target=None,
        permission=may_note_use_answer,
        conditions=[ledger.a_use_is_open, ledger.use_answer_is_whole, guards.proof_when_recorded_by_hand],
    )
    def note_use_answer(
        self,
        doing: Doing,
        *,
        use: OtherUse,
        choice: str,
        answer: str = "",
        article: str = "",
        until: Any = None,
        proof: Proven = None,
    ) -> Effects:
        changed = use_answered(use, doing, choice=choice, answer=answer, article=article, until=until)
        self.uses_open = max(0, self.uses_open - 1)
        rows = self._undertaken(of_consent(self, doing, changed))
        return Effects(
            rows=[*rows, *self._proof(doing, proof)],
            changed=[changed],
            detail={"use": str(use.use_id), "choice": choice},
            article=article,
            events=[("outgoing.use_answered", {})],
        )

    def may_note_account_asked(self, actor: Actor) -> bool:
        return self._receiver(actor, "note_account_asked")

    @act(
        label=_("Record that they ask what use was made"),
        source=FROM_SENDING_ON,
        target=None,
        permission=may_note_account_asked,
        conditions=[guards.needs("question"), guards.proof_when_recorded_by_hand],
    )
    def note_account_asked(
        self, doing: Doing, *, question: str, due: Any = None, account_id: Any, proof: Proven = None
    ) -> Effects:
        asked = {"question": question, "due": due, "asked_by": doing.by.label, "asked_at": doing.at}
        self.accounts_open += 1
        rows = [self._account(account_id=account_id, **asked), *self._proof(doing, proof)]
        return Effects(rows=rows, detail={"account": str(account_id)}, events=[("outgoing.account_asked", {})])

    def may_give_account(self, actor: Actor) -> bool:
        return self._central(actor, "give_account")

    @act(
        label=_("Give an account of the use"),
        source=FROM_SENDING_ON,
        target=None,
        permission=may_give_account,
        conditions=[
            guards.needs("used_for"),
            ledger.an_account_is_open,
            ledger.day_is_not_ahead,
            ledger.nothing_forbids_the_use,
        ],
    )
    def give_account(
        self,
        doing: Doing,
        *,
        used_for: str,
        proceedings: str = "",
        used_on: Any = None,
        other_purpose: bool = False,
        account: UseAccount | None = None,
        account_id: Any,
    ) -> Effects:
        """`account`: the question that it answers (Budapest 28(4)); without one it is given unasked."""
        row = account or self._account(account_id=account_id)
        self.accounts_open = max(0, self.accounts_open - 1) if account else self.accounts_open
        row.given(doing, used_for=used_for, proceedings=proceedings, used_on=used_on, other_purpose=other_purpose)
        named = str(row.account_id)
        return Effects(
            rows=[] if account else [row],
            changed=[row] if account else [],
            detail={"account": named},
            events=[("outgoing.account_given", {"account": named})],
        )

    # --- undertakings ---

    def may_undertake(self, actor: Actor) -> bool:
        return self._central(actor, "undertake")

    @act(
        label=_("Enter an undertaking"),
        source=[S.APPROVED, *FROM_SENDING_ON],
        target=None,
        permission=may_undertake,
        conditions=[
            guards.needs("kind", "words", "given_by", "given_to"),
            ledger.undertaking_is_whole,
            ledger.files_are_of_the_case,
        ],
    )
    def undertake(self, doing: Doing, *, evidence: list[Evidence] | None = None, **told: Any) -> Effects:
        """`told`: by the names of Undertaking; `evidence`: the exhibits that it binds."""
        return self._undertake(doing, evidence or [], told)

    def may_settle_undertaking(self, actor: Actor) -> bool:
        return self._central(actor, "settle_undertaking")

    @act(
        label=_("Settle an undertaking, or note its breach"),
        source=[S.APPROVED, *FROM_SENDING_ON],
        target=None,
        permission=may_settle_undertaking,
        conditions=[
            ledger.some_undertaking_awaits,
            ledger.settlement_is_whole,
            ledger.release_of_theirs_is_proven,
            ledger.day_is_not_ahead,
        ],
    )
    def settle_undertaking(
        self, doing: Doing, *, row: Undertaking, state: str, on: Any = None, words: str = "", proof: Proven = None
    ) -> Effects:
        done = self._settle(doing, row, state=state, on=on, words=words)
        done.rows = self._proof(doing, proof)
        return done

    def may_note_release(self, actor: Actor) -> bool:
        return self._receiver(actor, "note_release") and actor.kind == "peer"

    @act(
        label=_("Take their release from an undertaking into the file"),
        source=FROM_SENDING_ON,
        target=None,
        permission=may_note_release,
        conditions=[ledger.some_undertaking_awaits, guards.needs("words")],
    )
    def note_release(self, doing: Doing, *, row: Undertaking, words: str) -> Effects:
        return self._settle(doing, row, state=Undertaking.State.RELEASED, on=None, words=words)
