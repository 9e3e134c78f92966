"""Hints may be lost, late, double or stale, and the broker away: the relay finds what is due, or does it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, transaction

from mla.celery import app
from tests.engine.conftest import Bench, Hints
from tests.engine.racing import at_once
from workflows.engine import outbox, relay, tasks
from workflows.engine.relay import relay_backlog, run_relay, sweep_jobs


class TestHints:
    def test_hint_is_given_after_the_commit_and_not_for_what_was_rolled_back(self, bench: Bench, hints: Hints) -> None:
        bench.handle()
        with transaction.atomic():
            bench.job()
            assert hints == []
            transaction.set_rollback(True)
        assert hints == []
        job = bench.job()
        assert hints == [job.pk]

    def test_act_stands_when_the_broker_is_away(self, bench: Bench, hints: Hints) -> None:
        hints.down = True
        bench.handle()
        job = bench.job()
        assert (bench.row(job).status, hints) == ("due", [])

    def test_task_takes_an_identifier_and_runs_that_job(self, bench: Bench) -> None:
        bench.handle()
        job = bench.job()
        tasks.run_outbox_job(job.pk)
        tasks.run_outbox_job(job.pk)
        assert bench.effects(job) == 1


class TestSweep:
    def test_lost_hint_is_given_again_but_not_every_second(self, bench: Bench, hints: Hints) -> None:
        bench.handle()
        job = bench.job()
        hints.clear()
        assert (sweep_jobs().hinted, hints) == (1, [job.pk])
        assert (sweep_jobs().hinted, hints) == (0, [job.pk])
        bench.set(job, "hinted_at = clock_timestamp() - interval '31 seconds'")
        assert (sweep_jobs().hinted, hints) == (1, [job.pk, job.pk])
        outbox.run_job(job.pk)
        bench.set(job, "hinted_at = null")
        assert (sweep_jobs().hinted, relay_backlog()) == (0, 0)

    def test_job_of_a_dead_worker_is_hinted_at_once_when_its_lease_is_over(self, bench: Bench, hints: Hints) -> None:
        bench.handle()
        job = bench.job()
        hints.clear()
        bench.set(
            job,
            "status = 'leased', attempts = 1, hinted_at = clock_timestamp() - interval '9 s',"
            " lease_until = clock_timestamp() + interval '1 hour'",
        )
        assert (sweep_jobs().hinted, relay_backlog()) == (0, 1)
        bench.set(job, "lease_until = clock_timestamp() - interval '1 s'")
        assert (sweep_jobs().hinted, hints) == (1, [job.pk])

    def test_job_that_waits_for_its_time_or_its_turn_is_not_hinted(self, bench: Bench, hints: Hints) -> None:
        bench.handle(ordering=lambda case, payload: "one key")
        first, second, later = bench.job(), bench.job(), bench.job()
        bench.set(later, "ordering_key = '', due_at = clock_timestamp() + interval '1 hour'")
        hints.clear()
        sweep_jobs()
        assert hints == [first.pk]
        bench.set(first, "status = 'parked'")
        sweep_jobs()
        assert hints == [first.pk]
        bench.set(first, "status = 'skipped'")
        sweep_jobs()
        assert hints == [first.pk, second.pk]

    def test_two_relays_hint_each_job_once(self, bench: Bench, hints: Hints) -> None:
        bench.handle()
        jobs = [bench.job(number) for number in range(20)]
        hints.clear()
        swept = at_once(sweep_jobs, sweep_jobs)
        assert sum(one.hinted for one in swept) == 20
        assert sorted(hints) == [job.pk for job in jobs]

    def test_relay_runs_the_jobs_itself_while_the_broker_is_away(self, bench: Bench, hints: Hints) -> None:
        hints.down = True
        bench.handle()
        jobs = [bench.job(number) for number in range(3)]
        swept = sweep_jobs()
        assert (swept.hinted, swept.run_here) == (0, 3)
        assert [bench.effects(job) for job in jobs] == [1, 1, 1]

    def test_two_relays_without_a_broker_run_each_job_once(self, bench: Bench, hints: Hints) -> None:
        hints.down = True
        bench.handle()
        jobs = [bench.job(number) for number in range(10)]
        assert sum(one.run_here for one in at_once(sweep_jobs, sweep_jobs)) == 10
        assert [bench.effects(job) for job in jobs] == [1] * 10


class TestLoop:
    def test_relay_waits_for_a_database_that_is_away_and_goes_on(
        self, bench: Bench, hints: Hints, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bench.handle()
        job = bench.job()
        hints.clear()
        rounds: list[str] = []

        def sweep() -> relay.Swept:
            rounds.append("round")
            if len(rounds) == 1:
                raise OperationalError
            return sweep_jobs()

        monkeypatch.setattr(relay, "sweep_jobs", sweep)
        monkeypatch.setattr(relay, "run_due", lambda steps: [])
        run_relay(every=0, stop=lambda: len(rounds) == 2)
        assert hints == [job.pk]

    def test_command_stops_at_a_signal(self, bench: Bench, hints: Hints, monkeypatch: pytest.MonkeyPatch) -> None:
        import os
        import signal

        before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        monkeypatch.setattr(relay, "sweep_jobs", lambda: os.kill(os.getpid(), signal.SIGTERM) or relay.Swept())
        monkeypatch.setattr(relay, "run_due", lambda steps: [])
        try:
            call_command("relay", every=0)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        assert os.getpid()


class TestBrokerThatIsReallyAway:
    """Real publisher settings against a port where nobody listens: what a web request does then."""

    @pytest.fixture
    def tries(self, committed: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
        found: list[Any] = []
        connect = socket.socket.connect

        def counted(self: socket.socket, address: Any) -> None:
            if isinstance(address, tuple):
                found.append(address)
            connect(self, address)

        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"redis://127.0.0.1:{unused.getsockname()[1]}/0"
        monkeypatch.setattr(socket.socket, "connect", counted)
        monkeypatch.setattr(outbox, "_broker_asked_again_at", 0.0)
        before = app.conf.broker_url, app.conf.broker_write_url, app.amqp._producer_pool
        app.conf.broker_url, app.conf.broker_write_url, app.amqp._producer_pool = url, url, None
        yield found
        app.conf.broker_url, app.conf.broker_write_url, app.amqp._producer_pool = before

    def test_act_of_five_jobs_asks_it_once_and_commits(self, tries: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(outbox, "_handlers", {})
        bench = Bench()
        bench.handle()
        with transaction.atomic():
            jobs = [bench.job(number) for number in range(5)]
        assert len(tries) == 1
        assert {bench.row(job).status for job in jobs} == {"due"}
        monkeypatch.setattr(outbox, "_broker_asked_again_at", 0.0)
        swept = sweep_jobs()
        assert (swept.run_here, len(tries)) == (5, 2)
        assert {bench.row(job).status for job in jobs} == {"done"}
