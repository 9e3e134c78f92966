#!/usr/bin/env python
"""Django's command line. `--demo` before the command means the demonstration database.

Without DATABASE_URL and REDIS_URL it first starts the embedded servers and brings their database up
to date, so any command works right after `make install`.
"""

import os
import sys

WITHOUT_SERVERS = {"help", "--help", "-h", "--version", "check", "makemessages", "compilemessages", "collectstatic"}
AS_OWNER = {"migrate", "makemigrations", "sqlmigrate", "showmigrations", "flush", "squashmigrations"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mla.settings")
    if len(sys.argv) > 1 and sys.argv[1] == "--demo":
        os.environ["MLA_DEMO"] = "1"
        del sys.argv[1]
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command in AS_OWNER:
        os.environ["MLA_ACT_AS_OWNER"] = "1"
    try:
        import django  # noqa: F401

        from mla.core.errors import MlaError
        from mla.services import ServicesFailed
    except ImportError as error:
        sys.exit(f"{error}: run `make install`, then `.venv/bin/python manage.py {command}`")
    try:
        run(command)
    except (MlaError, ServicesFailed) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


def run(command: str) -> None:
    from django.core.management import execute_from_command_line

    # The settings are read here for the first time, and may be incomplete.
    from mla.settings.env import Env

    env = Env.read()
    if env.embedded and command not in WITHOUT_SERVERS:
        from mla import services
        from mla.prepare import prepare_database

        services.ensure_services()
        # The demonstration makes its database itself, anew.
        if not os.environ.get("DATABASE_URL") and command != "demo":
            prepare_database(env, migrate=command not in AS_OWNER)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
