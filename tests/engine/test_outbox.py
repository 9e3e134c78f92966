"""A job is run once, however many try, however often it fails, whoever dies in between."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.core.errors import MlaError
from mla.core.ids import uuid7
from mla.core.reasons import Reason
from tests.engine.conftest import EVENT, Bench, Hints
from tests.engine.racing import at_once, outcome
from tests.factories import officer
from workflows.engine import outbox
from workflows.engine.errors import ActForbidden, ActNotPossible, DataWrong, PermanentFailure
from workflows.engine.models import OutboxJob
from workflows.engine.outbox import run_job
from workflows.engine.perform import recording_refusals
from workflows.engine.services import job_replay, job_skip

SECRET = "the informant lives at 12 Example Street"


class TestOnce:
    def test_job_that_four_workers_run_at_once_has_one_effect(self, bench: Bench) -> None:
        bench.handle()
        job = bench.job()
        results = at_once(*[lambda: run_job(job.pk)] * 4)
        assert sorted(results) == ["done", "not mine", "not mine", "not mine"]
        assert (bench.effects(job), bench.row(job).attempts) == (1, 1)

    def test_done_job_is_not_run_again_by_a_stale_hint(self, bench: Bench) -> None:
        bench.handle()
        job = bench.job()
        assert [run_job(job.pk), run_job(job.pk), run_job(job.pk + 1000)] == ["done", "not mine", "not mine"]
        row = bench.row(job)
        assert (bench.effects(job), row.status, row.lease_token, row.last_error) == (1, "done", None, "")
        assert row.done_at is not None

    def test_job_that_is_not_due_yet_waits(self, bench: Bench) -> None:
        bench.handle()
        job = bench.job()
        bench.set(job, "due_at = clock_timestamp() + interval '1 hour'")
        assert run_job(job.pk) == "not mine"
        bench.due_now(job)
        assert run_job(job.pk) == "done"

    def test_worker_that_slept_past_its_lease_cannot_commit(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        second: list[Any] = []

        def slow(job: outbox.Job) -> outbox.Finish:
            if job.attempt == 1:
                # Its lease of no time at all is over: somebody else takes the job and finishes it.
                monkeypatch.setattr(settings, "OUTBOX_LEASE_SECONDS", 120)
                second.extend(at_once(lambda: run_job(job.id)))
            return bench.effect(job)

        bench.handle(slow)
        job = bench.job()
        monkeypatch.setattr(settings, "OUTBOX_LEASE_SECONDS", 0)
        assert run_job(job.pk) == "not mine"
        assert second == ["done"]
        assert [seen.attempt for seen in bench.seen] == [2, 1]
        assert (bench.effects(job), bench.row(job).status, bench.row(job).attempts) == (1, "done", 2)

    def test_worker_that_fails_after_its_lease_does_not_disturb_the_next(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def slow(job: outbox.Job) -> None:
            # Another one has claimed it meanwhile.
            bench.set(OutboxJob(pk=job.id), "lease_token = %s, attempts = 2", uuid7())
            raise RuntimeError

        bench.handle(slow)
        job = bench.job()
        assert run_job(job.pk) == "retry"
        row = bench.row(job)
        assert (row.status, row.attempts, row.last_error) == ("leased", 2, "")

    def test_leased_job_is_nobody_elses_until_its_lease_ends(self, bench: Bench) -> None:
        bench.handle()
        job = bench.job()
        bench.set(
            job, "status = 'leased', attempts = 1, lease_token = %s, lease_until = clock_timestamp() + interval '9 s'",
            uuid7(),
        )  # fmt: skip
        assert run_job(job.pk) == "not mine"
        bench.set(job, "lease_until = clock_timestamp() - interval '1 second'")
        assert run_job(job.pk) == "done"
        assert (bench.effects(job), bench.row(job).attempts) == (1, 2)

    def test_effect_and_mark_are_one_transaction(self, bench: Bench) -> None:
        def handler(job: outbox.Job) -> outbox.Finish:
            def finish() -> None:
                bench.leave(f"effect {job.id}")
                if job.attempt == 1:
                    raise RuntimeError

            return finish

        bench.handle(handler)
        job = bench.job()
        assert (run_job(job.pk), bench.effects(job)) == ("retry", 0)
        bench.due_now(job)
        assert (run_job(job.pk), bench.effects(job)) == ("done", 1)

    def test_act_writes_one_job_a_handler_and_the_database_refuses_a_second(self, bench: Bench) -> None:
        bench.handle()
        bench.handle(name="test.second", queue="documents")
        with pytest.raises(ValueError, match="already"):
            bench.handle()
        from types import SimpleNamespace

        case: Any = SimpleNamespace(KIND="test", pk=1, authority_id=bench.authority.pk)
        act = uuid7()
        with transaction.atomic():
            jobs = outbox.enqueue(EVENT, on=case, act_id=act, payload={"version": 3})
        assert [(job.handler, job.queue, job.payload) for job in jobs] == [
            ("test.handler", "default", {"version": 3}),
            ("test.second", "documents", {"version": 3}),
        ]
        with pytest.raises(IntegrityError), transaction.atomic():
            outbox.enqueue(EVENT, on=case, act_id=act, payload={})
        assert outbox.registered_events() == {EVENT: ["test.handler", "test.second"]}


class TestFailure:
    def test_failure_is_tried_again_later_and_later_and_parked_after_eight(self, bench: Bench, raising: Any) -> None:
        bench.handle(raising(RuntimeError()), parked=lambda job, why: bench.parked.append(why))
        job = bench.job()
        waits = []
        for _attempt in range(7):
            assert run_job(job.pk) == "retry"
            waits.append(bench.waits(job))
            assert run_job(job.pk) == "not mine"
            bench.due_now(job)
        for number, wait in enumerate(waits):
            assert 0.75 * 10 * 2**number - 5 < wait <= min(3600, 1.25 * 10 * 2**number)
        assert run_job(job.pk) == "parked"
        row = bench.row(job)
        assert (row.status, row.attempts, bench.parked) == ("parked", 8, [row.last_error])
        bench.due_now(job)
        assert run_job(job.pk) == "not mine"

    def test_wait_is_never_longer_than_an_hour(
        self, bench: Bench, raising: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "OUTBOX_MAX_ATTEMPTS", 30)
        bench.handle(raising(RuntimeError()))
        job = bench.job()
        for attempts in (9, 12, 20):
            bench.set(job, "attempts = %s, due_at = clock_timestamp()", attempts)
            assert run_job(job.pk) == "retry"
            assert 3500 < bench.waits(job) <= 3600

    def test_permanent_failure_is_parked_at_once_in_our_own_words(self, bench: Bench, raising: Any) -> None:
        bench.handle(raising(PermanentFailure("no font for this script")))
        job = bench.job()
        assert run_job(job.pk) == "parked"
        assert bench.row(job).last_error == "PermanentFailure: no font for this script"

    def test_job_without_a_handler_is_parked_visibly(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        bench.handle()
        job = bench.job()
        monkeypatch.setattr(outbox, "_handlers", {})
        assert run_job(job.pk) == "parked"
        assert "no handler test.handler for test.happened" in bench.row(job).last_error

    @pytest.mark.parametrize("status", ["leased", "due"])
    def test_job_whose_process_died_in_every_attempt_is_parked(self, bench: Bench, status: str) -> None:
        bench.handle(parked=lambda job, why: bench.parked.append(why))
        job = bench.job()
        bench.set(job, "status = %s, attempts = 8, lease_until = clock_timestamp() - interval '1 s'", status)
        assert run_job(job.pk) == "parked"
        assert (bench.effects(job), bench.parked) == (0, ["the process died in every attempt"])
        assert bench.row(job).status == "parked"

    def test_hook_that_fails_does_not_bring_a_parked_job_back_to_life(self, bench: Bench, raising: Any) -> None:
        def hook(job: outbox.Job, why: str) -> None:
            bench.leave("from the hook")
            raise RuntimeError(SECRET)

        bench.handle(raising(PermanentFailure("no channel")), parked=hook)
        job = bench.job()
        assert run_job(job.pk) == "parked"
        assert bench.row(job).status == "parked"
        bench.set(job, "status = 'leased', attempts = 8, lease_until = clock_timestamp() - interval '1 s'")
        assert run_job(job.pk) == "parked"
        assert bench.row(job).status == "parked"

    @pytest.mark.parametrize(
        ("error", "told"),
        [
            (ValueError(SECRET), "ValueError at tests/engine/"),
            (IntegrityError(f"DETAIL: Failing row contains ({SECRET})"), "IntegrityError at tests/engine/"),
            (MlaError(SECRET), "MlaError at tests/engine/"),
            (
                DataWrong("note_result", [Reason("field_wrong", f"“{SECRET}” is no choice", field="outcome")]),
                "DataWrong note_result: field_wrong:outcome at tests/engine/",
            ),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_error_is_kept_by_kind_and_place_without_a_word_of_the_case(
        self, bench: Bench, raising: Any, caplog: pytest.LogCaptureFixture, error: Exception, told: str
    ) -> None:
        bench.handle(raising(error), parked=lambda job, why: bench.parked.append(why))
        job = bench.job()
        bench.set(job, "attempts = 7")
        with caplog.at_level(logging.DEBUG):
            assert run_job(job.pk) == "parked"
        assert bench.row(job).last_error.startswith(told)
        assert bench.parked == [bench.row(job).last_error]
        lines = "\n".join(logging.Formatter().format(record) for record in caplog.records)
        assert "in attempt 8" in lines
        assert SECRET not in lines + bench.row(job).last_error


class TestOrder:
    def two(self, bench: Bench) -> tuple[OutboxJob, OutboxJob, OutboxJob]:
        def handler(job: outbox.Job) -> outbox.Finish:
            if job.payload.get("fails") and not bench.parked:
                raise PermanentFailure("the channel is closed")
            return bench.effect(job)

        bench.handle(
            handler,
            ordering=lambda case, payload: str(payload["key"]),
            parked=lambda job, why: bench.parked.append(why),
        )
        return bench.job(1, key="a", fails=True), bench.job(2, key="a"), bench.job(3, key="b")

    def test_later_job_of_a_key_waits_for_the_earlier_and_other_keys_go_on(self, bench: Bench) -> None:
        first, second, other = self.two(bench)
        assert [run_job(second.pk), run_job(other.pk), run_job(first.pk)] == ["not mine", "done", "parked"]
        assert run_job(second.pk) == "not mine"
        assert bench.effects(second) == 0

    def test_skipping_the_parked_head_releases_the_rest_and_leaves_an_entry(self, bench: Bench) -> None:
        first, second, _other = self.two(bench)
        run_job(first.pk)
        administrator = officer(Role.LOCAL_ADMINISTRATOR, bench.authority.code)
        for by, reason, error in (
            (officer(Role.SUPERVISOR, bench.authority.code), "sent by post", ActForbidden),
            (Actor.system("x", authority_id=bench.authority.pk), "sent by post", ActForbidden),
            (administrator, "  ", ActNotPossible),
        ):
            assert isinstance(
                outcome(lambda by=by, reason=reason: job_skip(job_id=first.pk, by=by, reason=reason)), error
            )
        assert run_job(second.pk) == "not mine"
        job_skip(job_id=first.pk, by=administrator, reason="sent by post")
        assert [run_job(first.pk), run_job(second.pk)] == ["not mine", "done"]
        entry = AuditEntry.objects.get(act="job.skip", object_id=str(first.public_id))
        assert (entry.from_status, entry.to_status, entry.reason, entry.actor_id) == (
            "parked",
            "skipped",
            "sent by post",
            administrator.id,
        )
        with pytest.raises(ActNotPossible):
            job_replay(job_id=first.pk, by=administrator, reason="after all")

    def test_replaying_the_parked_head_runs_both_in_order(self, bench: Bench, hints: Hints) -> None:
        first, second, _other = self.two(bench)
        run_job(first.pk)
        stranger = OutboxJob.objects.exclude(authority_id=bench.authority.pk)
        assert not stranger.exists()
        administrator = officer(Role.LOCAL_ADMINISTRATOR, bench.authority.code)
        hints.clear()
        replayed = job_replay(job_id=first.pk, by=administrator, reason="the channel is open again")
        assert (replayed.status, replayed.attempts, hints) == ("due", 0, [first.pk])
        assert [run_job(second.pk), run_job(first.pk), run_job(second.pk)] == ["not mine", "done", "done"]
        assert [job.id for job in bench.seen] == [first.pk, second.pk]

    def test_administrator_of_another_authority_decides_nothing(self, bench: Bench) -> None:
        first, _second, _other = self.two(bench)
        run_job(first.pk)
        from mla.reference.models import Authority

        other = Authority.objects.exclude(pk=bench.authority.pk).order_by("id")[0]
        stranger = officer(Role.LOCAL_ADMINISTRATOR, other.code)
        with pytest.raises(ActForbidden), recording_refusals():
            job_skip(job_id=first.pk, by=stranger, reason="x")
        assert bench.row(first).status == "parked"
        entry = AuditEntry.objects.get(act="job.skip", object_id=str(first.public_id))
        assert (entry.authority_id, entry.outcome, entry.actor_id) == (bench.authority.pk, "refused", stranger.id)
