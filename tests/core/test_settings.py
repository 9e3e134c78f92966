"""Settings from outside: production names all that is missing at once, and refuses what must not be there."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from mla import services
from mla.core.errors import SettingsIncomplete
from mla.settings.env import BASE_DIR, REQUIRED_IN_PRODUCTION, Env
from mla.settings.stores import s3_options

PRODUCTION = {
    "MLA_MODE": "production",
    "DATABASE_URL": "postgres://mla_app:secret@db.example.net/mla",
    "REDIS_URL": "redis://redis.example.net/0",
    "SECRET_KEY": "0123456789" * 6,
    "ALLOWED_HOSTS": "mla.example.net, www.mla.example.net",
    "STORAGE_DIR": "/srv/mla/storage",
}


def in_production(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(BASE_DIR), "DJANGO_SETTINGS_MODULE": "mla.settings"}
        | PRODUCTION | environment,
        cwd=BASE_DIR, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


class TestProduction:
    def test_every_missing_value_is_named_at_once(self) -> None:
        with pytest.raises(SettingsIncomplete) as refused:
            Env.read({"MLA_MODE": "production"})
        assert len(REQUIRED_IN_PRODUCTION) == 5
        for name, purpose in REQUIRED_IN_PRODUCTION.items():
            assert f"{name}: {purpose}" in str(refused.value)

    def test_whole_environment_is_accepted_and_read(self) -> None:
        env = Env.read(PRODUCTION)
        assert not env.embedded and not env.demo and not env.act_as_owner
        assert env.allowed_hosts == ("mla.example.net", "www.mla.example.net")
        assert env.broker_url == "redis://redis.example.net/0"
        assert Env.read(PRODUCTION | {"BROKER_URL": "amqp://mq.example.net//"}).broker_url == "amqp://mq.example.net//"

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"SECRET_KEY": "short"}, "SECRET_KEY: has fewer than 50 characters"),
            ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS: * is no host name"),
            ({"STORAGE_DIR": "storage"}, "STORAGE_DIR: is not an absolute path"),
            (
                {"STORAGE_URL": "s3://letters?endpoint=http://s3.example.net"},
                "STORAGE_URL: its endpoint is no https://",
            ),
            ({"STORAGE_URL": "s3://key:secret@letters"}, "STORAGE_URL: names a key"),
            ({"LOG_LEVEL": "debug"}, "LOG_LEVEL: DEBUG would write texts of cases"),
            ({"MLA_DEMO": "1"}, "MLA_DEMO: the demonstration does not run in production"),
            ({"MLA_ACT_AS_OWNER": "1"}, "DATABASE_OWNER_URL: PostgreSQL as the role that owns the tables"),
            (
                {"DATABASE_OWNER_URL": "postgres://mla_app:secret@db.example.net/mla"},
                "DATABASE_OWNER_URL: names the role of DATABASE_URL",
            ),
            ({"DATABASE_URL": services.location().database_url("mla_app", "mla")}, "DATABASE_URL: names an embedded"),
            ({"REDIS_URL": services.location().redis_url(0)}, "REDIS_URL: names an embedded server"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
    )
    def test_unfit_value_is_refused(self, change: dict[str, str], told: str) -> None:
        with pytest.raises(SettingsIncomplete) as refused:
            Env.read(PRODUCTION | change)
        assert told in str(refused.value)
        assert "secret" not in str(refused.value)

    def test_an_object_store_stands_in_place_of_the_folder(self) -> None:
        without = {name: value for name, value in PRODUCTION.items() if name != "STORAGE_DIR"}
        with pytest.raises(SettingsIncomplete, match="or STORAGE_URL"):
            Env.read(without)
        url = "s3://letters/house?endpoint=https://s3.example.net:9000&region=eu-1"
        assert Env.read(without | {"STORAGE_URL": url}).storage_url == url
        done = in_production("from django.conf import settings as s; print(s.STORAGES['default'])", STORAGE_URL=url)
        assert "mla.core.object_store.WriteOnceS3Storage" in done.stdout and "/srv/mla" not in done.stdout
        assert s3_options(url) == {
            "bucket_name": "letters", "location": "house", "endpoint_url": "https://s3.example.net:9000",
            "region_name": "eu-1", "addressing_style": "path",
        }  # fmt: skip
        assert s3_options("s3://letters", demo=True) == {
            "bucket_name": "letters", "location": "demo", "endpoint_url": None, "region_name": None,
            "addressing_style": "virtual",
        }  # fmt: skip

    def test_command_ends_with_the_names_and_no_traceback(self) -> None:
        done = subprocess.run(
            [sys.executable, "manage.py", "check"],
            env={"PATH": os.environ["PATH"], "MLA_MODE": "production"},
            cwd=BASE_DIR, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 1
        assert "DATABASE_URL" in done.stderr and "STORAGE_DIR" in done.stderr and "Traceback" not in done.stderr

    def test_deployment_check_finds_nothing(self) -> None:
        done = in_production(
            "from django.core.management import execute_from_command_line as run;"
            " run(['manage.py', 'check', '--deploy', '--fail-level', 'WARNING'])"
        )
        assert done.returncode == 0, done.stderr
        # W021, the browsers' preload list, is the one exception.
        assert "2 silenced" in done.stdout

    def test_settings_are_safe(self) -> None:
        names = (
            "DEBUG SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SESSION_COOKIE_NAME CSRF_COOKIE_NAME SECURE_SSL_REDIRECT"
            " SESSION_COOKIE_HTTPONLY SECURE_HSTS_SECONDS X_FRAME_OPTIONS ALLOWED_HOSTS CELERY_ACCEPT_CONTENT"
        ).split()
        done = in_production(
            "import json; from django.conf import settings;"
            f" print(json.dumps({{name: getattr(settings, name) for name in {names}}}))"
        )
        found = json.loads(done.stdout)
        assert found["DEBUG"] is False
        assert found["SESSION_COOKIE_SECURE"] and found["CSRF_COOKIE_SECURE"] and found["SESSION_COOKIE_HTTPONLY"]
        assert found["SESSION_COOKIE_NAME"].startswith("__Host-") and found["CSRF_COOKIE_NAME"].startswith("__Host-")
        assert found["SECURE_SSL_REDIRECT"] and found["SECURE_HSTS_SECONDS"] >= 31_536_000
        assert found["X_FRAME_OPTIONS"] == "DENY"
        assert found["ALLOWED_HOSTS"] == ["mla.example.net", "www.mla.example.net"]
        assert found["CELERY_ACCEPT_CONTENT"] == ["json"]


class TestElsewhere:
    def test_nothing_set_means_the_embedded_servers(self) -> None:
        env = Env.read({})
        where = services.location()
        assert env.embedded and env.mode == "development"
        assert env.database_url == where.database_url("mla_app", "mla")
        assert env.database_owner_url == where.database_url("mla_owner", "mla")
        assert env.broker_url == f"redis+socket://{where.redis_socket}"

    def test_demonstration_keeps_to_its_own_database_broker_and_storage(self) -> None:
        plain, demo = Env.read({}), Env.read({"MLA_DEMO": "1"})
        assert demo.database_url.endswith("/mla_demo") and demo.database_owner_url.endswith("/mla_demo")
        assert demo.redis_url == f"{plain.redis_url}?db=1"
        assert demo.storage_dir != plain.storage_dir

    @pytest.mark.parametrize(
        ("environ", "told"),
        [
            ({"MLA_MODE": "live"}, "MLA_MODE is 'live': use development, test or production"),
            ({"MLA_LEASE_SECONDS": "two minutes"}, "MLA_LEASE_SECONDS is 'two minutes': use a whole number above zero"),
            ({"MLA_LEASE_SECONDS": "0"}, "MLA_LEASE_SECONDS is '0'"),
            ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is 'loud': use one of DEBUG, INFO"),
            ({"STORAGE_URL": "https://s3.example.net/letters"}, "STORAGE_URL: is not s3://bucket"),
            ({"STORAGE_URL": "s3://Letters_x"}, "STORAGE_URL: names no bucket"),
            ({"STORAGE_URL": "s3://letters/../other"}, "STORAGE_URL: has a prefix of other signs"),
            ({"STORAGE_URL": "s3://letters?acl=public-read"}, "STORAGE_URL: says something else than addressing"),
            ({"STORAGE_URL": "s3://letters?endpoint=s3.example.net"}, "STORAGE_URL: has an endpoint that is no https"),
            ({"STORAGE_URL": "s3://letters?addressing=dns"}, "STORAGE_URL: has an addressing"),
            ({"DATABASE_URL": "sqlite:///x.db"}, "PostgreSQL is the one database engine"),
        ],
        ids=lambda value: "=".join(*value.items()) if isinstance(value, dict) else "",
    )
    def test_value_that_cannot_be_read_is_refused_in_any_mode(self, environ: dict[str, str], told: str) -> None:
        with pytest.raises(SettingsIncomplete) as refused:
            Env.read(environ)
        assert told in str(refused.value)


class TestCelery:
    def test_lease_outlives_the_hard_limit_and_that_the_soft_one(self) -> None:
        from django.conf import settings

        assert (
            0 < settings.CELERY_TASK_SOFT_TIME_LIMIT < settings.CELERY_TASK_TIME_LIMIT < settings.OUTBOX_LEASE_SECONDS
        )

    def test_beat_hints_at_a_task_that_exists(self) -> None:
        from mla.celery import app

        app.loader.import_default_modules()
        scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
        assert scheduled == {"engine.run_due_sweeps"}
        assert scheduled <= set(app.tasks)
