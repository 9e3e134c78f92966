"""The conditions of the ledger of evidence and of undertakings. Each looks and returns reasons; none of them writes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from mla.accounts.models import Role
from mla.core.reasons import Reason
from workflows.engine.machine import Doing
from workflows.lifecycle.ledger import consent_covers, in_the_way, letter_of, limits_of
from workflows.lifecycle.models.courts import withheld_of
from workflows.lifecycle.models.ledger import OtherUse, UseAccount
from workflows.lifecycle.models.rows import CustodyEntry, Evidence
from workflows.lifecycle.models.undertakings import Undertaking

#: An officer's day can be ahead of the day in UTC.
_A_DAY = dt.timedelta(days=1)


def files_are_of_the_case(case: Any, doing: Doing) -> list[Reason]:
    """Only files of this case, and for whoever carries out none that a filter withheld."""
    if doing.asking:
        return []
    side = f"{case.KIND}_id"
    for file in doing.data.get("evidence") or []:
        if getattr(file, side) != case.pk or _hidden(file, doing):
            return [Reason("not_of_the_case", _("this file is not of this case"), field="evidence")]
    return []


def _hidden(file: Evidence, doing: Doing) -> bool:
    held = withheld_of(file) if doing.by.role == Role.EXECUTING_OFFICER else None
    return held is not None and held.filter_id is not None


def step_is_for_people(case: Any, doing: Doing) -> list[Reason]:
    """A step that an act writes by itself is not written by hand."""
    if doing.asking or doing.data.get("step") in CustodyEntry.BY_HAND:
        return []
    return [Reason("unknown_step", _("choose what happened to it"), field="step")]


def somebody_had_or_has_it(case: Any, doing: Doing) -> list[Reason]:
    """Who moves it says from whom to whom; who destroys it or gives it back names who had it."""
    if doing.asking:
        return []
    step = doing.data.get("step")
    wanted = (
        {
            CustodyEntry.Step.MOVED: ("from_whom", "to_whom"),
            CustodyEntry.Step.GIVEN_BACK: ("to_whom",),
        }.get(CustodyEntry.Step(step), ())
        if step in CustodyEntry.Step.values
        else ()
    )
    return [
        Reason(f"{name}_missing", _("say who had it and who has it now"), field=name)
        for name in wanted
        if not str(doing.data.get(name) or "").strip()
    ]


def happened_by_now(case: Any, doing: Doing) -> list[Reason]:
    """A chain of custody says what was, not what will be."""
    at = doing.data.get("happened_at") or doing.data.get("acquired_at")
    if doing.asking or at is None or at <= doing.at:
        return []
    return [Reason("ahead", _("this time is still to come"), field="happened_at")]


def day_is_not_ahead(case: Any, doing: Doing) -> list[Reason]:
    day = doing.data.get("on") or doing.data.get("used_on")
    if doing.asking or day is None or day <= (doing.at + _A_DAY).date():
        return []
    return [Reason("day_ahead", _("this day is still to come"), field="on")]


def origin_says_something(case: Any, doing: Doing) -> list[Reason]:
    if doing.asking or any(
        str(doing.data.get(name) or "").strip() for name in ("obtained_from", "obtained_by", "how", "tool")
    ):
        return []
    if doing.data.get("form") not in (None, "", "not_known") or doing.data.get("acquired_at"):
        return []
    return [Reason("origin_empty", _("say where it comes from, as far as that is known"), field="obtained_from")]


# --- onward transfer and other use ---


def nothing_forbids_the_transfer(case: Any, doing: Doing) -> list[Reason]:
    """What was undertaken, or what an instrument forbids, stands in the way unless a consent that covers it is recorded.

    UNTOC article 18(19), UNCAC article 46(19), 1988 Convention article 7(13), ICSFT article 12(3).
    """
    if doing.asking:
        return []
    files, day = doing.data.get("evidence") or [], doing.data.get("on") or doing.at.date()
    consent = doing.data.get("consent")
    if consent_covers(consent, files, OtherUse.Kind.TRANSFER, day):
        return []
    other = bool(doing.data.get("other_purpose"))
    return _forbidden(case, files, ("transfer", "other_use") if other else ("transfer",), day)


def nothing_forbids_the_use(case: Any, doing: Doing) -> list[Reason]:
    """A use for another purpose is told where a consent to it is recorded. One without: a breach, to be recorded as one."""
    if doing.asking or not doing.data.get("other_purpose") or doing.by.kind != "user":
        return []
    day = doing.data.get("used_on") or doing.at.date()
    if any(use.allows(day) for use in case.otheruse_set.filter(kind=OtherUse.Kind.USE)):
        return []
    return _forbidden(case, list(case.evidence_set.select_related("item").order_by("id")), ("other_use",), day)


def _forbidden(case: Any, files: list[Evidence], what: tuple[str, ...], day: dt.date) -> list[Reason]:
    undertakings = list(case.undertaking_set.prefetch_related("files").order_by("id"))
    found: list[Reason] = []
    named: dict[int, Undertaking] = {one.pk: one for name in what for one in in_the_way(undertakings, files, name, day)}
    for one in named.values():
        said = {"kind": one.kind_words, "words": one.words[:200], "state": one.given_to}
        found.append(
            Reason(
                "undertaking_forbids",
                _("an undertaking given to %(state)s forbids it without consent: %(kind)s (“%(words)s”)") % said,
                field="consent",
            )
        )
    if "other_use" in what and case.KIND == "outgoing":
        content = letter_of(case)
        keys = dict.fromkeys(file.item.key if file.item else "" for file in files)
        limits = {one.instrument: one for key in keys for one in limits_of(content, key).on_other_use}
        for limit in limits.values():
            article = f"{limit.instrument} {limit.article}"
            found.append(
                Reason(
                    "instrument_forbids",
                    _("%(article)s asks for the consent of the requested State before") % {"article": article},
                    field="consent",
                )
            )
    return found


def consent_is_of_the_case(case: Any, doing: Doing) -> list[Reason]:
    consent = doing.data.get("consent")
    if doing.asking or consent is None or getattr(consent, f"{case.KIND}_id") == case.pk:
        return []
    return [Reason("consent_of_another_case", _("this consent is not of this case"), field="consent")]


def use_is_whole(case: Any, doing: Doing) -> list[Reason]:
    """A kind that is known, and for a transfer to whom."""
    if doing.asking:
        return []
    kind = doing.data.get("kind")
    if kind not in OtherUse.Kind.values or kind == OtherUse.Kind.EXCULPATORY:
        return [Reason("kind_missing", _("choose what is asked for"), field="kind")]
    if kind == OtherUse.Kind.TRANSFER and not str(doing.data.get("recipient") or "").strip():
        return [Reason("recipient_missing", _("say to whom it is to go"), field="recipient")]
    return []


def a_use_is_open(case: Any, doing: Doing) -> list[Reason]:
    """Of two who answer at once the second finds it answered: the service gives it none."""
    use = doing.data.get("use")
    waits = bool(case.uses_open) if doing.asking else isinstance(use, OtherUse) and use.is_open
    return [] if waits else [Reason("nothing_open", _("nothing is asked, or this is answered already"))]


def use_answer_is_whole(case: Any, doing: Doing) -> list[Reason]:
    """Consent, consent on conditions with their words, or none with reasons; a last day only of a consent."""
    if doing.asking:
        return []
    choice, answer = doing.data.get("choice"), str(doing.data.get("answer") or "").strip()
    if choice not in OtherUse.Choice.values:
        return [Reason("choice_missing", _("say whether consent is given"), field="choice")]
    if choice != OtherUse.Choice.CONSENT and not answer:
        return [Reason("answer_missing", _("write the conditions, or the reasons"), field="answer")]
    if choice == OtherUse.Choice.DECLINED and doing.data.get("until"):
        return [Reason("until_of_no_consent", _("only a consent has a last day"), field="until")]
    return []


def notice_is_foreseen(case: Any, doing: Doing) -> list[Reason]:
    """UNTOC article 18(19), UNCAC article 46(19): disclosure after a notice. Where no instrument is known to say so: consent."""
    if doing.asking:
        return []
    if any(one.exculpatory == "yes" for one in limits_of(letter_of(case)).known):
        return []
    return [
        Reason(
            "no_exception_known",
            _("no instrument that the letter cites is known to foresee this notice: ask for the consent"),
            field="purpose",
        )
    ]


def an_account_is_open(case: Any, doing: Doing) -> list[Reason]:
    account = doing.data.get("account")
    if doing.asking or account is None:
        return []
    if isinstance(account, UseAccount) and account.given_at is None:
        return []
    return [Reason("nothing_open", _("this account was given already"))]


# --- undertakings ---


def undertaking_is_whole(case: Any, doing: Doing) -> list[Reason]:
    """Who gave it to whom, from when on; its last day is not before its first."""
    if doing.asking:
        return []
    until, starts = doing.data.get("until"), doing.data.get("starts_on")
    if until is not None and starts is not None and until < starts:
        return [Reason("until_before_start", _("it ends before it begins"), field="until")]
    return []


def some_undertaking_awaits(case: Any, doing: Doing) -> list[Reason]:
    row = doing.data.get("row")
    found = bool(case.undertakings_open) if doing.asking else isinstance(row, Undertaking) and row.awaits
    return [] if found else [Reason("nothing_open", _("no undertaking is open, or this one is settled already"))]


def settlement_is_whole(case: Any, doing: Doing) -> list[Reason]:
    """A state that it does not have, and for a breach in words; a release is the word of the side it was given to."""
    if doing.asking:
        return []
    state, row = doing.data.get("state"), doing.data.get("row")
    states = Undertaking.State
    if state not in states.values or state == states.OPEN or (isinstance(row, Undertaking) and row.state == state):
        return [Reason("state_missing", _("say how it stands now"), field="state")]
    if state in (states.BREACHED, states.RELEASED) and not str(doing.data.get("words") or "").strip():
        return [Reason("words_missing", _("say in words what happened"), field="words")]
    return []


def release_of_theirs_is_proven(case: Any, doing: Doing) -> list[Reason]:
    """From what we undertook the other State alone releases us: its paper is kept as proof."""
    row = doing.data.get("row")
    if doing.asking or doing.data.get("state") != Undertaking.State.RELEASED or doing.data.get("proof"):
        return []
    if isinstance(row, Undertaking) and row.ours:
        return [Reason("proof_missing", _("attach what proves it: the letter, message or receipt"), field="proof")]
    return []


def _shared(row: object) -> bool:
    """Tell whether the other State has this undertaking under the same identifier, and gave it."""
    return isinstance(row, Undertaking) and not row.ours and row.source != Undertaking.Source.BY_HAND


def both_have_it(case: Any, doing: Doing) -> list[Reason]:
    """Only of what came by the exchange can the other State be told by its identifier."""
    if doing.asking or _shared(doing.data.get("row")):
        return []
    return [Reason("not_shared", _("the other State has it under no identifier: write to it, then settle it here"))]


def release_that_both_have_is_told(case: Any, doing: Doing) -> list[Reason]:
    if doing.asking or doing.data.get("state") != Undertaking.State.RELEASED or not _shared(doing.data.get("row")):
        return []
    return [Reason("release_is_told", _("release it by the act that tells the other State"), field="state")]
