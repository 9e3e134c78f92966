"""The requested side's ledger: what it gathered, what it consents to later, what use it is told of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from workflows.engine.machine import Doing, Effects, act, permitted
from workflows.lifecycle import guards
from workflows.lifecycle import guards_execution as execution
from workflows.lifecycle import guards_ledger as ledger
from workflows.lifecycle.models.incoming_conditions import ConditionsIn
from workflows.lifecycle.models.ledger import OtherUse, UseAccount, use_answered, use_rows
from workflows.lifecycle.models.ledger_parts import LedgerCase
from workflows.lifecycle.models.rows import Evidence
from workflows.lifecycle.models.undertakings import Undertaking, of_consent
from workflows.lifecycle.outcomes import IncomingStatus as S

#: What was furnished is asked about for years after the file is closed.
WITH_EVIDENCE = [S.IN_EXECUTION, S.CONCLUDED, S.CLOSED]
ANY_TIME = [S.RECEIVED, S.ACKNOWLEDGED, S.UNDER_REVIEW, *WITH_EVIDENCE]


class LedgerIn(ConditionsIn, LedgerCase):
    """Conditions, exhibits, what is consented of their use, and the undertakings that were given for them."""

    if TYPE_CHECKING:

        def _sender(self, actor: Actor, act_name: str) -> bool: ...
        def at_work(self, actor: Actor) -> bool: ...

    class Meta:
        abstract = True

    def _works_on(self, actor: Actor, act_name: str) -> bool:
        return holds(actor, f"incoming.{act_name}") and self.at_work(actor)

    def may_record_origin(self, actor: Actor) -> bool:
        return self._works_on(actor, "record_origin")

    @act(
        label=_("Record where evidence comes from"),
        source=WITH_EVIDENCE,
        target=None,
        permission=may_record_origin,
        conditions=[
            guards.needs("evidence"),
            ledger.files_are_of_the_case,
            execution.evidence_is_of_their_items,
            ledger.origin_says_something,
            ledger.happened_by_now,
        ],
    )
    def record_origin(self, doing: Doing, *, evidence: list[Evidence], **origin: Any) -> Effects:
        """`origin`: by the names of ExhibitOrigin. It goes with the file; a correction is a new row."""
        return self._origins(doing, evidence, origin)

    def may_log_custody(self, actor: Actor) -> bool:
        return self._works_on(actor, "log_custody")

    @act(
        label=_("Write into the chain of custody"),
        source=WITH_EVIDENCE,
        target=None,
        permission=may_log_custody,
        conditions=[
            guards.needs("evidence"),
            ledger.files_are_of_the_case,
            execution.evidence_is_of_their_items,
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

    def may_note_use_asked(self, actor: Actor) -> bool:
        return self._sender(actor, "note_use_asked")

    @act(
        label=_("Note that another use is asked for"),
        source=WITH_EVIDENCE,
        target=None,
        permission=may_note_use_asked,
        conditions=[guards.needs("purpose"), ledger.use_is_whole, ledger.files_are_of_the_case],
    )
    def note_use_asked(
        self, doing: Doing, *, use_id: Any, evidence: list[Evidence] | None = None, **told: Any
    ) -> Effects:
        self.uses_open += 1
        rows = use_rows(self, doing, files=evidence or [], use_id=use_id, **told)
        return Effects(rows=rows, detail={"use": str(use_id)}, events=[("incoming.use_asked", {})])

    def may_note_exculpatory(self, actor: Actor) -> bool:
        return self._sender(actor, "note_exculpatory")

    @act(
        label=_("Note the notice that what is exculpatory is disclosed"),
        source=WITH_EVIDENCE,
        target=None,
        permission=may_note_exculpatory,
        conditions=[guards.needs("purpose"), ledger.files_are_of_the_case],
    )
    def note_exculpatory(
        self, doing: Doing, *, use_id: Any, purpose: str, evidence: list[Evidence] | None = None
    ) -> Effects:
        kind = OtherUse.Kind.EXCULPATORY
        rows = use_rows(self, doing, files=evidence or [], use_id=use_id, kind=kind, purpose=purpose)
        return Effects(rows=rows, detail={"use": str(use_id)}, events=[("incoming.exculpatory_noted", {})])

    def may_answer_other_use(self, actor: Actor) -> bool:
        return permitted(self, actor, "answer_other_use")  # type: ignore[arg-type]

    @act(
        label=_("Answer on another use"),
        source=WITH_EVIDENCE,
        target=None,
        permission=may_answer_other_use,
        conditions=[ledger.a_use_is_open, ledger.use_answer_is_whole],
    )
    def answer_other_use(
        self, doing: Doing, *, use: OtherUse, choice: str, answer: str = "", article: str = "", until: Any = None
    ) -> Effects:
        """UNTOC 18(19), UNCAC 46(19): it binds from then on; conditions of a consent are undertakings given to us."""
        changed = use_answered(use, doing, choice=choice, answer=answer, article=article, until=until)
        self.uses_open = max(0, self.uses_open - 1)
        named = str(use.use_id)
        return Effects(
            rows=self._undertaken(of_consent(self, doing, changed)),
            changed=[changed],
            detail={"use": named, "choice": choice},
            article=article,
            events=[("incoming.use_answered", {"use": named})],
        )

    def may_ask_account(self, actor: Actor) -> bool:
        return permitted(self, actor, "ask_account")  # type: ignore[arg-type]

    @act(
        label=_("Ask what use was made"),
        source=[S.CONCLUDED, S.CLOSED],
        target=None,
        permission=may_ask_account,
        conditions=[guards.needs("question")],
    )
    def ask_account(self, doing: Doing, *, question: str, due: Any = None, account_id: Any) -> Effects:
        """Budapest 28(4): the requested Party may require that the use made is explained."""
        asked = {"question": question, "due": due, "asked_by": doing.by.label, "asked_at": doing.at}
        named = str(account_id)
        self.accounts_open += 1
        return Effects(
            rows=[self._account(account_id=account_id, **asked)],
            detail={"account": named},
            events=[("incoming.account_asked", {"account": named})],
        )

    def may_note_account(self, actor: Actor) -> bool:
        return self._sender(actor, "note_account")

    @act(
        label=_("Note their account of the use"),
        source=WITH_EVIDENCE,
        target=None,
        permission=may_note_account,
        conditions=[guards.needs("used_for"), ledger.an_account_is_open],
    )
    def note_account(
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
        """`account`: our question that it answers; without one it came unasked. What they did is noted as they say."""
        row = account or self._account(account_id=account_id)
        self.accounts_open = max(0, self.accounts_open - 1) if account else self.accounts_open
        row.given(doing, used_for=used_for, proceedings=proceedings, used_on=used_on, other_purpose=other_purpose)
        return Effects(
            rows=[] if account else [row],
            changed=[row] if account else [],
            detail={"account": str(row.account_id)},
            events=[("incoming.account_noted", {})],
        )

    # --- undertakings ---

    def may_undertake(self, actor: Actor) -> bool:
        return permitted(self, actor, "undertake")  # type: ignore[arg-type]

    @act(
        label=_("Enter an undertaking"),
        source=ANY_TIME,
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
        return permitted(self, actor, "settle_undertaking")  # type: ignore[arg-type]

    @act(
        label=_("Settle an undertaking, or note its breach"),
        source=ANY_TIME,
        target=None,
        permission=may_settle_undertaking,
        conditions=[
            ledger.some_undertaking_awaits,
            ledger.settlement_is_whole,
            ledger.release_that_both_have_is_told,
            ledger.day_is_not_ahead,
        ],
    )
    def settle_undertaking(
        self, doing: Doing, *, row: Undertaking, state: str, on: Any = None, words: str = ""
    ) -> Effects:
        return self._settle(doing, row, state=state, on=on, words=words)

    def may_release_undertaking(self, actor: Actor) -> bool:
        return permitted(self, actor, "release_undertaking")  # type: ignore[arg-type]

    @act(
        label=_("Release the other State from an undertaking"),
        source=ANY_TIME,
        target=None,
        permission=may_release_undertaking,
        conditions=[ledger.some_undertaking_awaits, ledger.both_have_it, guards.needs("words")],
    )
    def release_undertaking(self, doing: Doing, *, row: Undertaking, words: str) -> Effects:
        """The other State has it under the same identifier and is told."""
        done = self._settle(doing, row, state=Undertaking.State.RELEASED, on=None, words=words)
        done.events = [("incoming.undertaking_released", {"undertaking": str(row.undertaking_id)})]
        return done
